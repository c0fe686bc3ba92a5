"""PDF files."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, groupby, pairwise, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits, check_kind
from partnerbot.documents.formats.tables import BETWEEN_CELLS, with_headings
from partnerbot.documents.scripts import width
from partnerbot.documents.titles import sensible_title
from partnerbot.errors import DocumentRejected

# Lines further apart than this many usual leadings belong to different paragraphs.
PARAGRAPH_GAP = 1.35
# As do lines of which one has letters so much larger: a heading and the text below it.
HEADING_SIZE = 1.1
# In as many lines wide gaps that stand below each other are a table's; in fewer, chance may have made them.
FEWEST_ROWS = 3
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
LONGEST_MARK = 3  # characters of what stands before the items of a list: "12."


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
        check_kind(path, b"%PDF")
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

    pypdf parts the cells of a row by line breaks, or by spaces as it does words, and has no sign of
    paragraphs; where the pieces stand on the page tells both. Only spaces and line breaks change.
    """
    pieces: list[_Piece] = []

    def note(text: str, matrix: Any, text_matrix: Any, _font: Any, size: Any) -> None:
        # Spaces are told with a place that isn't theirs; what follows a line break is the next line's indent.
        if text.isspace() and pieces and not pieces[-1].text.endswith("\n"):
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + text)
        elif text:
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            height = abs(size * text_matrix[3] * matrix[3]) or abs(size)
            pieces.append(_Piece(text, x, y, height))

    plain: str = page.extract_text(visitor_text=note)
    if "".join(piece.text for piece in pieces).split() != plain.split():
        return plain
    lines = _split(pieces, _ends_line)
    usual = _usual_leading(lines)
    breaks = (_break(*pair, usual) for pair in pairwise(lines))
    return "".join(text + end for text, end in zip_longest(_texts(lines), breaks, fillvalue="\n"))


class _Piece(NamedTuple):
    """Some text, where it starts on the page, and its height, in points."""

    text: str
    x: float
    y: float
    height: float

    @property
    def end(self) -> float:
        """About where it ends, by the width of usual letters."""
        return self.x + width(self.text.strip()) * self.height / 2


_Line = list[_Piece]


def _are_apart(before: _Piece, piece: _Piece) -> bool:
    """Tell whether there is more than a space between two pieces of a line."""
    is_beside = abs(before.y - piece.y) < 1 and (before.text[-1].isspace() or piece.text[0].isspace())
    return is_beside and piece.x - before.end > piece.height / 2


def _ends_line(before: _Piece, piece: _Piece) -> bool:
    """Tell whether a line ends between two pieces: where a line break does not part cells of a row."""
    return before.text.endswith("\n") and not _are_apart(before, piece)


def _split(pieces: Sequence[_Piece], parted: Callable[[_Piece, _Piece], bool]) -> list[_Line]:
    """Return the pieces between those that are `parted`: lines, or cells of a line."""
    groups = [[*pieces[:1]]]
    for before, piece in pairwise(pieces):
        if parted(before, piece):
            groups.append([])
        groups[-1].append(piece)
    return groups


def _texts(lines: Sequence[_Line]) -> Iterator[str]:
    """Yield the text of each line. A line break inside parts cells, a space in a table's rows alone."""
    found = [_split(line, _are_apart) for line in lines]
    begins = [True, *(not _in_columns(*pair) for pair in pairwise(found))]
    for _, group in groupby(zip(accumulate(begins), found, strict=True), key=itemgetter(0)):
        rows = [["".join(piece.text for piece in cell) for cell in cells] for _, cells in group]
        is_list = len(rows[0]) == 2 and all(len(mark.strip()) <= LONGEST_MARK for mark, _ in rows)
        for texts in rows:
            if is_list or len(rows) >= FEWEST_ROWS:
                yield (" " if is_list else BETWEEN_CELLS).join(map(str.strip, texts))
            else:
                yield "".join(
                    text.removesuffix("\n") + BETWEEN_CELLS if text.endswith("\n") else text
                    for text in texts[:-1]
                ) + texts[-1].removesuffix("\n")


def _in_columns(row: Sequence[_Line], following: Sequence[_Line]) -> bool:
    """Tell whether each cell of a row stands above one of the next row, and above no other."""
    if len(row) < 2 or len(row) != len(following):
        return False
    starts = [(cell[0].x, below[0].x) for cell, below in zip(row, following, strict=True)]
    ends = [(cell[-1].end, below[-1].end) for cell, below in zip(row, following, strict=True)]
    return all(max(start) < min(end) for start, end in zip(starts, ends, strict=True)) and all(
        max(end) <= min(start) for end, start in zip(ends, starts[1:], strict=False)
    )


def _height(line: _Line) -> float:
    """Return the height of most of a line."""
    return max(line, key=lambda piece: len(piece.text)).height


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
    small, large = sorted((_height(line), _height(following)))
    return "\n\n" if large > HEADING_SIZE * small else "\n"


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
