"""From a message to what was found for it, before it is decided whether that answers."""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Any

from langchain_core.documents import Document

from partnerbot.answering.answer import Turn
from partnerbot.answering.common_words import is_frequent
from partnerbot.answering.confidence import (
    log_odds,
    passages_threshold,
    threshold,
    unheard_threshold,
    worth_showing,
)
from partnerbot.answering.entities import (
    counts_the_unheard_of,
    names_only_the_unheard_of,
    unheard_of,
)
from partnerbot.answering.evidence import Evidence, distinct_candidates, find_evidence, overlap
from partnerbot.answering.following import (
    MAY_POINT_BACK,
    POINTS_BACK,
    Before,
    Subject,
    asked_after,
    asked_before,
    asked_of_another,
    cited_last,
    favouring,
    nearest_of_both,
    only_named,
    with_names_put_in,
)
from partnerbot.answering.kinds import Classifier, Intent
from partnerbot.answering.mentions import Known, Name, names_in
from partnerbot.answering.points import ENOUGH_READ, READ_AT_MOST, find_points, newest_documents, upcoming
from partnerbot.answering.question import Question, understand
from partnerbot.answering.question_type import AnswerType, without_interrogative
from partnerbot.answering.readings import Readings
from partnerbot.answering.rows import with_rows_asked_for
from partnerbot.answering.spelling import Spelling
from partnerbot.documents.metadata import LANGUAGE
from partnerbot.index.search import Candidate, Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.owner_models import Reranker
from partnerbot.models.reader import Reader
from partnerbot.settings import Settings, Strictness

RELATED_SCORE = 3.0
"""Standard deviations of ordinary text from which a document is worth naming as related."""

_SURELY_TALKS = 0.97
"""Probability of asking nothing from which a message that names nothing is conversation, though a passage has
all its words: "D'accord" is no question of agreements. 74 of 98 such messages of ours have it, and 47 of 371
words of the sample that sound like conversation alone, hardly any of which a visitor would ask for."""

_ANSWERED_FROM = 3
"""Documents favoured for a follow-up where the client doesn't say which were cited."""

_MOST_RELEVANT = 3
"""Passages read for a value after the nearest, if those tell none: the most relevant. Of public questions
79 % come with the right document first so (77 without), and 140 right values are set large (136), with as
many wrong ones, and as many questions answered that have no answer."""

_MAY_ASK_ONE_SENTENCE = 0.3
"""Probability from which one sentence that answers is looked for."""

_READ_ALONE, _TELL_OF_FOLLOW_UP = 3, -3.0
"""Passages read again for a follow-up's own words alone; and a sum of log-odds, that what was found is of use
and that one of these tells what those words ask, below which nothing tells it: tickets aren't told of by what
tells of the garden that was asked about before. Of 85 follow-ups of ours and visible ones 2 are below it, of
266 questions that nothing treats, each asked after one that something does, 215."""

_SURE = 0.3
"""Probability of being of use from which passages found for several questions together are kept: 22 of 24
letters of ours had that, and none of six that nothing answers."""

_SURELY_OF_US = 0.6
"""The same for a question asked of the institution by its name: "What does your office do?" and six like it
have .66 and more then, questions about penguins, cheese or a cat at most .51. So are questions of yes or no,
which may name something: "Do you deal with Spain, too?" finds the offices' countries, Germany nothing. It
takes .14 s more where nothing was surely found (19 such questions, median .28 s; 2 cores of an AMD EPYC with
VNNI, 24 GiB, 2026-12-03)."""

_TOLD_OF_EACH = 2
"""Passages shown of each question of a message that asks several."""

_SIDES_AT_MOST, _TOLD_OF_ALL_SIDES = 3, 7
"""Things that a comparison may name to be asked about each, and passages shown of all of them."""

_ORDERS = "orders"
"""What a whole message does that gives orders, whatever a part of it asks."""

_ASKS_FOR_NEWS = 0.65
"""Probability of asking for the latest from which a question that nothing is near to wants any news;
set by hand: questions for news of anything have .7 to 1."""

