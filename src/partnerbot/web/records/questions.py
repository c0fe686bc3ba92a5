"""What is kept of questions: how each ended, counted for staff, and its words for owners who want them.

A count has no time and nothing of the visitor: the file tells the day. A kept question has no address and no
conversation, its time is to the minute, and personal numbers and e-mail addresses are taken out before it is
written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from partnerbot.answering.answer import Answer
from partnerbot.web.records.day_files import DayFiles
from partnerbot.web.records.personal_data import masked

COUNTED_DAYS = 400
"""A year, and the month a year ago to compare with."""


@dataclass(frozen=True)
class Ended:
    """How a question ended, after how many seconds; `language`: what it was to be answered in.

    `outcome`: the answer's status; the reason, if it was rejected or not admitted; "too_slow", "failed", or
    "left" if its visitor did not wait.
    """

    outcome: str
    seconds: float
    language: str
    answer: Answer | None

    def figures(self) -> dict[str, object]:
        """Return it without a word of the question or the answer."""
        told: dict[str, object] = {"outcome": self.outcome, "seconds": round(self.seconds, 3)}
        if self.answer is not None:
            told |= self.answer.model_dump(include={"kind", "language", "generator", "timings_ms"})
        return told


class Count(BaseModel):
    """One question; `outcome`: the answer's status, "conversation" for a few polite words, or "failed".

    `kind`: of what was answered. `milliseconds`: from the question to its end.
    """

    model_config = ConfigDict(frozen=True)

    day: date
    language: str
    outcome: str
    kind: str | None = None
    milliseconds: int | None = None


class KeptQuestion(BaseModel):
    """One question with its words; `minute` is in UTC, `status` as the outcome of a count."""

    model_config = ConfigDict(frozen=True)

    minute: str
    language: str
    status: str
    question: str
    sources: list[str]


class DailyCounts(DayFiles[Count]):
    """The counts below a state folder: none unless staff have a page to read them on."""

    def __init__(self, folder: Path, *, counting: bool) -> None:
        """`counting`: whether there is a page for staff; without one, what was counted before is deleted."""
        super().__init__(folder / "counts", Count, COUNTED_DAYS if counting else 0)

    def keep(self, ended: Ended, now: datetime | None = None) -> None:
        """Count a question that was answered or failed, if any are. A full disk loses the count alone."""
        answer = ended.answer
        if not self._days or (answer is None and ended.outcome not in ("failed", "too_slow")):
            return
        now = now or datetime.now(UTC)
        outcome = "failed" if answer is None else _outcome(answer)
        count = Count(
            day=now.astimezone(UTC).date(),
            language=ended.language if answer is None else answer.language,
            outcome=outcome,
            kind=answer.kind if answer is not None and outcome == "answered" else None,
            milliseconds=round(1000 * ended.seconds),
        )
        self.append(count, now)


class QuestionLog(DayFiles[KeptQuestion]):
    """The kept questions below a state folder."""

    def __init__(self, folder: Path, days: int) -> None:
        """`days`: how long an entry is kept; 0 keeps none and deletes what was kept before."""
        super().__init__(folder / "questions", KeptQuestion, days)

    def keep(self, answer: Answer, now: datetime | None = None) -> None:
        """Write an answered question down, if questions are kept. A full disk loses it, not the answer."""
        if not self._days:
            return
        now = now or datetime.now(UTC)
        entry = KeptQuestion(
            minute=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M"),
            language=answer.language,
            status=_outcome(answer),
            question=masked(answer.question),
            sources=list(dict.fromkeys(citation.source for citation in answer.citations)),
        )
        self.append(entry, now)


def _outcome(answer: Answer) -> str:
    return "conversation" if answer.kind == "conversation" else answer.status
