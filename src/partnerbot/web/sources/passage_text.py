"""A document's text as its page shows it: lines, the quoted passage marked, and how much around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

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
