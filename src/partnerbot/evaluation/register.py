"""How good the register is: its rows beside gold rows of the same documents."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partnerbot.answering.from_register import REGISTER
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, cause
from partnerbot.evaluation.datasets import OWN, Record
from partnerbot.register.joining import TOWNS
from partnerbot.register.rows import Authority, Partnership, is_called

FILE = "partnerships.jsonl"
QUESTIONS = "partnership_questions.jsonl"

Gold = Mapping[str, Any]
"""`a` and `b`: names of each authority; `level_a`, `level_b`; `kind`: those that are right; `since`: the ISO
dates that are right, the first the most exact, or none if the documents don't say."""


class PartnershipScores(Record):
    """How many rows and cells are right, and of how many."""

    gold: int
    found: int
    rows: int
    right: int
    dated: int
    since_right: int
    kind_right: int
    dated_wrongly: int = 0
    asked: int = 0
    wanted: int = 0
    shown: int = 0
    shown_wrongly: int = 0

    def told(self) -> str:
        """Say it in a line, and what became of questions for rows in another."""
        rows = (
            f"Partnerships: {self.found} of {self.gold} found, {self.right} of {self.rows} rows right; "
            f"since right in {self.since_right} of {self.dated}, stated where no document does in "
            f"{self.dated_wrongly}; kind right in {self.kind_right} of {self.found}"
        )
        if not self.asked:
            return rows
        return (
            f"{rows}\nOf {self.asked} questions for partnerships: {self.shown} of {self.wanted} rows shown, "
            f"{self.shown_wrongly} wrong ones"
        )


def read_gold(place: str, name: str = FILE) -> list[Gold] | None:
    """Return the gold rows of a data set, or its questions for rows; None if it has none.

    Raises: ConfigurationError.
    """
    file = (Path(__file__).parent / place if place in OWN else Path(place)) / name
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The gold rows {file} can't be read: {cause(error)}") from error


def scores(bot: Partnerbot, gold: Sequence[Gold], questions: Sequence[Gold] | None) -> PartnershipScores:
    """Compare a bot's register with gold rows, and the rows that it shows when it is asked for some.

    A row counts once, and a city is not the prefecture of its name. questions: `rows` names the gold rows
    that are wanted, `also` those that may be shown, by "a/b".
    """
    every = bot.register().partnerships
    pairs = [(one, next((row for row in every if _is_of(row, one)), None)) for one in gold]
    found = [(one, row) for one, row in pairs if row is not None]
    dated = [(one, row) for one, row in found if one["since"]]
    named = {f"{one['a'][0]}/{one['b'][0]}": one for one in gold}
    shown = wrong = wanted = 0
    for asked in questions or ():
        answer = bot.ask(asked["question"], language=asked["language"])
        labels = [point.label or "" for point in answer.points] if answer.generator == REGISTER else []
        called = {re.split(r" [(（]", label)[0] for label in labels}
        rows = [
            row for row in every if f"{row.a.name(answer.language)} – {row.b.name(answer.language)}" in called
        ]
        wanted += len(asked["rows"])
        shown += sum(any(_is_of(row, named[name]) for row in rows) for name in asked["rows"])
        right = [named[name] for name in (*asked["rows"], *asked.get("also", ()))]
        wrong += sum(not any(_is_of(row, one) for one in right) for row in rows)
    return PartnershipScores(
        gold=len(gold),
        found=len(found),
        rows=len(every),
        right=sum(any(_is_of(row, one) for one in gold) for row in every),
        dated=len(dated),
        since_right=sum(bool(row.since) and row.since[0].value in one["since"] for one, row in dated),
        kind_right=sum(row.kind[0].value in one["kind"] for one, row in found),
        dated_wrongly=sum(bool(row.since) for one, row in found if not one["since"]),
        asked=len(questions or ()),
        wanted=wanted,
        shown=shown,
        shown_wrongly=wrong,
    )


def _is_of(row: Partnership, gold: Gold) -> bool:
    return any(
        _is(a, gold["a"], gold["level_a"]) and _is(b, gold["b"], gold["level_b"])
        for a, b in ((row.a, row.b), (row.b, row.a))
    )


def _is(authority: Authority, names: Sequence[str], level: str) -> bool:
    same = authority.level == level or {authority.level, level} <= TOWNS
    return same and any(is_called(authority, name) for name in names)
