"""The files of an index: are they what was written, and NumPy's while other threads work.

One flipped bit must be noticed before a library reads it: Chroma and SciPy take offsets from their files as
they are, and a wrong one ends the process.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

_READ_AT_ONCE = 2**22
"""Bytes of a file that are digested in one step."""

_ATTEMPTS = 10
"""A reading is rarely spoiled, and each by chance: ten in a row are another fault, which is told."""


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


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of a `.npz` file.

    Raises: OSError if it can't be read; ValueError, EOFError or BadZipFile if it isn't whole.
    """

    def read() -> dict[str, NDArray[Any]]:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    return _undisturbed(read)


def read_array(path: Path) -> NDArray[Any]:
    """Return the array of a `.npy` file, which stays on the disk until it is looked at.

    Raises: OSError if it can't be read; ValueError or EOFError if it isn't whole.
    """
    return _undisturbed(lambda: np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)))


def _undisturbed(read: Callable[[], T]) -> T:
    """Read again where another thread has spoiled it.

    NumPy parses a file's header with `ast`. Before CPython 3.11.8 that now and then fails, whatever the
    text, where another thread, ours or a library's, parses something at the same moment
    (https://github.com/python/cpython/issues/106905).
    """
    for _ in range(_ATTEMPTS):
        with suppress(SystemError, RecursionError):
            return read()
    return read()


def _digest(path: Path) -> str:
    # In large steps, since each may have to wait for a thread that is running Python.
    total, buffer = hashlib.sha256(), memoryview(bytearray(_READ_AT_ONCE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            total.update(buffer[:count])
    return total.hexdigest()