_TELLS_NEWS = 0.3
"""Relevance of a passage from which it is the news asked for: of 30 such questions on three collections,
those for news of anything mostly have less, those for the next conference mostly more."""

_OF_ITSELF = 5.0
"""Score of the nearest passage below which a question that names nothing is about what its letter names: with
the same letters at most 4.6; "How do I start a twinning?" reached 5.5."""

_SAYS_SOMETHING = 4
"""Letters and digits from which a question says something beside its names; set by hand."""

_KEPT_AT_MOST = 512
"""Questions of a generation whose investigations are kept: as many as are suggested in four languages."""


@dataclass(frozen=True)
class Investigation:
    """What was found for a question, before it is decided whether that answers.

    `candidates`, `evidence` (for one value) and `points` (for more than that) are likeliest first, whatever
    their probability; `related` are the documents to name if nothing answers. All are empty where the message
    is conversation. `index`: the generation that all of it is from. `taken`: the question with its
    misspelt words put right, if that is worth saying. `follows`: the earlier questions that it was understood
    after, as they were said, oldest first. `unheard_of`: it names something that no document has, of which
    `unmentioned` are the names. `apart`: it was asked in parts, of which only what is worth showing is left.
    """

    question: Question
    intent: Intent
    index: Index
    candidates: list[Candidate]
    evidence: list[Evidence]
    points: list[Evidence]
    related: list[Document]
    timings_ms: dict[str, float]
    taken: str = ""
    follows: Sequence[str] = ()
    unheard_of: bool = False
    unmentioned: Sequence[str] = ()
    apart: bool = False
    another: str = ""


@dataclass(frozen=True)
class _Wanted:
    """What a message wants: its `question`, which reply that asks for, and what it may follow.

    A message that only names something else, as "And Kanazawa?", is the question before it, asked of that:
    of `another`. `said`: the questions before it, as they were said. `taken`: as for Investigation.
    """

    question: Question
    intent: Intent
    before: Before | None
    another: str = ""
    said: Sequence[str] = ()
    taken: str = ""


@dataclass(frozen=True)
class _Near:
    """What is near to a question, and the `question` that was looked for: if it `follows`, after the ones
    before it."""

    question: Question
    follows: bool
    candidates: list[Candidate]
    readings: Readings


@dataclass(frozen=True)
class Certainty:
    """From which probability something is said: an answer with its quote, or passages without one."""

    answer: float
    passages: float


