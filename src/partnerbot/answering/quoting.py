"""Where a quote begins and ends: whole sentences, paragraphs, tables, without the headings at their edges."""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.documents.line_joining import LIST_MARK
from partnerbot.index.passages import BLOCK, Passage, display_width, is_heading
from partnerbot.index.search import Index

_PARAGRAPH_WIDTH, QUOTE_WIDTH, _TABLE_WIDTH = 450, 600, 1300
"""Up to which a paragraph is quoted whole, what one quote may grow to, and up to which a table is quoted
whole where several things are asked for, in Latin letters.
The last is set by hand; our eight rows have 679."""


def in_paragraph(passage: Passage, index: Index) -> tuple[int, int]:
    """Return [start, end) of a passage with the rest of its paragraph, or of a long one, with a neighbour.

    A heading alone says little: the paragraph below stands for it. What may not be quoted ends a paragraph.
    """
    text = index.document(passage.source).page_content
    others = index.passages_of(passage.source)
    place = next(i for i, other in enumerate(others) if other.start == passage.start)
    while place + 1 < len(others) and _is_only_heading(others[place], others[place + 1], text):
        place += 1
    passage = others[place]
    first = last = place
    while first > 0 and _touch(others[first - 1], others[first], text):
        first -= 1
    while last + 1 < len(others) and _touch(others[last], others[last + 1], text):
        last += 1
    if display_width(text[others[first].start : others[last].end]) <= _PARAGRAPH_WIDTH:
        return others[first].start, others[last].end
    if place < last and display_width(text[passage.start : others[place + 1].end]) <= QUOTE_WIDTH:
        return passage.start, others[place + 1].end
    if place > first and display_width(text[others[place - 1].start : passage.end]) <= QUOTE_WIDTH:
        return others[place - 1].start, passage.end
    return passage.start, passage.end


def paragraphs(source: str, start: int, end: int, index: Index) -> list[tuple[int, int]]:
    """Return [start, end) of each paragraph of a part of a document; of a long one, what may be quoted."""
    text = index.document(source).page_content
    found: list[tuple[int, int]] = []
    before: Passage | None = None
    for one in index.passages_of(source):
        if before is None or not _touch(before, one, text):
            found.append((one.start, one.end))
        elif display_width(text[found[-1][0] : one.end]) <= QUOTE_WIDTH:
            found[-1] = (found[-1][0], one.end)
        before = one
    return [(first, last) for first, last in found if first < end and start < last]


def table_of(passage: Passage, index: Index) -> list[Passage]:
    """Return the rows of the table that a passage is a row of; empty if it isn't one of several."""
    text = index.document(passage.source).page_content
    others = index.passages_of(passage.source)
    first = last = next(i for i, other in enumerate(others) if other.start == passage.start)
    while first > 0 and _are_rows(others[first - 1], others[first], text):
        first -= 1
    while last + 1 < len(others) and _are_rows(others[last], others[last + 1], text):
        last += 1
    return others[first : last + 1] if first < last else []


def in_table(passage: Passage, index: Index) -> tuple[int, int] | None:
    """Return [start, end) of the table that a passage is a row of, None if it isn't or that is too long."""
    rows = table_of(passage, index)
    if not rows:
        return None
    start, end = rows[0].start, rows[-1].end
    text = index.document(passage.source).page_content
    return (start, end) if display_width(text[start:end]) <= _TABLE_WIDTH else None


def passages_at(source: str, start: int, end: int, index: Index) -> list[Passage]:
    return [one for one in index.passages_of(source) if one.start < end and start < one.end]


def quotable(text: str, start: int, end: int) -> tuple[int, int]:
    """Return [start, end) of a quote without the headings at its edges and a list's mark before it.

    A short heading is part of the passage below it, which is found by it. What has a figure is no heading.
    """
    blocks = [(start + block.start(), start + block.end()) for block in BLOCK.finditer(text[start:end])]
    told = [
        each for each in blocks if not is_heading(text[slice(*each)]) or re.search(r"\d", text[slice(*each)])
    ]
    first, last = (told[0][0], told[-1][1]) if told else (start, end)
    mark = LIST_MARK.match(text[first:last])
    return first + (mark.end() if mark and not re.search(r"\w", mark[0]) else 0), last


def first_free(spans: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the first span that overlaps nothing that is taken."""
    for start, end in spans:
        if not any(start < last and first < end for first, last in taken):
            return start, end
    return None


def _are_rows(one: Passage, next_one: Passage, text: str) -> bool:
    """True if two passages are rows of one table, one below the other."""
    return (
        BETWEEN_CELLS in one.text
        and BETWEEN_CELLS in next_one.text
        and not text[one.end : next_one.start].strip(" ")[1:]
    )


def _is_only_heading(one: Passage, next_one: Passage, text: str) -> bool:
    """True if nothing but headings stands in a passage."""
    alone = "\n\n" in text[one.end : next_one.start]
    return alone and all(map(is_heading, one.text.split("\n\n")))


def _touch(one: Passage, next_one: Passage, text: str) -> bool:
    """True if two passages stand in one paragraph or list: blank lines part others, and rows of tables."""
    between = text[one.end : next_one.start]
    is_row = BETWEEN_CELLS in one.text or BETWEEN_CELLS in next_one.text
    return not is_row and not between.strip() and between.count("\n") < 2
