"""What the pages of a PDF repeat at their top and foot: running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# Lines at each end of a page that may belong to its head or foot.
REACH = 3
# A running head stands on at least this share of the pages (left and right pages may differ).
REPEATED_ON = 0.4
LONGEST_HEAD = 160  # characters

_PAGE_NUMBER = re.compile(
    r"\W*(?:page|p\.|seite|pág\.?)?\s*(?P<number>\d{1,4})\s*(?:(?:/|sur|of|de|von|～)\s*\d{1,4})?\s*(?:ページ|頁)?\W*",
    re.IGNORECASE,
)


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """Return the pages without heads and feet that repeat, and without page numbers."""
    split = [page.split("\n") for page in pages]
    repeated = _repeated_shapes(split)
    numbers = _numbers_by_page(split)
    return [
        "\n".join(
            line
            for position, line in enumerate(lines)
            if position not in numbers[page] and not (_at_edge(lines, position) and _shape(line) in repeated)
        )
        for page, lines in enumerate(split)
    ]


def _edges(lines: Sequence[str]) -> list[int]:
    """Positions of the first and last lines that have text, at most REACH from each end."""
    filled = [position for position, line in enumerate(lines) if line.strip()]
    return sorted(set(filled[:REACH] + filled[-REACH:]))


def _at_edge(lines: Sequence[str], position: int) -> bool:
    return position in _edges(lines)


def _shape(line: str) -> str:
    """The line with its numbers alike, so that "Page 3 of 9" repeats on every page."""
    return re.sub(r"\d+", "0", " ".join(line.split()))


def _repeated_shapes(pages: Sequence[Sequence[str]]) -> set[str]:
    seen = Counter(
        shape for lines in pages for shape in {_shape(lines[position]) for position in _edges(lines)}
    )
    needed = max(2, REPEATED_ON * len(pages))
    return {shape for shape, count in seen.items() if count >= needed and len(shape) <= LONGEST_HEAD}


def _numbers_by_page(pages: Sequence[Sequence[str]]) -> list[set[int]]:
    """Positions, page by page, of the lines that are that page's number.

    A number alone may be a figure of the text; it is a page's number if on at least one
    other page the same difference from the sheet's place stands, or for a single page, if it is 1.
    """
    candidates = [
        (page, position, int(match["number"]) - page)
        for page, lines in enumerate(pages)
        for position in _edges(lines)
        if (match := _PAGE_NUMBER.fullmatch(lines[position].strip()))
    ]
    offsets = Counter(offset for _, _, offset in candidates)
    found: list[set[int]] = [set() for _ in pages]
    for page, position, offset in candidates:
        if offsets[offset] > 1 or (len(pages) == 1 and offset == 1):
            found[page].add(position)
    return found
