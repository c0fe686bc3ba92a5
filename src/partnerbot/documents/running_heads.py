"""What the pages of a PDF repeat at their top and foot: running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

# Lines at each end of a page that may belong to its head or foot.
REACH = 3
# A running head stands on at least this share of the pages (left and right pages may differ).
REPEATED_ON = 0.4
LONGEST_HEAD = 160  # characters

_NUMBER = re.compile(r"\d{1,4}")
_LETTER = re.compile(r"[^\W\d_]")
_PAGE_NUMBER = re.compile(
    r"\W*+(?:page|p\.|seite|pág\.?)?\s*+(?P<number>\d{1,4})\s*+"
    r"(?:(?:/|sur|of|de|von)\s*+\d{1,4})?\s*+(?:ページ|頁)?\W*",
    re.IGNORECASE,
)
# Headings that are numbered too, and may happen to begin every page.
_NUMBERED_HEADING = re.compile(
    r"(?:article|chapitre|chapter|section|partie|part|annexe|annex|question|fiche)\b|第\s*\d", re.IGNORECASE
)


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """Return the pages without heads and feet that repeat, and without page numbers."""
    split = [page.split("\n") for page in pages]
    edges = [_edges(lines) for lines in split]
    copies = _copies_of_heads(split, edges)
    numbered = _page_number_offsets(split, edges)
    return [
        "\n".join(_text_lines(lines, page, edges[page], copies, numbered)) for page, lines in enumerate(split)
    ]


def _text_lines(
    lines: Sequence[str], page: int, edges: set[int], copies: Mapping[str, int], numbered: set[int]
) -> Iterator[str]:
    """Yield the lines that are text. The title may read as the head does: only the head goes."""
    left = dict(copies)
    for position, line in enumerate(lines):
        if position in edges:
            if _page_number_offset(line, page) in numbered:
                continue
            head = next((head for head in _heads(line, page) if left.get(head)), None)
            if head is not None:
                left[head] -= 1
                continue
        yield line


def _edges(lines: Sequence[str]) -> set[int]:
    """Positions of the first and last lines that have text, at most REACH from each end."""
    filled = [position for position, line in enumerate(lines) if line.strip()]
    return set(filled[:REACH] + filled[-REACH:])


def _heads(line: str, page: int) -> set[str]:
    """What would make `line` the same running head on other pages.

    The line as it is, and for each number in it, the line with that number told from the
    page's place: "Page 3 of 9" on the third page and "Page 4 of 9" on the fourth are one.
    """
    text = " ".join(line.split())
    if not _LETTER.search(text) or len(text) > LONGEST_HEAD:
        return set()
    heads = {text}
    if not _NUMBERED_HEADING.match(text):
        heads |= {
            f"{text[: number.start()]}\x00{int(number[0]) - page}\x00{text[number.end() :]}"
            for number in _NUMBER.finditer(text)
        }
    return heads


def _copies_of_heads(pages: Sequence[Sequence[str]], edges: Sequence[set[int]]) -> dict[str, int]:
    """Return what repeats from page to page, and how often it stands on each page at least."""
    by_page = [
        Counter(head for position in edges[page] for head in _heads(lines[position], page))
        for page, lines in enumerate(pages)
    ]
    seen = Counter(head for heads in by_page for head in heads)
    needed = max(2, REPEATED_ON * len(pages))
    return {
        head: min(heads[head] for heads in by_page if head in heads)
        for head, count in seen.items()
        if count >= needed
    }


def _page_number_offset(line: str, page: int) -> int | None:
    """Return how far a line that is only a page's number is from the page's place."""
    text = " ".join(line.split())
    match = _PAGE_NUMBER.fullmatch(text) if len(text) <= LONGEST_HEAD else None
    return int(match["number"]) - page if match else None


def _page_number_offsets(pages: Sequence[Sequence[str]], edges: Sequence[set[int]]) -> set[int]:
    """Return the distances that page numbers have from their pages' places.

    A number alone may be a figure of the text; it is a page's number if the same distance
    stands on another page too, or if it is the 1 of a single page.
    """
    offsets = Counter(
        offset
        for page, lines in enumerate(pages)
        for offset in {_page_number_offset(lines[position], page) for position in edges[page]}
        if offset is not None
    )
    return {offset for offset, count in offsets.items() if count > 1 or (len(pages) == 1 and offset == 1)}
