"""A typed value found in a text: a date or a number, where it stands and what it means.

A date that counts from the article's own is worked out here: "last year" in an article of 2024 is 2023.
"""

from __future__ import annotations

import re
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


_WIDE = str.maketrans("０１２３４５６７８９％－／（）：\u3000", "0123456789%-/(): ")
# Between words a full-width comma is punctuation; only inside a figure does it belong to it.
_WIDE_SEPARATOR = re.compile(r"(?<=[0-9])[，．](?=[0-9])")


def half_width(text: str) -> str:
    """Return the text with full-width figures as ASCII; every offset stays what it was."""
    return _WIDE_SEPARATOR.sub(lambda match: "," if match[0] == "，" else ".", text.translate(_WIDE))


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


_BEFORE = (
    r"dernier|dernière|passée?\b|précédent|\blast\b|previous|昨年|去年|先月|letzte|vergangene|pasado|passado"
    r"|scors[oa]|작년|지난|上个?月"
)
_SAME = r"\bcet\b|cette|ce mois|\bthis\b|今年|本年|今月|diese|\beste\b|quest['’]|올해|이번|这个?月|本月"
_AFTER = r"prochain|\bnext\b|来年|来月|nächste|próximo|내년|다음|明年|下个?月"
_TWO_BEFORE = r"一昨年|前年"
_OF_A_MONTH = r"mois|month|月|Monat|\bmes\b|mese|mês|달|월"
_OF_A_YEAR = r"\ban\b|année|year|年|Jahr|año|anno|ano\b|년|해"


def resolved(date: Value, published: str | None) -> PartialDate | None:
    """Return the year, or the month, that a relative date means; None if that can't be told.

    Nor is it told of a season: last summer is this year's in October, and another's in May.

    `published`: when the article appeared, ISO (YYYY, YYYY-MM or YYYY-MM-DD), or None.
    """
    if published is None or not date.relative:
        return None
    parts = [int(part) for part in published.split("-")]
    steps = _steps(date.text)
    if steps is None:
        return None
    month = date.since.month if date.since else None
    if re.search(_OF_A_YEAR, date.text, re.IGNORECASE) and not _only_a_month(date.text):
        return PartialDate(parts[0] + steps, month, date.since.day if date.since else None)
    if len(parts) > 1 and re.search(_OF_A_MONTH, date.text, re.IGNORECASE):
        months = parts[0] * 12 + parts[1] - 1 + steps
        return PartialDate(months // 12, months % 12 + 1)
    return None


def _only_a_month(text: str) -> bool:
    return bool(re.fullmatch(r"(?:先|今|来|本)月", text))


def _steps(text: str) -> int | None:
    for pattern, steps in ((_TWO_BEFORE, -2), (_BEFORE, -1), (_AFTER, 1), (_SAME, 0)):
        if re.search(pattern, text, re.IGNORECASE):
            return steps
    return None
