"""Answers that staff write themselves: their list, and the form on which one is written or changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import delete, insert

from partnerbot.answering.curated_answers import (
    CuratedAnswer,
    WrittenAnswer,
    asked_twice,
    read_curated,
    written_answers,
)
from partnerbot.documents.normal_forms import fold
from partnerbot.errors import ConfigurationError
from partnerbot.records import CURATED, Records
from partnerbot.settings import Settings
from partnerbot.web.render import Renderer
from partnerbot.web.staff.replies import kept_question
from partnerbot.web.visitor_language import language_name

log = logging.getLogger(__name__)


class Told(BaseModel):
    """The form as it is sent: questions, one a line, and texts in the order of their languages."""

    id: Annotated[int, Field(ge=0, lt=2**31)] = 0
    questions: str = ""
    languages: list[str] = []
    texts: list[str] = []
    source: str = ""
    expires: str = ""
    remove: bool = False


def staffs_answers(records: Records, settings: Settings) -> Sequence[CuratedAnswer]:
    """Return all answers of staff: those of the page, then those of the file, none if it can't be used.

    Raises: RecordsUnavailable.
    """
    try:
        of_file = read_curated(settings.curated)
    except ConfigurationError as error:
        log.error("The page for staff lacks the answers of the file: %s", error)
        of_file = ()
    return [*written_answers(records), *of_file]


def form_asked_for(records: Records, query: Mapping[str, str]) -> Told | None:
    """Return the form as an address begins it: of an answer, for a kept question, or empty.

    Returns: None if there is no such answer or question. Raises: RecordsUnavailable.
    """
    if "answer" in query:
        return next((_told(one) for one in written_answers(records) if str(one.id) == query["answer"]), None)
    if query.keys() & {"question", "marked"}:
        kept = kept_question(records, query)
        return None if kept is None else Told(questions=kept.question)
    return Told()


def keep_answer(records: Records, settings: Settings, told: Told) -> str:
    """Keep an answer in place of what it was before, or remove it.

    Returns: which part of the form isn't right, "questions_twice" if a question has an answer already; empty
        if all is. Raises: RecordsUnavailable.
    """
    before = delete(CURATED).where(CURATED.c.id == told.id)
    if told.remove:
        records.change(before)
        return ""
    questions = {fold(line): line for line in told.questions.splitlines() if line.strip()}
    try:
        answer = CuratedAnswer(
            questions=tuple(questions.values()),
            text={
                code: "\n".join(text.splitlines())
                for code, text in zip(told.languages, told.texts, strict=False)
                if text.strip()
            },
            source=told.source.strip(),
            expires=told.expires or None,  # type: ignore[arg-type]  # read by the model
        )
    except ValidationError as error:
        return str(error.errors()[0]["loc"][0])
    others = [one for one in staffs_answers(records, settings) if getattr(one, "id", None) != told.id]
    if asked_twice([answer, *others]) is not None:
        return "questions_twice"
    row = answer.model_dump() | {"questions": list(answer.questions), "day": datetime.now(UTC).date()}
    records.change(before, insert(CURATED).values(**row))
    return ""


def answer_page(told: Told, query: Mapping[str, str], render: Renderer, wrong: str = "") -> str:
    """Return the page with the form; `wrong`: as `keep_answer` returns it."""
    written = dict(zip(told.languages, told.texts, strict=False))
    return render.from_template(
        "staff_answer.html",
        heading=render.texts.staff.own_answer,
        place="/staff/answer",
        address={code: urlencode({**query, "lang": code}) for code in render.offered},
        told=told,
        wrong=wrong,
        texts=[
            (code, language_name(code, render.texts), written.get(code, ""))
            for code in dict.fromkeys([*render.offered, *written])
        ],
    )


def _told(answer: WrittenAnswer) -> Told:
    return Told(
        id=answer.id,
        questions="\n".join(answer.questions),
        languages=list(answer.text),
        texts=list(answer.text.values()),
        source=answer.source,
        expires="" if answer.expires is None else answer.expires.isoformat(),
    )
