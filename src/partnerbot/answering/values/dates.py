"""Find the dates that a text says, with their place, in any language whose months CLDR names.

Built on CLDR's month names and relative-time patterns instead of a date library, after measuring
two: dateparser 1.5 (`search_dates`) took 3 to 20 ms a sentence, took verbs for months ("may"),
put neighbouring words into the span and read "the 1980s" as a day of this year; ja-timex 0.2.8
gives exact spans in 2 ms but knows only Japanese and joins no ranges. Both fill in or resolve what
the text does not say; here a date keeps exactly the parts that are said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from partnerbot.answering.values.cldr import EAST_ASIAN, expression, locale_of, month_numbers
from partnerbot.answering.values.value import PartialDate, Value, ValueKind, half_width
from partnerbot.answering.values.words import number_words

_DASH = r"[-‐‑–—−~～〜]"
# What joins the two ends of a range, and what joins two days of a list, in Latin-script languages.
# Between two day numbers before one month no word of one language misleads in another.
_UNTIL = (
    rf"\s*{_DASH}\s*|\s+(?:au|à|jusqu['’]au|jusqu['’]à|to|until|till|through|bis|zum|al|a|até|ao|hasta"
    rf"|tot)\s+(?:(?:le|the|el|den|zum|il|o)\s+)?"
)
_AND = r"\s*&\s*|\s+(?:et|and|und|y|e|ed|en)\s+(?:(?:le|the|el|den|il|o)\s+)?"
_OF = r"(?:of\s+|del\s+|de\s+l['’]année\s+|de\s+|d['’]|do\s+)?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)(?:er|st|nd|rd|th|\.|º|°)?"
_YEAR = r"(?:1\d{3}|20\d{2})(?!\d)"

# Words after which a bare year is a year even before 1800 or before a noun.
_YEAR_INTRODUCED = re.compile(
    r"(?:\b(?:en|in|since|depuis|dès|année|années|l['’]an|year|jahr|jahre|im jahr|seit|desde|dal|nel"
    r"|em|año|anno|ano"
    r"|fin|début|mi|late|early|mid|by|before|after|avant|après|around|circa|vers|until|from|between"
    r"|entre|zwischen|d['’]ici)"
    r"[ \u00a0-]+(?:l['’]année )?|[(（])$",
    re.IGNORECASE,
)
_YEAR_RANGE = re.compile(rf"(?<![\w.,/-])(?P<a>{_YEAR})(?:{_UNTIL})(?P<b>{_YEAR})(?![\w€$£%]|[.,]\d)")
_BETWEEN = re.compile(r"\b(?:between|entre|zwischen|tra|fra)\s+$", re.IGNORECASE)
_BEFORE_CHRIST = re.compile(r"\s*(?:av\.|avant J|B\.?C|v\. ?Chr|a\. ?C)")

# The first year of each modern Japanese era, less one: 令和2年 is 2018 + 2.
_ERA_BASE = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}


def find_dates(text: str, language: str) -> list[Value]:
    """Return the dates, ranges, decades and centuries that the text says, in order, none overlapping.

    Months and years without a day, days without a year, Japanese eras and full-width digits
    are read. A year that stands alone must be introduced as one ("en 1950") or lie in
    1800-2099; years before our era are left out.

    language: the text's, ISO 639-1. In a language that CLDR lacks only figures are read.
    """
    plain = half_width(text)
    found = [*_centuries_and_decades(plain, language), *_relative(plain, language)]
    found += _east_asian(plain) if language in EAST_ASIAN else _latin(plain, language)
    dates = _join_ranges(plain, _without_overlaps(_join_relative(plain, _without_overlaps(found))), language)
    return [replace(value, text=text[value.start : value.end]) for value in dates]


def relative_date_in(text: str, language: str) -> bool:
    """True if the text dates something by a day that it does not say itself.

    "Last year" does, and so does "le 17 octobre" where nothing in the text says which year.
    """
    dates = find_dates(text, language)
    some_year = any(date.since and date.since.year for date in dates)
    return any(date.relative or (date.since and not date.since.year and not some_year) for date in dates)


def _date(start: int, end: int, since: PartialDate | None, until: PartialDate | None = None, *,
          kind: ValueKind = ValueKind.DATE, relative: bool = False) -> Value:  # fmt: skip
    return Value(start, end, kind, "", since, None if until == since else until, relative)


def _without_overlaps(values: list[Value]) -> list[Value]:
    """Keep, of values that overlap, the one that begins first, and of those the longest."""
    kept: list[Value] = []
    for value in sorted(values, key=lambda v: (v.start, -v.end)):
        if not kept or value.start >= kept[-1].end:
            kept.append(value)
    return kept


# --- languages that write months as words -------------------------------------------------


@lru_cache(maxsize=64)
def _month_pattern(language: str, *, full_names: bool = False) -> str:
    """The names of months as one alternative, longest first; one that matches nothing where there are none.

    full_names: without the abbreviations, for where nothing else tells "sept" the month from seven.
    """
    names = sorted(month_numbers(language, full_names=full_names), key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, names)) + r")(?!\w)" if names else r"(?!)"


@lru_cache(maxsize=64)
def _latin_patterns(
    language: str,
) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], Value | None]], ...]:
    month, full_month = _month_pattern(language), _month_pattern(language, full_names=True)
    lead = r"(?<![\w./,-])"
    day_month = (
        rf"{lead}(?:(?P<list>{_DAY}(?:\s*,\s*{_DAY})*)(?:(?P<until>{_UNTIL})|(?P<and>{_AND})))?"
        rf"(?P<day>{_DAY})\s*{_OF}(?P<month>{month})(?:\.?,?\s*{_OF}(?P<year>{_YEAR}))?"
    )
    month_day = (
        rf"{lead}(?P<month>{month})\.?\s+(?P<list>{_DAY})(?:(?:(?P<until>{_UNTIL})|(?P<and>{_AND}))"
        rf"(?P<day>{_DAY})(?!\s+{month}))?(?:,?\s+(?P<year>{_YEAR}))?"
    )
    month_year = rf"(?<!\w)(?P<month>{month})\.?,?\s*{_OF}(?P<year>{_YEAR})"
    month_alone = (
        r"(?<!\w)(?:(?:en|in|de|d['’]|since|depuis|dès|début|fin|mi-?|in early|in late|im|seit|desde"
        r"|em|a|à partir de|until|from"
        rf"|by|every|chaque|of)\s*|-)(?P<month>{full_month})(?!\s*\d)"
    )
    patterns: list[tuple[str, Callable[[re.Match[str], str], Value | None]]] = [
        (day_month, _read_days), (month_year, _read_month), (month_alone, _read_month),
    ]  # fmt: skip
    if language == "en":
        patterns.insert(1, (month_day, _read_days))
    return tuple((re.compile(pattern), read) for pattern, read in patterns)


def _read_month(match: re.Match[str], language: str) -> Value | None:
    groups = match.groupdict()
    year = int(groups["year"]) if groups.get("year") else None
    since = PartialDate(year, month_numbers(language)[groups["month"]])
    return _date(match.start("month"), match.end("year") if year else match.end("month"), since)


def _read_days(match: re.Match[str], language: str) -> Value | None:
    year = int(match["year"]) if match["year"] else None
    month = month_numbers(language)[match["month"]]
    days = [int(day) for part in (match["list"], match["day"]) if part for day in re.findall(r"\d+", part)]
    return _days_of_month(match.start(), match.end(), year, month, days, is_range=bool(match["until"]))


def _days_of_month(
    start: int, end: int, year: int | None, month: int, days: list[int], *, is_range: bool
) -> Value:
    """One day, a range, or a list: consecutive days are a range; of others only the month is sure."""
    if len(days) > 1 and not is_range and any(b != a + 1 for a, b in pairwise(days)):
        return _date(start, end, PartialDate(year, month))
    return _date(start, end, PartialDate(year, month, days[0]), PartialDate(year, month, days[-1]))


_ISO = re.compile(
    r"(?<![\d/.-])(?P<year>1\d{3}|20\d{2})[-/.](?P<month>0?[1-9]|1[0-2])[-/.](?P<day>0?[1-9]|[12]\d"
    r"|3[01])(?![\d/-])"
)
_FIGURES = re.compile(
    r"(?<![\d/.-])(?P<day>\d{1,2})(?P<s>[/.])(?P<month>\d{1,2})(?P=s)(?P<year>1\d{3}|20\d{2})(?![\d/-])"
)
_BARE_YEARS = re.compile(
    rf"(?<![\w.,/:°€$£-])(?P<a>{_YEAR})(?:\s*[-–—~～〜/]\s*(?P<b>{_YEAR}|\d{{2}}(?!\d)))?(?![\w°€$£%]"
    rf"|[.,]\d|-[A-Za-z])"
)
# After a figure these make it an amount: "2000 habitants", "1950 %", "1900 km".
_AMOUNT_FOLLOWS = re.compile(
    r"[\s\u00a0\u202f]+(?:[%€$£]|km|kg|m²|ha\b|(?:de\s|d['’])?[a-zà-ÿ]{3,}[sx]\b|people\b|children\b|yen\b"
    r"|Einwohner)"
)
_NOT_AMOUNTS = re.compile(
    r"[\s\u00a0]+(?:dans|sans|puis|vers|alors|depuis|was|has|does|is|sous|mais|plus|après|towards|as"
    r"|across|his|its|this|les|des|ces|ses|nous|très)\b"
)


def _latin(text: str, language: str) -> Iterator[Value]:
    for pattern, read in _latin_patterns(language):
        for match in pattern.finditer(text):
            value = read(match, language)
            if value is not None:
                yield value
    yield from _figures(text, day_first=language != "en")
    yield from _bare_years(text)


def _figures(text: str, *, day_first: bool) -> Iterator[Value]:
    for match in _ISO.finditer(text):
        yield _date(*match.span(), PartialDate(int(match["year"]), int(match["month"]), int(match["day"])))
    for match in _FIGURES.finditer(text):
        day, month = int(match["day"]), int(match["month"])
        if month > 12 and day <= 12:
            day, month = month, day
        elif not day_first and day != month and day <= 12:
            continue  # 10/12/2023 is October in one English and December in another
        if 1 <= day <= 31 and 1 <= month <= 12:
            yield _date(*match.span(), PartialDate(int(match["year"]), month, day))


def _bare_years(text: str) -> Iterator[Value]:
    for match in _YEAR_RANGE.finditer(text):
        first, last = int(match["a"]), int(match["b"])
        if first < last <= first + 200:
            yield _date(*match.span(), PartialDate(first), PartialDate(last))
    for match in _BARE_YEARS.finditer(text):
        first = int(match["a"])
        introduced = _YEAR_INTRODUCED.search(text[max(0, match.start() - 24) : match.start()])
        after = text[match.end() : match.end() + 24]
        amount = _AMOUNT_FOLLOWS.match(after) and not _NOT_AMOUNTS.match(after)
        if _BEFORE_CHRIST.match(after) or (not introduced and (first < 1800 or amount)):
            continue
        if not match["b"]:
            yield _date(*match.span(), PartialDate(first))
            continue
        last = int(match["b"]) if len(match["b"]) == 4 else first // 100 * 100 + int(match["b"])
        if first < last:
            yield _date(*match.span(), PartialDate(first), PartialDate(last))


# --- Japanese, Chinese, Korean ------------------------------------------------------------

_ONE_TO_NINE = "一二三四五六七八九"
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇" + _ONE_TO_NINE)} | {"元": 1}
# The 23rd is 二十三 or 二三; 〇 alone stands for a year that isn't said.
_IN_ERA = rf"(?:元|\d{{1,2}}|[{_ONE_TO_NINE}]?十[{_ONE_TO_NINE}]?|[{_ONE_TO_NINE}][〇{_ONE_TO_NINE}]?)"
_ERA_YEAR = rf"(?P<era>{'|'.join(_ERA_BASE)})\s*(?P<era_year>{_IN_ERA})\s*年度?"
_WEST_YEAR = r"(?P<year>(?<!\d)(?:1\d{3}|20\d{2}))\s*[年년](?![代間대간])(?:度|도(?!시))?"
_EA_YEAR = (
    rf"(?:{_WEST_YEAR}(?:\s*[(（]\s*(?:{'|'.join(_ERA_BASE)})\s*{_IN_ERA}\s*年\s*[)）])?"
    rf"|{_ERA_YEAR}(?:\s*[(（]\s*\d{{4}}\s*年?\s*[)）])?)"
)
_EA_DAYS = (
    r"(?P<days>(?<!\d)\d{1,2}(?:\s*[日일号號]?\s*(?:[、・,，와과と和]|及び|および)\s*\d{1,2})*\s*(?:日(?![間本])|일(?!간)"
    r"|[号號](?![線车]))|(?<=月)\d{1,2}(?=\s*[-~～〜–]\s*\d{1,2}日))"
)
_EA_MONTH = (
    r"(?P<month>(?<!\d)(?:0?[1-9]|1[0-2]))\s*[月월](?:上旬|中旬|下旬|初旬|初め|半ば|末|초순|중순|하순)?"
)
_EA_DATE = re.compile(
    rf"{_EA_YEAR}(?:\s*{_EA_MONTH}(?:\s*{_EA_DAYS})?)?"
    rf"|{_EA_MONTH.replace('month', 'month2')}(?:\s*{_EA_DAYS.replace('days', 'days2')})?"
)
_EA_UNTIL = (
    r"\s*+(?:[(（][月火水木金土日](?:曜日?)?[・･祝]*[)）])?\s*+(?:から|より|부터|至|到|{dash})\s*+"
).replace("{dash}", _DASH)
_EA_LAST_DAY = re.compile(rf"{_EA_UNTIL}(?P<day>\d{{1,2}})\s*(?:日(?![間本])|일(?!간)|[号號])")


def _kanji_year(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" not in text:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text))
    tens, ones = text.split("十")
    return _KANJI_DIGITS.get(tens, 1) * 10 + _KANJI_DIGITS.get(ones, 0)


def _east_asian(text: str) -> Iterator[Value]:
    for match in _EA_DATE.finditer(text):
        year = int(match["year"]) if match["year"] else None
        if match["era"]:
            year = _ERA_BASE[match["era"]] + _kanji_year(match["era_year"])
        if text[max(0, match.start() - 3) : match.start()].endswith(("紀元前", "公元前", "기원전")):
            continue
        month, days = match["month"] or match["month2"], match["days"] or match["days2"]
        if not days:
            yield _date(*match.span(), PartialDate(year, int(month) if month else None))
            continue
        numbers, end, is_range = [int(day) for day in re.findall(r"\d+", days)], match.end(), False
        if last := _EA_LAST_DAY.match(text, end):
            numbers, end, is_range = [numbers[0], int(last["day"])], last.end(), True
        yield _days_of_month(match.start(), end, year, int(month), numbers, is_range=is_range)
    yield from _figures(text, day_first=False)
    # Without 年 a year counts only where nothing can be counted: "(1990)", "2008-2010年".
    for match in re.finditer(
        rf"(?<=[(（])(?P<a>{_YEAR})(?=[)）])|(?<!\d)(?P<b>{_YEAR})\s*{_DASH}\s*(?P<c>{_YEAR})\s*[年년]?", text
    ):
        if match["a"]:
            yield _date(*match.span(), PartialDate(int(match["a"])))
        elif int(match["b"]) < int(match["c"]):
            yield _date(*match.span(), PartialDate(int(match["b"])), PartialDate(int(match["c"])))


# --- decades, centuries, relative dates ---------------------------------------------------

_ROMAN = {"I": 1, "V": 5, "X": 10}


def roman(text: str) -> int:
    """Return the number that Roman figures up to XXXIX say."""
    values = [_ROMAN[letter] for letter in text]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _century_number(text: str) -> int:
    return int(text) if text.isdigit() else roman(text)


def _centuries_and_decades(text: str, language: str) -> Iterator[Value]:
    for match in re.finditer(expression("century", language), text):
        groups = match.groupdict()
        first = (
            _century_number(groups["a"]) if groups.get("a") else _spelled_ordinal(groups.get("w"), language)
        )
        last = _century_number(groups["b"]) if groups.get("b") else first
        if not (first and last and first <= last <= 21) or _BEFORE_CHRIST.match(text, match.end()):
            continue
        years = PartialDate(first * 100 - 99), PartialDate(last * 100)
        yield _date(*match.span(), *years, kind=ValueKind.CENTURY)
    for match in re.finditer(expression("decade", language), text):
        groups = match.groupdict()
        decade = int(groups["d"] or groups["e"])
        decade += 1900 if decade < 100 else 0
        yield _date(*match.span(), PartialDate(decade), PartialDate(decade + 9), kind=ValueKind.DECADE)


def _spelled_ordinal(word: str | None, language: str) -> int | None:
    """The number of "nineteenth", or None if the word is no ordinal."""
    numbers = [found.value for found in number_words([word], language) if found.is_ordinal] if word else []
    return int(numbers[0]) if numbers else None


@lru_cache(maxsize=64)
def _relative_pattern(language: str) -> re.Pattern[str]:
    phrases = expression("relative", language).replace("{month}", _month_pattern(language))
    return re.compile("|".join([phrases, *_ago(language)]), re.IGNORECASE)


def _ago(language: str) -> list[str]:
    """CLDR's patterns for a time counted back from now: "{0} years ago", "il y a {0} ans", "{0} 年前"."""
    if locale_of(language).language != language:
        return []
    # Babel's format_timedelta reads these fields here too and has no public way to them.
    fields = locale_of(language)._data["date_fields"]
    number = r"(?:\\d+|\\w+)" if language not in EAST_ASIAN else r"\\d+"
    return [
        re.sub(r"\\?\{0\\?\}(?:\\ |\s)*", number + r"\\s*", re.escape(pattern))
        + (r"\b" if language not in EAST_ASIAN else "")
        for name in ("year", "month", "week", "day")
        for pattern in fields[name].get("past", {}).values()
    ]


