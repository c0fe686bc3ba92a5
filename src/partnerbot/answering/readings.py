"""What the reader sees in the candidates of one question; each passage is read at most once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from partnerbot.answering.question import Question
from partnerbot.answering.spelled import as_spelled
from partnerbot.index.search import Candidate, Index
from partnerbot.models.reader import Reader, Reading, TrainedReader

READ_TOGETHER = 2
"""Passages read at the same time, each on a core of its own: the smallest server has two."""


class Readings:
    """The readings of one question, kept, since a headline and points are chosen from the same ones."""

    def __init__(self, reader: Reader, question: Question, index: Index) -> None:
        self._reader, self._question, self._index = reader, question, index
        self._known: dict[str, Reading] = {}

    def read(self, candidates: Sequence[Candidate]) -> None:
        """Read the passages of candidates, some at the same time."""
        unread = {one.passage.id: one for one in candidates if one.passage.id not in self._known}
        read_all = _readers().map if len(unread) > 1 else map
        readings: Iterable[Reading] = read_all(self._reading, unread.values())
        self._known.update(zip(unread, readings, strict=True))

    def of(self, candidate: Candidate) -> Reading:
        """Read a candidate's passage with its neighbours, or return what was read before."""
        self.read([candidate])
        return self._known[candidate.passage.id]

    def known(self, candidate: Candidate) -> Reading | None:
        """Return what was read before; None if the passage wasn't."""
        return self._known.get(candidate.passage.id)

    def relevance(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return the log-odds that each candidate's passage tells something of what is asked.

        Passages that were not read are read. An owner's reader knows only whether one answers.
        """
        self.read(candidates)
        found = [self._known[one.passage.id] for one in candidates]
        if not isinstance(self._reader, TrainedReader):
            return [reading.score for reading in found]
        return list(_readers().map(self._reader.relevance, found))

    def support(self, statement: str, title: str, quote: str) -> float:
        """Return the log-odds that a quote says a statement; 0 if the reader can't tell."""
        if not isinstance(self._reader, TrainedReader):
            return 0.0
        (support,) = self._reader.support(statement, [(title, quote)])
        return support

    def _reading(self, candidate: Candidate) -> Reading:
        passage = candidate.passage
        asked = as_spelled(
            self._question.read_text,
            self._question.asked_in,
            f"{passage.title}\n{passage.context}",
            self._index.lexical.spellings,
        )
        (reading,) = self._reader.read(asked, [(passage.title, passage.context)])
        return reading


@cache
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(READ_TOGETHER, thread_name_prefix="reader")
