"""Do the values and names of a sentence stand in the quote, and in the same relation to each other?

An embedding hardly notices a wrong year or two towns that changed places. These are told by what is
said: every number, date and name must be found, and none may have taken another's place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, islice, pairwise, product

from kanjize import kanji2number

from partnerbot.answering.mentions import (
    Known,
    Name,
    Span,
    countries_implied,
    countries_said,
    find_word,
    names_in,
)
from partnerbot.answering.values import (
    PartialDate,
    Value,
    ValueKind,
    find_dates,
    find_numbers,
    resolved,
)
from partnerbot.answering.values.cldr import (
    EAST_ASIAN,
    currency_words,
    month_numbers,
    unit_words,
    weekdays_said,
)
from partnerbot.answering.values.value import DATE_KINDS
from partnerbot.answering.values.widths import half_width
from partnerbot.documents.scripts import HAN
from partnerbot.index.language_bias import BACKGROUND_LANGUAGES
from partnerbot.writing.bounds import bound_of, may_be_said_of
from partnerbot.writing.clock import ClockTime, find_lengths, find_times
from partnerbot.writing.moments import Bound, Moment, moment_of
from partnerbot.writing.rates import RateKind, find_rates, says_otherwise

_DEFINITE = re.compile(
    r"\b(?:the|these|those|both|les|des|ces|leurs|nos|die|beiden|los|las|i|le|os|as|dos|das)\s+$", re.I
)
# By language: English and French have an "a" that is no preposition.
_PLACE_BEFORE = {
    "fr": "à|au|aux|en|dans|vers",
    "en": "in|at|to|into|near",
    "de": "in|im|nach|zu|bei",
    "es": "a|al|en|para",
    "it": "a|ad|al|in",
    "pt": "a|em|no|na|para",
}
_LATIN_PLACE = {
    language: re.compile(
        rf"(?<!\w)(?:{words})\s+(?:(?:la|le|les|the|der|dem|el|los)\s+|l['’])?$", re.IGNORECASE
    )
    for language, words in {**_PLACE_BEFORE, "": "|".join(_PLACE_BEFORE.values())}.items()
}
_CJK_PLACE = re.compile(
    r"^(?:[市県町村都府区]|メトロポール|都市圏)?(?:駅|前|内|側|周辺)*(?:に|で|へ|에|에서|로)"
)
_JOINT = re.compile(
    r"\s*(?:、|・|&|et|and|und|y|e|と|及び|および|[–-])\s*(?:(?:la|le|les|the|de|du|d['’])\s*)*", re.I
)
_TAKES_UP = re.compile(
    r"\W*(?:(?:ils?|elles?|ce|cet|cette|it|he|she|they|this|er|sie|es|dies\w*)\b|同|この|その|彼|これ)",
    re.IGNORECASE,
)
_FRONTED = re.compile(
    r"^\W*(?:à|au|aux|en|dans|chez|pour|après|avant|depuis|quand|lorsque?|lors|in|at|for|on|after|before|since"
    r"|when|while|following)\b[^,;:]{0,40}$",
    re.IGNORECASE,
)
_APPOSITION = re.compile(r", [^,;:.]{3,80},")
_APPOSED = re.compile(r",\s(?:(?:M\.|Mme|Mlle|Mrs?\.?|Ms\.?|Dr\.?)\s)?")
_POSSESSED = re.compile(r"['’]s(?:\s[a-zß-ÿ-]+){1,2}\s")
_OF = re.compile(r"(?<!\w)(?:(?:de|du|des|of)\s(?:(?:la|the)\s)?|d['’])$")
_OFFICE = re.compile(r",\s[\w'’ -]{2,40}(?:\s(?:de|du|des|of|of the)\s(?:la\s)?|\sd['’])")
# « A, la ville dont relève l'île de B » says something of B.
_OF_WHICH = re.compile(
    r",?\s(?:(?:(?:la|le|les|the|une?|an?)\s|l['’])[a-zß-ÿ]+\s)?(?:dont|(?:of|to|from|in) which)\s"
    r"[^,;:.]{2,40}",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:(?:à|en|dans|depuis|après|avant|dès|chaque|in|on|at|since|after|before|every|each)\s[^;:.]{0,50},\s)?"
    r"(?:il|elle|it|he|she)\s",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\W*(?:(?:les|ces|the|these)\s(?:deux|two)|both)\b|両|(?:この)?(?:二|2|ふた)つの", re.IGNORECASE
)
_CLAUSE_BEGINS = re.compile(
    r"(?:[;；:：]|,\s(?:and|but|while|et|mais|tandis que))\s*(?:(?:la|le|the)\s)?$", re.IGNORECASE
)
_NOUN_OF = re.compile(r"\b([a-zß-ÿ]{4,})\s(?:(?:de|of)\s|d['’])$")
_ITS = r"(?:\b(?:the|this|that|le|la|les|ce|cette)\s|l['’]|['’]s?\s)"
_ONE_NOUN = re.compile(r"\s(?:[a-zß-ÿ]{4,}\s)?")
_CLAUSE_END = re.compile(r"[;；:：。.!?！？\n]")
_SHORT_GAP = 8  # characters
_BELONGING = re.compile("[市県町村都府区]?の|, (?:M\\. |Mme )?")
_COUNTED = re.compile(
    r"(?<![\d.,一二三四五六七八九十百千万第])"
    r"(?:(?P<figures>\d+(?:[.,]\d+)*)(?P<scale>[万億千]?)|(?P<kanji>[一二三四五六七八九十百千]+))"
    r"(?P<counter>日間|[層回点冊枚本階両基週人台校日年月度])"
)
_SCALES = {"": 1, "千": 1_000, "万": 10_000, "億": 100_000_000}
_DAYS = re.compile(
    r"\bdu (\d{1,2}) au (\d{1,2})\b|(?<![月\d])(\d{1,2})日から(\d{1,2})日(?![間目])"
    r"|\b(?:from )?the (\d{1,2})(?:st|nd|rd|th) to the (\d{1,2})(?:st|nd|rd|th)\b(?! centur)",
    re.IGNORECASE,
)
_ANY_DAY = "2001-07-01"
_YESTERDAY = re.compile(r"hier|yesterday|gestern|ayer|ieri|ontem|昨日|昨天|어제", re.IGNORECASE)
_NEAR_DAYS = 60
"""Days from an article's date within which a day that it says without a year is of that time."""

