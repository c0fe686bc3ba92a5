"""What the reader sees in the candidates of one question; each passage is read at most once."""

from __future__ import annotations

from partnerbot.answering.question import Question
from partnerbot.answering.reader import Reader, Reading
from partnerbot.answering.spelled import as_spelled
from partnerbot.indexing.index import Candidate, Index


class Readings:
    """The readings of one question, kept, since a headline and points are chosen from the same ones."""

    def __init__(self, reader: Reader, question: Question, index: Index) -> None:
        self._reader, self._question, self._index = reader, question, index
        self._known: dict[str, Reading] = {}

    def of(self, candidate: Candidate) -> Reading:
        """Read a candidate's passage with its neighbours, or return what was read before."""
        passage = candidate.passage
        reading = self._known.get(passage.id)
        if reading is None:
            asked = as_spelled(
                self._question.read_text,
                self._question.asked_in,
                f"{passage.title}\n{passage.context}",
                self._index.lexical.spellings,
            )
            (reading,) = self._reader.read(asked, [(passage.title, passage.context)])
            self._known[passage.id] = reading
        return reading

    def known(self, candidate: Candidate) -> Reading | None:
        """Return what was read before; None if the passage wasn't."""
        return self._known.get(candidate.passage.id)