def _relative(text: str, language: str) -> Iterator[Value]:
    for match in _relative_pattern(language).finditer(text):
        month = re.search(_month_pattern(language), match[0])
        since = PartialDate(month=month_numbers(language)[month[0]]) if month else None
        yield _date(*match.span(), since, relative=True)


_LINK = re.compile(r"\s*(?:(?:de|of|del|do|des|の)\s*|,\s*)?", re.IGNORECASE)


def _join_relative(text: str, values: list[Value]) -> list[Value]:
    """Join "octobre" and "de l'année dernière", 「昨年」 and 「10月」 into one relative date."""
    joined: list[Value] = []
    for value in values:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.relative != value.relative
            and (before.since or value.since)
            and not any(part.since and part.since.year for part in (before, value))
            and _LINK.fullmatch(text[before.end : value.start])
        ):
            known = before if before.since else value
            joined[-1] = _date(before.start, value.end, known.since, known.until, relative=True)
        else:
            joined.append(value)
    return joined


# --- ranges between two dates -------------------------------------------------------------

_LATIN_BETWEEN = re.compile(rf"(?:{_UNTIL})(?:d['’]|de\s+)?")
_LATIN_AND = re.compile(rf"(?:{_AND})")
_EA_BETWEEN = re.compile(_EA_UNTIL)


def _join_ranges(text: str, values: list[Value], language: str) -> list[Value]:
    """Join two dates that the text makes the ends of one range, the first taking the year it lacks."""
    joined: list[Value] = []
    for value in values:
        before = joined[-1] if joined else None
        since, until = before.since if before else None, value.since
        if before and since and until and _is_range(text, before, value, language):
            if since.year is None:
                since = PartialDate(until.year, since.month, since.day)
            elif until.year is None:
                until = PartialDate(since.year, until.month, until.day)
            joined[-1] = _date(before.start, value.end, since, until)
        else:
            joined.append(value)
    return joined


def _is_range(text: str, first: Value, last: Value, language: str) -> bool:
    plain = all(
        v.kind is ValueKind.DATE and v.since and not v.until and not v.relative for v in (first, last)
    )
    if not plain or (first.since and last.since and bool(first.since.day) != bool(last.since.day)):
        return False
    gap = text[first.end : last.start]
    if language in EAST_ASIAN:
        return bool(_EA_BETWEEN.fullmatch(gap))
    if _LATIN_AND.fullmatch(gap):
        return bool(_BETWEEN.search(text[max(0, first.start - 12) : first.start]))
    return bool(_LATIN_BETWEEN.fullmatch(gap))
