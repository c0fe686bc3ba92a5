"""Has a name or a number taken another's place?

Told from what facts.py found: where the quote gives each name of a statement. A name may stand in for one
that the quote has, or two may have changed their order; a place and what is none, such as a person, aren't
taken for each other. A number may count something else: "17 French towns and 28 Japanese ones" has every
number and name of "28 French towns and 17 Japanese ones".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from partnerbot.answering.mentions import Name, Span
from partnerbot.answering.values import Value
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.facts import Place, Placed, are_kin, says
from partnerbot.writing.said import Said

_JOINT = re.compile(
    r"\s*(?:、|・|&|et|and|und|y|e|と|及び|および|[–-])\s*(?:(?:la|le|les|the|de|du|d['’])\s*)*", re.I
)
_BESIDE = 5
"""Tokens beside a number that tell what it counts."""

_CLEARLY = 0.12
"""Mean match by which another number's words must be nearer for it to be that number's place."""

_ALIKE = 0.35
"""Mean match below which words beside a number are too unlike to be taken for another's."""

_PAUSE = re.compile(r"[,;:、，。；：.!?()（）]")


def places_changed(statement: Said, place: Place, placed: Sequence[Placed]) -> bool:
    """True if a name or number of the statement stands where another does in the sentence.

    `placed`: the statement's names, and where they were found.
    """
    return (
        _stands_in_for_another(statement, place, placed)
        or _is_in_another_order(statement, place.main, placed)
        or counts_another(statement, place.main)
    )


def _is_in_another_order(statement: Said, main: Said, placed: Sequence[Placed]) -> bool:
    """True if two names of a kind stand in the other order, in languages that order a sentence alike."""
    if EAST_ASIAN & {statement.language, main.language}:
        return False
    single: dict[tuple[Span, ...], Placed] = {}
    for each in placed:
        if each.part == "main" and _is_one(each.spans):
            single.setdefault(each.spans, each)
    for one, other in combinations(single.values(), 2):
        first, second = one.spans[0], other.spans[0]
        if (
            second[0] < first[0]
            and main.is_place(first) == main.is_place(second)
            and not _JOINT.fullmatch(statement.text[one.name.end : other.name.start])
            and not _JOINT.fullmatch(main.text[other.spans[-1][1] : first[0]])
        ):
            return True
    return False


def _is_one(spans: Sequence[Span]) -> bool:
    """True if the spans are the words of one name, and not two mentions."""
    return all(right[0] - left[1] <= 4 for left, right in pairwise(spans))


def _overlap(name: Name, span: Span) -> bool:
    return name.start < span[1] and span[0] < name.end


def _stands_in_for_another(statement: Said, place: Place, placed: Sequence[Placed]) -> bool:
    """True if the sentence names something else where the statement names what stands only around it."""
    main = place.main
    taken = [span for one in placed if one.part == "main" for span in one.spans]
    left_out = {
        main.is_place((name.start, name.end))
        for name in main.names
        if not any(_overlap(name, span) for span in taken)
        and not all(statement.has_as_word(main, word) for word in name.words)
    }
    return any(
        one.part != "main" and statement.is_place((one.name.start, one.name.end)) in left_out
        for one in placed
    )


def counts_another(statement: Said, quote: Said) -> bool:
    """True if a number of the statement stands beside the words of another number of the quote.

    Where the statement has the other number too, the two must fit better the other way round: « A compte
    300 habitants, et B 4 500 » leaves out a noun, and its second number has only the first one's words.
    """
    said, mine = quote.amounts, statement.amounts
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
        return not _PAUSE.search(gap) and not any(low < b and a < high for a, b in taken)

    return [i for i in (*before, *after) if joined(i)]


def _match(words: TokenStates, mine: Sequence[int], quoted: TokenStates, theirs: Sequence[int]) -> float:
    if not theirs:
        return 0.0
    similar = (words.vectors[list(mine)] @ quoted.vectors[list(theirs)].T).max(axis=1)
    weights = words.weights[list(mine)]
    return float((similar * weights).sum() / weights.sum())