_MONTH_DAYS = 31
_HALF_DAY = 12 * 60  # minutes
_AMOUNTS = frozenset({ValueKind.NUMBER, ValueKind.MEASURE, ValueKind.ORDINAL})
_ORDINAL_COUNTERS = frozenset({"周年", "階"})
"""What Japanese counts and others number: 「10周年」 is the tenth anniversary."""

_PUBLISHING = re.compile(
    r"\b(?:publi(?:é|ée|és|ées|cation|er|e|ent)|parue?s?|paraît|parut|daté|articles?|published|dated|appeared)\b"
    r"|掲載|公開日|発表|[年月日]付",
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(
    r"(?<!\w)(?:à|dès|de|vers|jusqu['’]à|entre|et|at|from|to|until|till|between|and|um|bis|von|ab)\s+$", re.I
)
_LENGTH_AFTER = re.compile(r"\s+(?:de\s|d['’]|of|from|by|drive|away|long|par|a\s|per)", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:first|premi[eè]r|debut)|初|最初|第一|第1(?!\d)", re.IGNORECASE)
_FIRST_OF_NO_ROW = re.compile(r"\s+(?:ministre|ministres|lady|names?|of all)\b", re.IGNORECASE)
_KANJI = re.compile(f"[{HAN}]")
_KATAKANA = r"[ァ-ヶー]{2,}"
_TITLE = r"元?(?:市長|町長|村長|知事|大使|会長|理事長|所長|学長|教授|博士|首相|大統領)(?!選)"
_JAPANESE_PERSON = re.compile(
    r"(?<![一-龠々])[一-龠々]{2,5}(?=氏(?![名族])|さん(?!業))"
    rf"|(?<=の)[一-龠々]{{2,4}}(?={_TITLE})"
    rf"|(?<![ァ-ヶー・＝=])(?:{_KATAKANA}(?=氏|さん)"
    rf"|{_KATAKANA}(?:[・＝=]{_KATAKANA}){{1,3}}(?=氏|さん|{_TITLE}|[はがを]|により|によって|[（(]))"
)
"""A name before its title; a foreigner's has a middle dot and is a phrase's subject or agent."""

_NAME_GAP = 6
"""Characters that may stand between two words of one name: "de la", a title, an initial."""


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
class Findings:
    """What came of checking: the parts that the statement rests on, and what is wrong with it, if anything.

    `reason` is a word for the log: "value", "name", "country" or "roles".
    """

    parts: frozenset[str]
    reason: str | None
    found: int
    """How many values and names were found in the main sentence."""

    from_title: tuple[Value, ...] = ()
    """The amounts that only the title gives."""


def check_facts(
    statement: str,
    language: str,
    around: Surroundings,
    known: Known,
    is_matched_word: Callable[[Span], bool],
    is_said_otherwise: Callable[[Span], bool] = lambda _: False,
) -> Findings:
    """Check a statement's values, names and their relations against a sentence.

    `is_matched_word`: whether what looks like a name may be an ordinary word, and the sentence has it.
    `is_said_otherwise`: the same of the sentence's, and the statement.
    """
    parts: set[str] = {"main"}
    in_main = 0
    from_title: list[Value] = []
    dated_by: set[str] = set()
    for value in values_in(statement, language):
        part = _where_value(value, statement, language, around)
        if part is None:
            return Findings(frozenset(parts), "value", in_main)
        parts.add(part)
        in_main += part == "main"
        if part == "title" and value.kind not in DATE_KINDS:
            from_title.append(value)
        if value.since and value.since.year:
            dated_by.add(part)
        elif part != "main" and _main_says_another(value, statement, language, part, around):
            return Findings(frozenset(parts), "value", in_main)
    if _counts_differ(statement, language, around) or _is_another_than_the_first(statement, language, around):
        return Findings(frozenset(parts), "value", in_main)
    if not _clock_and_days_agree(statement, language, around):
        return Findings(frozenset(parts), "value", in_main)
    if says_otherwise(
        statement, language, f"{around.title}\n{around.before}\n{around.main}", around.language
    ):
        return Findings(frozenset(parts), "value", in_main)
    if not _persons_are_named(statement, language, around):
        return Findings(frozenset(parts), "name", in_main)
    if not _digits(statement) <= _digits(" ".join(text for _, text in around.parts())) | _spelled(
        statement, language
    ):
        return Findings(frozenset(parts), "value", in_main)
    placed: list[_Placed] = []
    values = _values_said(statement, language)
    for name in names_in(statement, language, known):
        if any(value.start < name.end and name.start < value.end for value in values):
            continue
        spans = _where_name(name, statement, around, known)
        if (spans is None or spans[0] != "main") and all(map(is_matched_word, name.words)):
            continue
        if spans is None:
            return Findings(frozenset(parts), "name", in_main)
        placed.append(_Placed(name, *spans))
        parts.add(spans[0])
        in_main += spans[0] == "main"
    alone = {
        code
        for code, spans in countries_said(statement, language).items()
        if not all(_ends_a_name(start, statement, placed) for start, _ in spans)
    }
    if not alone <= _countries_around(around):
        return Findings(frozenset(parts), "country", in_main)
    reason = None
    nearer = around.main if "before" in dated_by else f"{around.before} {around.main}"
    if "main" not in dated_by and dated_by and _dated(nearer, around.language):
        reason = "value"
    left_out = [
        name for name in _names_left_out(placed, around, known) if not all(map(is_said_otherwise, name.words))
    ]
    if reason is None and _relations_differ(statement, language, placed, left_out, around, known):
        reason = "roles"
    return Findings(frozenset(parts), reason, in_main, tuple(from_title))


def _ends_a_name(start: int, statement: str, placed: Sequence[_Placed]) -> bool:
    """True for the country in "Cités Unies France", where the rest of the name is found."""
    return any(one.name.end == start - 1 and statement[start - 1] == " " for one in placed)


def facts_in(statement: str, language: str, known: Known) -> list[Span]:
    """Return where a statement gives values, times, names and countries."""
    spans = [(value.start, value.end) for value in _values_said(statement, language)]
    spans += [(time.start, time.end) for time in find_times(statement, language)]
    spans += [word for name in names_in(statement, language, known) for word in name.words]
    return spans + [span for found in countries_said(statement, language).values() for span in found]


@dataclass(frozen=True)
class _Placed:
    """A statement's name, and where a part of the surroundings gives it."""

    name: Name
    part: str
    spans: tuple[Span, ...]


def takes_up(sentence: str) -> bool:
    """True if a sentence begins with a word for what the sentence before speaks of: it, « elle », 同."""
    return bool(_TAKES_UP.match(sentence))


# --- values -------------------------------------------------------------------------------


def values_in(text: str, language: str) -> list[Value]:
    """Return the dates and amounts that a text gives; not those that take up what was said ("the two")."""
    rates = [rate for rate in find_rates(text, language) if rate.kind is not RateKind.PER]
    return [
        value
        for value in _values_said(text, language)
        if not _says_no_amount(value, text)
        # "Two thirds" and "every two years" are compared as what they are.
        and not any(rate.start < value.end and value.start < rate.end for rate in rates)
    ]


def _clock_and_days_agree(statement: str, language: str, around: Surroundings) -> bool:
    """True if the times of day and the days of the week that a statement gives are said around it.

    Where the sentence itself says a day of the week, the statement's must be among its own.
    """
    said = [
        (time, text)
        for _, text in around.parts()
        for time in find_times(text, around.language) + find_lengths(text)
    ]
    if not all(
        any(
            time.may_be(other) and _is_meant_alike(time, statement, language, other, text, around.language)
            for other, text in said
        )
        for time in find_times(statement, language)
    ):
        return False
    days = weekdays_said(statement, language) - _weekdays_of_dates(statement, language)
    here = weekdays_said(around.main, around.language)
    everywhere = {day for _, text in around.parts() for day in weekdays_said(text, around.language)}
    return days <= (here or everywhere)


def _may_be_said(
    value: Value, statement: str, language: str, candidate: Value, other: str, other_language: str
) -> bool:
    """True unless words beside two values make two facts of them: since and until, more and less."""
    if value.kind in DATE_KINDS and candidate.kind in DATE_KINDS:
        return _is_meant_alike(value, statement, language, candidate, other, other_language)
    if value.number != candidate.number or ValueKind.ORDINAL in (value.kind, candidate.kind):
        return True
    return may_be_said_of(bound_of(value, statement, language), bound_of(candidate, other, other_language))


def _is_meant_alike(
    one: ClockTime | Value,
    text: str,
    language: str,
    other: ClockTime | Value,
    other_text: str,
    other_language: str,
) -> bool:
    """True if a date or hour that both texts say may be the beginning, the end or the day itself in both."""
    mine, theirs = (_moment(*said) for said in ((one, text, language), (other, other_text, other_language)))
    if isinstance(other, Value) and other.kind is ValueKind.DATE and other.until and other.since:
        if isinstance(one, Value) and one.until:
            return True
        # Of a stretch of time one end is said: "it began on its last day" isn't.
        first, last = (
            isinstance(one, Value) and one.since is not None and _is_the_same(one.since, end)
            for end in (other.since, other.until)
        )
        if first or last:
            return (first and mine.may_be(Moment(Bound.SINCE))) or (last and mine.may_be(Moment(Bound.UNTIL)))
    return mine.may_be(theirs)


def _is_the_same(day: PartialDate, other: PartialDate) -> bool:
    """True if what both say of a date is the same."""
    pairs = ((day.year, other.year), (day.month, other.month), (day.day, other.day))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in pairs)