class Investigator:
    """Finds what may answer messages. Safe to use from several threads."""

    def __init__(
        self, model: EmbeddingModel, reader: Reader, reranker: Reranker | None, settings: Settings
    ) -> None:
        self.classifier = Classifier(model)
        self._model = model
        self._reader = reader
        self._reranker = reranker
        self._strictness, self._certain = settings.strictness, threshold(settings.strictness)
        self._institution_in = settings.owner.institution
        self._institution = sorted(filter(None, self._institution_in.values()), key=len, reverse=True)
        self._spellings: weakref.WeakKeyDictionary[Index, Spelling] = weakref.WeakKeyDictionary()
        self._kept: weakref.WeakKeyDictionary[Index, dict[tuple[Question, bool], dict[str, Any]]]
        self._kept = weakref.WeakKeyDictionary()

    def understand(self, text: str, language: str | None, interface_language: str | None) -> Question:
        """Check a message, and find its language and what it asks. Raises: QuestionRejected."""
        question = understand(text, language, interface_language, self.classifier.language)
        asked = self.classifier.asked(question.text, question.asked_in)
        told, asked = self.classifier.read(asked, question.asked_in)
        return replace(question.asked_as(asked), told=told)

    def investigate(
        self,
        asked: Question,
        history: Sequence[Turn],
        index: Index,
        within: Collection[str] | None = None,
        *,
        understood_ms: float = 0.0,
        written: bool = False,
    ) -> Investigation:
        """Find what may answer a question; if nothing surely does, and it asks several things, each of them.

        history: earlier turns, oldest first. within: the sources to look in; None for all.
        understood_ms: what went before. written: by a language model; evidence is looked for in any case.
        A question that was kept is answered by what was found then, if it follows nothing.
        """
        if not history and within is None and (known := self._kept.get(index, {}).get((asked, written))):
            timings = {"understand": understood_ms, "total": understood_ms}
            return Investigation(index=index, timings_ms=timings, **known)
        turns, each = list(history), []
        if asked.told:
            told = self._spelling_of(index).corrected(asked.told, asked.asked_in).text
            turns.append(Turn(role="user", content=told))
        found = self._investigated(asked, turns, index, within, understood_ms, written)
        if found.another and not self._tells(found):
            asked = replace(asked.asked_as(found.another), text=found.another)
            found = self._investigated(asked, (), index, within, found.timings_ms["total"], written)
        if not found.candidates:
            return found
        if found.intent.kind == "howto" and use_of_passages(found) < _SURE:
            found = self._as_anyone_asks(asked, found, turns, index, within, written)
        if not found.follows and use_of_passages(found) < _SURE:
            found = self._asked_of_us(asked, found, index, within, written)
        parts = self.classifier.asked_apart(asked.read_text, asked.asked_in)
        sides = [] if parts else _sides(found)
        if not (parts or sides):
            return found
        if sides:
            return self._compared(found, sides, within)
        if self._tells(found) and use_of_passages(found) >= _SURE:
            return replace(found, intent=_asking_several(found.intent))
        answered = True
        for part in parts:
            of_part = replace(asked.asked_as(part), text=part)
            one = self._investigated(of_part, turns, index, within, found.timings_ms["total"], written)
            turns.append(Turn(role="user", content=part))
            leans = one.intent.points_back >= MAY_POINT_BACK and not _names_in(of_part, index)
            answered = bool(one.candidates) and self._tells(one) and (answered or not leans)
            if answered:
                each.append(one)
        return _together(found, each) if each or asked.told else found

    def keep(self, asked: Question, written: bool, found: Investigation) -> None:
        """Keep what was found for a question, for as long as its index: for what is suggested to many."""
        kept = self._kept.setdefault(found.index, {})
        if len(kept) < _KEPT_AT_MOST:
            # The index in what is kept for it would keep itself.
            without = {"index", "timings_ms"}
            kept[asked, written] = {name: told for name, told in vars(found).items() if name not in without}

    def _as_anyone_asks(
        self,
        asked: Question,
        found: Investigation,
        turns: Sequence[Turn],
        index: Index,
        within: Collection[str] | None,
        written: bool,
    ) -> Investigation:
        """Return what is of most use to who asks how something is done: what they say, or only what they ask.

        "We're a village in Burgundy, how do we find a partner?" is about finding one; "…, how do we start?"
        follows what is told before it.
        """
        told, asks = self.classifier.read_clauses(asked.read_text, asked.asked_in)
        if not told:
            return found
        clause, spent = asked.asked_as(asks), found.timings_ms["total"]
        if self._intent(clause).points_back >= POINTS_BACK:
            clause, turns = replace(clause, told=told), [*turns, Turn(role="user", content=told)]
        one = self._investigated(clause, turns, index, within, spent, written)
        return max(found, one, key=use_of_passages)

    def _asked_of_us(
        self,
        asked: Question,
        found: Investigation,
        index: Index,
        within: Collection[str] | None,
        written: bool,
    ) -> Investigation:
        """Return what is found if a question is about the institution, else what was found without that.

        "What do you do?" may be, "Tell me about Nara" is about what it names; "Do you deal with Spain?" may
        be, whatever it names.
        """
        kind = found.intent.kind
        may_be = kind == "yes_no" or (kind == "overview" and not _names_in(asked, index))
        if not self._institution or not may_be:
            return found
        name = self._institution_in.get(asked.asked_in) or self._institution[0]
        about_us = asked.asked_as(f"{name}: {asked.read_text}")
        spent = found.timings_ms["total"]
        one = self._investigated(about_us, (), index, within, spent, written)
        return one if one.candidates and use_of_passages(one) >= _SURELY_OF_US else found

    def _compared(
        self, found: Investigation, sides: Sequence[str], within: Collection[str] | None
    ) -> Investigation:
        """Return a comparison with what is told of all, and of each side asked alone, by turns."""
        started = time.perf_counter()
        index, told = found.index, [found.points]
        for side in sides:
            asked = found.question.asked_as(side)
            candidates, readings = self._candidates(asked, index, within), self._readings(asked, index)
            at_most = READ_AT_MOST // len(sides)
            told.append(find_points(asked, found.intent, candidates, index, readings, at_most))
        points: list[Evidence] = []
        for piece in filter(None, chain.from_iterable(zip_longest(*told))):
            if len(points) < _TOLD_OF_ALL_SIDES and not any(overlap(piece, known) for known in points):
                points.append(piece)
        spent = milliseconds(started, time.perf_counter())
        timings = {part: round(found.timings_ms[part] + spent, 1) for part in ("read", "total")}
        return replace(found, points=points, timings_ms=found.timings_ms | timings)

    def _tells(self, found: Investigation) -> bool:
        """True if something would be shown."""
        least = certainty_for(found, self._strictness)
        sure = bool(found.evidence) and found.evidence[0].probability >= least.answer
        return sure or not found.candidates or use_of_passages(found) >= least.passages

    def _investigated(
        self,
        asked: Question,
        history: Sequence[Turn],
        index: Index,
        within: Collection[str] | None,
        understood_ms: float,
        written: bool,
    ) -> Investigation:
        """Investigate a message as one question: understood, retrieved and read, in that order."""
        started = time.perf_counter()
        said, intent = asked, self._intent(asked)
        follows = bool(history) and _only_asks(asked)
        surely_talks = intent.talks >= _SURELY_TALKS and not _names_in(asked, index)
        talks = intent.act is not None and not follows and (surely_talks or not _is_about(asked.text, index))
        if talks and not intent.asks_hours:
            return _conversation(
                asked, intent, index, understood_ms + milliseconds(started, time.perf_counter())
            )
        spelling = self._spelling_of(index)
        correction = spelling.corrected(asked.search_text, asked.asked_in)
        taken = _taken(asked, correction.spelled)
        if correction.text != asked.search_text:
            asked = asked.asked_as(correction.text)
            intent = self._intent(asked)
        asked = asked.asked_as(spelling.named(asked.search_text, asked.asked_in))
        wanted = self._wanted(asked, intent, history, index, within)
        wanted = replace(wanted, taken=taken)
        spent = understood_ms + milliseconds(started, time.perf_counter())
        found = self._found(wanted, index, within, spent, written)
        if talks and not self._tells(found):
            return _conversation(said, intent, index, found.timings_ms["total"])
        return found

    def _found(
        self,
        wanted: _Wanted,
        index: Index,
        within: Collection[str] | None,
        understood_ms: float,
        written: bool,
    ) -> Investigation:
        """Look for a question alone, or after those before it if it follows them.

        One that names something, or only may follow, is looked for either way, and told what is of more use.
        What surely follows and names nothing, or nothing but a name as "And in Brittany?", is about what was
        asked before, or nothing tells of it.
        """
        asked, points_back = wanted.question, wanted.intent.points_back
        if asked.told:
            follows = points_back >= POINTS_BACK or self._lacks_subject(asked, index, within)
        else:
            follows = points_back >= MAY_POINT_BACK
        if wanted.before is None or not follows:
            return self._looked_for(wanted, None, index, within, understood_ms, written)
        after = self._looked_for(wanted, wanted.before, index, within, understood_ms, written)
        if wanted.another or asked.told:
            return after
        tells = self._tells_of_follow_up(after, asked)
        asks_itself = without_interrogative(asked.search_text, asked.asked_in) != asked.search_text
        elliptic = wanted.intent.kind != "name" and not asks_itself and bool(only_named(asked, index))
        if points_back >= POINTS_BACK and (elliptic or not _names_in(asked, index)):
            return after if tells else replace(after, evidence=[], points=[])
        alone = self._looked_for(wanted, None, index, within, after.timings_ms["total"], written)
        return after if tells and use_of_passages(after) > use_of_passages(alone) else alone

    def _looked_for(
        self,
        wanted: _Wanted,
        before: Before | None,
        index: Index,
        within: Collection[str] | None,
        understood_ms: float,
        written: bool,
    ) -> Investigation:
        """Retrieve and read what may answer a question after the questions `before` it, or alone."""
        started = time.perf_counter()
        asked = wanted.question
        near = self._near(asked, before, index, within)
        retrieved = time.perf_counter()
        subject = _subject(wanted, before, index)
        evidence: list[Evidence] = []
        if wanted.intent.one_sentence >= _MAY_ASK_ONE_SENTENCE or written:
            evidence = _evidence(near, subject, index)
        points = self._points(wanted, near, evidence, subject, index)
        if evidence and evidence[0].probability < self._certain:
            evidence = _evidence(
                near, subject, index, near.readings.most_relevant(near.candidates, _MOST_RELEVANT)
            )
        read = time.perf_counter()
        # Who asks how something is done may name a place of their own: "a village in Burgundy".
        is_howto = wanted.intent.kind == "howto"
        unmentioned = [] if is_howto else unheard_of(asked.read_text, asked.asked_in, index.lexical)
        return Investigation(
            question=near.question,
            intent=wanted.intent,
            index=index,
            candidates=near.candidates,
            evidence=evidence,
            points=points,
            related=_related(near.candidates, index, near.question.language),
            timings_ms={
                "understand": round(understood_ms, 1),
                "retrieve": milliseconds(started, retrieved),
                "read": milliseconds(retrieved, read),
                "total": round(understood_ms + milliseconds(started, read), 1),
            },
            taken=wanted.taken,
            follows=wanted.said if wanted.another or near.follows else (),
            unheard_of=bool(unmentioned) or (not is_howto and _found_unheard_of(near, index)),
            unmentioned=unmentioned,
            another=wanted.another,
        )

    def _tells_of_follow_up(self, found: Investigation, asked: Question) -> bool:
        """True if what was found for a follow-up tells of its own words, not only of what was asked before.

        asked: the follow-up as it stands.
        """
        pieces = sorted(found.points, key=lambda piece: -piece.probability) + found.evidence[:1]
        best = [
            one
            for piece in pieces
            for one in found.candidates
            if one.passage.source == piece.source and piece.start <= one.passage.start < piece.end
        ]
        told = self._readings(asked, found.index).relevance(list(dict.fromkeys(best))[:_READ_ALONE])
        of_use = log_odds(use_of_passages(found))
        return not told or of_use + max(told) >= _TELL_OF_FOLLOW_UP

    def retrieve(self, question: str, index: Index, at_most: int) -> list[tuple[Candidate, Document]]:
        """Return the passages likeliest to answer, best first, each with its document, without reading them.

        Raises: QuestionRejected.
        """
        asked = self.understand(question, None, None)
        found = distinct_candidates(self._candidates(asked, index, None))[:at_most]
        return [(candidate, index.document(candidate.passage.source)) for candidate in found]

    def _intent(self, asked: Question) -> Intent:
        """Return what a message wants; it is conversation only if all of it is, or gives orders."""
        intent = self.classifier.intent(asked.read_text, asked.asked_in)
        if intent.act is None and (unnamed := self._said_to_us(asked.read_text)):
            said = self.classifier.intent(unnamed, asked.asked_in)
            intent = said if said.act == "contact" else intent
        if not asked.told:
            return intent
        whole = self.classifier.intent(asked.text, asked.asked_in).act
        return replace(intent, act=whole if intent.act or whole == _ORDERS else None)

    def _said_to_us(self, text: str) -> str:
        """Return a message without the institution's name, as who means it says "you"; empty without one."""
        names = "|".join(map(re.escape, self._institution))
        unnamed = re.sub(names, " ", text, flags=re.IGNORECASE) if names else text
        return "" if unnamed == text else " ".join(unnamed.split())

    def _wanted(
        self,
        asked: Question,
        intent: Intent,
        history: Sequence[Turn],
        index: Index,
        within: Collection[str] | None,
    ) -> _Wanted:
        """Return what a message wants, given what was said before it."""
        before = self._before(asked, history, index, within)
        if before is None:
            return _Wanted(asked, intent, None)
        another = None
        if intent.points_back >= MAY_POINT_BACK:
            another = asked_of_another(before.questions, asked, index)
        if another is None:
            return _Wanted(asked, intent, before, said=before.said)
        *earlier, text = another
        kinds = self.classifier.intent(text, asked.asked_in)
        return _Wanted(
            asked.asked_as(text),
            replace(kinds, points_back=intent.points_back),
            replace(before, questions=earlier) if earlier else None,
            only_named(asked, index),
            before.said,
        )

    def _before(
        self, asked: Question, history: Sequence[Turn], index: Index, within: Collection[str] | None
    ) -> Before | None:
        """Return what a question may follow, or None if nothing was asked before it."""

        def named(text: str) -> str:
            return self._spelling_of(index).named(text, asked.asked_in)

        said = asked_before(history, lambda text: self.classifier.intent(text, asked.asked_in))
        if not said:
            return None
        questions = with_names_put_in([*map(named, said)], asked, index)
        cited = cited_last(history) or self._nearest_to(" ".join(questions), index, within)
        return Before(said, questions, cited)

    def _lacks_subject(self, asked: Question, index: Index, within: Collection[str] | None) -> bool:
        """True if a letter's question names nothing, and nothing is near to it as it stands."""
        return not _names_in(asked, index) and _nearest(self._candidates(asked, index, within)) < _OF_ITSELF

    def _near(
        self, asked: Question, before: Before | None, index: Index, within: Collection[str] | None
    ) -> _Near:
        """Look for a question after the questions before it, or alone."""
        if before is None:
            return _Near(asked, False, self._candidates(asked, index, within), self._readings(asked, index))
        following = asked_after(before.asked, asked, index)
        by_name = following.asked_as(following.read_text)
        found, named = (self._candidates(each, index, within) for each in (following, by_name))
        candidates = favouring(nearest_of_both(found, named), before.cited)
        return _Near(following, True, candidates, self._readings(following, index))

    def _points(
        self,
        wanted: _Wanted,
        near: _Near,
        evidence: Sequence[Evidence],
        subject: Subject | None,
        index: Index,
    ) -> list[Evidence]:
        """Return the passages to show where no value is, or beside it; for any news, what is to come near the
        question, or else the newest documents.

        Asked when or where the next conference is, only what is near and repeats a word of that tells it.
        """
        asked, intent, candidates = near.question, wanted.intent, near.candidates
        sure = bool(evidence) and evidence[0].probability >= self._certain
        headline = sure and intent.asks_one_value and not asked.asks_of_today
        at_most = ENOUGH_READ if headline else READ_AT_MOST  # with a headline nothing more is shown
        points = find_points(asked, intent, candidates, index, near.readings, at_most, subject)
        is_near = bool(_names_in(asked, index)) and _nearest(candidates) >= RELATED_SCORE
        is_told = any(point.probability >= _TELLS_NEWS for point in points)
        asks_for_news = intent.kinds["latest"] >= _ASKS_FOR_NEWS
        if near.follows or is_near or is_told or not asks_for_news:
            return points
        if asked.expects is not AnswerType.OTHER:
            near_enough = [one for one in candidates if one.coverage > 0 and one.score >= RELATED_SCORE]
            return upcoming(near_enough, index) or points
        return upcoming(candidates, index) or newest_documents(index, asked.language) or points

    def _nearest_to(self, before: str, index: Index, within: Collection[str] | None) -> Collection[str]:
        """Return the documents that what was asked before is likely to have been answered from."""
        found = index.search(before, self._model.query_vector(before), within)
        return list(dict.fromkeys(one.passage.source for one in found))[:_ANSWERED_FROM]

    def _readings(self, asked: Question, index: Index) -> Readings:
        return Readings(self._reader, asked, index)

    def _spelling_of(self, index: Index) -> Spelling:
        """Return what puts questions right by a generation's words, made once and let go with it."""
        spelling = self._spellings.get(index)
        if spelling is None:
            spelling = self._spellings[index] = Spelling(index.lexical, index.texts)
        return spelling

    def _candidates(self, asked: Question, index: Index, within: Collection[str] | None) -> list[Candidate]:
        vector = self._model.query_vector(asked.search_text)
        candidates = with_rows_asked_for(asked, index.search(asked.search_text, vector, within), index)
        unnamed = _without_names(asked, index)
        if unnamed is not None:
            vector = self._model.query_vector(unnamed)
            candidates = index.with_subjects(candidates, asked.search_text, vector)
        if self._reranker is None:
            return candidates
        return self._reranker.rerank(asked.search_text, candidates)


