"""The pages that `partnerbot sync` has fetched, as files to index."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from partnerbot.errors import SyncFailed

RECORDS = ".addresses.sqlite"
"""File of a synced folder in which `sync.cache` keeps what it knows of each page."""

# A name that no page has. Of what can't be read, the version before goes on answering.
_NOT_FETCHED = ".not-fetched.html"


def synced_files(folder: Path) -> dict[str, Path] | None:
    """Return the files of the fetched pages by public address; None if there are no records of any.

    Raises: SyncFailed if the records can't be read.
    """
    with _records(folder) as read:
        if not read("SELECT 1 FROM sqlite_master WHERE name = 'page'"):
            return None
        rows = read(
            "SELECT json_extract(known, '$.public') AS public, json_extract(known, '$.file') FROM page "
            "WHERE public IS NOT NULL ORDER BY public"
        )
    return {public: folder / file for public, file in rows}


def awaited_files(folder: Path, indexed: Iterable[str]) -> dict[str, Path]:
    """Return those of the indexed pages that no sync has told of yet, each with a file that isn't there.

    Records that were lost are made again page by page. Until a sync has gone through, a page that
    they don't have may only not have been fetched again.

    Raises: SyncFailed if the records can't be read.
    """
    with _records(folder) as read:
        if read("SELECT 1 FROM completion"):
            return {}
        told = read("SELECT json_extract(known, '$.public') FROM page UNION SELECT public FROM gone")
    known = {public for (public,) in told}
    return dict.fromkeys((public for public in indexed if public not in known), folder / _NOT_FETCHED)


_Read = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def _records(folder: Path) -> Iterator[_Read]:
    records = folder / RECORDS
    if not records.is_file():
        yield lambda _: []
        return
    try:
        # Not read-only: what a sync that was killed had half written, SQLite takes back at the next reading.
        with closing(sqlite3.connect(f"{records.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            yield lambda query: connection.execute(query).fetchall()
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
