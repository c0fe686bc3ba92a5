"""What the text recognition read of pages that are pictures, as part of a document."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from partnerbot.documents import metadata
from partnerbot.documents.formats.tables import BETWEEN_CELLS, with_headings

PARAGRAPH_GAP = 1.35
"""Lines further apart than this many usual leadings belong to different paragraphs."""


class RecognisedLine(NamedTuple):
    """A line of text, and the middle line that it runs along from its start to its end.

    Shares of the page's width, counted from its left (`x`), and of its height, counted from its top.
    """

    text: str
    start_x: float
    start_y: float
    end_x: float
    end_y: float
    height: float


class RecognisedPage(NamedTuple):
    """What was read of a page, in reading order. `is_sure`: as far as can be told, the page says this."""

    lines: Sequence[RecognisedLine]
    is_sure: bool

    @classmethod
    def of(cls, said: Any) -> Self:
        lines, is_sure = said
        return cls([RecognisedLine(*line) for line in lines], is_sure)


UNREAD = RecognisedPage((), False)


class KeptPages:
    """Pages of a file as they are recognised, kept in a folder, so that a run which was killed resumes."""

    def __init__(self, folder: Path, path: Path) -> None:
        """Find what is known of the file, whatever its name."""
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            self._file = folder / f"{hashlib.file_digest(file, 'sha256').hexdigest()}.jsonl"
        self.pages: dict[int, RecognisedPage] = {}
        for line in self._file.read_text("utf-8").splitlines() if self._file.exists() else ():
            try:
                number, *page = json.loads(line)
                self.pages[number] = RecognisedPage.of(page)
            except (ValueError, TypeError):  # a line that a kill cut off
                continue

    def keep(self, number: int, page: RecognisedPage) -> None:
        self.pages[number] = page
        with self._file.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps([number, *page], ensure_ascii=False))


RecognisedPages = Mapping[int, RecognisedPage]
"""Pages by their number, from 1."""

NONE: RecognisedPages = MappingProxyType({})


class PagesWithoutText(Exception):
    """A document has pages that may be pictures of text; nobody has tried to read them yet."""

    def __init__(self, pages: Sequence[int]) -> None:
        super().__init__(f"pages {pages}")
        self.pages = pages


def text_of(lines: Sequence[RecognisedLine]) -> str:
    """Return the lines as text, paragraphs apart by a blank line, cells of a row by a bar."""
    if not lines:
        return ""
    # Which way the page is read: it may lie on its side or on its head.
    along_x, along_y = lines[0].end_x - lines[0].start_x, lines[0].end_y - lines[0].start_y
    length = math.hypot(along_x, along_y) or 1.0

    def ahead(before: RecognisedLine, line: RecognisedLine) -> tuple[float, float]:
        """Return how far a line begins after the end of the one before it, and how far below it."""
        x, y = line.start_x - before.end_x, line.start_y - before.end_y
        return (x * along_x + y * along_y) / length, (y * along_x - x * along_y) / length

    steps = [ahead(*pair) for pair in pairwise(lines)]
    leadings = sorted(down for (_, down), line in zip(steps, lines, strict=False) if down > line.height / 2)
    usual = leadings[len(leadings) // 3] if leadings else 0.0
    pieces = [lines[0].text]
    for (right, down), line in zip(steps, lines[1:], strict=True):
        if abs(down) < line.height / 2 and right > 0:
            pieces.append(BETWEEN_CELLS)
        else:
            pieces.append("\n" if 0 < down <= PARAGRAPH_GAP * usual else "\n\n")
        pieces.append(line.text)
    return with_headings("".join(pieces))


def about_recognised(pages: RecognisedPages) -> dict[str, str | None]:
    sure = {number: page.lines for number, page in pages.items() if page.is_sure and page.lines}
    unread = [number for number, page in pages.items() if not page.is_sure]
    places = {
        number: [(line.text, *(round(edge, 4) for edge in line[1:])) for line in lines]
        for number, lines in sure.items()
    }
    return {
        metadata.RECOGNISED_LINES: json.dumps(places, ensure_ascii=False) if sure else None,
        metadata.UNREAD: json.dumps(unread) if unread else None,
    }


def is_recognised(about: Mapping[str, object], page: int | None) -> bool:
    """Tell whether the text of a page, or of a document without pages, was read by the text recognition."""
    return page is not None and bool(recognised_lines(about, page))


def recognised_lines(about: Mapping[str, object], page: int) -> list[list[object]]:
    return list(json.loads(str(about.get(metadata.RECOGNISED_LINES, "{}"))).get(str(page), []))


def unread_pages(about: Mapping[str, object]) -> list[int]:
    return list(json.loads(str(about.get(metadata.UNREAD, "[]"))))
