"""Answers that staff wrote themselves: in curated.toml and on their page, matched by meaning.

A question is one of staff's, in whatever language, if it says the same names, dates and figures, staff's text
answers it as well as their own question, and the words don't tell that something else is meant
(training/curated.py fits what each counts). Where in doubt it isn't: the documents may still answer.
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from partnerbot.answering.answer import Answer, Related
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.kinds import KINDS, QuestionKind, intent_of
from partnerbot.answering.mentions import Known, countries_implied, countries_said, find_word, names_in
from partnerbot.answering.question_type import patterns
from partnerbot.answering.spelling import is_frequent
from partnerbot.answering.values import find_dates, find_numbers, resolved
from partnerbot.answering.values.cldr import month_numbers, weekdays_said
from partnerbot.appearance import Language
from partnerbot.documents.front_matter import is_web_address
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import CJK, HAN
from partnerbot.errors import ConfigurationError, PartnerbotError
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.models.reader import chance, load_reader
from partnerbot.owner_files import read_owner_file
from partnerbot.settings import EMBEDDED

if TYPE_CHECKING:
    from partnerbot.records import Records

log = logging.getLogger(__name__)

CURATED = "staff"
"""What generated such a reply."""

_READ = 3
"""Of staff's questions with the same names and figures, how many of the nearest are read with their texts."""

_READ_EVERY_SECONDS, _AFTER_FAILURE_SECONDS = 1.0, 60.0
"""A place is read again no sooner; one that fails may take seconds to say so."""

_WORD = re.compile(rf"[ァ-ヶー]{{2,}}|[{HAN}]{{2,}}|[가-힣]+|(?:(?![\u3040-\u30ff{HAN}가-힣])[^\W\d_]){{2,}}")
"""Of Japanese, what says something: hiragana and single kanji are mostly grammar."""

_EAST_ASIAN = re.compile(f"[{CJK}]")

_ANY_DAY = "2026-01-15"
"""What relative dates count from, so that "last year" is the same in all languages."""

_KEPT = 4
"""Questions, each compared with all of staff's; visitors' words aren't kept longer."""

_QUALIFIERS = frozenset({"deputy", "former"})

_STEM = 6
"""Letters of a word: its end says how it is used, not what it means."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _web_address(text: str) -> str:
    if text and not is_web_address(text):
        raise ValueError("an address that begins with https://")
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


@dataclass(frozen=True)
class Likeness:
    """What speaks for a question asking what staff's question asks.

    between: "same" language, "foreign" ones of one script, or ones "across" scripts, whose vectors lie
    further apart. less: by how much less staff's text tells of what is asked than of their own question, in
    log-odds by the reader. cosine: of the questions' vectors. In two languages only, else 0: `relevance`, the
    log-odds that the text tells of what is asked. In one only: `answered`, by how much less surely the text
    answers it; `kind`, the cosine of the kinds of reply they want; `novel`, how many words staff have neither
    in their question nor in their text; `lost`, how many of their question's the other one lacks; `swapped`,
    1 where there are words of both kinds beside some that are the same.
    """

    between: str
    less: float
    cosine: float
    relevance: float = 0.0
    answered: float = 0.0
    kind: float = 0.0
    novel: int = 0
    lost: int = 0
    swapped: int = 0

    def features(self) -> dict[str, float]:
        """Return what is weighted, by its name."""
        return {name: value for name, value in asdict(self).items() if name != "between"}

    def chance(self) -> float:
        """Return the probability that they ask the same."""
        weights = _weights()[self.between]
        return chance(
            weights["intercept"] + sum(weights[key] * value for key, value in self.features().items())
        )

    def is_enough(self) -> bool:
        """Tell whether they are taken for the same."""
        return self.chance() >= _weights()[self.between]["limit"]


@cache
def _weights() -> dict[str, dict[str, float]]:
    text = resources.files(__package__).joinpath("curated.json").read_text("utf-8")
    weights: dict[str, dict[str, float]] = json.loads(text)
    return weights


class Asked:
    """One way to ask for a curated answer."""

    def __init__(self, text: str, answer: CuratedAnswer) -> None:
        self.text = text
        self.answer = answer
        self.language = answer.language_of(text)
        self._seen: dict[str, tuple[float, float]] = {}

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        return load_embedding_model(EMBEDDED).query_vector(self.text)

    @cached_property
    def kinds(self) -> Mapping[QuestionKind, float]:
        return intent_of(self.text, self.language, self.vector).kinds

    @cached_property
    def _said(self) -> tuple[frozenset[object], set[str]]:
        return _values(self.text, self.language), _offices(self.text, self.language)

    def is_about(self, text: str, language: str, spellings: Spellings) -> bool:
        """Tell whether a question says the same names, dates, figures and countries, and no other office."""
        reply = self.answer.text.get(language, "")
        asked, (values, ours) = _offices(text, language), self._said
        return (
            _values(text, language) == values
            # Who asks who heads an office needn't say by which name; deputies and predecessors are others.
            and asked <= ours | _offices(reply, language)
            and ours & _QUALIFIERS == asked & _QUALIFIERS
            # A name may be written as in staff's answer in that language.
            and _has_names(text, language, f"{self.text}\n{reply}", spellings)
            and _has_names(self.text, self.language, text, spellings)
        )

    def likeness(self, text: str, language: str, vector: NDArray[np.float32]) -> Likeness:
        """Compare a question, with its vector. Raises: ModelUnavailable."""
        code = language if language in self.answer.text else next(iter(self.answer.text))
        reply = self.answer.text[code]
        if code not in self._seen:
            self._seen[code] = _seen(self.text, reply)
        seen, cosine = _seen(text, reply), float(self.vector @ vector)
        less, answered = (
            max(0.0, ours - theirs) for ours, theirs in zip(self._seen[code], seen, strict=True)
        )
        if language != self.language:
            across = bool(_EAST_ASIAN.search(text)) != bool(_EAST_ASIAN.search(self.text))
            return Likeness("across" if across else "foreign", less, cosine, relevance=seen[0])
        mine, theirs = _words(text, language), _words(self.text, language)
        new, lost = mine - theirs - (_words(reply, language) if code == language else set()), theirs - mine
        return Likeness(
            "same",
            less,
            cosine,
            answered=answered,
            kind=_alike(self.kinds, intent_of(text, language, vector).kinds),
            novel=len(new),
            lost=len(lost),
            swapped=int(bool(new and lost and mine & theirs)),
        )


def _alike(one: Mapping[QuestionKind, float], other: Mapping[QuestionKind, float]) -> float:
    """Return the cosine of two likelihoods of all kinds."""
    product = sum(one[kind] * other[kind] for kind in KINDS)
    return product / math.hypot(*one.values()) / math.hypot(*other.values())


def _seen(question: str, text: str) -> tuple[float, float]:
    """Return the reader's log-odds that a text tells of what is asked, and that it answers it."""
    reader = load_reader()
    (states,) = reader.states(question, [("", text)])
    return reader.relevance(states), reader.answer(states).score


