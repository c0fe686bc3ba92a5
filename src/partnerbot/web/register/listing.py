"""The rows of the register as a page shows them: in the reader's language, in the order that was chosen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from babel import Locale

from partnerbot.answering.answer import Citation
from partnerbot.documents.normal_forms import fold
from partnerbot.register.partnerships import Words, tables
from partnerbot.register.published import Documents, quotes, word
from partnerbot.register.rows import Authority, Partnership
from partnerbot.web.page_texts import Texts
from partnerbot.web.visitor_language import written_date

SORTED_BY = ("place", "partner", "kind", "since")
"""What rows can be put in order by; with "-" before it, the other way round."""

_SAID = ("city", "prefecture", "metropole")
"""Levels that need not be said, or that names say."""


@dataclass(frozen=True)
class Quote:
    """A citation, and what it states of the partnership: what that is, and its value."""

    citation: Citation
    states: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """One partnership; `a` is the partner of the Japanese one, `since` what is stated, best first.

    `corrected`: by staff, who know it from `source`.
    """

    key: str
    a: Authority
    b: Authority
    names: tuple[str, str]
    levels: tuple[str, str]
    kind: str
    since: tuple[str, ...]
    since_iso: str
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
    """Writes rows for readers of one language."""

    def __init__(self, language: str, texts: Texts, documents: Documents) -> None:
        self._language = language
        self._texts = texts
        self._documents = documents

    def rows(self, partnerships: Iterable[Partnership], sort: str) -> list[Row]:
        """Return the rows, sorted; those without a date come last in any order of dates."""
        rows = sorted(map(self._row, partnerships), key=lambda row: self._phonetic(row.a))
        wanted, backwards = sort.removeprefix("-"), sort.startswith("-")
        keys: Mapping[str, Callable[[Row], str]] = {
            "place": lambda row: self._phonetic(row.a),
            "partner": lambda row: self._phonetic(row.b),
            "kind": lambda row: fold(row.kind),
            "since": lambda row: row.since_iso,
        }
        rows.sort(key=keys.get(wanted, keys["place"]), reverse=backwards)
        return sorted(rows, key=lambda row: not row.since) if wanted == "since" else rows

    def places(self, partnerships: Iterable[Partnership]) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return all partners by country, both by name: each with its key."""
        known = {place.key: place for row in partnerships for place in (row.a, row.b)}
        countries: dict[str, list[tuple[str, str]]] = {}
        for place in sorted(known.values(), key=self._phonetic):
            countries.setdefault(self._country(place.country), []).append((place.key, self._name(place)))
        return sorted(countries.items())

    def countries(self, partnerships: Iterable[Partnership]) -> list[tuple[str, str]]:
        """Return the codes of all partners' countries with their names, by name."""
        codes = {place.country for row in partnerships for place in (row.a, row.b)}
        return sorted(((code, self._country(code)) for code in codes), key=lambda named: fold(named[1]))

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
        return Row(
            key=partnership.key,
            a=a,
            b=b,
            names=(self._name(a), self._name(b)),
            levels=(self._level(a), self._level(b)),
            kind=self._word("kind", partnership.kind[0].value) if partnership.kind else "",
            since=tuple(self._word("since", cell.value) for cell in partnership.since),
            since_iso=partnership.since[0].value if partnership.since else "",
            fields=tuple(self._word("fields", cell.value) for cell in partnership.fields),
            quotes=self._quotes(partnership),
            corrected=partnership.corrected,
            source=partnership.source,
        )

    def _quotes(self, partnership: Partnership) -> tuple[Quote, ...]:
        return tuple(
            Quote(
                Citation.model_validate({**quote, "number": number, "highlight": None, "relevance": 1.0}),
                tuple((what, self._word(what, value)) for what, value in quote["supports"]),
            )
            for number, quote in enumerate(quotes(partnership, self._documents), 1)
        )

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
