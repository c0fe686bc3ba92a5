"""Answers that staff wrote themselves: in curated.toml and on their page, matched by meaning.

A question is one of staff's, in whatever language, if it says the same names, dates and figures, and in its
words surely asks the same. Where in doubt it isn't: the documents may still answer.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from partnerbot.answering.alike import SURE, Asked, likest, nearest
from partnerbot.answering.answer import Answer, Related
from partnerbot.answering.investigation import Investigation
from partnerbot.appearance import Language
from partnerbot.documents.front_matter import is_web_address
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import fold
from partnerbot.errors import ConfigurationError, PartnerbotError
from partnerbot.index.spellings import Spellings
from partnerbot.owner_files import read_owner_file

if TYPE_CHECKING:
    from partnerbot.records import Records
    from partnerbot.settings import Settings

log = logging.getLogger(__name__)

_LIKELY = -0.5
"""Log-odds from which staff's question is offered to who asks another: 109 of 120 questions in other words
and 27 of 120 near misses of training/questions/curated_aside.toml, those that get the answer among them."""

CURATED = "staff"
"""What generated such a reply."""

_READ_EVERY_SECONDS, _AFTER_FAILURE_SECONDS = 1.0, 60.0
"""A place is read again no sooner; one that fails may take seconds to say so."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _web_address(text: str) -> str:
    if text and not is_web_address(text):
        raise ValueError("an address that begins with https:// or http://")
    return text


