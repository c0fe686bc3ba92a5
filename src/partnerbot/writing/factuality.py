"""Does a statement tell as done what the quote only plans, proposes or holds possible?

"The town may buy the mill" doesn't carry "the town bought the mill", though it has all its words. What
takes a verb out of the facts is told by a grammar of few words: futures, modals, plans and wishes. Each
governs a verb; the statement's word for that verb must be as far from a fact as the quote's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise

from partnerbot.answering.mentions import Span
from partnerbot.documents.scripts import HAN
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.support import words_between


class Certainty(IntEnum):
    """How far a text says that something is so. A plan may be told in the present: "opens in 2027"."""

    POSSIBLE = 0
    PLANNED = 1
    PRESENT = 2
    DONE = 3


_EN_TO = r"(?:\s(?:\w+ly|also|soon))?\sto\b"
_FR_NO_FUTURE = (
    r"(?<!\bopéra)(?<!\bcaméra)(?<!tira)(?<!spira)(?<!mira)(?<!désira)(?<!expira)(?<!déchira)(?<!vira)"
)
_FR_NO_CONDITIONAL = r"(?<!tirait)(?<!spirait)(?<!mirait)(?<!désirait)(?<!virait)"

# What stands before the verb that it governs, up to the verb.
_BEFORE_VERB = {
    "en": {
        Certainty.PLANNED: (
            r"\b(?:will|shall|must|can)\b(?!\s+of\b)|['’]ll\b|\bwo(?=n['’]t)"
            r"|\b(?:is|are|was|were|be|been|being)(?:\s(?:\w+ly|now|also|still|originally|first))?"
            rf"(?:\s(?:due|set|scheduled|planned|expected|supposed|about|going|intended|meant|ready|slated))?{_EN_TO}"
            r"|\b(?:plan(?:s|ned|ning)?|intend(?:s|ed|ing)?|decid(?:es|ed|e|ing)|ch(?:ooses?|ose)|agree(?:s|d)?|promis(?:es|ed|ing)"
            rf"|prepar(?:es|ed|ing)|undert(?:akes|ook)|vot(?:es|ed)|expect(?:s|ed)?|decision|promise){_EN_TO}"
            r"|\bshould\b"
        ),
        Certainty.POSSIBLE: (
            r"\b(?:(?-i:may)|might|could|would(?=\slike\b))\b|(?<!\w)(?:if|said|says|announced|hoped|believed|promised)\s[^.;]{0,80}\bwould\b"
            r"|\b(?:hop(?:es|ed|e|ing)|want(?:s|ed)?|wish(?:es|ed)?|aim(?:s|ed|ing)?|propos(?:es|ed|ing|e|al)"
            r"|try|tries|tried|trying|attempt(?:s|ed)?|likely|unlikely"
            r"|is\s(?:said|thought|believed|reported)|are\s(?:said|thought|believed)|seems?|appears?)"
            rf"{_EN_TO}"
            r"|\b(?:propos|suggest|consider|recommend|contemplat|envisag)\w*(?=\s\w+ing\b)"
        ),
    },
    "fr": {
        Certainty.PLANNED: (
            r"\b(?:va|vont|allaient|allait|doi(?:t|vent)|dev(?:ait|aient|rait|raient|ra|ront)|peu(?:t|vent)(?!-)|pourr(?:a|ont))"
            r"(?=\s(?:\w+\s){0,2}?\w+(?:er|ir|re|oir)\b)"
            r"|\b(?:prévoi\w+|prévu|compte(?:nt)?|entend(?:ent)?|décid\w+|promis|promet\w*|accept\w+|décision|s['’]appr[eê]t\w+"
            r"|s['’]engag\w+)(?:\s(?:de|à)\b|\sd['’]|(?=\s\w+(?:er|ir|re)\b))"
        ),
        Certainty.POSSIBLE: (
            r"\b(?:pourr(?:ait|aient)|voudrai(?:t|ent)|aimerai(?:t|ent))"
            r"|\b(?:souhait\w+|veu(?:t|lent)|voul(?:ait|aient|u)|espèr\w+|espér\w+|rêv\w+|envisag\w+|propos(?:e|ent|é|ait|aient)|proposition"
            r"|projet(?:te|tent|ait|é)?|intention|tent(?:e|ent|é|ait)|essa(?:ie|ient|yé|yait|yaient)|semble(?:nt)?|paraî(?:t|ssent))"
            r"(?:\s(?:de|à)\b|\sd['’]|(?=\s\w+(?:er|ir|re)\b))"
        ),
    },
}
_IN_VERB = {
    "fr": {
        Certainty.PLANNED: (
            rf"\b\w+(?:era|erra|ira|ndra|oudra|ettra|aîtra|aitra|evra|ouvra|ourra|aura|fera|(?<!f)ront){_FR_NO_FUTURE}\b"
        ),
        Certainty.POSSIBLE: (
            r"\b(?!devrai)\w+(?:er|err|ir|ndr|oudr|ettr|aîtr|evr|ourr|aur|ser|fer)(?:ait|aient)"
            rf"{_FR_NO_CONDITIONAL}\b"
        ),
    },
}
# What makes a plan or a guess of its whole clause.
_OF_CLAUSE = {
    "en": {
        Certainty.PLANNED: r"(?<!than\s)(?<!as\s)\b(?:planned|scheduled|expected|foreseen|upcoming)\b",
        Certainty.POSSIBLE: (
            r"\b(?:perhaps|maybe|possibly|probably|allegedly|reportedly|presumably|apparently|proposed|envisaged)\b"
        ),
    },
    "fr": {
        Certainty.PLANNED: r"(?<!que\s)(?<!comme\s)\b(?:prévue?s?|programmée?s?|attendue?s?|à venir)\b",
        Certainty.POSSIBLE: (
            r"\b(?:peut-être|sans doute|probablement|vraisemblablement|envisagée?s?|proposée?s?)\b"
        ),
    },
}
# Japanese says it behind the verb.
_AFTER_VERB = {
    "ja": {
        Certainty.PLANNED: (
            r"予定|見込[みま]|見通し|計画(?=[しでだ。、]|中|が(?:ある|進))|方針|つもり|意向|決定|決め[たて]|決まっ|ことができ|はず(?=[だでの])"
            r"|ことにし(?:た|て)|ことになってい|準備(?=[しを中])|べき"
        ),
        Certainty.POSSIBLE: (
            r"検討|かもしれ|でしょう|だろう|構想|提案(?=し|され|する|中)|期待|らしい|とみられ|と見られ|と考えられ|可能性|目指|めざ|たい(?=[と。])"
            r"|希望|要望|求め[たてら]|ようと(?:し|す)|案(?=[がをも])"
        ),
    },
}

_PASSED_OVER = re.compile(
    r"(?:not|n['’]t|also|be|been|being|have|has|soon|then|never|again|\w+ly|être|avoir|pas|plus|aussi|bientôt|se|s|y|en|l|la|le"
    r"|les|d|de|à|t|it|they|he|she|ils?|elles?|été)",
    re.IGNORECASE,
)
_FR_AUXILIARIES = re.compile(
    r"(?:ser|aur|pourr|devr)(?:a|ont|ait|aient)$|^(?:va|vont|allait)$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_PAUSE = re.compile(r"[,;:、，；：.。!?]")
_CLAUSE = re.compile(r"[,;:、，；：]\s*|\s(?=(?:but|and|while|although|mais|et|tandis)\s)", re.IGNORECASE)
_GOVERNED_WITHIN = 60  # characters
_JA_VERB = re.compile(
    f"([{HAN}ァ-ヶー]{{1,6}}[ぁ-ん]{{0,2}}?)(?:する|した|される|させる|[うくすつぬむるぐぶ])?"
    r"(?:こと|もの|の)?(?:と|を|が|も|は|に|で|である|になる|の)?$"
)
_JA_NOUN = re.compile("[のをがはにでと、]|から|より|まで")
_BEFORE_NOUN = {
    "en": re.compile(r"\b(?:the|an?|of|its|their|his|her|this)\s$", re.IGNORECASE),
    "fr": re.compile(
        r"(?:\b(?:la|le|les|une?|de|du|des|son|sa|ses|leurs?|ce|cette)\s|\b[dl]['’])$", re.IGNORECASE
    ),
}

_UNSURE = {
    "en": re.compile(
        r"\b(?:can|could|would|(?-i:may)|might|able|propos\w*|project\w*|plan\w*|consider\w*|want\w*|hop(?:e|ed|es|ing)|aim\w*"
        r"|ask\w*|request\w*|demand\w*|try|tri\w+|attempt\w*|possib\w*|meant|need\w*|requir\w*|if|set out"
        r"|according to|allow\w*)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"\b(?:propos\w*|projet\w*|envisag\w*|souhait\w*|voul\w*|veu\w+|esp[ée]r\w*|peu(?:t|vent)|pouv\w*|pourr\w*"
        r"|demand\w*|tent(?:e|er|é|ent|ait)|essa\w+|cherch\w*|possib\w*|éventuel\w*|afin|si|idée|selon|permet\w*|besoin"
        r"|faut|nécess\w*)\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        "提案|検討|構想|案|ことがあ|ことができ|できる|ことになっ|必要|ようと|申し入れ|求め|希望|可能|目的|ために|によると|れば"
    ),
}
"""What in a statement leaves open whether something came about; wider than what makes a quote unsure."""

_ALIKE = 0.4
"""Cosine from which a statement's word is said to speak of what the quote's verb speaks of."""

_PAST = {
    "en": re.compile(
        r"\b(?:was|were|had|has|have|did)\b|\b\w{2,}ed\b|\b(?:began|bought|brought|built|became|came|chose|drew|fell|found"
        r"|gave|got|grew|held|hid|kept|knew|laid|led|left|lent|lost|made|met|paid|put|ran|rose|said|sang|saw|sent|set"
        r"|shut|sold|spent|spoke|stood|taught|took|told|went|won|wore|wrote)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"\b(?:a|ont|avait|avaient|eut)\s(?:\w+\s){0,2}?\w+(?:é|i|is|it|u|us|t|ée|ées|és|ie|ies|ues?)\b"
        r"|\b(?:fut|furent|était|étaient)\b|\b(?:est|sont)\s(?:né|ven|all|arriv|entr|part|rend|deven|rest|sort|mort)\w*"
        r"|\bs['’](?:est|étai\w+)\b|\bse sont\b|\b\w{3,}(?:èrent|irent|urent)\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(r"(?:た|だった)(?=[。、]|$|が、|こと)"),
}


def overstates(
    statement: str, language: str, words: TokenStates, quote: str, quote_language: str, quoted: TokenStates
) -> bool:
    """True if the statement is surer than the quote of what the quote only plans or holds possible.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    if language not in _PAST:
        return False
    similar = words.vectors @ quoted.vectors.T
    similar[words.weights <= 0, :] = 0
    best = similar.argmax(axis=1)
    for certainty, start, end in _governed(quote, quote_language):
        theirs = [i for i in words_between(quoted, start, end) if quoted.weights[i] > 0]
        if not theirs:
            continue
        mine = int(similar[:, theirs].max(axis=1).argmax())
        near = int(best[mine])
        if float(similar[mine, near]) < _ALIKE or near not in theirs:
            continue
        word = words.spans[mine]
        if _is_noun(statement, language, word):
            continue
        said = _certainty(statement, language, word)
        if said > (Certainty.PRESENT if certainty is Certainty.PLANNED else certainty):
            return True
    return False


