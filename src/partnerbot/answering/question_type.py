"""What kind of answer a question asks for: a date, a number, a person, a place, or something else.

Interrogatives are a closed class, so a table a language (question_types.tsv) is exact, instant and readable,
where a classifier would be none of these. In languages that open a question with its interrogative the
earliest match decides: "What did he do when …" asks what, not when; of two at the same place, the first in
the table. Japanese, Korean and Chinese leave the interrogative in its place in the sentence; there the
table's order decides.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.documents.normal_forms import normal_form


class AnswerType(StrEnum):
    """The kinds of answer that can be recognised in a sentence, and OTHER for the rest.

    YEAR is a date of which only the year is asked. DURATION, MONEY and PERCENT are numbers
    whose unit is part of the question. COUNTRY is a place whose names CLDR knows in every
    language. NAME asks what a thing or an organisation is called.
    """

    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    DURATION = "duration"
    MONEY = "money"
    PERCENT = "percent"
    PERSON = "person"
    COUNTRY = "country"
    PLACE = "place"
    NAME = "name"
    OTHER = "other"


_TIME_OF_DAY = "time of day"
"""What rows of the table are called by which only a time of day is asked for."""

# What someone is quoted as saying or asking is no part of what the question asks.
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|«[^»]*»|“[^”]*”")


@cache
def patterns(table: str, language: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return a language's rows of a table beside this file; in scripts with spaces they begin a word."""
    start = "" if language in EAST_ASIAN else r"(?<!\w)"
    lines = resources.files(__package__).joinpath(table).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [(kind, re.compile(f"{start}(?:{pattern})")) for code, kind, pattern in rows if code == language]


@lru_cache(maxsize=64)
def expected_answer(question: str, language: str) -> AnswerType:
    """Return the kind of answer that the question asks for; OTHER if unsure or the language is unknown."""
    found = _interrogatives(_plain(_QUOTED.sub("", question)), language)
    return min(found)[2] if found else AnswerType.OTHER


def without_interrogative(question: str, language: str) -> str:
    """Return what a question says beside its question word, in small letters; as it is if it has none."""
    text = _plain(question)
    found = _interrogatives(text, language)
    if not found:
        return question
    *_, (start, end) = min(found)
    return " ".join(f"{text[:start]} {text[end:]}".split())


def asks_time_of_day(question: str, language: str) -> bool:
    """True if a question asks at what time of day; `expected_answer` tells that from nothing else."""
    text = _plain(_QUOTED.sub("", question))
    return any(
        kind == _TIME_OF_DAY and pattern.search(text)
        for kind, pattern in patterns("question_types.tsv", language)
    )


def asks_for_most(question: str, language: str) -> bool:
    """True if a question asks for the cheapest or the oldest: to tell it, all of them are compared."""
    text = _plain(question)
    return any(pattern.search(text) for _, pattern in patterns("superlatives.tsv", language))


def _interrogatives(text: str, language: str) -> list[tuple[int, int, AnswerType, tuple[int, int]]]:
    """Return the question words of a text, the deciding one least, each with its answer and [start, end)."""
    return [
        (0 if language in EAST_ASIAN else match.start(), row, AnswerType(kind), match.span())
        for row, (kind, pattern) in enumerate(patterns("question_types.tsv", language))
        if kind != _TIME_OF_DAY and (match := pattern.search(text))
    ]


def _plain(question: str) -> str:
    """Lower case, one form for apostrophes and widths, single spaces, no opening punctuation."""
    text = normal_form("NFKC", question).lower().replace("’", "'")
    return " ".join(text.split()).lstrip("¿¡ \"'«»「『-–")
