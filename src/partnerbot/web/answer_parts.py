"""The parts of an answer's message: paragraphs with their citations, points under headings, marked quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from partnerbot.answering.answer import Answer, Citation, DocumentReference, Point
from partnerbot.web.sources.passage_text import TextPiece, document_paragraphs

Lines = list[list[TextPiece]]

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
    lines: Lines
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


def lead(answer: Answer) -> list[list[Piece]]:
    """Return what comes before points; the numbers of all sources after it are left out."""
    said = paragraphs(answer)
    every = {citation.number for citation in answer.citations}
    for pieces in said:
        words = max((end for end, piece in enumerate(pieces, 1) if piece.text.strip()), default=0)
        if {piece.citation for piece in pieces[words:] if piece.citation} == every:
            del pieces[words:]
    return said


def same_words(answer: str, short_answer: str) -> bool:
    """Whether an answer says no more than its short form (citations and final stops aside)."""
    return _CITATION.sub("", answer).strip(" .。") == short_answer.strip(" .。")


def marked_quote(citation: Citation) -> Lines:
    """Return a quote in lines, the answer in it marked."""
    return in_lines(citation.quote, citation.highlight)


def in_lines(text: str, answer: tuple[int, int] | None = None) -> Lines:
    """Keep the rows of a table and the items of a list apart."""
    return list(document_paragraphs(text, None, answer, (0, len(text))))


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
        return _ShownPoint(position, in_lines(point.text), answer_language, verbatim=False, origins=origins)
    if point.text == first.quote:
        return _ShownPoint(position, marked_quote(first), first.language, verbatim=True, origins=origins)
    at_own_words = first.model_copy(update={"highlight": (at, at + len(point.text))})
    origins = [_Origin(at_own_words, origins[0].first), *origins[1:]]
    return _ShownPoint(position, in_lines(point.text), first.language, verbatim=True, origins=origins)


def documents_cited(citations: Sequence[Citation]) -> list[DocumentReference]:
    """Return the documents that are cited, each once and as a whole."""
    named: dict[str, DocumentReference] = {}
    for citation in citations:
        fields = citation.model_dump(include=set(DocumentReference.model_fields)) | {"page": None}
        named.setdefault(citation.source, DocumentReference.model_validate(fields))
    return list(named.values())


def foreign_languages(answer: Answer) -> list[str]:
    """Return the languages of the untranslated quotes in others than the answer's, if most are such."""
    foreign = [
        citation.language
        for citation in answer.citations
        if citation.language != answer.language and not citation.translation
    ]
    return list(dict.fromkeys(foreign)) if 2 * len(foreign) > len(answer.citations) else []
