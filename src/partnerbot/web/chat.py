"""The chat: one Gradio application per language, its words from that language's texts."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from typing import Any, Literal

import gradio as gr
from gradio.routes import App

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.errors import NotAdmitted, PartnerbotError, QuestionRejected
from partnerbot.web.api import LONGEST_HISTORY, client_of
from partnerbot.web.presence import with_pauses
from partnerbot.web.protocol import Bot
from partnerbot.web.reception import Asked, Reception
from partnerbot.web.refusals import points_to_contact, sentence_for
from partnerbot.web.render import Renderer, said
from partnerbot.web.suggestions import Suggestions

log = logging.getLogger(__name__)

Message = dict[str, Any]
"""One message as the chat component has it: role, and content that is HTML from render.py."""

Ending = Literal["stopped", "cleared"]
"""How a visitor ended an answer. Gradio takes a moment to end what writes it, whose updates until then
would undo that: so they say the same."""

_PAUSE_SECONDS = 0.5
"""Gradio notices that a page was closed when the next update is to be sent: so one comes this often,
which changes nothing."""

_LONGEST_READ = 256 * 1024
"""Characters of a conversation's HTML that are read for a question: its last fifty answers."""

Update = tuple[Any, ...]
"""New values for what `Chat.blocks` calls `shown`, in that order."""


class Chat:
    """One language's chat page: its layout, and what its controls do."""

    def __init__(self, bot: Bot, reception: Reception, suggestions: Suggestions, language: str) -> None:
        self._bot = bot
        self._reception = reception
        self._suggestions = suggestions
        self._render = Renderer.of(language, bot.settings)
        self._language = language
        self._under_way: Counter[str] = Counter()
        self._ended: dict[str, Ending] = {}

    def blocks(self) -> gr.Blocks:
        """Lay out the page and connect its controls."""
        texts = self._render.texts.chat
        blocks: gr.Blocks
        with (
            _without_applications(),
            gr.Blocks(
                title=self._render.texts.page.title, analytics_enabled=False, fill_height=True, elem_id="chat"
            ) as blocks,
        ):
            conversation = gr.Chatbot(
                elem_id="conversation",
                label=texts.conversation,
                show_label=False,
                container=False,
                scale=1,
                height="100%",
                buttons=[],
                feedback_options=None,
                latex_delimiters=[],
                # The page scrolls: to the question, so that the answer is read from its beginning.
                autoscroll=False,
                allow_tags=False,
                group_consecutive_messages=False,
                layout="bubble",
            )
            with gr.Row(elem_id="tools"):
                retry = gr.Button(texts.retry, size="sm", visible=False, elem_id="retry")
                clear = gr.Button(texts.clear, size="sm", visible=False, elem_id="clear")
            # What the page's script tells the chat: a conversation to bring back, and, for a question
            # that is asked anew, how many messages stay before it.
            saved = gr.Textbox(elem_id="saved", visible="hidden", container=False, show_label=False)
            kept = gr.Textbox(elem_id="from", visible="hidden", container=False, show_label=False)
            with gr.Row(elem_id="composer"):
                question = gr.Textbox(
                    elem_id="question",
                    label=texts.question,
                    show_label=False,
                    container=False,
                    placeholder=texts.placeholder,
                    lines=1,
                    max_lines=6,
                    autofocus=False,
                    scale=1,
                )
                send = gr.Button(texts.send, variant="primary", scale=0, min_width=88, elem_id="send")
                stop = gr.Button(
                    texts.stop, variant="secondary", scale=0, min_width=88, visible=False, elem_id="stop"
                )

            shown = [conversation, question, send, stop, retry, clear, kept]
            event: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            asking: dict[str, Any] = {**event, "outputs": shown, "concurrency_limit": None}
            # Gradio ends an event a moment after its last update: a question sent in between is asked then,
            # not dropped.
            sent: dict[str, Any] = {**asking, "trigger_mode": "always_last"}
            running = [
                gr.on([question.submit, send.click], self.ask_from, [question, conversation, kept], **sent),
                retry.click(self.ask_again, [conversation], **asking),
            ]
            stop.click(self.stopped, [conversation], shown, cancels=running, queue=False, **event)
            clear.click(self.cleared, None, shown, cancels=running, queue=False, **event)
            saved.change(self.restored, [saved], shown, queue=False, **event)
        return blocks

    def restored(self, saved: str) -> Update:
        """Bring back the conversation that this tab had before its page was loaded again."""
        return self._idle(_read_messages(saved))

    async def ask_from(
        self, question: str, messages: list[Message], kept: str, request: gr.Request
    ) -> AsyncGenerator[Update, None]:
        """Answer a question; one that was edited takes the place of what came after `kept` messages."""
        if kept.isascii() and kept.isdigit():
            messages = messages[: int(kept)]
        async with aclosing(self.ask(question, messages, request)) as updates:
            async for update in updates:
                yield update

    async def ask(
        self, question: str, messages: list[Message], request: gr.Request
    ) -> AsyncGenerator[Update, None]:
        """Answer a question under the conversation so far, showing each step as it comes."""
        render = self._render
        if not question.strip():
            # An empty bubble would only clutter the conversation.
            asked: list[Message] = [*messages]
        else:
            asked = [*messages, _user(render.question(question))]
        text = ""
        to_answer = Asked(question, lambda: turns(messages), None, self._language)
        session = request.session_hash or ""
        self._ended.pop(session, None)
        self._under_way[session] += 1
        try:
            if question.strip():
                yield self._busy([*asked, _assistant(render.searching())], question="")
            answering = self._reception.stream(_client(request), to_answer)
            async with aclosing(with_pauses(answering, _PAUSE_SECONDS)) as events:
                async for event in events:
                    ended = self._ended.get(session)
                    if ended == "cleared":
                        yield self._idle([])
                        return
                    if ended == "stopped":
                        yield self._idle([*asked, _assistant(render.partial(text, stopped=True))])
                        return
                    if event is None:
                        yield self._unchanged()
                    elif isinstance(event, Token):
                        text += event.text
                        yield self._busy([*asked, _assistant(render.partial(text))])
                    else:
                        earlier = await asyncio.to_thread(_questions, asked)
                        yield self._idle(self._with_answer(asked, event, earlier))
        except QuestionRejected as rejected:
            message = getattr(render.texts.errors, rejected.reason)
            # The words stay in the box, to be shortened or mended.
            yield self._idle([*asked, _assistant(render.rejected(message))], question)
        except NotAdmitted as refused:
            message = sentence_for(refused, render.texts)
            told = render.failed(message) if points_to_contact(refused) else render.rejected(message)
            yield self._idle([*asked, _assistant(told)], question)
        except PartnerbotError as error:
            log.error("A question could not be answered: %s", error)
            yield self._idle([*asked, _assistant(render.failed(render.texts.errors.unavailable))])
        except Exception:  # a visitor is never left waiting for an answer that broke; the log has why
            log.exception("A question could not be answered")
            yield self._idle([*asked, _assistant(render.failed(render.texts.errors.unexpected))])
        finally:
            self._under_way[session] -= 1
            if not self._under_way[session]:
                del self._under_way[session]
            self._ended.pop(session, None)

    async def ask_again(self, messages: list[Message], request: gr.Request) -> AsyncGenerator[Update, None]:
        """Ask the last question once more, in the place of its last answer."""
        last = max((i for i, message in enumerate(messages) if message["role"] == "user"), default=None)
        if last is None:
            yield self._idle(messages)
        else:
            question = await asyncio.to_thread(said, _html(messages[last]))
            async with aclosing(self.ask(question, messages[:last], request)) as updates:
                async for update in updates:
                    yield update

    def stopped(self, messages: list[Message], request: gr.Request) -> Update:
        """Keep what had come when the visitor stopped the answer, and say that it is not whole."""
        self._end(request, "stopped")
        text = said(_html(messages[-1])) if messages else ""
        return self._idle([*messages[:-1], _assistant(self._render.partial(text, stopped=True))])

    def cleared(self, request: gr.Request) -> Update:
        """Begin anew, also while an answer is under way."""
        self._end(request, "cleared")
        return self._idle([], "")

    def _end(self, request: gr.Request, ending: Ending) -> None:
        session = request.session_hash or ""
        if session in self._under_way:
            self._ended[session] = ending

    def _with_answer(self, asked: list[Message], answer: Answer, earlier: set[str]) -> list[Message]:
        suggested = self._suggestions.after(answer, self._language, earlier | {answer.question})
        html = self._render.answer(answer, key=f"source-{len(asked)}", suggested=suggested)
        return [*asked[:-1], _user(self._render.question(answer.question, answer.language)), _assistant(html)]

    def _busy(self, messages: list[Message], question: str | None = None) -> Update:
        hidden = gr.update(visible=False)
        return messages, _written(question), hidden, gr.update(visible=True), hidden, hidden, ""

    def _unchanged(self) -> Update:
        return (gr.skip(),) * 7

    def _idle(self, messages: list[Message], question: str | None = None) -> Update:
        tools = gr.update(visible=bool(messages))
        send, stop = gr.update(visible=True), gr.update(visible=False)
        return messages, _written(question), send, stop, tools, tools, ""


