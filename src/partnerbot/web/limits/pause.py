"""The kill switch: while a notice lies in the state folder, no question is answered.

It is a file, so that it works at once for every process that shares the folder, and also
while none of them runs.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from partnerbot.durable import remedy, write_text
from partnerbot.errors import ConfigurationError

_FILE = "paused.json"


def pause_notice(folder: Path) -> str | None:
    """Return what visitors are told, empty where the owner left that to the texts; None if not paused.

    A notice that can't be read pauses all the same: somebody wanted silence.
    """
    try:
        return str(json.loads((folder / _FILE).read_text("utf-8"))["message"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def pause(folder: Path, message: str) -> None:
    """Pause, or change the message. Raises: ConfigurationError if the folder can't be written."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / _FILE, json.dumps({"message": message}, ensure_ascii=False))


def resume(folder: Path) -> bool:
    """Answer again; False if nothing was paused. Raises: ConfigurationError as `pause`."""
    with _writing(folder):
        paused = (folder / _FILE).exists()
        (folder / _FILE).unlink(missing_ok=True)
        return paused


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(
            f"{folder}/ can't be written ({error.strerror}). "
            f"{remedy(error)}, or set PARTNERBOT_STATE to another folder."
        ) from error
