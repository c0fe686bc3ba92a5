"""What is counted of every question for staff: how it ended, never what was asked; one file a day.

A line has no time and nothing of the visitor: the file tells the day. Nothing is counted unless staff have
a page to read it on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from partnerbot.web.records import day_files

log = logging.getLogger(__name__)

KEPT_DAYS = 400
"""A year, and the month a year ago to compare with."""


class Count(BaseModel):
    """One question; `outcome` as in the question log, or "failed"; `kind` of what was answered.

    `milliseconds`: what the answer took, without the wait for its turn.
    """

    model_config = ConfigDict(frozen=True)

    day: date
    language: str
    outcome: str
    kind: str | None = None
    milliseconds: int | None = None


class DailyCounts:
    """The counts below a state folder."""

    def __init__(self, folder: Path, *, counting: bool) -> None:
        """`counting`: whether there is a page for staff; without one, what was counted before is deleted."""
        self._folder = folder / "counts"
        self._counting = counting

    def keep(
        self, language: str, outcome: str, kind: str | None, milliseconds: int, now: datetime | None = None
    ) -> None:
        """Count a question, if any are. A full disk loses the count, not the answer."""
        if not self._counting:
            return
        now = now or datetime.now(UTC)
        day = now.astimezone(UTC).date()
        count = Count(day=day, language=language, outcome=outcome, kind=kind, milliseconds=milliseconds)
        try:
            day_files.append(self._folder, f"{count.model_dump_json(exclude_none=True)}\n".encode(), now)
        except OSError as error:
            log.error("A question can't be counted in %s: %s", self._folder, error)

    def purge(self, today: date | None = None) -> int:
        """Delete the days that are too old; return how many. Raises: ConfigurationError if it can't."""
        return day_files.purge(self._folder, KEPT_DAYS if self._counting else 0, today)

    def entries(self, since: date, until: date) -> Iterator[Count]:
        """Yield what was counted on these days, oldest first."""
        return day_files.records(self._folder, Count, since, until)
