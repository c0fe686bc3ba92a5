"""Does each number of a statement count what it counts in the quote?

"17 French towns and 28 Japanese ones" has every number and name of "28 French towns and 17 Japanese
ones". Where a quote has several numbers that could be taken for each other, the words beside a number
must be matched by the words beside the same number there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnerbot.answering.values import Value
from partnerbot.writing.alignment import Said, TokenStates
from partnerbot.writing.facts import are_kin, says, values_in

_BESIDE = 5
"""Tokens beside a number that tell what it counts."""

_CLEARLY = 0.12
"""Mean match by which another number's words must be nearer for it to be that number's place."""

_ALIKE = 0.35
"""Mean match below which words beside a number are too unlike to be taken for another's."""

_END = re.compile(r"[,;:、，。；：.!?()（）]")


def counts_another(statement: Said, quote: Said) -> bool:
    """True if a number of the statement stands beside the words of another number of the quote.

    Where the statement has the other number too, the two must fit better the other way round: « A compte
    300 habitants, et B 4 500 » leaves out a noun, and its second number has only the first one's words.
    """
    said, mine = (values_in(one.text, one.language) for one in (quote, statement))
    there = [(one, _beside(one, said, quote)) for one in said]

    def fit(value: Value, places: Sequence[Value]) -> float:
        beside = _beside(value, mine, statement)
        if not beside or not float(statement.words.weights[beside].sum()):
            return 0.0
        return max(
            _match(statement.words, beside, quote.words, theirs) for one, theirs in there if one in places
        )

    for value in mine:
        same = [other for other in said if says(value, other)]
        others = [one for one in said if one not in same and any(are_kin(one, other) for other in same)]
        if not same or not others or any(says(value, other) for other in others):
            continue
        for other in others:
            there_instead = fit(value, [other])
            gain = there_instead - fit(value, same)
            rivals = [one for one in mine if says(one, other)]
            if (there_instead > _ALIKE and gain > _CLEARLY) and all(
                gain + fit(rival, same) - fit(rival, [other]) > _CLEARLY for rival in rivals
            ):
                return True
    return False


def _beside(value: Value, values: Sequence[Value], text: Said) -> list[int]:
    """The tokens next to a value, on both sides, up to a pause or another value."""
    words = text.words
    before = [i for i, (_, end) in enumerate(words.spans) if end <= value.start][-_BESIDE:]
    after = [i for i, (start, _) in enumerate(words.spans) if start >= value.end][:_BESIDE]
    taken = [(one.start, one.end) for one in values if one is not value]

    def joined(i: int) -> bool:
        start, end = words.spans[i]
        gap = text.text[end : value.start] if end <= value.start else text.text[value.end : start]
        low, high = min(start, value.start), max(end, value.end)
        return not _END.search(gap) and not any(low < b and a < high for a, b in taken)

    return [i for i in (*before, *after) if joined(i)]


def _match(words: TokenStates, mine: Sequence[int], quoted: TokenStates, theirs: Sequence[int]) -> float:
    if not theirs:
        return 0.0
    similar = (words.vectors[list(mine)] @ quoted.vectors[list(theirs)].T).max(axis=1)
    weights = words.weights[list(mine)]
    return float((similar * weights).sum() / weights.sum())
