"""What is kept of some days, counted: the figures of the page for staff, before anybody's language."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from partnerbot.settings import Settings
from partnerbot.web.records.alike import alike
from partnerbot.web.records.feedback import KeptFeedback, kept_feedback
from partnerbot.web.records.questions import (
    COUNTED_DAYS,
    Count,
    DailyCounts,
    KeptQuestion,
    QuestionLog,
)

OUTCOMES = ("answered", "not_in_documents", "conversation", "failed")

DAYS = 30
"""Shown unless others are asked for; today is the last."""

PERCENTILES = (50, 90, 95, 99)

_MOST_GROUPED = 500
"""Questions without an answer, the most frequent ones: each takes some ten milliseconds, once."""


@dataclass(frozen=True)
class Chosen:
    """The days, in UTC, the language and the outcome that are looked at; an empty one is any."""

    since: date
    until: date
    language: str = ""
    outcome: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], today: date) -> Chosen:
        """Read an address. What can't be read is as if it weren't there; so are days out of reach."""
        first = today - timedelta(COUNTED_DAYS - 1)
        until = min(max(_day(query.get("until", "")) or today, first), today)
        since = min(max(_day(query.get("since", "")) or until - timedelta(DAYS - 1), first), until)
        outcome = query.get("outcome", "")
        return cls(since, until, query.get("language", ""), outcome if outcome in OUTCOMES else "")

    @property
    def days(self) -> list[date]:
        """Each day, the oldest first."""
        return [self.since + timedelta(n) for n in range((self.until - self.since).days + 1)]

    def has(self, language: str, outcome: str) -> bool:
        """Whether what is in this language and ended so is looked at."""
        return self.language in ("", language) and self.outcome in ("", outcome)


@dataclass(frozen=True)
class Group:
    """Questions without an answer that ask the same: the most central, how many, in which languages."""

    question: str
    language: str
    count: int
    languages: tuple[str, ...]
    last: date


@dataclass(frozen=True)
class Figures:
    """What is kept of the chosen days: `counts` of all questions, the `questions` where those are kept."""

    chosen: Chosen
    keeps_questions: bool
    counts: list[Count]
    questions: list[KeptQuestion]
    feedback: list[KeptFeedback]

    @classmethod
    def of(cls, settings: Settings, chosen: Chosen) -> Figures:
        """Read the files of the chosen days."""
        days = chosen.since, chosen.until
        counts = list(DailyCounts(settings.state, counting=True).entries(*days))
        questions = list(QuestionLog(settings.state, settings.keep_questions_days).entries(*days))
        # Questions may have been kept before there was a page that they are counted for.
        counted = {count.day for count in counts}
        counts += [
            Count(day=day, language=asked.language, outcome=asked.status)
            for asked in questions
            if (day := _day_of(asked)) not in counted
        ]
        feedback = kept_feedback(settings.feedback_folder, *days)
        return cls(
            chosen,
            bool(settings.keep_questions_days),
            [each for each in counts if chosen.has(each.language, each.outcome)],
            [each for each in questions if chosen.has(each.language, each.status)],
            [each for each in feedback if chosen.has(each.language, each.status)],
        )

    @cached_property
    def by_day(self) -> dict[date, Counter[str]]:
        """How the questions of each day ended; days without any are there, too."""
        days: dict[date, Counter[str]] = {day: Counter() for day in self.chosen.days}
        for count in self.counts:
            if count.day in days:
                days[count.day][count.outcome] += 1
        return days

    def how_many(self, by: str) -> list[tuple[str, int]]:
        """Return how many questions there were by outcome, language or kind; the most frequent first."""
        return Counter(
            value for each in self.counts if (value := getattr(each, by)) is not None
        ).most_common()

    @property
    def percentiles(self) -> list[tuple[int, int]]:
        """Shares of the questions, in hundredths, and the milliseconds that none of them took more than."""
        took = sorted(each.milliseconds for each in self.counts if each.milliseconds is not None)
        return [(share, took[math.ceil(share / 100 * len(took)) - 1]) for share in PERCENTILES if took]

    @cached_property
    def unanswered(self) -> list[Group]:
        """Questions without an answer, like ones together, most frequent first. Raises: ModelUnavailable."""
        asked: dict[str, list[KeptQuestion]] = {}
        for each in self.questions:
            if each.status == "not_in_documents":
                asked.setdefault(each.question, []).append(each)
        often = Counter({text: len(found) for text, found in asked.items()}).most_common()
        groups = alike(Counter(dict(often[:_MOST_GROUPED])))
        groups += [[text] for text, _ in often[_MOST_GROUPED:]]
        found = [[each for text in group for each in asked[text]] for group in groups]
        return sorted(map(_group, found), key=lambda group: -group.count)

    def cited(self, documents: Collection[str]) -> list[tuple[str, int]]:
        """Return how often each of the documents was cited, and what else was; the most frequent first."""
        often = Counter(dict.fromkeys(documents, 0))
        often.update(source for each in self.questions for source in each.sources)
        return often.most_common()


def _group(asked: list[KeptQuestion]) -> Group:
    languages = Counter(each.language for each in asked)
    return Group(
        asked[0].question,
        asked[0].language,
        len(asked),
        tuple(language for language, _ in languages.most_common()),
        max(map(_day_of, asked)),
    )


def _day_of(asked: KeptQuestion) -> date:
    return date.fromisoformat(asked.minute[:10])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
