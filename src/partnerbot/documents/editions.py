"""Which documents are editions of one article: the article itself and its translations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from langchain_core.documents import Document

from partnerbot.documents.metadata import ALTERNATES, LANGUAGE, SOURCE, TRANSLATION_OF, URL

Pair = tuple[str, str]
"""Sources of two documents that are editions of one article."""


def stated_pairs(documents: Iterable[Document]) -> list[Pair]:
    """Return the pairs that owners and sites state, by `translation_of` and by hreflang.

    `translation_of` may name a document by its source or its public address. Web pages must
    name each other: a page whose language menu leads to the other language's home page would
    else be taken for its translation.
    """
    known = list(documents)
    by_address = _unambiguous(known)
    sources = {document.metadata[SOURCE] for document in known}
    pairs: dict[Pair, None] = {}
    named: set[Pair] = set()
    for document in known:
        own = document.metadata[SOURCE]
        original = document.metadata.get(TRANSLATION_OF)
        original = original if original in sources else by_address.get(original or "")
        if original is not None and original != own:
            pairs[original, own] = None
        alternates = document.metadata.get(ALTERNATES)
        for address in json.loads(alternates) if alternates else ():
            other = by_address.get(address)
            if other is not None and other != own:
                named.add((own, other))
    pairs |= dict.fromkeys(pair for pair in sorted(named) if pair[::-1] in named and pair[0] < pair[1])
    return list(pairs)


def editions(documents: Iterable[Document], close: Iterable[Pair]) -> dict[str, str]:
    """Return what a document and its other editions have in common, by source; none for single documents.

    `close`: pairs of very close texts in two languages, the closest first. What is stated
    counts before them, and they never join two documents of one language.
    """
    known = list(documents)
    languages = {document.metadata[SOURCE]: document.metadata[LANGUAGE] for document in known}
    groups = {source: [source] for source in languages}
    for first, second in stated_pairs(known):
        _join(groups, first, second)
    for first, second in close:
        spoken = [languages[source] for source in (*groups[first], *groups[second])]
        if groups[first] is not groups[second] and len(set(spoken)) == len(spoken):
            _join(groups, first, second)
    return {source: min(group) for source, group in groups.items() if len(group) > 1}


def _join(groups: dict[str, list[str]], first: str, second: str) -> None:
    if groups[first] is not groups[second]:
        joined = groups[first] + groups[second]
        for source in joined:
            groups[source] = joined


def _unambiguous(documents: Iterable[Document]) -> Mapping[str, str]:
    """Return the sources by public address, of those addresses that one document has."""
    found: dict[str, list[str]] = {}
    for document in documents:
        address = document.metadata.get(URL)
        if address is not None:
            found.setdefault(address, []).append(document.metadata[SOURCE])
    return {address: sources[0] for address, sources in found.items() if len(sources) == 1}
