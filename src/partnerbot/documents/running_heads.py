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
# Stands around a number that is counted from the page's place.
_PLACE = "\x00"
_PAGE_ONE = re.compile(rf"\W*{_PLACE}1{_PLACE}[\W1]*")
# Headings that are numbered too, and may happen to begin every page.
_NUMBERED_HEADING = re.compile(
    r"(?:article|chapitre|chapter|section|partie|part|annexe|annex|question|fiche)\b|第\s*\d", re.IGNORECASE
)


def without_running_heads(pages: Sequence[str]) -> list[str]:
    """Return the pages without heads and feet that repeat, and without page numbers."""
    split = [page.split("\n") for page in pages]
    edges = [_edges(lines) for lines in split]
    copies = _copies_of_heads(split, edges)
    return ["\n".join(_text_lines(lines, page, edges[page], copies)) for page, lines in enumerate(split)]


def _text_lines(lines: Sequence[str], page: int, edges: set[int], copies: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines that are text. The title may read as the head does: only the head goes."""
    left = dict(copies)
    for position, line in enumerate(lines):
        heads = _heads(line, page) if position in edges else ()
        head = next((head for head in heads if left.get(head)), None)
        if head is None:
            yield line
        else:
            left[head] -= 1


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
    if len(text) > LONGEST_HEAD:
        return set()
    heads = {text} if _LETTER.search(text) else set()
    if not _NUMBERED_HEADING.match(text):
        heads |= {
            f"{text[: number.start()]}{_PLACE}{int(number[0]) - page}{_PLACE}{text[number.end() :]}"
            for number in _NUMBER.finditer(text)
        }
    return heads


def _copies_of_heads(pages: Sequence[Sequence[str]], edges: Sequence[set[int]]) -> dict[str, int]:
    """Return what repeats from page to page, and how often it stands on each page at least.

    A number alone may be a figure of the text; it is a page's number if on another page, too, it is as far
    from that page's place, or if it is the 1 of a single page.
    """
    by_page = [
        Counter(head for position in edges[page] for head in _heads(lines[position], page))
        for page, lines in enumerate(pages)
    ]
    seen = Counter(head for heads in by_page for head in heads)
    needed = max(2, REPEATED_ON * len(pages))
    return {
        head: min(heads[head] for heads in by_page if head in heads)
        for head, count in seen.items()
        if count >= (needed if _LETTER.search(head) else 2) or (len(pages) == 1 and _PAGE_ONE.fullmatch(head))
    }
