"""The rows of the register, as plain data: two authorities, and what sentences state of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter


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

    `value`: an ISO date ("1970-11-26", "1970-11", "1970"), the id of a kind or of a field, or a place.
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
class Person:
    """Somebody who has to do with a partnership, as sentences state it; `role` as they say it, or empty."""

    name: str
    role: str
    sentences: tuple[Sentence, ...]


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
    signed_where: tuple[Cell, ...]
    fields: tuple[Cell, ...]
    people: tuple[Person, ...]
    sentences: tuple[Sentence, ...]
    documents: tuple[str, ...]
    corrected: bool = False
    source: str = ""

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
    """All rows, in the order of their keys."""

    partnerships: tuple[Partnership, ...] = ()
