"""One module a format: from a file to its text and what the file says of itself, before cleaning.

Each `extract_…` takes the path of a file, or a text, and raises DocumentRejected if it is encrypted, corrupt
or no such file, has more pages or text than its limits allow, or unpacks to too much; and MemoryError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Extracted:
    """The text of one file and the facts its format states; None where it states nothing.

    `pages` has one text a page, or one in all for formats that have none (`has_pages`).
    `published` is an ISO date. `language` is what the file declares, which templates often
    get wrong: it counts only where the text doesn't tell.
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
