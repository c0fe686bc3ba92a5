"""From a question to the rows that it asks for, where the register knows all its conditions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from partnerbot.answering.mentions import countries_implied, countries_said
from partnerbot.answering.question_type import AnswerType, expected_answer
from partnerbot.answering.values import ValueKind, find_dates, find_numbers
from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import HAN
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.partnerships import SPEAKING, has_word, tables, word_pattern
from partnerbot.register.rows import Authority, Partnership, Register, by_age, is_called, select

Asked = Literal["list", "count", "oldest", "newest", "by_age", "are_partners", "since"]

_NARROW = frozenset({"ended", "planned", "sister_cities", "friendship", "agreement"})
"""Kinds that a question may mean alone; who asks for partners means all."""

_BESIDE = 14
"""Characters beside a place in which its towns may be asked for: "a town in Kumamoto Prefecture"."""

_TIMES = (AnswerType.DATE, AnswerType.YEAR, AnswerType.DURATION)

_OF_TWO_PAIRS = 3
"""Names that two pairs have at least."""


_A_FEW = 3
"""Rows of a place that don't hide what else is told of it."""

_EDGES = r"(?<![ァ-ヺー])", r"(?![ァ-ヺー])"
"""Around a name in Japanese: ランス (Reims) is no part of フランス."""


@dataclass(frozen=True)
class Found:
    """What a question asks, and the rows that answer it, in their order.

    `of_all`: it asks for those of a country or a kind altogether, of which documents may tell the total.
    `among`: the rows of which these are some: those between two countries that it names, or all; these
    themselves, if they are all of any other countries. `fields`: those that are asked for. `filters`: what
    `select` takes to find these rows; none if single values can't say it.
    """

    asked: Asked
    rows: tuple[Partnership, ...]
    of_all: bool = False
    among: tuple[Partnership, ...] = ()
    fields: Collection[str] = ()
    filters: Mapping[str, str] = field(default_factory=dict)


def may_ask(question: str, language: str) -> bool:
    """Tell whether a question may be one for rows, by its words alone."""
    if language not in tables().asking or has_word(question, language, tables().asked_else):
        return False
    if _says_partners(question, language) or has_word(question, language, tables().asked["work"]):
        return True
    return _asks_age(question, language) and len(authorities_in(question, language)) >= _OF_TWO_PAIRS


def asks_of_end(question: str, language: str) -> bool:
    """Tell whether a question speaks of partners that are none any more."""
    return has_word(question, language, tables().kind["ended"])


def asks_since(question: str, language: str) -> bool:
    """Tell whether a question of partners asks when, or how long, in whatever words."""
    return _says_partners(question, language) and expected_answer(question, language) in _TIMES


def _says_partners(question: str, language: str) -> bool:
    return any(has_word(question, language, tables().telling[kind]) for kind in SPEAKING)


def _asks_age(question: str, language: str) -> bool:
    return any(has_word(question, language, tables().asked[age]) for age in ("oldest", "newest"))


def asked_of(question: str, language: str, register: Register, after: Sequence[str] = ()) -> Found | None:
    """Return the rows that a question asks for; None if it asks something else, or no row fits.

    It does where it has a condition that the register doesn't know: "born of a painter's friendship". None
    are found where all that fit but for their countries are those of other countries. Where a question names
    neither a place nor a country, it is about those that the documents are about. `after`: the questions that
    it follows, oldest first. It takes over what they ask for where it says nothing of that: "Since when?".
    """
    said = (*after, question)
    asks_else = has_word(question, language, tables().asked_else)
    if (
        asks_else
        or expected_answer(question, language) is AnswerType.MONEY
        or not any(may_ask(one, language) for one in said)
    ):
        return None
    wanted = _conditions(question, language, register)
    return (
        _following(wanted, said, language, register)
        if after
        else _fitting(wanted, question, language, register)
    )


def _following(wanted: _Conditions, said: Sequence[str], language: str, register: Register) -> Found | None:
    """Return the rows for a follow-up, the last one `said`: of which rows it asks, or what it asks of those
    found before, or both. None if it says neither, as "And before?", or asks who.
    """
    *after, question = said
    says_what = _asks_what(question, language)
    if expected_answer(question, language) is AnswerType.PERSON or not (says_what or wanted.says_which):
        return None
    if _asks_when(question, language) and not wanted.says_which:
        found = None if wanted.unknown else asked_of(after[-1], language, register, after[:-1])
        return None if found is None else _since(found)
    for earlier in reversed(after):
        wanted = wanted.after(_conditions(earlier, language, register))
    return _fitting(wanted, question if says_what else after[0], language, register)


