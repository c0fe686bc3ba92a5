"""From candidate passages to evidence: the sentence that answers, and the answer inside it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.answering.answer import Citation
from partnerbot.answering.confidence import Signals, probability
from partnerbot.answering.entities import Said, named_share, names_only_the_whole, same_answer
from partnerbot.answering.highlight import lacks_answer, locate_answer
from partnerbot.answering.mentions import Known, names_in
from partnerbot.answering.question import Question
from partnerbot.answering.question_type import AnswerType, asks_time_of_day
from partnerbot.answering.quoting import passages_at, quotable
from partnerbot.answering.readings import READ_TOGETHER, Readings
from partnerbot.answering.rows import cells_named
from partnerbot.answering.values import ordinals
from partnerbot.answering.values.times import time_spans
from partnerbot.documents.formats.tables import BETWEEN_CELLS, without_headings
from partnerbot.documents.metadata import EDITION, LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.index.passages import Passage
from partnerbot.index.search import Candidate, Index
from partnerbot.models.reader import Reading

_READ_AT_MOST = 5
"""Passages read one by one until one is convincing: each costs about 75 ms of processor time. On our own
subject the right document comes first for 74 % of the questions when three are read, 78 % for four and
83 % for five (docs/decisions/005-reader.md)."""

_ENOUGH = 0.8
"""Probability from which no further passage is read."""

_FURTHER_DOWN = 0.9
"""Standard deviations that the logarithm of a passage's place within its language counts against it. The
right document is among the first three and five for 90 and 100 % of the questions on our own subject (83 and
96 % with the nearest of either side of the language border first), on public sets for 92, 95 % (93, 94)."""

_HOPELESS = 1.5
"""Score, in standard deviations of ordinary text, below which a passage is not worth reading."""

CONSIDERED = 30
"""Candidates looked at: the right document is among the first 5 in 97 of 100 questions."""

_SHORT_ANSWER_CHARACTERS = 80

_UNRELATED = 2.5
"""What the best of a hundred unrelated documents would score: the largest of a hundred standard
normal values is 2.5 on average. A corpus of one document has no other to compare with."""

_SURELY_NOT = 20.0
"""Stands for "surely not here" in logits, where the reader gives minus infinity."""

_SPAN_SCORE = 0.0
"""Log-odds of the reader from which its span is shown as the answer; below, the sentence stands alone."""


_MAY_BE_SET_LARGE = 0.4
"""Probability from which an answer may be set large."""

_MAY_ANSWER = 0.25
"""Probability from which another article's answer makes that of a question without names doubtful."""

_SAID, _SAID_OF_NAME = -1.25, -0.5
"""Log-odds that a sentence supports question and answer together, from which the answer may be set large. Of
82 on public questions and our subject, 4 of 7 wrong answers are below, and 2 of 75 right ones. A name has a
limit of its own, since who only stood by is read for who signed: it costs 1 of 44 right names more."""

_RIVAL_SCORE = 2.0
_RIVAL_LIKENESS = 3.2
_RIVAL_LIKENESS_ACROSS = 4.5
_RIVAL_READING = 1.5
"""A passage at most so much less similar to the question than the likeliest one, with a sentence at least so
like the sentence quoted from that, in its language or across languages (all in standard deviations of
ordinary text), and of which the reader thinks so well (in log-odds), says the same, or disagrees with it.
Pairs of sentences with another value in one of them are alike by 3.3 to 6.1."""

_RIVALS_AT_MOST = 2
"""Passages that are read for this alone."""


@dataclass(frozen=True)
class Evidence:
    """A verbatim quote that may answer: `document.page_content[start:end]` is `quote`.

    `highlight` is the answer's [start, end) inside the quote, `short_answer` the answer as the
    asker would write it; None where it is not sure. `probability` is in [0, 1], higher is
    more likely to answer. `rival`: its sentence is so like the likeliest piece's, and answers so well,
    that one may be the other brought up to date.
    """

    document: Document
    quote: str
    start: int
    end: int
    highlight: tuple[int, int] | None
    short_answer: str | None
    probability: float
    rival: bool = False

    @property
    def source(self) -> str:
        """The document's source."""
        return str(self.document.metadata[SOURCE])

    @property
    def edition(self) -> str:
        """What an article and its translations have in common."""
        return str(self.document.metadata.get(EDITION, self.source))

    @property
    def published(self) -> str | None:
        """When the document appeared, ISO, if that is known."""
        published = self.document.metadata.get(PUBLISHED)
        return None if published is None else str(published)

    @property
    def language(self) -> str:
        """The quote's language."""
        return str(self.document.metadata[LANGUAGE])