class Curated:
    """The answers of staff, by their questions. Safe to use from several threads."""

    def __init__(self, *places: Callable[[], Sequence[CuratedAnswer]]) -> None:
        """`places`: each reads what is written in one place now, or raises a PartnerbotError; then what it
        read last goes on. Where two answer the same question, the first does."""
        self._places = places
        self._written: list[Sequence[CuratedAnswer]] = [() for _ in places]
        self._asked: list[Asked] = []
        self._read()

    def _current(self) -> list[Asked]:
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
            self._asked = [Asked(text, each) for one in written for each in one for text in each.questions]
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
            related=[source] if curated.source else [],
            generator=CURATED,
            warnings=[],
            timings_ms=found.timings_ms,
        )

    def matched(
        self, text: str, language: str, spellings: Spellings, today: date | None = None
    ) -> CuratedAnswer | None:
        """Return the answer that a question asks for, in words of its own. Raises: ModelUnavailable."""
        valid = [one for one in self._current() if not one.answer.has_ended(today)]
        plain = _plain(text)
        same = next((one for one in valid if _plain(one.text) == plain), None)
        if same is not None:
            return same.answer
        about = [one for one in valid if one.is_about(text, language, spellings)]
        if not about:
            return None
        vector = load_embedding_model(EMBEDDED).query_vector(text)
        for one in sorted(about, key=lambda one: -float(one.vector @ vector))[:_READ]:
            if one.likeness(text, language, vector).is_enough():
                return one.answer
        return None


def _plain(text: str) -> list[str]:
    """Return a text's words and figures, whatever stands between them."""
    return re.findall(r"\w+", fold(text))


def _words(text: str, language: str) -> set[str]:
    """Return the beginnings of the words of a text that say something."""
    words = _WORD.findall(normal_form("NFKC", text))
    return {fold(word)[:_STEM] for word in words if not is_frequent(word, language)}


@lru_cache(_KEPT)
def _values(text: str, language: str) -> frozenset[object]:
    """Return the dates, days, figures and countries of a text, each in one form for all languages."""
    plain = normal_form("NFKC", text)
    months, dates = month_numbers(language), find_dates(plain, language)
    return frozenset(
        {figures.lstrip("0") for figures in re.findall(r"\d+", plain)}
        | {value.number for value in find_numbers(plain, language)}
        | {(date.since, date.until) for date in dates if not date.relative}
        | {resolved(date, _ANY_DAY) for date in dates if date.relative}
        | {("month", months[word]) for word in _WORD.findall(plain) if word in months}
        | {("weekday", day) for day in weekdays_said(plain, language)}
        | set(countries_said(plain, language))
        | countries_implied(plain, language)
    )


def _offices(text: str, language: str) -> set[str]:
    """Return the offices that people hold by a text, with what qualifies them."""
    plain = normal_form("NFKC", text).lower()
    return {office for office, pattern in patterns("offices.tsv", language) if pattern.search(plain)}


def _has_names(text: str, language: str, within: str, spellings: Spellings) -> bool:
    words = [word for name in names_in(text, language, Known(spellings)) for word in name.words]
    return all(find_word(text[start:end], within, spellings) for start, end in words)