def _asks_what(question: str, language: str) -> bool:
    """True if a question says itself what is asked of rows, and not only of which."""
    asked = tables().asked
    of_rows = any(has_word(question, language, asked[words]) for words in ("oldest", "newest", "count"))
    return of_rows or _asks_when(question, language)


def _asks_when(question: str, language: str) -> bool:
    asked = tables().asked["since"]
    return expected_answer(question, language) in _TIMES or has_word(question, language, asked)


def _since(found: Found) -> Found | None:
    """Return since when the rows found are partnerships, those of which that is known."""
    if len(found.rows) == 1:
        return replace(found, asked="since")
    dated = by_age(tuple(row for row in found.rows if row.surely_dated))
    return replace(found, asked="by_age", rows=dated) if dated else None


@dataclass(frozen=True)
class _Conditions:
    """What a question says of the rows that it asks for.

    `named`: each authority, with whether the towns in it are asked for. `unknown`: it says more than is known
    here.
    """

    named: Sequence[tuple[Authority, bool]]
    countries: frozenset[str]
    period: tuple[str | None, str | None]
    levels: Collection[str]
    regions: Collection[str]
    fields: Sequence[str]
    kinds: Sequence[str]
    several: int
    of_today: bool
    unknown: bool

    @property
    def places(self) -> list[Authority]:
        return [place for place, _ in self.named]

    @property
    def says_which(self) -> bool:
        return bool(
            self.named or self.countries or any(self.period) or self.levels or self.regions or self.fields
        )

    def after(self, earlier: _Conditions) -> _Conditions:
        """Return these, with those of an earlier question where they say nothing."""
        somewhere = self if self.named or self.regions or self.levels else earlier
        return replace(
            self,
            named=somewhere.named,
            regions=somewhere.regions,
            levels=somewhere.levels,
            countries=self.countries or earlier.countries,
            period=self.period if any(self.period) else earlier.period,
            fields=self.fields or earlier.fields,
            kinds=self.kinds or earlier.kinds,
            unknown=self.unknown or earlier.unknown,
        )


def _conditions(question: str, language: str, register: Register) -> _Conditions:
    named = _named(question, language, register)
    countries = countries_said(question, language)
    rest = _without(
        question, [(one.start, one.end) for one in named] + [s for c in countries.values() for s in c]
    )
    dates = [date for date in find_dates(rest, language) if date.since and date.since.year]
    period = _period(rest, language, dates)
    rest = _without(rest, [(date.start, date.end) for date in dates])
    numbers = [one for one in find_numbers(rest, language) if one.kind is ValueKind.NUMBER and one.number]
    rest = _without(rest, [(one.start, one.end) for one in numbers])

    def meant(table: Mapping[str, Mapping[str, str]]) -> list[str]:
        return [name for name, words in table.items() if has_word(rest, language, words)]

    def towns_in(one: Named) -> bool:
        beside = question[max(0, one.start - _BESIDE) : one.start] + question[one.end : one.end + _BESIDE]
        return has_word(beside, language, tables().asked["town_in"])

    fields = meant(tables().field)
    return _Conditions(
        named=[(one.authority, towns_in(one)) for one in named],
        countries=frozenset({*countries, *countries_implied(question, language)}),
        period=period,
        levels=meant(tables().level_asked),
        regions=meant(tables().of_region),
        fields=fields,
        kinds=[kind for kind in meant(tables().kind) if kind in _NARROW],
        several=max([1, *(int(one.number or 1) for one in numbers)]),  # "the three oldest"
        of_today=has_word(rest, language, tables().asked["still"]),
        unknown=_has_more(rest, language)
        or (not fields and has_word(rest, language, tables().asked["field"])),
    )


