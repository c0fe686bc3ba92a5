"""What messages and source pages show, in pieces: paragraphs, citations, points, and quotes in their text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from partnerbot.answering.answer import Answer, Citation, Point
from partnerbot.documents.formats.tables import without_headings

CONTEXT = 3_000
"""Characters of a document before and after a passage that the panel shows: some screens of text,
and a weight that a slow network carries. The whole document is one link away."""

_OF_ROW = re.compile(r"(?P<parting> \| )|(?P<heading>(?:^|(?<= \| ))[^|]*?: )")


@dataclass(frozen=True)
class TextPiece:
    """A run of a document's text.

    `first`: the beginning of the quoted passage. `answering`: the answer inside that passage. `row`: what it
    is in a row of a table that says its headings, "heading" or "parting"; else "".
    """

    text: str
    quoted: bool
    first: bool
    answering: bool
    row: str


def without_title(paragraphs: list[list[TextPiece]], title: str) -> list[list[TextPiece]]:
    """Leave out a first line that only repeats the page's heading (never a quoted one)."""
    first = [(piece.text.strip(), piece.quoted) for piece in paragraphs[0]] if paragraphs else []
    return paragraphs[1:] if first == [(title, False)] else paragraphs


def context(text: str, quoted: tuple[int, int]) -> tuple[int, int]:
    """Return the span of whole lines that surround a passage and are shown with it."""
    low = max(0, quoted[0] - CONTEXT)
    high = min(len(text), quoted[1] + CONTEXT)
    low = text.rfind("\n", 0, low) + 1
    line_end = text.find("\n", high)
    return low, len(text) if line_end < 0 else line_end


def document_paragraphs(
    text: str, quoted: tuple[int, int] | None, answer: tuple[int, int] | None, around: tuple[int, int]
) -> Iterator[list[TextPiece]]:
    """Cut the text within `around` into its lines, and each line at the edges of quote, answer and cells."""
    start, end = quoted or (len(text), len(text))
    edges = {start, end, *(answer or ())}
    begun = False
    for line in re.compile(r"[^\n]+").finditer(text, *around):
        low, high = line.span()
        if not line[0].strip():
            continue
        parts = {low: ""}
        if without_headings(line[0]) != line[0]:
            for found in _OF_ROW.finditer(line[0]):
                parts |= {low + found.start(): found.lastgroup or "", low + found.end(): ""}
        cuts = sorted({high, *parts, *(min(max(edge, low), high) for edge in edges)})
        pieces = []
        part = ""
        for left, right in pairwise(cuts):
            part = parts.get(left, part)
            inside = start <= left < end
            answering = answer is not None and answer[0] <= left < answer[1]
            pieces.append(TextPiece(text[left:right], inside, inside and not begun, answering, part))
            begun = begun or inside
        yield pieces


Lines = list[list[TextPiece]]

_CITATION = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Piece:
    """A run of an answer's text, or the number of the citation that supports what precedes it."""

    text: str = ""
    citation: int | None = None


@dataclass(frozen=True)
class _Origin:
    """Where a point stands; `first`: no earlier point of the reply names this citation; `same`: what was
    named just before, under the same heading, is this document."""

    citation: Citation
    first: bool
    same: bool


@dataclass(frozen=True)
class _ShownPoint:
    lines: Lines
    language: str
    verbatim: bool
    origins: list[_Origin]


def paragraphs(answer: Answer) -> list[list[Piece]]:
    """Split an answer's text into paragraphs, and its "[n]" from the words around them."""
    numbers = "|".join(str(citation.number) for citation in answer.citations) or "(?!)"
    cited = re.compile(rf"\[({numbers})\]")
    return [
        [
            Piece(citation=int(run)) if at % 2 else Piece(run)
            for at, run in enumerate(cited.split(line))
            if run
        ]
        for line in filter(None, map(str.strip, answer.answer.splitlines()))
    ]


def lead(answer: Answer) -> list[list[Piece]]:
    """Return what comes before points; the numbers of all sources after it are left out."""
    said = paragraphs(answer)
    every = {citation.number for citation in answer.citations}
    for pieces in said:
        words = max((end for end, piece in enumerate(pieces, 1) if piece.text.strip()), default=0)
        if {piece.citation for piece in pieces[words:] if piece.citation} == every:
            del pieces[words:]
    return said


def parts(answer: Answer) -> list[tuple[str, list[list[Piece]]]]:
    """Return the paragraphs of an answer without points by their class; what it says is "pb-said", once."""
    said, short = paragraphs(answer), answer.short_answer
    if not short:
        return [("pb-body pb-said", said)]
    last = _CITATION.sub("", answer.answer.rpartition("\n")[2])
    if last.strip(" .。") == short.strip(" .。"):
        # Which words were taken for misspelt ones comes first.
        return [("pb-body pb-said", said[:-1]), ("pb-short pb-said", said[-1:])]
    return [("pb-short", [[Piece(short)]]), ("pb-body pb-said", said)]


def in_lines(text: str, answer: tuple[int, int] | None = None) -> Lines:
    """Keep the rows of a table and the items of a list apart."""
    return list(document_paragraphs(text, None, answer, (0, len(text))))


def grouped(answer: Answer) -> tuple[list[tuple[str | None, list[_ShownPoint]]], list[Citation]]:
    """Return a reply's points under their labels, and the citations that no point names."""
    unnamed = {citation.number: citation for citation in answer.citations}
    cited = dict(unnamed)
    shown: list[tuple[str | None, _ShownPoint]] = []
    label: str | None = None
    last: str | None = None
    for point in answer.points:
        if point.label and point.label != label:
            last = None
        label, origins = point.label, []
        for citation in (cited[number] for number in point.citations if number in cited):
            first = unnamed.pop(citation.number, None) is not None
            origins.append(_Origin(citation, first, same=citation.source == last))
            last = citation.source
        shown.append((point.label, _shown(point, origins, answer.language)))
    groups = [(label, [each for _, each in points]) for label, points in groupby(shown, lambda each: each[0])]
    return groups, list(unnamed.values())


def _shown(point: Point, origins: list[_Origin], answer_language: str) -> _ShownPoint:
    """Mark a verbatim point as its quote is; its link leads to its own words where it is a part of that."""
    first = origins[0].citation if origins else None
    at = first.quote.find(point.text) if first else -1
    if first is None or at < 0:
        return _ShownPoint(in_lines(point.text), answer_language, verbatim=False, origins=origins)
    if point.text == first.quote:
        return _ShownPoint(
            in_lines(first.quote, first.highlight), first.language, verbatim=True, origins=origins
        )
    at_own_words = first.model_copy(update={"highlight": (at, at + len(point.text))})
    origins = [replace(origins[0], citation=at_own_words), *origins[1:]]
    return _ShownPoint(in_lines(point.text), first.language, verbatim=True, origins=origins)
