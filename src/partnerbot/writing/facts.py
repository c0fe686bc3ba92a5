"""Do the values and names of a sentence stand in the quote?

An embedding hardly notices a wrong year or another town. These are told by what is said: every number, date
and name must be found, in whatever language and script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from partnerbot.answering.mentions import (
    Known,
    Name,
    Span,
    countries_implied,
    countries_said,
    find_word,
    names_in,
)
from partnerbot.answering.values import PartialDate, Value, ValueKind, find_dates, find_numbers, resolved
from partnerbot.answering.values.cldr import weekdays_said
from partnerbot.answering.values.value import DATE_KINDS
from partnerbot.answering.values.widths import half_width
from partnerbot.writing.clock import find_lengths, find_times

_TAKES_UP = re.compile(
    r"\W*(?:(?:ils?|elles?|ce|cet|cette|it|he|she|they|this|er|sie|es|dies\w*)\b|同|この|その|彼|これ)",
    re.IGNORECASE,
)
_AMOUNTS = frozenset({ValueKind.NUMBER, ValueKind.MONEY, ValueKind.PERCENT, ValueKind.MEASURE})
_ANY_DAY = "2001-07-01"
_NEAR_MONTHS = 2
"""Months from an article's own within which a day that it says without a year is of that time."""

_TITLE = r"元?(?:市長|町長|村長|知事|大使|会長|理事長|所長|学長|教授|博士|首相|大統領)(?!選)"
_JAPANESE_PERSON = re.compile(
    r"(?<![一-龠々])[一-龠々]{2,5}(?=氏(?![名族])|さん(?!業))"
    rf"|(?<=の)[一-龠々]{{2,4}}(?={_TITLE})"
)
"""A name in kanji before its title."""


@dataclass(frozen=True)
class Surroundings:
    """One sentence of a document, and what stands around it: the texts that a statement may rest on.

    `title` counts as said. `published`: ISO date of the document, from which relative dates count.
    """

    main: str
    before: str
    title: str
    language: str
    published: str | None

    def parts(self) -> Iterator[tuple[str, str]]:
        """Each text by its name, the nearest first."""
        yield from (("main", self.main), ("before", self.before), ("title", self.title))


@dataclass(frozen=True)
class Placed:
    """A statement's name, and where a part of the surroundings gives it."""

    name: Name
    part: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Findings:
    """What came of checking: the parts that the statement rests on, and what is wrong with it, if anything.

    `reason` is a word for the log: "value", "name" or "country".
    """

    parts: frozenset[str]
    reason: str | None
    placed: tuple[Placed, ...] = ()


def check_facts(
    statement: str,
    language: str,
    around: Surroundings,
    known: Known,
    is_matched_word: Callable[[Span], bool],
) -> Findings:
    """Look for a statement's values, names and countries in a sentence and what stands around it.

    `is_matched_word`: whether what looks like a name may be an ordinary word, and the sentence has it.
    """
    parts: set[str] = {"main"}
    placed: list[Placed] = []

    def findings(reason: str | None) -> Findings:
        return Findings(frozenset(parts), reason, tuple(placed))

    for value in values_in(statement, language):
        part = _where_value(value, around)
        if part is None:
            return findings("value")
        parts.add(part)
        if _main_says_another(value, statement, language, around):
            return findings("value")
    if not _values_agree(statement, language, around):
        return findings("value")
    if not _persons_are_named(statement, language, around):
        return findings("name")
    values = values_said(statement, language)
    for name in names_in(statement, language, known):
        if any(value.start < name.end and name.start < value.end for value in values):
            continue
        spans = _where_name(name, statement, around, known)
        if (spans is None or spans[0] != "main") and all(map(is_matched_word, name.words)):
            continue
        if spans is None:
            return findings("name")
        placed.append(Placed(name, *spans))
        parts.add(spans[0])
    if not countries_said(statement, language).keys() <= _countries_around(around):
        return findings("country")
    return findings(None)


def _values_agree(statement: str, language: str, around: Surroundings) -> bool:
    """True if what is no value of its own agrees, too: times of day, days of the week, bare figures."""
    everything = "\n".join(text for _, text in around.parts())
    return _clock_and_days_agree(statement, language, around) and _digits(statement) <= _digits(
        everything
    ) | _spelled(statement, language)


