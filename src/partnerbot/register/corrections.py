"""What staff know better than the documents: register.csv adds rows, changes them, or hides them.

One correction a line: `action` (add, change or hide), `a` and `b` (any name of each authority, as the
documents or the page have it), and for add and change `kind` and `fields` (as the page calls them in any of
its languages), `since` (a date) and `source`, which says where that is known from; `country_a` and
`country_b` say where the two lie. What is left empty stays as the documents have it.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale

from partnerbot.answering.values import find_dates
from partnerbot.documents.decoding import decode
from partnerbot.documents.metadata import iso_date
from partnerbot.documents.normal_forms import fold
from partnerbot.errors import ConfigurationError, DocumentRejected, cause
from partnerbot.register.authorities import authorities_in, slug
from partnerbot.register.dating import as_iso
from partnerbot.register.partnerships import Words, has_word, tables
from partnerbot.register.rows import Authority, Cell, Partnership, Register, is_called

log = logging.getLogger(__name__)

_ACTIONS = ("add", "change", "hide")
_IN_WORDS = re.compile(r"[\w’'() /・-]+")
"""What a kind or field in words is written with: "jumelage ?" is a question that somebody has."""

_BETWEEN_FIELDS = re.compile(r"[;,、]")


@dataclass(frozen=True)
class Correction:
    """A line of register.csv; `number`: which one, from 1."""

    action: str
    a: str
    b: str
    kind: str = ""
    since: str = ""
    fields: tuple[str, ...] = ()
    source: str = ""
    country_a: str = ""
    country_b: str = ""
    number: int = 0

    def is_of(self, row: Partnership) -> bool:
        """True if it is meant for a row."""
        pairs = ((row.a, row.b), (row.b, row.a))
        return any(is_called(one, self.a) and is_called(other, self.b) for one, other in pairs)


@dataclass(frozen=True)
class Corrections:
    """The lines of register.csv that count; `unusable` says of each other one why it doesn't."""

    lines: tuple[Correction, ...] = ()
    unusable: tuple[str, ...] = ()


def read_corrections(path: Path) -> Corrections:
    """Read register.csv in whatever encoding, its columns parted by comma, semicolon or tab; none without it.

    Raises: ConfigurationError if it can't be read as a whole.
    """
    try:
        return _corrections(path, path.read_bytes())
    except FileNotFoundError:
        return Corrections()
    except (OSError, csv.Error, DocumentRejected) as error:
        raise ConfigurationError(f"The corrections {path} can't be read: {cause(error)}") from error


@lru_cache(maxsize=2)
def _corrections(path: Path, data: bytes) -> Corrections:
    lines = decode(data).splitlines(keepends=True)
    delimiter = max(",;\t", key="".join(lines[:1]).count)
    usable, unusable = [], []
    # Where a comma is decimal a spreadsheet parts columns by semicolons, and writes the day first.
    language = "fr" if delimiter == ";" else "en"
    rows = csv.DictReader(lines, delimiter=delimiter)
    if lines and not {"action", "a", "b"} <= {*(rows.fieldnames or ())}:
        unusable.append(f"{path}, line 1, doesn't name the columns action, a and b: no line counts.")
        rows = csv.DictReader([])
    for number, line in enumerate(rows, start=2):
        try:
            usable.append(_correction(line, number, language))
        except ValueError as error:
            unusable.append(f"{path}, line {number}, is left out: {error}.")
    return Corrections(tuple(usable), tuple(unusable))


@lru_cache(maxsize=2)
def log_unusable(corrections: Corrections) -> None:
    """Log what can't be used, once, for a program that goes on answering: not for each page."""
    for told in corrections.unusable:
        log.warning("%s", told)


def corrected(register: Register, corrections: Sequence[Correction]) -> Register:
    """Return the register as staff want it; of what they change, what documents state stays behind their own.

    The last line for a pair counts.
    """
    rows = list(register.partnerships)
    for one in corrections:
        own = [row for row in rows if one.is_of(row)]
        rows = [row for row in rows if row not in own]
        if one.action == "change" or (one.action == "add" and own):
            rows += [_changed(row, one) for row in own]
        elif one.action == "add":
            rows.append(_changed(_added(one, register), one))
    rows.sort(key=lambda row: (row.a.name("fr"), row.key))
    kept = {row.key for row in rows}
    hidden = tuple(row for row in register.partnerships if row.key not in kept)
    return replace(register, partnerships=tuple(rows), hidden=hidden)


