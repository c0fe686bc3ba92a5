"""The kill switch: while a notice lies in the state folder, no question is answered.

It is a file, so that it works at once for every process that shares the folder, and also
while none of them runs.
"""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from pathlib import Path

from partnerbot.durable import remedy
from partnerbot.errors import ConfigurationError


@dataclass(frozen=True)
class PauseNotice:
    """What visitors are told; `message` is empty where the owner left that to the texts."""

    message: str


class Pause:
    """The switch in one state folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "paused.json"
        self._last: PauseNotice | None = None

    def notice(self) -> PauseNotice | None:
        """Return the notice, or None while questions are answered.

        A notice that can't be read pauses all the same: somebody wanted silence. While too many files
        are open to look, it is as it was.
        """
        try:
            written = json.loads(self._file.read_text("utf-8"))
            self._last = PauseNotice(str(written["message"]))
        except FileNotFoundError:
            self._last = None
        except (OSError, ValueError, LookupError, TypeError) as error:
            if not (isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)):
                self._last = PauseNotice("")
        return self._last

    def begin(self, message: str) -> None:
        """Pause, or change the message. Raises: ConfigurationError if the folder can't be written."""
        unfinished = self._file.with_suffix(".tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps({"message": message}, ensure_ascii=False), "utf-8")
            unfinished.replace(self._file)
        except OSError as error:
            raise self._unwritable(error) from error

    def end(self) -> bool:
        """Answer again; False if nothing was paused. Raises: ConfigurationError as `begin`."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unwritable(error) from error
        return True

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"{self._file.parent}/ can't be written ({error.strerror}). "
            f"{remedy(error)}, or set PARTNERBOT_STATE to another folder."
        )