def facts_in(statement: str, language: str, known: Known) -> list[Span]:
    """Return where a statement gives values, times, names and countries."""
    spans = [(value.start, value.end) for value in values_said(statement, language)]
    spans += [(time.start, time.end) for time in find_times(statement, language)]
    spans += [word for name in names_in(statement, language, known) for word in name.words]
    return spans + [span for found in countries_said(statement, language).values() for span in found]


def takes_up(sentence: str) -> bool:
    """True if a sentence begins with a word for what the sentence before speaks of: it, « elle », 同."""
    return bool(_TAKES_UP.match(sentence))


# --- values -------------------------------------------------------------------------------


def values_in(text: str, language: str) -> list[Value]:
    """Return the dates and amounts that a text gives; not those that take up what was said ("the two")."""
    return [value for value in values_said(text, language) if not _says_no_amount(value)]


def _clock_and_days_agree(statement: str, language: str, around: Surroundings) -> bool:
    """True if the times of day and the days of the week that a statement gives are said around it.

    Where the sentence itself says a day of the week, the statement's must be among its own.
    """
    said = [
        time for _, text in around.parts() for time in find_times(text, around.language) + find_lengths(text)
    ]
    if not all(any(map(time.may_be, said)) for time in find_times(statement, language)):
        return False
    days = weekdays_said(statement, language)
    here = weekdays_said(around.main, around.language)
    everywhere = {day for _, text in around.parts() for day in weekdays_said(text, around.language)}
    return days <= (here or everywhere)


def _says_no_amount(value: Value) -> bool:
    """True for "first" and "one", and for "two towns": as a word it mostly takes up what was said."""
    in_figures = any(c.isdigit() for c in half_width(value.text))
    return value.kind in (ValueKind.NUMBER, ValueKind.ORDINAL) and not in_figures and value.number in (1, 2)


def _where_value(value: Value, around: Surroundings) -> str | None:
    """The nearest part that says a value."""
    for part, other in around.parts():
        for candidate in values_said(other, around.language):
            if any(says(value, one, around.published) for one in (candidate, *_with_year(candidate, around))):
                return part
    return None


def _with_year(candidate: Value, around: Surroundings) -> Iterator[Value]:
    """A day or month that is said without a year, in each that may be meant."""
    since, until = candidate.since, candidate.until
    if since is not None and since.month and since.year is None and not candidate.relative:
        for year in _years_meant(since.month, around):
            yield replace(
                candidate,
                since=replace(since, year=year),
                until=until and replace(until, year=year),
            )


def _years_meant(month: int, around: Surroundings) -> set[int]:
    """The years that a day or month said without one may be of.

    Those that the sentence says. In an article of some weeks later or before, else the article's; in another,
    those that the text around says.
    """
    years = _years_said(around.main, around.language)
    if around.published and len(around.published) > len("2021"):
        year, appeared = map(int, around.published.split("-")[:2])
        months = {one: abs((one - year) * 12 + month - appeared) for one in (year - 1, year, year + 1)}
        if near := {one for one, apart in months.items() if apart <= _NEAR_MONTHS}:
            return years | near
    return years | {year for _, text in around.parts() for year in _years_said(text, around.language)}


def _years_said(text: str, language: str) -> set[int]:
    return {value.since.year for value in find_dates(text, language) if value.since and value.since.year}


def values_said(text: str, language: str) -> list[Value]:
    """The dates and numbers of a text; times of day are compared apart."""
    times = find_times(text, language)
    return [
        value
        for value in find_dates(text, language) + find_numbers(text, language)
        if not any(time.start < value.end and value.start < time.end for time in times)
    ]


