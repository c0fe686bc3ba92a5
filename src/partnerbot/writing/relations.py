"""Has a name or a number taken another's place?

Told from what facts.py found: where the quote gives each name of a statement. A name may stand in for one
that the quote has, or two may have changed their order; a number may count something else: "17 French towns
and 28 Japanese ones" has every number and name of "28 French towns and 17 Japanese ones".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from partnerbot.answering.mentions import Known, Name, Span, find_word, names_in
from partnerbot.answering.values import Value
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.writing.alignment import Said, TokenStates
from partnerbot.writing.facts import Placed, Surroundings, are_kin, says, takes_up, values_in

_JOINT = re.compile(
    r"\s*(?:、|・|&|et|and|und|y|e|と|及び|および|[–-])\s*(?:(?:la|le|les|the|de|du|d['’])\s*)*", re.I
)
_FRONTED = re.compile(
    r"^\W*(?:à|au|aux|en|dans|chez|pour|après|avant|depuis|quand|lorsque?|lors|in|at|for|on|after|before|since"
    r"|when|while|following)\b[^,;:]{0,40}$",
    re.IGNORECASE,
)

_BESIDE = 5
"""Tokens beside a number that tell what it counts."""

_CLEARLY = 0.12
"""Mean match by which another number's words must be nearer for it to be that number's place."""

_ALIKE = 0.35
"""Mean match below which words beside a number are too unlike to be taken for another's."""

_PAUSE = re.compile(r"[,;:、，。；：.!?()（）]")


def places_changed(
    statement: Said,
    quote: Said,
    placed: Sequence[Placed],
    around: Surroundings,
    known: Known,
    is_said_otherwise: Callable[[Span], bool],
) -> bool:
    """True if a name or number of the statement stands where another does in the quote.

    `placed`: the statement's names, and where they were found. `around`: what stands around the quote, too.
    `is_said_otherwise`: whether a name of the quote may be an ordinary word, and the statement has it.
    """
    taken = [span for one in placed if one.part == "main" for span in one.spans]
    left_out = [
        name
        for name in names_in(quote.text, quote.language, known)
        if not any(_overlap(name, span) for span in taken) and not all(map(is_said_otherwise, name.words))
    ]
    return (
        _stands_in_for_another(statement.text, placed, left_out, around, known)
        or _is_in_another_order(statement.text, statement.language, placed, around)
        or counts_another(statement, quote)
    )


def _is_in_another_order(
    statement: str, language: str, placed: Sequence[Placed], around: Surroundings
) -> bool:
    """True if two names stand in the other order, in languages that order a sentence alike."""
    if language in EAST_ASIAN or around.language in EAST_ASIAN:
        return False
    single: list[Placed] = []
    for one in placed:
        if one.part == "main" and _is_one(one.spans) and one.spans not in [other.spans for other in single]:
            single.append(one)
    for one, other in combinations(single, 2):
        if _JOINT.fullmatch(statement[one.name.end : other.name.start]):
            continue
        first, second = one.spans[0], other.spans[0]
        if _stands_in_front(around.main, second[0], first[0]) or _stands_in_front(
            statement, one.name.start, other.name.start
        ):
            continue
        apart = around.main[other.spans[-1][1] : first[0]]
        if second[0] < first[0] and not _JOINT.fullmatch(apart):
            return True
    return False


def _stands_in_front(text: str, first: int, second: int) -> bool:
    """True if the first of two names stands in a phrase before the clause of the second: "At A, B ..."."""
    return "," in text[first:second] and bool(_FRONTED.match(text[:first]))


def _is_one(spans: Sequence[Span]) -> bool:
    """True if the spans are the words of one name, and not two mentions."""
    return all(right[0] - left[1] <= 4 for left, right in pairwise(spans))


def _overlap(name: Name, span: Span) -> bool:
    return name.start < span[1] and span[0] < name.end


def _stands_in_for_another(
    statement: str,
    placed: Sequence[Placed],
    left_out: Sequence[Name],
    around: Surroundings,
    known: Known,
) -> bool:
    """True if the sentence names something else where the statement names what stands only around it."""
    strangers = [one for one in placed if one.part != "main"]
    before = names_in(around.before, around.language, known)
    # "The charter of A ... It was signed by B": A is what is spoken of, beside B.
    topic = before[0] if len(before) == 1 and takes_up(around.main) else None
    for one in strangers:
        is_before = one.part == "before"
        if left_out and not (is_before and topic and any(_overlap(topic, span) for span in one.spans)):
            return True
        in_title = all(
            find_word(statement[start:end], around.title, known.spellings) for start, end in one.name.words
        )
        if is_before and before and not in_title and not any(_overlap(before[0], at) for at in one.spans):
            return True
    return False


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
        return not _PAUSE.search(gap) and not any(low < b and a < high for a, b in taken)

    return [i for i in (*before, *after) if joined(i)]


def _match(words: TokenStates, mine: Sequence[int], quoted: TokenStates, theirs: Sequence[int]) -> float:
    if not theirs:
        return 0.0
    similar = (words.vectors[list(mine)] @ quoted.vectors[list(theirs)].T).max(axis=1)
    weights = words.weights[list(mine)]
    return float((similar * weights).sum() / weights.sum())
