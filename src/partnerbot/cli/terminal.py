"""What the commands share: their options, their exit codes, and the terminal they write to."""

import logging
import sys
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

DocumentsOption = Annotated[Path | None, typer.Option("--documents", help="Folder of documents.")]
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]

screen = Console(stderr=True, highlight=False)
"""All but results. It writes to what standard error is at the time."""


class Exit(IntEnum):
    DONE = 0
    PARTLY = 1
    WRONG_USE = 2


def say(text: str, style: str | None = None) -> None:
    """Print to the screen a text that isn't ours: no brackets of it are marks, no line of it is broken."""
    screen.print(text, style=style, markup=False, soft_wrap=True)


def log_to_screen(answers: bool = False) -> None:
    """Write warnings to standard error; who sits before a terminal isn't told which module warns.

    answers: a line for each answer that a language model writes as well: how it ended, never what was asked.
    """
    of_whom = "" if sys.stderr.isatty() else " %(name)s"
    logging.basicConfig(format=f"%(levelname)s{of_whom}: %(message)s", stream=sys.stderr)
    if answers:
        logging.getLogger("partnerbot.writing").setLevel(logging.INFO)
