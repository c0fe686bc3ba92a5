"""What files held when they were written, so that one flipped bit is noticed before a library reads it.

Chroma and SciPy take offsets from their files as they are: a wrong one ends the process.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_READ_AT_ONCE = 2**22
"""Bytes of a file that are digested in one step."""


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of all files below a folder, by their paths there. Raises: OSError."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(names, threads.map(lambda name: _digest(folder / name), names), strict=True))


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


def _digest(path: Path) -> str:
    # In large steps, since each may have to wait for a thread that is running Python.
    total, buffer = hashlib.sha256(), memoryview(bytearray(_READ_AT_ONCE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            total.update(buffer[:count])
    return total.hexdigest()
