"""Write a value in a reader's language, by CLDR patterns."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation

from babel.dates import format_date, format_skeleton
from babel.dates import parse_pattern as parse_date_pattern
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from partnerbot.answering.values.cldr import beside_cldr, locale_of
from partnerbot.answering.values.value import PartialDate, Value, ValueKind


def format_value(value: Value, language: str) -> str:
    """Return the value as a reader of the language writes it: "20 October 2023", 「2023年10月20日」.

    What depends on an unsaid day (a relative date), an ordinal, and a century or decade in a
    language without a pattern stay as the text says them; so does a figure of thirty digits.
    """
    if value.relative or value.kind is ValueKind.ORDINAL:
        return value.text
    if value.kind is ValueKind.DATE:
        return _dates(value, language)
    if value.kind is ValueKind.CENTURY:
        return _century(value, language)
    if value.kind is ValueKind.DECADE:
        pattern = beside_cldr()["written_decade"].get(language)
        return str(pattern.format(n=value.since.year)) if pattern and value.since else value.text
    try:
        return _number(value, language)
    except InvalidOperation:  # more digits than any amount has
        return value.text


def writable(value: Value, language: str) -> bool:
    """True if `format_value` can say the value in the language, False if it repeats the text."""
    if value.relative or value.kind is ValueKind.ORDINAL or locale_of(language).language != language:
        return False
    return (
        value.kind not in (ValueKind.CENTURY, ValueKind.DECADE)
        or language in beside_cldr()["written_century"]
    )


def _dates(value: Value, language: str) -> str:
    if value.since is None:
        return value.text
    try:
        if value.until is None:
            return _one_date(value.since, language)
        return _interval(value.since, value.until, language)
    except ValueError:  # a date that no calendar has, as 31 June
        return value.text


def long_date(day: datetime.date, language: str) -> str:
    """Write a whole date by CLDR, whose French lacks what the first of a month is given: "1er mai"."""
    locale = locale_of(language)
    written = str(format_date(day, "long", locale=locale))
    return f"1er{written[1:]}" if locale.language == "fr" and day.day == 1 else written


def _one_date(said: PartialDate, language: str) -> str:
    day, locale = _as_day(said), locale_of(language)
    if said.year and said.month and said.day:
        return long_date(day, language)
    if not said.year and not said.day:
        return format_date(day, "LLLL", locale=locale)  # the skeleton of a month alone abbreviates it
    return format_skeleton(_skeleton(said), day, locale=locale)


def _skeleton(said: PartialDate) -> str:
    return ("y" if said.year else "") + ("MMMM" if said.month else "") + ("d" if said.day else "")


def _as_day(said: PartialDate) -> datetime.date:
    # 2000 is a leap year, so that 29 February exists where no year is said.
    return datetime.date(said.year or 2000, said.month or 1, said.day or 1)


def _interval(since: PartialDate, until: PartialDate, language: str) -> str:
    """Two dates by CLDR's interval pattern for the first part in which they differ.

    Babel's format_interval takes the pattern of the skeleton with abbreviated months; widened here
    to full months as CLDR's own algorithm does (UTS 35, "adjusting the field widths").
    """
    locale = locale_of(language)
    first, last = _as_day(since), _as_day(until)
    differs = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    said = PartialDate(since.year, since.month, since.day)
    by_skeleton = locale.interval_formats
    full, short = _skeleton(said), _skeleton(said).replace("MMMM", "MMM")
    # CLDR names a day's skeletons with the month before it ("yMMMd"), as ours are.
    patterns = by_skeleton.get(full) or by_skeleton.get(short) or {}
    if differs not in patterns:
        return f"{_one_date(since, language)} – {_one_date(until, language)}"
    parts = [re.sub(r"(?<!M)MMM(?!M)", "MMMM", part) for part in patterns[differs]]
    written = (
        parse_date_pattern(part).apply(day, locale) for part, day in zip(parts, (first, last), strict=True)
    )
    return "".join(written)


def _century(value: Value, language: str) -> str:
    patterns = beside_cldr()["written_century"].get(language)
    if not (patterns and value.since and value.since.year and value.until and value.until.year):
        return value.text
    first, last = (value.since.year + 99) // 100, value.until.year // 100
    written: str = patterns[first != last].format(
        n=first, n2=last, roman=_roman(first), roman2=_roman(last), th=_english_ordinal(first),
        th2=_english_ordinal(last), e="er" if first == 1 else "e", e2="e",
    )  # fmt: skip
    return written


def _roman(number: int) -> str:
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]


def _english_ordinal(number: int) -> str:
    return {"one": "st", "two": "nd", "few": "rd"}.get(locale_of("en").ordinal_form(number), "th")


def _number(value: Value, language: str) -> str:
    locale, number = locale_of(language), value.number or Decimal(0)
    if value.kind is ValueKind.PERCENT:
        places = max(0, -int(number.normalize().as_tuple().exponent))
        pattern = locale.percent_formats[None].pattern.replace(
            "#,##0", "#,##0" + ("." + "0" * places if places else "")
        )
        return format_percent(number / 100, pattern, locale=locale)
    if value.kind is ValueKind.MONEY:
        return format_currency(number, value.unit, locale=locale, format_type="name", currency_digits=False)
    if value.kind is ValueKind.MEASURE:
        # Babel falls to the unit's identifier where CLDR has only short forms.
        has_long = any(
            form != "per" for form in locale._data["unit_patterns"].get(value.unit, {}).get("long", {})
        )
        length = "long" if has_long and value.unit.startswith("duration") else "short"
        return format_unit(number, value.unit, length=length, locale=locale)  # type: ignore[arg-type]
    return format_decimal(number, locale=locale)
