"""The rows of the register: two authorities and what sentences state of them; which rows fit a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from partnerbot.documents.normal_forms import fold


@dataclass(frozen=True)
class Sentence:
    """A verbatim sentence: `document[start:end] == text`, of a cleaned document that is named by its source.

    `language`: ISO 639-1 code of the document's.
    """

    document_id: str
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True)
class Cell:
    """One thing that is stated of a partnership, with the sentences that state it.

    `value`: an ISO date ("1970-11-26", "1970-11", "1970"), or the id of a kind or of a field.
    """

    value: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Authority:
    """A town, prefecture, region or other authority; `key` is stable and may stand in a URL.

    `names`: by language. `spellings`: all that documents may call it by. `region`: the id of the region or
    prefecture in which it lies. Where it lies, in degrees, if that is known. `level_said`: a document says
    its level; else that is what its name most often means.
    """

    key: str
    level: str
    country: str
    names: Mapping[str, str]
    spellings: tuple[str, ...] = ()
    region: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    level_said: bool = False

    def name(self, language: str) -> str:
        """Return its name for a reader of that language."""
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))


@dataclass(frozen=True)
class Partnership:
    """One row: two authorities that documents state to be partners, each cell with all that they state.

    Of several values the first is the most trusted. `sentences` state that the two are partners;
    `documents` are the sources of all that speak of it. `corrected`: staff have changed the row or added it,
    and say in `source` where that is known from; what is theirs has no sentences.
    """

    key: str
    a: Authority
    b: Authority
    kind: tuple[Cell, ...]
    since: tuple[Cell, ...]
    fields: tuple[Cell, ...]
    sentences: tuple[Sentence, ...]
    documents: tuple[str, ...]
    corrected: bool = False
    source: str = ""

    @property
    def surely_dated(self) -> bool:
        """True if staff say its date, or more sentences tell it than any other."""
        told = [len(cell.sentences) for cell in self.since]
        return bool(told) and (not told[0] or all(told[0] > other for other in told[1:]))

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON has it; `from_json` reads it."""
        return asdict(self)

    @staticmethod
    def from_json(known: Mapping[str, Any]) -> Partnership:
        """Return the row that `to_json` has written."""
        return _rows().validate_python(known)


@cache
def _rows() -> TypeAdapter[Partnership]:
    return TypeAdapter(Partnership)


@dataclass(frozen=True)
class Register:
    """All rows, in the order of their keys, and the sentences that tell how many there are altogether.

    `hidden`: the rows that documents state and staff deny.
    """

    partnerships: tuple[Partnership, ...] = ()
    totals: tuple[Sentence, ...] = ()
    hidden: tuple[Partnership, ...] = ()


def select(
    register: Register,
    *,
    place: str | None = None,
    region: str | None = None,
    country: str | None = None,
    kind: str | None = None,
    field: str | None = None,
    since_from: str | None = None,
    since_to: str | None = None,
) -> tuple[Partnership, ...]:
    """Return the rows that fit all that is given, in their order.

    `place`: a partner's key, or any of its names; `region`, `country`: where a partner lies; `kind`,
    `field`: ids; `since_from`, `since_to`: ISO dates or years, both included. A row whose date isn't
    known fits no period.
    """
    return tuple(
        row
        for row in register.partnerships
        if (place is None or any(is_called(one, place) for one in (row.a, row.b)))
        and (region is None or region in (row.a.region, row.b.region, row.a.key, row.b.key))
        and (country is None or country in (row.a.country, row.b.country))
        and (kind is None or any(cell.value == kind for cell in row.kind[:1]))
        and (field is None or any(cell.value == field for cell in row.fields))
        and _is_within(row, since_from, since_to)
    )


def by_age(rows: tuple[Partnership, ...]) -> tuple[Partnership, ...]:
    """Return the rows whose date is known, the oldest first."""
    return tuple(sorted((row for row in rows if row.since), key=lambda row: row.since[0].value))


def is_called(authority: Authority, name: str) -> bool:
    """True if an authority has that key or name."""
    known = {fold(one) for one in (*authority.names.values(), *authority.spellings)}
    if name == authority.key or fold(name) in known:
        return True
    # 金沢市 is a town of which a document in French says nothing but Kanazawa.
    return (
        authority.level in ("city", "village")
        and len(name) > 2
        and name[-1] in "市町村"
        and name[:-1] in known
    )


def is_named(authority: Authority, text: str) -> bool:
    """True if a text has a name or spelling of an authority."""
    said = fold(text)
    return any(fold(name) in said for name in (*authority.spellings, *authority.names.values()))


def _is_within(row: Partnership, first: str | None, last: str | None) -> bool:
    if first is None and last is None:
        return True
    if not row.since:
        return False
    since = row.since[0].value
    # A less exact date is compared as far as it goes: 1970 lies within 1970-11.
    return (first is None or since >= first[: len(since)]) and (last is None or since[: len(last)] <= last)