def certainty_for(found: Investigation, strictness: Strictness) -> Certainty:
    """Return from which probability something is said of what was found."""
    if found.apart:
        return Certainty(threshold(strictness), 0.0 if found.points else 1.0)
    if found.unheard_of and not found.intent.asks_hours:  # Christmas may be any public holiday
        return Certainty(unheard_threshold(strictness), unheard_threshold(strictness))
    # Who it is today no document surely says, and hours stand beside the contact: what is near may help.
    may_help = found.question.asks_of_today or found.intent.asks_hours
    one_sentence = 0.0 if may_help else found.intent.one_sentence
    return Certainty(threshold(strictness), passages_threshold(strictness, one_sentence))


def use_of_passages(found: Investigation) -> float:
    """Return the probability that the passages found are of use; 0 without any."""
    relevance = max((piece.probability for piece in found.points), default=0.0)
    answers = max((piece.probability for piece in found.evidence), default=None)
    return worth_showing(relevance, answers, found.intent.one_sentence) if found.points else 0.0


def _sides(found: Investigation) -> list[str]:
    """Return what a comparison asks of each thing that it names: its words without the other names."""
    question, text = found.question, found.question.search_text
    names = names_in(text, question.asked_in, Known(found.index.lexical.spellings))
    if found.intent.kind != "comparison" or not 2 <= len(names) <= _SIDES_AT_MOST:
        return []
    return [_without(text, [other for other in names if other is not one]) for one in names]


