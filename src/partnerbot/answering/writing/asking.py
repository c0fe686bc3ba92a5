"""Ask a chat model within limits: deadlines, one retry, a circuit breaker, places, and a day's tokens.

The model is read in a thread of its own, so that a server which stops answering, at whatever point,
can't hold the visitor longer than the deadline.
"""

from __future__ import annotations

import datetime
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from circuitbreaker import CircuitBreaker
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage

from partnerbot.answering.writing.provider import Limits, open_chat_model
from partnerbot.errors import PartnerbotError
from partnerbot.settings import Settings

_log = logging.getLogger(__name__)

_BREAK_AFTER = 3
"""Failures in a row after which the model isn't asked for a while: each costs a visitor a wait."""

_BROKEN_SECONDS = 60
_PLACE_SECONDS = 1.0
"""How long an answer waits for a place; then the visitor is better served without the model."""

_CHARACTERS_PER_TOKEN = 2.5
"""To count tokens where a server doesn't: Japanese has 1 to 2 characters a token, French 3 to 4."""

_RETRY_BEFORE = 0.5
"""The share of the time for the first token after which a failure is not tried again."""


class NoAnswerFromModel(PartnerbotError):
    """The model gave no text, or no more of it. `reason` is a word for logs and figures.

    Reasons: refused, failed (the server's error), stalled, slow, empty, endless, paused, busy, spent.
    """

    def __init__(self, reason: str, cause: str = "") -> None:
        super().__init__(
            f"The language model gave no answer: {reason}{f' ({cause})' if cause else ''}. "
            "Look at its server, its key and PARTNERBOT_LLM_*; partnerbot doctor asks it for a word."
        )
        self.reason = reason


class ChatAsker:
    """One model with its limits, shared by all visitors of this process. Safe to use from several threads."""

    def __init__(self, model: BaseChatModel, limits: Limits, places: int, daily_tokens: int | None) -> None:
        """`places`: answers written at once. `daily_tokens`: None for no cap."""
        self._model = model
        self._limits = limits
        self._places = threading.BoundedSemaphore(places)
        self._breaker = CircuitBreaker(
            failure_threshold=_BREAK_AFTER, recovery_timeout=_BROKEN_SECONDS, name="language model"
        )
        self._breaking = threading.Lock()
        self._spending = _Spending(daily_tokens)

    @classmethod
    def open(cls, settings: Settings) -> ChatAsker:
        """Set up the model and the limits that the settings name. Raises: ConfigurationError."""
        limits = Limits(
            settings.llm_first_token_seconds, settings.llm_answer_seconds, settings.llm_answer_tokens
        )
        model = open_chat_model(settings, limits)
        return cls(model, limits, settings.llm_concurrent, settings.llm_daily_tokens or None)

    @property
    def limits(self) -> Limits:
        """What one answer may cost."""
        return self._limits

    @property
    def tokens_today(self) -> int:
        """Tokens asked and written since midnight UTC, by this process."""
        return self._spending.today

    def stream(self, messages: Sequence[BaseMessage], deadline: float) -> Iterator[str]:
        """Yield the model's text as it comes.

        `deadline`: by `time.monotonic()`. A failure before the first token is tried once more.

        Raises: NoAnswerFromModel, also after text has come.
        """
        if self._breaker.opened:
            raise NoAnswerFromModel("paused")
        budget = _tokens(messages) + self._limits.answer_tokens
        if not self._spending.allows(budget):
            raise NoAnswerFromModel("spent")
        if not self._places.acquire(timeout=_PLACE_SECONDS):
            raise NoAnswerFromModel("busy")
        try:
            yield from self._counted(messages, deadline)
        finally:
            self._places.release()

    def text(self, messages: Sequence[BaseMessage], deadline: float) -> str:
        """Return the whole text. Raises: NoAnswerFromModel."""
        return "".join(self.stream(messages, deadline))

    def _counted(self, messages: Sequence[BaseMessage], deadline: float) -> Iterator[str]:
        started = time.monotonic()
        patience = min(self._limits.first_token_seconds, deadline - started)
        attempt = _Attempt(self._model, messages)
        try:
            try:
                first = attempt.first(started + patience)
            except NoAnswerFromModel as error:
                if error.reason != "failed" or time.monotonic() - started > _RETRY_BEFORE * patience:
                    raise
                _log.info("The language model failed, and is asked once more: %s", error)
                attempt = _Attempt(self._model, messages)
                first = attempt.first(started + patience)
            yield from self._within(attempt, first, deadline)
        except NoAnswerFromModel as error:
            self._note(error)
            raise
        else:
            self._note(None)
        finally:
            attempt.stop()
            self._spending.add(attempt.tokens(messages))

    def _within(self, attempt: _Attempt, first: str, deadline: float) -> Iterator[str]:
        longest = self._limits.answer_tokens * 8
        length = 0
        text: str | None = first
        while text is not None:
            length += len(text)
            if length > longest or time.monotonic() > deadline:
                raise NoAnswerFromModel("endless")
            yield text
            text = attempt.next(min(deadline, time.monotonic() + self._limits.first_token_seconds))
        if not length:
            raise NoAnswerFromModel("empty")

    def _note(self, failure: NoAnswerFromModel | None) -> None:
        with self._breaking, _swallowed(), self._breaker:
            if failure is not None:
                raise failure


