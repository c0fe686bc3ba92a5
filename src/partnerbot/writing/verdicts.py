"""Which of a model's sentences may be shown: each must be carried by quotes of the excerpts it was shown.

The quotes are found here. The numbers that a model writes say only where to look first.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from langchain_core.documents import Document

from partnerbot.answering.mentions import Known, Span, may_be_no_name, names_in
from partnerbot.documents.orders import gives_orders
from partnerbot.index.passages import display_width
from partnerbot.writing.alignment import Said
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.facts import Surroundings, check_facts, facts_in
from partnerbot.writing.gates import asks_for_secrets, has_markup, in_language
from partnerbot.writing.polarity import says_otherwise
from partnerbot.writing.relations import places_changed
from partnerbot.writing.support import (
    Likeness,
    Match,
    SupportJudge,
    Vectors,
    chance,
    match,
    match_among,
    threshold,
    words_between,
)

_log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")

_CONSIDERED = 3
"""Sentences of each language, most similar first, that a statement is compared with in detail."""

_SAME_WORD = 0.5
"""Mean match from which two words, one of them maybe a name by its form, mean the same."""

_NEARLY_AS_LIKE = 0.05
"""Mean match by which a sentence may be less like a text than the most similar one, and still carry it."""

_FAR_FROM_QUESTION = -1.0
"""A sentence less like the question than ordinary text is, in standard deviations, doesn't answer it."""

_WRITTEN_OUT = re.compile(r"\]\(|<[a-z!/][^>]*>", re.IGNORECASE)
"""A Markdown link or an HTML element that stands in a document's text."""

# Clauses that say nothing of each other, each with a subject of its own: all else tells how they are linked
# ("A opened when B did", "A signed and received C"), which no excerpt of one clause can carry.
_AND = r"(?:and|but|et|mais|und|y|e)\s+"
_SEPARATE = re.compile(
    rf"(?:;\s*(?:{_AND})?|,\s*{_AND})"
    r"(?=(?:the|les?|la|une?|des|der|die|das|eine?|el|los|las|il)\s|l['’]|[A-ZÀ-ÖØ-Þ\d])"
    r"|(?<=[しりきれがたるす])、(?=[^、]*[はが])"
)
_SHORTEST_CLAUSE = 24
"""Width in Latin characters below which a piece says too little to be judged alone."""