def _moment(said: ClockTime | Value, text: str, language: str) -> Moment:
    span = (said.start, said.end)
    if isinstance(said, Value) and said.kind in DATE_KINDS:
        others = [(one.start, one.end) for one in find_dates(text, language)]
    else:
        others = [(one.start, one.end) for one in find_times(text, language)] + [
            (value.start, value.end)
            for value in find_numbers(text, language)
            if value.unit == "duration-hour" and value.kind is ValueKind.MEASURE
        ]
    return moment_of(text, language, span, others)


def _weekdays_of_dates(statement: str, language: str) -> set[int]:
    """The days of the week on which the statement's full dates fall, said or not."""
    return {
        day.weekday()
        for value in find_dates(statement, language)
        if value.since and not value.until and (day := _calendar_day(value.since))
    }


def _says_no_amount(value: Value, text: str) -> bool:
    """True for "the two cities", which only takes up what was said, and for "first" and "one"."""
    if value.kind not in (ValueKind.NUMBER, ValueKind.ORDINAL) or any(
        c.isdigit() for c in half_width(value.text)
    ):
        return False
    if value.number == 1:
        return True
    return value.number == 2 and bool(_DEFINITE.search(text[: value.start]))


def _where_value(value: Value, statement: str, language: str, around: Surroundings) -> str | None:
    """The nearest part that says a value.

    The article's own day or month counts as its title does where the statement is about publishing.
    """
    for part, other in around.parts():
        said = [
            candidate
            for candidate in _values_said(other, around.language)
            if _may_be_said(value, statement, language, candidate, other, around.language)
        ]
        if any(
            says(value, candidate, around.published)
            and not _is_of_another_kind(value, language, candidate, said, around.language)
            and (
                _minutes_meant(value, statement) is None
                or _is_meant_alike(value, statement, language, candidate, other, around.language)
            )
            for candidate in said
        ):
            return part
        if (
            value.since
            and _says_without_year(value, said)
            and value.since.year in _years_meant(value, around)
        ):
            return part
        minutes = _minutes_meant(value, statement)
        if minutes is not None and any(
            time.minutes % _HALF_DAY == minutes % _HALF_DAY
            and _is_meant_alike(value, statement, language, time, other, around.language)
            for time in find_times(other, around.language)
        ):
            return part
    if (
        value.since
        and value.since.month
        and around.published
        and value.since == _day(around.published)
        and _PUBLISHING.search(statement)
    ):
        return "title"
    if value.since and value.since.month and not (value.since.year or value.since.day):
        # "en octobre" alone is too common a word to be read as a date everywhere.
        names = [name for name, month in month_numbers(around.language).items() if month == value.since.month]
        for part, other in around.parts():
            if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", other) for name in names):
                return part
    return None


