"""Which of a model's sentences may be shown: each must be carried by quotes of what it cites."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from langchain_core.documents import Document

from partnerbot.answering.mentions import Known, Span, may_be_no_name, names_in
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.orders import gives_orders
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.contrast import says_otherwise
from partnerbot.writing.counted import counts_another, counts_as_titled
from partnerbot.writing.counted_nouns import counts_something_else
from partnerbot.writing.crossed import sides_changed
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.facts import Surroundings, check_facts, facts_in, takes_up
from partnerbot.writing.factuality import overstates
from partnerbot.writing.namesakes import names_another
from partnerbot.writing.participants import participants_changed
from partnerbot.writing.polarity import denies
from partnerbot.writing.ranks import changes_rank
from partnerbot.writing.rates import leaves_out_share
from partnerbot.writing.secrets_asked import asks_for_secrets
from partnerbot.writing.subjects import takes_anothers_part
from partnerbot.writing.support import (
    ExcerptStates,
    Likeness,
    Match,
    SupportJudge,
    Vectors,
    chance,
    clauses,
    threshold,
    words_between,
)

_CONSIDERED = 3
"""Sentences of an excerpt, most similar first, that a statement is compared with in detail."""

_SAME_WORD = 0.5
"""Mean match from which two words, one of them maybe a name by its form, mean the same."""

_WEIGHTY = 4.0
"""Rarity of a token, in nats beyond the commonest words', from which it says what a sentence is of."""

_SAME_SUBJECT, _FOREIGN = 0.65, 0.3
"""Match from which a sentence's first weighty token is named by a statement, and below which another is none
of its own: a theatre matches a cinema with .62."""

_APART_AT_MOST = 3
"""Sentences of one excerpt that carry a statement together."""

_NEARLY_AS_LIKE = 0.05
"""Mean match by which a sentence may be less like a text than the most similar one, and still carry it."""

_FAR_FROM_QUESTION = -1.0
"""A sentence less like the question than ordinary text is, in standard deviations, doesn't answer it."""

_LETTERS_THAT_TELL_A_LANGUAGE = 25

_LITTLE_WORDS = {
    "fr": re.compile(
        r"\b(?:le|la|les|des|du|une?|et|est|sont|était|ont|il|elle|au|aux|dans|par|pour|sur)\b", re.I
    ),
    "en": re.compile(r"\b(?:the|an?|of|and|is|are|was|were|has|have|it|in|to|at|by|for|with)\b", re.I),
}
"""Words that tell a short sentence's language, and stand in no name."""

_MARKUP = re.compile(
    r"https?:|www\.|//|\w@\w|<[^>]*>?|&[#\w]+;|[\[\]［］`{}]|【\s*\d|\b\w+\.(?:com|org|net|fr|jp|eu|io|info)\b",
    re.IGNORECASE,
)
_WRITTEN_OUT = re.compile(r"\]\(|<[a-z!/][^>]*>", re.IGNORECASE)
"""A Markdown link or an HTML element that stands in a document's text."""
# "evil.XYZ", "пример.рф", in letters of any script and width; "p.m.", "1.5 km" and what follows a figure at a
# sentence's end ("in 2017.The") are no addresses.
_ADDRESS = re.compile(
    r"(?<![\w-])(?=[\w-]*[^\W\d_][\w-]*\.)[^\W_][\w-]*[^\W_]\.[^\W\d_]{2,}|[^\W_][\w-]*[^\W_]\.[a-zß-ÿ]{2,}"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
)

