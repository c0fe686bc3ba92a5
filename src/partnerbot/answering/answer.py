"""What every surface shows: the Answer, and the events of a streamed one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from partnerbot.appearance import Act


class Turn(BaseModel):
    """One earlier message of the conversation; `sources`: the documents that a reply cited, in its order."""

    model_config = ConfigDict(frozen=True)

    role: Literal["user", "assistant"]
    content: str
    sources: list[str] = []


class DocumentReference(BaseModel):
    """A document by what a visitor needs to recognise and open it.

    `ocr`: its text, or that of the page, was read out of a picture, and may have wrong characters.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    url: str | None
    source: str
    page: int | None
    language: str
    published: str | None
    ocr: bool = False


class Related(DocumentReference):
    """A document that may help. `excerpt`: what it tells nearest to the question, verbatim, if known."""

    excerpt: str | None = None


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

Kind = Literal[
    "fact", "passages", "list", "count", "overview", "explanation", "howto", "comparison", "latest",
    "nearest", "conversation", "curated",
]  # fmt: skip
"""What sort of reply it is. "fact" gives one value or the one sentence that answers; "passages" those that
tell of what is asked, "nearest" those that may well be of no use; "conversation" a few words of our own,
without sources; "curated" what staff wrote themselves, without quotes: `related` has its source."""


class Point(BaseModel):
    """One item of a list, one step, one thing to know; `citations` are the numbers of its quotes.

    `text` is verbatim from the first of them, unless a language model wrote it. `label` names the group that
    it belongs to, in the asker's language or as a document has it (a side of a comparison); None for most.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    citations: list[int]
    label: str | None = None


class Answer(BaseModel):
    """The complete answer to one question; its JSON form is a stable contract.

    `answer` is plain text in the asker's language, with "[n]" after what citation n
    supports. `points` are what a reply of several parts says, in their order; its `answer` then only
    introduces them. `short_answer` is None unless the question asks for one value and we are sure.
    `follows` are the earlier questions that this one was understood after, oldest first; of long ones the
    end.
    `act`: what the message did in the conversation ("greeting", "contact", …); None if it was a question.
    `related` lists nearby documents and is never evidence; of a curated reply it is the source. `full_list`:
    where, on the service that answers, the list stands of which the reply tells a part.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    follows: list[str] = []
    language: str
    status: Status
    kind: Kind = "fact"
    act: Act | None = None
    answer: str
    short_answer: str | None
    points: list[Point] = []
    citations: list[Citation]
    related: list[Related]
    generator: str
    warnings: list[str]
    full_list: Annotated[str, Field(pattern=r"^/partnerships(\?|$)")] | None = None
    timings_ms: dict[str, float]


class Token(BaseModel):
    """A piece of the answer's text, in order; the Answer that ends a stream repeats the whole."""

    model_config = ConfigDict(frozen=True)

    text: str
