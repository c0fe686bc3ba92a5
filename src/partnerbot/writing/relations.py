"""Has a name or a number taken another's place?

Told from what facts.py found: where the quote gives each name of a statement. A name may stand in for one
that the quote has, or two may have changed their order; a place and what is none, such as a person, aren't
taken for each other. A number may count something else: "17 French towns and 28 Japanese ones" has every
number and name of "28 French towns and 17 Japanese ones".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from partnerbot.answering.mentions import Name, Span
from partnerbot.answering.values import Value
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.index.texts import Vectors
from partnerbot.writing.facts import Place, Placed, are_kin, says
from partnerbot.writing.said import Said

_JOINT = re.compile(
    r"\s*(?:、|・|&|et|and|und|y|e|と|及び|および|[–-])\s*(?:(?:la|le|les|the|de|du|d['’])\s*)*", re.I
)
_WORDS_BESIDE, _SIGNS_BESIDE = 5, 12
"""On each side of a number, so many words, or signs of a script without spaces, tell what it counts."""

_PAUSE = re.compile(r"[,;:、，。；：.!?()（）]")

Vector = Callable[[str], Vectors]
"""Returns a text's vector, of unit length."""


def places_changed(statement: Said, place: Place, placed: Sequence[Placed], vector: Vector) -> bool:
    """True if a name or number of the statement stands where another does in the sentence.

    `placed`: the statement's names, and where they were found. `vector`: compares what numbers count.
    """
    return (
        _stands_in_for_another(statement, place, placed)
        or _is_in_another_order(statement, place.main, placed)
        or _counts_another(statement, place.main, vector)
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


def _counts_another(statement: Said, quote: Said, vector: Vector) -> bool:
    """True if a number of the statement stands beside words that fit another number of the quote better.

    Where the statement has the other number too, the two must fit better the other way round: « A compte
    300 habitants, et B 4 500 » leaves out a noun, and its second number has only the first one's words.
    """
    mine, theirs = statement.amounts, quote.amounts

    def fit(value: Value, places: Sequence[Value]) -> float:
        counted = _beside(value, mine, statement.text)
        there = [_beside(one, theirs, quote.text) for one in places]
        return max(float(vector(counted) @ vector(one)) if counted and one else 0.0 for one in there)

    for value in mine:
        same = [other for other in theirs if says(value, other)]
        others = [one for one in theirs if one not in same and any(are_kin(one, other) for other in same)]
        if not same or not others or any(says(value, other) for other in others):
            continue
        for other in others:
            gain = fit(value, [other]) - fit(value, same)
            rivals = [one for one in mine if says(one, other)]
            if gain > 0 and all(gain + fit(rival, same) - fit(rival, [other]) > 0 for rival in rivals):
                return True
    return False


def _beside(value: Value, values: Sequence[Value], text: str) -> str:
    """The words next to a value, on both sides, up to a pause or another value; empty if there are none."""
    first = max((one.end for one in values if one.end <= value.start), default=0)
    last = min((one.start for one in values if one.start >= value.end), default=len(text))
    before = _PAUSE.split(text[first : value.start])[-1]
    after = _PAUSE.split(text[value.end : last])[0]
    if is_mainly_unspaced(before + after):
        before, after = before[-_SIGNS_BESIDE:], after[:_SIGNS_BESIDE]
    else:
        before = " ".join(before.split()[-_WORDS_BESIDE:])
        after = " ".join(after.split()[:_WORDS_BESIDE])
    return f"{before.strip()} … {after.strip()}".strip() if before.strip() or after.strip() else ""
