"""Fetches one address at a time from sites, politely and within limits."""

import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Literal

import httpcore
import httpx
from protego import Protego

from partnerbot import __version__
from partnerbot.errors import AddressNotFetched, Cause, ContentRefused, DisallowedByRobots, SiteUnreachable
from partnerbot.sites.network import GuardedBackend, Resolve, resolve
from partnerbot.sites.web_addresses import normal_address, site_of

MEGABYTE = 1_048_576

Expected = Literal["document", "listing", "rules", "link"]
"""What an address is asked for: a page or file, a sitemap or feed, a robots.txt, or only whether it opens."""

_ROBOTS_BYTES = 512 * 1024
"""RFC 9309 asks for at least 500 KiB; what comes after is not read."""

AGENT = "partnerbot"
"""The name that a site's rules can address us by."""

_LONGEST_DELAY_SECONDS = 60.0
"""A site may ask for a longer pause than this; a night has no room for it."""

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (429, 500, 502, 503, 504)
_OF_ALL_PAGES = (429, 503)
"""Which of these tell of the whole site: the others may be one page's fault."""

GONE = (404, 410)
"""As which servers say that there is no such page."""

_LONGEST_BACK_OFF_SECONDS = 60.0
_CHARSET = re.compile(r"\bcharset\s*=\s*[\"']?([^\s\"';]+)")
_GIVE_UP_AFTER = 3
"""Failures of a host in a row after which a host is not asked again in this run."""


@dataclass(frozen=True)
class FetchLimits:
    """What one request may cost. `back_off_seconds`: the pause before it is tried a second time."""

    page_bytes: int = 10 * MEGABYTE
    # As large as a document may be.
    pdf_bytes: int = 50 * MEGABYTE
    # What sitemaps.org allows.
    listing_bytes: int = 50 * MEGABYTE
    seconds: float = 60.0
    silence_seconds: float = 20.0
    back_off_seconds: float = 10.0


@dataclass(frozen=True)
class Version:
    """By which a server tells whether what we have of an address is still right."""

    address: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def known(self) -> bool:
        """Whether the server can be asked for changes only."""
        return bool(self.etag or self.last_modified)


NOTHING_KNOWN = Version()


@dataclass(frozen=True)
class Response:
    """What came of a request: found (200, with `content`), unchanged (304), or gone (`GONE`).

    `version.address` is where redirects led; `media_type` and `charset` are as the server
    states them, in lower case.
    """

    status: int
    version: Version
    content: bytes = b""
    media_type: str = ""
    charset: str | None = None


@dataclass
class _Host:
    """What is known of a host in this run."""

    rules: Protego | None = None
    free_at: float = 0.0
    failures: int = 0
    last_failure: str = ""
    last_cause: Cause | None = None


