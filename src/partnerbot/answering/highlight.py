"""Find the answer inside the sentence that answers, and say it in the asker's way of writing.

A wrong highlight is worse than none: every rule here gives up when two readings remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from babel.lists import format_list

from partnerbot.answering.question_type import AnswerType, counted_noun, expected_answer
from partnerbot.answering.values import (
    PartialDate,
    Value,
    ValueKind,
    find_dates,
    find_numbers,
    format_value,
    same_value,
    writable,
)
from partnerbot.answering.values.cldr import EAST_ASIAN, locale_of
from partnerbot.answering.values.countries import countries_in
from partnerbot.answering.values.widths import half_width
from partnerbot.documents.normal_forms import normal_form


@dataclass(frozen=True, slots=True)
class Located:
    """The answer's place in its sentence: sentence[start:end].

    short_answer: the answer in the question's language; None if it can't be written in it.
    """

    start: int
    end: int
    short_answer: str | None


@dataclass(frozen=True, slots=True)
class _Asked:
    question: str
    language: str
    sentence_language: str
    kind: AnswerType

    @property
    def same_language(self) -> bool:
        return self.language == self.sentence_language


def locate_answer(
    question: str, question_language: str, sentence: str, sentence_language: str
) -> Located | None:
    """Return where the sentence says what the question asks for, or None when unsure.

    The sentence is taken to be one that answers; whether it does is judged elsewhere.
    Languages are BCP 47 codes; they may differ.
    """
    asked = _asked(question, question_language, sentence_language)
    if asked.kind in _VALUES:
        value = _the_one(_value_candidates(asked, sentence), asked, sentence)
        return _worded(value, asked) if value else None
    if asked.kind is AnswerType.COUNTRY:
        return _locate_country(asked, sentence)
    return None


def lacks_answer(question: str, question_language: str, sentence: str, sentence_language: str) -> bool:
    """True if the question asks for a date or number and the sentence says none that could be it.

    Unlike `locate_answer`, a sentence with several candidates does not lack one.
    """
    asked = _asked(question, question_language, sentence_language)
    return asked.kind in _VALUES and not _value_candidates(asked, sentence, by_noun=False)


def _asked(question: str, question_language: str, sentence_language: str) -> _Asked:
    language = _primary(question_language)
    return _Asked(question, language, _primary(sentence_language), expected_answer(question, language))


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


# --- dates and numbers --------------------------------------------------------------------

_DATES = frozenset({ValueKind.DATE, ValueKind.DECADE, ValueKind.CENTURY})
_VALUES: dict[AnswerType, frozenset[ValueKind]] = {
    AnswerType.DATE: _DATES,
    AnswerType.YEAR: _DATES,
    AnswerType.NUMBER: frozenset({ValueKind.NUMBER, ValueKind.MEASURE}),
    AnswerType.DURATION: frozenset({ValueKind.MEASURE}),
    AnswerType.MONEY: frozenset({ValueKind.MONEY}),
    AnswerType.PERCENT: frozenset({ValueKind.PERCENT}),
}

_DAY_ASKED = re.compile(
    r"何日|\bquels? jours?\b|\b(?:what|which) days?\b|welche[mrn]? tag|qué día|quale giorno|que dia"
    r"|며칠|몇 ?일|[几幾哪]一?[日天号]",
    re.IGNORECASE,
)
# "How much of the budget" may be answered by a percentage; "how many of the towns" is counted.
_SHARE_ASKED = re.compile(r"\bhow much\b|\bcombien (?:de l['’]|de la |du )|\bwie ?viel\b", re.IGNORECASE)


def _value_candidates(asked: _Asked, sentence: str, *, by_noun: bool = True) -> list[Value]:
    """The values of the kind asked for that the question does not state itself.

    by_noun: of numbers, only those that count what the question counts.
    """
    if asked.kind in (AnswerType.DATE, AnswerType.YEAR):
        return _date_candidates(asked, sentence)
    return _number_candidates(asked, sentence, by_noun=by_noun)


def _date_candidates(asked: _Asked, sentence: str) -> list[Value]:
    stated = find_dates(asked.question, asked.language)
    dates = [
        date
        for date in find_dates(sentence, asked.sentence_language)
        if not _already_said(date, stated) and not _is_lifetime(date, sentence)
    ]
    if asked.kind is AnswerType.YEAR:
        return [date for date in dates if date.relative or (date.since and date.since.year)]
    if _DAY_ASKED.search(asked.question):
        return [date for date in dates if date.relative or (date.since and date.since.day)]
    return dates


def _already_said(date: Value, stated: Iterable[Value]) -> bool:
    """True if the question states this date, or a finer one within it."""
    if date.relative or date.since is None:
        return any(date.text == other.text for other in stated)
    return any(
        other.since is not None
        and not other.relative
        and date.since.within(other.since)
        and (date.until is None or (other.until is not None and date.until.within(other.until)))
        for other in stated
    )


def _is_lifetime(date: Value, sentence: str) -> bool:
    """True for "(10 November 1483 – 18 February 1546)": who lived when, and no answer as a whole."""
    if not (date.since and date.since.year and date.until and date.until.year and date.until.day):
        return False
    bracketed = sentence[: date.start].rstrip().endswith(("(", "（"))
    return bracketed and date.until.year - date.since.year > 10


def _number_candidates(asked: _Asked, sentence: str, *, by_noun: bool) -> list[Value]:
    kinds = _VALUES[asked.kind]
    if asked.kind is AnswerType.NUMBER and _SHARE_ASKED.search(asked.question):
        kinds |= {ValueKind.PERCENT}
    stated = find_numbers(asked.question, asked.language, with_years=True)
    numbers = [
        number
        for number in find_numbers(sentence, asked.sentence_language)
        if number.kind in kinds and not any(same_value(number, other) for other in stated)
    ]
    if asked.kind is AnswerType.DURATION:
        return [number for number in numbers if number.unit.startswith("duration")]
    counted = counted_noun(asked.question, asked.language)
    if asked.kind is AnswerType.NUMBER and counted and asked.same_language and by_noun:
        counting = [
            number
            for number in numbers
            if number.kind is ValueKind.PERCENT or _counts(number, counted, asked.language, sentence)
        ]
        # "300 inhabitants … and there 4,500": a number without a noun may count the same.
        return [] if any(n.kind is ValueKind.NUMBER and not n.unit for n in numbers) else counting
    return numbers


def _counts(number: Value, counted: str, language: str, sentence: str) -> bool:
    """True if the number's unit, or what follows it, is what the question counts."""
    following = _plain(number.unit)
    if number.kind is ValueKind.MEASURE:
        following = _plain(f"{number.text} {sentence[number.end : number.end + 24]}")
    if language in EAST_ASIAN:
        return counted in following or (bool(number.unit) and number.unit in counted)
    # The noun and what describes it; of short words only the first can be a noun.
    said = {_stem(word) for word in following.split()[:3]}
    nouns = [noun for i, noun in enumerate(counted.split()[:3]) if len(noun) > (4 if i else 2)]
    return any(_stem(noun) in said for noun in nouns)


