"""Ask a chat model within limits: deadlines, one retry, a circuit breaker, places, and a day's tokens.

It is asked for JSON where its package can ask for a schema and its server takes one, else for plain text; who
asks has the same lines of text from both.

All requests are read in one event loop, in a thread of its own: a server which stops answering, at
whatever point, holds no visitor longer than the deadline, and a request that nobody waits for any more
is ended at once.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable
from langchain_core.utils.json import parse_partial_json

from partnerbot.errors import PartnerbotError, VisitorLeft
from partnerbot.settings import Settings
from partnerbot.writing.excerpts import tokens_in
from partnerbot.writing.prompts import as_json, word_prompt
from partnerbot.writing.provider import writing_lines

_log = logging.getLogger(__name__)

_BREAK_AFTER = 3
"""Failures in a row after which the model isn't asked for a while: each costs a visitor a wait."""

_BROKEN_SECONDS = 60
_PLACE_SECONDS = 1.0
"""How long an answer waits for a place; then the visitor is better served without the model."""

_LOOK_SECONDS = 0.1
"""How often it is seen whether the visitor has left."""

_READERS = 64
"""Threads for providers whose package can't be read in an event loop: more than answers written at once."""

_WHOLE = frozenset({"stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete"})
"""What providers call an end at which the model had said all; whatever else they name has cut it."""

_NO_SCHEMA = frozenset({400, 422})
"""With these a server refuses a request for JSON that it would take for plain text."""

_RETRY_BEFORE = 0.5
"""The share of the time for the first token after which a failure is not tried again."""


class NoAnswerFromModel(PartnerbotError):
    """The model gave no text, or no more of it. `reason` is a word for logs and figures.

    Reasons: failed (the server's error), slow (to the first text), stalled, late (still writing when the
    time was over), cut (before the model was done, mostly by the cap on tokens), empty, endless, paused,
    busy, spent.
    """

    def __init__(self, reason: str, cause: str = "", status: int | None = None) -> None:
        """`status`: with which the server refused, where it did."""
        super().__init__(
            f"The language model gave no answer: {reason}{f' ({cause})' if cause else ''}. "
            "Look at its server, its key and PARTNERBOT_LLM_*; partnerbot doctor asks it for a word."
        )
        self.reason = reason
        self.status = status


@dataclass(frozen=True)
class Patience:
    """How long a visitor waits: `until` a time, by `time.monotonic()`, and only until they have `left`."""

    until: float
    left: threading.Event = field(default_factory=threading.Event)