def _is_of_another_kind(
    value: Value, language: str, candidate: Value, said: Sequence[Value], other_language: str
) -> bool:
    """True if the same figure is no measure of what the value measures, where something else is one.

    "24 days" isn't said by "24 pupils stayed for ten days", nor is "ten pupils"; "the 3rd" not by "3 races".
    """
    kinds = (value.kind, candidate.kind)
    if value.kind == candidate.kind or ValueKind.NUMBER not in kinds or not set(kinds) <= _AMOUNTS:
        return False
    if ValueKind.ORDINAL in kinds:
        if {value.unit[:2], candidate.unit[:2]} & _ORDINAL_COUNTERS:
            return False
        unit = None
    else:
        unit = _measured(value, language)
        if unit is not None and unit == _measured(candidate, other_language):
            return False
    return any(
        other.kind == value.kind
        and other.number != value.number
        and (value.kind != ValueKind.MEASURE or other.unit == unit)
        for other in said
    )


def _measured(value: Value, language: str) -> str | None:
    """What a value measures, also where a word stands before the unit: "ten full days"."""
    if value.kind is ValueKind.MEASURE:
        return value.unit
    return next(
        (unit_words(language)[word] for word in value.unit.split() if word in unit_words(language)), None
    )


def _minutes_meant(value: Value, statement: str) -> int | None:
    """The time of day, in minutes or 12 hours more, that hours may be: « à 9 heures »; not a bare "at 9"."""
    if value.unit != "duration-hour" or value.number is None or value.number > 24:
        return None
    if not _TIME_BEFORE.search(statement[: value.start]) or _LENGTH_AFTER.match(statement[value.end :]):
        return None
    return int(value.number * 60)


def _years_meant(value: Value, around: Surroundings) -> set[int]:
    """The years that a day or month said without one may be of.

    Those that the sentence says. In an article of some weeks later or before, else the article's; in another,
    those that the text around says.
    """
    assert value.since is not None
    years = _years_said(around.main, around.language)
    published = _calendar_day(_day(around.published)) if around.published else None
    near = {
        day.year
        for year in ((published.year - 1, published.year, published.year + 1) if published else ())
        if (day := _calendar_day(PartialDate(year, value.since.month, value.since.day or 15)))
        and published
        and abs((day - published).days) <= _NEAR_DAYS
    }
    if near:
        return years | near
    return years | {year for _, text in around.parts() for year in _years_said(text, around.language)}


def _years_said(text: str, language: str) -> set[int]:
    return {value.since.year for value in find_dates(text, language) if value.since and value.since.year}


def _calendar_day(day: PartialDate) -> date | None:
    """The day, if it is said in full and there is one."""
    if not (day.year and day.month and day.day):
        return None
    try:
        return date(day.year, day.month, day.day)
    except ValueError:
        return None


