"""Answers that staff wrote themselves: in curated.toml and on their page, matched by meaning.

A question is one of staff's if it is in the same language, says the same names, dates and figures and no
other word that may be one, and means the same. Where in doubt it isn't: the documents may still answer.
"""

from __future__ import annotations

import logging
import re
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from partnerbot.answering.answer import Answer, Related
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.mentions import countries_implied, countries_said
from partnerbot.answering.question_type import AnswerType, expected_answer
from partnerbot.answering.spelling import is_common
from partnerbot.answering.values import find_dates, find_numbers
from partnerbot.answering.values.cldr import month_numbers, weekday_names
from partnerbot.documents.front_matter import is_web_address
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import HAN
from partnerbot.errors import ConfigurationError, PartnerbotError, wrong_values
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EMBEDDED, load_embedding_model

if TYPE_CHECKING:
    from partnerbot.records import Records

log = logging.getLogger(__name__)

CURATED = "staff"
"""What generated such a reply."""

_SAME = 0.96
"""Cosine of the embedded model's query vectors from which questions ask the same, where nothing particular
differs. Of tests/curated.tsv it lets 22 of 28 through that do, none of 20 that ask something else (to join an
association, and to leave it: 0.951), and none of 60 about another name, day or figure (0.879 at most)."""

_READ_EVERY_SECONDS, _AFTER_FAILURE_SECONDS = 1.0, 60.0
"""A place is read again no sooner; one that fails may take seconds to say so."""

_PLEASE = "ください"
"""It ends with the name of a town, Sai."""

_WORD = re.compile(rf"[ァ-ヶー]{{2,}}|[{HAN}]{{2,}}|[가-힣]+|(?:(?![\u3040-\u30ff{HAN}가-힣])[^\W\d_]){{2,}}")
"""Of Japanese, what may be a name: hiragana and single kanji are mostly grammar."""

_CJK = re.compile(rf"[ァ-ヶー{HAN}가-힣]")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError("an address that begins with https://")
    return text


class CuratedAnswer(BaseModel):
    """One answer of staff's: to whichever of the questions, in one language or several, until it expires."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: tuple[Text, ...] = Field(min_length=1)
    text: dict[Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")], Text] = Field(min_length=1)
    source: Annotated[str, AfterValidator(_web_address)]
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
    try:
        answers = _File.model_validate(tomllib.loads(path.read_text("utf-8-sig"))).answer
    except FileNotFoundError:
        return ()
    except ValidationError as error:
        raise ConfigurationError(f"The answers in {path} can't be used: {wrong_values(error)}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"The answers in {path} can't be read: {error}") from error
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


class _Asked:
    """One way to ask for a curated answer."""

    def __init__(self, text: str, answer: CuratedAnswer) -> None:
        self.text = text
        self.answer = answer
        self.language = answer.language_of(text)
        self.wanted = expected_answer(text, self.language)

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        return load_embedding_model(EMBEDDED).query_vector(self.text)


class Curated:
    """The answers of staff, by their questions. Safe to use from several threads."""

    def __init__(self, *places: Callable[[], Sequence[CuratedAnswer]]) -> None:
        """`places`: each reads what is written in one place now, or raises a PartnerbotError; then what it
        read last goes on. Where two answer the same question, the first does."""
        self._places = places
        self._written: list[Sequence[CuratedAnswer]] = [() for _ in places]
        self._asked: list[_Asked] = []
        self._read()

    def _current(self) -> list[_Asked]:
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
            self._asked = [_Asked(text, each) for one in written for each in one for text in each.questions]
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
        source = Related(
            title=curated.source,
            url=curated.source,
            source=curated.source,
            page=None,
            language=language,
            published=None,
        )
        return Answer(
            question=question.text,
            language=language,
            status="answered",
            kind="curated",
            answer=curated.text[language],
            short_answer=None,
            citations=[],
            related=[source],
            generator=CURATED,
            warnings=[],
            timings_ms=found.timings_ms,
        )

    def matched(
        self, text: str, language: str, spellings: Spellings, today: date | None = None
    ) -> CuratedAnswer | None:
        """Return the answer that a question asks for, in words of its own. Raises: ModelUnavailable."""
        valid = [one for one in self._current() if not one.answer.has_ended(today)]
        same = next((one for one in valid if fold(one.text) == fold(text)), None)
        if same is not None:
            return same.answer
        mine = particulars(text, language, spellings) if valid else frozenset()
        wanted = expected_answer(text, language)
        alike = [
            one
            for one in valid
            if one.language == language
            and (wanted == one.wanted or AnswerType.OTHER in (wanted, one.wanted))
            and particulars(one.text, language, spellings) == mine
        ]
        if not alike:
            return None
        vector = load_embedding_model(EMBEDDED).query_vector(text)
        nearest = max(alike, key=lambda one: float(one.vector @ vector))
        return nearest.answer if nearest.vector @ vector >= _SAME else None


def particulars(text: str, language: str, spellings: Spellings) -> frozenset[object]:
    """Return what two texts of a language must have in common to be about the same, each in one form.

    Names, dates and figures, countries, and every word that isn't a common one, which may be a name.
    """
    plain = normal_form("NFKC", text).replace(_PLEASE, " ")
    days = weekday_names(language) | {fold(name) for name in month_numbers(language)}
    words = {
        fold(word)
        for word in _WORD.findall(plain)
        if _CJK.match(word) or fold(word) in days or not is_common(word, language)
    }
    return frozenset(
        words
        | spellings.known_terms(plain)
        | {figures.lstrip("0") for figures in re.findall(r"\d+", plain)}
        | {(value.kind, value.number) for value in find_numbers(plain, language)}
        | {
            (value.since, value.until, fold(value.text) if value.relative else "")
            for value in find_dates(plain, language)
        }
        | set(countries_said(plain, language))
        | countries_implied(plain, language)
    )
