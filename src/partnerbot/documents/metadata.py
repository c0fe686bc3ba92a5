"""The metadata keys of a document, named once, and dates and pages as they are written there.

A document is a LangChain `Document`: `page_content` is the cleaned text, and
`metadata` holds the keys below. Values are str or int; a key that is not known
is absent, never None or empty.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date

SOURCE = "source"
"""Path relative to the documents folder, with forward slashes, or a page's public address. Always present."""

TITLE = "title"
"""Title, from front matter or found in the text. Always present (else the file's name)."""

URL = "url"
"""Public http(s) address of the original, where the front matter gives one."""

LANGUAGE = "language"
"""ISO 639-1 code, lower case. Always present."""

PUBLISHED = "published"
"""ISO date of publication: YYYY-MM-DD, or YYYY-MM, or YYYY."""

TRANSLATION_OF = "translation_of"
"""`source` of the document this one translates (front matter only)."""

ALTERNATES = "alternates"
"""Public addresses of the same article in other languages, as a web page or its site's
sitemap state them (hreflang); as a JSON list of str (a string: stores take scalars)."""

EDITION = "edition"
"""What an article and its translations have in common; only in documents out of an index,
and only in those that have other editions there."""

PAGE_STARTS = "page_starts"
"""PDF only: for each page from 1, the character offset in `page_content` where it
starts, ascending, the first 0; as a JSON list of int (a string: stores take scalars)."""

RECOGNISED_LINES = "recognised_lines"
"""The lines of pages whose text was read out of a picture (OCR), by page from 1, each as the values of a
`RecognisedLine`; as JSON."""

UNREAD = "unread"
"""Pages that are pictures in which the text recognition could read too little; as a JSON list of int."""

_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:?\d{2}.*)?)?)?")


def iso_date(text: str) -> str | None:
    """Return the date at the precision given, without its time; None if it is no real date.

    >>> iso_date("2024-07-01T09:30:00+09:00")
    '2024-07-01'
    >>> iso_date("2024-13") is None
    True
    """
    match = _ISO_DATE.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day) if part)


def is_public_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def page_at(metadata: Mapping[str, object], offset: int) -> int | None:
    """Return the page, counted from 1, of character `offset` of the document with this metadata.

    None for a document without pages.

    >>> page_at({"page_starts": "[0, 120, 120, 300]"}, 120)
    3
    """
    starts = metadata.get(PAGE_STARTS)
    if not starts:
        return None
    return max(1, bisect_right(json.loads(str(starts)), offset))
