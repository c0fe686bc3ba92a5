"""The command line of partnerbot. Results go to standard output, everything else to standard error."""

import sys
from typing import Annotated

import typer

from partnerbot import __version__
from partnerbot.cli import (
    ask,
    backup,
    doctor,
    evaluate,
    index,
    init,
    links,
    partnerships,
    questions,
    serve,
    sync,
)
from partnerbot.cli.terminal import Exit, log_to_screen, say
from partnerbot.errors import PartnerbotError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="A chat that answers questions from your own documents. Each command explains itself with --help.",
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"partnerbot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    """Take what goes with no command."""


for command in (
    init.init,
    index.index,
    sync.sync,
    links.links,
    ask.ask,
    partnerships.partnerships,
    serve.serve,
    serve.pause,
    serve.resume,
    serve.mcp,
    questions.questions,
    questions.feedback,
    questions.staff_password,
    backup.backup,
    backup.restore,
    evaluate.evaluate,
    doctor.doctor,
):
    app.command()(command)


def main() -> None:
    """Run the command line; a PartnerbotError is shown as one line, never as a traceback."""
    log_to_screen()
    try:
        app()
    except PartnerbotError as error:
        say(f"partnerbot: {error}", "red")
        sys.exit(Exit.WRONG_USE)
