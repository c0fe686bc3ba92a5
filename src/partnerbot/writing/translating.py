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
from partnerbot.answering.mentions import Known, find_word
from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, TITLE
from partnerbot.documents.orders import gives_orders
from partnerbot.writing.asking import ChatAsker, Patience
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.facts import Place, where_values
from partnerbot.writing.prompts import fence, translation_prompt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verifier, has_markup, in_language, judged

_LINE = re.compile(
    r"^\s*(?:==\w+==\s*)?[\[【［(](\d+)[\]】］)]:?[ \t]*(?:\([^()\n]*\)[ \t]*\n)?\s*(?!==)(\S.*?)\s*$",
    re.MULTILINE,
)
"""A quote's number and its translation, on the same line or the next; small models repeat the marks."""

_MARK = re.compile(r"^\s*==\w+==.*$", re.MULTILINE)

_LONGEST = 4.0
"""Times a quote's own length in characters: Japanese grows threefold in Latin letters, and no more."""


def translated(
    citations: Sequence[Citation],
    language: str,
    known: Known,
    asker: ChatAsker,
    judge: SupportJudge,
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
        and judged(partial(is_faithful, found[citation.number], language, citation, known, judge), False)
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
    translation: str, language: str, citation: Citation, known: Known, judge: SupportJudge
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
    whole = Document(page_content=citation.quote, metadata=about)
    beside = Verifier([Excerpt(1, whole, ((0, len(citation.quote)),))], judge, known)
    quote, turned = beside.said(citation.quote, citation.language), beside.said(translation, language)
    nothing = beside.said("", language)
    return (
        where_values(quote, Place(turned, nothing, nothing, citation.published)) is not None
        and all(
            find_word(quote.text[start:end], translation, known.spellings)
            for name in quote.names
            for start, end in name.words
        )
        and bool(beside.carried(turned, beside.excerpts).quotes)
    )
