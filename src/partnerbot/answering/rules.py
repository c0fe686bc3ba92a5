"""Reading by rules: what can be said of a passage without a trained reader."""

from __future__ import annotations

from partnerbot.answering.highlight import locate_answer
from partnerbot.answering.question import Question
from partnerbot.answering.question_type import AnswerType, expected_answer
from partnerbot.answering.reading import Reading
from partnerbot.indexing.index import Candidate

_CHECKED = frozenset(
    {AnswerType.DATE, AnswerType.YEAR, AnswerType.NUMBER, AnswerType.DURATION, AnswerType.MONEY, AnswerType.PERCENT}
)
"""Kinds of answer that a sentence without one of them can't give."""


def read_by_rules(question: Question, candidate: Candidate) -> Reading:
    """Take the candidate's sentence for the answer; its score tells if it has a value of the kind asked for."""
    passage = candidate.passage
    start = passage.start - passage.context_start
    located = locate_answer(question.search_text, question.language, passage.text, passage.language)
    score = 0.0
    if expected_answer(question.search_text, question.language) in _CHECKED:
        score = 1.0 if located else -1.0
    return Reading(start, start + len(passage.text), passage.text, score)
