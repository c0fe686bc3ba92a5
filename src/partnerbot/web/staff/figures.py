"""What is kept of some days, counted: the figures of the page for staff, before anybody's language."""

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any, Self

import numpy as np
from sqlalchemy import Select, Table, func, null, select

from partnerbot.answering.curated import CuratedAnswer, read_curated, written_answers
from partnerbot.documents.normal_forms import fold
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.golden import in_full
from partnerbot.records import COUNTED_DAYS, COUNTS, FEEDBACK, LINKS, MARKED, QUESTIONS, Records
from partnerbot.settings import Settings
from partnerbot.web.records.questions import vectors_of

log = logging.getLogger(__name__)

OUTCOMES = ("answered", "not_in_documents", "conversation", "failed")

DAYS = 30
"""Shown unless others are asked for; today is the last."""

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class Chosen:
    """The days, in UTC, the language and the outcome that are looked at; an empty one is any.

    Of the questions asked, those with all the `words` are listed; of their pages, from 1, this is the `page`.
    """

    since: date
    until: date
    language: str = ""
    outcome: str = ""
    words: str = ""
    page: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], today: date) -> Self:
        """Read an address. What can't be read is as if it weren't there; so are days out of reach.

        Two days are taken in their order.
        """
        first = today - timedelta(COUNTED_DAYS - 1)
        until = min(max(_day(query.get("until", "")) or today, first), today)
        since = min(max(_day(query.get("since", "")) or until - timedelta(DAYS - 1), first), today)
        since, until = sorted((since, until))
        outcome = query.get("outcome", "")
        said = {name: query.get(name, "") for name in ("language", "words", "page")}
        return cls(since, until, outcome=outcome if outcome in OUTCOMES else "", **said)

    @staticmethod
    def ignores(query: Mapping[str, str]) -> bool:
        """Whether an address says something that can't be read."""
        days = [query[name] for name in ("since", "until") if query.get(name)]
        return None in map(_day, days) or query.get("outcome", "") not in ("", *OUTCOMES)

    @property
    def days(self) -> list[date]:
        return [self.since + timedelta(n) for n in range((self.until - self.since).days + 1)]


@dataclass(frozen=True)
class AskedSo:
    """A question in one wording and language, after those that it `follows`; `id`: of its last row."""

    question: str
    follows: list[str]
    language: str
    count: int
    last: date
    id: int

    @property
    def text(self) -> str:
        return in_full(self.question, self.follows)


@dataclass(frozen=True)
class Group:
    """Questions without an answer that ask the same, the commonest wording first.

    `answer`: what staff wrote since, and is given to all of them; None if nothing.
    """

    asked: tuple[AskedSo, ...]
    answer: CuratedAnswer | None

    @property
    def count(self) -> int:
        return sum(one.count for one in self.asked)

    @property
    def languages(self) -> list[str]:
        often = Counter(language for one in self.asked for language in [one.language] * one.count)
        return [language for language, _ in often.most_common()]

    @property
    def last(self) -> date:
        return max(one.last for one in self.asked)


@dataclass(frozen=True)
class AskedPage:
    """The page of that number, from 1, of `total` kept questions; before it are `before`."""

    number: int
    before: int
    total: int
    rows: Sequence[Any]


