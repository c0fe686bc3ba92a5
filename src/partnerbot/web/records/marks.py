"""Replies that staff have marked: right ones are golden questions from then on, wrong ones cases to mend."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel
from sqlalchemy import delete, insert, select

from partnerbot.evaluation.golden import GoldenQuestion
from partnerbot.web.records.database import MARKED, Records


class Mark(BaseModel):
    """What staff say of a reply to a kept question; `right` is None where they say nothing any more."""

    question: str
    language: str
    outcome: str
    reply: str
    right: bool | None = None
    answer: str | None = None
    sources: list[str] = []


def keep_mark(records: Records, mark: Mark) -> None:
    """Keep a mark, in place of an earlier one of the same question. Raises: RecordsUnavailable."""
    same = (MARKED.c.question == mark.question) & (MARKED.c.language == mark.language)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    row = insert(MARKED).values(**mark.model_dump(), day=now.date(), time=now)
    records.change(delete(MARKED).where(same), *([] if mark.right is None else [row]))


def marked(records: Records, *, right: bool) -> list[GoldenQuestion]:
    """Return the questions whose replies staff have marked so. Raises: RecordsUnavailable."""
    return [
        GoldenQuestion(
            question=row.question,
            language=row.language,
            answer=row.answer,
            sources=row.sources,
            answered=row.outcome != "not_in_documents",
        )
        for row in records.rows(select(MARKED).where(MARKED.c.right.is_(right)))
    ]
