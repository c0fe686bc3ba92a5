"""From a response to the document that is kept: the page or file, with what its site says of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import yaml

from partnerbot.documents.decoding import decode
from partnerbot.documents.formats import Extracted
from partnerbot.documents.front_matter import split_front_matter
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import ContentRefused, DocumentRejected
from partnerbot.sites.fetching import Response
from partnerbot.sites.listings import Entry, Stated
from partnerbot.sites.web_addresses import normal_address, site_of

_PAGES = ("text/html", "application/xhtml+xml")
_PDF_MARK = b"%PDF-"
_PDF_BEGINS_WITHIN = 1_024  # bytes; readers of PDFs look no further for the mark
# Two articles are one where half of the parts of the shorter one are in the longer one.
_SHARED = 0.5
_PART = 8  # characters: more than a word in most languages, and several in Japanese
# So that the page's own declaration of another encoding, true where it came from, counts no more.
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FetchedDocument:
    """A document to keep.

    `public`: where visitors find it, as it says. `beside`: what goes into a file beside it, for a format
    that can't begin with a block of metadata. `pdfs`: what it links to, on whatever host.
    """

    public: str
    suffix: str
    content: bytes
    beside: bytes | None
    pdfs: tuple[str, ...] = ()


def fetched_document(
    response: Response, entry: Entry, reading: DocumentReader, hosts: Collection[str]
) -> FetchedDocument:
    """Make a document of a response. `entry`: what its listing says of it.

    Raises: ContentRefused if it is of no type that is read, or there is no text in it.
    """
    address = response.version.address
    if _is_pdf(response):
        block = _block(address, entry.stated)
        return FetchedDocument(address, ".pdf", response.content, block.encode())
    try:
        if response.media_type in _PAGES:
            text = decode(response.content, declared_in_html=True, declared_by_server=response.charset)
            return _page_document(text, address, entry, reading, hosts)
        if response.media_type == "text/plain":
            text = decode(response.content, declared_by_server=response.charset)
            return FetchedDocument(address, ".txt", _with_block(_block(address, entry.stated), text), None)
    except DocumentRejected as error:
        raise ContentRefused(str(error)) from error
    raise ContentRefused(
        f"its type {response.media_type or '(none stated)'} is not one that is read from a site: "
        "web pages, PDFs and plain text."
    )


def _is_pdf(response: Response) -> bool:
    start = response.content[:_PDF_BEGINS_WITHIN]
    # Inside a text, the mark may be what the text is about.
    is_text = response.media_type in _PAGES or response.media_type.startswith("text/")
    marked = start.startswith(_PDF_MARK) if is_text else _PDF_MARK in start
    return response.media_type == "application/pdf" or marked


def says_the_same(old: bytes, new: bytes, reading: DocumentReader) -> bool:
    """Tell whether two kept web pages have the same article and metadata, whatever is around it."""
    try:
        (stated, text), (new_stated, new_text) = (split_front_matter(decode(one)) for one in (old, new))
        return stated == new_stated and reading.page(text) == reading.page(new_text)
    except DocumentRejected:
        return False


def is_same_article(one: bytes, other: bytes, reading: DocumentReader) -> bool:
    """Tell whether two kept web pages have the same article by and large, as a page and its print view."""
    try:
        markups = (split_front_matter(decode(page))[1] for page in (one, other))
        parts, more = (_parts(reading.page(markup)) for markup in markups)
    except DocumentRejected:
        return False
    return len(parts & more) >= _SHARED * min(len(parts), len(more))


def _parts(article: Extracted) -> set[str]:
    text = "".join("".join(article.pages).split())
    return {text[start : start + _PART] for start in range(max(1, len(text) - _PART + 1))}


def _page_document(
    markup: str, address: str, entry: Entry, reading: DocumentReader, hosts: Collection[str]
) -> FetchedDocument:
    found = reading.page(markup, address)
    if not any(character.isalnum() for page in found.pages for character in page):
        raise ContentRefused("there is no text in it.")
    canonical = normal_address(found.canonical) if found.canonical else None
    # A page may only speak for the sites it is on.
    public = canonical if canonical is not None and site_of(canonical) in hosts else address
    alternates = tuple(one for one in _normal((*found.alternates, *entry.stated.alternates)) if one != public)
    said = Stated(entry.stated.published if found.published is None else None, alternates)
    content = _with_block(_block(public, said), markup)
    return FetchedDocument(public, ".html", content, None, _normal(found.pdfs))


def _normal(addresses: Iterable[str]) -> tuple[str, ...]:
    found = map(normal_address, addresses)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _block(public: str, said: Stated) -> str:
    stated = {"url": public, "published": said.published, "alternates": list(said.alternates)}
    return yaml.safe_dump({key: value for key, value in stated.items() if value}, allow_unicode=True)


def _with_block(block: str, text: str) -> bytes:
    return f"{_BYTE_ORDER_MARK}---\n{block}---\n{text}".encode("utf-8", "replace")
