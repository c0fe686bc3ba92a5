"""Find the numbers that a text says, in figures or words, with what they count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from kanjize import kanji2number

from partnerbot.answering.values.cldr import EAST_ASIAN, currency_words, decimal_comma, unit_words
from partnerbot.answering.values.dates import find_dates
from partnerbot.answering.values.value import Value, ValueKind, half_width
from partnerbot.answering.values.words import SCALES, number_words

_SPACE = "\u00a0\u202f\u2009"

_FIGURES = {
    # decimal comma: 1 843 | 1.843 | 1 843,5; an ordinary space groups too
    True: re.compile(
        rf"(?<![\w.,])(?<![A-Za-z]-)(?:\d{{1,3}}(?:[ {_SPACE}.'’]\d{{3}})+(?!\d)|\d+)(?:,\d+)*(?![\d])"
    ),
    # decimal point: 1,843 | 1,843.5
    False: re.compile(
        rf"(?<![\w.,])(?<![A-Za-z]-)(?:\d{{1,3}}(?:[,{_SPACE}]\d{{3}})+(?!\d)|\d+)(?:\.\d+)*(?![\d])"
    ),
}
_EA_FIGURES = re.compile(
    r"(?<![\d.,A-Za-z])(?:\d{1,3}(?:,\d{3})+(?!\d)"
    r"|\d+)(?:\.\d+)?(?:[十百千万億兆만억조천백亿萬億](?:[\d,.]*\d)?)*"
)
_TO_KANJI = str.maketrans("만억조천백亿萬", "万億兆千百億万")

# Kanji are numbers only before a counter: 「三社」 is three firms, 「三重」 a prefecture.
_COUNTERS = (

        r"つ|人(?![間類工気事口])|名(?![前称所物])|社(?=[がのはをに、。])|校|園(?=[がのはを])"
        r"|[かカヶヵケ箇]国|[かカヶヵケ箇]所|都市|市町村|自治体|団体|個|回(?!復)"

        r"|[かカヶヵケ箇]月|週間|日間|時間|年間|周年|歳|倍|割|種類|点(?=[のがをは])|台(?!湾)|冊|枚"
        r"|本(?=[のがをは])|件|世帯|地域|県(?=[がのはを])|校|曲|組|隻|％|%|パーセント"
)  # fmt: skip
_KANJI = re.compile(
    rf"(?<![〇一二三四五六七八九十百千万億兆第\d])[〇一二三四五六七八九十百千万億兆]+(?={_COUNTERS})"
)

_PERCENT = re.compile(
    r"\s*(?:%|‰)|[\s\u00a0]*(?:pour[ -]?cent|p\. ?100|per ?cent|percent|Prozent|por ciento|per cento"
    r"|por cento)\b|パーセント|퍼센트"
)
_ORDINAL_MARK = re.compile(
    r"(?:er|re|ère|e|ème|ᵉ|th|st|nd|rd|º|ª|°(?![CF])|os|as)(?:s)?(?!\w)|(?:番目|回目|年目|人目|つ目"
    r"|代目|度目|位(?!置)|号|番)|(?:번째|위(?!원)|호)|\.(?=\s[A-ZÄÖÜ])"
)
_SKIPPED = re.compile(r"分の|年生|年ぶり|[月日時](?![間本])|월|일(?!간)|[/:]\d|(?<=\d)-[A-Za-z]|\.\w")
# "n° 12" is a name, and 「8分の1」 one number that is neither 8 nor 1.
_NO_QUANTITY_BEFORE = re.compile(r"(?:[nN]°|№|\bno\.)\s?$|分の$")

# Words that are numbers in form and mostly something else alone: new, (you) are, (she) is.
_DOUBTFUL = {"fr": {"neuf"}, "it": {"sei"}, "pt": {"meia"}}

_NOUN = re.compile(
    r"[\s\u00a0\u202f]*(?:d['’]|de\s|der\s)?((?:[^\W\d]|['’-])+(?:[\s\u00a0]+(?:[^\W\d]|['’-])+){0,3})"
)
_EA_NOUN = re.compile(r"\s*の?([^\s\W\dがをはにでとへもや]{1,10})")


def find_numbers(text: str, language: str, *, with_years: bool = False) -> list[Value]:
    """Return the numbers that the text says, in order, none overlapping.

    Figures with the language's separators and any width, kanji numerals before a counter,
    numbers in words, and mixtures ("3万5千", "2,5 millions"). Ordinals are of a kind of their
    own, and so are percentages, durations, measures and sums of money.

    with_years: also give the figures that belong to dates, as plain numbers.
    """
    plain = half_width(text)
    taken = [] if with_years else [(date.start, date.end) for date in find_dates(text, language)]
    if language in EAST_ASIAN:
        spans = [*_east_asian_figures(plain), *(_kanji_numbers(plain) if language == "ja" else ())]
    else:
        spans = list(_latin_numbers(plain, language))
    found = []
    for start, end, number, is_ordinal in sorted(spans):
        if any(start < b and a < end for a, b in taken):
            continue
        value = _with_unit(plain, start, end, number, language, is_ordinal=is_ordinal)
        if value is not None:
            taken.append((value.start, value.end))
            found.append(replace(value, text=text[value.start : value.end]))
    return found


_Span = tuple[int, int, Decimal, bool]


def ordinals(text: str, language: str) -> set[Decimal]:
    """Return the numbers that the text says as ordinals: 6 of "the sixth conference"."""
    found = find_numbers(text, language)
    return {one.number for one in found if one.kind is ValueKind.ORDINAL and one.number is not None}


def _latin_numbers(text: str, language: str) -> Iterator[_Span]:
    tokens = [(match.start(), match[0]) for match in re.finditer(r"[^\W\d]+|\d+|[^\w]|_", text)]
    ends = [start + len(token) for start, token in tokens]
    words = number_words([token for _, token in tokens], language)
    scales = {tokens[w.start][0]: (ends[w.end - 1], w.value) for w in words if w.value in SCALES}
    for match in _FIGURES[decimal_comma(language)].finditer(text):
        number, end = _figure(match[0], language), match.end()
        if number is None:
            continue
        scale = scales.pop(end + 1, None) if text[end : end + 1] in (" ", *_SPACE) else None
        if scale:
            end, number = scale[0], number * scale[1]
        yield match.start(), end, number, False
    for word in words:
        start, end = tokens[word.start][0], ends[word.end - 1]
        spelled = text[start:end]
        if (
            len(spelled) == 1
            or (word.value == 1 and not word.is_ordinal)
            or (word.value in SCALES and start not in scales)
        ):
            continue  # a letter; an article; a scale that a figure has taken
        if spelled.lower() in _DOUBTFUL.get(language, ()) and not re.match(r"\s+\w+[sxi]\b", text[end:]):
            continue
        yield start, end, word.value, word.is_ordinal


def _figure(figure: str, language: str) -> Decimal | None:
    """The value of a figure; None if it is no number ("1,2,3", a version "3.1.2").

    "60,000" is sixty thousand even where the comma is decimal: nobody writes three zeros after it.
    """
    group, point = (".", ",") if decimal_comma(language) else (",", ".")
    if re.fullmatch(
        rf"\d{{1,3}}(?:{re.escape(point)}000)+|\d{{1,3}}(?:{re.escape(point)}\d{{3}}){{2,}}", figure
    ):
        return Decimal(re.sub(r"\D", "", figure))
    whole, _, fraction = re.sub(rf"[\s'’{re.escape(group)}]", "", figure).partition(point)
    if fraction and not fraction.isdigit():
        return None
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def _east_asian_figures(text: str) -> Iterator[_Span]:
    for match in _EA_FIGURES.finditer(text):
        figure = match[0].rstrip(",.")
        end = match.start() + len(figure)
        if re.match(r"[百千](?=貨|葉|歳)", text[end - 1 :]) and len(figure) > 1:
            figure, end = figure[:-1], end - 1  # 「3百貨店」 has three department stores
        bare = figure.replace(",", "").translate(_TO_KANJI)
        try:
            number = Decimal(bare) if re.fullmatch(r"[\d.]+", bare) else Decimal(kanji2number(bare))
        except ValueError:
            continue  # two numbers side by side, 「10万20万」, or none, 「3億億」
        yield match.start(), end, number, _is_nth(text, match.start())


def _kanji_numbers(text: str) -> Iterator[_Span]:
    for match in _KANJI.finditer(text):
        try:
            number = kanji2number(match[0])
        except ValueError:
            continue  # 「万」 alone, 「千百十」 out of order
        yield *match.span(), Decimal(number), _is_nth(text, match.start())


def _is_nth(text: str, start: int) -> bool:
    return text[max(0, start - 1) : start] in ("第", "제")


@lru_cache(maxsize=64)
def _unit_pattern(language: str) -> re.Pattern[str]:
    words = sorted({**unit_words(language), **currency_words(language)}, key=len, reverse=True)
    ends = "" if language in EAST_ASIAN else r"(?!\w)"
    # A Latin abbreviation ends where its letters do, in any language.
    alternatives = "|".join(re.escape(word) + (r"(?![A-Za-z])" if word.isascii() else ends) for word in words)
    return re.compile(rf"[\s{_SPACE}-]?(?:d['’]|de )?({alternatives})")


def _with_unit(
    text: str, start: int, end: int, number: Decimal, language: str, *, is_ordinal: bool
) -> Value | None:
    """Name what the number is of; None if the figure turns out to be part of something else."""
    if mark := _ORDINAL_MARK.match(text, end):
        is_ordinal, end = True, mark.end()
    if is_ordinal:
        if text[max(0, start - 1) : start] in ("第", "제"):
            start -= 1
        return Value(start, end, ValueKind.ORDINAL, "", number=number, unit=_noun(text, end, language))
    if percent := _PERCENT.match(text, end):
        return Value(start, percent.end(), ValueKind.PERCENT, "", number=number)
    if text[start - 1 : start] in ("€", "£", "¥", "￥"):
        code = currency_words(language)[text[start - 1]]
        return Value(start - 1, end, ValueKind.MONEY, "", number=number, unit=code)
    if _SKIPPED.match(text, end) or _NO_QUANTITY_BEFORE.search(text[max(0, start - 4) : start]):
        return None
    if unit := _unit_pattern(language).match(text, end):
        word = unit[1]
        measured = unit_words(language).get(word)
        kind = ValueKind.MEASURE if measured else ValueKind.MONEY
        return Value(
            start, unit.end(), kind, "", number=number, unit=measured or currency_words(language)[word]
        )
    return Value(start, end, ValueKind.NUMBER, "", number=number, unit=_noun(text, end, language))


def _noun(text: str, end: int, language: str) -> str:
    match = (_EA_NOUN if language in EAST_ASIAN else _NOUN).match(text, end)
    return match[1] if match else ""
