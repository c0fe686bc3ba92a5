"""One module a format: from a file to its text and what it says of itself, within limits, before cleaning.

Each `extract_…` takes the path of a file, or a text, and raises DocumentRejected if it is encrypted, corrupt
or no such file, has more pages or text than its limits allow, or unpacks to too much; and MemoryError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from partnerbot.errors import DocumentRejected


@dataclass(frozen=True)
class ReadingLimits:
    """What one document may take, whatever its format."""

    pages: int = 2_000
    """Of a PDF: a thick report; the limit is against files made to keep a parser busy."""

    characters: int = 5_000_000
    """A book of 1,500 pages; more is a log or a data dump, or comes from files made to unpack to much."""

    memory_bytes: int = 1_500 * 1024 * 1024
    """Address space. A PDF of 300 pages took 61 MB of memory; pictures take more."""

    cpu_seconds: int = 60
    """Measured on 2 cores: 4.7 s for a PDF of 300 pages."""

    wall_seconds: int = 180
    """Longer than the processor time, for a machine with other work to do."""

    recognised_pages: int = 500
    """Pages that are pictures and are read: each takes seconds, within the same limits as a document."""

    recognition_seconds: int = 3_600
    """For all such pages of a document. Those beyond either limit are named as unread."""

    def check(self, characters: int) -> None:
        """Raises: DocumentRejected if a document has more text than it may."""
        if characters > self.characters:
            more = f"more than {self.characters:,} characters of text"
            raise DocumentRejected(f"it is too large: {more}. Split it.")

    @property
    def too_much_memory(self) -> str:
        """The reason why a document is refused that took more memory than that."""
        return (
            f"reading it took more than {self.memory_bytes // 1_048_576:,} MB of memory. Split it, or save "
            "it again: a PDF by printing it to a new PDF."
        )

    @property
    def too_much_time(self) -> str:
        """The reason why a document is refused that took more time than that."""
        return (
            f"reading it took more than {self.cpu_seconds} seconds of processor time or {self.wall_seconds} "
            "in all. Split it, or save it again: a PDF by printing it to a new PDF."
        )


DEFAULT_LIMITS = ReadingLimits()


@dataclass(frozen=True)
class Extracted:
    """The text of one file and the facts its format states; None where it states nothing.

    `pages` has one text a page, or one in all for formats that have none (`has_pages`).
    `published` is an ISO date; when an office file, or its template, was begun is none. `language` is what
    the file declares, which templates often get wrong: it counts only where the text doesn't tell.
    """

    pages: Sequence[str]
    has_pages: bool = False
    pictures: tuple[int, ...] = ()
    """Pages, counted from 1, without text: what they show may be pictures of some."""
    title: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    canonical: str | None = None
    """The address that a web page wants to be known by."""
    alternates: Sequence[str] = ()
    """Addresses of the same article in other languages."""
    pdfs: Sequence[str] = ()
    """Addresses of PDFs that the article links to."""


_KINDS = {
    b"%PDF": "a PDF (.pdf)",
    b"PK": "a file of Word, PowerPoint, LibreOffice or the like (.docx, .pptx, .odt)",
    b"\xd0\xcf\x11\xe0": "a file of an older Word, PowerPoint or Excel (.doc, .ppt, .xls)",
    b"{\\rtf": "a text with formats (.rtf)",
    b"\x89PNG": "a picture (.png)",
    b"\xff\xd8\xff": "a picture (.jpg)",
    b"<": "a web page (.html)",
}
"""What files begin with to which people give another ending."""


def check_kind(path: Path, own: bytes) -> None:
    """Refuse a file by what it is, if it begins as those of another ending do. `own`: how its own begin.

    Raises: DocumentRejected.
    """
    with path.open("rb") as file:
        begins = file.read(8)
    kind = next((kind for sign, kind in _KINDS.items() if begins.startswith(sign) and sign != own), None)
    if kind is not None:
        suffix = path.suffix.lower()
        raise DocumentRejected(
            f"it is no {suffix} file, but {kind}. Give it the ending of what it is, or save it as {suffix}."
        )