@dataclass(frozen=True)
class Figures:
    """What is kept of the chosen days. Everything here raises: RecordsUnavailable.

    `answered_by`: tells to which of some questions, each with its language, an answer of staff's is given.
    """

    records: Records
    settings: Settings
    chosen: Chosen
    answered_by: Callable[[CuratedAnswer, Sequence[tuple[str, str]]], list[tuple[str, str]]]

    @property
    def keeps_questions(self) -> bool:
        return bool(self.records.days[QUESTIONS])

    @cached_property
    def _counted(self) -> list[tuple[date, str, str, str | None, int]]:
        """How many questions of each day, outcome, language and kind there were."""
        grouped = COUNTS.c.day, COUNTS.c.outcome, COUNTS.c.language, COUNTS.c.kind
        counted = [*self._rows(select(*grouped, func.count()).group_by(*grouped), COUNTS)]
        # Questions may have been kept before there was a page that they are counted for.
        first = select(func.coalesce(func.min(COUNTS.c.day), date.max)).scalar_subquery()
        by = QUESTIONS.c.day, QUESTIONS.c.outcome, QUESTIONS.c.language
        kept = select(*by, null(), func.count()).where(QUESTIONS.c.day < first).group_by(*by)
        return [*counted, *self._rows(kept, QUESTIONS)]

    @cached_property
    def by_day(self) -> dict[date, Counter[str]]:
        days: dict[date, Counter[str]] = {day: Counter() for day in self.chosen.days}
        for day, outcome, *_, number in self._counted:
            days[day][outcome] += number
        return days

    @property
    def total(self) -> int:
        return sum(number for *_, number in self._counted)

    def how_many(self, by: str) -> list[tuple[str, int]]:
        """Return how many questions there were by outcome, language or kind; the most frequent first."""
        counted: Counter[str] = Counter()
        for _, outcome, language, kind, number in self._counted:
            value = {"outcome": outcome, "language": language, "kind": kind}[by]
            if value is not None:
                counted[value] += number
        return counted.most_common()

    @property
    def percentiles(self) -> list[tuple[int, int]]:
        """Shares of the questions, in hundredths, and the milliseconds that none of them took more than."""
        took = COUNTS.c.milliseconds
        timed = select(took, func.count()).where(took.is_not(None)).group_by(took).order_by(took)
        rows = self._rows(timed, COUNTS)
        reached = [*accumulate(number for _, number in rows)]
        ranks = [(share, share * reached[-1] / 100) for share in PERCENTILES if rows]
        return [(share, rows[bisect_left(reached, rank)][0]) for share, rank in ranks]

    @cached_property
    def unanswered(self) -> list[Group]:
        """Questions without an answer, like ones together: the most frequent first, last what staff answered.

        Raises: ModelUnavailable; IndexUnavailable.
        """
        of = QUESTIONS.c
        same = of.question, of.follows, of.language
        often = func.count(), func.max(of.day), func.max(of.id), of.asks
        absent = select(*same, *often).where(of.outcome == "not_in_documents").group_by(*same, of.asks)
        groups: dict[object, list[AskedSo]] = {}
        for *so, asks in self._rows(absent.order_by(func.count().desc(), func.max(of.id)), QUESTIONS):
            one = AskedSo(*so)
            # An earlier release told of no other that asks the same.
            groups.setdefault(one.text if asks is None else asks, []).append(one)
        self._put_commonest_first(groups.values())
        answers = {
            fold(question): answer
            for answer in reversed(self.answers)
            for question in answer.questions
            if not answer.has_ended()
        }
        found: list[Group] = []
        for every in groups.values():
            wordings = [(one.text, one.language) for one in every]
            answer = next((answers[fold(text)] for text, _ in wordings if fold(text) in answers), None)
            given = self.answered_by(answer, wordings) if answer else []
            for own in (answer, None) if answer else (None,):
                some = [one for one, so in zip(every, wordings, strict=True) if (so in given) == bool(own)]
                if some:
                    found.append(Group(tuple(some), own))
        return sorted(found, key=lambda group: (group.answer is not None, -group.count))

    def _put_commonest_first(self, groups: Iterable[list[AskedSo]]) -> None:
        """Put the commonest first in each group; of equals, that nearest to the mean of all asked."""
        of = QUESTIONS.c
        several = [every for every in groups if len(every) > 2]
        ids = [one.id for every in several for one in every]
        rows = self.records.rows(select(of.id, of.vector).where(of.id.in_(ids), of.vector.is_not(None)))
        vectors = dict(zip((row.id for row in rows), vectors_of(rows), strict=True))
        for every in several:
            if all(one.id in vectors for one in every):
                mean = np.sum([one.count * vectors[one.id] for one in every], axis=0)
                every.sort(key=lambda one: (-one.count, -float(vectors[one.id] @ mean)))

    @property
    def languages(self) -> list[str]:
        kept = [self.records.rows(select(of.c.language).distinct()) for of in (COUNTS, QUESTIONS, FEEDBACK)]
        return sorted({row.language for rows in kept for row in rows if row.language})

    def cited(self, documents: Collection[str]) -> list[tuple[str, int]]:
        """Return how often each of the documents was cited, and what else was; the most frequent first."""
        often = Counter(dict.fromkeys(documents, 0))
        sources = QUESTIONS.c.sources
        for cited, number in self._rows(select(sources, func.count()).group_by(sources), QUESTIONS):
            often.update(dict.fromkeys(cited, number))
        return often.most_common()

    @cached_property
    def asked(self) -> Sequence[Any]:
        """The kept questions with all the words, each once, with how often; the latest first."""
        of = QUESTIONS.c
        same = of.question, of.follows, of.language, of.outcome
        last, day = func.max(of.id).label("id"), func.max(of.day).label("day")
        each_once = select(*same, last, day, func.count().label("times")).group_by(*same)
        rows, words = self._rows(each_once.order_by(last.desc()), QUESTIONS), fold(self.chosen.words).split()
        texts = (fold(in_full(row.question, row.follows)) for row in rows) if words else rows
        return [row for row, text in zip(rows, texts, strict=True) if all(word in text for word in words)]

    def asked_page(self, size: int) -> AskedPage:
        """Return the page of those that is asked for, or the nearest that there is."""
        wanted = int(self.chosen.page[:9]) if self.chosen.page.isdecimal() else 1
        number = max(1, min(wanted, -(-len(self.asked) // size)))
        before = (number - 1) * size
        return AskedPage(number, before, len(self.asked), self.asked[before : before + size])

    @cached_property
    def marked(self) -> Sequence[Any]:
        """Replies that staff have marked on whatever day, as rows of MARKED, the latest first."""
        return self.records.rows(select(MARKED).order_by(MARKED.c.time.desc(), MARKED.c.id.desc()))

    @cached_property
    def answers(self) -> Sequence[CuratedAnswer]:
        return answers_of_staff(self.records, self.settings)

    @cached_property
    def dead_links(self) -> Sequence[Any]:
        """Return addresses that didn't open when they were last asked for, as rows of LINKS."""
        return self.records.rows(select(LINKS).where(LINKS.c.failure.is_not(None)).order_by(LINKS.c.address))

    def said(self, at_most: int | None = None) -> Sequence[Any]:
        """Return what visitors said of answers, as rows of FEEDBACK, the newest first."""
        return self._rows(select(FEEDBACK).order_by(FEEDBACK.c.time.desc()).limit(at_most), FEEDBACK)

    def _rows(self, wanted: Select[Any], of: Table) -> Sequence[Any]:
        """Return what is asked for, of what is looked at."""
        return self.records.rows(self._chosen(wanted, of))

    def _chosen(self, wanted: Select[Any], of: Table) -> Select[Any]:
        chosen = self.chosen
        wanted = wanted.where(of.c.day.between(chosen.since, chosen.until))
        if chosen.language:
            wanted = wanted.where(of.c.language == chosen.language)
        if chosen.outcome:
            wanted = wanted.where(of.c.outcome == chosen.outcome)
        return wanted


def answers_of_staff(records: Records, settings: Settings) -> Sequence[CuratedAnswer]:
    """Return staff's own answers: those of the page, then those of the file, none if it can't be used.

    Raises: RecordsUnavailable.
    """
    try:
        of_file = read_curated(settings.curated)
    except ConfigurationError as error:
        log.error("The page for staff lacks the answers of the file: %s", error)
        of_file = ()
    return [*written_answers(records), *of_file]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
