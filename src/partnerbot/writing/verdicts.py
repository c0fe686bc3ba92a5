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

from partnerbot.answering.mentions import Known
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.orders import gives_orders
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.index.passages import display_width
from partnerbot.index.texts import Vectors
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.facts import Place, check_facts
from partnerbot.writing.polarity import says_otherwise
from partnerbot.writing.relations import places_changed
from partnerbot.writing.said import Said
from partnerbot.writing.support import Likeness, SupportJudge, chance, match, threshold

_log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")

_CONSIDERED = 3
"""Sentences of each language, most similar first, that a statement is compared with in detail."""

_NEARLY_AS_LIKE = 0.1
"""Mean match by which a sentence may be less like a text than the most similar one, and still carry it."""

_SAYS_NOTHING = ("?", "？", ":", "：")
"""How questions end, and what only introduces a list, whose items come as sentences of their own."""

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

    `reason` is a word for logs and reports: markup, language, order, no_statement, value, name, country,
    roles, opposite, negation or meaning.
    """

    quotes: tuple[Quote, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class _Comparison:
    """A statement beside a sentence of an excerpt: how like it is, what is wrong, where the quote begins.

    `alike`: mean match of the statement in the sentence; facts that this lacks aren't counted as matched.
    `start`: that of the sentence before, if a fact is taken from there.
    """

    excerpt: Excerpt
    position: int
    place: Place
    alike: float
    reason: str | None
    start: int


class Verifier:
    """Judges sentences by the excerpts that a model was shown; each text is taken apart once."""

    def __init__(
        self,
        excerpts: Sequence[Excerpt],
        judge: SupportJudge,
        known: Known,
        stored: Callable[[Excerpt], Vectors] | None = None,
    ) -> None:
        """`known`: what the documents tell of names. `stored`: an excerpt's vectors by sentence, where an
        index has them; else they are computed.
        """
        self.excerpts = list(excerpts)
        self._judge = judge
        states = cache(judge.words)
        self.said = cache(lambda text, language: Said(text, language, known, states))
        self._vector = cache(lambda text: judge.vectors([text])[0])
        of = {excerpt.number: excerpt for excerpt in excerpts}
        self._vectors = cache(lambda number: (stored or self._computed)(of[number]))

    def verify(self, sentence: CitedSentence, language: str) -> Verdict:
        """Decide on one sentence of an answer in `language`."""
        text = sentence.text
        if has_markup(text):
            return Verdict(reason="markup")
        if not in_language(text, language):
            return Verdict(reason="language")
        if gives_orders(text) or asks_for_secrets(text):
            return Verdict(reason="order")
        if text.endswith(_SAYS_NOTHING):
            return Verdict(reason="no_statement")
        cited = [excerpt for excerpt in self.excerpts if excerpt.number in sentence.numbers]
        verdict = self._carried(text, language, cited) if cited else Verdict(reason="meaning")
        if verdict.quotes or len(cited) == len(self.excerpts):
            return verdict
        anywhere = self._carried(text, language, self.excerpts)
        return anywhere if anywhere.quotes or not cited else verdict

    def examine(self, text: str, language: str, excerpt: Excerpt) -> tuple[Likeness, str | None]:
        """Return how like an excerpt's best sentence a text is, and what else is wrong with it."""
        statement = self.said(text, language)
        near = self._near(statement, [excerpt])
        best = next((one for one in near if one.reason is None), near[0])
        return self._likeness(statement, best), best.reason

    def _carried(self, text: str, language: str, excerpts: Sequence[Excerpt]) -> Verdict:
        """Have a text carried by its best sentence, or each of its clauses by one."""
        verdict = self.carried(self.said(text, language), excerpts)
        if verdict.quotes or len(pieces := _separate(text)) == 1:
            return verdict
        found = [self.carried(self.said(piece, language), excerpts) for piece in pieces]
        quotes = {(quote.excerpt.number, quote.start): quote for one in found for quote in one.quotes}
        if len(quotes) == 1 or not all(one.quotes for one in found):
            return verdict
        return Verdict(tuple(quotes.values()))

    def carried(self, statement: Said, excerpts: Sequence[Excerpt]) -> Verdict:
        """Have a text carried by the likest sentence that does, whatever was asked."""
        near = self._near(statement, excerpts)
        sound = [one for one in near if one.reason is None]
        for one in sound:
            probability = chance(self._likeness(statement, one))
            if probability >= threshold():
                end = one.excerpt.sentences[one.position][1]
                return Verdict((Quote(one.excerpt, one.start, end, probability),))
        return Verdict(reason="meaning" if sound else near[0].reason)

    def _likeness(self, statement: Said, best: _Comparison) -> Likeness:
        """Return all that speaks for a sentence, with its neighbours and the title."""
        excerpt, position = best.excerpt, best.position
        after = self.said(excerpt.sentence(position + 1), excerpt.language)
        around = [
            said
            for said in (best.place.title, best.place.before, best.place.main, after)
            if said.text.strip()
        ]
        return Likeness(
            whole=match(statement, around),
            back=match(best.place.main, [statement], facts_given=False),
            foreign=float(statement.language != excerpt.language),
            said=self._judge.supports(statement, excerpt, position),
        )

    def _near(self, statement: Said, excerpts: Sequence[Excerpt]) -> list[_Comparison]:
        """Compare a text with the most similar sentences, and return those it is about as like, likest first.

        A sentence that the text is clearly less like doesn't count: what speaks of something else can't
        contradict it.
        """
        found = [self._compared(statement, *nearest) for nearest in self._nearest(statement.text, excerpts)]
        found.sort(key=lambda one: -one.alike)
        return [one for one in found if one.alike >= found[0].alike - _NEARLY_AS_LIKE]

    def _compared(self, statement: Said, excerpt: Excerpt, position: int) -> _Comparison:
        main, before, title = (
            self.said(text, excerpt.language)
            for text in (excerpt.sentence(position), excerpt.sentence(position - 1), excerpt.title)
        )
        place = Place(main, before, title, excerpt.published)
        findings = check_facts(statement, place)
        # A link or image written out in a document says nothing, whatever its words are.
        reason = "markup" if _WRITTEN_OUT.search(place.main.text) else findings.reason
        reason = reason or says_otherwise(statement, place.main)
        if reason is None and places_changed(statement, place, findings.placed, self._vector):
            reason = "roles"
        alike = match(statement, [place.main], facts_given=findings.reason is None)
        start = excerpt.sentences[position - ("before" in findings.parts)][0]
        return _Comparison(excerpt, position, place, alike, reason, start)

    def _nearest(self, text: str, excerpts: Sequence[Excerpt]) -> Iterator[tuple[Excerpt, int]]:
        """Yield the places of the sentences nearest to a text: as many in each language."""
        similar = [
            (float(similarity), excerpt, position)
            for excerpt in excerpts
            for position, similarity in enumerate(self._vectors(excerpt.number) @ self._vector(text))
        ]
        taken = Counter[str]()
        for _, excerpt, position in sorted(similar, key=lambda one: -one[0]):
            # In another language than the text's all are less similar, whatever they say.
            if taken[excerpt.language] < _CONSIDERED:
                taken[excerpt.language] += 1
                yield excerpt, position

    def _computed(self, excerpt: Excerpt) -> Vectors:
        return self._judge.vectors([excerpt.sentence(i) for i in range(len(excerpt.sentences))])


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


