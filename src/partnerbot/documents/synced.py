"""The pages that `partnerbot sync` has fetched, as files to index."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from partnerbot.errors import SyncFailed

RECORDS = ".pages.sqlite"
"""File of a synced folder in which `sync.cache` keeps what it knows of each page."""


def synced_files(folder: Path) -> dict[str, Path]:
    """Return the files of the fetched pages by public address; empty if nothing was ever fetched.

    Raises: SyncFailed if the folder's records can't be read.
    """
    records = folder / RECORDS
    if not records.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{records.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT public, file FROM page WHERE file IS NOT NULL").fetchall()
    except sqlite3.Error as error:
        raise SyncFailed(
            f"What is known of the pages in {folder}/ can't be read ({error}). "
            "Remove that folder, then run: partnerbot sync"
        ) from error
    found = ((public, folder / file) for public, file in rows)
    return {public: path for public, path in sorted(found) if path.is_file()}