@dataclass
class Fetcher:
    """Asks for addresses, one after the other.

    `contact` is told to the sites in the User-Agent. `private_hosts` need not be public. `requests` and
    `bytes_received` count what was asked and what came, bodies as they were sent.
    """

    contact: str
    delay_seconds: float
    private_hosts: Collection[str] = frozenset()
    limits: FetchLimits = FetchLimits()
    resolve: Resolve = resolve
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    bytes_received: int = 0
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _trust: ssl.SSLContext = field(default_factory=cache(ssl.create_default_context))

    def get(
        self,
        address: str,
        hosts: Collection[str] | None,
        known: Version = NOTHING_KNOWN,
        expected: Expected = "document",
    ) -> Response:
        """Return what is at an address: found, unchanged since `known`, or gone.

        Redirects are followed within `hosts`; None: to any. A failure that may pass is tried once more.

        Raises: AddressNotFetched saying why not; ContentRefused if it is too large;
            DisallowedByRobots; SiteUnreachable.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            if hosts is not None and site_of(address) not in hosts:
                raise AddressNotFetched(
                    f"it leads to {address}, on a host that isn't among those of its source. "
                    f'If it is meant, add "{site_of(address)}" to its hosts.'
                )
            if not self._rules(address).can_fetch(address, AGENT):
                raise DisallowedByRobots(f"robots.txt of {site_of(address)} disallows {address}.")
            still_known = known if known.address == address else NOTHING_KNOWN
            response, leads_to = self._twice(address, still_known, expected)
            if leads_to is None:
                return response
            address = _redirected(address, leads_to)
        raise AddressNotFetched(f"more than {_MOST_REDIRECTS} redirects, at last to {address}.")

    def _rules(self, address: str) -> Protego:
        host = self._host(address)
        if host.rules is None:
            content = self._read_rules(address).decode("utf-8", "replace")
            host.rules = Protego.parse(content.removeprefix("\ufeff"))
        return host.rules

    def _read_rules(self, address: str) -> bytes:
        # RFC 9309 (2.3.1.2): the rules a host redirects to are its own, wherever they are; with more
        # redirects, and where there are none (2.3.1.3), all is allowed.
        at = normal_address("/robots.txt", address) or address
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                response, leads_to = self._twice(at, NOTHING_KNOWN, "rules")
            except SiteUnreachable as error:
                # Not knowing the rules is no leave to break them.
                raise SiteUnreachable(
                    f"its robots.txt can't be read: {error}", cause=error.cause or "robots"
                ) from error
            except AddressNotFetched as error:
                if error.status is not None and 400 <= error.status < 500:
                    break
                raise
            if leads_to is None:
                return response.content
            at = _redirected(at, leads_to)
        return b""

    def _twice(self, address: str, known: Version, expected: Expected) -> tuple[Response, str | None]:
        host = self._host(address)
        if host.failures >= _GIVE_UP_AFTER:
            raise SiteUnreachable(
                f"{site_of(address)} was not asked any more after {_GIVE_UP_AFTER} failures in a row; "
                f"the last: {host.last_failure}",
                cause=host.last_cause,
            )
        try:
            try:
                found = self._once(address, known, expected)
            except SiteUnreachable as first:
                self.sleep(min(first.retry_after or self.limits.back_off_seconds, _LONGEST_BACK_OFF_SECONDS))
                found = self._once(address, known, expected)
        except SiteUnreachable as error:
            if error.status is None or error.status in _OF_ALL_PAGES or expected == "rules":
                host.failures += 1
                host.last_failure, host.last_cause = str(error), error.cause
            raise
        host.failures = 0
        return found

    def _once(self, address: str, known: Version, expected: Expected) -> tuple[Response, str | None]:
        """Return the response to a request, and where it redirects to, if it does."""
        if expected == "link":
            try:
                return self._sent("HEAD", address, known, expected)
            except SiteUnreachable:
                raise
            except AddressNotFetched:
                pass  # some servers know no HEAD
        return self._sent("GET", address, known, expected)

    def _sent(
        self, method: str, address: str, known: Version, expected: Expected
    ) -> tuple[Response, str | None]:
        if (pause := self._host(address).free_at - time.monotonic()) > 0:
            self.sleep(pause)
        self.requests += 1
        deadline = time.monotonic() + self.limits.seconds
        silence = dict.fromkeys(("connect", "read", "write", "pool"), self.limits.silence_seconds)
        try:
            with (
                httpcore.ConnectionPool(
                    ssl_context=self._trust,
                    network_backend=GuardedBackend(self.private_hosts, deadline, self.resolve),
                ) as pool,
                pool.stream(
                    method, address, headers=self._headers(address, known), extensions={"timeout": silence}
                ) as response,
            ):
                headers = dict(httpx.Headers(response.headers).multi_items())
                if response.status in _REDIRECTS:
                    return Response(response.status, Version(address)), headers.get("location", "")
                return self._answer(address, response, headers, known, expected), None
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise SiteUnreachable(
                f"it did not come within {self.limits.silence_seconds:g} seconds of silence or "
                f"{self.limits.seconds:g} in all.",
                cause="silent",
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            failed = f"the connection failed ({error or type(error).__name__})."
            raise SiteUnreachable(failed, cause=_cause(error)) from error
        finally:
            self._host(address).free_at = time.monotonic() + self._delay(address)

    def _answer(
        self,
        address: str,
        response: httpcore.Response,
        headers: Mapping[str, str],
        known: Version,
        expected: Expected,
    ) -> Response:
        status = response.status
        if status == 304 and known.known:
            return Response(304, known)
        if status in _PASSING:
            raise SiteUnreachable(
                f"the server answers {status}.", status, _seconds(headers.get("retry-after"))
            )
        if status in GONE and expected in ("document", "listing"):
            return Response(status, Version(address))
        if status != 200:
            raise AddressNotFetched(f"the server answers {status}.", status)
        if expected == "link":
            return Response(200, Version(address))
        media_type, _, rest = headers.get("content-type", "").lower().partition(";")
        charset = _CHARSET.search(rest)
        limit = self._limit(media_type.strip(), expected)
        content = self._body(response, headers, limit, cut=expected == "rules")
        version = Version(address, _sendable(headers.get("etag")), _sendable(headers.get("last-modified")))
        return Response(200, version, content, media_type.strip(), charset[1] if charset else None)

    def _body(self, response: httpcore.Response, headers: Mapping[str, str], limit: int, cut: bool) -> bytes:
        """Read a body up to a limit, which holds for what it unpacks to as well; `cut` there, or refused."""
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
            raise AddressNotFetched(f"it is sent packed as {encoding}, which was not asked for.")
        stated = headers.get("content-length", "")
        if stated.isascii() and stated.isdigit() and int(stated) > limit and not cut:
            raise _too_large(limit)  # before it is transferred
        content = bytearray()
        for chunk in response.iter_stream():
            self.bytes_received += len(chunk)
            content += chunk
            if len(content) > limit:
                break
        if encoding not in ("identity", ""):
            content = bytearray(unpacked(bytes(content), limit))
        if len(content) > limit and not cut:
            raise _too_large(limit)
        return bytes(content[:limit])

    def _limit(self, media_type: str, expected: Expected) -> int:
        if expected == "rules":
            return _ROBOTS_BYTES
        if expected == "listing":
            return self.limits.listing_bytes
        # Servers that aren't set up for PDFs send them as application/octet-stream or as nothing.
        may_be_pdf = media_type.startswith(("application/", "binary/")) or not media_type
        return self.limits.pdf_bytes if may_be_pdf else self.limits.page_bytes

    def _headers(self, address: str, known: Version) -> list[tuple[str, str]]:
        headers = [
            ("Host", site_of(address)),
            ("User-Agent", f"{AGENT}/{__version__} (+{self.contact.encode('ascii', 'ignore').decode()})"),
            ("Accept", "text/html, application/xhtml+xml, application/xml, application/pdf, */*;q=0.5"),
            ("Accept-Encoding", "gzip"),
        ]
        if known.etag:
            headers.append(("If-None-Match", known.etag))
        if known.last_modified:
            headers.append(("If-Modified-Since", known.last_modified))
        return headers

    def _delay(self, address: str) -> float:
        rules = self._host(address).rules
        asked = 0.0 if rules is None else float(rules.crawl_delay(AGENT) or 0.0)
        return max(self.delay_seconds, min(asked, _LONGEST_DELAY_SECONDS))

    def _host(self, address: str) -> _Host:
        return self._hosts.setdefault(site_of(address), _Host())


def unpacked(packed: bytes, limit: int) -> bytes:
    """Return what gzip or deflate packed, up to one byte beyond a limit. Raises: AddressNotFetched."""
    try:
        return zlib.decompressobj(47).decompress(packed, limit + 1)
    except zlib.error as error:
        raise AddressNotFetched("it is damaged: it can't be unpacked.") from error


_CAUSES: dict[type[BaseException], Cause] = {
    socket.gaierror: "unknown_name",
    UnicodeError: "unknown_name",
    ConnectionRefusedError: "refused",
    ssl.SSLCertVerificationError: "certificate",
}


def _cause(error: BaseException | None) -> Cause | None:
    """Return what a failed connection comes from, which httpcore hides behind an error of its own."""
    while error is not None:
        for known, cause in _CAUSES.items():
            if isinstance(error, known):
                return cause
        error = error.__context__
    return None


def _too_large(limit: int) -> ContentRefused:
    return ContentRefused(f"it is larger than {limit / MEGABYTE:g} MB.")


def _redirected(address: str, leads_to: str) -> str:
    target = normal_address(leads_to, address) if leads_to else None
    if target is None:
        raise AddressNotFetched(f"it redirects to {leads_to!r}, which is no web address.")
    if address.startswith("https:") and target.startswith("http:"):
        raise AddressNotFetched(f"it redirects from an encrypted connection to {target}.")
    return target


def _sendable(header: str | None) -> str | None:
    """Return a header that can be sent back as it came."""
    return header if header and header.isascii() and header.isprintable() else None


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After: seconds, or a date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, or one of a year that there isn't
        return None
