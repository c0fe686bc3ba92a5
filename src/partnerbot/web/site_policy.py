"""What another site's page forbids itself: reads Content-Security-Policies as browsers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import SplitResult, urlsplit

HEADER = "Content-Security-Policy"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Policy:
    """One policy: the sources of each directive, by its name."""

    directives: dict[str, list[str]]

    @classmethod
    def read(cls, text: str) -> Policy:
        """Read a policy as a header or a page states it. The first of two equal directives counts."""
        found: dict[str, list[str]] = {}
        for directive in text.split(";"):
            name, *sources = directive.lower().split() or [""]
            found.setdefault(name, sources)
        return cls(found)

    def first(self, *names: str) -> list[str] | None:
        """Return the sources of the first directive that is there; None if none is."""
        return next((self.directives[name] for name in names if name in self.directives), None)


def matches(sources: Sequence[str], address: str, own: str) -> bool:
    """Say whether sources let an address through, on a page of the origin `own`."""
    return any(_fits(source, urlsplit(address), urlsplit(own)) for source in sources)


def _fits(source: str, asked: SplitResult, own: SplitResult) -> bool:
    if source == "'self'":
        return (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
    if source.startswith("'"):  # a nonce, a hash or a keyword: of inline scripts, not of addresses
        return False
    if source == "*":
        return True
    if source.endswith(":"):
        return _scheme_fits(source[:-1], asked.scheme)
    return _host_fits(source, asked, own.scheme)


def _scheme_fits(stated: str, scheme: str) -> bool:
    return stated == scheme or (stated == "http" and scheme == "https")


def _host_fits(source: str, asked: SplitResult, own_scheme: str) -> bool:
    scheme, separator, rest = source.rpartition("://")
    if not _scheme_fits(scheme if separator else own_scheme, asked.scheme):
        return False
    place, slash, path = rest.partition("/")
    host, port = _host_and_port(place)
    wanted = asked.hostname or ""
    if not (host == wanted or (host.startswith("*.") and wanted.endswith(host[1:]))):
        return False
    given = asked.port or _PORTS[asked.scheme]
    if port not in ("*", str(given)) and not (port == "" and given == _PORTS[asked.scheme]):
        return False
    path = slash + path
    return path in ("", "/", asked.path) or (path.endswith("/") and asked.path.startswith(path))


def _host_and_port(place: str) -> tuple[str, str]:
    host, colon, port = place.rpartition(":")
    if not colon or place.endswith("]"):
        host, port = place, ""
    return host.strip("[]"), port


@dataclass
class _StatedPolicies(HTMLParser):
    """The policies that a page states in its own markup."""

    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = {name: value or "" for name, value in attrs}
        if tag == "meta" and stated.get("http-equiv", "").lower() == HEADER.lower():
            self.found.append(stated.get("content", ""))


def stated_in_markup(html: str) -> list[str]:
    """Return the policies in a page's <meta http-equiv>."""
    reader = _StatedPolicies()
    reader.feed(html)
    return reader.found
