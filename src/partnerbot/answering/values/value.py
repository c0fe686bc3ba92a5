"""A typed value found in a text: a date or a number, where it stands and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ValueKind(StrEnum):
    """What a value is.

    DATE, DECADE and CENTURY carry `since` and `until`; the others carry `number`.
    MEASURE has a CLDR unit ("duration-year"), MONEY an ISO 4217 code, PERCENT is out of 100.
    """

    DATE = "date"
    DECADE = "decade"
    CENTURY = "century"
    NUMBER = "number"
    ORDINAL = "ordinal"
    PERCENT = "percent"
    MEASURE = "measure"
    MONEY = "money"


DATE_KINDS = frozenset({ValueKind.DATE, ValueKind.DECADE, ValueKind.CENTURY})


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A Gregorian date of which some parts may not be said: "October 1990", "le 17 octobre"."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def within(self, other: PartialDate) -> bool:
        """True if every part said here is said by `other` with the same value."""
        return all(
            mine is None or mine == theirs
            for mine, theirs in zip(
                (self.year, self.month, self.day), (other.year, other.month, other.day), strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class Value:
    """A value at text[start:end].

    since, until: the date, or the first and last of a range; `until` is None if there is no range.
    relative: the date counts from a day that the text doesn't say ("last year", "il y a 3 ans").
    number: exact; already multiplied out ("3 million" is 3000000).
    unit: see `ValueKind`; for NUMBER and ORDINAL the words that follow in the text, maybe empty.
    """

    start: int
    end: int
    kind: ValueKind
    text: str
    since: PartialDate | None = None
    until: PartialDate | None = None
    relative: bool = False
    number: Decimal | None = None
    unit: str = ""


def same_value(a: Value, b: Value) -> bool:
    """True if both say the same, whatever the language, script, calendar or separators.

    Relative dates equal nothing: what they count from may differ.
    """
    if a.relative or b.relative or a.kind != b.kind:
        return False
    if a.kind in DATE_KINDS:
        return (a.since, a.until) == (b.since, b.until)
    units_count = a.kind in (ValueKind.MEASURE, ValueKind.MONEY)
    return a.number == b.number and (not units_count or a.unit == b.unit)
