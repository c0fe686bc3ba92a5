"""The files of an index: are they what was written, NumPy's while other threads work, and what is embedded.

One flipped bit must be noticed before a library reads it: Chroma and SciPy take offsets from their files as
they are, and a wrong one ends the process.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from partnerbot.durable import write_bytes

if TYPE_CHECKING:
    from partnerbot.documents.reading import OnProgress
    from partnerbot.index.texts import Key, Vectors
    from partnerbot.models.embeddings import EmbeddingModel

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


# ---- What a run that was cut off had embedded --------------------------------------------------


_log = logging.getLogger(__name__)

_FOLDER = "embedding-cache"

_EMBEDDED_AT_ONCE = 256
"""Texts embedded between two writes of the cache: what a kill can cost."""


def embedded(
    texts: Mapping[Key, str], model: EmbeddingModel, index: Path, on_progress: OnProgress
) -> tuple[dict[Key, Vectors], set[Key]]:
    """Return the vectors of texts by key, and the keys of those that had to be computed.

    What is embedded is on the disk before the next texts are, so a run that was killed resumes there.
    """
    found = {key: vector for key, vector in _kept(index).items() if key in texts}
    # Texts of like length side by side: a batch is padded to its longest.
    missing = sorted((key for key in texts if key not in found), key=lambda key: len(texts[key]))
    for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
        keys = missing[start : start + _EMBEDDED_AT_ONCE]
        vectors = model.document_vectors([texts[key] for key in keys])
        _keep(index, keys, vectors)
        found |= zip(keys, vectors, strict=True)
        on_progress("embed", start + len(keys), len(missing))
    return found, set(missing)


def remove_cache(index: Path) -> None:
    """Remove what is kept: a published generation has it, or it is not wanted."""
    shutil.rmtree(index / _FOLDER, ignore_errors=True)


def _keep(index: Path, keys: list[Key], vectors: Vectors) -> None:
    """Write a file that is named by its digest."""
    content = io.BytesIO()
    np.savez(content, keys=np.array(keys), vectors=vectors)
    folder = index / _FOLDER
    folder.mkdir(exist_ok=True)
    write_bytes(folder / hashlib.sha256(content.getvalue()).hexdigest(), content.getvalue())


def _kept(index: Path) -> dict[Key, Vectors]:
    """Return the vectors that are kept, by key; a file that is damaged is left out."""
    found: dict[Key, Vectors] = {}
    for path in (index / _FOLDER).glob("*"):
        if damage := changed(path.parent, {path.name: path.name}):
            _log.warning("What was kept of a run that was cut short is embedded again: %s.", damage)
            continue
        arrays = read_arrays(path)
        found |= zip(arrays["keys"].tolist(), arrays["vectors"], strict=True)
    return found