# ---- What no sentence of a model may be: markup, another language, a request for secrets ---------

_LETTERS_THAT_TELL_A_LANGUAGE = 25

_MARKUP = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]|https?:|www\.|//|\w@\w|<[^>]*>?|&[#\w]+;|[\[\]［］`{}]|【\s*\d"
    r"|\b\w+\.(?:com|org|net|fr|jp|eu|io|info)\b",
    re.IGNORECASE,
)
# "evil.XYZ", "пример.рф", in letters of any script and width; "p.m.", "1.5 km" and what follows a figure at a
# sentence's end ("in 2017.The") are no addresses.
_ADDRESS = re.compile(
    r"(?<![\w-])(?=[\w-]*[^\W\d_][\w-]*\.)[^\W_][\w-]*[^\W_]\.[^\W\d_]{2,}|[^\W_][\w-]*[^\W_]\.[a-zß-ÿ]{2,}"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
)

_SECRET = re.compile(
    r"\bpasswords?\b|\bpasscodes?\b|\bpin (?:code|number)s?\b|\b(?:security|verification|access) codes?\b"
    r"|\b(?:credit|debit|bank) ?card\b|\bcard (?:number|detail)s?|\bbank(?:ing)? (?:detail|data|account)s?"
    r"|\baccount numbers?|\biban\b|\blogin\b|\bcredentials\b|\bgift cards?\b"
    r"|\bmots? de passe\b|\bcodes? (?:secret|confidentiel|pin|d['’]accès|de vérification|de sécurité)s?\b"
    r"|\bcarte (?:bancaire|bleue|de crédit)\b|\b(?:coordonnées|données) bancaires\b|\bcompte bancaire\b"
    r"|\bnuméros? de (?:carte|compte)\b|\bidentifiants?\b|\bcartes?-cadeaux?\b"
    r"|パスワード|暗証番号|認証コード|セキュリティコード|カード番号|クレジットカード|キャッシュカード|口座番号|口座情報|銀行口座",
    re.IGNORECASE,
)
_GIVE = re.compile(
    r"\b(?:send|give|enter|type|e-?mail|tell|provide|submit|share|confirm|verify|update|reply with|transfer"
    r"|wire)\b|\b(?:envoy|donn|entr|saisi(?:ss)?|tap|communiqu|transmett|fourniss|indiqu|confirm|vérifi|vir|vers"
    r"|renseign|partag)ez\b|\b(?:merci de|veuillez|prière de|il faut|vous devez)\b"
    r"|送[っりる信]|入力|教え|返信|伝え|提供|確認し|振り?込",
    re.IGNORECASE,
)


def has_markup(text: str) -> bool:
    """True if the text holds a link, an address, HTML or Markdown."""
    return bool(_MARKUP.search(text) or _ADDRESS.search(normal_form("NFKC", text)))


def in_language(text: str, language: str) -> bool:
    """True unless the text is clearly in another language, which a few letters of Latin script don't tell."""
    is_told = language in ("ja", "zh", "ko") or is_mainly_unspaced(text)
    if not is_told and sum(char.isalpha() for char in text) < _LETTERS_THAT_TELL_A_LANGUAGE:
        return True
    return detect_language(text, default=language) == language


def asks_for_secrets(text: str) -> bool:
    """True if the text tells its reader to hand over a password, bank data or the like.

    Planted in a document it would be shown as the owner's own words. No answer needs it.
    """
    return bool(_SECRET.search(text) and _GIVE.search(text))