def overlap(one: Evidence | Citation, other: Evidence | Citation) -> bool:
    """True if two quotes share a part of a document."""
    return one.source == other.source and one.start < other.end and other.start < one.end


def find_evidence(
    question: Question,
    candidates: Sequence[Candidate],
    index: Index,
    readings: Readings,
    also: Sequence[Candidate] = (),
) -> list[Evidence]:
    """Read the best candidates, and others, and return evidence, one piece a document, likeliest first.

    Similarity finds the right passages but can't order five on one subject, nor tell a near
    miss; the reader reads question and passage together and decides both.
    """
    distinct = distinct_candidates(candidates[:CONSIDERED])
    counted = of_the_same_number(question, [*distinct, *also])
    distinct, also = (
        [one for one in some if counted.get(one.passage.id) is not False] for some in (distinct, also)
    )
    named = index.lexical.named(question.search_text)
    known_names = Known(index.lexical.spellings)
    names_it = named.any() or bool(names_in(question.search_text, question.asked_in, known_names))
    pieces: dict[str, Evidence] = {}

    def keep(piece: Evidence) -> None:
        if names_only_the_whole(question.search_text, piece.quote, index.lexical.spellings):
            return
        known = pieces.get(piece.source)
        if known is None or (piece.probability, piece.rival) > (known.probability, known.rival):
            pieces[piece.source] = piece

    def read(candidate: Candidate) -> Evidence:
        reading = readings.of(candidate)
        chance = probability(signals(question, candidate, candidates, reading, index, named))
        return _quote(question, chance, candidate, reading, index)

    chosen = list(dict.fromkeys([*worth_reading(distinct), *also]))
    for place, candidate in enumerate(chosen):
        if readings.known(candidate) is None:
            readings.read(chosen[place : place + READ_TOGETHER])
        keep(read(candidate))
        # What names nothing may be answered of several things: all are read.
        if names_it and any(piece.probability >= _ENOUGH for piece in pieces.values()):
            break
    if not pieces:
        return []
    first = max(pieces.values(), key=lambda piece: piece.probability)
    for candidate in _in_own_language(first, distinct, question.language, index):
        keep(read(candidate))
    for rival in _rivals(question, first, distinct, candidates, index, readings, named):
        keep(rival)
    pieces.pop(first.source)
    ranked = [first, *sorted(pieces.values(), key=lambda piece: -piece.probability)]
    counts = question.expects is AnswerType.NUMBER
    if (counts or not names_it) and _answer_otherwise(ranked):
        return [replace(piece, short_answer=None) for piece in ranked]
    return [
        _with_answer_if_said(piece, question, readings)
        if _is_asked_for(piece, question, index)
        else replace(piece, short_answer=None)
        for piece in ranked
    ]


def of_the_same_number(question: Question, candidates: Sequence[Candidate]) -> dict[str, bool]:
    """Return by passage whether it tells of the sixth that is asked for, or only of a fifth.

    What has no ordinal, or only "first", which is said of much, is left out.
    """
    asked = ordinals(question.search_text, question.asked_in)
    if not asked:
        return {}
    told = {one.passage.id: ordinals(one.passage.text, one.passage.language) for one in candidates}
    return {id: bool(asked & known) for id, known in told.items() if asked & known or known - {1}}


def _answer_otherwise(ranked: Sequence[Evidence]) -> bool:
    """True if another article may well answer otherwise than the likeliest one: who signed, how many?"""
    first = answer_of(ranked[0])
    others = [
        answer_of(piece)
        for piece in ranked[1:]
        if piece.probability >= _MAY_ANSWER and piece.edition != ranked[0].edition and not piece.rival
    ]
    return first is not None and any(other is not None and not same_answer(first, other) for other in others)