def _is_another_than_the_first(statement: str, language: str, around: Surroundings) -> bool:
    """True if the statement speaks of a first one, and the sentence only of a later one."""
    if not any(
        value.kind is ValueKind.ORDINAL
        and value.number == 1
        and not _FIRST_OF_NO_ROW.match(statement[value.end :])
        for value in _values_said(statement, language)
    ):
        return False
    numbers = {
        value.number
        for value in _values_said(around.main, around.language)
        if value.kind is ValueKind.ORDINAL
    }
    return bool(numbers) and 1 not in numbers and not _FIRST.search(around.main)


def _day(iso: str) -> PartialDate:
    year, month, day = [*map(int, iso.split("-")), None, None][:3]
    return PartialDate(year, month, day)


def _values_said(text: str, language: str) -> list[Value]:
    """The dates and numbers of a text; times of day are compared apart."""
    times = find_times(text, language)
    dates = find_dates(text, language)
    days = _days_apart_from_month(text, language, dates)
    apart = [(time.start, time.end) for time in times] + [(one.start, one.end) for one in days]
    return days + [
        value
        for value in dates + find_numbers(text, language)
        if not any(start < value.end and value.start < end for start, end in apart)
    ]


def _days_apart_from_month(text: str, language: str, dates: Sequence[Value]) -> list[Value]:
    """The days of « En décembre, les élèves sont venus du 13 au 19 », if the text says one month."""
    found = []
    for days in _DAYS.finditer(text):
        first, last = (int(half_width(day)) for day in days.groups() if day)
        within = any(one.start < days.end() and days.start() < one.end for one in dates)
        if within or not 0 < first < last <= _MONTH_DAYS:
            continue
        months = {(one.since.year, one.since.month) for one in dates if one.since and one.since.month}
        months |= {
            (None, month)
            for name, month in month_numbers(language).items()
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            and month not in [of_year for _, of_year in months]
        }
        if len(months) == 1:
            ((year, month),) = months
            since, until = (PartialDate(year, month, day) for day in (first, last))
            found.append(Value(*days.span(), ValueKind.DATE, days[0], since, until))
    return found


def says(value: Value, candidate: Value, published: str | None = None) -> bool:
    """True if the candidate says the statement's value, or a finer one."""
    if value.kind in DATE_KINDS:
        if candidate.kind not in DATE_KINDS:
            return False
        if value.relative:
            return candidate.relative and (
                candidate.text.casefold() == value.text.casefold() or _count_alike(value, candidate)
            )
        return any(
            (
                value.since is not None
                and value.since.within(since)
                and (value.until is None or (until is not None and value.until.within(until)))
            )
            or _lies_in(value, since, until)
            for since, until in _ends(candidate, published)
        )
    if candidate.kind in DATE_KINDS or value.number != candidate.number:
        return False
    percent = ValueKind.PERCENT in (value.kind, candidate.kind)
    if percent or (value.kind == candidate.kind and value.kind in (ValueKind.MONEY, ValueKind.MEASURE)):
        return value.kind == candidate.kind and value.unit == candidate.unit
    if ValueKind.MONEY in (value.kind, candidate.kind):
        money, other = (value, candidate) if value.kind == ValueKind.MONEY else (candidate, value)
        return _is_currency(other.unit, money.unit)
    return True


def _lies_in(period: Value, since: PartialDate, until: PartialDate | None) -> bool:
    """True if a date lies in a decade or century as a whole."""
    last = until or since
    return bool(
        period.kind in (ValueKind.DECADE, ValueKind.CENTURY)
        and period.since
        and period.until
        and since.year
        and last.year
        and (period.since.year or 0) <= since.year <= last.year <= (period.until.year or 0)
    )


def _is_currency(unit: str, code: str) -> bool:
    """True if a counted noun is a currency's short name: "pounds" of GBP, in any language."""
    first = unit.split(" ")[0].casefold()
    return bool(first) and any(
        first in word.casefold().split()
        for language in BACKGROUND_LANGUAGES
        for word, other in currency_words(language).items()
        if other == code
    )


def _counts_differ(statement: str, language: str, around: Surroundings) -> bool:
    """True if, in two texts of one East Asian language, a counter has another number: 「五層」, 「三層」."""
    if language not in EAST_ASIAN or language != around.language:
        return False
    mine, theirs = _counters(statement, language), _counters(around.main, language)
    return any(counter in theirs and not numbers & theirs[counter] for counter, numbers in mine.items())


def _counters(text: str, language: str) -> dict[str, set[Decimal]]:
    """The numbers before each counter; not the years of dates, which may be of an era: 令和3年 is 2021年."""
    found: dict[str, set[Decimal]] = {}
    dates = [(value.start, value.end) for value in find_dates(text, language)]
    for match in _COUNTED.finditer(half_width(text)):
        if match["counter"] == "年" and any(a <= match.start() < b for a, b in dates):
            continue
        try:
            if match["kanji"]:
                number = Decimal(kanji2number(match["kanji"]))
            else:
                number = Decimal(match["figures"].replace(",", "")) * _SCALES[match["scale"]]
        except (ValueError, ArithmeticError):
            continue  # 「千百十」, out of order; "1.2.3"
        found.setdefault(match["counter"], set()).add(number)
    return found