class ChatAsker:
    """One model with its limits, shared by all visitors of this process. Safe to use from several threads."""

    def __init__(
        self, model: BaseChatModel, settings: Settings, broken_seconds: float = _BROKEN_SECONDS
    ) -> None:
        """`broken_seconds`: how long a server that failed several times in a row is left alone."""
        self.settings = settings
        self._model = model
        self._as_json = writing_lines(model)
        self._places = threading.BoundedSemaphore(settings.llm_concurrent)
        self._failures = 0
        self._broken_seconds, self._broken_until = broken_seconds, 0.0
        self._counting = threading.Lock()
        self._spent = Counter[datetime.date]()

    @property
    def tokens_today(self) -> int:
        """Tokens asked and written since midnight UTC, by this process."""
        return self._spent[_today()]

    def stream(self, messages: Sequence[BaseMessage], patience: Patience) -> Iterator[str]:
        """Yield the model's text as it comes. A failure before the first token is tried once more.

        Raises: NoAnswerFromModel and VisitorLeft, also after text has come.
        """
        if patience.left.is_set():
            raise VisitorLeft
        may_cost = _tokens(messages) + self.settings.llm_answer_tokens
        day = self._reserve(may_cost)
        attempts: list[_Attempt] = []
        try:
            if not self._places.acquire(timeout=_PLACE_SECONDS):
                raise NoAnswerFromModel("busy")
            try:
                yield from self._counted(messages, patience, attempts)
            finally:
                self._places.release()
        finally:
            with self._counting:
                self._spent[day] += sum(attempt.tokens(messages) for attempt in attempts) - may_cost

    def _reserve(self, tokens: int) -> datetime.date:
        """Set tokens of the day aside for a request, and return the day.

        A server that was left alone for a while is tried by one request before all ask it.

        Raises: NoAnswerFromModel if the server is left alone, or the day's cap leaves fewer.
        """
        day, now = _today(), time.monotonic()
        with self._counting:
            if now < self._broken_until:
                raise NoAnswerFromModel("paused")
            cap = self.settings.llm_daily_tokens
            if cap and self._spent[day] + tokens > cap:
                raise NoAnswerFromModel("spent")
            if self._failures >= _BREAK_AFTER:
                self._broken_until = now + self._broken_seconds
            self._spent[day] += tokens
        return day

    def text(self, messages: Sequence[BaseMessage], patience: Patience) -> tuple[str, bool]:
        """Return the text, and whether it is whole: the cap on tokens may cut it.

        Raises: NoAnswerFromModel; VisitorLeft.
        """
        written = ""
        try:
            for piece in self.stream(messages, patience):
                written += piece
        except NoAnswerFromModel as error:
            if error.reason != "cut":
                raise
            return written, False
        return written, True

    def _counted(
        self, messages: Sequence[BaseMessage], patience: Patience, attempts: list[_Attempt]
    ) -> Iterator[str]:
        """Yield the text of a first or a second attempt; each is put into `attempts`, and stopped."""
        started = time.monotonic()
        silence = self.settings.llm_first_token_seconds
        wait = min(silence, patience.until - started)
        lines = Lines()
        model = self._as_json
        asked = messages if model is None else as_json(messages)
        attempts.append(_Attempt(model or self._model, asked, patience.left))
        try:
            try:
                first = attempts[-1].first(started + wait)
            except NoAnswerFromModel as error:
                late = time.monotonic() - started > _RETRY_BEFORE * wait
                takes_no_schema = model is not None and error.status in _NO_SCHEMA
                refused = error.status is not None and 400 <= error.status < 500
                if error.reason != "failed" or (refused and not takes_no_schema) or late:
                    raise
                _log.info("The language model failed, and is asked once more, for plain text: %s", error)
                if takes_no_schema:
                    self._as_json = None
                attempts.append(_Attempt(self._model, messages, patience.left))
                first = attempts[-1].first(started + wait)
            yield from filter(None, map(lines.add, self._within(attempts[-1], first, patience.until)))
        except NoAnswerFromModel as error:
            if error.reason in ("late", "cut"):  # it was writing: the time or the tokens were too few
                self._note(None)
            elif error.reason != "slow" or wait >= silence:
                # Who had less time left than a first word may take has learnt nothing of the server.
                self._note(error)
            raise
        except GeneratorExit:  # after some text, which is enough: for the answer, or for who has left
            self._note(None)
            raise
        else:
            self._note(None)
        finally:
            attempts[-1].stop()

    def _within(self, attempt: _Attempt, first: str, deadline: float) -> Iterator[str]:
        longest = self.settings.llm_answer_tokens * 8
        length = 0
        text: str | None = first
        while text is not None:
            length += len(text)
            if length > longest:
                raise NoAnswerFromModel("endless")
            if time.monotonic() > deadline:
                raise NoAnswerFromModel("late")
            yield text
            silent_until = time.monotonic() + self.settings.llm_first_token_seconds
            text = attempt.next(*min((deadline, "late"), (silent_until, "stalled")))
        if attempt.was_cut:
            raise NoAnswerFromModel("cut")

    def _note(self, failure: NoAnswerFromModel | None) -> None:
        with self._counting:
            self._failures = 0 if failure is None else self._failures + 1
            pause = self._broken_seconds if self._failures >= _BREAK_AFTER else 0
            self._broken_until = time.monotonic() + pause


def seconds_to_a_word(asker: ChatAsker) -> float:
    """Ask for a word and return how long it took. Raises: NoAnswerFromModel."""
    started = time.monotonic()
    patience = Patience(started + asker.settings.llm_answer_seconds)
    asker.text(word_prompt(), patience)  # who writes more than a word is there, too
    return time.monotonic() - started


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop in which every request of this process is read, begun with the first."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(_READERS, "language-model"))
    threading.Thread(target=loop.run_forever, name="language-model", daemon=True).start()
    return loop


