"""The command line: `partnerbot --help` names its commands. Results on stdout, all else on stderr."""

from __future__ import annotations

import sys

import typer

from partnerbot.cli import ask, doctor, evaluate, index, questions, serve, sync
from partnerbot.cli.terminal import Exit, log_to_screen, say
from partnerbot.errors import PartnerbotError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for command in (
    index.index,
    sync.sync,
    ask.ask,
    serve.serve,
    serve.pause,
    serve.resume,
    questions.questions,
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
