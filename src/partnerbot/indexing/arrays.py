"""Reading NumPy's files while other threads work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
# A reading is rarely spoiled, and each by chance: ten in a row are another fault, which is told.
_ATTEMPTS = 10


def read_array(path: Path, mapped: bool = False) -> NDArray[Any]:
    """Read a `.npy` file. mapped: leave it on the disk, to be read page by page.

    Raises: OSError if it can't be read, ValueError or EOFError if it isn't whole.
    """
    return _read(lambda: np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False))


def read_arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """Read all arrays of a `.npz` file. Raises: as `read_array`, and BadZipFile."""

    def read() -> Mapping[str, NDArray[Any]]:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    return _read(read)


def _read(read: Callable[[], T]) -> T:
    """Read again what another thread spoiled.

    NumPy parses a file's header with `ast`. Before CPython 3.11.8 that now and then fails, whatever the
    text, where another thread, ours or a library's, parses something at the same moment
    (https://github.com/python/cpython/issues/106905).
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return read()
        except (SystemError, RecursionError):
            continue
    return read()
