"""From candidate passages to evidence: the sentence that answers, and the answer inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from langchain_core.documents import Document

from partnerbot.answering.confidence import Signals, probability
from partnerbot.answering.highlight import lacks_answer, locate_answer
from partnerbot.answering.question import Question
from partnerbot.answering.reader import Reader, Reading
from partnerbot.documents.metadata import LANGUAGE, SOURCE, TRANSLATION_OF
from partnerbot.indexing.index import Candidate, Index
from partnerbot.indexing.passages import Passage

READ_AT_MOST = 8
"""Passages read for a question. Recall of the right document among as many is 97 to 98 % on
the visible sets, and each costs about 10 ms on 2 cores (docs/decisions/005-reader.md)."""

_OTHER_LANGUAGES_AT_LEAST = 3
"""Of the passages read, how many are of other languages than the question's, and how many of its own."""

_SHORT_ANSWER_CHARACTERS = 80

_UNREAD = 20.0
"""Stands for "surely not here" in logits, where the reader gives minus infinity."""

_SPAN_SCORE = 0.0
"""Log-odds of the reader from which its span is shown as the answer; below, the sentence stands alone."""


@dataclass(frozen=True)
class Evidence:
    """A verbatim quote that may answer: `document.page_content[start:end]` is `quote`.

    `highlight` is the answer's [start, end) inside the quote, `short_answer` the answer as the
    asker would write it; None where it is not sure. `probability` is in [0, 1], higher is
    more likely to answer.
    """

    document: Document
    quote: str
    start: int
    end: int
    highlight: tuple[int, int] | None
    short_answer: str | None
    probability: float

    @property
    def source(self) -> str:
        """The document's source."""
        return str(self.document.metadata[SOURCE])

    @property
    def edition(self) -> str:
        """What an article and its translations have in common."""
        return str(self.document.metadata.get(TRANSLATION_OF, self.source))

    @property
    def language(self) -> str:
        """The quote's language."""
        return str(self.document.metadata[LANGUAGE])


def find_evidence(
    question: Question, candidates: Sequence[Candidate], index: Index, reader: Reader
) -> list[Evidence]:
    """Read the best candidates and return evidence, likeliest first, one piece a document.

    Similarity finds the right passages but can't order five on one subject, nor tell a near
    miss; the reader reads question and passage together and decides both.
    """
    chosen = _worth_reading(candidates, question.language)
    if not chosen:
        return []
    readings = reader.read(
        question.search_text, [(candidate.passage.title, candidate.passage.context) for candidate in chosen]
    )
    best: dict[str, tuple[float, Candidate, Reading]] = {}
    for candidate, reading in zip(chosen, readings, strict=True):
        chance = probability(signals(question, candidate, candidates, reading))
        source = candidate.passage.source
        if source not in best or chance > best[source][0]:
            best[source] = chance, candidate, reading
    ranked = sorted(best.values(), key=lambda item: -item[0])
    return [_quote(question, chance, candidate, reading, index) for chance, candidate, reading in ranked]


def signals(
    question: Question, candidate: Candidate, candidates: Sequence[Candidate], reading: Reading
) -> Signals:
    """Collect what speaks for one candidate among all that were found."""
    others = [other.score for other in candidates if other.passage.source != candidate.passage.source]
    margin = candidate.score - max(others) if others else candidate.score
    return Signals(
        similarity=candidate.score,
        sentence=candidate.sentence_score,
        coverage=candidate.coverage,
        margin=max(margin, 0.0),
        reading=max(reading.score, -_UNREAD),
        kind=0.0
        if lacks_answer(
            question.search_text, question.language, candidate.passage.context, candidate.passage.language
        )
        else 1.0,
    )


def _worth_reading(candidates: Sequence[Candidate], language: str) -> list[Candidate]:
    """Choose the candidates to read: the best, some of each side of the language border.

    A passage whose sentence lies in the context of a better one is read with that one.
    """
    distinct: list[Candidate] = []
    for candidate in candidates:
        if not any(_within(candidate.passage, better.passage) for better in distinct):
            distinct.append(candidate)
    own = [candidate for candidate in distinct if candidate.passage.language == language]
    other = [candidate for candidate in distinct if candidate.passage.language != language]
    reserved = own[:_OTHER_LANGUAGES_AT_LEAST] + other[:_OTHER_LANGUAGES_AT_LEAST]
    rest = [candidate for candidate in distinct if candidate not in reserved]
    chosen = reserved + rest[: READ_AT_MOST - len(reserved)]
    return sorted(chosen, key=lambda candidate: -candidate.score)


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
    first = passage.context_start + reading.start if sure else passage.start
    last = passage.context_start + reading.end if sure else passage.end
    holding = [
        other for other in index.texts.passages_of(passage.source) if other.start < last and first < other.end
    ] or [passage]
    start, end = holding[0].start, holding[-1].end
    quote = document.page_content[start:end]
    evidence = Evidence(document, quote, start, end, None, None, chance)
    span = (first - start, last - start)
    located = locate_answer(question.search_text, question.language, quote, passage.language)
    if located is not None and (not sure or (located.start < span[1] and span[0] < located.end)):
        return replace(evidence, highlight=(located.start, located.end), short_answer=located.short_answer)
    if not sure or len(reading.text) > _SHORT_ANSWER_CHARACTERS:
        return evidence
    return replace(evidence, highlight=span, short_answer=reading.text)
