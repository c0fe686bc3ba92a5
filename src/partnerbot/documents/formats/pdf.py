"""PDF files, by pypdf."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.formats.layout import Line, Word, are_apart, page_text
from partnerbot.documents.scripts import width
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def extract_pdf(path: Path, limits: ReadingLimits = DEFAULT_LIMITS) -> Extracted:
    """Return the text of each page, and the title and date that the file states."""
    from pypdf import PdfReader  # here, since that takes long, and most runs read no PDF
    from pypdf.errors import FileNotDecryptedError, LimitReachedError, WrongPasswordError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise WrongPasswordError
        pages = _pages(reader, limits)
        title, created = _stated(reader)
        told = [int(year) for page in (title or "", *pages) for year in _YEAR.findall(page)]
        if created is not None and told and max(told) < int(created[:4]):
            created = None  # an older text, exported again
    except (FileNotDecryptedError, WrongPasswordError) as error:
        raise DocumentRejected("it needs a password. Save it without one.") from error
    except LimitReachedError as error:
        raise MemoryError from error
    except (DocumentRejected, MemoryError, OSError):
        raise
    except Exception as error:  # a broken file makes pypdf raise anything
        raise DocumentRejected(
            "it is corrupt, or no PDF. Export it again, or print it to a PDF from a PDF reader."
        ) from error
    pictures = tuple(number for number, page in enumerate(pages, start=1) if not any(map(str.isalnum, page)))
    return Extracted(
        pages=pages, has_pages=True, pictures=pictures, title=sensible_title(title), published=created
    )


def _pages(reader: Any, limits: ReadingLimits) -> list[str]:
    if len(reader.pages) > limits.pages:
        raise DocumentRejected(f"it has more than {limits.pages:,} pages. Split it.")
    pages: list[str] = []
    characters = 0
    for page in reader.pages:
        pages.append(_page_text(page))
        characters += len(pages[-1])
        limits.check(characters)
    return pages


def _page_text(page: Any) -> str:
    """Return the page's text, its rows and paragraphs told by where its pieces stand.

    pypdf parts the cells of a row by line breaks, or by spaces as it does words, and has no sign of
    paragraphs.
    """
    pieces: list[Word] = []

    def note(text: str, matrix: Any, text_matrix: Any, _font: Any, size: Any) -> None:
        # Spaces are told with a place that isn't theirs; what follows a line break is the next line's indent.
        if text.isspace() and pieces and not pieces[-1].text.endswith("\n"):
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + text)
        elif text:
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            height = abs(size * text_matrix[3] * matrix[3]) or abs(size)
            end = x + width(text.strip()) * height / 2  # about, by the width of usual letters
            pieces.append(Word(text, x, end, y, height))

    plain: str = page.extract_text(visitor_text=note)
    if "".join(piece.text for piece in pieces).split() != plain.split():
        return plain
    return page_text(_lines(pieces))


def _lines(pieces: list[Word]) -> list[Line]:
    """Return the pieces of each line, which ends where a line break does not part cells of a row."""
    lines = [[*pieces[:1]]]
    for before, piece in pairwise(pieces):
        ends_line = before.text.endswith("\n")
        if ends_line and abs(before.y - piece.y) < 1 and are_apart(before, piece):
            lines[-1][-1] = before._replace(text=before.text.removesuffix("\n") + " ")
        elif ends_line:
            lines.append([])
        elif not (before.text[-1].isspace() or piece.text[0].isspace()):
            lines[-1][-1] = before._replace(right=piece.left)  # exactly
        lines[-1].append(piece)
    return [[*line[:-1], line[-1]._replace(text=line[-1].text.removesuffix("\n"))] for line in lines if line]


def _stated(reader: Any) -> tuple[str | None, str | None]:
    """Return the title and the day of making that the file states; a malformed one is none."""
    title = created = None
    try:
        information = reader.metadata
        if information is not None:
            title = information.title
            date = information.creation_date
            created = date.date().isoformat() if date is not None else None
    except Exception:  # pypdf parses these with nothing but trust
        pass
    return title if isinstance(title, str) else None, created