# Clauses that say nothing of each other, each with a subject of its own: all else tells how they are linked
# ("A opened when B did", "A signed and received C"), which no excerpt of one clause can carry.
_AND = r"(?:and|but|et|mais|und|y|e)\s+"
_OWN_SUBJECT = r"(?:(?:the|les?|la|une?|des|der|die|das|eine?|el|los|las|il)\s|l['’]|[A-ZÀ-ÖØ-Þ\d])"
_SEPARATE = re.compile(rf"(?:;\s*(?:{_AND})?|,\s*{_AND}){_OWN_SUBJECT}")
_CJK_SEPARATE = re.compile(r"[はが].*[しりきれがたるす]、[^、]*[はが]")
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

    `reason` is a word for logs and reports: markup, uncited, invented_citation, language, order,
    off_topic, value, name, country, roles, opposite, negation, certainty or meaning.
    """

    quotes: tuple[Quote, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class _Comparison:
    """A statement beside one sentence of an excerpt: its likeness, what is wrong, and what it rests on."""

    position: int
    match: Match
    reason: str | None
    parts: frozenset[str]

    @property
    def alone(self) -> float:
        """The mean match; what the sentence lacks of values and names isn't counted as matched."""
        return self.match.bare if self.reason in ("value", "name", "country") else self.match.alone