@contextmanager
def _swallowed() -> Iterator[None]:
    """The breaker counts what passes through it as an exception, and lets it on."""
    try:
        yield
    except NoAnswerFromModel:
        return


def seconds_to_a_word(asker: ChatAsker) -> float:
    """Ask for a word and return how long it took. Raises: NoAnswerFromModel."""
    started = time.monotonic()
    asker.text([HumanMessage("Write the word yes, and nothing else.")], started + asker.limits.answer_seconds)
    return time.monotonic() - started


class _Attempt:
    """One request, read in a thread of its own."""

    def __init__(self, model: BaseChatModel, messages: Sequence[BaseMessage]) -> None:
        self._events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._stopped = threading.Event()
        self._characters = 0
        self._usage = 0
        self._thread = threading.Thread(
            target=self._read, args=(model, list(messages)), name="language-model", daemon=True
        )
        self._thread.start()

    def first(self, until: float) -> str:
        """Return the first text that isn't blank. Raises: NoAnswerFromModel."""
        while True:
            text = self._take(until, "slow")
            if text is None:
                raise NoAnswerFromModel("empty")
            if text:
                return text

    def next(self, until: float) -> str | None:
        """Return the next text, None at the end. Raises: NoAnswerFromModel."""
        return self._take(until, "stalled")

    def stop(self) -> None:
        """Have the thread end the request as soon as it can."""
        self._stopped.set()

    def tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return what the request cost: as the server counted, else by the characters."""
        return self._usage or _tokens(messages) + round(self._characters / _CHARACTERS_PER_TOKEN)

    def _take(self, until: float, late: str) -> str | None:
        try:
            kind, value = self._events.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise NoAnswerFromModel(late) from None
        if kind == "failed":
            raise NoAnswerFromModel("failed", value)
        if kind == "end":
            return None
        self._characters += len(value)
        return str(value)

    def _read(self, model: BaseChatModel, messages: list[BaseMessage]) -> None:
        try:
            stream = model.stream(messages)
            try:
                for chunk in stream:
                    if self._stopped.is_set():
                        return
                    self._count(chunk)
                    self._events.put(("text", chunk.text))
            finally:
                close: Callable[[], None] | None = getattr(stream, "close", None)
                if close is not None:
                    close()
        except Exception as error:  # whatever a provider raises means the same here
            # Only the kind and the status: a provider's text may repeat the request with its key.
            status = getattr(error, "status_code", None)
            self._events.put(("failed", type(error).__name__ + (f" {status}" if status else "")))
        else:
            self._events.put(("end", None))

    def _count(self, chunk: BaseMessage) -> None:
        usage = chunk.usage_metadata if isinstance(chunk, AIMessageChunk) else None
        if usage:
            self._usage = max(self._usage, usage["total_tokens"])


class _Spending:
    """Tokens of the day, UTC."""

    def __init__(self, cap: int | None) -> None:
        self._cap = cap
        self._lock = threading.Lock()
        self._day = datetime.date.min
        self._tokens = 0

    @property
    def today(self) -> int:
        with self._lock:
            self._turn()
            return self._tokens

    def allows(self, tokens: int) -> bool:
        return self._cap is None or self.today + tokens <= self._cap

    def add(self, tokens: int) -> None:
        with self._lock:
            self._turn()
            self._tokens += tokens

    def _turn(self) -> None:
        day = datetime.datetime.now(datetime.UTC).date()
        if day != self._day:
            self._day, self._tokens = day, 0


def _tokens(messages: Sequence[BaseMessage]) -> int:
    return round(sum(len(message.text) for message in messages) / _CHARACTERS_PER_TOKEN)
