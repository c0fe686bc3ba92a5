"""Understand a question: is it one, and in which language?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from partnerbot.answering.question_type import AnswerType, asks_for_most, expected_answer
from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import normal_form
from partnerbot.errors import QuestionRejected

MAX_CHARACTERS = 1_000
"""Longer questions are refused: nobody asks one, and each costs as much as it is long."""

_MOST_AS_SENT = 4 * MAX_CHARACTERS
"""Characters that are looked at: accents may come apart from their letters."""

_NOW = re.compile(
    r"\b(?:actuel(?:le)?s?|actuellement|maintenant|aujourd['’]hui|en ce moment|current(?:ly)?|now|nowadays"
    r"|today|at present|incumbent)\b|今(?![年月週後回度])|現在|現職|현재|지금",
    re.IGNORECASE,
)


_NAMES = frozenset({AnswerType.PERSON, AnswerType.COUNTRY, AnswerType.PLACE, AnswerType.NAME})
"""What only a name answers: with a capital, where the script has them."""


@dataclass(frozen=True)
class Question:
    """A question ready to be answered.

    `text` is what the visitor asked. Where it follows questions before it (following.py), `search_text` has
    those in front, and `read_text`, what the reader is asked, their names only: it would answer those.
    `followed_by` is then what it asks itself. `told` is what a letter tells before it asks, which its
    question follows like one before it.
    `language` is the one to answer in, `asked_in` the question's own; both ISO 639-1.
    """

    text: str
    search_text: str
    read_text: str
    language: str
    asked_in: str
    told: str = ""
    followed_by: str = ""

    @property
    def own_text(self) -> str:
        """What it asks itself, without what it follows."""
        return self.followed_by or self.search_text

    @property
    def expects(self) -> AnswerType:
        """The kind of answer that it asks for."""
        return expected_answer(self.own_text, self.asked_in)

    @property
    def asks_name(self) -> bool:
        """True if only a name answers it."""
        return self.expects in _NAMES

    @property
    def asks_of_today(self) -> bool:
        """True if it asks how things are now: what an article told may have changed since."""
        return bool(_NOW.search(self.own_text))

    @property
    def asks_for_most(self) -> bool:
        """True if all rows of a table are compared to answer it: which is the cheapest?"""
        return asks_for_most(self.own_text, self.asked_in)

    def asked_as(self, text: str) -> Question:
        """Return the question asked in other words, in the same language."""
        return replace(self, search_text=text, read_text=text)


def understand(
    text: str,
    language: str | None = None,
    fallback_language: str | None = None,
    language_of: Callable[[str, str | None], str | None] = lambda *_: None,
) -> Question:
    """Check a question and find its language.

    `language`: the language to answer in; None or "auto" to go by the question, and by
    `fallback_language`, or English, where a few names don't tell. `language_of`: tells the language of a
    short message, given the one around it if that is known.

    Raises: QuestionRejected with reason "empty", "too_long" or "no_words".
    """
    text = text.strip()
    cleaned = _clean(text[:_MOST_AS_SENT])
    if not cleaned:
        raise QuestionRejected("empty", "The question is empty.")
    if len(text) > _MOST_AS_SENT or len(cleaned) > MAX_CHARACTERS:
        raise QuestionRejected(
            "too_long", f"The question has {len(text)} characters; at most {MAX_CHARACTERS} are read."
        )
    if not any(character.isalnum() for character in cleaned):
        raise QuestionRejected("no_words", "The question has no words.")
    chosen = None if language == "auto" else language
    page = chosen or fallback_language
    asked_in = language_of(cleaned, page) or detect_language(cleaned, default=page or "en")
    return Question(cleaned, cleaned, cleaned, chosen or asked_in, asked_in)


def _clean(text: str) -> str:
    """Compose accents; turn control characters and lone surrogates into spaces; trim."""
    composed = normal_form("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in composed)
    return re.sub(r"\s+", " ", spaced).strip()
