"""Understand a question: is it one, and in which language?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import normal_form
from partnerbot.errors import QuestionRejected

MAX_CHARACTERS = 1_000
"""Longer questions are refused: nobody asks one, and each costs as much as it is long."""

_MOST_AS_SENT = 4 * MAX_CHARACTERS
"""Characters that are looked at: accents may come apart from their letters."""

_ADDRESS = r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s()]*"
_PAGE_ADDRESS = re.compile(rf"\s*\({_ADDRESS}\)")
"""Where "Ask about this page" was pressed: its words would be looked for in the documents."""

_ABOUT_PAGE = re.compile(
    rf"[^“«「]{{0,20}}[“«「]\s*+(?:(?P<title>.+?)\s*+\({_ADDRESS}\)|{_ADDRESS})\s*[”»」][^:：]{{0,12}}[:：]\s*(?P<asked>.*)"
)
"""What the box begins with then (`about_question` in web/texts), and what the visitor asks."""

_NAME = re.compile(
    r"(?<=[^\W\d_][ '’-])[A-ZÀ-ÖØ-Þ][^\W\d_]{2}|[^\x00-\u2fff][A-Za-z]{3}|^[A-Za-z]{3,}[\u3040-\u9fff]"
    r"|[ァ-ヴー]{3}|[一-龠々](?:市|県|町|村|都|府|区)"
)
"""What tells that a question says by name what it is about: a capital within, katakana, a Japanese place."""


@dataclass(frozen=True)
class Question:
    """A question ready to be answered.

    `text` is what the visitor asked; `search_text` has the questions before it in front, where it
    follows them (following.py), and `read_text`, what the reader is asked, hasn't: it would answer those.
    Of the page that a question is about it has the
    title, unless the question names something itself, and never the address. `language` is the one to
    answer in, `asked_in` the question's own; both ISO 639-1.
    """

    text: str
    search_text: str
    read_text: str
    language: str
    asked_in: str

    def searched_as(self, text: str, asked_in: str) -> Question:
        """Return the question with its misspelt words put right, and the language that they are of."""
        follows = self.language == self.asked_in
        return replace(
            self,
            search_text=text,
            read_text=text,
            asked_in=asked_in,
            language=asked_in if follows else self.language,
        )


def understand(
    text: str,
    language: str | None = None,
    fallback_language: str = "en",
    language_of: Callable[[str, str], str | None] = lambda *_: None,
) -> Question:
    """Check a question and find its language.

    `language`: the language to answer in; None or "auto" to go by the question, and by
    `fallback_language` where a few names don't tell. `language_of`: tells the language of a short
    message, given the one around it.

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
    title, asked = _page_and_question(cleaned)
    words = asked or cleaned
    page = chosen or fallback_language
    asked_in = language_of(words, page) or detect_language(words, default=page)
    searched = cleaned if title is None else _of_page(title, asked)
    looked_for = _PAGE_ADDRESS.sub("", searched) or cleaned
    return Question(cleaned, looked_for, looked_for, chosen or asked_in, asked_in)


def _page_and_question(text: str) -> tuple[str | None, str]:
    """Part the title of the page that a question is about (None: it isn't about one) from what is asked."""
    about = _ABOUT_PAGE.fullmatch(text)
    return (about["title"] or "", about["asked"]) if about else (None, text)


def _of_page(title: str, asked: str) -> str:
    """Put the title before a question that says nothing by name, as a title is no part of one that does."""
    return asked if _NAME.search(asked) else f"{title} {asked}".strip()


def _clean(text: str) -> str:
    """Compose accents; turn control characters and lone surrogates into spaces; trim."""
    composed = normal_form("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in composed)
    return re.sub(r"\s+", " ", spaced).strip()
