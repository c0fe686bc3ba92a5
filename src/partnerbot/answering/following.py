"""What a question takes over from the conversation before it.

How much a question sounds like a follow-up decides; where it may stand alone, how it is answered better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.answer import Turn
from partnerbot.answering.entities import named_share
from partnerbot.answering.evidence import Evidence
from partnerbot.answering.kinds import Intent
from partnerbot.answering.mentions import Known, names_in
from partnerbot.answering.question import Question
from partnerbot.answering.question_type import AnswerType, without_interrogative
from partnerbot.answering.values import ValueKind, find_dates, find_numbers
from partnerbot.documents.metadata import LANGUAGE, TITLE
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.index.passages import display_width
from partnerbot.index.search import Candidate, Index

_CARRIED_TURNS, _LOOKED_AT = 3, 8
"""Questions that are carried on, the first of them that stands alone; and how many are looked at for it.
Set by hand."""

_CARRIED_CHARACTERS = 300
"""Of each question before, from its end: letters ask there."""

MAY_POINT_BACK, POINTS_BACK = 0.3, 0.5
"""Probability of being a follow-up from which a question is looked for after those before it, too; and from
which only so, if it names nothing. Of 270 complete questions, each after three other dialogues, 97 % get
the same reply as alone, of 78 follow-ups 87 % of the vital facts are shown (benchmarks/in_conversation.py).
With .4 for the first, .7 % more of other complete questions do, and 1 % fewer follow-ups are answered."""

_CITED_BEFORE = 1.0
"""What having been cited last is worth to a document, in standard deviations of ordinary text."""

_NEAR_WIDTH = 400
"""Between a value and a name of what it is about, in Latin letters: some sentences."""

_NAMED_NEAR = 0.5
"""Share of those names, by their information: Paris alone doesn't tell of Minato and Paris."""

_ELLIPTIC_WIDTH = 16
"""Of what a follow-up says besides a name, in Latin letters: "And in …?", 「…はどうですか」."""

_WORD_ALONE = 7.5
"""Width, in Latin letters, of what a follow-up may have beside its question word and say nothing: "And
when?", 「いつですか」. Set by hand."""


@dataclass(frozen=True)
class Before:
    """What a question may follow: the `questions` before it, oldest first, and the documents `cited` last.

    `said`: the questions as they were said. In `questions`, one that only names another is the one before
    it, asked of that.
    """

    said: Sequence[str]
    questions: Sequence[str]
    cited: Collection[str]

    @property
    def asked(self) -> str:
        """The questions as one text."""
        return " ".join(self.questions)


def asked_before(history: Sequence[Turn], intent_of: Callable[[str], Intent]) -> list[str]:
    """Return the questions that a follow-up may take its names from, oldest first.

    That is the visitor's last question, and while one doesn't stand alone, the one before it; of many, the
    one that does and the last. What only was said in conversation ("Merci !") is passed over.
    """
    carried: list[str] = []
    for turn in reversed(history):
        text = said_in(turn)
        if turn.role != "user" or not any(character.isalnum() for character in text):
            continue
        intent = intent_of(text)
        if intent.act is not None:
            continue
        carried.insert(0, text)
        if len(carried) == _LOOKED_AT or intent.points_back < MAY_POINT_BACK:
            break
    return carried[:1] + carried[1:][-_CARRIED_TURNS + 1 :]


def said_in(turn: Turn) -> str:
    """Return what is carried on of an earlier message."""
    return " ".join(turn.content[-_CARRIED_CHARACTERS:].split())


def asked_after(before: str, question: Question, index: Index) -> Question:
    """Return a follow-up as it is looked for and read: after the questions before it, after what they name.

    The reader would answer a question that stands before; names tell it only what the follow-up is about. But
    "Why?" says nothing without it, and "When?" nothing without what it says beside its own question word.
    """
    named = dict.fromkeys(_named(before, question, index))
    about = f"{', '.join(named)}: " if named else ""
    rest = without_interrogative(question.read_text, question.asked_in)
    if display_width("".join(filter(str.isalnum, rest))) <= _WORD_ALONE:
        asks_value = question.expects is not AnswerType.OTHER
        about = f"{about}{without_interrogative(before, question.asked_in)} " if asks_value else f"{before} "
    return replace(
        question,
        search_text=f"{before} {question.search_text}",
        read_text=f"{about}{question.read_text}",
        followed_by=question.search_text,
    )


def _named(before: str, question: Question, index: Index) -> list[str]:
    """Return the names that earlier questions give, in order; without any, their editions, or else days.

    "The fifth conference"; "the conference of 2016", but not where the follow-up says a day itself.
    """
    language = question.asked_in
    names = names_in(before, language, Known(index.lexical.spellings))
    counted = [one for one in find_numbers(before, language) if one.kind is ValueKind.ORDINAL]
    days = [] if find_dates(question.search_text, language) else find_dates(before, language)
    return (
        [before[one.start : one.end] for one in names]
        or [before[one.start : before.index(one.unit, one.end) + len(one.unit)] for one in counted]
        or [before[one.start : one.end] for one in days if not one.relative]
    )


