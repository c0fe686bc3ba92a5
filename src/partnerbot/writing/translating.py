"""Quotes in another language with a translation by the model, to be read below the original.

A translation that leaves out or adds a number, a date or a name, denies what the quote affirms or means
something else is not shown: the quote says what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from langchain_core.documents import Document

from partnerbot.answering.answer import Citation
from partnerbot.answering.mentions import Known, find_word, names_in
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, TITLE
from partnerbot.documents.orders import gives_orders
from partnerbot.index.spellings import Spellings
from partnerbot.writing.asking import ChatAsker, Patience
from partnerbot.writing.facts import Surroundings, check_facts
from partnerbot.writing.gates import has_markup, in_language
from partnerbot.writing.prompts import fence, translation_prompt
from partnerbot.writing.verdicts import Verifier, judged

_LINE = re.compile(
    r"^\s*(?:==\w+==\s*)?[\[【［(](\d+)[\]】］)]:?[ \t]*(?:\([^()\n]*\)[ \t]*\n)?\s*(?!==)(\S.*?)\s*$",
    re.MULTILINE,
)
"""A quote's number and its translation, on the same line or the next; small models repeat the marks."""

_MARK = re.compile(r"^\s*==\w+==.*$", re.MULTILINE)

_NO_NAMES = Known(Spellings([]), {})
_LONGEST = 4.0
"""Times a quote's own length in characters: Japanese grows threefold in Latin letters, and no more."""


def translated(
    citations: Sequence[Citation],
    language: str,
    known: Known,
    asker: ChatAsker,
    verifier: Verifier,
    patience: Patience,
) -> list[Citation]:
    """Return the citations, those in another language with a translation where a right one came.

    Raises: NoAnswerFromModel; VisitorLeft.
    """
    foreign = [citation for citation in citations if citation.language != language]
    if not foreign:
        return list(citations)
    quotes = {citation.number: (citation.quote, citation.language) for citation in foreign}
    written, is_whole = asker.text(translation_prompt(quotes, language, fence()), patience)
    if not is_whole:  # its last line
        written = written[: written.rfind("\n") + 1]
    found = _read(written, list(quotes))
    return [
        citation.model_copy(update={"translation": found[citation.number]})
        if citation.number in quotes
        and citation.number in found
        and judged(partial(is_faithful, found[citation.number], language, citation, known, verifier), False)
        else citation
        for citation in citations
    ]


def _read(written: str, numbers: Sequence[int]) -> dict[int, str]:
    """Return what was written by number; a single quote needs none."""
    found = {int(number): text for number, text in reversed(_LINE.findall(written))}
    if not found and len(numbers) == 1:
        return {numbers[0]: " ".join(_MARK.sub("", written).split())}
    return found


def is_faithful(
    translation: str, language: str, citation: Citation, known: Known, verifier: Verifier
) -> bool:
    """True if a translation is in the language, keeps the quote's numbers, dates and names, and means it."""
    if (
        has_markup(translation)
        or not in_language(translation, language)
        or gives_orders(translation)
        or len(translation) > _LONGEST * len(citation.quote) + 40
    ):
        return False
    about = {TITLE: citation.title, LANGUAGE: citation.language, PUBLISHED: citation.published}
    quote = Document(page_content=citation.quote, metadata=about)
    turned = Surroundings(translation, "", "", language, citation.published)
    return (
        _has_values(citation, turned)
        and all(
            find_word(citation.quote[start:end], translation, known.spellings)
            for name in names_in(citation.quote, citation.language, known)
            for start, end in name.words
        )
        and verifier.chance_beside(translation, language, quote, known) is not None
    )


def _has_values(citation: Citation, turned: Surroundings) -> bool:
    """True if every value of the quote stands in the translation."""
    found = check_facts(citation.quote, citation.language, turned, _NO_NAMES, lambda _: True)
    return found.reason != "value"
