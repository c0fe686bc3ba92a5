"""A chat model that says what a test tells it to: the outer edge of the writing tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

Reply = Callable[[str], str]
"""From the whole prompt to what the model says."""


class ScriptedChat(BaseChatModel):
    """Streams its reply a few characters at a time; `prompts` keeps what it was asked."""

    reply: Any
    pause_seconds: float = 0.0
    prompts: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        prompt = "\n\n".join(message.text for message in messages)
        self.prompts.append(prompt)
        text = self.reply(prompt) if callable(self.reply) else self.reply
        for piece in re.findall(r"(?s).{1,7}", text):
            time.sleep(self.pause_seconds)
            yield ChatGenerationChunk(message=AIMessageChunk(piece))

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        text = "".join(chunk.text for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


def number_of(prompt: str, words: str) -> int:
    """Return the number of the excerpt that has the words, as a model reads it in the prompt."""
    for number, text in re.findall(r"==\w+== \[(\d+)\] (.*?)\n(?===)", prompt, re.DOTALL):
        if words in text:
            return int(number)
    raise AssertionError(f"No excerpt has {words!r}.")


def citing(words: str, template: str) -> Reply:
    """Return a reply with {n} for the number of the excerpt that has the words."""
    return lambda prompt: template.format(n=number_of(prompt, words))


def in_turn(replies: Sequence[Reply | str]) -> Reply:
    """Return a reply that is the next one each time."""
    rest = iter(replies)

    def next_one(prompt: str) -> str:
        reply = next(rest)
        return reply if isinstance(reply, str) else reply(prompt)

    return next_one
