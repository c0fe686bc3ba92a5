"""The pages that `partnerbot sync` has fetched, as files to index."""

import sqlite3
from contextlib import closing
from pathlib import Path

from partnerbot.errors import SyncFailed

RECORDS = ".addresses.sqlite"
"""File of a synced folder in which `sync.cache` keeps what it knows of each page."""


def synced_files(folder: Path) -> dict[str, Path] | None:
    """Return the files of the fetched pages by public address; None if there are no records of any.

    Raises: SyncFailed if the records can't be read.
    """
    records = folder / RECORDS
    if not records.is_file():
        return None
    try:
        # Not read-only: what a sync that was killed had half written, SQLite takes back at the next reading.
        with closing(sqlite3.connect(f"{records.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'page'").fetchall():
                return None
            rows = connection.execute(
                "SELECT json_extract(known, '$.public') AS public, json_extract(known, '$.file') FROM page "
                "WHERE public IS NOT NULL ORDER BY public"
            ).fetchall()
    except sqlite3.OperationalError as error:
        raise SyncFailed(
            f"What is known of the pages in {folder}/ can't be read ({error}). Nothing is lost. Check the "
            "owner and permissions of that folder, then run: partnerbot sync"
        ) from error
    except sqlite3.Error as error:
        raise SyncFailed(
            f"What is known of the pages in {folder}/ is damaged ({error}). The index stays as it is. Remove "
            f"{records}, then run: partnerbot sync, which fetches them again"
        ) from error
    return {public: folder / file for public, file in rows}