class Lines:
    """A text that comes in pieces: of JSON all strings, a line each; of anything else what it is."""

    def __init__(self) -> None:
        self._raw = ""
        self._given = 0

    def add(self, piece: str) -> str:
        """Return what the text goes on with."""
        self._raw += piece
        if not self._raw.lstrip().startswith("{"):
            return piece
        with suppress(json.JSONDecodeError):
            # Of a character that is written as an escape, half may have come.
            text = "\n".join(_strings(parse_partial_json(self._raw.lstrip())))
            text = text.encode(errors="ignore").decode()
            if len(text) > self._given:
                new, self._given = text[self._given :], len(text)
                return new
        return ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


class _Attempt:
    """One request, which ends when `stop` is called."""

    def __init__(
        self, model: Runnable[Any, Any], messages: Sequence[BaseMessage], left: threading.Event
    ) -> None:
        self._events: queue.Queue[str | NoAnswerFromModel | None] = queue.Queue()
        self._left = left
        self._text = ""
        self._usage = 0
        self._has_failed = False
        self.was_cut = False
        """Once the text has ended: whether the provider ended it before the model was done."""
        self._reading = asyncio.run_coroutine_threadsafe(self._read(model, list(messages)), _loop())

    def first(self, until: float) -> str:
        """Return the first text that isn't blank. Raises: NoAnswerFromModel; VisitorLeft."""
        text = ""
        while not text.strip():
            piece = self.next(until, "slow")
            if piece is None:
                raise NoAnswerFromModel("empty")
            if time.monotonic() >= until:
                raise NoAnswerFromModel("slow")
            text += piece
        return text

    def next(self, until: float, late: str) -> str | None:
        """Return the next text, None at the end; `late` is the reason if none comes until then.

        Raises: NoAnswerFromModel; VisitorLeft.
        """
        while not self._left.is_set():
            try:
                came = self._events.get(timeout=max(0.0, min(_LOOK_SECONDS, until - time.monotonic())))
            except queue.Empty:
                if time.monotonic() >= until:
                    raise NoAnswerFromModel(late) from None
                continue
            if isinstance(came, NoAnswerFromModel):
                self._has_failed = True
                raise came
            self._text += came or ""
            return came
        raise VisitorLeft

    def stop(self) -> None:
        """End the request, whatever the server is doing."""
        self._reading.cancel()

    def tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return what the request cost: as the server counted, else by characters; a refused one nothing."""
        if self._has_failed and not self._text:
            return self._usage
        return self._usage or _tokens(messages) + tokens_in(self._text)

    async def _read(self, model: Runnable[Any, Any], messages: list[BaseMessage]) -> None:
        try:
            async for chunk in model.astream(messages):
                if usage := chunk.usage_metadata:  # one chunk for all, or each for its part
                    self._usage += usage["total_tokens"]
                if end := _end(chunk):
                    self.was_cut = end.casefold() not in _WHOLE
                self._events.put(chunk.text)
        except Exception as error:  # whatever a provider raises means the same here
            # Only the kind and the status: a provider's text may repeat the request with its key.
            status = getattr(error, "status_code", None) or getattr(
                getattr(error, "response", None), "status_code", None
            )
            if not isinstance(status, int):
                status = None
            cause = type(error).__name__ + (f" {status}" if status else "")
            # OpenAI's package raises where the cap on tokens has cut JSON: that has been told by then.
            self._events.put(None if self.was_cut else NoAnswerFromModel("failed", cause, status))
        else:
            self._events.put(None)


def _end(chunk: BaseMessage) -> str:
    """Why the provider ends its text with this chunk; empty if it doesn't, or doesn't say."""
    said = (chunk.response_metadata.get(name) for name in ("finish_reason", "done_reason", "stop_reason"))
    return next((str(reason) for reason in said if reason), "")


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _tokens(messages: Sequence[BaseMessage]) -> int:
    return sum(tokens_in(message.text) for message in messages)
