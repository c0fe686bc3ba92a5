"""What files held when they were written, so that one flipped bit is noticed before a library reads it.

Chroma and SciPy take offsets from their files as they are: a wrong one ends the process.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

_READ_AT_ONCE = 2**22
"""Bytes of a file that are digested in one step."""

_ROWS_AT_ONCE = 10_000


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of files in a folder, by name. Raises: OSError."""
    return {name: _digest(folder / name) for name in names}


def changed(folder: Path, known: Mapping[str, str]) -> str | None:
    """Say which of the files in a folder isn't what was written, or None if all are."""

    def told(name: str) -> str | None:
        try:
            same = _digest(folder / name) == known[name]
        except OSError as error:
            return f"{folder / name} can't be read ({error.strerror})"
        return None if same else f"{folder / name} has changed since it was written"

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return next((found for found in threads.map(told, known) if found), None)


def database_digest(file: Path, passed_over: str) -> str:
    """Return a digest of what an SQLite file holds, one table apart: for files that are written to when read.

    Raises: sqlite3.DatabaseError if the file is damaged.
    """
    total = hashlib.sha256()
    # Written to only where a process that was killed has left something to be undone.
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        made = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        total.update(repr(made).encode())
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name != ? ORDER BY 1",
            (passed_over,),
        )
        for (table,) in tables.fetchall():
            rows = connection.execute(f'SELECT * FROM "{table}"')
            while part := rows.fetchmany(_ROWS_AT_ONCE):
                total.update(repr(part).encode())
    return total.hexdigest()


def _digest(path: Path) -> str:
    # In large steps, since each may have to wait for a thread that is running Python.
    total, buffer = hashlib.sha256(), memoryview(bytearray(_READ_AT_ONCE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            total.update(buffer[:count])
    return total.hexdigest()
