"""The embedded model's tokenizer and word vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerbot.models import embedded_model
from partnerbot.models.vocabulary import END, PADDING, START, Tokenizer, padded


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return embedded_model.tokenizer()


def test_ids_are_those_the_weights_were_trained_with(tokenizer: Tokenizer) -> None:
    """Ids of XLM-RoBERTa's published vocabulary; another numbering would make the vectors noise."""
    assert tokenizer.ids("Hello world") == [35378, 8999]
    assert tokenizer.ids("") == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("La charte d'amitié de 2009", "amitié"),
        ("霧沢市は2009年に憲章を結んだ", "憲章"),
        ("😀 足湯 😀 tea", "tea"),
        ("été à la forêt 🍵 fin", "fin"),
    ],
)
def test_spans_are_characters(tokenizer: Tokenizer, text: str, word: str) -> None:
    """Not bytes: the tokens of a word cover exactly its characters (and the space before it)."""
    start = text.index(word)
    covered = [
        text[first:last]
        for first, last in tokenizer.tokens(text).spans
        if first < start + len(word) and start < last
    ]
    assert "".join(covered).strip() == word


@settings(max_examples=150)
@given(text=st.text())
def test_spans_lie_in_the_text_in_order(tokenizer: Tokenizer, text: str) -> None:
    """One span a token, inside the text, never going back; the ids are those without spans."""
    tokens = tokenizer.tokens(text)
    assert len(tokens.ids) == len(tokens.spans)
    assert tokens.ids == tokenizer.ids(text)
    flat = [offset for span in tokens.spans for offset in span]
    assert flat == sorted(flat)
    assert all(0 <= offset <= len(text) for offset in flat)


def test_a_pair_is_laid_out_as_the_model_knows_it(tokenizer: Tokenizer) -> None:
    """`<s> first </s></s> second </s>`, with the place and the characters of the second."""
    second = "Elle a ouvert en 2017."
    pair = tokenizer.pair("Quand ?", second, 64)
    first_ids, second_ids = tokenizer.ids("Quand ?"), tokenizer.ids(second)
    assert pair.ids == [START, *first_ids, END, END, *second_ids, END]
    assert pair.ids[pair.second : pair.second + len(pair.spans)] == second_ids
    assert pair.spans == tokenizer.tokens(second).spans


def test_a_pair_too_long_loses_the_end_of_the_second(tokenizer: Tokenizer) -> None:
    """The first stays whole, and the end mark stays."""
    pair = tokenizer.pair("Quand ?", "mot " * 100, 20)
    assert len(pair.ids) == 20
    assert pair.ids[-1] == END
    assert pair.ids[: pair.second] == [START, *tokenizer.ids("Quand ?"), END, END]


def test_shorter_texts_are_padded_and_masked() -> None:
    """A batch is as wide as its longest; padding is masked."""
    ids, mask = padded([[5, 6, 7], [8]])
    assert ids.tolist() == [[5, 6, 7], [8, PADDING, PADDING]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_word_vectors_do_not_depend_on_their_company() -> None:
    """The same id has the same vector in any place; different ids differ."""
    words = embedded_model.word_vectors()
    batch = words.of(np.array([[35378, 8999], [8999, 35378]]))
    assert batch.shape == (2, 2, embedded_model.HIDDEN)
    assert np.array_equal(batch[0, 0], batch[1, 1])
    assert not np.array_equal(batch[0, 0], batch[0, 1])
    assert np.array_equal(words.of(np.array([[8999]]))[0, 0], batch[0, 1])
