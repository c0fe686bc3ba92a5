"""`partnerbot questions` and `feedback`: what visitors asked and said of answers, where that is kept."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Annotated, Any

import typer

from partnerbot.cli.terminal import say
from partnerbot.settings import load_settings
from partnerbot.spreadsheets import as_csv

Row = dict[str, Any]
"""What is known of one question or word of feedback, or of a group of them, by the names of the columns."""

_TEXTS = ("question", "answer", "comment", "sources")
_SHOWN = 500
"""Columns that have a line of their own on a screen, and how many characters of it."""

Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to this day.")]
Language = Annotated[str | None, typer.Option(help="Only in this language: fr, ja, en …")]
Outcome = Annotated[
    str | None, typer.Option(help="Only what ended so: answered, not_in_documents or conversation.")
]
Containing = Annotated[str, typer.Option(help="Only what has this in its text.")]
Grouped = Annotated[bool, typer.Option("--grouped", help="Like questions as one, the most frequent first.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]


def questions(
    since: Since = None,
    until: Until = None,
    language: Language = None,
    outcome: Outcome = None,
    containing: Containing = "",
    grouped: Grouped = False,
    as_json: AsJson = False,
    purge: Annotated[
        bool, typer.Option(help="Delete what is older than may be kept; print nothing.")
    ] = False,
) -> None:
    """Print the questions that were kept; into a file, as a table for spreadsheets."""
    from partnerbot.web.records.questions import QuestionLog

    settings = load_settings()
    kept = QuestionLog(settings.state, settings.keep_questions_days)
    if purge:
        say(f"{kept.purge()} days of questions deleted.")
        return
    rows = [
        {"time": datetime.fromisoformat(f"{one.minute}Z").astimezone(), **one.model_dump(exclude={"minute"})}
        for one in kept.entries()
    ]
    _show(_chosen(rows, since, until, language, outcome, containing), grouped, as_json)


def feedback(
    useful: Annotated[
        bool | None, typer.Option("--useful/--not-useful", help="Only what was, or wasn't.")
    ] = None,
    since: Since = None,
    until: Until = None,
    language: Language = None,
    outcome: Outcome = None,
    containing: Containing = "",
    grouped: Grouped = False,
    as_json: AsJson = False,
) -> None:
    """Print what visitors said of answers; into a file, as a table for spreadsheets."""
    from partnerbot.web.records.feedback import kept_feedback

    rows = [
        {**one.model_dump(exclude={"name"}), "time": one.time.astimezone()}
        for one in kept_feedback(load_settings().feedback_folder)
        if useful in (None, one.useful)
    ]
    _show(_chosen(rows, since, until, language, outcome, containing), grouped, as_json)


def _chosen(
    rows: Iterable[Row],
    since: datetime | None,
    until: datetime | None,
    language: str | None,
    outcome: str | None,
    containing: str,
) -> list[Row]:
    """Return the rows that all filters let through; days are those of this machine's clock."""
    first, last = since or datetime.min, until or datetime.max - timedelta(days=1)
    return [
        row
        for row in rows
        if first <= row["time"].replace(tzinfo=None) < last + timedelta(days=1)
        and language in (None, row["language"])
        and outcome in (None, row["status"])
        and containing.casefold() in " ".join(map(_cell, row.values())).casefold()
    ]


# ---- Like questions ----------------------------------------------------------------------------


def _groups(rows: Sequence[Row]) -> list[Row]:
    """Return like questions as one row each; what has no question goes by the sources of its answer."""
    from partnerbot.web.records.alike import alike

    found = alike(Counter(row["question"] for row in rows if row["question"]))
    central = {question: group[0] for group in found for question in group}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(central.get(row["question"]) or _cell(row["sources"]), []).append(row)
    return [_summed_up(group) for group in sorted(groups.values(), key=len, reverse=True)]


def _summed_up(group: Sequence[Row]) -> Row:
    told = {
        name: [f"{count} × {_cell(value)}" for value, count in counted if value not in (None, "")]
        for name in ("useful", "reason", "language", "status", "question")
        if (counted := Counter(row.get(name) for row in group).most_common())
    }
    return {"count": len(group), "last": max(row["time"] for row in group), **told}


# ---- Printing ----------------------------------------------------------------------------------


def _show(rows: Sequence[Row], grouped: bool, as_json: bool) -> None:
    if not rows:
        say("Nothing is kept, or nothing of that kind.")
        return
    if grouped:
        rows = _groups(rows)
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False, default=datetime.isoformat))
    elif sys.stdout.isatty():
        from partnerbot.documents.cleaning import normalise

        for row in rows:  # without what commands a terminal
            told = {name: shorten(normalise(_cell(value)), _SHOWN) for name, value in row.items()}
            print(" · ".join(text for name, text in told.items() if text and name not in _TEXTS))
            print("".join(f"    {name}: {told[name]}\n" for name in _TEXTS if told.get(name)))
    else:
        print(as_csv(rows[0], ([_cell(value) for value in row.values()] for row in rows)), end="")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else str(value or "")
