"""Do the values and names of a sentence stand in the quote?

An embedding hardly notices a wrong year or another town. These are told by what is said: every number, date
and name must be found, in whatever language and script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from partnerbot.answering.mentions import Name, Span, find_word
from partnerbot.answering.values import PartialDate, Value, ValueKind, resolved
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.answering.values.value import DATE_KINDS
from partnerbot.index.sounds import latin_keys
from partnerbot.writing.clock import find_lengths
from partnerbot.writing.said import Said, figures

_AMOUNTS = frozenset({ValueKind.NUMBER, ValueKind.MONEY, ValueKind.PERCENT, ValueKind.MEASURE})
_ANY_DAY = "2001-07-01"
_NEAR_MONTHS = 2
"""Months from an article's own within which a day that it says without a year is of that time."""


@dataclass(frozen=True)
class Place:
    """A sentence of a document, and what a statement may rest on beside it: the sentence before, the title.

    `published`: ISO date of the document, from which relative dates count.
    """

    main: Said
    before: Said
    title: Said
    published: str | None

    def parts(self) -> Iterator[tuple[str, Said]]:
        """Each text by its name, the nearest first."""
        yield from (("main", self.main), ("before", self.before), ("title", self.title))


@dataclass(frozen=True)
class Placed:
    """A statement's name, and where a part of a place gives it."""

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


def check_facts(statement: Said, place: Place) -> Findings:
    """Look for a statement's values, names and countries in a sentence and what stands around it."""
    parts = {"main"}
    placed: list[Placed] = []

    def findings(reason: str | None) -> Findings:
        return Findings(frozenset(parts), reason, tuple(placed))

    values = where_values(statement, place)
    if values is None:
        return findings("value")
    parts |= values
    everything = "\n".join(said.text for _, said in place.parts())
    if place.main.language == "ja" and not all(person in everything for person in statement.persons):
        return findings("name")
    for name in statement.names:
        if any(value.start < name.end and name.start < value.end for value in statement.values):
            continue
        found = _where_name(name, statement, place)
        if (found is None or found.part != "main") and all(
            place.main.has_as_word(statement, word) for word in name.words
        ):
            continue
        if found is None:
            return findings("name")
        placed.append(found)
        parts.add(found.part)
    meant = set[str]().union(*(said.countries_meant for _, said in place.parts()))
    return findings(None if statement.countries.keys() <= meant else "country")


# --- values -------------------------------------------------------------------------------


def where_values(statement: Said, place: Place) -> set[str] | None:
    """Return the parts of a place that give a statement's values; None if one is missing."""
    parts = set()
    for value in statement.amounts:
        part = next((name for name, said in place.parts() if _gives(said, value, place)), None)
        if part is None or _main_says_another(value, statement, place.main):
            return None
        parts.add(part)
    if not _clock_and_days_agree(statement, place):
        return None
    # Figures of values are compared by what these mean.
    spelled = [value.text for value in statement.values]
    spelled += [statement.text[time.start : time.end] for time in statement.times]
    given = [said.text for _, said in place.parts()]
    return parts if figures(statement.text) <= figures("\n".join((*given, *spelled))) else None


def _clock_and_days_agree(statement: Said, place: Place) -> bool:
    """True if the times of day and the days of the week that a statement gives are said around it.

    Where the sentence itself says a day of the week, the statement's must be among its own.
    """
    there = [time for _, said in place.parts() for time in (*said.times, *find_lengths(said.text))]
    if not all(any(map(time.may_be, there)) for time in statement.times):
        return False
    everywhere = set[int]().union(*(said.weekdays for _, said in place.parts()))
    return statement.weekdays <= (place.main.weekdays or everywhere)


def _gives(said: Said, value: Value, place: Place) -> bool:
    """True if a text gives a value, a day without a year being of each year that may be meant."""
    return any(
        says(value, one, place.published)
        for candidate in said.values
        for one in (candidate, *_with_year(candidate, place))
    )


def _with_year(candidate: Value, place: Place) -> Iterator[Value]:
    """A day or month that is said without a year, in each that may be meant."""
    since, until = candidate.since, candidate.until
    if since is not None and since.month and since.year is None and not candidate.relative:
        for year in _years_meant(since.month, place):
            yield replace(
                candidate, since=replace(since, year=year), until=until and replace(until, year=year)
            )


def _years_meant(month: int, place: Place) -> set[int]:
    """The years that a day or month said without one may be of.

    Those that the sentence says. In an article of some weeks later or before, else the article's; in another,
    those that the text around says.
    """
    if place.published and len(place.published) > len("2021"):
        year, appeared = map(int, place.published.split("-")[:2])
        months = {one: abs((one - year) * 12 + month - appeared) for one in (year - 1, year, year + 1)}
        if near := {one for one, apart in months.items() if apart <= _NEAR_MONTHS}:
            return place.main.years | near
    return set[int]().union(*(said.years for _, said in place.parts()))


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


def _main_says_another(value: Value, statement: Said, main: Said) -> bool:
    """True if the sentence itself has an amount of the value's kind that the statement doesn't say.

    And none that is the value's: "two weeks" may say "two", but not "twice" beside "once".
    """
    if value.kind not in _AMOUNTS or any(one.kind is value.kind and says(value, one) for one in main.amounts):
        return False
    return any(
        are_kin(value, other) and not any(says(one, other) for one in statement.amounts)
        for other in main.amounts
    )


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


# --- names --------------------------------------------------------------------------------


def _where_name(name: Name, statement: Said, place: Place) -> Placed | None:
    """The nearest part that gives all words of a name, and where; a long form may be cut in two parts."""
    spellings = statement.known.spellings
    whole = statement.text[name.start : name.end]
    for part, said in place.parts():
        # A list of spellings knows "Aix-en-Provence" as one name.
        if found := find_word(whole, said.text, spellings):
            return Placed(name, part, tuple(found))
    words = [statement.text[start:end] for start, end in name.words]
    if statement.language not in EAST_ASIAN and place.main.language in EAST_ASIAN:
        # Of a full name, what is too short to be told by its sound goes with the rest.
        words = [word for word in words if latin_keys(word) or spellings.known_terms(word)] or words
    everywhere = " ".join(said.text for _, said in place.parts())
    if not all(find_word(word, everywhere, spellings) for word in words):
        return None
    spans = {part: [find_word(word, said.text, spellings) for word in words] for part, said in place.parts()}
    best = max(spans, key=lambda part: sum(map(bool, spans[part])))
    return Placed(name, best, tuple(sorted({span for found in spans[best] for span in found})))