def only_named(question: Question, index: Index) -> str:
    """Return what a message names that says nothing else, as "And Kanazawa?" does; empty for any other."""
    text = question.search_text
    named = names_in(text, question.asked_in, Known(index.lexical.spellings))
    rest = display_width(text) - sum(display_width(text[one.start : one.end]) for one in named)
    return text[named[0].start : named[-1].end] if named and rest <= _ELLIPTIC_WIDTH else ""


def asked_of_another(questions: Sequence[str], question: Question, index: Index) -> list[str] | None:
    """Return the questions before, oldest first, asked of what a message names, if it says nothing else.

    After "When was Sendai twinned?" comes "And Kanazawa?". Of several, the last that names something has the
    new name in place of its own.
    """
    known = Known(index.lexical.spellings)
    theirs = only_named(question, index)
    if not theirs:
        return None
    for at in reversed(range(len(questions))):
        before = questions[at]
        instead_of = names_in(before, question.asked_in, known)
        for one in sorted(instead_of, key=lambda one: -one.start):
            before = before[: one.start] + theirs + before[one.end :]
        if instead_of:
            return [*questions[:at], before, *questions[at + 1 :]]
    return None


def with_names_put_in(questions: Sequence[str], question: Question, index: Index) -> list[str]:
    """Return questions, oldest first; one that only names another is the one before, asked of that."""
    asked: list[str] = []
    for text in questions:
        named = replace(question, search_text=text)
        asked = asked_of_another(asked, named, index) or [*asked, text]
    return asked


def cited_last(history: Sequence[Turn]) -> Collection[str]:
    """Return the documents that the last reply cited; none where what was said last has no reply."""
    return history[-1].sources if history and history[-1].role == "assistant" else []


def favouring(candidates: Sequence[Candidate], sources: Collection[str]) -> list[Candidate]:
    """Return candidates in order again, those of the documents just cited with something added."""
    raised = [
        replace(one, score=one.score + _CITED_BEFORE) if one.passage.source in sources else one
        for one in candidates
    ]
    return sorted(raised, key=lambda one: -one.score)


def nearest_of_both(some: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates of two searches, nearest first, each as near as the search that it is nearer in.

    After two or three questions a follow-up is a small part of what is looked for. After the names alone, it
    is the greater part.
    """
    nearest: dict[str, Candidate] = {}
    for one in (*some, *others):
        if one.passage.id not in nearest or one.score > nearest[one.passage.id].score:
            nearest[one.passage.id] = one
    return sorted(nearest.values(), key=lambda one: -one.score)


class Subject:
    """What a question is about where its own words don't ask it: a bare name, or what only was said before.

    A value from elsewhere would be right for another place or person. So what answers stands near the names
    of what was asked before, or, if that names nothing, in a document that it was answered from.
    """

    def __init__(
        self,
        says: NDArray[np.float32],
        cited: Collection[str],
        index: Index,
        names: str = "",
        language: str = "",
        alone: bool = False,
    ) -> None:
        """`says`: which share of its names or words each passage of the index says, float32 [passages].

        `names`: a text in a language that has them; a document whose title has them, too, is about them.
        `alone`: what stands near none of them is of no use.
        """
        self._says, self._cited, self._index, self.alone = says, cited, index, alone
        self._names, self._language = names, language

    @classmethod
    def before(cls, before: Before, language: str, index: Index) -> Subject:
        """Return what the questions before, in a language, are about."""
        return cls(index.lexical.named(before.asked), before.cited, index, before.asked, language)

    @classmethod
    def named(cls, names: str, language: str, index: Index) -> Subject:
        """Return what a question is about that was asked before of something else."""
        return cls(cls._said_of(names, index), (), index, names, language, alone=True)

    @classmethod
    def bare(cls, name: str, index: Index) -> Subject:
        """Return what a message is about that says a name or a keyword, and asks nothing of it."""
        return cls(cls._said_of(name, index), (), index)

    @staticmethod
    def _said_of(name: str, index: Index) -> NDArray[np.float32]:
        return np.maximum(index.lexical.named(name), index.lexical.coverage(name))

    def near(self, source: str, start: int, end: int) -> float:
        """Return the share, in [0, 1], of those names that stand near a part of a document."""
        if not self._says.any():
            return float(source in self._cited)
        passages = self._index.passages_of(source)
        wide = bool(passages) and is_mainly_unspaced(passages[0].text)
        reach = _NEAR_WIDTH // 2 if wide else _NEAR_WIDTH
        around = [one for one in passages if one.start < end + reach and start - reach < one.end]
        said = float(self._says[[self._index.texts.row(one.id) for one in around]].max(initial=0.0))
        return max(said, self._titled(source))

    def _titled(self, source: str) -> float:
        if not self._names:
            return 0.0
        told = self._index.document(source).metadata
        return named_share(
            self._names, self._language, str(told[TITLE]), str(told[LANGUAGE]), self._index.lexical.spellings
        )

    def tells(self, piece: Evidence) -> bool:
        """True if a value's sentence stands near enough."""
        return self.near(piece.source, piece.start, piece.end) >= _NAMED_NEAR