_LINKED = re.compile(
    r"\b(?:therefore|thus|consequently|thereby|hence|then|later|afterwards?|because|when|while|same|so|thanks"
    r"|following|after|before|result|donc|ainsi|alors|ensuite|puis|car|parce|quand|lorsqu\w*|grâce|mêmes?|après"
    r"|avant|suite)\b|結果|ため|ので|そこで|よって|したがって|これ|それ|その|この|同|後",
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

    `reason` is a word for logs and reports: markup, language, order, off_topic, value, name, country, roles,
    opposite, negation or meaning.
    """

    quotes: tuple[Quote, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class _Comparison:
    """A statement beside one sentence of an excerpt: its likeness, what is wrong, and what it rests on."""

    excerpt: Excerpt
    position: int
    facts: Sequence[Span]
    match: Match
    reason: str | None
    parts: frozenset[str]

    @property
    def alone(self) -> float:
        """The mean match; what the sentence lacks of values and names isn't counted as matched."""
        return self.match.bare if self.reason in ("value", "name", "country") else self.match.alone

    @property
    def start(self) -> int:
        """Where the quote begins: with the sentence before, if a value or name is taken from there."""
        return self.excerpt.sentences[self.position - ("before" in self.parts)][0]

    @property
    def end(self) -> int:
        """Where the quote ends."""
        return self.excerpt.sentences[self.position][1]


class Shown:
    """The excerpts a model was shown, and what the networks make of each text, asked once for a reply."""

    def __init__(
        self,
        excerpts: Sequence[Excerpt],
        judge: SupportJudge,
        stored: Callable[[Excerpt], Vectors] | None = None,
    ) -> None:
        """`stored`: an excerpt's vectors by sentence, where an index has them; else they are computed."""
        self.excerpts = list(excerpts)
        self.words = cache(judge.words)
        self.vector = cache(lambda text: judge.vectors([text])[0])
        self._judge, self._stored = judge, stored
        self._vectors: dict[int, Vectors] = {}

    def vectors(self, excerpt: Excerpt) -> Vectors:
        """Return the vectors of an excerpt's sentences."""
        if excerpt.number not in self._vectors:
            self._vectors[excerpt.number] = (
                self._judge.vectors([excerpt.sentence(i) for i in range(len(excerpt.sentences))])
                if self._stored is None
                else self._stored(excerpt)
            )
        return self._vectors[excerpt.number]

    def nearest(self, vector: Vectors, excerpts: Sequence[Excerpt]) -> Iterator[tuple[Excerpt, int]]:
        """Yield the places of the sentences nearest to a vector: as many in each language."""
        similar = [
            (float(similarity), excerpt, position)
            for excerpt in excerpts
            for position, similarity in enumerate(self.vectors(excerpt) @ vector)
        ]
        taken = Counter[str]()
        for _, excerpt, position in sorted(similar, key=lambda one: -one[0]):
            # In another language than the vector's all are less similar, whatever they say.
            if taken[excerpt.language] < _CONSIDERED:
                taken[excerpt.language] += 1
                yield excerpt, position

    def cited(self, numbers: Sequence[int]) -> list[Excerpt]:
        """Return the excerpts with these numbers, as far as there are any."""
        return [excerpt for excerpt in self.excerpts if excerpt.number in numbers]


class Verifier:
    """Judges sentences. Safe to use from several threads."""

    def __init__(self, judge: SupportJudge) -> None:
        self.judge = judge

    def verify(
        self, sentence: CitedSentence, language: str, question: str, shown: Shown, known: Known
    ) -> Verdict:
        """Decide on one sentence of an answer in `language` to a question."""
        text = sentence.text
        if has_markup(text):
            return Verdict(reason="markup")
        if not in_language(text, language):
            return Verdict(reason="language")
        if gives_orders(text) or asks_for_secrets(text) or text.endswith(("?", "？")):
            return Verdict(reason="order")
        asked, said = shown.vector(question), shown.vector(text)
        if self.judge.in_deviations(asked, float(asked @ said), language) < _FAR_FROM_QUESTION:
            return Verdict(reason="off_topic")
        cited = shown.cited(sentence.numbers)
        verdict = self._carried(text, language, cited, shown, known) if cited else Verdict(reason="meaning")
        if verdict.quotes or len(cited) == len(shown.excerpts):
            return verdict
        anywhere = self._carried(text, language, shown.excerpts, shown, known)
        return anywhere if anywhere.quotes or not cited else verdict

    def examine(
        self, statement: str, language: str, shown: Shown, excerpt: Excerpt, known: Known
    ) -> tuple[Likeness, str | None]:
        """Return how like an excerpt's best sentence a statement is, and what else is wrong with it."""
        best = self._best(statement, language, [excerpt], shown, known)
        return self._likeness(statement, language, best, shown), best.reason

    def _carried(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> Verdict:
        """Have a text carried by its best sentence, or each of its clauses by one."""
        verdict = self._by_one(text, language, excerpts, shown, known)
        if verdict.quotes or len(pieces := _separate(text)) == 1:
            return verdict
        found = [self._by_one(piece, language, excerpts, shown, known) for piece in pieces]
        quotes = {(quote.excerpt.number, quote.start): quote for one in found for quote in one.quotes}
        if len(quotes) == 1 or not all(one.quotes for one in found):
            return verdict
        return Verdict(tuple(quotes.values()))

    def chance_beside(self, text: str, language: str, document: Document, known: Known) -> float | None:
        """Return the chance that a document, read as one sentence, carries a text; None if it doesn't."""
        whole = Excerpt(1, document, ((0, len(document.page_content)),))
        quotes = self._by_one(text, language, [whole], Shown([whole], self.judge), known).quotes
        return quotes[0].chance if quotes else None

    def _by_one(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> Verdict:
        """Have a text carried by its best sentence."""
        best = self._best(text, language, excerpts, shown, known)
        if best.reason is not None:
            return Verdict(reason=best.reason)
        probability = chance(self._likeness(text, language, best, shown))
        if probability < threshold():
            return Verdict(reason="meaning")
        return Verdict((Quote(best.excerpt, best.start, best.end, probability),))

    def _likeness(self, text: str, language: str, best: _Comparison, shown: Shown) -> Likeness:
        """Return all that speaks for a sentence, with its neighbours and the title."""
        excerpt, position = best.excerpt, best.position
        around = [excerpt.sentence(i) for i in (position - 1, position, position + 1)]
        whole = match_among(
            shown.words(text, language),
            [shown.words(one, excerpt.language) for one in (excerpt.title, *around) if one.strip()],
            best.facts,
        )
        said = self.judge.said(text, language, excerpt, position)
        return Likeness(whole, best.match.back, float(language != excerpt.language), said)

    def _best(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> _Comparison:
        """Compare a text with the most similar sentences, and return the likest, sound ones first.

        A sentence that the text is clearly less like doesn't count: what speaks of something else can't
        contradict it.
        """
        facts = facts_in(text, language, known)
        found = [
            self._compared(text, language, facts, excerpt, position, shown, known)
            for excerpt, position in shown.nearest(shown.vector(text), excerpts)
        ]
        most = max(one.alone for one in found)
        near = [one for one in found if one.alone >= most - _NEARLY_AS_LIKE]
        return min(near, key=lambda one: (one.reason is not None, -one.alone))

    def _compared(
        self,
        text: str,
        language: str,
        facts: Sequence[Span],
        excerpt: Excerpt,
        position: int,
        shown: Shown,
        known: Known,
    ) -> _Comparison:
        around = _around(excerpt, position)
        said = Said(text, language, shown.words(text, language))
        quote = Said(around.main, excerpt.language, shown.words(around.main, excerpt.language))
        findings = check_facts(text, language, around, known, _word_matcher(said, quote, known))
        # A link or image written out in a document says nothing, whatever its words are.
        reason = "markup" if _WRITTEN_OUT.search(quote.text) else findings.reason
        reason = reason or says_otherwise(said, quote)
        if reason is None and places_changed(
            said, quote, findings.placed, around, known, _word_matcher(quote, said, known)
        ):
            reason = "roles"
        compared = match(said.words, quote.words, facts)
        return _Comparison(excerpt, position, facts, compared, reason, findings.parts)


def judged(judge: Callable[[], Outcome], otherwise: Outcome) -> Outcome:
    """Return what a judgement comes to, or `otherwise` if it breaks off: what isn't judged isn't shown.

    The log has the kind of error and its place, not its text, which may repeat the visitor's.
    """
    try:
        return judge()
    except Exception as error:  # a text of a model may hold anything
        place = traceback.extract_tb(error.__traceback__)[-1]
        _log.error(
            "What the model wrote could not be judged: %s at %s:%s",
            type(error).__name__,
            Path(place.filename).name,
            place.lineno,
        )
        return otherwise


def _separate(text: str) -> list[str]:
    """Cut a text into clauses that only stand side by side, so that each may be carried by another quote."""
    pieces = _SEPARATE.split(text)
    return [text] if _LINKED.search(text) or min(map(display_width, pieces)) < _SHORTEST_CLAUSE else pieces


def _word_matcher(one: Said, other: Said, known: Known) -> Callable[[Span], bool]:
    """Tell whether a word that looks like a name is well matched by a word of the other text that is none."""

    def has_word(span: Span) -> bool:
        mine = words_between(one.words, *span)
        if not mine or not may_be_no_name(one.text, span):
            return False
        similar = one.words.vectors[mine] @ other.words.vectors.T
        if float(similar.max(axis=1).mean()) < _SAME_WORD:
            return False
        start, end = other.words.spans[int(similar.max(axis=0).argmax())]
        names = names_in(other.text, other.language, known)
        return not any(a < end and start < b for name in names for a, b in name.words)

    return has_word


def _around(excerpt: Excerpt, position: int) -> Surroundings:
    return Surroundings(
        main=excerpt.sentence(position),
        before=excerpt.sentence(position - 1),
        title=excerpt.title,
        language=excerpt.language,
        published=excerpt.published,
    )
