"""Where links go: from a cited or related document to its source, and to the contact.

Here the addresses of our source pages are written, and the passages that they name are read again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from partnerbot.answering.answer import Citation, DocumentReference
from partnerbot.documents.front_matter import is_web_address

_LONGEST_WHOLE_FRAGMENT = 200
"""Characters of a quote that go into a text fragment whole; longer ones are named by both ends."""


@dataclass(frozen=True)
class QuotedSpan:
    """The span [start, end) of a document that is quoted, and the answer's span inside that (or None)."""

    start: int
    end: int
    highlight: tuple[int, int] | None


def source_link(reference: DocumentReference, language: str, prefix: str = "") -> str:
    """Return the address that opens a document, at the quote if it is a citation.

    A public http(s) address wins: with the page for a PDF, with a text fragment
    for the quote on a web page. Other documents are served by ourselves, below `prefix`,
    in a page whose own words are in `language`.
    """
    public = public_url(reference.url)
    if public is None:
        return f"{prefix}{_own_page(reference, language)}"
    if reference.page is not None:
        return f"{public.partition('#')[0]}#page={reference.page}"
    if isinstance(reference, Citation):
        separator = "" if "#" in public else "#"
        return f"{public}{separator}:~:text={_text_directive(reference.quote)}"
    return public


def passage_link(citation: Citation, language: str, prefix: str = "") -> str:
    """Return the address of our own page that shows a quote where it stands in its document.

    It shows a text with the quote marked, or the page of a PDF with the quote marked on it.
    """
    span = {"start": citation.start, "end": citation.end}
    if citation.highlight is not None:
        span |= {"from": citation.highlight[0], "to": citation.highlight[1]}
    return f"{prefix}/documents/{quote(citation.source)}?{urlencode({**span, 'lang': language})}"


def passage_of(query: Mapping[str, str], length: int) -> QuotedSpan | None:
    """Read the passage that an address names; None unless it lies within a document of that length."""
    low, high, first, last = (_offset(query.get(name, "")) for name in ("start", "end", "from", "to"))
    if low is None or high is None or not low < high <= length:
        return None
    if first is None or last is None or not first < last <= high - low:
        return QuotedSpan(low, high, None)
    return QuotedSpan(low, high, (first, last))


def file_link(source: str, page: int | None, prefix: str = "") -> str:
    """Return the address of a PDF that we serve as it is, opened at a page."""
    return f"{prefix}/documents/{quote(source)}#page={page or 1}"


def _own_page(reference: DocumentReference, language: str) -> str:
    if reference.source.lower().endswith(".pdf"):
        return file_link(reference.source, reference.page)
    if isinstance(reference, Citation):
        return f"{passage_link(reference, language)}#quote"
    return f"/documents/{quote(reference.source)}?lang={language}"


def public_url(url: str | None) -> str | None:
    """Return the address if it is one that a link may open, else None: nothing else may become a link."""
    return url if url is not None and is_web_address(url) else None


def contact_link(contact: str) -> str | None:
    """Return the link for a contact: an e-mail, a telephone number or a web address; None if it is none."""
    if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", contact):
        return f"mailto:{contact}"
    if re.fullmatch(r"\+?\d[\d .()/-]{4,}", contact):
        return "tel:" + re.sub(r"[^+\d]", "", contact.replace("(0)", ""))
    return public_url(contact)


def _text_directive(text: str) -> str:
    """Name a text for a browser to scroll to: https://wicg.github.io/scroll-to-text-fragment/."""
    text = " ".join(text.split())
    if len(text) <= _LONGEST_WHOLE_FRAGMENT:
        return _directive_part(text)
    # Browsers match whole words. Text without spaces is cut where Japanese sentences pause.
    if " " in text:
        words = text.split(" ")
        return f"{_directive_part(' '.join(words[:6]))},{_directive_part(' '.join(words[-6:]))}"
    clauses = re.findall(r"[^、。！？]+[、。！？]*", text)
    return f"{_directive_part(clauses[0])},{_directive_part(clauses[-1])}"


def _directive_part(text: str) -> str:
    # A hyphen is part of the directive's syntax, and quote() leaves it alone.
    return quote(text, safe="").replace("-", "%2D")


def _offset(value: str) -> int | None:
    """Read an offset; one that is no number marks nothing, rather than failing the page."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
