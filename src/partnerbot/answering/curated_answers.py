"""What staff wrote as answers: in curated.toml, and on their page, which keeps them in the records."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from partnerbot.documents.front_matter import is_web_address
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import fold
from partnerbot.errors import ConfigurationError, wrong_values

if TYPE_CHECKING:
    from partnerbot.records import Records

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