def _main_says_another(value: Value, statement: str, language: str, part: str, around: Surroundings) -> bool:
    """True if the sentence itself has an amount of the value's kind, and another one.

    Of plain numbers only those count that the statement doesn't say as well.
    """
    if value.kind is ValueKind.NUMBER:
        mine = values_in(statement, language)
        return any(
            other.kind is ValueKind.NUMBER and not any(says(one, other) for one in mine)
            for other in values_in(around.main, around.language)
        )
    return (
        part == "before"
        and value.kind in (ValueKind.MONEY, ValueKind.PERCENT, ValueKind.MEASURE)
        and any(
            other.kind == value.kind and other.unit == value.unit
            for other in _values_said(around.main, around.language)
        )
    )


def _count_alike(one: Value, other: Value) -> bool:
    """True if two relative dates mean the same, whatever day they count from."""
    meant = resolved(one, _ANY_DAY)
    return meant is not None and meant == resolved(other, _ANY_DAY)


def _ends(candidate: Value, published: str | None) -> Iterator[tuple[PartialDate, PartialDate | None]]:
    """A date's first and last day as said, each alone, and as counted from the article's date."""
    if candidate.relative:
        counted = resolved(candidate, published) or _day_before(candidate, published)
        if counted is not None:
            yield counted, None
        return
    if candidate.since is not None:
        yield candidate.since, candidate.until
        if candidate.until is not None:
            yield candidate.until, None


def _day_before(candidate: Value, published: str | None) -> PartialDate | None:
    """The day that "yesterday" means in an article whose full date is known."""
    day = _calendar_day(_day(published)) if published else None
    if day is None or not _YESTERDAY.fullmatch(candidate.text):
        return None
    day -= timedelta(days=1)
    return PartialDate(day.year, day.month, day.day)


def _says_without_year(value: Value, said: Sequence[Value]) -> bool:
    assert value.since is not None
    bare = PartialDate(None, value.since.month, value.since.day)
    until = value.until and PartialDate(None, value.until.month, value.until.day)
    return bool(bare.month) and any(
        other.since is not None
        and not other.relative
        and other.since.year is None
        and bare.within(other.since)
        and (until is None or (other.until is not None and until.within(other.until)))
        for other in said
    )


def _digits(text: str) -> set[str]:
    return {
        digits.lstrip("0")
        for digits in re.findall(
            r"\d+", re.sub(r"(?<=\d)[,. \u00a0\u202f'’](?=\d{3}(?!\d))", "", half_width(text))
        )
    }


def _spelled(statement: str, language: str) -> set[str]:
    """The figures that belong to values, which are compared by what they mean."""
    texts = [value.text for value in _values_said(statement, language)]
    texts += [statement[time.start : time.end] for time in find_times(statement, language)]
    texts += [statement[rate.start : rate.end] for rate in find_rates(statement, language)]
    return {digits for text in texts for digits in _digits(text)}


# --- names --------------------------------------------------------------------------------


def _persons_are_named(statement: str, language: str, around: Surroundings) -> bool:
    """True unless a Japanese statement names a person whom a Japanese text around it doesn't.

    No list knows most people's kanji: they are told by their title, as answers are.
    """
    if language != "ja" or around.language != "ja":
        return True
    everywhere = "\n".join(text for _, text in around.parts())
    return all(
        person[0] in everywhere for person in _JAPANESE_PERSON.finditer(statement) if _KANJI.search(person[0])
    )


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
        if count == len(words) > 1 and not _can_be_one_name(spans):
            return None  # the words of two names, put together
        if count > most:
            most, best = count, (part, tuple(sorted({span for found in spans for span in found})))
    return best


def _can_be_one_name(words: Sequence[Sequence[Span]]) -> bool:
    """True if of each word's places one can be chosen so that all stand side by side, in any order."""
    for choice in islice(product(*words), 64):
        ordered = sorted(set(choice))
        if all(right[0] - left[1] <= _NAME_GAP for left, right in pairwise(ordered)):
            return True
    return False


def _countries_around(around: Surroundings) -> set[str]:
    return {
        code
        for _, text in around.parts()
        for code in countries_implied(text, around.language) | set(countries_said(text, around.language))
    }


def _dated(text: str, language: str) -> bool:
    """True if the text says a year."""
    return any(date.since and date.since.year for date in find_dates(text, language))


# --- relations ----------------------------------------------------------------------------


def _relations_differ(
    statement: str,
    language: str,
    placed: Sequence[_Placed],
    left_out: Sequence[Name],
    around: Surroundings,
    known: Known,
) -> bool:
    """`left_out`: the names of the sentence that the statement doesn't give."""
    return (
        _stands_in_for_another(statement, language, placed, left_out, around, known)
        or _is_elsewhere(statement, language, placed, around, known)
        or _values_changed_places(statement, language, placed, left_out, around)
        or _names_changed_places(statement, language, placed, around)
        or _another_stands_between(placed, left_out, around)
    )


def _stands_in_for_another(
    statement: str,
    language: str,
    placed: Sequence[_Placed],
    left_out: Sequence[Name],
    around: Surroundings,
    known: Known,
) -> bool:
    """True if the sentence names something else where the statement names what stands only around it."""
    strangers = [one for one in placed if one.part != "main"]
    before = names_in(around.before, around.language, known)
    topic = _topic_taken_up(before, left_out, around, known)
    both = _are_both_taken_up(strangers, before, around)
    for one in strangers:
        # "The charter of A ... It was signed by B": A is what is spoken of, beside B.
        if both or (one.part == "before" and topic and any(_overlap(topic, span) for span in one.spans)):
            continue
        if left_out:
            return True
    for one in strangers:
        if one.part == "before" and not both:
            first = before[:1]
            in_title = all(
                find_word(statement[start:end], around.title, known.spellings)
                for start, end in one.name.words
            )
            if (
                first
                and not in_title
                and not any(_overlap(first[0], span) for span in one.spans)
                and not _is_called_by_its_noun(one, around)
            ):
                return True
    said, main = set(countries_said(statement, language)), set(countries_said(around.main, around.language))
    return bool(said - main - countries_implied(around.main, around.language)) and bool(main - said)