class Shown:
    """The excerpts a model was shown, with their vectors, computed when first needed."""

    def __init__(self, excerpts: Sequence[Excerpt], judge: SupportJudge) -> None:
        self.excerpts = list(excerpts)
        self._judge = judge
        self._vectors: dict[int, Vectors] = {}
        self._states: dict[int, ExcerptStates] = {}

    def vectors(self, excerpt: Excerpt) -> Vectors:
        """Return the vectors of an excerpt's sentences."""
        if excerpt.number not in self._vectors:
            self._vectors[excerpt.number] = self._judge.excerpt_vectors(excerpt)
        return self._vectors[excerpt.number]

    def states(self, excerpt: Excerpt) -> ExcerptStates:
        """Return an excerpt's tokens."""
        if excerpt.number not in self._states:
            self._states[excerpt.number] = self._judge.excerpt_states(excerpt)
        return self._states[excerpt.number]

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
        if has_markup(text):
            return Verdict(reason="markup")
        if not sentence.numbers:
            return Verdict(reason="uncited")
        cited = [shown.numbered(number) for number in sentence.numbers]
        excerpts = [excerpt for excerpt in cited if excerpt is not None]
        if len(excerpts) < len(cited):
            return Verdict(reason="invented_citation")
        if not in_language(text, language):
            return Verdict(reason="language")
        if gives_orders(text) or asks_for_secrets(text) or text.endswith(("?", "？")):
            return Verdict(reason="order")
        if self._is_far_from(text, question, language):
            return Verdict(reason="off_topic")
        return self._carried(text, language, excerpts, shown, known)

    def examine(
        self, statement: str, language: str, shown: Shown, excerpt: Excerpt, known: Known
    ) -> tuple[Likeness, str | None]:
        """Return how like an excerpt's best sentence a statement is, and what else is wrong with it."""
        best = self._comparisons(statement, language, shown, excerpt, known)[0]
        return best.match.likeness, best.reason

    def _carried(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> Verdict:
        verdicts = [self._by_one(text, language, excerpt, shown, known) for excerpt in excerpts]
        quotes = tuple(quote for verdict in verdicts for quote in verdict.quotes)
        pieces = clauses(text)
        if not quotes and len(excerpts) == 1 and len(pieces) > 1:
            return self._by_apart(text, pieces, language, excerpts[0], shown, known) or verdicts[0]
        if len(quotes) == len(excerpts) or len(excerpts) == 1 or len(pieces) == 1:
            return Verdict(quotes) if quotes else verdicts[0]
        # The model took it from several excerpts: each clause goes to the one that carries it best.
        parts = [self._best_quote(piece, language, excerpts, shown, known) for piece in pieces]
        alone = tuple(
            quote
            for quote in quotes
            if all(part is None or part.excerpt.number == quote.excerpt.number for part in parts)
        )
        if alone:
            return Verdict(alone)
        if _are_separate(pieces) and all(parts):
            carrying = [part for part in parts if part is not None]
            return Verdict(tuple({(q.excerpt.number, q.start, q.end): q for q in carrying}.values()))
        return verdicts[0] if not quotes else Verdict(reason="meaning")

    def _by_apart(
        self, text: str, pieces: Sequence[str], language: str, excerpt: Excerpt, shown: Shown, known: Known
    ) -> Verdict | None:
        """Have a sentence carried by sentences that stand apart in one excerpt, one for each clause.

        "Opened in 1998 and burned down in 2009": they are read as one text, which must carry the whole.
        """
        if any(map(_LINKED.search, pieces)):
            return None
        best = [self._comparisons(piece, language, shown, excerpt, known)[0] for piece in pieces]
        positions = sorted({one.position for one in best})
        if any(one.reason is not None for one in best) or not 1 < len(positions) <= _APART_AT_MOST:
            return None
        words, states = self.judge.words(text, language), shown.states(excerpt)
        if not all(
            position == best[0].position
            or (
                (position - 1 in positions or not takes_up(excerpt.sentence(position)))
                and _is_of_the_same(words, states.sentences[position])
            )
            for position in positions
        ):
            return None
        content = " ".join(map(excerpt.sentence, positions))
        document = Document(page_content=content, metadata=excerpt.document.metadata)
        joined = Excerpt(excerpt.number, document, ((0, len(content)),))
        verdict = self._by_one(text, language, joined, Shown([joined], self.judge), known)
        if not verdict.quotes:
            return None
        likely = verdict.quotes[0].chance
        return Verdict(tuple(Quote(excerpt, *excerpt.sentences[position], likely) for position in positions))

    def _best_quote(
        self, text: str, language: str, excerpts: Sequence[Excerpt], shown: Shown, known: Known
    ) -> Quote | None:
        """Return the likeliest of the quotes that carry a text, or None if none does."""
        verdicts = (self._by_one(text, language, excerpt, shown, known) for excerpt in excerpts)
        quotes = [quote for verdict in verdicts for quote in verdict.quotes]
        return max(quotes, key=lambda quote: quote.chance, default=None)

    def _by_one(self, text: str, language: str, excerpt: Excerpt, shown: Shown, known: Known) -> Verdict:
        best = self._comparisons(text, language, shown, excerpt, known)[0]
        if best.reason is not None:
            return Verdict(reason=best.reason)
        probability = chance(best.match.likeness)
        if probability < threshold():
            return Verdict(reason="meaning")
        first = best.position - ("before" in best.parts)
        start, end = excerpt.sentences[first][0], excerpt.sentences[best.position][1]
        return Verdict((Quote(excerpt, start, end, probability),))

    def _comparisons(
        self, text: str, language: str, shown: Shown, excerpt: Excerpt, known: Known
    ) -> list[_Comparison]:
        """Compare a text with the most similar sentences; those with nothing wrong first.

        A sentence that the text is clearly less like doesn't count: what speaks of something else can't
        contradict it.
        """
        (vector,) = self.judge.vectors([text])
        words, states = self.judge.words(text, language), shown.states(excerpt)
        facts = facts_in(text, language, known)
        similar = shown.vectors(excerpt) @ vector
        found = []
        for position in np.argsort(-similar, kind="stable")[:_CONSIDERED].tolist():
            quoted = states.sentences[position]
            quote, theirs = excerpt.sentence(position), excerpt.language
            findings = check_facts(
                text,
                language,
                _around(excerpt, position),
                known,
                _word_matcher(text, words, quote, theirs, quoted, known),
                _word_matcher(quote, quoted, text, language, words, known),
            )
            match = self.judge.likeness(
                text, words, language, excerpt, position, states, facts, findings.found
            )
            # A link or image written out in a document says nothing, whatever its words are.
            reason = "markup" if _WRITTEN_OUT.search(quote) else findings.reason
            if reason is None:
                reason = says_otherwise(text, language, words, quote, theirs, quoted)
                if reason is None and denies(text, language) and not findings.parts <= {"main", "title"}:
                    reason = "negation"
            if reason is None:
                nearby = _near(excerpt, position)
                around = (
                    f"{excerpt.title}\n{excerpt.sentence(position - 1)}\n{excerpt.sentence(position + 1)}"
                )
                if names_another(text, language, words, quote, theirs, quoted, nearby, known):
                    reason = "name"
                elif overstates(text, language, words, quote, theirs, quoted):
                    reason = "certainty"
                elif leaves_out_share(text, language, words, quote, theirs, quoted) or not all(
                    counts_as_titled(value, text, language, words, states.title)
                    for value in findings.from_title
                ):
                    reason = "value"
                elif (
                    changes_rank(text, language, words, quote, theirs, quoted, around)
                    or takes_anothers_part(text, language, words, quote, theirs, quoted, known)
                    or participants_changed(text, language, words, quote, theirs, quoted, known)
                    or counts_another(text, language, words, quote, theirs, quoted)
                    or counts_something_else(text, language, words, quote, theirs, quoted)
                    or sides_changed(text, language, words, quote, theirs, quoted)
                ):
                    reason = "roles"
            found.append(_Comparison(position, match, reason, findings.parts))
        most = max(one.alone for one in found)
        near = [one for one in found if one.alone >= most - _NEARLY_AS_LIKE]
        return sorted(near, key=lambda one: (one.reason is not None, -one.alone))

    def _is_far_from(self, text: str, question: str, language: str) -> bool:
        asked, said = self.judge.vectors([question, text])
        return self.judge.in_deviations(asked, float(asked @ said), language) < _FAR_FROM_QUESTION


def _is_of_the_same(words: TokenStates, sentence: TokenStates) -> bool:
    """True if a statement names what a sentence begins with, and nothing in it is quite foreign.

    « Le cinéma voisin a été vendu » tells nothing of a theatre, whatever the theatre's own sentence says.
    """
    heavy = [i for i, weight in enumerate(sentence.weights) if weight >= _WEIGHTY]
    if not heavy:
        return False
    matches = (words.vectors @ sentence.vectors[heavy].T).max(axis=0)
    return float(matches[0]) >= _SAME_SUBJECT and float(matches.min()) >= _FOREIGN


def _are_separate(pieces: Sequence[str]) -> bool:
    """True if clauses only stand side by side, so that each may be carried by another excerpt."""
    return not any(map(_LINKED.search, pieces)) and all(
        _SEPARATE.match(f"{one[-1]} {other}") or _CJK_SEPARATE.match(f"{one}{other}")
        for one, other in pairwise(pieces)
    )


def has_markup(text: str) -> bool:
    """True if the text holds a link, an address, HTML or Markdown."""
    return bool(_MARKUP.search(text) or _ADDRESS.search(normal_form("NFKC", text)))


def in_language(text: str, language: str) -> bool:
    """True unless the text is clearly in another language; names and figures alone tell nothing."""
    if language in ("ja", "zh", "ko") or is_mainly_unspaced(text):
        return detect_language(text, default=language) == language
    if sum(char.isalpha() for char in text) < _LETTERS_THAT_TELL_A_LANGUAGE:
        said = {one: len(words.findall(text)) for one, words in _LITTLE_WORDS.items()}
        return language not in said or said[language] == max(said.values())
    return detect_language(text, default=language) == language


def _word_matcher(
    text: str, words: TokenStates, other: str, language: str, others: TokenStates, known: Known
) -> Callable[[Span], bool]:
    """Tell whether a word that looks like a name is well matched by a word of the other text that is none."""

    def has_word(span: Span) -> bool:
        mine = words_between(words, *span)
        if not mine or not may_be_no_name(text, span):
            return False
        similar = words.vectors[mine] @ others.vectors.T
        if float(similar.max(axis=1).mean()) < _SAME_WORD:
            return False
        start, end = others.spans[int(similar.max(axis=0).argmax())]
        names = names_in(other, language, known)
        return not any(a < end and start < b for name in names for a, b in name.words)

    return has_word


def _near(excerpt: Excerpt, position: int) -> str:
    return " ".join(text for _, text in _around(excerpt, position).parts())


def _around(excerpt: Excerpt, position: int) -> Surroundings:
    return Surroundings(
        main=excerpt.sentence(position),
        before=excerpt.sentence(position - 1),
        title=excerpt.title,
        language=excerpt.language,
        published=excerpt.published,
    )
