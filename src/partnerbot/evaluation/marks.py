"""Replies that staff have marked: right ones are golden questions from then on, wrong ones cases to mend."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, delete, insert, select

from partnerbot.answering.answer import Answer, Turn
from partnerbot.bot import Partnerbot
from partnerbot.documents.normal_forms import fold
from partnerbot.evaluation.datasets import Record
from partnerbot.evaluation.golden import GoldenQuestion, in_full
from partnerbot.records import MARKED, Records


class Mark(BaseModel):
    """What staff say of a reply to a kept question; `right` is None where they say nothing any more."""

    question: str
    language: str
    follows: list[str] = []
    outcome: str
    reply: str
    right: bool | None = None
    answer: str | None = None
    sources: list[str] = []


class Case(Record):
    """A question, the reply that was marked as wrong, and the reply now. `mended`: it says something else."""

    question: str
    language: str
    wrong: str
    reply: str
    mended: bool


def said(reply: Answer) -> str:
    """Return what a reply says in its own words, a line for each of its points: what is kept of it."""
    return "\n".join([reply.answer, *(point.text for point in reply.points)])


def asked_again(bot: Partnerbot, kept: Any) -> Answer:
    """Ask what was kept as it was asked: after what it `follows`. Raises: as `Partnerbot.ask`."""
    return bot.ask(
        kept.question, [Turn(role="user", content=earlier) for earlier in kept.follows], kept.language
    )


def marks_of(kept: Any) -> ColumnElement[bool]:
    """Return which rows of MARKED are of the same question as a mark or a kept one."""
    of = MARKED.c
    same = of.question == kept.question, of.language == kept.language, of.follows == kept.follows
    return and_(*same)


def keep_mark(records: Records, mark: Mark) -> None:
    """Keep a mark, in place of an earlier one of the same question. Raises: RecordsUnavailable."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    row = insert(MARKED).values(**mark.model_dump(), day=now.date(), time=now)
    records.change(delete(MARKED).where(marks_of(mark)), *([] if mark.right is None else [row]))


def marked(records: Records, *, right: bool) -> list[GoldenQuestion]:
    """Return the questions whose replies staff have marked so. Raises: RecordsUnavailable."""
    return [
        GoldenQuestion(
            question=row.question,
            follows=row.follows,
            language=row.language,
            answer=row.answer,
            sources=row.sources,
            answered=row.outcome != "not_in_documents",
        )
        for row in _rows(records, right=right)
    ]


def cases(records: Records, bot: Partnerbot) -> list[Case]:
    """Ask again what was replied to wrongly. Raises: RecordsUnavailable; what `Partnerbot.ask` raises."""
    found = []
    for row in _rows(records, right=False):
        reply = asked_again(bot, row)
        found.append(
            Case(
                question=in_full(row.question, row.follows),
                language=row.language,
                wrong=row.reply,
                reply=said(reply),
                mended=not _is_as_marked(reply, row),
            )
        )
    return found


def _is_as_marked(reply: Answer, row: Any) -> bool:
    """Whether a reply has the headline that was marked or, where there was none, the same quotes."""
    if reply.status != row.outcome or reply.status == "not_in_documents":
        return bool(reply.status == row.outcome)
    if row.answer:
        return bool(fold(reply.short_answer or "") == fold(row.answer))
    quotes = "\n".join(point.text for point in reply.points)
    return bool(row.reply == reply.answer or (quotes and row.reply.partition("\n")[2] == quotes))


def _rows(records: Records, *, right: bool) -> Sequence[Any]:
    return records.rows(select(MARKED).where(MARKED.c.right.is_(right)).order_by(MARKED.c.id))
