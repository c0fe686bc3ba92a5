"""A folder with one file a day (2026-03-10.jsonl), in UTC, and its deletion in time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from partnerbot.errors import ConfigurationError

Record = TypeVar("Record", bound=BaseModel)

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\.jsonl")


def append(folder: Path, line: bytes, now: datetime, largest_bytes: int | None = None) -> bool:
    """Write a line at the end of a moment's file; False if that has more than `largest_bytes`.

    One write in append mode: lines of several threads and processes don't mix.

    Raises: OSError if it can't be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(
        folder / f"{now.astimezone(UTC):%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    with os.fdopen(descriptor, "ab", buffering=0) as day:
        if largest_bytes is not None and day.tell() > largest_bytes:
            return False
        day.write(line)
    return True


def files_by_day(folder: Path) -> list[tuple[date, Path]]:
    """Return the files of all days, oldest first; none if there is no folder. Other files are left alone."""
    dated = ((_day_of(file), file) for file in folder.glob("*.jsonl"))
    return sorted((day, file) for day, file in dated if day is not None)


def records(
    folder: Path, kind: type[Record], since: date = date.min, until: date = date.max
) -> Iterator[Record]:
    """Yield what the lines of these days hold, oldest day first; a line that was cut off is left out."""
    for day, file in files_by_day(folder):
        if not since <= day <= until:
            continue
        for line in file.read_text("utf-8", errors="replace").split("\n"):
            try:
                yield kind.model_validate_json(line)
            except ValidationError:
                continue


def purge(folder: Path, days: int, today: date | None = None) -> int:
    """Delete the files of days that are `days` old or older, all of them if it is 0; return how many.

    With one day, what was written yesterday goes at midnight: nothing grows older than it may.

    Raises: ConfigurationError if the folder can't be written.
    """
    today = today or datetime.now(UTC).date()
    last_too_old = today - timedelta(days=days) if days else date.max
    too_old = [file for day, file in files_by_day(folder) if day <= last_too_old]
    try:
        for file in too_old:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"Files in {folder}/ are too old and can't be deleted ({error.strerror}). Allow writing there."
        ) from error
    return len(too_old)


def _day_of(file: Path) -> date | None:
    named = _DAY.fullmatch(file.name)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:  # 2026-02-30
        return None
