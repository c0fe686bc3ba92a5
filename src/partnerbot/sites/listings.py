"""What sitemaps and feeds list: addresses of pages, and what is said of each."""

import io
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
from lxml import etree  # type: ignore[import-untyped]

from partnerbot.documents.metadata import iso_date
from partnerbot.errors import AddressNotFetched
from partnerbot.sites.fetching import NOTHING_KNOWN, Version, unpacked
from partnerbot.sites.web_addresses import normal_address

_LARGEST_UNPACKED_BYTES = 50 * 1_048_576
"""What sitemaps.org allows a sitemap to be."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Stated:
    """Metadata of a page that a listing states: an ISO date, and the same page in other languages, sorted."""

    published: str | None = None
    alternates: tuple[str, ...] = ()


NOTHING_STATED = Stated()


@dataclass(frozen=True)
class Entry:
    """One page as a listing knows it.

    `modified`: when it was last changed, as the sitemap writes it. `stated`: what goes into its document.
    """

    address: str
    modified: str | None = None
    stated: Stated = NOTHING_STATED


@dataclass(frozen=True)
class Listing:
    """The pages that a sitemap or feed lists, further sitemaps that it names, and when that was so."""

    entries: tuple[Entry, ...]
    sitemaps: tuple[str, ...] = ()
    version: Version = NOTHING_KNOWN


def read_sitemap(content: bytes, address: str) -> Listing:
    """Read a sitemap, or an index of sitemaps, or a text file of addresses; packed or not.

    Raises: AddressNotFetched if it is none of these.
    """
    if content.startswith(_GZIP):
        content = unpacked(content, _LARGEST_UNPACKED_BYTES)
        if len(content) > _LARGEST_UNPACKED_BYTES:
            raise AddressNotFetched(f"it unpacks to more than {_LARGEST_UNPACKED_BYTES // 1_048_576} MB.")
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_plain(content, address)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise AddressNotFetched(f"it is no sitemap ({error}).") from error
    kind = "" if root is None else etree.QName(root).localname
    if kind == "sitemapindex":
        found = (normal_address(loc.text or "", address) for loc in root.iterfind("{*}sitemap/{*}loc"))
        return Listing((), tuple(dict.fromkeys(one for one in found if one is not None)))
    if kind != "urlset":
        raise AddressNotFetched(
            f"it is no sitemap, but <{kind}>. State the address of the site's sitemap.xml."
        )
    entries = {}
    for part in root.iterfind("{*}url"):
        page = normal_address(part.findtext("{*}loc", ""), address)
        if page is not None:
            stated = Stated(alternates=_alternates(part, address))
            entries[page] = Entry(page, part.findtext("{*}lastmod", "").strip() or None, stated)
    return Listing(tuple(entries.values()))


def read_feed(content: bytes, address: str) -> Listing:
    """Read an RSS or Atom feed. Raises: AddressNotFetched if it is none."""
    # As a file: feedparser would take some bytes for an address, and fetch it.
    feed: Any = feedparser.parse(io.BytesIO(content), sanitize_html=False)
    if not feed.get("version") and not feed.get("entries"):
        raise AddressNotFetched("it is no RSS or Atom feed.")
    entries = {}
    for item in feed.entries:
        page = normal_address(str(item.get("link") or ""), address)
        if page is not None:
            entries[page] = Entry(page, stated=Stated(_date(item)))
    return Listing(tuple(entries.values()))


def _read_plain(content: bytes, address: str) -> Listing:
    lines = content.decode("utf-8-sig", "replace").split()
    found = (normal_address(line) for line in lines)
    entries = tuple(Entry(one) for one in dict.fromkeys(found) if one is not None)
    if not entries:
        raise AddressNotFetched(f"it is no sitemap: it lists no address ({address}).")
    return Listing(entries)


def _alternates(element: etree._Element, address: str) -> tuple[str, ...]:
    found = (
        normal_address(part.get("href") or "", address)
        for part in element.iterfind("{*}link")
        if part.get("rel") == "alternate" and (part.get("hreflang") or "x-default").lower() != "x-default"
    )
    return tuple(sorted({one for one in found if one is not None}))


def _date(item: Any) -> str | None:
    """Return the day that an item was published, where it was published."""
    stated = str(item.get("published") or "")
    try:
        return iso_date(stated) or parsedate_to_datetime(stated).date().isoformat()
    except (ValueError, OverflowError):
        parsed = item.get("published_parsed")
        return date(*parsed[:3]).isoformat() if parsed else None
