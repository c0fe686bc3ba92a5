"""A text in its language and what it says, found once: its words, values, names, times of day, countries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from partnerbot.answering.mentions import (
    Known,
    Name,
    Span,
    countries_implied,
    countries_said,
    may_be_no_name,
    names_in,
)
from partnerbot.answering.values import Value, ValueKind, find_dates, find_numbers
from partnerbot.answering.values.cldr import weekdays_said
from partnerbot.answering.values.times import ClockTime, find_times
from partnerbot.answering.values.value import half_width
from partnerbot.register.authorities import find_mentions
from partnerbot.writing.alignment import TokenStates

_SAME_WORD = 0.5
"""Mean match from which two words, one of them maybe a name by its form, mean the same."""

_THOUSANDS = re.compile(r"(?<=\d)[,. \u00a0\u202f'’](?=\d{3}(?!\d))")


@dataclass(frozen=True, eq=False)
class Said:
    """A text in its language. `known`: what the documents tell of names. `states`: takes a text apart."""

    text: str
    language: str
    known: Known
    states: Callable[[str, str], TokenStates]

    @cached_property
    def words(self) -> TokenStates:
        """Its tokens, to be matched."""
        return self.states(self.text, self.language)

    @cached_property
    def times(self) -> list[ClockTime]:
        """The times of day."""
        return find_times(self.text, self.language)

    @cached_property
    def values(self) -> list[Value]:
        """The dates and numbers; times of day are compared apart."""
        return [
            value
            for value in find_dates(self.text, self.language) + find_numbers(self.text, self.language)
            if not any(time.start < value.end and value.start < time.end for time in self.times)
        ]

    @cached_property
    def amounts(self) -> list[Value]:
        """The values but "first" and "one", and "two" as a word, which mostly take up what was said."""
        return [
            value
            for value in self.values
            if value.kind not in (ValueKind.NUMBER, ValueKind.ORDINAL)
            or any(c.isdigit() for c in half_width(value.text))
            or value.number not in (1, 2)
        ]

    @cached_property
    def years(self) -> set[int]:
        """The years of its dates."""
        dates = find_dates(self.text, self.language)
        return {date.since.year for date in dates if date.since and date.since.year}

    @cached_property
    def weekdays(self) -> set[int]:
        """The days of the week."""
        return weekdays_said(self.text, self.language)

    @cached_property
    def names(self) -> list[Name]:
        """The names."""
        return names_in(self.text, self.language, self.known)

    @cached_property
    def places(self) -> list[Span]:
        """Where it names towns, departments, regions and the like."""
        return [(one.start, one.end) for one in find_mentions(self.text, self.language)]

    def is_place(self, span: Span) -> bool:
        """True if what it names there is one of its places."""
        return any(start < span[1] and span[0] < end for start, end in self.places)

    @cached_property
    def countries(self) -> dict[str, list[Span]]:
        """By code, where it names a country or its people."""
        return countries_said(self.text, self.language)

    @cached_property
    def countries_meant(self) -> set[str]:
        """The countries that it names, or of which it names a town or the language."""
        return countries_implied(self.text, self.language) | self.countries.keys()

    @cached_property
    def given(self) -> list[int]:
        """The tokens of values, times, names and countries: these are looked for as what they are."""
        spans = [(one.start, one.end) for one in self.values]
        spans += [(one.start, one.end) for one in self.times]
        spans += [word for name in self.names for word in name.words]
        spans += [span for found in self.countries.values() for span in found]
        return [i for start, end in spans for i in self.words.between(start, end)]

    def has_as_word(self, other: Said, span: Span) -> bool:
        """True if what looks like a name there may be none, and a word of this text means the same."""
        theirs = other.words.between(*span)
        if not theirs or not may_be_no_name(other.text, span):
            return False
        similar = other.words.vectors[theirs] @ self.words.vectors.T
        if float(similar.max(axis=1).mean()) < _SAME_WORD:
            return False
        start, end = self.words.spans[int(similar.max(axis=0).argmax())]
        return not any(a < end and start < b for name in self.names for a, b in name.words)


def figures(text: str) -> set[str]:
    """Return the figures of a text, without zeros before them, in whatever width."""
    return {digits.lstrip("0") for digits in re.findall(r"\d+", _THOUSANDS.sub("", half_width(text)))}