def _fitting(wanted: _Conditions, asking: str, language: str, register: Register) -> Found | None:
    """Return the rows that fit; `asking`: the question that says what is asked of them."""
    if wanted.unknown:
        return None
    asked, places = tables().asked, wanted.places
    compared = _between(places, register)
    if len(compared) > 1 and not wanted.fields and _asks_age(asking, language):
        return Found("by_age", by_age(compared)) if all(row.surely_dated for row in compared) else None
    counts, asks_age = has_word(asking, language, asked["count"]), _asks_age(asking, language)
    rows = select(register, since_from=wanted.period[0], since_to=wanted.period[1])
    for place, towns_in in wanted.named:
        rows = _of_place(rows, place, towns_in)
    for level in wanted.levels:
        rows = tuple(row for row in rows if level in (row.a.level, row.b.level))
    regions = set(wanted.regions)
    if regions:
        rows = tuple(row for row in rows if regions & {row.a.region, row.b.region})
    in_regions = regions | {place.region for place in places if place.level == "region" and place.region}
    if wanted.fields:
        rows = tuple(row for row in rows if any(cell.value in wanted.fields for cell in row.fields))
    if wanted.kinds:
        of_kind = {*wanted.kinds, *(["friendship"] if "agreement" in wanted.kinds else [])}
        if "ended" in of_kind:
            of_kind = {"ended"}
        fitting = tuple(row for row in rows if any(cell.value in of_kind for cell in row.kind[:1]))
        # Towns that are asked for as twins may have another tie; it isn't counted or dated as a twinning.
        of_these = asks_age or counts or "ended" in wanted.kinds
        rows = fitting or (() if of_these else rows)
    meant = wanted.countries
    among = _of_countries(register.partnerships, meant)
    if not (meant or places):
        meant = usual_countries(register)
    anywhere, rows = rows, _of_countries(rows, meant)
    if len(meant) != 2 and len(rows) < len(among):
        among = register.partnerships
    if not rows:
        return Found("list", ()) if anywhere or in_regions else None
    regions |= {place.region for place in places[:1] if place.region}
    filters = _filters(register, rows, meant, places, regions, wanted.fields, wanted.kinds, *wanted.period)
    if _asks_when(asking, language):
        if "ended" in wanted.kinds:
            return None  # of those, too, it is known when they began
        since = asks_since(asking, language) or has_word(asking, language, asked["since"])
        of_one = since and len(places) == 2 and len(rows) == 1
        return Found("since", rows, filters=filters) if of_one else None
    sure = tuple(row for row in rows if row.surely_dated)
    several = wanted.several if wanted.several < len(sure) else 1  # "of the 24, which is the oldest?"
    if has_word(asking, language, asked["oldest"]):
        return _only("oldest", by_age(sure)[:several], filters)
    if has_word(asking, language, asked["newest"]):
        return _only("newest", by_age(sure)[-several:], filters)
    if counts:
        of_all = not (places or any(wanted.period) or wanted.fields)
        return Found("count", rows, of_all=of_all, among=among, fields=wanted.fields, filters=filters)
    if len(places) > 1:
        # "Are they, since 2018?", "Do pupils travel between them?": the sentence of a row may tell of less.
        less = any(wanted.period) or wanted.of_today or wanted.fields
        more = less or len(places) > 2  # "Was it signed in Kumamoto?"
        return None if more else Found("are_partners", rows, filters=filters)
    return Found("list", rows, among=among, fields=wanted.fields, filters=filters)


def usual_countries(register: Register) -> frozenset[str]:
    """Return the two countries that documents are about: most of their partnerships are between them."""
    both = Counter(frozenset((row.a.country, row.b.country)) for row in register.partnerships)
    countries, count = max(both.items(), key=lambda one: one[1], default=(frozenset[str](), 0))
    return countries if 2 * count > len(register.partnerships) else frozenset()


def rows_named(question: str, language: str, register: Register) -> tuple[Partnership, ...]:
    """Return the rows of which a question names both partners: what it wants to be told about."""
    return _between([one.authority for one in _named(question, language, register)], register)


def rows_of(question: str, language: str, register: Register) -> tuple[Partnership, ...]:
    """Return the rows of the places that a question names, if it says nothing else.

    Of more than a few, those between the two countries that documents are about.
    """
    named = _named(question, language, register)
    rest = _without(question, [(one.start, one.end) for one in named])
    if language not in tables().asking or _has_more(rest, language):
        return ()
    rows = tuple(
        row
        for row in register.partnerships
        if any(_is_meant(place.authority, one) for place in named for one in (row.a, row.b))
    )
    return rows if len(rows) <= _A_FEW else _of_countries(rows, usual_countries(register))


def _named(question: str, language: str, register: Register) -> list[Named]:
    """Return the authorities that a question names: of the list, and those that only the register knows."""
    named = authorities_in(question, language)
    known = {
        name: place for row in register.partnerships for place in (row.a, row.b) for name in place.spellings
    }
    for name in sorted((name for name in known if name in question), key=len, reverse=True):
        before, after = _EDGES if ord(name[0]) >= 0x3000 else (r"\b", r"\b")
        for at in re.finditer(f"{before}{re.escape(name)}{after}", question):
            if not any(one.start < at.end() and at.start() < one.end for one in named):
                named.append(Named(at.start(), at.end(), known[name]))
    return named


def _between(places: Sequence[Authority], register: Register) -> tuple[Partnership, ...]:
    """Return the rows whose partners are both among places."""
    return tuple(
        row
        for row in register.partnerships
        if all(any(_is_meant(place, one) for place in places) for one in (row.a, row.b))
    )


