"""How good the register is: its rows beside gold rows of the same documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.datasets import OWN
from partnerbot.register.queries import is_called
from partnerbot.register.rows import Authority, Partnership, Register

FILE = "partnerships.jsonl"
_TOWNS = frozenset({"city", "village", "district"})

Gold = Mapping[str, Any]
"""`a` and `b`: names of each authority; `level_a`, `level_b`; `kind`: those that are right; `since`: the ISO
dates that are right, the first the most exact, or none if the documents don't say."""


class PartnershipScores(BaseModel):
    """How many rows and cells are right, and of how many."""

    model_config = ConfigDict(frozen=True)

    gold: int
    found: int
    rows: int
    right: int
    dated: int
    since_right: int
    kind_right: int

    def told(self) -> str:
        """Say it in a line."""
        return (
            f"Partnerships: {self.found} of {self.gold} found, {self.right} of {self.rows} rows right; "
            f"since right in {self.since_right} of {self.dated}, kind in {self.kind_right} of {self.found}"
        )


def read_gold(place: str) -> list[Gold] | None:
    """Return the gold rows of a data set; None if it has none. Raises: ConfigurationError."""
    file = (Path(__file__).parent / place if place in OWN else Path(place)) / FILE
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The gold rows {file} can't be read: {error}") from error


def scores(register: Register, gold: Sequence[Gold]) -> PartnershipScores:
    """Compare a register with gold rows. A row counts once, and a city is not the prefecture of its name."""
    pairs = [(one, next((row for row in register.partnerships if _is_of(row, one)), None)) for one in gold]
    found = [(one, row) for one, row in pairs if row is not None]
    dated = [(one, row) for one, row in found if one["since"]]
    return PartnershipScores(
        gold=len(gold),
        found=len(found),
        rows=len(register.partnerships),
        right=sum(any(_is_of(row, one) for one in gold) for row in register.partnerships),
        dated=len(dated),
        since_right=sum(bool(row.since) and row.since[0].value in one["since"] for one, row in dated),
        kind_right=sum(row.kind[0].value in one["kind"] for one, row in found),
    )


def _is_of(row: Partnership, gold: Gold) -> bool:
    return any(
        _is(a, gold["a"], gold["level_a"]) and _is(b, gold["b"], gold["level_b"])
        for a, b in ((row.a, row.b), (row.b, row.a))
    )


def _is(authority: Authority, names: Sequence[str], level: str) -> bool:
    same = authority.level == level or {authority.level, level} <= _TOWNS
    return same and any(is_called(authority, name) for name in names)
