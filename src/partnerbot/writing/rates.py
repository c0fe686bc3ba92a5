"""Shares, multiples and rates that a text says: half, doubled, twice a year, 300 a day, by 20 %.

They are numbers in what they mean and words in form, so they are read on their own: "every two years" is
隔年 and « tous les deux ans », and neither "every year" nor "twice a year".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from importlib import resources

from partnerbot.answering.values import Value, ValueKind, find_numbers
from partnerbot.answering.values.widths import half_width
from partnerbot.writing.alignment import TokenStates


class RateKind(StrEnum):
    """What a rate is.

    A part of a whole, so many times as much, times in a period, a round many ("hundreds"), or a number that
    is for a period.
    """

    SHARE = "share"
    MULTIPLE = "multiple"
    FREQUENCY = "frequency"
    MANY = "many"
    PER = "per"


@dataclass(frozen=True)
class Rate:
    """A rate at text[start:end]: a frequency in times a day, or a number with the `days` that it is for."""

    start: int
    end: int
    kind: RateKind
    value: Fraction
    days: Fraction = Fraction(1)


_WORDS = tomllib.loads(resources.files(__package__).joinpath("rates.toml").read_text("utf-8"))
_LANGUAGES = frozenset(_WORDS["number"])


def _table(name: str) -> dict[str, dict[str, Fraction]]:
    """Patterns with what they mean, by language."""
    return {
        language: {pattern: Fraction(value) for value, pattern in _WORDS[name][language].items()}
        for language in _WORDS["number"]
    }


_UNITS, _ADVERBS, _SHARES = _table("unit"), _table("adverb"), _table("share")
_MULTIPLES, _MANY, _WORD_NUMBERS = _table("multiple"), _table("many"), _table("number")
_NUMBER = {language: rf"(?:\d{{1,2}}(?!\d)|{'|'.join(words)})" for language, words in _WORD_NUMBERS.items()}
_TIMES, _EVERY, _PER, _CHANGES = (_WORDS[name] for name in ("times", "every", "per", "change"))
_JAPANESE_SHARE = re.compile(r"(\d+|[二三四五十])分の(\d+|[一二三四五])")
_BARE_MONTH = "月"
"""「5月」 is May, and no five months."""


_USUAL = frozenset(1 / days for days in _UNITS["en"].values())
"""Frequencies that many words say: yearly, monthly. Twice a year is said by twice a year alone."""


def find_rates(text: str, language: str) -> list[Rate]:
    """Return the shares, multiples, frequencies, round manies and rates per period that a text says."""
    plain = half_width(text)
    if language not in _LANGUAGES:
        return []
    frequencies = _longest([*_frequencies(plain, language)])
    return [*frequencies, *_words(plain, language), *_per(plain, language, frequencies)]


def says_otherwise(statement: str, language: str, quote: str, quote_language: str) -> bool:
    """True if the statement says a share, multiple or rate that the quote says otherwise, or doesn't say.

    A bare "every year" that the quote lacks is left to what the whole means: an annual festival may be told
    in many words.
    """
    theirs = find_rates(quote, quote_language)
    for mine in find_rates(statement, language):
        alike = [one for one in theirs if one.kind is mine.kind]
        if mine.kind is RateKind.PER:  # another number's period says nothing of this one
            alike = [one for one in alike if one.value == mine.value]
        if any((mine.value, mine.days) == (one.value, one.days) for one in alike):
            continue
        if mine.kind is RateKind.SHARE and _is_percent(mine, quote, quote_language):
            continue
        if mine.kind is RateKind.MANY and _is_counted(mine, quote, quote_language):
            continue
        is_usual = mine.kind is RateKind.PER or mine.value in _USUAL
        if alike or not is_usual:
            return True
    return _turns_a_change(statement, language, quote, quote_language)


def _is_percent(share: Rate, quote: str, language: str) -> bool:
    return any(
        value.kind is ValueKind.PERCENT
        and value.number is not None
        and abs(Fraction(value.number) / 100 - share.value) < Fraction(1, 100)
        for value in find_numbers(quote, language)
    )


def _is_counted(many: Rate, quote: str, language: str) -> bool:
    """True if the quote has a number that so round a word may be said of: 640 are hundreds."""
    words = [rate for rate in _words(half_width(quote), language) if rate.kind is RateKind.MANY]
    return any(
        value.number is not None
        and 2 * many.value <= value.number < 100 * many.value
        and not any(word.start < value.end and value.start < word.end for word in words)
        for value in find_numbers(quote, language)
    )


def _words(text: str, language: str) -> Iterator[Rate]:
    edges = ("", "") if language == "ja" else (r"(?<!\w)", r"(?!\w)")
    for kind, table in (
        (RateKind.SHARE, _SHARES[language]),
        (RateKind.MULTIPLE, _MULTIPLES[language]),
        (RateKind.MANY, _MANY[language]),
    ):
        for pattern, value in table.items():
            for match in re.finditer(f"{edges[0]}(?:{pattern}){edges[1]}", text, re.IGNORECASE):
                yield Rate(*match.span(), kind, value)
    if language == "ja":
        for match in _JAPANESE_SHARE.finditer(text):
            whole, part = (_number(group, language) for group in match.groups())
            yield Rate(*match.span(), RateKind.SHARE, part / whole)


def _frequencies(text: str, language: str) -> Iterator[Rate]:
    number = _NUMBER[language]
    for unit, days in _UNITS[language].items():
        for form, counts in ((_TIMES, True), (_EVERY, False)):
            pattern = form[language].replace("{n}", number).replace("{u}", f"(?:{unit})")
            edge = r"(?<![\d一二三四五六七八九十月年和成正治])" if language == "ja" else r"(?<!\w)"
            for match in re.finditer(edge + pattern, text, re.IGNORECASE):
                times = _number(match["n"], language) if counts else 1
                periods = _number(match["k"], language) if match["k"] else 1
                if match["k"] and match["u"] == _BARE_MONTH:
                    continue
                if times and periods:
                    yield Rate(*match.span(), RateKind.FREQUENCY, Fraction(times) / (periods * days))
    edges = ("", "") if language == "ja" else (r"(?<!\w)", r"(?!\w)")
    for word, days in _ADVERBS[language].items():
        for match in re.finditer(f"{edges[0]}(?:{word}){edges[1]}", text, re.IGNORECASE):
            yield Rate(*match.span(), RateKind.FREQUENCY, 1 / days)


def _longest(rates: list[Rate]) -> list[Rate]:
    """Keep of rates that overlap the longest: 「毎年2回」 is twice a year."""
    kept: list[Rate] = []
    for rate in sorted(rates, key=lambda one: one.start - one.end):
        if not any(one.start < rate.end and rate.start < one.end for one in kept):
            kept.append(rate)
    return kept


def _per(text: str, language: str, frequencies: list[Rate]) -> Iterator[Rate]:
    """Numbers with the period that they are for: "300 lorries a day", 「1日300台」."""
    for value in find_numbers(text, language):
        if value.kind not in (ValueKind.NUMBER, ValueKind.MONEY, ValueKind.MEASURE) or value.number is None:
            continue
        if any(one.start < value.end and value.start < one.end for one in frequencies):
            continue
        for unit, days in _UNITS[language].items():
            pattern = _PER[language].replace("{u}", f"(?:{unit})")
            if language == "ja":
                found = re.search(pattern, text[: value.start])
            else:
                found = re.match(pattern, text[value.end :], re.IGNORECASE)
            if found:
                start = found.start() if language == "ja" else value.start
                yield Rate(start, value.end, RateKind.PER, Fraction(value.number), days)
                break


def _number(text: str, language: str) -> Fraction:
    """A small number, in figures or words; 0 if it is none."""
    if text.isdecimal():
        return Fraction(text)
    words = _WORD_NUMBERS[language].items()
    return next((number for word, number in words if re.fullmatch(word, text, re.IGNORECASE)), Fraction(0))


# --- changes ------------------------------------------------------------------------------

_BY_OR_TO = {
    "fr": (r"d['’e]\s?", r"à\s"),
    "en": (r"by\s", r"to\s"),
}
_AROUND = r"(?:(?:environ|près de|plus de|about|around|nearly|over)\s)?[€£$]?$"
_JAPANESE_CHANGE = r"減|増|削減|上昇|低下|引き[下上]げ|下が|上が"
_JAPANESE_BY = re.compile(
    rf"(?:[人台件校]|円)?(?:も|ほど|分)?(?:の)?(?:{_JAPANESE_CHANGE}|カット|アップ|値[上下])"
)
_JAPANESE_TO = re.compile(rf"(?:[人台件校]|円)?(?:に|まで)(?:{_JAPANESE_CHANGE}|な[っり])")


def _turns_a_change(statement: str, language: str, quote: str, quote_language: str) -> bool:
    """True if what changes by so much in the one changes to so much in the other."""
    theirs = find_numbers(quote, quote_language)
    for mine in find_numbers(statement, language):
        same = [one for one in theirs if one.number == mine.number]
        ways = {_way(one, quote, quote_language) for one in same}
        way = _way(mine, statement, language)
        if way and ways and way not in ways and None not in ways:
            return True
    return False


def _way(value: Value, text: str, language: str) -> str | None:
    """ "by" or "to", where a verb of change is followed by the value so; else None."""
    plain = half_width(text)
    if language == "ja":
        rest = plain[value.end :]
        return "to" if _JAPANESE_TO.match(rest) else "by" if _JAPANESE_BY.match(rest) else None
    if language not in _CHANGES:
        return None
    lead = plain[max(0, value.start - 45) : value.start]
    if not re.search(rf"\b(?:{_CHANGES[language]})\b", lead, re.IGNORECASE):
        return None
    by, to = _BY_OR_TO[language]
    if re.search(rf"\b{to}{_AROUND}", lead):
        return "to"
    return "by" if re.search(rf"\b{by}{_AROUND}", lead) else None


# --- what a share is of ----------------------------------------------------------------------

_SAME_WORD = 0.5
"""Match from which a word of the statement is what the quote's share is of."""

