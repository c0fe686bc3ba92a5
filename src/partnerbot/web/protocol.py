"""What the surfaces need from a bot; `partnerbot.bot.Partnerbot` has it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.settings import Settings


class Readiness(Protocol):
    """What is loaded: counts, the embedding model's name, documents per language; which generation of
    the index, built when (ISO, UTC), and its size on the disk; how many answers a language model's
    server brought to which end since the start, None without one."""

    @property
    def documents(self) -> int: ...
    @property
    def passages(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def languages(self) -> dict[str, int]: ...
    @property
    def generation(self) -> str: ...
    @property
    def built_at(self) -> str: ...
    @property
    def age_seconds(self) -> int: ...
    @property
    def megabytes(self) -> float: ...
    @property
    def written(self) -> dict[str, int] | None: ...


class Bot(Protocol):
    """Answers questions and shows the documents it answers from."""

    @property
    def settings(self) -> Settings: ...

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
    ) -> Answer:
        """Return the whole answer. Raises: QuestionRejected, or another PartnerbotError."""
        ...

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
        left: threading.Event | None = None,
    ) -> Iterator[Token | Answer]:
        """Yield tokens as they come, then the whole Answer. `left`: set once nobody waits for them.

        Raises: as ask(); VisitorLeft.
        """
        ...

    def ready(self) -> Readiness:
        """Return what is loaded. Raises: IndexUnavailable, ModelUnavailable."""
        ...

    def document_text(self, source: str) -> Document:
        """Return an indexed document, cleaned. Raises: KeyError if it is not in the index."""
        ...

    def example_questions(self, language: str) -> list[str]:
        """Return questions in a language that the index can answer."""
        ...

    def documents(self, at_most: int) -> list[Document]:
        """Return documents without their text, spread evenly over the index if it has more."""
        ...

    def quoted_answer(self, question: str, language: str) -> Answer:
        """Return the answer that quotes give to a question, without a language model."""
        ...
