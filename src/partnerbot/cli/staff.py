"""`partnerbot staff-password`: opens the page for staff."""

import sys

import typer

from partnerbot.cli.terminal import Exit, say
from partnerbot.passwords import SHORTEST_PASSWORD, hashed


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
