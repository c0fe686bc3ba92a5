"""Reading NumPy's files from several threads."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# NumPy parses a file's header with `ast`, which before CPython 3.11.8 now and then fails with a SystemError
# where two threads do it at once (https://github.com/python/cpython/issues/106905).
_one_at_a_time = threading.Lock()


def read_array(path: Path, mapped: bool = False) -> NDArray[Any]:
    """Read a `.npy` file. mapped: leave it on the disk, to be read page by page.

    Raises: OSError if it can't be read, ValueError or EOFError if it isn't whole.
    """
    with _one_at_a_time:
        found: NDArray[Any] = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        return found


def read_arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """Read all arrays of a `.npz` file. Raises: as `read_array`, and BadZipFile."""
    with _one_at_a_time, np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