def _topic_taken_up(
    before: Sequence[Name], left_out: Sequence[Name], around: Surroundings, known: Known
) -> Name | None:
    """What the sentence before speaks of, if the sentence goes on with a pronoun.

    Its only name; or its first word, if its other names only say where or stand in an aside.
    """
    if len(before) == 1 and _TAKES_UP.match(around.main):
        return before[0]
    pronoun = _GOES_ON.match(around.main)
    if not before or not pronoun or around.before[: before[0].start].strip():
        return None
    asides = [aside.span() for aside in _APPOSITION.finditer(around.before)]
    if not all(
        _is_place(around.before, name.start, name.end, around.language)
        or any(a < name.start and name.end < b for a, b in asides)
        for name in before[1:]
    ):
        return None
    if any(name.start < pronoun.end() for name in names_in(around.main, around.language, known)):
        return None
    # "In 2010, it did ...; B, for its part, ...": another is spoken of.
    if any(_CLAUSE_BEGINS.search(around.main[: name.start]) for name in left_out):
        return None
    return before[0]


def _are_both_taken_up(strangers: Sequence[_Placed], before: Sequence[Name], around: Surroundings) -> bool:
    """True if the sentence speaks of "the two", and the statement names two of the sentence before."""
    return (
        len(strangers) == 2
        and all(one.part == "before" for one in strangers)
        and bool(_BOTH.match(around.main))
        and any(_overlap(before[0], span) for one in strangers for span in one.spans)
    )


def _is_called_by_its_noun(one: _Placed, around: Surroundings) -> bool:
    """True if the sentence says only what the name is: "the village" after "the village of A"."""
    noun = _NOUN_OF.search(around.before[: one.spans[0][0]])
    if not noun or len(re.findall(rf"\b{noun[1]}", around.before)) > 1:
        return False
    return bool(re.search(rf"{_ITS}{noun[1]}\b", around.main, re.IGNORECASE))


def _names_left_out(placed: Sequence[_Placed], around: Surroundings, known: Known) -> list[Name]:
    taken = [span for one in placed if one.part == "main" for span in one.spans]
    return [
        name
        for name in names_in(around.main, around.language, known)
        if not any(_overlap(name, span) for span in taken)
    ]


def _overlap(name: Name, span: Span) -> bool:
    return name.start < span[1] and span[0] < name.end


def _is_elsewhere(
    statement: str, language: str, placed: Sequence[_Placed], around: Surroundings, known: Known
) -> bool:
    """True if something happens in one place in the statement, and in another in the sentence."""
    here = [one for one in placed if _is_place(statement, one.name.start, one.name.end, language)]
    if not here:
        return False
    taken = [span for one in here if one.part == "main" for span in one.spans]
    others = [
        name
        for name in names_in(around.main, around.language, known)
        if _is_place(around.main, name.start, name.end, around.language)
        and not any(_overlap(name, span) for span in taken)
    ]
    return any(
        others
        and not (
            one.part == "main"
            and any(_is_place(around.main, start, end, around.language) for start, end in one.spans)
        )
        for one in here
    )


def _is_place(text: str, start: int, end: int, language: str) -> bool:
    if language in EAST_ASIAN:
        return bool(_CJK_PLACE.match(text[end:]))
    return bool(_LATIN_PLACE.get(language, _LATIN_PLACE[""]).search(text[:start]))


def _values_changed_places(
    statement: str, language: str, placed: Sequence[_Placed], left_out: Sequence[Name], around: Surroundings
) -> bool:
    """True if a value belongs to another name in the sentence than in the statement.

    Told only where the sentence has several values of the kind, each nearest to a name of its own.
    """
    mine: list[_Owner] = [(one.name.start, one.name.end, i) for i, one in enumerate(placed)]
    theirs: list[_Owner] = [
        (*span, i) for i, one in enumerate(placed) if one.part == "main" for span in one.spans
    ]
    theirs += [(name.start, name.end, around.main[name.start : name.end]) for name in left_out]
    said = countries_said(statement, language)
    mine += [(*span, code) for code, spans in said.items() for span in spans]
    in_main = countries_said(around.main, around.language)
    theirs += [
        (*span, code if code in said else _town_of(span, code, theirs, around))
        for code, spans in in_main.items()
        for span in spans
    ]
    theirs = _without_places(theirs, around)
    if not mine or not theirs:
        return False
    values = _values_said(around.main, around.language)
    pairs = []
    for value in values_in(statement, language):
        for match in values:
            kin = [other for other in values if are_kin(other, match)]
            if (
                says(value, match, around.published)
                and len({_nearest(v, theirs, around.main) for v in kin}) > 1
            ):
                pairs.append((_nearest(value, mine, statement), _nearest(match, theirs, around.main)))
    owners = {owner for *_, owner in mine}
    if any(other not in owners for _, other in pairs):
        return True
    crossed = any(a != x and b != y and a == y and b == x for (a, x), (b, y) in combinations(pairs, 2))
    return crossed or (len(owners) == 1 and any(ours != other for ours, other in pairs))


