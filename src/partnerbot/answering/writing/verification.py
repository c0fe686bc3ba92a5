"""Which of a model's sentences may be shown: each must be carried by quotes of what it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partnerbot.answering.writing.cited_sentences import CitedSentence
from partnerbot.answering.writing.excerpts import Excerpt
from partnerbot.answering.writing.facts import Findings, Surroundings, check_facts, facts_in
from partnerbot.answering.writing.mentions import Known
from partnerbot.answering.writing.orders import gives_orders
from partnerbot.answering.writing.support import (
    ExcerptVectors,
    Likeness,
    SupportJudge,
    chance,
    clauses,
    threshold,
)
from partnerbot.documents.language import detect_language
from partnerbot.documents.scripts import is_mainly_unspaced

_CONSIDERED = 3
"""Sentences of an excerpt, most similar first, that a statement is compared with in detail."""

_FOUND_WEIGHT = 0.5
"""Standard deviations of similarity that a value or name found in a sentence is worth."""

_FAR_FROM_QUESTION = 0.0
"""A sentence less like the question than ordinary text is, in standard deviations, doesn't answer it."""

_LETTERS_THAT_TELL_A_LANGUAGE = 25

_MARKUP = re.compile(
    r"https?:|www\.|//|\w@\w|<[^>]*>?|&[#\w]+;|!\[|\]\(|`|\{|\}|\b\w+\.(?:com|org|net|fr|jp|eu|io|info)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Quote:
    """The consecutive sentences of an excerpt that carry a statement: `document[start:end]`."""

    excerpt: Excerpt
    start: int
    end: int
    chance: float

    @property
    def text(self) -> str:
        """The quote, verbatim."""
        return self.excerpt.document.page_content[self.start : self.end]


@dataclass(frozen=True)
class Verdict:
    """What came of one sentence: the quotes that carry it, or the reason why it is not shown.

    `reason` is a word for logs and reports: markup, uncited, invented_citation, language, order,
    off_topic, value, name, country, negation, roles or meaning.
    """

    quotes: tuple[Quote, ...] = ()
    reason: str | None = None


class Shown:
    """The excerpts a model was shown, with their vectors, computed when first needed."""

    def __init__(self, excerpts: Sequence[Excerpt], judge: SupportJudge) -> None:
        self.excerpts = list(excerpts)
        self._judge = judge
        self._vectors: dict[int, ExcerptVectors] = {}

    def vectors(self, excerpt: Excerpt) -> ExcerptVectors:
        """Return an excerpt's vectors."""
        if excerpt.number not in self._vectors:
            self._vectors[excerpt.number] = self._judge.excerpt_vectors(excerpt)
        return self._vectors[excerpt.number]

    def numbered(self, number: int) -> Excerpt | None:
        """Return the excerpt with a number, or None if there is none."""
        return next((excerpt for excerpt in self.excerpts if excerpt.number == number), None)


class Verifier:
    """Judges sentences. Safe to use from several threads."""

    def __init__(self, judge: SupportJudge) -> None:
        self.judge = judge

    def verify(
        self, sentence: CitedSentence, language: str, question: str, shown: Shown, known: Known
    ) -> Verdict:
        """Decide on one sentence of an answer in `language` to a question."""
        text = sentence.text
        if _MARKUP.search(text):
            return Verdict(reason="markup")
        if not sentence.numbers:
            return Verdict(reason="uncited")
        cited = [shown.numbered(number) for number in sentence.numbers]
        excerpts = [excerpt for excerpt in cited if excerpt is not None]
        if len(excerpts) < len(cited):
            return Verdict(reason="invented_citation")
        if not in_language(text, language):
            return Verdict(reason="language")
        if gives_orders(text) or text.endswith(("?", "？")):
            return Verdict(reason="order")
        if self._is_far_from(text, question, language):
            return Verdict(reason="off_topic")
        return self._carried(text, language, excerpts, shown, known)

    def examine(
        self, statement: str, language: str, shown: Shown, excerpt: Excerpt, known: Known
    ) -> tuple[Likeness, str | None]:
        """Return how like an excerpt's best sentence a statement is, and what is wrong with its facts."""
        position, findings = self._best(statement, language, shown, excerpt, known)
        vectors = shown.vectors(excerpt)
        return (
            self.judge.likeness(
                statement, language, excerpt, position, vectors, facts_in(statement, language, known)
            ),
            findings.reason,
        )

    def _carried(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> Verdict:
        verdicts = [self._by_one(text, language, excerpt, shown, known) for excerpt in excerpts]
        quotes = tuple(quote for verdict in verdicts for quote in verdict.quotes)
        if quotes:
            return Verdict(quotes)
        pieces = clauses(text)
        if len(excerpts) > 1 and len(pieces) > 1:
            parts = [
                next(
                    (v for e in excerpts if (v := self._by_one(piece, language, e, shown, known)).quotes),
                    None,
                )
                for piece in pieces
            ]
            if all(parts):
                return Verdict(tuple(dict.fromkeys(q for part in parts if part for q in part.quotes)))
        return verdicts[0]

    def _by_one(self, text: str, language: str, excerpt: Excerpt, shown: Shown, known: Known) -> Verdict:
        position, findings = self._best(text, language, shown, excerpt, known)
        if findings.reason is not None:
            return Verdict(reason=findings.reason)
        likeness = self.judge.likeness(
            text, language, excerpt, position, shown.vectors(excerpt), facts_in(text, language, known)
        )
        probability = chance(likeness)
        if probability < threshold():
            return Verdict(reason="meaning")
        first = position - ("before" in findings.parts)
        last = position + ("after" in findings.parts)
        start, end = excerpt.sentences[first][0], excerpt.sentences[last][1]
        return Verdict((Quote(excerpt, start, end, probability),))

    def _best(
        self, text: str, language: str, shown: Shown, excerpt: Excerpt, known: Known
    ) -> tuple[int, Findings]:
        """The sentence that most probably carries the text, and what its facts say."""
        (vector,) = self.judge.vectors([text])
        similar = shown.vectors(excerpt).sentences @ vector
        best: tuple[float, int, Findings] | None = None
        for position in np.argsort(-similar, kind="stable")[:_CONSIDERED].tolist():
            findings = check_facts(text, language, _around(excerpt, position), known)
            score = self.judge.in_deviations(vector, float(similar[position]), excerpt.language)
            score += _FOUND_WEIGHT * findings.found
            if best is None or score > best[0]:
                best = score, position, findings
        assert best is not None  # an excerpt has a sentence
        return best[1], best[2]

    def _is_far_from(self, text: str, question: str, language: str) -> bool:
        asked, said = self.judge.vectors([question, text])
        return self.judge.in_deviations(asked, float(asked @ said), language) < _FAR_FROM_QUESTION


def in_language(text: str, language: str) -> bool:
    """True unless the text is clearly in another language; names and figures alone tell nothing."""
    if language in ("ja", "zh", "ko") or is_mainly_unspaced(text):
        return detect_language(text, default=language) == language
    if sum(char.isalpha() for char in text) < _LETTERS_THAT_TELL_A_LANGUAGE:
        return True
    return detect_language(text, default=language) == language


def _around(excerpt: Excerpt, position: int) -> Surroundings:
    return Surroundings(
        main=excerpt.sentence(position),
        before=excerpt.sentence(position - 1),
        after=excerpt.sentence(position + 1),
        title=excerpt.title,
        language=excerpt.language,
        published=excerpt.published,
    )
