"""What staff do about a reply: they see what it follows, and write an answer of their own, or change one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import delete, func, insert, select

from partnerbot.answering import curated
from partnerbot.answering.curated import CuratedAnswer, WrittenAnswer, asked_twice, written_answers
from partnerbot.bot import Partnerbot
from partnerbot.documents.normal_forms import fold
from partnerbot.evaluation.marks import asked_again, marks_of, said
from partnerbot.records import CURATED, MARKED, QUESTIONS, Records
from partnerbot.settings import Settings
from partnerbot.web.records.questions import ready, vectors_of
from partnerbot.web.render import Renderer
from partnerbot.web.staff.figures import answers_of_staff


class Told(BaseModel):
    """The form as it is sent: questions, one a line, and texts in the order of their languages."""

    id: Annotated[int, Field(ge=0, lt=2**31)] = 0
    questions: str = ""
    languages: list[str] = []
    texts: list[str] = []
    source: str = ""
    expires: str = ""
    remove: bool = False
    attempt: bool = False

    @property
    def written(self) -> dict[str, str]:
        texts = ("\n".join(text.splitlines()) for text in self.texts)
        return dict(zip(self.languages, texts, strict=False))

    def answer(self) -> CuratedAnswer | str:
        """Return the answer, or which part of the form isn't right."""
        questions = {fold(line): line for line in self.questions.splitlines() if line.strip()}
        try:
            return CuratedAnswer.model_validate(
                {
                    "questions": list(questions.values()),
                    "text": {code: text for code, text in self.written.items() if text.strip()},
                    "source": self.source.strip(),
                    "expires": self.expires or None,
                }
            )
        except ValidationError as error:
            return str(error.errors()[0]["loc"][0])

    @classmethod
    def of(cls, answer: WrittenAnswer) -> Self:
        """Return the form that an answer fills in."""
        told = answer.model_dump(mode="json", exclude={"questions", "text", "day"}, exclude_none=True)
        questions, texts = "\n".join(answer.questions), list(answer.text.values())
        return cls(**told, questions=questions, languages=list(answer.text), texts=texts)


def form_asked_for(records: Records, query: Mapping[str, str]) -> Told | None:
    """Return the form as an address begins it: of an answer, for a kept question, or empty.

    Returns: None if there is no such answer or question. Raises: RecordsUnavailable.
    """
    if "answer" in query:
        return next(
            (Told.of(one) for one in written_answers(records) if str(one.id) == query["answer"]), None
        )
    if query.keys() & {"question", "marked"}:
        kept = kept_question(records, query)
        if kept is None:
            return None
        return Told(questions=" ".join([*kept.follows, kept.question]) + _other_wordings(records, kept))
    return Told()


def _other_wordings(records: Records, kept: Any) -> str:
    """Return the questions of a kept one's group that stand for themselves, a line each."""
    asks, of = getattr(kept, "asks", None), QUESTIONS.c
    if asks is None:
        return ""
    same = select(of.question).where(of.asks == asks, of.follows == [], of.question != kept.question)
    rows = records.rows(same.group_by(of.question).order_by(func.count().desc()).limit(_WORDINGS))
    return "".join(f"\n{row.question}" for row in rows)


def keep_answer(records: Records, settings: Settings, told: Told) -> str:
    """Keep an answer in place of what it was before, or remove it.

    Returns: which part of the form isn't right, "questions_twice" if a question has an answer already; empty
        if all is. Raises: RecordsUnavailable.
    """
    before = delete(CURATED).where(CURATED.c.id == told.id)
    if told.remove:
        records.change(before)
        return ""
    answer = told.answer()
    if isinstance(answer, str):
        return answer
    others = [one for one in answers_of_staff(records, settings) if getattr(one, "id", None) != told.id]
    if asked_twice([answer, *others]) is not None:
        return "questions_twice"
    row = answer.model_dump() | {"questions": list(answer.questions), "day": datetime.now(UTC).date()}
    records.change(before, insert(CURATED).values(**row))
    return ""


@dataclass(frozen=True)
class Tried:
    """Kept questions in their languages: those that an answer would be given to, and the nearest others."""

    given: list[tuple[str, str]]
    others: list[tuple[str, str]]


_LOOKED_AT, _TRIED, _OTHERS, _WORDINGS = 20_000, 30, 5, 20
"""How many of the kept questions are looked at, the latest; of these, how many of the nearest are tried, and
how many of those to which the answer isn't given are shown; wordings of one that are filled in."""


def tried(bot: Partnerbot, records: Records, answer: CuratedAnswer) -> Tried:
    """Say to which of the kept questions an answer would be given.

    Raises: RecordsUnavailable; ModelUnavailable; IndexUnavailable.
    """
    of = QUESTIONS.c
    # What follows another question isn't answered by staff.
    last = select(func.max(of.id)).where(of.follows == [], of.vector.is_not(None))
    last = last.group_by(of.question, of.language).order_by(func.max(of.id).desc()).limit(_LOOKED_AT)
    rows = records.rows(select(of.question, of.language, of.vector).where(of.id.in_(last)))
    if not rows:
        return Tried([], [])
    asked = np.stack([ready(question).vector for question in answer.questions])
    order = np.argsort(-(vectors_of(rows) @ asked.T).max(1, initial=-1), kind="stable")[:_TRIED]
    nearest = [(rows[n].question, rows[n].language) for n in order]
    given = bot.answered_by(answer, nearest)
    return Tried(given, [one for one in nearest if one not in given][:_OTHERS])


def answer_page(
    told: Told, query: Mapping[str, str], render: Renderer, wrong: str = "", tried: Tried | None = None
) -> str:
    """Return the page with the form; `wrong`: as `keep_answer` returns it."""
    return render.from_template(
        "staff_answer.html",
        heading=render.texts.staff.own_answer,
        in_languages=render.addresses(query, "/staff/answer"),
        told=told,
        wrong=wrong,
        tried=tried,
        languages=dict.fromkeys([*render.offered, *told.written]),
    )


def reply_page(bot: Partnerbot, records: Records, query: Mapping[str, str], render: Renderer) -> str | None:
    """Return the page of the question that an address names; None if it isn't kept.

    Raises: RecordsUnavailable; what `Partnerbot.ask` raises.
    """
    kept = kept_question(records, query)
    if kept is None:
        return None
    reply = asked_again(bot, kept)
    by_staff = reply.generator == curated.CURATED
    return render.from_template(
        "staff_reply.html",
        heading=render.texts.staff.reply,
        in_languages=render.addresses(query, "/staff/reply"),
        stated={name: value for name, value in query.items() if name not in ("question", "marked")},
        kept=kept,
        said=said(reply),
        reply=reply,
        by_staff=by_staff,
        own_answers=[
            one for one in answers_of_staff(records, bot.settings) if said(reply) in one.text.values()
        ],
        followed=reply.related if by_staff else reply.citations,
        verdict=next(iter(records.rows(select(MARKED).where(marks_of(kept)))), None),
    )


def kept_question(records: Records, query: Mapping[str, str]) -> Any:
    """Return the row that an address names: of the kept questions, or of those that are marked; else None."""
    for name, table in (("question", QUESTIONS), ("marked", MARKED)):
        number = query.get(name, "")
        if number.isascii() and number.isdigit() and len(number) < 10:
            return next(iter(records.rows(select(table).where(table.c.id == int(number)))), None)
    return None
