"""The addresses that a web page states: its own, those of its translations, and the PDFs it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from lxml import html  # type: ignore[import-untyped]

from partnerbot.documents.front_matter import is_web_address

# Around the article: what a site links to from every page is not the article's.
_AROUND = ("nav", "header", "footer", "aside")
_ANY_LANGUAGE = "x-default"
_BREAKS = re.compile("[\t\n\r]")
_ASCII_SPACE = " \f"
_UNQUOTED = re.compile(r"[\s<>\"]")


def page_links(root: html.HtmlElement, address: str | None) -> dict[str, Any]:
    """Return the addresses that a parsed page states, as fields of what is extracted of it; each once.

    `address`: where the page was found, to complete relative addresses; without it they are left out.
    """
    base = next((found for element in root.iter("base") if (found := element.get("href"))), None)
    start = urljoin(address or "", base or "")
    return {
        "canonical": next(iter(_links(root, start, "canonical")), None),
        "alternates": tuple(dict.fromkeys(_links(root, start, "alternate", of_languages=True))),
        "pdfs": tuple(dict.fromkeys(_pdfs(root, start))),
    }


def _links(root: html.HtmlElement, start: str, relation: str, of_languages: bool = False) -> Iterator[str]:
    for element in root.iter("link"):
        if relation not in (element.get("rel") or "").lower().split():
            continue
        language = (element.get("hreflang") or "").strip().lower()
        # "x-default" is as a rule a page to choose a language on.
        if of_languages and language in ("", _ANY_LANGUAGE):
            continue
        yield from _whole(start, element.get("href"))


def _pdfs(root: html.HtmlElement, start: str) -> Iterator[str]:
    for element in root.iter("a"):
        if any(around.tag in _AROUND for around in element.iterancestors()):
            continue
        for address in _whole(start, element.get("href")):
            if urlsplit(address).path.lower().endswith(".pdf"):
                yield address.partition("#")[0]


def _whole(start: str, href: str | None) -> Iterator[str]:
    # As browsers do: line breaks aren't part of an address, and a space in one is encoded.
    href = _BREAKS.sub("", href or "").strip(_ASCII_SPACE)
    try:
        address = _UNQUOTED.sub(lambda character: quote(character[0]), urljoin(start, href))
    except ValueError:
        return
    if href and is_web_address(address):
        yield address
