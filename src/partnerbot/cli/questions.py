"""`partnerbot questions`: what visitors asked, where its owner chose to keep it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from partnerbot.cli.terminal import say
from partnerbot.settings import load_settings


def questions(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of CSV.")] = False,
    purge: Annotated[
        bool, typer.Option(help="Delete what is older than may be kept; print nothing.")
    ] = False,
) -> None:
    """Print the questions that were kept, as a table for spreadsheets."""
    from partnerbot.web.records.question_log import QuestionLog, write_csv, write_json_lines

    settings = load_settings()
    kept = QuestionLog(settings.state, settings.keep_questions_days)
    if purge:
        say(f"{kept.purge()} days of questions deleted.")
    elif as_json:
        write_json_lines(kept.entries(), sys.stdout)
    else:
        write_csv(kept.entries(), sys.stdout)
