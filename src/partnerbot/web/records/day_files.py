"""A folder with one file a day (2026-03-10.jsonl), in UTC, and its deletion in time."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from partnerbot.errors import ConfigurationError

log = logging.getLogger(__name__)

Record = TypeVar("Record", bound=BaseModel)

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\.jsonl")


class DayFiles(Generic[Record]):
    """Records of one kind below a folder, a line of JSON each."""

    def __init__(self, folder: Path, kind: type[Record], days: int, largest_bytes: int | None = None) -> None:
        """`days`: how long a record is kept; 0 keeps none and deletes what was kept before. `largest_bytes`:
        of a day's file, to which nothing is added from then on."""
        self._folder = folder
        self._kind = kind
        self._days = days
        self._largest_bytes = largest_bytes

    def append(self, record: Record, now: datetime) -> bool:
        """Write a record at the end of a moment's file; False if it can't be kept, and the log says why.

        One write in append mode: lines of several threads and processes don't mix.
        """
        line = f"{record.model_dump_json(exclude_none=True)}\n".encode()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._folder / f"{now.astimezone(UTC):%Y-%m-%d}.jsonl"
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab", buffering=0) as day:
                if self._largest_bytes is not None and day.tell() > self._largest_bytes:
                    log.error("Nothing more can be kept in %s: the file of the day is full", file)
                    return False
                day.write(line)
        except OSError as error:
            log.error("Nothing can be kept in %s: %s", self._folder, error)
            return False
        return True

    def entries(self, since: date = date.min, until: date = date.max) -> Iterator[Record]:
        """Yield what is kept of these days, oldest day first; a line that was cut off is left out."""
        for day, file in self._by_day():
            if not since <= day <= until:
                continue
            for line in file.read_text("utf-8", errors="replace").split("\n"):
                try:
                    yield self._kind.model_validate_json(line)
                except ValidationError:
                    continue

    def purge(self, today: date | None = None) -> int:
        """Delete the files of days that are too old; return how many.

        With one day, what was written yesterday goes at midnight: nothing grows older than it may.

        Raises: ConfigurationError if the folder can't be written.
        """
        today = today or datetime.now(UTC).date()
        last_too_old = today - timedelta(days=self._days) if self._days else date.max
        too_old = [file for day, file in self._by_day() if day <= last_too_old]
        try:
            for file in too_old:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"Files in {self._folder}/ are too old and can't be deleted ({error.strerror}). "
                "Allow writing there."
            ) from error
        return len(too_old)

    def _by_day(self) -> list[tuple[date, Path]]:
        """Return the files of all days, oldest first. Other files in the folder are left alone."""
        dated = ((_day_of(file), file) for file in self._folder.glob("*.jsonl"))
        return sorted((day, file) for day, file in dated if day is not None)


def _day_of(file: Path) -> date | None:
    named = _DAY.fullmatch(file.name)
    try:
        return date.fromisoformat(named[1]) if named else None
    except ValueError:  # 2026-02-30
        return None
