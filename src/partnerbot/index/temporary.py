"""A copy of a file among the temporary files, which goes once nobody uses it, however its process ended."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from partnerbot.durable import remedy
from partnerbot.errors import IndexUnavailable

_PREFIX = "partnerbot-"

_IN_USE = "in-use.lock"
"""Held while a copy is used: the operating system lets go of it when a process ends, however it ends."""


class TemporaryCopy:
    """A copy of a file in a temporary folder of its own, until it is removed.

    Where another one is made after the process has ended without removing it, it is removed then.
    """

    def __init__(self, file: Path) -> None:
        """Raises: OSError if the file can't be read; IndexUnavailable if a copy can't be kept."""
        _remove_unused()
        with file.open("rb") as read:
            try:
                self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
                self._in_use = _lock(self.folder)
                try:
                    # Held before the file is there: others know a copy by this.
                    self._in_use.acquire()
                    with (self.folder / file.name).open("wb") as written:
                        shutil.copyfileobj(read, written)
                except BaseException:
                    self.remove()
                    raise
            except OSError as error:
                raise IndexUnavailable(
                    f"A copy of {file} can't be kept in {tempfile.gettempdir()}/ ({error.strerror}). "
                    f"{remedy(error)}, or have TMPDIR name another folder."
                ) from error

    def remove(self) -> None:
        """Remove the copy and its folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._in_use.release()


def _remove_unused() -> None:
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_IN_USE}"):
        # Another's, or in use, which is a TimeoutError.
        with suppress(OSError), _lock(lock.parent):
            shutil.rmtree(lock.parent, ignore_errors=True)


def _lock(folder: Path) -> FileLock:
    # Whichever thread drops the last use of a copy releases it.
    return FileLock(folder / _IN_USE, timeout=0, thread_local=False)
