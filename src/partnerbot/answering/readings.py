"""What the reader sees in the candidates of one question; each passage is read at most once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from partnerbot.answering.mentions import as_spelled
from partnerbot.answering.question import Question
from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.index.search import Candidate, Index
from partnerbot.models.reader import Reader, Reading, States

T = TypeVar("T")

READ_TOGETHER = 2
"""Passages read at the same time, each on a core of its own: the smallest server has two."""


class Readings:
    """The readings of one question, kept, since a headline and points are chosen from the same passages."""

    def __init__(self, reader: Reader, question: Question, index: Index) -> None:
        self._reader, self._question, self._index = reader, question, index
        self._states: dict[str, States] = {}
        self._relevances: dict[str, float] = {}
        self._known: dict[str, Reading] = {}

    def read(self, candidates: Sequence[Candidate]) -> None:
        """Read the passages of candidates, some at the same time."""
        unread = {one.passage.id: one for one in candidates if one.passage.id not in self._known}
        read = _each(lambda one: self._reader.answer(self._states_of(one)), list(unread.values()))
        self._known.update(zip(unread, read, strict=True))

    def of(self, candidate: Candidate) -> Reading:
        """Read a candidate's passage with its neighbours, or return what was read before."""
        self.read([candidate])
        return self._known[candidate.passage.id]

    def known(self, candidate: Candidate) -> Reading | None:
        """Return what was read before; None if the passage wasn't."""
        return self._known.get(candidate.passage.id)

    def relevance(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return the log-odds that each candidate's passage tells something of what is asked."""
        told = _each(lambda one: self._reader.relevance(self._states_of(one)), candidates)
        self._relevances.update(zip((one.passage.id for one in candidates), told, strict=True))
        return told

    def most_relevant(self, candidates: Sequence[Candidate], at_most: int) -> list[Candidate]:
        """Return those of the candidates whose relevance was asked for that tell most, likeliest first."""
        told = [one for one in candidates if one.passage.id in self._relevances]
        return sorted(told, key=lambda one: -self._relevances[one.passage.id])[:at_most]

    def support(self, statement: str, title: str, quote: str) -> float:
        """Return the log-odds that a quote says a statement; 0 if the reader can't tell."""
        return self._reader.read(statement, title, quote).support

    def _states_of(self, candidate: Candidate) -> States:
        known = self._states.get(candidate.passage.id)
        if known is None:
            known = self._states[candidate.passage.id] = self._reader.states(*self._asked(candidate))
        return known

    def _asked(self, candidate: Candidate) -> tuple[str, str, str]:
        """Return the question as the passage spells its names, and the passage's title and neighbours.

        Cells of a row are parted by commas, as in the text that the reader was trained on: of 32 questions on
        rows of eight tables 26 instead of 24 show the right row first.
        """
        passage = candidate.passage
        asked = as_spelled(
            self._question.read_text,
            self._question.asked_in,
            passage.text_in_context,
            self._index.lexical.spellings,
        )
        return asked, passage.headings, passage.context.replace(BETWEEN_CELLS, ",  ")


def _each(do: Callable[[Candidate], T], candidates: Sequence[Candidate]) -> list[T]:
    """Do something with each candidate, with some of them at the same time."""
    return list(_readers().map(do, candidates) if len(candidates) > 1 else map(do, candidates))


@cache
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(READ_TOGETHER, thread_name_prefix="reader")
