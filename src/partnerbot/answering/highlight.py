"""The reader's answer as its asker writes it: a date, a number or a country in another language's form.

A wrong value is worse than the document's own words: where two readings remain, those stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from partnerbot.answering.question_type import AnswerType, expected_answer
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
from partnerbot.answering.values.cldr import EAST_ASIAN, country_names, locale_of, weekdays_said
from partnerbot.answering.values.value import DATE_KINDS, half_width
from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.documents.metadata import iso_date


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

    @property
    def kind(self) -> AnswerType:
        return expected_answer(self.question, self.language)


_VALUES: dict[AnswerType, frozenset[ValueKind]] = {
    AnswerType.DATE: DATE_KINDS,
    AnswerType.YEAR: DATE_KINDS,
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


def locate_answer(
    question: str, question_language: str, sentence: str, sentence_language: str, read: tuple[int, int]
) -> Located | None:
    """Return the value or country that the reader's answer is, or None if it is none, or several.

    A value of the kind asked for may be a part of what was read ("300 communes"); any other is the whole of
    it. read: the reader's [start, end) in the sentence. The languages may differ.
    """
    asked = _Asked(question, question_language, sentence_language)
    if asked.kind in _VALUES:
        values = _value_candidates(asked, sentence)
        within = [value for value in values if value.start < read[1] and read[0] < value.end]
    else:
        values = [
            *find_dates(sentence, asked.sentence_language),
            *find_numbers(sentence, asked.sentence_language),
        ]
        within = [
            value
            for value in values
            if value.start == read[0] and sentence[value.end : read[1]] in ("", "に")
        ]
    if len(within) == 1:
        return _worded(within[0], asked)
    code = country_names(asked.sentence_language).get(sentence[slice(*read)])
    beside = sentence[: read[0]][-1:] + sentence[read[1] : read[1] + 1]
    # 「ポルトガル語」 is a language, 「日本人」 a people, "Jean-France" a name: no country is named.
    if code is None or re.search(
        "[ァ-ヶー一-龠々]" if asked.sentence_language in EAST_ASIAN else r"[\w-]", beside
    ):
        return None
    return Located(*read, locale_of(asked.language).territories[code])


def lacks_answer(question: str, question_language: str, sentence: str, sentence_language: str) -> bool:
    """True if the question asks for a date or number and the sentence says none that could be it.

    A day of the week may be a date; and in a row, whose headings may say the unit, any figure may be it.
    """
    asked = _Asked(question, question_language, sentence_language)
    if asked.kind not in _VALUES or _value_candidates(asked, sentence):
        return False
    if asked.kind is AnswerType.DATE:
        return not weekdays_said(sentence, asked.sentence_language)
    return BETWEEN_CELLS not in sentence or not find_numbers(sentence, asked.sentence_language)


def _value_candidates(asked: _Asked, sentence: str) -> list[Value]:
    """The values of the kind asked for that the question does not state itself."""
    if asked.kind in (AnswerType.DATE, AnswerType.YEAR):
        return _date_candidates(asked, sentence)
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
    return numbers


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


def _worded(value: Value, asked: _Asked) -> Located:
    """The value in the sentence's words for a reader of its language, else by CLDR; its year if asked.

    2025-12-06 is nobody's word for a day.
    """
    if asked.kind is AnswerType.YEAR and value.kind is ValueKind.DATE and value.since and not value.relative:
        last = PartialDate(value.until.year) if value.until and value.until.year != value.since.year else None
        value = Value(value.start, value.end, value.kind, value.text, PartialDate(value.since.year), last)
    elif asked.language == asked.sentence_language and not (iso_date(value.text) and "-" in value.text):
        return Located(value.start, value.end, half_width(value.text))
    wording = format_value(value, asked.language) if writable(value, asked.language) else None
    return Located(value.start, value.end, wording)
