"""Addresses of web pages in one form, and the sites they belong to."""

import re
from fnmatch import fnmatchcase
from urllib.parse import unquote

import httpx

from partnerbot.documents.normal_forms import normal_form

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
_LONGEST = 2_000
"""Characters; longer addresses come from loops in a site's links."""


def normal_address(address: str, base: str | None = None) -> str | None:
    """Return a page's address in one form, or None if it is none that may be fetched.

    Lower-case host, international names and characters encoded, no fragment, no port that
    its scheme implies. What is encoded stays so, but for letters and digits (RFC 3986, 6.2.2).
    `base` completes an address that is relative to it.

    >>> normal_address("HTTPS://www.example.org/r%e9sum%E9%2F%61")
    'https://www.example.org/r%E9sum%E9%2Fa'
    """
    address = address.strip()
    if len(address) > _LONGEST:
        return None
    try:
        url = httpx.URL(address)
        if base is not None:
            url = httpx.URL(base).join(url)
        if url.scheme not in _DEFAULT_PORTS or not url.host or url.userinfo:
            return None
        # Not by `url.path`, which is decoded: what %2F or %E9 stood for would be lost.
        path = _ESCAPED.sub(_plainest, url.raw_path.decode("ascii")).replace("\\", "%5C")
        text = str(url.copy_with(fragment=None, raw_path=path.encode("ascii")))
    except (httpx.InvalidURL, ValueError, TypeError):
        return None
    return text if len(text) <= _LONGEST else None


def _plainest(escaped: re.Match[str]) -> str:
    character = chr(int(escaped[0][1:], 16))
    is_unreserved = character.isascii() and (character.isalnum() or character in "-._~")
    return character if is_unreserved else escaped[0].upper()


def site_of(address: str) -> str:
    """Return the host of a normal address, with its port unless its scheme implies it.

    >>> site_of("https://www.example.org/fr/")
    'www.example.org'
    """
    return httpx.URL(address).netloc.decode("ascii")


def site_name(host: str, port: int) -> str:
    """Return what `site_of` returns for addresses at a host and port."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port in _DEFAULT_PORTS.values() else f"{shown}:{port}"


def matches(address: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether the path and query of an address fit one of the patterns, where * is anything.

    >>> matches("https://www.example.org/fr/news?id=3", ("/fr/*",))
    True
    >>> matches("https://www.example.org/actualit%C3%A9s/1", ("/actualités/*",))
    True
    """
    path = _readable(httpx.URL(address).raw_path.decode("ascii"))
    return any(fnmatchcase(path, _readable(pattern)) for pattern in patterns)


def _readable(text: str) -> str:
    """Write a path or pattern as people do, whether it is encoded or not."""
    return normal_form("NFC", unquote(text))