def are_kin(one: Value, other: Value) -> bool:
    """True if two values could be taken for each other: two dates, two numbers, two durations."""
    if one.kind in DATE_KINDS or other.kind in DATE_KINDS:
        return one.kind in DATE_KINDS and other.kind in DATE_KINDS
    return one.kind == other.kind and (one.kind is ValueKind.NUMBER or one.unit == other.unit)


_Owner = tuple[int, int, "int | str"]


def _town_of(country: Span, code: str, owners: Sequence[_Owner], around: Surroundings) -> int | str:
    """The town in 「フランスのリヨン」, which is what is spoken of; else the country."""
    if around.language not in EAST_ASIAN:
        return code
    behind = (whose for start, _, whose in owners if around.main[country[1] : start] == "の")
    return next(behind, code)


def _without_places(owners: Sequence[_Owner], around: Surroundings) -> list[_Owner]:
    """Leave out what only says where ("in Kumamoto Prefecture"), as long as another name remains."""
    others = [one for one in owners if not _is_place(around.main, one[0], one[1], around.language)]
    return others or list(owners)


def _nearest(value: Value, owners: Sequence[_Owner], text: str) -> int | str:
    """Whose a value is: of the nearest name in its clause; one before it counts as nearer."""

    asides = [aside.span() for aside in _APPOSITION.finditer(text)]

    def distance(owner: _Owner) -> int:
        start, end, _ = owner
        # "A, twinned with B, has 80": B is said of A only.
        aside = any(a < start and end < b and not a < value.start < b for a, b in asides)
        before = end <= value.start
        between = text[end : value.start] if before else text[value.end : start]
        if not before and text[start:end].islower() and _ONE_NOUN.fullmatch(between):
            return 0  # « 12 villes japonaises »: the adjective is of what is counted.
        clauses = len(_CLAUSE_END.findall(between))
        far = 60 * (clauses + aside) + 10 * len(re.findall("[,、，]", between))
        return len(between) * (1 if before else 3) + far

    return min(owners, key=distance)[2]


def _names_changed_places(
    statement: str, language: str, placed: Sequence[_Placed], around: Surroundings
) -> bool:
    """True if two names stand in the other order, in languages that order a sentence alike."""
    if language in EAST_ASIAN or around.language in EAST_ASIAN:
        return False
    single: list[_Placed] = []
    for one in placed:
        if one.part == "main" and _is_one(one.spans) and one.spans not in [other.spans for other in single]:
            single.append(one)
    for one, other in combinations(single, 2):
        between = statement[one.name.end : other.name.start]
        if _JOINT.fullmatch(between):
            continue
        first, second = one.spans[0], other.spans[0]
        if second[0] < first[0] and _are_apposed(
            (statement[: one.name.start], between, statement[other.name.end :]),
            (
                around.main[: second[0]],
                around.main[other.spans[-1][1] : first[0]],
                around.main[one.spans[-1][1] :],
            ),
        ):
            continue
        if _stands_in_front(around.main, second[0], first[0]) or _stands_in_front(
            statement, one.name.start, other.name.start
        ):
            continue
        apart = around.main[other.spans[-1][1] : first[0]]
        if _OF_WHICH.fullmatch(apart):
            continue
        if second[0] < first[0] and not _JOINT.fullmatch(apart):
            return True
    return False


def _are_apposed(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    """True for "the mayor of A, B" and "B, mayor of A".

    Of each, what stands before, between and after the names is given.
    """

    def has_office_first(before: str, between: str, after: str) -> bool:
        return bool(
            _POSSESSED.fullmatch(between)
            or (_APPOSED.fullmatch(between) and _OF.search(before) and not after.startswith(("'s", "’s")))
        )

    return (has_office_first(*one) and bool(_OFFICE.fullmatch(other[1]))) or (
        has_office_first(*other) and bool(_OFFICE.fullmatch(one[1]))
    )


def _stands_in_front(text: str, first: int, second: int) -> bool:
    """True if the first of two names stands in a phrase before the clause of the second: "At A, B ..."."""
    return "," in text[first:second] and bool(_FRONTED.match(text[:first]))


def _another_stands_between(
    placed: Sequence[_Placed], left_out: Sequence[Name], around: Surroundings
) -> bool:
    """True if the sentence gives the second of two names to a third: "A for Dijon and B for Tours"."""
    single = [one for one in placed if one.part == "main" and _is_one(one.spans)]
    for one, other in combinations(sorted(single, key=lambda placed: placed.spans[0]), 2):
        for name in left_out:
            gap = other.spans[0][0] - name.end
            if one.spans[-1][1] > name.start or not 0 <= gap <= _SHORT_GAP:
                continue
            between = around.main[name.end : other.spans[0][0]]
            # 「ナンシー市のクラン氏」: what stands before の belongs to what follows.
            # « À A, B reçoit C »: so does A.
            of_first = _BELONGING.fullmatch(around.main[one.spans[-1][1] : name.start]) and (
                around.language in EAST_ASIAN or _FRONTED.match(around.main[: one.spans[0][0]])
            )
            if not (_JOINT.fullmatch(between) or "の" in between or of_first):
                return True
    return False


def _is_one(spans: Sequence[Span]) -> bool:
    """True if the spans are the words of one name, and not two mentions."""
    return all(right[0] - left[1] <= 4 for left, right in pairwise(spans))