@contextmanager
def _without_applications() -> Iterator[None]:
    """Keep Gradio from making a whole web application at the beginning and at the end of each layout.

    Only the one that mounting makes is served. The others, two for each language, took two thirds of
    the time that `create_app` needs.
    """
    make = App.create_app
    App.create_app = staticmethod(lambda *_, **__: None)  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        App.create_app = staticmethod(make)  # type: ignore[method-assign]


def _written(question: str | None) -> Any:
    """Return the box's new value; with None it keeps what the visitor may be writing meanwhile."""
    return gr.skip() if question is None else question


def turns(messages: Sequence[Message]) -> list[Turn]:
    """Return a conversation as the bot reads it: plain text, without errors and their questions."""
    spoken = [(message["role"], said(_html(message))) for message in _last(messages)]
    kept: list[Turn] = []
    for position, (role, content) in enumerate(spoken):
        following = spoken[position + 1][1] if position + 1 < len(spoken) else ""
        if content and (role == "assistant" or (role == "user" and following)):
            kept.append(Turn(role=role, content=content))
    return kept


def _last(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the end of a conversation, as much of it as is read."""
    first, characters = len(messages), 0
    while first and len(messages) - first < LONGEST_HISTORY:
        characters += len(_html(messages[first - 1]))
        if characters > _LONGEST_READ:
            break
        first -= 1
    return messages[first:]


def _questions(messages: Sequence[Message]) -> set[str]:
    return {said(_html(message)) for message in _last(messages) if message["role"] == "user"}


def _read_messages(saved: str) -> list[Message]:
    """Read messages as the page keeps them; what has another form is left out."""
    try:
        content = json.loads(saved)
    except ValueError:
        return []
    return [
        {"role": message["role"], "content": message["content"]}
        for message in content
        if isinstance(content, list) and isinstance(message, dict)
        if message.get("role") in ("user", "assistant") and isinstance(message.get("content"), str)
    ]


def _html(message: Message) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


def _client(request: gr.Request) -> str:
    return client_of(request.request) if request.request is not None else ""


def _user(html: str) -> Message:
    return {"role": "user", "content": html}


def _assistant(html: str) -> Message:
    return {"role": "assistant", "content": html}