def _worded(value: Value, asked: _Asked) -> Located:
    """The value in the sentence's words for a reader of its language, else by CLDR; its year if asked."""
    if asked.kind is AnswerType.YEAR and value.kind is ValueKind.DATE and value.since and not value.relative:
        last = PartialDate(value.until.year) if value.until and value.until.year != value.since.year else None
        value = Value(value.start, value.end, value.kind, value.text, PartialDate(value.since.year), last)
    elif asked.same_language:
        return Located(value.start, value.end, half_width(value.text))
    wording = format_value(value, asked.language) if writable(value, asked.language) else None
    return Located(value.start, value.end, wording)


# --- choosing one value -------------------------------------------------------------------

# Limits for choosing one of several values. On sentences that hold the answer, 2 of 31 choices at twice as
# close were wrong, and none of the choices within these.
_CLEARLY_CLOSER = 3.0  # times
_CLOSE_ENOUGH = 0.12  # a shared word within about 7 characters
_CLAUSE_DISTANCE = 50  # characters that a semicolon or colon counts as
_COMMA_DISTANCE = 10


def _the_one(candidates: list[Value], asked: _Asked, sentence: str) -> Value | None:
    """The only candidate, or the one that clearly stands closest to the question's words."""
    distinct: list[Value] = []
    for value in candidates:
        if not any(_same(value, other) for other in distinct):
            distinct.append(value)
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    shared = _shared_words(asked, sentence)
    ranked = sorted(((_closeness(value, shared, sentence), value) for value in distinct), key=lambda r: -r[0])
    (best, value), (second, _) = ranked[:2]
    return value if best >= max(_CLOSE_ENOUGH, _CLEARLY_CLOSER * second) else None


