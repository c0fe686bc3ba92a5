"""Words and forms of a language, from the CLDR data that Babel carries, and what it lacks (beside_cldr.toml).

Everything is looked up once a language and kept: reading a locale takes milliseconds,
a sentence must not.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from typing import Any

from babel import Locale, UnknownLocaleError

from partnerbot.documents.normal_forms import without_accents

EAST_ASIAN = frozenset({"ja", "zh", "ko"})
"""Languages with counters, and months written as numbers."""

# English is written day first ("20 October 2023"), as French and every other language here is.
_LOCALES = {"en": "en_GB"}

# The units worth telling from a counted noun, as CLDR names them.
_DURATIONS = ("year", "month", "week", "day", "hour", "minute", "second")
_MEASURES = (
    "length-kilometer", "length-meter", "length-centimeter", "length-mile",
    "area-square-kilometer", "area-square-meter", "area-hectare",
    "mass-kilogram", "mass-tonne", "temperature-celsius",
)  # fmt: skip

# 「5日」 is a day of the month and 「5日間」 a duration; so too in Chinese and Korean.
_NOT_UNITS = {"ja": {"日", "d"}, "zh": {"日"}, "ko": {"일"}}

_CURRENCIES = ("EUR", "JPY", "USD", "GBP", "CHF")


@cache
def beside_cldr() -> Mapping[str, Any]:
    """Return the tables of what texts say and CLDR lacks."""
    return tomllib.loads(resources.files(__package__).joinpath("beside_cldr.toml").read_text("utf-8"))


def by_word(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what each word of a table stands for."""
    return {word: meaning for meaning, words in table.items() for word in words}


@cache
def expression(table: str, language: str) -> str:
    """Return what matches a language's way to say something; nothing where it has no table for it."""
    return "".join(beside_cldr()[table].get(language, r"(?!)").splitlines())


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the locale to write a language by; English if CLDR has no such language."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def _locales_to_read(language: str) -> tuple[Locale, ...]:
    """The locales whose words count as the language's: English is read in both spellings."""
    return (locale_of(language), Locale.parse("en")) if language == "en" else (locale_of(language),)


def _plural_forms(patterns: object) -> list[str]:
    """The texts of a CLDR plural pattern ({"one": "{0} an", "other": "{0} ans"}) without the number."""
    if not hasattr(patterns, "items"):
        return []
    return [
        text.replace("{0}", "").strip("\u00a0\u202f ") for form, text in patterns.items() if form != "per"
    ]


@lru_cache(maxsize=64)
def month_numbers(language: str, *, full_names: bool = False) -> dict[str, int]:
    """Return every name and abbreviation of a month, as CLDR writes it, with the month's number.

    full_names: leave the abbreviations out.

    Where CLDR writes months small, the capitalised form is included; "MAY" and, for languages
    with accents, "fevrier" are too. Names that are digits (as in Chinese) are left out.
    """
    names: dict[str, int] = {}
    for locale in _locales_to_read(language):
        for context, width in product(
            ("format", "stand-alone"), ("wide",) if full_names else ("wide", "abbreviated")
        ):
            for number, name in locale.months[context][width].items():
                bare = name.rstrip(".")
                if len(bare) < 3 or any(char.isdigit() for char in bare):
                    continue
                for form in (bare, bare[0].upper() + bare[1:], bare.upper(), without_accents(bare)):
                    names.setdefault(form, number)
    return names


_WEEKDAY_IN_BRACKETS = re.compile(r"(?<=日)\s?[（(]([月火水木金土日])[・･祝休]*[)）]")


@lru_cache(maxsize=64)
def _weekday_pattern(language: str) -> tuple[re.Pattern[str], dict[str, int]]:
    names = {
        name.casefold(): number
        for locale in _locales_to_read(language)
        for context in ("format", "stand-alone")
        for number, name in locale.days[context]["wide"].items()
    }
    # 「火曜」 says as much as 「火曜日」.
    names |= {name.removesuffix("日"): number for name, number in names.items() if name.endswith("曜日")}
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    spaced = not any(char > "\u3000" for char in words)
    return re.compile(
        rf"(?<!\w)(?P<day>{words})s?(?!\w)" if spaced else f"(?P<day>{words})", re.IGNORECASE
    ), names


def weekdays_said(text: str, language: str) -> set[int]:
    """Return the days of the week that a text says in full, or as 「5日（土）」, Monday being 0."""
    pattern, names = _weekday_pattern(language)
    found = {names[match["day"].casefold()] for match in pattern.finditer(text)}
    if language in ("ja", "zh"):
        found |= {"月火水木金土日".index(match[1]) for match in _WEEKDAY_IN_BRACKETS.finditer(text)}
    return found


@lru_cache(maxsize=64)
def weekday_names(language: str) -> frozenset[str]:
    """Return the full names of the days of the week, in small letters."""
    return frozenset(_weekday_pattern(language)[1])


@lru_cache(maxsize=64)
def unit_words(language: str) -> dict[str, str]:
    """Return the words for durations and measures in a language, with their CLDR unit."""
    found: dict[str, str] = {}
    units = (*(f"duration-{name}" for name in _DURATIONS), *_MEASURES)
    for locale, unit in product(_locales_to_read(language), units):
        # Babel reads its unit patterns from here too and has no public way to them.
        lengths = locale._data["unit_patterns"].get(unit, {})
        words = _plural_forms(lengths.get("long"))
        # Beside long names, short durations ("4 a", "3 j") are letters that also mean other things.
        if not words or not unit.startswith("duration"):
            words += _plural_forms(lengths.get("short"))
        for word in words:
            found.setdefault(word, unit)
    found.update(by_word(beside_cldr()["units"].get(language, {})))
    for word in _NOT_UNITS.get(language, ()):
        found.pop(word, None)
    found.pop("", None)
    return found


@lru_cache(maxsize=64)
def currency_words(language: str) -> dict[str, str]:
    """Return names and signs of currencies in a language, with their ISO 4217 code."""
    locale = locale_of(language)
    found = by_word(beside_cldr()["currencies"])
    for code in _CURRENCIES:
        names = [
            locale.currencies.get(code, ""),
            *_plural_forms(locale._data["currency_names_plural"].get(code)),
        ]
        found.update((name, code) for name in names if name)
    return found


@lru_cache(maxsize=64)
def decimal_comma(language: str) -> bool:
    """True if the language writes 1,5 for one and a half."""
    symbols = locale_of(language).number_symbols
    return str(symbols.get("latn", symbols).get("decimal", ".")) == ","


# Among CLDR's two-letter territories, what is no country: unions, dummies, the unknown.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@lru_cache(maxsize=64)
def country_names(language: str) -> dict[str, str]:
    """Return the countries' names in a language, with their ISO 3166 code."""
    names = {
        name.split("(")[0].strip(): code
        for code, name in locale_of(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    more: dict[str, str] = beside_cldr()["countries"].get(language, {})
    return names | more
