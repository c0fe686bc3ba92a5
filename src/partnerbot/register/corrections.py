"""What staff know better than the documents: register.csv adds rows, changes them, or hides them.

One correction a line: `action` (add, change or hide), `a` and `b` (any name of each authority, as the
documents or the page have it), and for add and change `kind`, `since` (ISO), `fields` (ids, separated by
spaces) and `source`, which says where that is known from. What is left empty stays as the documents have it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from partnerbot.documents.metadata import iso_date
from partnerbot.errors import ConfigurationError
from partnerbot.register.authorities import authorities_in
from partnerbot.register.partnerships import tables
from partnerbot.register.rows import Authority, Cell, Partnership, Register, is_called

_COLUMNS = ("action", "a", "b", "kind", "since", "fields", "source")
_ACTIONS = ("add", "change", "hide")


@dataclass(frozen=True)
class Correction:
    """A line of register.csv."""

    action: str
    a: str
    b: str
    kind: str = ""
    since: str = ""
    fields: tuple[str, ...] = ()
    source: str = ""

    def is_of(self, row: Partnership) -> bool:
        """True if it is meant for a row."""
        pairs = ((row.a, row.b), (row.b, row.a))
        return any(is_called(one, self.a) and is_called(other, self.b) for one, other in pairs)


def read_corrections(path: Path) -> list[Correction]:
    """Read register.csv; nothing if there is none.

    Raises: ConfigurationError naming the line that can't be used, and why.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [
                _correction(path, number, line) for number, line in enumerate(csv.DictReader(file), start=2)
            ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise ConfigurationError(f"The corrections {path} can't be read: {error}") from error


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
            rows.append(_changed(_added(one), one))
    return replace(register, partnerships=tuple(sorted(rows, key=lambda row: (row.a.name("fr"), row.key))))


def disagreements(register: Register, corrections: Sequence[Correction]) -> list[str]:
    """Say of which pairs the documents now state another beginning or kind than staff do, and which ones.

    register: as the documents have it.
    """
    found = []
    for one in corrections:
        for row in register.partnerships:
            if not one.is_of(row):
                continue
            for what, own, cells in (("since", one.since, row.since), ("kind", one.kind, row.kind)):
                others = [cell for cell in cells[:1] if own and not cell.value.startswith(own)]
                found += [
                    f"{one.a} – {one.b}: {what} is {own} in the corrections, {cell.value} in "
                    f"{', '.join(sorted({sentence.document_id for sentence in cell.sentences}))}"
                    for cell in others
                ]
    return found


def _correction(path: Path, number: int, line: dict[str, str]) -> Correction:
    given = {name: (line.get(name) or "").strip() for name in _COLUMNS}
    fields = tuple(given.pop("fields").split())
    one = Correction(fields=fields, **given)
    kinds, unknown = tables().kinds, set(fields) - tables().fields.keys()
    fits = {
        f"action is {one.action!r}, not one of {', '.join(_ACTIONS)}": one.action in _ACTIONS,
        "a or b is empty": one.a and one.b,
        f"kind is {one.kind!r}, not one of {', '.join(kinds)}": not one.kind or one.kind in kinds,
        f"since is {one.since!r}, not a date like 1970, 1970-11 or 1970-11-26": (
            not one.since or iso_date(one.since) == one.since
        ),
        f"fields has {', '.join(unknown)}, not among {', '.join(tables().fields)}": not unknown,
        "source is empty: say where it is known from": one.action == "hide" or one.source,
    }
    wrong = next((what for what, right in fits.items() if not right), None)
    if wrong:
        raise ConfigurationError(f"The corrections {path}, line {number}: {wrong}.")
    return one


def _added(one: Correction) -> Partnership:
    a, b = _authority(one.a), _authority(one.b)
    return Partnership(f"{a.key}--{b.key}", a, b, (), (), (), (), ())


def _authority(name: str) -> Authority:
    language = "fr" if name.isascii() or ord(name[0]) < 0x3000 else "ja"
    found = authorities_in(name, language)
    if found and found[0].end - found[0].start == len(name):
        return found[0].authority
    return Authority(f"own-{name.casefold().replace(' ', '-')}", "institution", "", {"fr": name}, (name,))


def _changed(row: Partnership, one: Correction) -> Partnership:
    def first(value: str, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return (Cell(value, ()), *(cell for cell in cells if cell.value != value)) if value else cells

    return replace(
        row,
        kind=first(one.kind, row.kind),
        since=first(one.since, row.since),
        fields=tuple(Cell(field, ()) for field in one.fields) or row.fields,
        corrected=True,
        source=one.source,
    )