def answer_of(piece: Evidence) -> Said | None:
    """Return a piece's answer in its document's words."""
    if piece.short_answer is None:
        return None
    text = piece.short_answer if piece.highlight is None else piece.quote[slice(*piece.highlight)]
    return Said(text, piece.language, piece.published)


def _in_own_language(
    first: Evidence, distinct: Sequence[Candidate], language: str, index: Index
) -> list[Candidate]:
    """Return what may say the same in the asker's language, if the likeliest piece is in another one.

    That is the best candidate of the same article, else the best of any.
    """
    if first.language == language:
        return []
    own = [one for one in distinct if one.passage.language == language and one.score >= _HOPELESS]
    same = [one for one in own if index.edition(one.passage.source) == first.edition]
    return (same or own)[:1]


def _with_answer_if_said(piece: Evidence, question: Question, readings: Readings) -> Evidence:
    """Take the answer back, and leave the sentence, where that doesn't say it of what is asked.

    Asked where Kumamoto is, "Kumamoto is twinned with Aix" has a place, and isn't about where it is.
    """
    if piece.short_answer is None or piece.probability < _MAY_BE_SET_LARGE:
        return piece
    title = str(piece.document.metadata.get(TITLE, ""))
    said = readings.support(f"{question.read_text} {piece.short_answer}", title, piece.quote)
    least = _SAID_OF_NAME if question.asks_name else _SAID
    return piece if said >= least else replace(piece, short_answer=None)


def _is_asked_for(piece: Evidence, question: Question, index: Index) -> bool:
    """Tell whether a row of a table is named by more of its cells than the other rows, which are like it.

    No row says of itself that it is the cheapest.
    On eight tables, 11 of 32 right values are so set large, and none for 20 questions on rows that none has.
    """
    if BETWEEN_CELLS not in piece.quote:
        return True
    if question.asks_for_most:
        return False
    others = [one for one in index.passages_of(piece.source) if BETWEEN_CELLS in one.text]
    beside = [
        cells_named(question, one.text, one.language)
        for one in others
        if not piece.start <= one.start < piece.end
    ]
    return cells_named(question, piece.quote, piece.language) > max(beside, default=0)


def _rivals(
    question: Question,
    first: Evidence,
    distinct: Sequence[Candidate],
    candidates: Sequence[Candidate],
    index: Index,
    readings: Readings,
    named: NDArray[np.float32],
) -> list[Evidence]:
    """Read what says nearly the same as the likeliest piece in other documents: its value may differ.

    Only where a value or a name is asked for: reasons and descriptions differ without disagreeing.
    """
    if question.expects is AnswerType.OTHER:
        return []
    quoted = passages_at(first.source, first.start, first.end, index)
    least = max((one.score for one in distinct if one.passage.source == first.source), default=0.0)
    found: dict[str, Evidence] = {}
    read = 0
    for candidate in distinct:
        passage = candidate.passage
        if read == _RIVALS_AT_MOST or candidate.score < least - _RIVAL_SCORE:
            break
        if passage.source in found or index.edition(passage.source) == first.edition:
            continue
        others = passages_at(passage.source, passage.context_start, passage.context_end, index)
        same = passage.language == first.language
        least_alike = _RIVAL_LIKENESS if same else _RIVAL_LIKENESS_ACROSS
        if max(max(index.likeness(one, others)) for one in quoted) < least_alike:
            continue
        read += readings.known(candidate) is None
        reading = readings.of(candidate)
        chance = probability(signals(question, candidate, candidates, reading, index, named))
        piece = replace(_quote(question, chance, candidate, reading, index), rival=True)
        if reading.score >= _RIVAL_READING and _names_all(question, passage, index):
            found[piece.source] = piece
    return list(found.values())


def _names_all(question: Question, passage: Passage, index: Index) -> bool:
    """True if a passage or its title has every name and year of the question, in whatever script."""
    spellings = index.lexical.spellings
    asked = question.search_text, question.asked_in
    return named_share(*asked, passage.text_in_context, passage.language, spellings) == 1.0


