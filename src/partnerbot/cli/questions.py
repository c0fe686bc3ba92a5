"""`partnerbot questions`, `feedback`, `staff-password`: what visitors asked and said, and who sees it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from partnerbot.cli.terminal import Exit, say
from partnerbot.passwords import SHORTEST_PASSWORD, hashed
from partnerbot.settings import load_settings
from partnerbot.spreadsheets import for_spreadsheets

if TYPE_CHECKING:
    from sqlalchemy import Table

Row = dict[str, Any]
"""What is known of one question or word of feedback, or of a group of them, by the names of the columns."""

_TEXTS = ("follows", "question", "reply", "answer", "comment", "sources")
_SHOWN = 500
"""Columns that have a line of their own on a screen, and how many characters of it."""


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day like 2026-11-30.") from None


def _language(text: str) -> str:
    from partnerbot.answering.phrases import language_to_answer_in

    try:
        return language_to_answer_in(text)
    except ValueError as error:
        raise typer.BadParameter(f"{error}. Give a code such as fr, ja or en.") from None


Since = Annotated[datetime | None, typer.Option(parser=_day, metavar="yyyy-mm-dd", help="From this day on.")]
Until = Annotated[datetime | None, typer.Option(parser=_day, metavar="yyyy-mm-dd", help="Up to this day.")]
Language = Annotated[
    str | None, typer.Option(parser=_language, metavar="code", help="Only in this language: fr, ja, en …")
]
Outcome = Annotated[
    Literal["answered", "not_in_documents", "conversation", "failed"] | None,
    typer.Option(metavar="outcome", help="answered, not_in_documents, conversation or failed."),
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
    marked: Annotated[bool, typer.Option("--marked", help="Those that staff have marked, and how.")] = False,
) -> None:
    """Print the questions that were kept. Into a file, as a table for spreadsheets."""
    from partnerbot.records import MARKED, QUESTIONS

    table, of_marks = (MARKED, ("right", "reply", "answer")) if marked else (QUESTIONS, ())
    columns = ("time", "language", "outcome", "question", "follows", *of_marks, "sources")
    rows = _kept(table, columns, since, until, language, outcome)
    if not (rows or marked or load_settings().keep_questions_days):
        say("Questions aren't kept. PARTNERBOT_KEEP_QUESTIONS_DAYS=30 in .env keeps them for 30 days.")
        return
    _show(rows, containing, grouped, as_json)


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
    """Print what visitors said of answers. Into a file, as a table for spreadsheets."""
    from partnerbot.records import FEEDBACK

    columns = ("time", "useful", "reason", "comment", "language", "outcome", "question", "answer", "sources")
    rows = _kept(FEEDBACK, columns, since, until, language, outcome)
    _show([row for row in rows if useful in (None, row["useful"])], containing, grouped, as_json)


def _kept(
    table: Table,
    columns: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    language: str | None,
    outcome: str | None,
) -> list[Row]:
    """Return what is kept, the oldest first; days are those of this machine's clock."""
    from sqlalchemy import select

    from partnerbot.records import Records

    wanted = select(*(table.c[name] for name in columns)).order_by(table.c.time)
    if since is not None:
        wanted = wanted.where(table.c.time >= _in_utc(since))
    if until is not None:
        wanted = wanted.where(table.c.time < _in_utc(until + timedelta(days=1)))
    for column, value in ((table.c.language, language), (table.c.outcome, outcome)):
        if value is not None:
            wanted = wanted.where(column == value)
    return [
        {**row._mapping, "time": row.time.replace(tzinfo=UTC).astimezone()}
        for row in Records(load_settings()).rows(wanted)
    ]


def _in_utc(local: datetime) -> datetime:
    return local.astimezone(UTC).replace(tzinfo=None)


# ---- Like questions ----------------------------------------------------------------------------


def _groups(rows: Sequence[Row]) -> list[Row]:
    """Return like questions as one row each; what has no question goes by the sources of its answer."""
    from partnerbot.evaluation.golden import in_full
    from partnerbot.web.records.questions import alike

    rows = [
        row | {"question": row["question"] and in_full(row["question"], row.get("follows", ()))}
        for row in rows
    ]
    found = alike(Counter(row["question"] for row in rows if row["question"]))
    central = {question: group[0] for group in found for question in group}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(central.get(row["question"]) or _cell(row["sources"]), []).append(row)
    return [_summed_up(group) for group in sorted(groups.values(), key=len, reverse=True)]


def _summed_up(group: Sequence[Row]) -> Row:
    told = {
        name: {_cell(value): count for value, count in counted if value not in (None, "")}
        for name in ("useful", "reason", "language", "outcome", "question")
        if (counted := Counter(row.get(name) for row in group).most_common())
    }
    return {"count": len(group), "last": max(row["time"] for row in group), **told}


# ---- Printing ----------------------------------------------------------------------------------


def _show(rows: Sequence[Row], containing: str, grouped: bool, as_json: bool) -> None:
    wanted = containing.casefold()
    rows = [row for row in rows if wanted in " ".join(map(_cell, row.values())).casefold()]
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
        from partnerbot.answering.values.cldr import decimal_comma
        from partnerbot.web.page_texts import offered_languages, texts_of

        language, *_ = offered_languages(load_settings().owner)
        words = vars(texts_of(language).staff)
        worded = (row | {"outcome": _in_words(row["outcome"], words)} for row in rows)
        cells = ([_cell(value) for value in row.values()] for row in worded)
        print(for_spreadsheets(rows[0], cells, decimal_comma(language)), end="")


def _in_words(outcome: str | dict[str, int], words: Mapping[str, str]) -> str | dict[str, int]:
    """Return how a question ended, or how often each way, as the page for staff says it."""
    if isinstance(outcome, str):
        return words.get(outcome, outcome)
    return {words.get(each, each): count for each, count in outcome.items()}


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):  # how often each was, if there are several
        return "; ".join(f"{each} ({count})" if len(value) > 1 else each for each, count in value.items())
    return "; ".join(value) if isinstance(value, list) else str(value or "")


# ---- Who may see them on the page for staff ----------------------------------------------------


def staff_password() -> None:
    """Print the line for .env that opens the page for staff.

    The password is asked for. Where nobody can be asked, it is the first line of standard input.
    """
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        say(
            f"A password has {SHORTEST_PASSWORD} characters or more: a few words do, and can be remembered.",
            "red",
        )
        raise typer.Exit(Exit.WRONG_USE)
    print(f"PARTNERBOT_STAFF_PASSWORD_HASH={hashed(password)}")
