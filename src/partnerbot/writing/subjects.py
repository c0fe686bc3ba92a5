"""Is it the statement's name that does what the statement says, or another one of the quote?

"Nantes, where Rennes had a shop, refused" names Rennes, but doesn't say that it refused. Where the statement
has a single name as its subject, the quote must not give its verb to a name that the statement leaves out.
"""

from __future__ import annotations

import re

import numpy as np

from partnerbot.answering.mentions import Known, Span, find_word, names_in
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.participants import Role, are_told_alike, is_passive, participant_at
from partnerbot.writing.polarity import denies
from partnerbot.writing.support import words_between

_LANGUAGES = frozenset({"fr", "en", "ja"})
_TOLD_OF_BOTH = re.compile(
    r"(?:(?<!\w)(?:comme|ainsi que|de même que|aussi bien que|à l['’]instar (?:de|du)|like|as well as|as did"
    r"|as in|et|and|or|ou|and also|together with|avec|with)\s(?:the\s|l[ae]s?\s|l['’])?(?:\w+\s(?:de|of)\s)?"
    r"|à l['’]instar d['’])$",
    re.IGNORECASE,
)
_JA_TOLD_OF_BOTH = re.compile(
    "(?:市|県|町|村)?(?:と(?!は?(?:違|異|ちが|対照|反対))|も|や|、|・|と同(?:じ|様)|のように|に続)"
)
_VERB = re.compile(r"[^,;:.()]{1,45}")
_ASIDE = re.compile(r",[^,;:.]*,")
_JA_CLAUSE_END = re.compile(r"[、。！？]|$")
_WORDS_OF_VERB = 3  # that say something
_JA_VERB_WITHIN = 8  # characters

_TELLING = 4.0
"""Nats of rarity from which a word is no auxiliary or particle."""

_ALIKE = 0.5
_CLEARLY = 0.15


def takes_anothers_part(
    statement: str,
    language: str,
    words: TokenStates,
    quote: str,
    quote_language: str,
    quoted: TokenStates,
    known: Known,
) -> bool:
    """True if the statement's subject is a name that in the quote isn't the subject of the same verb.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    if not {language, quote_language} <= _LANGUAGES or not are_told_alike(statement, quote):
        return False
    if denies(statement, language):
        return False  # "Rennes did not refuse" may be what the contrast says.
    names = [(name.start, name.end) for name in names_in(statement, language, known)]
    subjects = [one for one in names if participant_at(statement, one, language).role is Role.SUBJECT]
    if len(subjects) != 1 or is_passive(statement, language) or is_passive(quote, quote_language):
        return False
    there = find_word(statement[slice(*subjects[0])], quote, known.spellings)
    if not there or any(_is_told_of_both(quote, span, quote_language) for span in there):
        return False
    similar = words.vectors @ quoted.vectors.T
    verb = _verb(statement, subjects[0], language, words)
    own = max(
        (_match(similar, verb, _own_verb(quote, span, quote_language, quoted)) for span in there), default=0.0
    )
    for name in names_in(quote, quote_language, known):
        span = (name.start, name.end)
        if any(a < span[1] and span[0] < b for a, b in there) or any(
            find_word(quote[slice(*word)], statement, known.spellings) for word in name.words
        ):
            continue
        if participant_at(quote, span, quote_language).role is not Role.SUBJECT:
            continue
        theirs = _match(similar, verb, _verb(quote, span, quote_language, quoted))
        if theirs >= _ALIKE and theirs - own > _CLEARLY:
            return True
    return False


def _own_verb(text: str, span: Span, language: str, words: TokenStates) -> list[int]:
    """The verb of a name, if it is a subject."""
    subject = participant_at(text, span, language).role is Role.SUBJECT
    return _verb(text, span, language, words) if subject else []


def _is_told_of_both(text: str, span: Span, language: str) -> bool:
    """True for a name beside another: "like A", "A and B"."""
    if language == "ja":
        return bool(_JA_TOLD_OF_BOTH.match(text, span[1]))
    after = re.match(r"\s(?:et|and|ou|or)\s", text[span[1] :])
    return bool(after or _TOLD_OF_BOTH.search(text[: span[0]]))


def _verb(text: str, span: Span, language: str, words: TokenStates) -> list[int]:
    """The tokens that tell what a subject does: behind it, or at the end of a Japanese clause."""
    if language == "ja":
        ends = _JA_CLAUSE_END.search(text, span[1])
        end = ends.start() if ends else len(text)
        near = words_between(words, max(span[1], end - _JA_VERB_WITHIN), end)
        return [i for i in near if words.weights[i] >= _TELLING]
    aside = _ASIDE.match(text, span[1])
    found = _VERB.match(text, aside.end() if aside else span[1])
    if not found:
        return []
    near = words_between(words, *found.span())
    return [i for i in near if words.weights[i] >= _TELLING][:_WORDS_OF_VERB]


def _match(similar: np.ndarray, verb: list[int], theirs: list[int]) -> float:
    """How well what is said first of one subject is matched by what is said first of another."""
    return float(similar[np.ix_(verb[:1], theirs)].max()) if verb and theirs else 0.0