def _same(a: Value, b: Value) -> bool:
    return same_value(a, b) or (a.relative and b.relative and a.text == b.text)


def _closeness(value: Value, shared: list[tuple[int, int]], sentence: str) -> float:
    """Sum over the shared words of 1 / distance in characters; what parts clauses counts as more."""
    total = 0.0
    for start, end in shared:
        between = sentence[end : value.start] if end <= value.start else sentence[value.end : start]
        clauses, commas = len(re.findall("[;:；：]", between)), between.count(",")
        total += 1 / (1 + len(between) + _CLAUSE_DISTANCE * clauses + _COMMA_DISTANCE * commas)
    return total


_WORD = re.compile(r"[^\W\d_]{4,}")
_EAST_ASIAN_RUN = re.compile(r"[ァ-ヶー]{2,}|[一-龠々]{2,}|[A-Za-z]{3,}|[가-힣]{2,}")


def _shared_words(asked: _Asked, sentence: str) -> list[tuple[int, int]]:
    """Where the sentence has words of the question: stems, or pairs of kanji or katakana."""
    if asked.sentence_language in EAST_ASIAN:
        return [
            (i, i + 2)
            for run in _EAST_ASIAN_RUN.finditer(sentence)
            for i in range(run.start(), run.end() - 1)
            if sentence[i : i + 2] in asked.question
        ]
    stems = {_stem(match[0]) for match in _WORD.finditer(asked.question)}
    return [match.span() for match in _WORD.finditer(sentence) if _stem(match[0]) in stems]


def _plain(text: str) -> str:
    """Lower case without accents; kana keep theirs, which are part of the letter."""
    decomposed = normal_form("NFD", text.lower())
    bare = "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")
    return normal_form("NFC", bare)


def _stem(word: str) -> str:
    return _plain(word)[:5].rstrip("s")


# --- countries --------------------------------------------------------------------------------

_LIST_SEPARATOR = re.compile(
    r"[\s,、・]*(?:et|and|und|y|e|と|及び|および)?\s*"
    r"(?:d['’]|d[eu] |des |en |aux? |the |[Ll]['’]|l[ae] |les )*"
)


def _locate_country(asked: _Asked, sentence: str) -> Located | None:
    """The one country named beside those of the question, or the one list of them."""
    stated = {code for *_, code in countries_in(asked.question, asked.language)}
    found = [hit for hit in countries_in(sentence, asked.sentence_language) if hit[2] not in stated]
    codes = list(dict.fromkeys(code for *_, code in found))
    is_one_list = all(_LIST_SEPARATOR.fullmatch(sentence[a[1] : b[0]]) for a, b in pairwise(found))
    if not codes or (len(codes) > 1 and not is_one_list):
        return None
    locale = locale_of(asked.language)
    end = found[0][1] if len(codes) == 1 else found[-1][1]
    names = format_list([locale.territories[code] for code in codes], locale=locale)
    return Located(found[0][0], end, names)
