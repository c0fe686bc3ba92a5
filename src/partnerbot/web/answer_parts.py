"""The parts of an answer's message: paragraphs with their citations, points under headings, marked quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from partnerbot.answering.answer import Answer, Citation, DocumentReference, Point

_CITATION = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Piece:
    """A run of an answer's text, or the number of the citation that supports what precedes it."""

    text: str = ""
    citation: int | None = None


@dataclass(frozen=True)
class _Origin:
    """Where a point stands; `first`: no earlier point of the reply names this citation."""

    citation: Citation
    first: bool


@dataclass(frozen=True)
class _ShownPoint:
    """A point with the citations that it names; `position` counts the reply's points from 1."""

    position: int
    text: Markup
    language: str
    verbatim: bool
    origins: list[_Origin]


@dataclass(frozen=True)
class _Group:
    """Points under one heading, or under none."""

    label: str | None
    points: list[_ShownPoint]


def paragraphs(answer: Answer) -> list[list[Piece]]:
    """Split an answer's text into paragraphs, and its "[n]" from the words around them."""
    numbers = {citation.number for citation in answer.citations}
    return [
        list(_pieces(paragraph.strip(), numbers))
        for paragraph in answer.answer.splitlines()
        if paragraph.strip()
    ]


def _pieces(paragraph: str, numbers: set[int]) -> Iterator[Piece]:
    position = 0
    for match in _CITATION.finditer(paragraph):
        if int(match[1]) not in numbers:
            continue
        if match.start() > position:
            yield Piece(paragraph[position : match.start()])
        yield Piece(citation=int(match[1]))
        position = match.end()
    if position < len(paragraph):
        yield Piece(paragraph[position:])


def same_words(answer: str, short_answer: str) -> bool:
    """Whether an answer says no more than its short form (citations and final stops aside)."""
    return _CITATION.sub("", answer).strip(" .。") == short_answer.strip(" .。")


def marked_quote(citation: Citation) -> Markup:
    """Mark the answer inside a quote."""
    if citation.highlight is None:
        return _in_lines(citation.quote)
    start, end = citation.highlight
    parts = citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    return Markup("{}<mark>{}</mark>{}").format(*map(_in_lines, parts))


def _in_lines(text: str) -> Markup:
    """Keep the rows of a table and the items of a list apart; what copies the words finds a space there."""
    first, *others = text.split("\n")
    if not others:
        return escape(text)
    between = [line.strip() for line in others[:-1] if line.strip()]
    return Markup("<br> ").join([first.rstrip(), *between, others[-1].lstrip()])


def grouped(answer: Answer) -> tuple[list[_Group], list[Citation]]:
    """Return a reply's points under their labels, and the citations that no point names."""
    unnamed = {citation.number: citation for citation in answer.citations}
    cited = dict(unnamed)
    shown: list[tuple[str | None, _ShownPoint]] = []
    for position, point in enumerate(answer.points, 1):
        citations = [cited[number] for number in point.citations if number in cited]
        origins = [
            _Origin(citation, first=unnamed.pop(citation.number, None) is not None) for citation in citations
        ]
        shown.append((point.label, _shown(point, position, origins, answer.language)))
    groups = [
        _Group(label, [each for _, each in points]) for label, points in groupby(shown, lambda each: each[0])
    ]
    return groups, list(unnamed.values())


def _shown(point: Point, position: int, origins: list[_Origin], answer_language: str) -> _ShownPoint:
    """Mark a verbatim point as its quote is; its link leads to its own words where it is a part of that."""
    first = origins[0].citation if origins else None
    at = first.quote.find(point.text) if first else -1
    if first is None or at < 0:
        return _ShownPoint(position, escape(point.text), answer_language, verbatim=False, origins=origins)
    if point.text == first.quote:
        return _ShownPoint(position, marked_quote(first), first.language, verbatim=True, origins=origins)
    at_own_words = first.model_copy(update={"highlight": (at, at + len(point.text))})
    origins = [_Origin(at_own_words, origins[0].first), *origins[1:]]
    return _ShownPoint(position, _in_lines(point.text), first.language, verbatim=True, origins=origins)


def documents_cited(citations: Sequence[Citation]) -> list[DocumentReference]:
    """Return the documents that are cited, each once and as a whole."""
    named: dict[str, DocumentReference] = {}
    for citation in citations:
        fields = citation.model_dump(include=set(DocumentReference.model_fields)) | {"page": None}
        named.setdefault(citation.source, DocumentReference.model_validate(fields))
    return list(named.values())