def signals(
    question: Question,
    candidate: Candidate,
    candidates: Sequence[Candidate],
    reading: Reading,
    index: Index,
    named: NDArray[np.float32],
) -> Signals:
    """Collect what speaks for one candidate among all that were found.

    named: of each passage of the index, the share of the question's names that it has, float32 [passages].
    """
    others = [other.score for other in candidates if other.passage.source != candidate.passage.source]
    margin = candidate.score - max([*others, _UNRELATED])
    asked, passage = question.search_text, candidate.passage
    return Signals(
        similarity=candidate.score,
        sentence=candidate.sentence_score,
        coverage=candidate.coverage,
        margin=max(margin, 0.0),
        kind=0.0 if lacks_answer(asked, question.asked_in, passage.context, passage.language) else 1.0,
        subject=_most_named(passage.source, named, index),
        reading=max(reading.score, -_SURELY_NOT),
    )


def _most_named(source: str, named: NDArray[np.float32], index: Index) -> float:
    rows = [index.texts.row(passage.id) for passage in index.passages_of(source)]
    return float(named[rows].max())


def distinct_candidates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out a passage whose sentence lies in the context of a better one: it is read with that one."""
    distinct: list[Candidate] = []
    for candidate in candidates:
        if not any(_within(candidate.passage, better.passage) for better in distinct):
            distinct.append(candidate)
    return distinct


def worth_reading(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Choose the candidates to read, likeliest first.

    Scores of different languages compare badly, so the place within a language counts, too.
    """
    places: defaultdict[str, count[int]] = defaultdict(partial(count, 1))
    likely = [one.score - _FURTHER_DOWN * math.log(next(places[one.passage.language])) for one in candidates]
    order = sorted(range(len(candidates)), key=lambda i: -likely[i])
    return [candidates[i] for i in order if candidates[i].score >= _HOPELESS][:_READ_AT_MOST]


def _within(passage: Passage, other: Passage) -> bool:
    return (
        passage.source == other.source
        and other.context_start <= passage.start
        and passage.end <= other.context_end
    )


def _quote(
    question: Question, chance: float, candidate: Candidate, reading: Reading, index: Index
) -> Evidence:
    """Quote the sentences that hold the reader's span, and mark the answer inside."""
    passage = candidate.passage
    document = index.document(passage.source)
    sure = reading.score >= _SPAN_SCORE
    first, last = passage.start, passage.end
    reach = first, last
    if sure:
        first, last = passage.context_start + reading.start, passage.context_start + reading.end
        reach = passage.context_start + reading.reach[0], passage.context_start + reading.reach[1]
    holding = passages_at(passage.source, *reach, index) or [passage]
    start, end = quotable(document.page_content, holding[0].start, holding[-1].end)
    if sure and not start <= first < last <= end:  # the answer stands in a heading
        start, end = holding[0].start, holding[-1].end
    quote = document.page_content[start:end]
    evidence = Evidence(document, quote, start, end, None, None, chance)
    if not sure:
        return evidence
    span = _with_times_beside(question, quote, passage.language, (first - start, last - start))
    in_cells = without_headings(quote)[slice(*span)]
    if BETWEEN_CELLS in in_cells or not in_cells.strip():
        return evidence  # more than one cell, or a heading
    located = locate_answer(question.own_text, question.asked_in, quote, passage.language, span)
    if located is not None:
        # Written as the asker would write it, unless they want the answer in another language.
        written = located.short_answer if question.asked_in == question.language else None
        said = quote[located.start : located.end]
        return replace(evidence, highlight=(located.start, located.end), short_answer=written or said)
    said = quote[slice(*span)]
    if lacks_answer(question.own_text, question.asked_in, said, passage.language):
        return evidence  # "when?" isn't answered by a name
    is_one = len(passages_at(passage.source, first, last, index)) == len(holding)
    if not is_one or len(said) > _SHORT_ANSWER_CHARACTERS or "\n" in said:
        return evidence
    return replace(evidence, highlight=span, short_answer=said)


def _with_times_beside(
    question: Question, quote: str, language: str, span: tuple[int, int]
) -> tuple[int, int]:
    """Return [start, end) of an answer with the times said together with it, if a time of day is asked for.

    Asked from when, the reader may have read until when.
    """
    if not asks_time_of_day(question.own_text, question.asked_in):
        return span
    beside = [
        (first, last) for first, last in time_spans(quote, language) if first < span[1] and span[0] < last
    ]
    return min([span, *beside])[0], max(last for _, last in [span, *beside])