def _together(found: Investigation, each: Sequence[Investigation]) -> Investigation:
    """Return what was found for each of several questions as passages for all of them."""
    points: list[Evidence] = []
    for one in each:
        answers = [
            replace(piece, highlight=None, short_answer=None)
            for piece in one.evidence[:1]
            if piece.probability > max((point.probability for point in one.points), default=0.0)
        ]
        apart = [point for point in one.points if not any(overlap(point, piece) for piece in answers)]
        told = [piece for piece in (*answers, *apart) if not any(overlap(piece, known) for known in points)]
        points += told[:_TOLD_OF_EACH]
    intent = _asking_several(found.intent)
    return replace(
        found,
        intent=intent,
        evidence=[],
        points=points,
        follows=list(dict.fromkeys(text for one in each for text in one.follows)),
        unheard_of=False,
        timings_ms=each[-1].timings_ms if each else found.timings_ms,
        apart=True,
    )


def _conversation(asked: Question, intent: Intent, index: Index, understood_ms: float) -> Investigation:
    """Return what was found for a message that asks the documents nothing."""
    spent = round(understood_ms, 1)
    return Investigation(asked, intent, index, [], [], [], [], {"understand": spent, "total": spent})


def _subject(wanted: _Wanted, before: Before | None, index: Index) -> Subject | None:
    """Return what a question is about, where its own words don't ask it; None where they do.

    before: the questions that it is looked for after, if it is.
    """
    asked = wanted.question
    if wanted.another:
        return Subject.named(wanted.another, asked.asked_in, index)
    if before is not None:
        return None if _names_in(asked, index) else Subject.before(before, asked.asked_in, index)
    return Subject.bare(asked.search_text, index) if wanted.intent.kind == "name" else None