def remarks(register: Register, corrections: Sequence[Correction], path: Path) -> list[str]:
    """Say which lines are for no pair, for that of another line, or for a place that nobody knows.

    And where documents state otherwise.

    register: as the documents have it. path: of the file, to say where.
    """
    found = []
    known = {place.key: place for row in register.partnerships for place in (row.a, row.b)}
    names = [name for place in known.values() for name in (*place.names.values(), *place.spellings)]
    added = [{fold(one.a), fold(one.b)} for one in corrections if one.action == "add"]
    line_of: dict[frozenset[str], int] = {}
    for one in corrections:
        where = f"{path}, line {one.number}"
        both = frozenset(_authority(name, register).key for name in (one.a, one.b))
        if (before := line_of.get(both)) is not None:
            found.append(
                f"{where}: line {before} is for the same two. What both state counts as line {one.number} "
                "has it. Keep one of them."
            )
        line_of[both] = one.number
        rows = [row for row in register.partnerships if one.is_of(row)]
        sides = ((one.a, one.country_a, "country_a"), (one.b, one.country_b, "country_b"))
        if one.action == "add":
            found += [
                f"{where}: no document and no list knows {name!r}, which is taken for a town"
                f"{_nearest(name, names)}. If that is its name, state in {column} where it lies."
                for name, country, column in sides
                if not country and _known_place(name, register) is None
            ]
        elif not (rows or {fold(one.a), fold(one.b)} in added):
            unknown = [
                name for name in (one.a, one.b) if not any(is_called(place, name) for place in known.values())
            ]
            near = "".join(_nearest(name, names) for name in unknown)
            found.append(
                f"{where}: the documents state no partnership of {one.a} and {one.b}, so there is nothing to "
                f"{one.action}{near}. Names are in: partnerbot partnerships"
            )
        for row in rows:
            for what, own, cells in (("since", one.since, row.since), ("kind", one.kind, row.kind)):
                others = [cell for cell in cells[:1] if own and not cell.value.startswith(own)]
                found += [
                    f"{one.a} – {one.b}: {what} is {own} in the corrections, {cell.value} in "
                    f"{', '.join(sorted({sentence.document_id for sentence in cell.sentences}))}"
                    for cell in others
                ]
    return found


def _nearest(said: str, among: Iterable[str]) -> str:
    """Return a question for what may be meant, or nothing."""
    folded = {fold(name): name for name in among}
    near = get_close_matches(fold(said), folded, 1)
    return f" (did you mean {folded[near[0]]!r}?)" if near else ""


def _correction(line: Mapping[str | None, str | None], number: int, language: str) -> Correction:
    """Return what a line says, its date as ISO has it. Raises: ValueError saying what of it can't be used."""
    columns = Correction.__dataclass_fields__.keys() - {"number"}
    given = {name: (line.get(name) or "").strip() for name in columns}
    fields = _fields(given.pop("fields"))
    given["kind"] = _id("kind", given["kind"], tables().kinds, tables().kind)
    given |= {name: _country(given[name]) for name in ("country_a", "country_b")}
    said = given["since"]
    written = [as_iso(date.since) for date in find_dates(said, language) if date.text == said]
    given["since"] = next((date for date in map(iso_date, (said, *filter(None, written))) if date), "")
    one = Correction(fields=fields, number=number, **given)
    if one.action not in _ACTIONS:
        raise ValueError(
            f"action is {one.action!r}, not one of {', '.join(_ACTIONS)}{_nearest(one.action, _ACTIONS)}"
        )
    if not (one.a and one.b):
        raise ValueError("a or b is empty")
    listed = _listed(one.a), _listed(one.b)
    if fold(one.a) == fold(one.b) or (listed[0] and listed[1] and listed[0].key == listed[1].key):
        raise ValueError("a and b are one place")
    if said and not one.since:
        raise ValueError(f"since is {said!r}, not a date like 1970, 1970-11 or 1970-11-26")
    if one.action != "hide" and not one.source:
        raise ValueError("source is empty: say where it is known from")
    return one


