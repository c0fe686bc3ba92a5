"""The register's rows in a reader's words, in the order that was chosen."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from babel import Locale

from partnerbot.answering.answer import Citation
from partnerbot.answering.phrases import phrases
from partnerbot.documents.normal_forms import fold
from partnerbot.register.authorities import entries
from partnerbot.register.partnerships import Words, tables
from partnerbot.register.published import Documents, quotes, word
from partnerbot.register.rows import Authority, Partnership
from partnerbot.web.page_texts import Texts, written_date

SORTED_BY = ("place", "partner", "kind", "since")
"""What rows can be put in order by; with "-" before it, the other way round."""

_SAID = ("city", "prefecture", "metropole")
"""Levels that need not be said, or that names say."""


class Listing:
    """Writes rows for readers of one language; `every` is what the register has."""

    def __init__(
        self, language: str, texts: Texts, documents: Documents, every: Sequence[Partnership]
    ) -> None:
        self._language = language
        self._texts = texts
        self._documents = documents
        self._every = every
        self._usual = Counter(map(_countries, every)).most_common(1)[0][0]

    def count(self) -> str:
        """How many there are in the documents, and how many more staff alone tell of."""
        of_staff = sum(not row.sentences for row in self._every)
        told = self._texts.register.counted("count", len(self._every) - of_staff, self._texts.locale)
        more = phrases(self._language).partnerships_of_staff["more"]
        return more.format(in_articles=told, count=of_staff) if of_staff else str(told)

    def rows(self, partnerships: Iterable[Partnership], sort: str) -> list[Partnership]:
        """Return the rows, sorted.

        Those without a date come last in any order of dates, and those from abroad after all.
        """
        rows = sorted(partnerships, key=lambda row: self._phonetic(row.a))
        wanted, backwards = sort.removeprefix("-"), sort.startswith("-")
        keys: Mapping[str, Callable[[Partnership], str]] = {
            "place": lambda row: self._phonetic(row.a),
            "partner": lambda row: self._phonetic(row.b),
            "kind": lambda row: fold(self.kind(row)),
            "since": since_of,
        }
        rows.sort(key=keys.get(wanted, keys["place"]), reverse=backwards)
        return sorted(rows, key=lambda row: (self.is_abroad(row), wanted == "since" and not row.since))

    def places(self) -> list[tuple[str, list[tuple[str, str]]]]:
        known = {place.key: place for row in self._every for place in (row.a, row.b)}
        named: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for place in sorted(known.values(), key=self._phonetic):
            named[place.country].append((place.key, self.name(place)))
        return [(country, named[code]) for code, country in self.countries()]

    def regions(self) -> list[tuple[str, str]]:
        """Return the codes of the regions and prefectures in which partners lie, each with its name."""
        codes = {place.region for row in self._every for place in (row.a, row.b)}
        larger = (one for one in entries() if one.level in ("region", "prefecture") and one.region in codes)
        return [(one.region, one.called.get(self._language, one.called["en"])) for one in larger]

    def countries(self) -> list[tuple[str, str]]:
        """Return the codes of all partners' countries with their names: first those of most, then by name."""
        names = Locale.parse(self._texts.locale).territories
        codes = {place.country for row in self._every for place in (row.a, row.b)}
        named = ((code, str(names.get(code, code))) for code in codes)
        return sorted(named, key=lambda one: (one[0] not in self._usual, fold(one[1])))

    def words(self, table: Mapping[str, Words], used: Iterable[str]) -> list[tuple[str, str]]:
        found = set(used)
        return [(id, word(table, id, self._language)) for id in table if id in found]

    def name(self, place: Authority) -> str:
        return place.name(self._language)

    def title(self, row: Partnership) -> str:
        return f"{self.name(row.a)} – {self.name(row.b)}"

    def _phonetic(self, place: Authority) -> str:
        """Return what a name is put in order by: its letters, as a kanji's code says nothing of its sound.

        The shorter of two forms begins with what a place is called: Kumamoto Prefecture, Paris 15e. Hangul
        is in the order of its sounds.
        """
        if self._language == "ko":
            return fold(self.name(place))
        return fold(min(place.name("fr"), place.name("en"), key=len))

    def level(self, place: Authority) -> str:
        """What a partner is, where that need be said."""
        level = word(tables().levels, place.level, self._language)
        return "" if place.level in _SAID or fold(level) in fold(self.name(place)) else level

    def kind(self, row: Partnership) -> str:
        return self.written("kind", row.kind[0].value) if row.kind else ""

    def since(self, row: Partnership) -> str:
        """The most trusted date, empty without any."""
        return self.written("since", since_of(row)) if row.since else ""

    def is_abroad(self, row: Partnership) -> bool:
        """Whether it is of other countries than most."""
        return _countries(row) != self._usual

    def quotes(self, row: Partnership) -> Iterator[tuple[Citation, list[tuple[str, str]]]]:
        """Yield citations, the reader's language first, each with what it states: what that is, its value."""
        ordered = sorted(
            quotes(row, self._documents), key=lambda quote: bool(quote["language"] != self._language)
        )
        for number, quote in enumerate(ordered, 1):
            citation = {**quote, "number": number, "highlight": None, "relevance": 1.0}
            states = [(self._what(row, *one), self.written(*one)) for one in quote["supports"]]
            yield Citation.model_validate(citation), states

    def _what(self, row: Partnership, what: str, value: str) -> str:
        """Return what is stated, in words: another date than the row's is not since when it is."""
        if what == "since" and value != since_of(row):
            return self._texts.register.otherwise
        return str(getattr(self._texts.register, "field" if what == "fields" else what))

    def written(self, what: str, value: str) -> str:
        """Write a value that is stated, which may be "kind", "since" or "fields"."""
        if what == "since":
            return written_date(value, self._texts)
        table: Mapping[str, Words] = {"kind": tables().kinds, "fields": tables().fields}.get(what, {})
        return word(table, value, self._language)


def since_of(row: Partnership) -> str:
    """Return the most trusted date as the documents have it, in ISO's form; empty without any."""
    return row.since[0].value if row.since else ""


def _countries(row: Partnership) -> frozenset[str]:
    return frozenset((row.a.country, row.b.country))
