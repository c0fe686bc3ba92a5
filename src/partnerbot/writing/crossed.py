"""Have the two sides of a verb or a comparison changed places, where no name tells it?

"The bank lent the town three million" has all words of "the town lent the bank three million". French and
English put who does it before the verb; a comparison has what is compared before it and behind it.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from partnerbot.answering.mentions import Span
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.participants import are_told_alike
from partnerbot.writing.support import words_between

_PAUSE = re.compile(r"[,;:.()«»\"]|\b(?:and|but|while|et|mais)\b")
_PASSIVE = re.compile(r"\b(?:by|par|was|were|been|été)\b", re.IGNORECASE)
_LESS = re.compile(
    r"\b(?:less|fewer|half|moins|moitié|smaller|shorter|younger|lower|cheaper)\b|半分|少な|小さ|低|短|若|安",
    re.IGNORECASE,
)
_COMPARES = {
    "en": re.compile(
        r"\b(?:(?:more|less|fewer|as\s\w+)\b[^.,;:]{0,30}?|[a-z]{3,}er\s(?:\w+\s)?)\b(?:than|as)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(r"\b(?:plus|moins|aussi|autant)\b[^.,;:]{0,30}?\bqu(?:e\b|['’])", re.IGNORECASE),
    "ja": re.compile(r"(?P<left>[^、。はが]{1,20})[はが](?P<right>[^、。はが]{1,20})より"),
}
_VERB = {
    "en": re.compile(
        r"\b(?:[a-z]{2,}ed|began|bought|brought|built|chose|drew|found|gave|held|led|left|lent|made|paid|sold"
        r"|sent|taught|told|took|won|wrote)\b"
    ),
    "fr": re.compile(r"(?:(?<=\ba\s)|(?<=\bont\s)|(?<=\bavait\s))\w+"),
}
_TELLING = 4.0
"""Nats of rarity from which a word is no article or auxiliary."""

_SAME, _CLEARLY = 0.55, 0.1
_SAME_VERB = 0.3
"""Cosine from which two verbs may mean the same in two languages: « prêté », "lent"."""


@dataclass(frozen=True, eq=False)
class _Text:
    said: str
    language: str
    words: TokenStates

    def telling(self, span: Span) -> list[int]:
        """The tokens of a part that say something."""
        return [i for i in words_between(self.words, *span) if self.words.weights[i] >= _TELLING]


@dataclass(frozen=True)
class _Sides:
    """The tokens before and behind a verb or a comparison."""

    left: Set[int]
    right: Set[int]


def sides_changed(
    statement: str, language: str, words: TokenStates, quote: str, quote_language: str, quoted: TokenStates
) -> bool:
    """True if what stands before a verb or a comparison stands behind it in the quote, and the contrary.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    mine, theirs = _Text(statement, language, words), _Text(quote, quote_language, quoted)
    similar = words.vectors @ quoted.vectors.T
    compared, there = _compared(mine), _compared(theirs)
    if compared and there and bool(_LESS.search(statement)) == bool(_LESS.search(quote)):
        return _are_exchanged(compared, there, similar)
    if not are_told_alike(statement, quote):
        return False
    return any(
        _are_exchanged(one, other, similar)
        for verb, one in _verbs(mine)
        for their_verb, other in _verbs(theirs)
        if float(similar[np.ix_(verb, their_verb)].max()) >= _SAME_VERB
    )


def _are_exchanged(one: _Sides, other: _Sides, similar: np.ndarray) -> bool:
    """True if on each side a word is matched by the other side's, and clearly less by its own."""

    def is_across(mine: Set[int], across: Set[int], beside: Set[int]) -> bool:
        if not mine or not across or not beside:
            return False
        rows = similar[sorted(mine)]
        gain = rows[:, sorted(across)].max(axis=1) - rows[:, sorted(beside)].max(axis=1)
        return bool(((rows[:, sorted(across)].max(axis=1) >= _SAME) & (gain > _CLEARLY)).any())

    return is_across(one.left, other.right, other.left) and is_across(one.right, other.left, other.right)


def _compared(text: _Text) -> _Sides | None:
    """Both sides of a comparison: "A costs more than B", 「AはBより高い」; what both have is left out."""
    pattern = _COMPARES.get(text.language)
    found = pattern.search(text.said) if pattern else None
    if not found:
        return None
    if text.language == "ja":
        left, right = found.span("left"), found.span("right")
    else:
        pause = _PAUSE.search(text.said, found.end())
        begins = max((one.end() for one in _PAUSE.finditer(text.said, 0, found.start())), default=0)
        left, right = (begins, found.start()), (found.end(), pause.start() if pause else len(text.said))
    return _Sides(frozenset(text.telling(left)), frozenset(text.telling(right)))


def _verbs(text: _Text) -> list[tuple[list[int], _Sides]]:
    """The verbs of a French or English text that say what was done, with the words on either side."""
    pattern = _VERB.get(text.language)
    found = []
    for verb in pattern.finditer(text.said) if pattern else ():
        before = max((one.end() for one in _PAUSE.finditer(text.said, 0, verb.start())), default=0)
        pause = _PAUSE.search(text.said, verb.end())
        after = pause.start() if pause else len(text.said)
        mine = words_between(text.words, *verb.span())
        if mine and not _PASSIVE.search(text.said, before, after):
            left, right = text.telling((before, verb.start())), text.telling((verb.end(), after))
            found.append((mine, _Sides(frozenset(left[-1:]), frozenset(right))))
    return found