def _filters(
    register: Register,
    rows: tuple[Partnership, ...],
    countries: Iterable[str],
    places: Sequence[Authority],
    regions: Collection[str],
    fields: Sequence[str],
    kinds: Sequence[str],
    first: str | None,
    last: str | None,
) -> Mapping[str, str]:
    """Return what finds these rows and no others, as far as single values can say it."""
    others = set(countries) - {"JP"} or set(countries)
    of_place = [
        one.key for row in rows for one in (row.a, row.b) for place in places[:1] if _is_meant(place, one)
    ]
    stated = {
        "country": next(iter(others), None) if len(others) == 1 else None,
        "place": of_place[0] if of_place else None,
        "region": next(iter(regions)) if len(regions) == 1 and not of_place else None,
        "field": fields[0] if len(fields) == 1 else None,
        "kind": kinds[0] if len(kinds) == 1 else None,
        "since_from": first,
        "since_to": last,
    }
    known = {name: value for name, value in stated.items() if value}
    return known if select(register, **known) == rows else {}


def _of_countries(rows: tuple[Partnership, ...], countries: Collection[str]) -> tuple[Partnership, ...]:
    """Return the rows between the countries that a question names, of several others those of any with Japan.

    "German towns with French ones" are of both; "Spanish and Portuguese towns with Japanese ones" of either.
    """
    others = set(countries) - {"JP"}
    between = [({row.a.country, row.b.country}, row) for row in rows]
    if "JP" in countries or len(others) < 2:
        return tuple(
            row
            for both, row in between
            if (not others or others & both) and ("JP" not in countries or "JP" in both)
        )
    return tuple(row for both, row in between if both <= others)


def _only(asked: Asked, rows: tuple[Partnership, ...], filters: Mapping[str, str]) -> Found | None:
    return Found(asked if len(rows) == 1 else "by_age", rows, filters=filters) if rows else None


def _of_place(rows: tuple[Partnership, ...], place: Authority, towns_in: bool) -> tuple[Partnership, ...]:
    """Return the rows of an authority that a question names, with those of what lies in it if they are asked.

    They stand for it, too, where it has none.
    """
    own = tuple(row for row in rows if any(_is_meant(place, one) for one in (row.a, row.b)))
    if (
        (own and not towns_in)
        or place.level not in ("region", "prefecture", "department")
        or place.region is None
    ):
        return own
    return tuple(row for row in rows if place.region in (row.a.region, row.b.region))


def _is_meant(place: Authority, one: Authority) -> bool:
    if place.key == one.key:
        return True
    return not place.level_said and any(is_called(one, name) for name in place.spellings)


def _period(text: str, language: str, dates: Sequence) -> tuple[str | None, str | None]:  # type: ignore[type-arg]
    if not dates:
        return None, None
    date = dates[0]
    year = f"{date.since.year:04d}"
    if date.until is not None and date.until.year:
        return year, f"{date.until.year:04d}"
    if len(dates) > 1:
        return year, f"{dates[1].since.year:04d}"
    around = text[max(0, date.start - 12) : date.end + 6]
    if has_word(around, language, tables().asked["after"]):
        return year, None
    if has_word(around, language, tables().asked["before"]):
        return None, f"{date.since.year - 1:04d}"
    return year, year


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _has_more(rest: str, language: str) -> bool:
    """True if what is left of a question says something that the register doesn't know.

    Words of one or two letters say nothing of their own, nor does one syllable of Korean, which has endings.
    """
    words = tables()
    told = (
        *words.kind.values(), *words.field.values(), *words.of_region.values(), *words.asked.values(),
        *(words.telling[kind] for kind in SPEAKING),
    )  # fmt: skip
    if language == "ja":
        stems = {stem for table in (*told, words.asking) for stem in table.get("ja", "").split()}
        left = re.sub("|".join(sorted(map(re.escape, stems), key=len, reverse=True)), " ", rest)
        return bool(re.search(rf"[{HAN}]|[ァ-ヶー]{{2,}}|[A-Za-z]{{2,}}", left))
    known = set(fold(words.asking[language]).split())
    tables_of_stems = [*told, words.asking] if language == "ko" else told
    begins = [word_pattern(tuple(table[language].split())) for table in tables_of_stems if language in table]
    shortest = 2 if language == "ko" else 3
    return any(
        word not in known and not word.isdigit() and not any(pattern.match(word) for pattern in begins)
        for word in re.findall(rf"[^\W_]{{{shortest},}}", fold(rest))
    )
