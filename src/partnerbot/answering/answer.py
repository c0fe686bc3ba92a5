"""What every surface shows: the Answer, and the events of a streamed one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Turn(BaseModel):
    """One earlier message of the conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["user", "assistant"]
    content: str


class DocumentReference(BaseModel):
    """A document by what a visitor needs to recognise and open it."""

    model_config = ConfigDict(frozen=True)

    title: str
    url: str | None
    source: str
    page: int | None
    language: str
    published: str | None


class Citation(DocumentReference):
    """A verbatim quote from a document: `cleaned_document[start:end] == quote`.

    `highlight` is the answer's span inside the quote, as [start, end) character
    offsets, or None. `relevance` is in [0, 1], higher is better. `translation`: the quote in the
    answer's language, made by the language model; None without one, or if it wasn't faithful.
    """

    number: int
    quote: str
    start: int
    end: int
    highlight: tuple[int, int] | None
    relevance: float
    translation: str | None = None


Status = Literal["answered", "not_in_documents", "failed"]


class Answer(BaseModel):
    """The complete answer to one question; its JSON form is a stable contract.

    `answer` is plain text in the asker's language, with "[n]" after what citation n
    supports. `related` lists nearby documents and is never evidence.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    language: str
    status: Status
    answer: str
    short_answer: str | None
    citations: list[Citation]
    related: list[DocumentReference]
    generator: str
    warnings: list[str]
    timings_ms: dict[str, float]


class Token(BaseModel):
    """A piece of the answer's text, in order; the Answer that ends a stream repeats the whole."""

    model_config = ConfigDict(frozen=True)

    text: str
