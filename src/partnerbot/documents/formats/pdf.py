"""PDF files."""

from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.formats.tables import BETWEEN_CELLS, with_headings
from partnerbot.documents.scripts import width
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35


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
        pages.append(with_headings(_page_text(page)))
        characters += len(pages[-1])
        limits.check(characters)
    return pages


def _page_text(page: Any) -> str:
    """Return the page's text with " | " between cells of a row, and blank lines at wide gaps.

    pypdf gives each cell of a table a line of its own, and no sign of paragraphs; where the
    pieces stand on the page tells both. Only line breaks change.
    """
    pieces: list[_Piece] = []

    def note(text: str, matrix: Any, text_matrix: Any, _font: Any, size: Any) -> None:
        if text:
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            height = abs(size * text_matrix[3] * matrix[3]) or abs(size)
            pieces.append(_Piece(text, x, y, height))

    plain: str = page.extract_text(visitor_text=note)
    if "".join(piece.text for piece in pieces).split() != plain.split():
        return plain
    usual = _usual_leading(pieces)
    return "".join(
        piece.text.removesuffix("\n") + _break(piece, following, usual)
        if piece.text.endswith("\n")
        else piece.text
        for piece, following in zip_longest(pieces, pieces[1:])
    )


class _Piece(NamedTuple):
    """Some text, where it starts on the page, and its height, in points."""

    text: str
    x: float
    y: float
    height: float


def _leading(before: _Piece, after: _Piece) -> float:
    """Return the distance down to the next line, in heights of the smaller letters of the two."""
    return (before.y - after.y) / (min(before.height, after.height) or 1)


def _usual_leading(pieces: list[_Piece]) -> float:
    """Return the leading inside paragraphs, 0 if there are no two lines."""
    distances = sorted(leading for pair in pairwise(pieces) if (leading := _leading(*pair)) > 0.5)
    return distances[len(distances) // 3] if distances else 0.0


def _break(piece: _Piece, following: _Piece | None, usual: float) -> str:
    if following is None:
        return "\n"
    if abs(piece.y - following.y) < 1:
        end = piece.x + width(piece.text.strip()) * piece.height / 2
        return BETWEEN_CELLS if following.x - end > piece.height / 2 else "\n"
    return "\n\n" if usual and _leading(piece, following) > PARAGRAPH_GAP * usual else "\n"


def _stated(reader: Any) -> tuple[str | None, str | None]:
    """Return the title and the date that the file states; a malformed one is none."""
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
