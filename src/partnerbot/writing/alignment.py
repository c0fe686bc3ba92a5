"""Word by word, how well a text is matched by another one, across languages.

Each token's state in a middle layer of the embedded model stands near those of words that mean the
same in other languages (as in SimAlign, Sabet et al., 2020); the last layer has mixed the sentence
into each of them. The mean of the language is taken off, as for passages (index/language_bias.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.utils import Extractor
from onnxruntime import InferenceSession

from partnerbot.index.language_bias import BACKGROUND_LANGUAGES, neutral_paragraphs
from partnerbot.models import embedded_model
from partnerbot.models.embedded_model import WordVectors, open_network
from partnerbot.models.vocabulary import END, START, Tokenizer, Tokens, padded

States = NDArray[np.float32]

_LAYER = 6
"""Of layers 4, 6, 8, 10 and 12, the one that tells supported from unsupported statements best
(docs/decisions/011-support-check.md)."""

_PREFIX = "passage: "
_MEAN_OF_PARAGRAPHS, _MEAN_OF_CHARACTERS = 12, 300
_COMMON = 6.0
"""Negative log frequency of a token up to which it weighs nothing: articles, particles, endings."""


@dataclass(frozen=True, eq=False)
class TokenStates:
    """A text's tokens: the characters each covers, unit vectors [tokens, hidden], and what each weighs.

    Weights are in nats of rarity; 0 for punctuation and the commonest words.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: States
    weights: States

    def between(self, start: int, end: int) -> list[int]:
        """Return which end within (start, end] of the text; a word's first holds the space before it."""
        return [i for i, (_, last) in enumerate(self.spans) if start < last <= end]


class Aligner:
    """Compares texts token by token. Safe to use from several threads."""

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, words: WordVectors) -> None:
        self._session, self._tokenizer, self._words = session, tokenizer, words
        self._prefix = tokenizer.ids(_PREFIX)
        self._means: dict[str, States] = {}

    def states(self, text: str, language: str) -> TokenStates:
        """Return the token states of a text: one at a time, since int8 states depend on a batch's others."""
        tokens, states = self._raw(text)
        centred = states - self._mean(language)
        lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return TokenStates(tuple(tokens.spans), centred / lengths, self._weights(tokens.ids))

    def _raw(self, text: str) -> tuple[Tokens, States]:
        """The states before the mean is taken off."""
        most = embedded_model.MAX_TOKENS - len(self._prefix) - 2
        whole = self._tokenizer.tokens(text)
        tokens = Tokens(whole.ids[:most], whole.spans[:most])
        ids, mask = padded([[START, *self._prefix, *tokens.ids, END]])
        ((states,),) = self._session.run(None, {"words": self._words.of(ids), "attention_mask": mask})
        first = 1 + len(self._prefix)
        return tokens, states[first : first + len(tokens.ids)]

    def _mean(self, language: str) -> States:
        if language not in self._means:
            read = (language,) if language in BACKGROUND_LANGUAGES else BACKGROUND_LANGUAGES
            paragraphs = [
                text[:_MEAN_OF_CHARACTERS]
                for one in read
                for text in neutral_paragraphs(one)[:_MEAN_OF_PARAGRAPHS]
            ]
            self._means[language] = np.concatenate([self._raw(one)[1] for one in paragraphs]).mean(axis=0)
        return self._means[language]

    def _weights(self, ids: Sequence[int]) -> States:
        return np.array([self._weight(id) for id in ids], np.float32)

    def _weight(self, id: int) -> float:
        if not re.search(r"[^\W_]", self._tokenizer.piece(id)):
            return 0.0
        return max(0.0, self._tokenizer.rarity(id) - _COMMON)


@cache
def load_aligner() -> Aligner:
    """Load the lower layers of the embedded model, once; it serves all threads.

    Raises: ModelUnavailable.
    """
    # A sentence is too short for two threads.
    session = open_network(_lower_layers(embedded_model.FOLDER / "encoder.onnx"), threads=1)
    return Aligner(session, embedded_model.tokenizer(), embedded_model.word_vectors())


def _lower_layers(path: Path) -> bytes:
    """The network up to the chosen layer: its layer norms are one for the words, then two a layer."""
    model = onnx.load(str(path))
    norms = [node for node in model.graph.node if node.op_type == "LayerNormalization"]
    state = norms[2 * _LAYER].output[0]
    shape: list[str | int | None] = ["batch", "tokens", embedded_model.HIDDEN]
    known = onnx.helper.make_tensor_value_info(state, onnx.TensorProto.FLOAT, shape)
    model.graph.value_info.append(known)
    inputs = [one.name for one in model.graph.input]
    return bytes(Extractor(model).extract_model(inputs, [state]).SerializeToString())
