"""Understand a question: is it one, in which language, and what does it ask for?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from partnerbot.answering.answer import Turn
from partnerbot.documents.language import detect_language
from partnerbot.errors import QuestionRejected

MAX_CHARACTERS = 1_000
"""Longer questions are refused: nobody asks one, and each costs as much as it is long."""

_FOLLOW_UP_CHARACTERS = 40
_FOLLOW_UP = re.compile(
    r"^(?:et|mais|and|but|what about|how about|und|y|e|pourquoi|why|why not|alors)\b"
    # After its verb a French pronoun only repeats the subject, unless the verb comes first: "Quand a-t-il".
    r"|(?<!-)\b(?:il|elle|ils|elles|celui-ci|celle-ci|y(?! a)|cela|ça|leur|leurs|son|sa|ses)\b"
    r"|^(?:quand|où|comment|combien|depuis quand|en quelle année|à quelle date)"
    r" (?:l['’]|s['’]|se |y (?!a))?\w+(?:-t)?-(?:il|elle|ils|elles)\b"
    r"|\b(?:he|she|they|it|that one|(?<!is )(?<!are )(?<!were )there|then|its|their)\b"
    r"|^(?:では|じゃあ|それ|その|そこ|そちら|彼|彼女|この|また|あと)|は[？?]?$",
    re.IGNORECASE,
)
"""A short question with a word that points back, or that only names a new topic."""

_ADDRESS = r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?/[^\s()]*"
_PAGE_ADDRESS = re.compile(rf"\s*\({_ADDRESS}\)")
"""Where "Ask about this page" was pressed: its words would be looked for in the documents."""

_ABOUT_PAGE = re.compile(
    rf"[^“«「]{{0,20}}[“«「]\s*(?:(?P<title>.+?)\s*\({_ADDRESS}\)|{_ADDRESS})\s*[”»」][^:：]{{0,12}}[:：]\s*(?P<asked>.*)"
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

    `text` is what the visitor asked; `search_text` adds the question before it, for a
    follow-up that can't be understood alone. Of the page that a question is about it has the
    title, unless the question names something itself, and never the address. `language` is the one to
    answer in, `asked_in` the question's own; both ISO 639-1.
    """

    text: str
    search_text: str
    language: str
    asked_in: str


def understand(
    text: str, history: Sequence[Turn] = (), language: str | None = None, fallback_language: str = "en"
) -> Question:
    """Check a question and find its language.

    `language`: the language to answer in; None or "auto" to go by the question, and by
    `fallback_language` where a few names don't tell.

    Raises: QuestionRejected with reason "empty", "too_long" or "no_words".
    """
    cleaned = _clean(text)
    if not cleaned:
        raise QuestionRejected("empty", "The question is empty.")
    if len(cleaned) > MAX_CHARACTERS:
        raise QuestionRejected(
            "too_long", f"The question has {len(cleaned)} characters; at most {MAX_CHARACTERS} are read."
        )
    if not any(character.isalnum() for character in cleaned):
        raise QuestionRejected("no_words", "The question has no words.")
    chosen = None if language == "auto" else language
    page, asked = _page_and_question(cleaned)
    asked_in = detect_language(asked or cleaned, default=chosen or fallback_language)
    searched = _of_page(page, asked) if page is not None else _with_what_it_follows(cleaned, history)
    return Question(cleaned, _PAGE_ADDRESS.sub("", searched) or cleaned, chosen or asked_in, asked_in)


def _page_and_question(text: str) -> tuple[str | None, str]:
    """Part the title of the page that a question is about (None: it isn't about one) from what is asked."""
    about = _ABOUT_PAGE.fullmatch(text)
    return (about["title"] or "", about["asked"]) if about else (None, text)


def _of_page(title: str, asked: str) -> str:
    """Put the title before a question that says nothing by name, as a title is no part of one that does."""
    stands_alone = _NAME.search(asked) and not _is_follow_up(asked)
    return asked if stands_alone else f"{title} {asked}".strip()


def _clean(text: str) -> str:
    """Compose accents; turn control characters and lone surrogates into spaces; trim."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in composed)
    return re.sub(r"\s+", " ", spaced).strip()


def _with_what_it_follows(text: str, history: Sequence[Turn]) -> str:
    """Put the visitor's last full question before a follow-up, so that its names are searched too."""
    if not _is_follow_up(text):
        return text
    for turn in reversed(history):
        earlier = _clean(turn.content)[:MAX_CHARACTERS]
        page, asked = _page_and_question(earlier)
        if page is not None:
            earlier = _of_page(page, asked)
        if turn.role == "user" and earlier and not _is_follow_up(earlier):
            return f"{earlier} {text}"
    return text


def _is_follow_up(text: str) -> bool:
    return len(text) <= _FOLLOW_UP_CHARACTERS and bool(_FOLLOW_UP.search(text.rstrip(" ?？。！!")))