def _evidence(
    near: _Near, subject: Subject | None, index: Index, also: Sequence[Candidate] = ()
) -> list[Evidence]:
    """Return the sentences that may answer with one value; only those that tell of the subject, if any."""
    pieces = find_evidence(near.question, near.candidates, index, near.readings, also)
    return pieces if subject is None else [piece for piece in pieces if subject.tells(piece)]


def _found_unheard_of(near: _Near, index: Index) -> bool:
    """True if no passage counts the edition that is asked of, or a letter named only what no document has."""
    asked = near.question
    passages = (one.passage for one in near.candidates)
    if counts_the_unheard_of(asked.read_text, asked.asked_in, passages):
        return True
    return (
        bool(asked.told)
        and near.follows
        and names_only_the_unheard_of(asked.told, asked.asked_in, index.lexical)
    )


def _nearest(candidates: Sequence[Candidate]) -> float:
    """Return the score of the nearest candidate, 0 without any."""
    return max((one.score for one in candidates), default=0.0)


def _names_in(question: Question, index: Index) -> int:
    """Return how many places, persons and other things a question names."""
    spellings, text = index.lexical.spellings, question.search_text
    return len(names_in(text, question.asked_in, Known(spellings))) or len(spellings.names_in(text))


def _asking_several(intent: Intent) -> Intent:
    """Return the intent of a message in which several things are asked: no one value answers it."""
    return replace(intent, kinds=dict.fromkeys(intent.kinds, 0.0) | {"multi": 1.0}, asks_figure=False)


