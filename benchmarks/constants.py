"""What a constant is worth: the same questions, asked with one value of it after the other.

    python benchmarks/constants.py answering.following._CITED_BEFORE 0 1 2 --on broad
    python benchmarks/constants.py answering/calibration.json:thresholds_of_passages_for_one_value.balanced \
        0.3 0.4 0.5 --on sample PATH/TO/DATASET

Each passage is read once, whatever the values, so that a second value costs little.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from platformdirs import user_cache_path
from rich.console import Console
from rich.table import Table

from partnerbot.answering import confidence
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import read_data_set
from partnerbot.evaluation.measures import groups, measure
from partnerbot.evaluation.outcomes import ask_all
from partnerbot.models.reader import Reading, States, load_reader
from partnerbot.settings import load_settings

_CALIBRATED = "answering/calibration.json:"

_MEASURES = (
    "vital", "full", "wrong", "headline", "handled", "first_citation_right", "citation_precision",
    "gold_in_quote", "short_answer_f1", "false_refusals", "false_answers",
)  # fmt: skip


def main() -> None:
    """Run the comparison from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("constant", help="module.NAME within partnerbot, or calibration.json:part.name")
    parser.add_argument("values", nargs="+", type=float)
    parser.add_argument(
        "--on", nargs="+", required=True, metavar="DATASET", help="as for partnerbot evaluate"
    )
    parser.add_argument("--limit", type=int, help="at most so many questions of each data set")
    parser.add_argument("--group", default="all", help="a kind of question, or a pair of languages")
    options = parser.parse_args()
    _read_once()
    settings = load_settings()
    for place in options.on:
        data_set = read_data_set(place, settings.documents, options.limit)
        corpus = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation")
        rows = {}
        for value in options.values:
            with _set(options.constant, value):
                outcomes = ask_all(data_set.name, data_set.queries, corpus)
            rows[value] = measure(groups(outcomes).get(options.group, []))
        _print(f"{data_set.name}, {options.group}: {options.constant}", rows)


def _read_once() -> None:
    """Have the reader remember what it read: it is one for all bots of a process."""
    reader = load_reader()
    read, answer, relevance = reader.states, reader.answer, reader.relevance
    known: dict[tuple[str, str, str], States] = {}
    told: dict[int, tuple[Reading, float]] = {}

    def states(question: str, title: str, text: str) -> States:
        if (question, title, text) not in known:
            seen = read(question, title, text)
            kept = replace(seen, values=seen.values[:0])  # they are large
            told[id(kept)] = answer(seen), relevance(seen)
            known[question, title, text] = kept
        return known[question, title, text]

    reader.states = states  # type: ignore[method-assign]
    reader.answer = lambda seen: told[id(seen)][0]  # type: ignore[method-assign]
    reader.relevance = lambda seen: told[id(seen)][1]  # type: ignore[method-assign]


@contextmanager
def _set(constant: str, value: float) -> Iterator[None]:
    """Give a constant another value for a while."""
    where: Any
    if constant.startswith(_CALIBRATED):
        part, name = constant.removeprefix(_CALIBRATED).split(".")
        where = confidence.calibration()[part]
        before, where[name] = where[name], value
    else:
        module, name = constant.rsplit(".", 1)
        where = vars(importlib.import_module(f"partnerbot.{module}"))
        before, where[name] = where[name], type(where[name])(value)
    try:
        yield
    finally:
        where[name] = before


def _print(title: str, rows: dict[float, dict[str, Any]]) -> None:
    shown = [name for name in _MEASURES if any(name in row for row in rows.values())]
    table = Table(title=title, caption="percent, and questions in brackets", title_justify="left")
    for column in ("value", *shown):
        table.add_column(column, justify="right", overflow="fold")
    for value, row in rows.items():
        cells = [f"{row[name].value:.1%} ({row[name].questions})" if name in row else "–" for name in shown]
        table.add_row(f"{value:g}", *cells)
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
