"""Generations of an index on disk: built aside, then made current by one atomic rename."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from partnerbot.errors import IndexBusy, IndexUnavailable

_POINTER = "current.json"
_FOLDER = "generations"
_KEPT = 2
"""The current generation and the one before, which requests in flight may still read."""


def current(index: Path) -> Path:
    """Return the folder of the generation to answer from.

    Raises: IndexUnavailable if there is none.
    """
    try:
        name = json.loads((index / _POINTER).read_text("utf-8"))["generation"]
    except FileNotFoundError:
        raise IndexUnavailable(f"There is no index in {index}/ yet. Run: partnerbot index") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnavailable(
            f"The index pointer {index / _POINTER} can't be read ({error}). Run: partnerbot index"
        ) from error
    folder = index / _FOLDER / str(name)
    if not folder.is_dir():
        raise IndexUnavailable(f"The index generation {folder} is missing. Run: partnerbot index")
    return folder


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """Hold the index for writing: one process at a time, since two would lose vectors silently.

    Raises: IndexBusy if another process holds it; IndexUnavailable if the folder can't be written.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / ".lock", timeout=0)
        lock.acquire()
    except Timeout:
        raise IndexBusy(
            f"Another process is indexing into {index}/. Wait for it to end, then try again."
        ) from None
    except OSError as error:
        raise IndexUnavailable(
            f"The index folder {index}/ can't be written: {error.strerror}. Check its owner and permissions."
        ) from error
    try:
        yield
    finally:
        lock.release()


def begin(index: Path) -> Path:
    """Return a new empty folder for the next generation. Call while `writing`."""
    names = [int(path.name) for path in (index / _FOLDER).glob("*") if path.name.isdigit()]
    folder = index / _FOLDER / f"{max(names, default=0) + 1:06d}"
    folder.mkdir(parents=True)
    return folder


def publish(index: Path, generation: Path) -> None:
    """Make a finished generation current, durably, and remove those no longer needed."""
    pointer = index / f".{_POINTER}.new"
    with pointer.open("w", encoding="utf-8") as file:
        json.dump({"generation": generation.name}, file)
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(index / _POINTER)
    finished = sorted(path for path in (index / _FOLDER).glob("*") if path.name.isdigit())
    for old in finished[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