def says(value: Value, candidate: Value, published: str | None = None) -> bool:
    """True if the candidate says the statement's value, or a finer one."""
    if value.kind in DATE_KINDS:
        if candidate.kind not in DATE_KINDS:
            return False
        if value.relative:
            mine, theirs = (resolved(one, _ANY_DAY) or one.text.casefold() for one in (value, candidate))
            return candidate.relative and mine == theirs
        return any(
            value.since is not None
            and value.since.within(since)
            and (value.until is None or (until is not None and value.until.within(until)))
            for since, until in _ends(candidate, published)
        )
    if candidate.kind in DATE_KINDS or value.number != candidate.number:
        return False
    alone = {ValueKind.PERCENT, ValueKind.MONEY} & {value.kind, candidate.kind}
    if alone or value.kind == candidate.kind == ValueKind.MEASURE:
        return value.kind == candidate.kind and value.unit == candidate.unit
    return True


def are_kin(one: Value, other: Value) -> bool:
    """True if two values could be taken for each other: two dates, two numbers, two durations."""
    if one.kind in DATE_KINDS or other.kind in DATE_KINDS:
        return one.kind in DATE_KINDS and other.kind in DATE_KINDS
    return one.kind == other.kind and (one.kind is ValueKind.NUMBER or one.unit == other.unit)


def _main_says_another(value: Value, statement: str, language: str, around: Surroundings) -> bool:
    """True if the sentence itself has an amount of the value's kind that the statement doesn't say.

    And none that is the value's: "two weeks" may say "two", but not "twice" beside "once".
    """
    mine, there = values_in(statement, language), values_in(around.main, around.language)
    if value.kind not in _AMOUNTS or any(one.kind is value.kind and says(value, one) for one in there):
        return False
    return any(are_kin(value, other) and not any(says(one, other) for one in mine) for other in there)


def _ends(candidate: Value, published: str | None) -> Iterator[tuple[PartialDate, PartialDate | None]]:
    """A date's first and last day as said, each alone, and as counted from the article's date."""
    if candidate.relative:
        counted = resolved(candidate, published)
        if counted is not None:
            yield counted, None
        return
    if candidate.since is not None:
        yield candidate.since, candidate.until
        if candidate.until is not None:
            yield candidate.until, None


def _digits(text: str) -> set[str]:
    return {
        digits.lstrip("0")
        for digits in re.findall(
            r"\d+", re.sub(r"(?<=\d)[,. \u00a0\u202f'’](?=\d{3}(?!\d))", "", half_width(text))
        )
    }


def _spelled(statement: str, language: str) -> set[str]:
    """The figures that belong to values, which are compared by what they mean."""
    texts = [value.text for value in values_said(statement, language)]
    texts += [statement[time.start : time.end] for time in find_times(statement, language)]
    return {digits for text in texts for digits in _digits(text)}


# --- names --------------------------------------------------------------------------------


def _persons_are_named(statement: str, language: str, around: Surroundings) -> bool:
    """True unless a Japanese statement names a person whom a Japanese text around it doesn't.

    No list knows most people's kanji: they are told by their title, as answers are.
    """
    if language != "ja" or around.language != "ja":
        return True
    everywhere = "\n".join(text for _, text in around.parts())
    return all(person in everywhere for person in _JAPANESE_PERSON.findall(statement))


def _where_name(
    name: Name, statement: str, around: Surroundings, known: Known
) -> tuple[str, tuple[Span, ...]] | None:
    """The nearest part that gives all words of a name, and where; a long form may be cut in two parts."""
    whole = statement[name.start : name.end]
    for part, text in around.parts():
        # A list of spellings knows "Aix-en-Provence" as one name.
        if found := find_word(whole, text, known.spellings):
            return part, tuple(found)
    words = [statement[start:end] for start, end in name.words]
    everywhere = " ".join(text for _, text in around.parts())
    if not all(find_word(word, everywhere, known.spellings) for word in words):
        return None
    best: tuple[str, tuple[Span, ...]] | None = None
    most = 0
    for part, text in around.parts():
        spans = [find_word(word, text, known.spellings) for word in words]
        count = sum(map(bool, spans))
        if count > most:
            most, best = count, (part, tuple(sorted({span for found in spans for span in found})))
    return best


def _countries_around(around: Surroundings) -> set[str]:
    return {
        code
        for _, text in around.parts()
        for code in countries_implied(text, around.language) | set(countries_said(text, around.language))
    }