_WEIGHTY = 4.0
"""Rarity of a token, in nats beyond the commonest words', from which it may be what a share is of."""

_SOME = re.compile(
    r"\b(?:most|many|some|several|majority|part|few|plupart|nombreux|nombreuses|certaine?s|majorité|partie|plusieurs"
    r"|beaucoup|peu)\b|一部|多く|大半|過半|ほとんど|一定",
    re.IGNORECASE,
)


def leaves_out_share(
    statement: str, language: str, words: TokenStates, quote: str, quote_language: str, quoted: TokenStates
) -> bool:
    """True if the quote speaks of a share of something, and the statement of the whole: half the residents.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    if _SOME.search(statement) or any(
        rate.kind is RateKind.SHARE for rate in find_rates(statement, language)
    ):
        return False
    if any(value.kind is ValueKind.PERCENT for value in find_numbers(statement, language)):
        return False
    similar = words.vectors @ quoted.vectors.T
    for rate in find_rates(quote, quote_language):
        if rate.kind is not RateKind.SHARE:
            continue
        whole = _whole(rate, quote, quote_language, quoted)
        if whole and float(similar[:, whole].max()) >= _SAME_WORD:
            return True
    return False


def _whole(rate: Rate, quote: str, language: str, quoted: TokenStates) -> list[int]:
    """The tokens of what a share is of: « la moitié des habitants », 「住民の半数」."""
    heavy = [i for i, weight in enumerate(quoted.weights) if weight >= _WEIGHTY]
    if language == "ja" and quote[: rate.start].endswith("の"):
        return [i for i in heavy if quoted.spans[i][1] < rate.start][-1:]
    pause = re.search(r"[,;:.、。]", quote[rate.end :])
    limit = rate.end + pause.start() if pause else len(quote)
    return [i for i in heavy if quoted.spans[i][0] >= rate.end and quoted.spans[i][1] <= limit][:1]
