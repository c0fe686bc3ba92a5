"""Rows of tables: which of them a question asks for, by what it says of their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from partnerbot.answering.question import Question
from partnerbot.answering.quoting import table_of
from partnerbot.answering.values import find_dates
from partnerbot.answering.values.cldr import weekdays_said
from partnerbot.answering.values.value import PartialDate
from partnerbot.documents.formats.tables import BETWEEN_CELLS, without_headings
from partnerbot.documents.normal_forms import without_accents
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.index.passages import Passage
from partnerbot.index.search import Candidate, Index

_ROWS_AT_MOST = 400
"""Of a table that is looked through: for a date, 350 rows take 145 ms, for a word 40."""

_MAY_HAVE_ENDING = 5
"""Letters from which a word with an ending is the same word: "gratuits", but « cours » is no « cour »."""


def with_rows_asked_for(question: Question, candidates: Sequence[Candidate], index: Index) -> list[Candidate]:
    """Return candidates with the rows that a question asks for in place of those found of their table.

    Each is as near as the best of them.
    """
    told: list[Candidate] = []
    asked_of: dict[str, list[Passage]] = {}
    for one in candidates:
        passage = one.passage
        if BETWEEN_CELLS not in passage.text:
            told.append(one)
        elif passage.id not in asked_of:
            rows = table_of(passage, index) or [passage]
            asked = rows_asked_for(question, rows) if len(rows) <= _ROWS_AT_MOST else []
            asked_of |= dict.fromkeys((row.id for row in rows), asked)
            told += [replace(one, passage=row, named_row=True) for row in asked] or [one]
        elif not asked_of[passage.id]:
            told.append(one)
    return told


def rows_asked_for(question: Question, rows: Sequence[Passage]) -> list[Passage]:
    """Return the rows of a table of which a question names more cells than of the others.

    Empty if it names as many of each: then it asks for all of them, or for none.
    """
    named = [cells_named(question, row.text, row.language) for row in rows]
    most = max(named, default=0)
    asked = [row for row, count in zip(rows, named, strict=True) if count == most]
    return asked if most and len(asked) < len(rows) else []


def cells_named(question: Question, row: str, language: str) -> int:
    """Return how many cells of a row a question names: their words, a day of the week, or a date in one.

    "On Tuesdays" names a cell that says "mardi", "in January" one that says 2027-01-16.
    """
    said = without_accents(question.search_text.casefold())
    weekdays = weekdays_said(question.search_text, question.asked_in)
    dates = _dates_in(question.search_text, question.asked_in)
    edge = "" if is_mainly_unspaced(row) else r"\b"

    def is_named(cell: str) -> bool:
        words = without_accents(cell.casefold())
        ending = "(?:e|es|s)?" if edge and len(words) >= _MAY_HAVE_ENDING else ""
        if words in said and re.search(f"{edge}{re.escape(words)}{ending}{edge}", said):
            return True
        if weekdays and weekdays & weekdays_said(cell, language):
            return True
        return bool(dates) and any(date.within(day) for day in _dates_in(cell, language) for date in dates)

    cells = map(str.strip, without_headings(row).split(BETWEEN_CELLS))
    return sum(is_named(cell) for cell in cells if cell)


def _dates_in(text: str, language: str) -> list[PartialDate]:
    return [one.since for one in find_dates(text, language) if one.since is not None and not one.relative]