def _is_noun(text: str, language: str, word: Span) -> bool:
    """True for a word that names a deed without telling it: "the closure", 「延期を」."""
    if language == "ja":
        return bool(_JA_NOUN.match(text[word[1] :]))
    begins = word[0] + (len(text[slice(*word)]) - len(text[slice(*word)].lstrip()))
    return bool(_BEFORE_NOUN[language].search(text[:begins]))


def _certainty(text: str, language: str, word: Span) -> Certainty:
    """How sure the text is of what a word of it says; a Japanese clause is as sure as the sentence's end."""
    start, end = next(
        (clause for clause in _clauses(text) if clause[0] <= word[1] - 1 < clause[1]), (0, len(text))
    )
    if language == "ja":
        start, end = word[0], len(text)
    clause = text[start:end]
    unsure = [certainty for certainty, *_ in _governed(clause, language)]
    if _UNSURE[language].search(clause):
        return Certainty.POSSIBLE
    if unsure:
        return min(unsure)
    return Certainty.DONE if _PAST[language].search(clause) else Certainty.PRESENT


def _clauses(text: str) -> list[Span]:
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    return list(pairwise(cuts))


def _governed(text: str, language: str) -> Iterator[tuple[Certainty, int, int]]:
    """What is no fact in a text: how sure it is, and the words that say it."""
    for certainty, pattern in _BEFORE_VERB.get(language, {}).items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield certainty, *_verb_after(text, match.end())
    for certainty, pattern in _IN_VERB.get(language, {}).items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if _FR_AUXILIARIES.search(match[0]):
                yield certainty, *_verb_after(text, match.end())
            else:
                yield certainty, *match.span()
    for certainty, pattern in _OF_CLAUSE.get(language, {}).items():
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield certainty, *next(one for one in _clauses(text) if one[0] <= match.start() < one[1])
    for certainty, pattern in _AFTER_VERB.get(language, {}).items():
        for match in re.finditer(pattern, text):
            if verb := _JA_VERB.search(text[: match.start()]):
                yield certainty, verb.start(1), match.start()


def _verb_after(text: str, start: int) -> Span:
    """The first word that says something behind an auxiliary."""
    for word in _WORD.finditer(text, start, min(len(text), start + _GOVERNED_WITHIN)):
        if _PAUSE.search(text[start : word.start()]):
            break
        if not _PASSED_OVER.fullmatch(word[0]):
            return word.span()
    return start, start
