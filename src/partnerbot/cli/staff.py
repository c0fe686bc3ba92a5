"""`partnerbot staff-password`: opens the page for staff."""

import typer

from partnerbot.cli.terminal import Exit, say
from partnerbot.passwords import SHORTEST_PASSWORD, hashed


def staff_password() -> None:
    """Ask for a password of staff, and print the line for .env that opens /staff with it."""
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    if len(password) < SHORTEST_PASSWORD:
        say(f"At least {SHORTEST_PASSWORD} characters: a few words are easy to remember.", "red")
        raise typer.Exit(Exit.WRONG_USE)
    print(f"PARTNERBOT_STAFF_PASSWORD_HASH={hashed(password)}")