def _without_names(question: Question, index: Index) -> str | None:
    """Return what a question asks without the names in it; None if it has none, or says nothing else."""
    text = question.search_text
    names = names_in(text, question.asked_in, Known(index.lexical.spellings))
    rest = _without(text, names)
    return rest if names and sum(map(str.isalnum, rest)) >= _SAYS_SOMETHING else None


def _without(text: str, names: Sequence[Name]) -> str:
    """Return a text without some names of it, given in order."""
    for name in reversed(names):
        text = f"{text[: name.start]} {text[name.end :]}"
    return " ".join(text.split())


def _taken(asked: Question, spelled: Sequence[tuple[str, str]]) -> str:
    """Return what is asked with its misspelt words put right; empty if they are but everyday words."""
    if all(is_frequent(taken, asked.asked_in) for _, taken in spelled):
        return ""
    text = asked.own_text
    for word, taken in spelled:
        text = text.replace(word, taken)
    return text


def _only_asks(asked: Question) -> bool:
    """True for a question word alone, as "What day?": without a question before it, that is small talk."""
    return not any(map(str.isalnum, without_interrogative(asked.text, asked.asked_in)))


def _is_about(text: str, index: Index) -> bool:
    """True if all that a message says stands in one passage, as does a bare name: no conversation, then."""
    return bool(index.lexical.coverage(text).max(initial=0.0) == 1.0)


def _related(candidates: Sequence[Candidate], index: Index, language: str) -> list[Document]:
    """Return the documents that are near, each in the asker's language if it has an edition in that."""
    near = (one.passage.source for one in candidates if one.score >= RELATED_SCORE)
    sources = dict.fromkeys(index.edition_in(language, source) or source for source in near)
    found = [index.document(source) for source in sources]
    return sorted(found, key=lambda document: document.metadata[LANGUAGE] != language)


def milliseconds(start: float, end: float) -> float:
    """Return the time from start to end, both in seconds."""
    return round((end - start) * 1000, 1)