def _id(what: str, said: str, called: Mapping[str, Words], told: Mapping[str, Words]) -> str:
    """Return the id of a kind or field: by itself, by what pages call it, or by the words that tell of it."""
    if not said:
        return ""
    wanted = fold(said)
    exact = [id for id, names in called.items() if wanted in {fold(id), *map(fold, names.values())}]
    by_word = [id for id in called if any(has_word(said, code, told[id]) for code in told[id])]
    if not (exact or (by_word and _IN_WORDS.fullmatch(said))):
        names = [name for id, names in called.items() for name in (id, *names.values())]
        raise ValueError(f"{what} is {said!r}, not one of {', '.join(called)}{_nearest(said, names)}")
    return [*exact, *by_word][0]


def _fields(said: str) -> tuple[str, ...]:
    """Return the ids of fields: parted by ";" or ",", or by spaces where all are single words."""
    called, told = tables().fields, tables().field
    names = {fold(name) for words in called.values() for name in words.values()}
    parts = _BETWEEN_FIELDS.split(said)
    if len(parts) == 1 and fold(said.strip()) not in names:
        parts = said.split()
    return tuple(dict.fromkeys(_id("fields", part.strip(), called, told) for part in parts if part.strip()))


def _country(said: str) -> str:
    """Return the ISO 3166 code of a country, by itself or its name in a language of the page."""
    code = _country_codes().get(fold(said), "")
    if said and not code:
        raise ValueError(f"no country is called {said!r}{_nearest(said, _country_codes())}")
    return code


@cache
def _country_codes() -> Mapping[str, str]:
    languages = {code for names in tables().kinds.values() for code in names}
    return {
        fold(name): code
        for language in sorted(languages)
        for code, country in Locale.parse(language).territories.items()
        if len(code) == 2 and code.isalpha()
        for name in (code, country)
    }


def _added(one: Correction, register: Register) -> Partnership:
    # As in documents' rows, the Japanese partner is the second.
    both = _authority(one.a, register), _authority(one.b, register)
    a, b = sorted(both, key=lambda place: place.country == "JP")
    return Partnership(f"{a.key}--{b.key}", a, b, (), (), (), (), ())


def _authority(name: str, register: Register) -> Authority:
    """Return whom a name means; one that nobody knows is a town."""
    return _known_place(name, register) or Authority(f"own-{slug(name)}", "city", "", {"fr": name}, (name,))


def _known_place(name: str, register: Register) -> Authority | None:
    """Return the partner that documents call so, else that of the list; None if neither knows it."""
    for row in register.partnerships:
        if own := next((place for place in (row.a, row.b) if is_called(place, name)), None):
            return own
    return _listed(name)


def _listed(name: str) -> Authority | None:
    """Return the authority of the list that a name means as a whole, if one does."""
    found = authorities_in(name, "fr" if ord(name[0]) < 0x3000 else "ja")
    whole = found and found[0].end - found[0].start == len(name)
    return found[0].authority if whole else None


def _placed(place: Authority, one: Correction) -> Authority:
    """Return an authority in the country that staff say."""
    said = ((one.a, one.country_a), (one.b, one.country_b))
    country = next((country for name, country in said if country and is_called(place, name)), None)
    return place if country is None else replace(place, country=country)


def _changed(row: Partnership, one: Correction) -> Partnership:
    def first(value: str, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return (Cell(value, ()), *(cell for cell in cells if cell.value != value)) if value else cells

    return replace(
        row,
        a=_placed(row.a, one),
        b=_placed(row.b, one),
        kind=first(one.kind, row.kind),
        since=first(one.since, row.since),
        fields=tuple(Cell(field, ()) for field in one.fields) or row.fields,
        corrected=True,
        source=one.source,
    )
