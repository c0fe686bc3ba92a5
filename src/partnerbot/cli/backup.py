"""`partnerbot backup` and `restore`: what can't be got again elsewhere, as one file, and back from it."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from partnerbot.cli.terminal import IndexOption, say
from partnerbot.errors import ConfigurationError, PartnerbotError
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

    That is the index, the settings and what is kept of visitors. The server may run meanwhile.
    """
    from partnerbot.backup import write_backup

    if not force and os.access(file, os.F_OK):
        raise ConfigurationError(f"{file} is there already. Name another file, or replace it with --force")
    names = write_backup(read_settings(index=index), file, documents=documents)
    say(f"Written to {file} ({file.stat().st_size / 1e6:.1f} MB): {_told(names)}.")
    if not documents:
        say("The documents are not in it; --with-documents takes them in.")
    say("Keys and passwords of .env are not in it.")


def restore(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="What `partnerbot backup` wrote.")
    ],
    force: ForceOption = False,
    index: IndexOption = None,
) -> None:
    """Put a backup back. It goes into this folder, or where .env and the environment say."""
    from partnerbot.backup import names_in, opened
    from partnerbot.backup import restore as put_back
    from partnerbot.durable import write_bytes

    environment = Path(".env")
    with opened(file) as found:
        stated = found / environment
        is_new = stated.exists() and not environment.exists()
        if is_new:
            # First, since it says where all else goes.
            write_bytes(environment, stated.read_bytes())
        try:
            put_back(found, read_settings(index=index), force=force)
        except PartnerbotError:
            if is_new:
                environment.unlink()
            raise
        say(f"Restored: {_told([name for name in names_in(found) if is_new or name != '.env'])}.")
        if stated.exists():
            say(
                "Keys and passwords are not in .env: while it names some that it lacks, no server starts."
                if is_new
                else ".env was there, and is as it was."
            )
    say("To bring the index up to date, run: partnerbot index")


def _told(names: list[str]) -> str:
    counts = Counter(name.partition("/")[0] for name in names)
    return ", ".join(name if count == 1 else f"{name} ({count} files)" for name, count in counts.items())
