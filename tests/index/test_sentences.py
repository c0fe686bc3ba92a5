"""Sentence boundaries in French, Japanese and English."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partnerbot.index.passages import sentence_spans


def sentences(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Le pont est ouvert.", "Il mesure 3,5 km !", "Qui l'a bâti ?"]),
        ("fr", ["Le maire, M. Ozaki, a reçu Mme. Dupont et J.-M. Roche.", "Ils ont dîné."]),
        ("fr", ["La fiche n° 12 et l'art. 4 sont à jour.", "Cf. p. 8 pour le reste."]),
        ("fr", ["Il a dit : « Bienvenue ! » aux élèves.", "Tous ont ri."]),
        ("ja", ["足湯が開いた。", "利用は無料だ！", "いつ行こうか？"]),
        ("ja", ["市長は「春に会いましょう。」と述べた。", "拍手が続いた。"]),
        ("ja", ["彼は『山と川。』という本を書いた。", "翌年に出版された。"]),
        ("en", ["Mr. Aoki lives in St. Albans.", "He makes 3.5 bowls a day.", "Why?"]),
    ],
)
def test_sentences_end_where_readers_end_them(language: str, expected: list[str]) -> None:
    """Full stops of abbreviations, initials and numbers, and those inside a quotation, end nothing."""
    text = ("" if language == "ja" else " ").join(expected)
    assert sentences(text, language) == expected


def test_a_line_break_ends_a_sentence() -> None:
    """A heading has no full stop, and is no part of what follows."""
    assert sentences("Un jardin sec\n\n  Il est ouvert. \n", "fr") == ["Un jardin sec", "Il est ouvert."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u3000\n"])
def test_white_space_has_no_sentence(text: str) -> None:
    """Nothing to find, nothing found."""
    assert sentence_spans(text, "fr") == []


@settings(max_examples=150)
@example("\u2028M\u3000.\u3000かM", "ja")
@given(
    st.text(st.sampled_from("aÉ.M 「」。!？\n\r\t\u3000\u2028…»«3,-😀か\u0301")),
    st.sampled_from(["fr", "ja", "en", "sw"]),
)
def test_sentences_cover_everything_but_white_space(text: str, language: str) -> None:
    """In order, without overlap, trimmed; what lies between them is white space."""
    end = 0
    for start, next_end in sentence_spans(text, language):
        assert text[end:start].strip() == ""
        assert start >= end
        assert text[start:next_end].strip() == text[start:next_end] != ""
        end = next_end
    assert text[end:].strip() == ""
