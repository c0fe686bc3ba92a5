"""Lexical evidence: which words of a question a passage repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerbot.documents.normal_forms import fold
from partnerbot.index.lexical import LexicalIndex, terms

PASSAGES = [
    "La charte a été signée à Kirisawa en 2009.",
    "霧沢市の足湯は2021年6月に開業した。",
    "The tea master came to Kirisawa.",
    "",
]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(PASSAGES)


def test_digits_stand_apart_from_kanji() -> None:
    """「2021年6月」 has the terms that "2021" and "06" have."""
    assert {"2021", "6"} <= terms("2021年6月に")
    assert terms("２０２１") == {"2021"}
    assert terms("06") == {"6"}


def test_japanese_counts_by_pairs_of_characters() -> None:
    """A single character is a term only alone."""
    assert terms("霧沢市") == {"霧沢", "沢市"}
    assert terms("市") == {"市"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("ÉTÉ", "ete"), ("Œuvre", "oeuvre"), ("ｶﾞｲﾄﾞ", "ガイド"), ("Straße", "strasse"), ("e\u0301cole", "école")],
)
def test_spellings_are_folded(one: str, other: str) -> None:
    """Case, Latin accents, ligatures, width and composition make no difference."""
    assert fold(one) == fold(other)
    assert terms(one) == terms(other)


def test_kana_keep_their_sound_marks() -> None:
    """ガ is not カ."""
    assert terms("ガス") != terms("カス")


def test_inflection_is_softened() -> None:
    """A long word shares its first letters with its relatives."""
    assert terms("signature") & terms("signatures")
    assert not terms("charte") & terms("chat")


def test_a_passage_covers_what_it_repeats(index: LexicalIndex) -> None:
    """All, none, or a share; rarer words weigh more."""
    assert index.coverage("charte Kirisawa 2009")[0] == pytest.approx(1)
    assert index.coverage("2021年6月 足湯")[1] > 0.6
    assert index.coverage("charte")[2] == 0
    common, rare = index.coverage("charte Kirisawa")[[2, 0]]
    assert 0 < common < 0.5 < rare


def test_a_word_nobody_knows_cannot_be_covered(index: LexicalIndex) -> None:
    """A passage that repeats everything but an unknown name covers less than half."""
    assert index.coverage("charte Ouagadougou")[0] < 0.5
    assert index.coverage("Ouagadougou").tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("question", ["", "?!", "。"])
def test_a_question_without_words_is_covered_by_nothing(index: LexicalIndex, question: str) -> None:
    """No division by zero: zeros."""
    assert index.coverage(question).tolist() == [0, 0, 0, 0]


@settings(max_examples=100)
@given(texts=st.lists(st.text(), min_size=1, max_size=6), question=st.text())
def test_coverage_is_a_share(texts: list[str], question: str) -> None:
    """In [0, 1] for any texts; a text covers itself wholly."""
    index = LexicalIndex.build([*texts, question])
    coverage = index.coverage(question)
    assert np.all((coverage >= 0) & (coverage <= 1 + 1e-6))
    if terms(question):
        assert coverage[-1] == pytest.approx(1)


@settings(max_examples=40)
@given(texts=st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_survives_the_disk(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """Whatever the characters, line separators among them."""
    folder = tmp_path_factory.mktemp("lexical")
    index = LexicalIndex.build(texts)
    index.save(folder)
    loaded = LexicalIndex.load(folder)
    assert loaded.vocabulary == index.vocabulary
    assert all(loaded.coverage(text).tolist() == index.coverage(text).tolist() for text in texts)


def test_a_name_that_sounds_alike_in_two_scripts_counts_once_and_for_both() -> None:
    """Whichever script it is asked in."""
    index = LexicalIndex.build(["Vitagora et ses jardins", "ヴィタゴラの庭園", "Le pont de Vichy"])
    for question in ("Vitagora et Vichy", "ヴィタゴラとヴィシー"):
        french, japanese, other = index.named(question)
        assert french == japanese > 0
        assert french + other == pytest.approx(1.0)


def test_a_place_is_known_whole() -> None:
    """トゥール (Tours) is no part of トゥールーズ (Toulouse), nor is Kansas City known by its City."""
    index = LexicalIndex.build(
        ["La ville de Tours accueille la conférence.", "第5回はトゥールで開かれた。", "The city council."]
    )
    known = [
        name for name in ("Tours", "トゥール", "トゥールーズ", "Toulouse", "Kansas City") if index.knows(name)
    ]
    assert known == ["Tours", "トゥール"]
