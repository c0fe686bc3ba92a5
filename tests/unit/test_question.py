"""Understanding a question: what is one, and in which language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerbot.answering.question import MAX_CHARACTERS, understand
from partnerbot.errors import QuestionRejected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("\u3000\u00a0\n\t", "empty"),
        ("\x00\x07\x1b", "empty"),
        ("\ud800", "empty"),
        ("a" * 1001, "too_long"),
        ("猫" * 1001, "too_long"),
        ("?!", "no_words"),
        ("😀", "no_words"),
        ("👨‍👩‍👧 🇫🇷 …", "no_words"),
        ("。、！？", "no_words"),
    ],
)
def test_what_is_no_question_is_refused(text: str, reason: str) -> None:
    """With the reason by which each surface finds its own words."""
    with pytest.raises(QuestionRejected) as refused:
        understand(text)
    assert refused.value.reason == reason


def test_a_question_of_a_thousand_characters_is_read() -> None:
    """The limit itself is allowed, and white space around does not count."""
    assert MAX_CHARACTERS == 1000
    assert len(understand("  " + "a" * 1000 + "  ").text) == 1000


def test_a_question_is_cleaned() -> None:
    """Accents composed, control characters and runs of white space to one space; emoji stay."""
    asked = understand("  Quand la fe\u0302te\x00a-t-elle\r\n\u3000eu lieu\u202f? 😀 ", language="fr")
    assert asked.text == "Quand la fête a-t-elle eu lieu ? 😀"
    assert asked.search_text == asked.read_text == asked.text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Quand la fromagerie a-t-elle ouvert sa boutique ?", "fr"),
        ("When did the dairy open its shop?", "en"),
        ("店はいつ開きましたか？", "ja"),
        ("Wann wurde der Laden in Kirisawa eröffnet?", "de"),
    ],
)
def test_the_answer_is_in_the_questions_language(text: str, language: str) -> None:
    """Found from its words, wherever it is asked; what the caller states wins."""
    assert understand(text).language == language
    assert understand(text, language="auto", fallback_language="ja").language == language
    assert understand(text, language="it").language == "it"


def test_names_alone_are_in_the_pages_language() -> None:
    """ "Kirisawa" is no language's."""
    assert understand("Kirisawa", fallback_language="fr").language == "fr"
    assert understand("Kirisawa", fallback_language="ja").language == "ja"


@settings(max_examples=200)
@given(text=st.text(st.characters(codec=None)))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Surrogates, unassigned characters, anything: a clean question, or QuestionRejected."""
    try:
        asked = understand(text)
    except QuestionRejected:
        return
    assert asked.text.strip() == asked.text != ""
    assert asked.text.isprintable() or not asked.text.isascii()
    assert asked.text.encode()
    assert asked.search_text.endswith(asked.text)


PAGE = "www.example.org/fr/actu/2016"
