"""What a visitor reads of a reply: its own words, and its quotes as far as one reads."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from partnerbot.answering.answer import Answer
from partnerbot.documents.language import detect_language
from partnerbot.documents.scripts import is_mainly_unspaced, is_unspaced

READ_AT_MOST = {"list": 2400, "count": 1000, "multi": 1000} | dict.fromkeys(
    ("overview", "compare", "howto", "timeline"), 1400
)
"""How much of a reply counts, in Latin letters, by the kind of question: listing everything gains nothing."""
READ_AT_MOST_OF_OTHERS = 700
LETTERS_OF_A_CHARACTER = 2.5
"""A Japanese character says about as much as so many Latin letters."""

_SHORTEST_PHRASE = 3  # words; fewer are names and figures, which are of every language
_NOT_OWN = re.compile(r"«.*?»|“.*?”|\".*?\"|「.*?」|『.*?』|\[\d+\]|https?://\S+|\S+@\S+", re.DOTALL)
_PHRASE_END = re.compile(r"[.!?:;\n。！？：；]+")


def own_words(answer: Answer) -> str:
    """Return what a reply says itself: without quotes, citation marks and addresses."""
    said = "\n".join([answer.answer, answer.short_answer or "", *(point.text for point in answer.points)])
    for citation in answer.citations:
        said = said.replace(citation.quote, " ")
    return _NOT_OWN.sub(" ", said).strip()


def read_first(answer: Answer, kind: str) -> str:
    """Return as much of a reply as counts for a question of that kind: what it says, then what it quotes."""
    text = "\n".join([own_words(answer), answer.answer, *(citation.quote for citation in answer.citations)])
    letters = accumulate(LETTERS_OF_A_CHARACTER if is_unspaced(character) else 1 for character in text)
    return text[: bisect_right(list(letters), READ_AT_MOST.get(kind, READ_AT_MOST_OF_OTHERS))]


def is_readable(words: str, language: str) -> bool:
    """Tell whether every phrase is in the language; a name or figure is, in the language's own script."""
    phrases = (phrase for phrase in _PHRASE_END.split(words) if phrase.strip())
    return all(_is_in(phrase, language) for phrase in phrases)


def _is_in(phrase: str, language: str) -> bool:
    if len(phrase.split()) < _SHORTEST_PHRASE and not is_mainly_unspaced(phrase):
        return True
    return detect_language(phrase, default=language) == language
