"""What is denied of two things that are told apart: "the mill and not the barn", 「市長ではなく知事」.

Both texts have both words, and a denial; which of them it is that is denied tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import numpy as np

from partnerbot.answering.mentions import Span
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.polarity import (
    NOT_ONLY,
    clauses_of_quote,
    denies,
    differs,
    is_denying,
    says_an_opposite,
)
from partnerbot.writing.support import words_between

_DENIED = {
    "fr": re.compile(
        r"(?:,|(?<!\w)et|(?<!\w)mais)\s(?:et\s|mais\s)?(?:non|pas)\s(?:pas\s)?(?P<after>[^,;:.()]+)"
        r"|(?<!\w)(?:non\s(?:pas\s)?|pas\s)(?P<before>[^;:.()]{2,80}?),?\s(?=mais\b|qui\b)"
        r"|(?<!\w)(?:plutôt que|au lieu)\s(?:de\s|d['’])?(?P<instead>[^,;:.()]+)"
        r"|(?<!\w)(?:contrairement (?:à|aux?)|à la différence (?:de|du|des))\s(?P<unlike>[^,;:.()]+)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:,|\band|\bbut)\s(?:and\s|but\s)?not\s(?P<after>[^,;:.()]+)"
        r"|\bnot\s(?P<before>[^;:.()]{2,80}?),?\s(?=but\b|who\b)"
        r"|\b(?:rather than|instead of)\s(?P<instead>[^,;:.()]+)"
        r"|\b(?:unlike|in contrast (?:to|with)|as opposed to)\s(?P<unlike>[^,;:.()]+)",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"(?P<before>[^、。；：「」はがも]{1,20})(?:では|じゃ|で)なく(?!な)"
        r"|(?P<unlike>[^、。；：「」はがも]{1,20})とは?(?:違|異な|ちが)(?:い|って|り|、)"
    ),
}
"""What one of two things is denied by, and where it stands. A verb that is denied is polarity's."""

_ALIKE = 0.5
_TELLING = 4.0
"""Nats of rarity from which a word is none of "by", "in" and the like, which stand on either side."""


def says_otherwise(
    statement: str, language: str, words: TokenStates, quote: str, quote_language: str, quoted: TokenStates
) -> str | None:
    """Return "negation" or "opposite" if the statement denies what the quote affirms, or the other way round.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    mine, theirs = _denied(statement, language), _denied(quote, quote_language)
    if mine or theirs:
        similar = words.vectors @ quoted.vectors.T
        if _is_affirmed(quoted, theirs, similar.T, words, statement, language, mine) or _is_affirmed(
            words, mine, similar, quoted, quote, quote_language, theirs
        ):
            return "negation"
        statement, quote = _without(statement, language), _without(quote, quote_language)
        if _turns(statement, language) and _speaks_of(theirs, similar, words, quoted):
            return None
    if says_an_opposite(statement, language, quote, quote_language):
        return "opposite"
    return "negation" if differs(statement, language, words, quote, quote_language, quoted) else None


def _turns(text: str, language: str) -> bool:
    return denies(text, language) or is_denying(text, language)


def _speaks_of(denied: list[Span], similar: np.ndarray, words: TokenStates, quoted: TokenStates) -> bool:
    """True if a word of the statement stands for one of what the quote denies."""
    inside = {i for span in denied for i in words_between(quoted, *span) if quoted.weights[i] >= _TELLING}
    near = similar.argmax(axis=1)
    return any(
        near[i] in inside and similar[i, near[i]] >= _ALIKE
        for i in range(len(words.spans))
        if words.weights[i] >= _TELLING
    )


def _is_affirmed(
    words: TokenStates,
    denied: list[Span],
    similar: np.ndarray,
    others: TokenStates,
    other: str,
    language: str,
    denied_there: list[Span],
) -> bool:
    """True if a word of what is denied stands in a part of the other text that denies nothing."""
    inside = {i for span in denied for i in words_between(words, *span) if words.weights[i] >= _TELLING}
    for i in inside:
        near = int(similar[i].argmax())
        if similar[i, near] < _ALIKE or int(similar[:, near].argmax()) not in inside:
            continue
        at = others.spans[near][1] - 1
        clause = next((one for one in clauses_of_quote(other) if one[0] <= at < one[1]), (0, len(other)))
        said = other[slice(*clause)]
        if any(start <= at < end for start, end in denied_there):
            continue
        contrasted = any(clause[0] <= start < clause[1] for start, _ in denied_there)
        if contrasted or not _turns(said, language):
            return True
    return False


def _denied(text: str, language: str) -> list[Span]:
    return list(
        chain.from_iterable(
            [match.span(name) for name, said in match.groupdict().items() if said]
            for match in _matches(text, language)
        )
    )


def _without(text: str, language: str) -> str:
    """The text with blanks for what is denied of two things, and for what denies it."""
    for match in _matches(text, language):
        text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return text


def _matches(text: str, language: str) -> Iterator[re.Match[str]]:
    if language in _DENIED:
        yield from _DENIED[language].finditer(NOT_ONLY.sub(lambda found: "_" * len(found[0]), text))
