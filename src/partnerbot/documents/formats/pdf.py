"""PDF files, by PDFium, which also draws their pages."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate, groupby, pairwise, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.formats.tables import BETWEEN_CELLS, with_headings
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35
# As do lines of which one has letters so much larger: a heading and the text below it.
HEADING_SIZE = 1.1
# In as many lines wide gaps that stand below each other are a table's; in fewer, chance may have made them.
FEWEST_ROWS = 3
LONGEST_MARK = 3  # characters of what stands before the items of a list: "12."
_BROKEN_WORD = ("\x02", "\ufffe")
"""What PDFium gives for a hyphen at the end of a line, whose break it leaves out."""


def extract_pdf(path: Path, limits: ReadingLimits = DEFAULT_LIMITS) -> Extracted:
    """Return the text of each page, and the title and date that the file states."""
    import pypdfium2  # here, since that takes long, and most runs read no PDF
    from pypdfium2 import raw

    try:
        with pypdfium2.PdfDocument(path) as document:
            pages = _pages(document, limits)
            about = document.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise DocumentRejected("it needs a password. Save it without one.") from error
        raise DocumentRejected(
            "it is corrupt, or no PDF. Export it again, or print it to a PDF from a PDF reader."
        ) from error
    pictures = tuple(number for number, page in enumerate(pages, start=1) if not any(map(str.isalnum, page)))
    return Extracted(
        pages=pages,
        has_pages=True,
        pictures=pictures,
        title=sensible_title(about["Title"]),
        published=_day(about["CreationDate"]),
    )


def _day(stated: str) -> str | None:
    """Return the day of a date as PDFs state it, "D:20190506…"; a malformed one is none."""
    try:
        return date.fromisoformat(stated.removeprefix("D:")[:8]).isoformat()
    except ValueError:
        return None


def _pages(document: Any, limits: ReadingLimits) -> list[str]:
    if len(document) > limits.pages:
        raise DocumentRejected(f"it has more than {limits.pages:,} pages. Split it.")
    pages: list[str] = []
    characters = 0
    for page in document:
        text = page.get_textpage()
        limits.check(characters + text.count_chars())
        pages.append(with_headings(_text(_lines(text))))
        characters += len(pages[-1])
        page.close()
    return pages


class _Word(NamedTuple):
    """A word, where it starts and ends, its base line, and the height of its letters, in points."""

    text: str
    left: float
    right: float
    y: float
    height: float


_Line = list[_Word]


def _lines(text: Any) -> list[_Line]:
    """Return the words of each line of a page, in the order of the file."""
    from pypdfium2 import raw

    lines: list[_Line] = [[]]
    letters = ""
    x, y, left, right, bottom, top = (ctypes.c_double() for _ in range(6))
    start = base = height = end = 0.0
    for place in range(text.count_chars()):
        letter = chr(raw.FPDFText_GetUnicode(text, place))
        is_break = letter in "\r\n" or letter in _BROKEN_WORD
        if not letter.isspace():
            raw.FPDFText_GetCharBox(text, place, left, right, bottom, top)
            if not letters:
                raw.FPDFText_GetCharOrigin(text, place, x, y)
                start, base, height = left.value, y.value, _height(text, place)
            letters, end = letters + ("-" if letter in _BROKEN_WORD else letter), right.value
        if letters and (letter.isspace() or is_break):
            lines[-1].append(_Word(letters, start, end, base, height))
            letters = ""
        if is_break and lines[-1]:
            lines.append([])
    if letters:
        lines[-1].append(_Word(letters, start, end, base, height))
    return [line for line in lines if line]


def _height(text: Any, place: int) -> float:
    """Return how high the letters of a character's font are, as it is drawn."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, place, matrix)
    return float(raw.FPDFText_GetFontSize(text, place) * math.hypot(matrix.c, matrix.d))


def _text(lines: Sequence[_Line]) -> str:
    """Return a page's text with " | " between cells of a row, and blank lines at wide gaps."""
    if not lines:
        return ""
    usual = _usual_leading(lines)
    breaks = (_break(*pair, usual) for pair in pairwise(lines))
    return "".join(text + end for text, end in zip_longest(_texts(lines), breaks, fillvalue="\n"))


def _cells(line: _Line) -> list[_Line]:
    """Return the words of a line between which there is more than a space."""
    cells = [[line[0]]]
    for before, word in pairwise(line):
        if word.left - before.right > word.height / 2:
            cells.append([])
        cells[-1].append(word)
    return cells


def _texts(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield the text of each line; a wide gap parts cells in a table's rows alone."""
    found = list(map(_cells, lines))
    begins = [True, *(not _in_columns(*pair) for pair in pairwise(found))]
    for _, group in groupby(zip(accumulate(begins), found, strict=True), key=itemgetter(0)):
        rows = [[" ".join(word.text for word in cell) for cell in cells] for _, cells in group]
        is_list = len(rows[0]) == 2 and all(len(mark) <= LONGEST_MARK for mark, _ in rows)
        is_table = len(rows) >= FEWEST_ROWS and not is_list
        yield from map((BETWEEN_CELLS if is_table else " ").join, rows)


def _in_columns(row: Sequence[_Line], following: Sequence[_Line]) -> bool:
    """Tell whether each cell of a row stands above one of the next row, and above no other."""
    if len(row) < 2 or len(row) != len(following):
        return False
    starts = [(cell[0].left, below[0].left) for cell, below in zip(row, following, strict=True)]
    ends = [(cell[-1].right, below[-1].right) for cell, below in zip(row, following, strict=True)]
    return all(max(start) < min(end) for start, end in zip(starts, ends, strict=True)) and all(
        max(end) <= min(start) for end, start in zip(ends, starts[1:], strict=False)
    )


def _leading(before: _Line, after: _Line) -> float:
    """Return the distance down to the next line, in heights of the smaller letters of the two."""
    return (before[-1].y - after[0].y) / (min(before[-1].height, after[0].height) or 1)


def _usual_leading(lines: Sequence[_Line]) -> float:
    """Return the leading inside paragraphs, 0 if there are no two lines."""
    distances = sorted(leading for pair in pairwise(lines) if (leading := _leading(*pair)) > 0.5)
    return distances[len(distances) // 3] if distances else 0.0


def _break(line: _Line, following: _Line, usual: float) -> str:
    if usual and _leading(line, following) > PARAGRAPH_GAP * usual:
        return "\n\n"
    small, large = sorted(max(words, key=lambda word: len(word.text)).height for words in (line, following))
    return "\n\n" if large > HEADING_SIZE * small else "\n"
