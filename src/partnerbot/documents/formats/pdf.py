"""PDF files, by PDFium, which also draws their pages."""

import ctypes
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any

from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.formats.layout import Line, Word, page_text
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

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
        pages.append(page_text(_lines(text)))
        characters += len(pages[-1])
        page.close()
    return pages


def _lines(text: Any) -> list[Line]:
    """Return the words of each line of a page, in the order of the file."""
    from pypdfium2 import raw

    lines: list[Line] = [[]]
    letters = ""
    x, y, left, right, bottom, top = (ctypes.c_double() for _ in range(6))
    start = base = height = end = 0.0
    count = text.count_chars()
    for place in range(count + 1):
        code = raw.FPDFText_GetUnicode(text, place) if place < count else ord("\n")
        letter = chr(code) if code <= sys.maxunicode else "\ufffd"
        ends_line = letter in "\r\n" or letter in _BROKEN_WORD
        if not letter.isspace():
            raw.FPDFText_GetCharBox(text, place, left, right, bottom, top)
            if not letters:
                raw.FPDFText_GetCharOrigin(text, place, x, y)
                start, base, height = left.value, y.value, _height(text, place)
            letters, end = letters + ("-" if letter in _BROKEN_WORD else letter), right.value
        if letters and (letter.isspace() or ends_line):
            lines[-1].append(Word(_whole(letters), start, end, base, height))
            letters = ""
        if ends_line and lines[-1]:
            lines.append([])
    return [line for line in lines if line]


def _whole(letters: str) -> str:
    """Return as one letter each what PDFium gives in two halves, such as rare kanji."""
    return letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _height(text: Any, place: int) -> float:
    """Return how high the letters of a character's font are, as it is drawn."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, place, matrix)
    return float(raw.FPDFText_GetFontSize(text, place) * math.hypot(matrix.c, matrix.d))
