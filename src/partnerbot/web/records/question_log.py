"""Questions that visitors asked, for owners who chose to keep them: one file a day, deleted in time.

An entry has no address and no conversation, its time is to the minute, and personal numbers
and e-mail addresses are taken out before it is written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from partnerbot.answering.answer import Answer
from partnerbot.web.records import day_files
from partnerbot.web.records.personal_data import masked

log = logging.getLogger(__name__)


class KeptQuestion(BaseModel):
    """One entry; `minute` is in UTC, `status` the answer's, or "conversation" for a few polite words."""

    model_config = ConfigDict(frozen=True)

    minute: str
    language: str
    status: str
    question: str
    sources: list[str]


def outcome(answer: Answer) -> str:
    """Return how a question ended: the answer's status, small talk told apart."""
    return "conversation" if answer.kind == "conversation" else answer.status


class QuestionLog:
    """The kept questions below a state folder."""

    def __init__(self, folder: Path, days: int) -> None:
        """`days`: how long an entry is kept; 0 keeps none and deletes what was kept before."""
        self._folder = folder / "questions"
        self._days = days

    def keep(self, answer: Answer, now: datetime | None = None) -> None:
        """Write an answered question down, if questions are kept. A full disk loses it, not the answer."""
        if not self._days:
            return
        now = now or datetime.now(UTC)
        entry = KeptQuestion(
            minute=now.strftime("%Y-%m-%dT%H:%M"),
            language=answer.language,
            status=outcome(answer),
            question=masked(answer.question),
            sources=list(dict.fromkeys(citation.source for citation in answer.citations)),
        )
        try:
            day_files.append(self._folder, f"{entry.model_dump_json()}\n".encode(), now)
        except OSError as error:
            log.error("A question can't be kept in %s: %s", self._folder, error)

    def purge(self, today: date | None = None) -> int:
        """Delete the days that are too old; return how many. Raises: ConfigurationError if it can't."""
        return day_files.purge(self._folder, self._days, today)

    def entries(self, since: date = date.min, until: date = date.max) -> Iterator[KeptQuestion]:
        """Yield what is kept of these days, oldest first."""
        return day_files.records(self._folder, KeptQuestion, since, until)
