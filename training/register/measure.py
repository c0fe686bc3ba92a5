"""Measure the register on articles with gold rows, as an owner's documents are indexed.

    python training/register/measure.py training/register/fresh [--tell]

FOLDER holds articles and gold.jsonl, whose lines are pairs with what is right of them, or traps
(`not_a_partnership`); --gold names another file. --tell prints what is missed and wrong: never look at that
for a set that is kept aside.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partnerbot.bot import Partnerbot
from partnerbot.evaluation.register import scores
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.models.reader import load_reader
from partnerbot.register.mining import mine_all
from partnerbot.register.rows import Partnership, is_called
from partnerbot.settings import Settings


def names(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def gold_of(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pair as `partnerbot evaluate` takes it."""
    since = [line["since"], *line.get("since_ok", ())] if isinstance(line["since"], str) else line["since"]
    return {**line, "a": names(line["a"]), "b": names(line["b"]), "since": since or []}


def is_taken(trap: Mapping[str, Any], row: Partnership) -> bool:
    """True if a row says that those of a trap are partners, at the level that the trap is about."""
    return any(
        all(any(is_called(one, name) for name in names(trap[side])) for one, side in ((x, "a"), (y, "b")))
        and trap.get("level_b", y.level) == y.level
        for x, y in ((row.a, row.b), (row.b, row.a))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--tell", action="store_true")
    options = parser.parse_args()
    file = options.gold or options.folder / "gold.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    gold = [gold_of(line) for line in lines if "not_a_partnership" not in line]
    traps = [line for line in lines if "not_a_partnership" in line]
    model = load_embedding_model(Settings().embedding_model)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = Settings(
            documents=options.folder,
            index=place / "index",
            glossary=place / "none.yaml",
            register_file=place / "register.csv",
        )
        build_index(settings.documents, settings.index, model, derive=mine_all)
        bot = Partnerbot(settings, model, load_reader())
        rows = bot.register().partnerships
        print(scores(bot, gold, None).told())
        taken = [(line, row) for line in traps for row in rows if is_taken(line, row)]
        print(f"Of {len(traps)} traps {len(taken)} taken for partners")
        if options.tell:
            right = {id(row) for one in gold for row in rows if _states(one, row)}
            for one in gold:
                if (row := next((row for row in rows if _states(one, row)), None)) is None:
                    print("missed", one["a"][0], one["b"][0], one.get("documents"))
                elif [cell.value for cell in row.since[:1]] != one["since"][:1]:
                    print("since", one["a"][0], one["b"][0], [c.value for c in row.since], one["since"])
            for row in rows:
                if id(row) not in right:
                    print("wrong", row.key, [sentence.text for sentence in row.sentences])


def _states(gold: Mapping[str, Any], row: Partnership) -> bool:
    return is_taken({"a": gold["a"], "b": gold["b"]}, row) and {row.a.level, row.b.level} - {
        "city",
        "village",
    } == {
        gold["level_a"],
        gold["level_b"],
    } - {"city", "village"}


if __name__ == "__main__":
    main()
