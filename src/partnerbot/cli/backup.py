"""`partnerbot backup` and `restore`: what can't be got again elsewhere, as one file, and back from it."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from partnerbot.cli.terminal import IndexOption, say
from partnerbot.errors import ConfigurationError
from partnerbot.settings import read_settings

ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it: partnerbot.tar.gz.")],
    documents: Annotated[
        bool, typer.Option("--with-documents", help="With the documents and the pages of sites.")
    ] = False,
    force: ForceOption = False,
    index: IndexOption = None,
) -> None:
    """Write all that must be kept into one file.

    That is the index, the owner's files and what is kept of visitors; not .env, which has keys and
    passwords. The server may run meanwhile.
    """
    from partnerbot.backup import write_backup

    if not force and os.access(file, os.F_OK):
        raise ConfigurationError(f"{file} is there already. Name another file, or replace it with --force")
    names = write_backup(read_settings(index=index), file, documents=documents)
    say(f"Written to {file} ({file.stat().st_size / 1e6:.1f} MB): {_told(names)}.")
    if not documents:
        say("The documents are not in it; --with-documents takes them in.")
    say(".env, with keys and passwords, is not in it: keep a copy of it where you keep those.")


def restore(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="What `partnerbot backup` wrote.")
    ],
    force: ForceOption = False,
    index: IndexOption = None,
) -> None:
    """Put a backup back, after .env. It goes into this folder, or where .env and the environment say."""
    from partnerbot.backup import names_in, opened
    from partnerbot.backup import restore as put_back

    with opened(file) as found:
        put_back(found, read_settings(index=index), force=force)
        say(f"Restored: {_told(names_in(found))}.")
    if not Path(".env").exists():
        say(
            "Put your .env back before you start the server: without it, what is kept for staff goes.",
            "yellow",
        )
    say("To bring the index up to date, run: partnerbot index")


def _told(names: list[str]) -> str:
    counts = Counter(name.partition("/")[0] for name in names)
    return ", ".join(name if count == 1 else f"{name} ({count} files)" for name, count in counts.items())
