"""The rows of the register as a page shows them: in the reader's language, in the order that was chosen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from babel import Locale

from partnerbot.answering.answer import Citation
from partnerbot.documents.normal_forms import fold
from partnerbot.register.partnerships import Words, tables
from partnerbot.register.published import Documents, quotes, word
from partnerbot.register.rows import Authority, Partnership
from partnerbot.web.page_texts import Texts
from partnerbot.web.visitor_language import language_name, written_date

SORTED_BY = ("place", "partner", "kind", "since")
"""What rows can be put in order by; with "-" before it, the other way round."""

_SAID = ("city", "prefecture", "metropole")
"""Levels that need not be said, or that names say."""


@dataclass(frozen=True)
class Quote:
    """A citation, and what it states of the partnership: what that is, and its value, both in words.

    `language`: of what it is quoted from, in words, if that is another than the reader's.
    """

    citation: Citation
    states: tuple[tuple[str, str], ...]
    language: str


@dataclass(frozen=True)
class Row:
    """One partnership; `a` is the partner of the Japanese one.

    `abroad`: it is of other countries than most. `since`: the most trusted date, empty without any.
    `corrected`: by staff, who know it from `source`.
    """

    key: str
    a: Authority
    b: Authority
    names: tuple[str, str]
    levels: tuple[str, str]
    kind: str
    since: str
    since_iso: str
    abroad: bool
    fields: tuple[str, ...]
    quotes: tuple[Quote, ...]
    corrected: bool
    source: str

    @property
    def documents(self) -> int:
        """How many documents are quoted."""
        return len({quote.citation.source for quote in self.quotes})

    @property
    def name(self) -> str:
        """Both partners."""
        return " – ".join(self.names)


class Listing:
    """Writes rows for readers of one language; `every` is what the register has."""

    def __init__(
        self, language: str, texts: Texts, documents: Documents, every: Sequence[Partnership]
    ) -> None:
        self._language = language
        self._texts = texts
        self._documents = documents
        self._every = every
        self._usual = max(Counter(map(_countries, every)).items(), key=itemgetter(1))[0]

    def rows(self, partnerships: Iterable[Partnership], sort: str) -> list[Row]:
        """Return the rows, sorted; those without a date come last in any order of dates, and those of other
        countries than most after all."""
        rows = sorted(map(self._row, partnerships), key=lambda row: self._phonetic(row.a))
        wanted, backwards = sort.removeprefix("-"), sort.startswith("-")
        keys: Mapping[str, Callable[[Row], str]] = {
            "place": lambda row: self._phonetic(row.a),
            "partner": lambda row: self._phonetic(row.b),
            "kind": lambda row: fold(row.kind),
            "since": lambda row: row.since_iso,
        }
        rows.sort(key=keys.get(wanted, keys["place"]), reverse=backwards)
        return sorted(rows, key=lambda row: (row.abroad, wanted == "since" and not row.since))

    def places(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return all partners by country, each with its key: by name, in the order of `countries`."""
        known = {place.key: place for row in self._every for place in (row.a, row.b)}
        named: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for place in sorted(known.values(), key=self._phonetic):
            named[place.country].append((place.key, self._name(place)))
        return [(country, named[code]) for code, country in self.countries()]

    def countries(self) -> list[tuple[str, str]]:
        """Return the codes of all partners' countries with their names: first those of most, then by name."""
        codes = {place.country for row in self._every for place in (row.a, row.b)}
        named = ((code, self._country(code)) for code in codes)
        return sorted(named, key=lambda one: (one[0] not in self._usual, fold(one[1])))

    def _country(self, code: str) -> str:
        return str(Locale.parse(self._texts.locale).territories.get(code, code))

    def words(self, table: Mapping[str, Words], used: Iterable[str]) -> list[tuple[str, str]]:
        """Return the ids of a table that are used, each with its word, in the table's order."""
        found = set(used)
        return [(id, word(table, id, self._language)) for id in table if id in found]

    def _row(self, partnership: Partnership) -> Row:
        a, b = partnership.a, partnership.b
        if a.country == "JP" and b.country != "JP":
            a, b = b, a
        since = partnership.since[0].value if partnership.since else ""
        return Row(
            key=partnership.key,
            a=a,
            b=b,
            names=(self._name(a), self._name(b)),
            levels=(self._level(a), self._level(b)),
            kind=self._word("kind", partnership.kind[0].value) if partnership.kind else "",
            since=self._word("since", since) if since else "",
            since_iso=since,
            abroad=_countries(partnership) != self._usual,
            fields=tuple(self._word("fields", cell.value) for cell in partnership.fields),
            quotes=self._quotes(partnership),
            corrected=partnership.corrected,
            source=partnership.source,
        )

    def _quotes(self, partnership: Partnership) -> tuple[Quote, ...]:
        return tuple(
            Quote(
                Citation.model_validate({**quote, "number": number, "highlight": None, "relevance": 1.0}),
                tuple((self._what(partnership, *one), self._word(*one)) for one in quote["supports"]),
                self._foreign(quote["language"]),
            )
            for number, quote in enumerate(quotes(partnership, self._documents), 1)
        )

    def _foreign(self, language: str) -> str:
        if language == self._language:
            return ""
        return self._texts.answer.in_language.format(language=language_name(language, self._texts))

    def _what(self, partnership: Partnership, what: str, value: str) -> str:
        """Return what is stated, in words: another date than the row's is not since when it is."""
        if what == "since" and value != partnership.since[0].value:
            return self._texts.register.otherwise
        return str(getattr(self._texts.register, "field" if what == "fields" else what))

    def _word(self, what: str, value: str) -> str:
        if what == "since":
            return written_date(value, self._texts)
        table: Mapping[str, Words] = {"kind": tables().kinds, "fields": tables().fields}.get(what, {})
        return word(table, value, self._language)

    def _name(self, place: Authority) -> str:
        return place.name(self._language)

    def _level(self, place: Authority) -> str:
        level = word(tables().levels, place.level, self._language)
        return "" if place.level in _SAID or fold(level) in fold(self._name(place)) else level

    @staticmethod
    def _phonetic(place: Authority) -> str:
        """Return what a name is put in order by: its letters, as a kanji's code says nothing of its sound.

        The shorter of two forms begins with what a place is called: Kumamoto Prefecture, Paris 15e.
        """
        return fold(min(place.name("fr"), place.name("en"), key=len))


def _countries(partnership: Partnership) -> frozenset[str]:
    return frozenset((partnership.a.country, partnership.b.country))