class CuratedAnswer(BaseModel):
    """One answer of staff's: to whichever of the questions, in one language or several, until it expires."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: tuple[Text, ...] = Field(min_length=1)
    text: dict[Language, Text] = Field(min_length=1)
    source: Annotated[str, AfterValidator(_web_address)] = ""
    expires: date | None = None

    def has_ended(self, today: date | None = None) -> bool:
        """Whether its last day, in UTC, is over."""
        return self.expires is not None and self.expires < (today or datetime.now(UTC).date())

    def language_of(self, question: str) -> str:
        """Return the language that one of the questions is in."""
        return detect_language(question, default=next(iter(self.text)))


class WrittenAnswer(CuratedAnswer):
    """One that was written on the page for staff, or last changed there, on `day`."""

    id: int
    day: date


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: tuple[CuratedAnswer, ...] = ()


def read_curated(path: Path) -> Sequence[CuratedAnswer]:
    """Read curated.toml; nothing if there is none.

    Raises: ConfigurationError naming what can't be used, and why.
    """
    found = read_owner_file(path, _File, "docs/operate.md")
    answers = () if found is None else found.answer
    if (question := asked_twice(answers)) is not None:
        raise ConfigurationError(f"The answers in {path} have two to one question: {question}")
    return answers


def asked_twice(answers: Iterable[CuratedAnswer]) -> str | None:
    """Return a question that is there more than once, None if there is none."""
    questions = [question for answer in answers for question in answer.questions]
    often = Counter(map(fold, questions))
    return next((question for question in questions if often[fold(question)] > 1), None)


def written_answers(records: Records) -> list[WrittenAnswer]:
    """Return the answers of the page for staff, the latest first. Raises: RecordsUnavailable."""
    # SQLAlchemy is loaded where there is such a page.
    from sqlalchemy import select

    from partnerbot.records import CURATED

    rows = records.rows(select(CURATED).order_by(CURATED.c.id.desc()))
    return [WrittenAnswer.model_validate(row._asdict()) for row in rows]


class Curated:
    """The answers of staff, by their questions. Safe to use from several threads."""

    def __init__(self, *places: Callable[[], Sequence[CuratedAnswer]]) -> None:
        """`places`: each reads what is written in one place now, or raises a PartnerbotError; then what it
        read last goes on. Where two answer the same question, the first does."""
        self._places = places
        self._written: list[Sequence[CuratedAnswer]] = [() for _ in places]
        self._asked: list[tuple[Asked, CuratedAnswer]] = []
        self._read()

    @classmethod
    def open(cls, settings: Settings) -> Curated:
        """Return staff's answers: those of their page, where there is one, then the file's.

        Raises: ConfigurationError if the file can't be used.
        """
        read_curated(settings.curated)
        of_file = partial(read_curated, settings.curated)
        if not settings.has_staff_page:
            return cls(of_file)
        from partnerbot.records import Records

        return cls(partial(written_answers, Records(settings)), of_file)

    def _current(self) -> list[tuple[Asked, CuratedAnswer]]:
        if time.monotonic() >= self._read_again_at:
            self._read()
        return self._asked

    def _read(self) -> None:
        # Meanwhile others are answered as before.
        self._read_again_at = time.monotonic() + _AFTER_FAILURE_SECONDS
        written, wait = [], _READ_EVERY_SECONDS
        for read, known in zip(self._places, self._written, strict=True):
            try:
                written.append(read())
            except PartnerbotError as error:
                log.error("What staff wrote is given as it was read last: %s", error)
                written.append(known)
                wait = _AFTER_FAILURE_SECONDS
        if written != self._written:
            every = [
                ((text, each.language_of(text)), each)
                for one in written
                for each in one
                for text in each.questions
            ]
            ready = {(ours.text, ours.language): ours for ours, _ in self._asked}  # a vector takes time
            asked = [(ready.get(said) or Asked(*said), each) for said, each in every]
            for ours, _ in asked:
                ours.embed()  # before a visitor waits for it
            self._asked = asked
            self._written = written
        self._read_again_at = time.monotonic() + wait

    def answer(self, found: Investigation, today: date | None = None) -> Answer | None:
        """Return staff's answer to a question, None if they gave none to it. Raises: ModelUnavailable."""
        question = found.question
        if question.search_text != question.read_text:
            return None  # a follow-up asks something else than what stands before it
        curated = self.matched(question.text, question.asked_in, found.index.lexical.spellings, today)
        if curated is None:
            return None
        language = question.language if question.language in curated.text else next(iter(curated.text))
        address = curated.source
        source = Related(
            title=address, url=address, source=address, page=None, language=language, published=None
        )
        return Answer(
            question=question.text,
            language=language,
            status="answered",
            kind="curated",
            answer=curated.text[language],
            short_answer=None,
            citations=[],
            related=[source] if address else [],
            generator=CURATED,
            warnings=[],
            timings_ms=found.timings_ms,
        )

    def matched(
        self, text: str, language: str, spellings: Spellings, today: date | None = None
    ) -> CuratedAnswer | None:
        """Return the answer that a question asks for, in words of its own. Raises: ModelUnavailable."""
        likeness, answer = self._likest(text, language, spellings, today)
        return answer if likeness >= SURE else None

    def near(self, text: str, language: str, spellings: Spellings) -> tuple[str, str] | None:
        """Return a question of staff's, with its language, that another may ask in words too far from it.

        In the language of the other, if staff wrote one in it. Raises: ModelUnavailable.
        """
        likeness, answer = self._likest(text, language, spellings)
        if answer is None or not _LIKELY <= likeness < SURE:
            return None
        asked = [(question, answer.language_of(question)) for question in answer.questions]
        return next((one for one in asked if one[1] == language), asked[0])

    def _likest(
        self, text: str, language: str, spellings: Spellings, today: date | None = None
    ) -> tuple[float, CuratedAnswer | None]:
        valid = [(ours, answer) for ours, answer in self._current() if not answer.has_ended(today)]
        plain = _plain(text)
        same = next((answer for ours, answer in valid if _plain(ours.text) == plain), None)
        if same is not None:
            return math.inf, same
        if not valid:  # a vector takes time
            return -math.inf, None
        asked = Asked(text, language)
        near = [valid[n] for n in nearest(asked.vector, [ours.vector for ours, _ in valid])]
        return likest(asked, [(ours, one, one.text.get(language, "")) for ours, one in near], spellings)


def _plain(text: str) -> list[str]:
    """Return a text's words and figures, whatever stands between them."""
    return re.findall(r"\w+", fold(text))
