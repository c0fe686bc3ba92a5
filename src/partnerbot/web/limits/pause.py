"""The kill switch: while a notice lies in the state folder, no question is answered.

It is a file, so that it works at once for every process that shares the folder, and also
while none of them runs.
"""

import json
from pathlib import Path

from partnerbot.durable import remedy, write_text
from partnerbot.errors import ConfigurationError


class Pause:
    """The switch in one state folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "paused.json"

    def notice(self) -> str | None:
        """Return what visitors are told, empty where the owner left that to the texts; None if not paused.

        A notice that can't be read pauses all the same: somebody wanted silence.
        """
        try:
            return str(json.loads(self._file.read_text("utf-8"))["message"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError):
            return ""

    def begin(self, message: str) -> None:
        """Pause, or change the message. Raises: ConfigurationError if the folder can't be written."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps({"message": message}, ensure_ascii=False))
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
