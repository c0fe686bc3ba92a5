"""What sort of reply a message wants: one value, a list, an overview, or a few polite words.

Two linear layers on the question's embedding, and on the kind of value that its question word asks for:
one tells kinds of question apart, the other questions from conversation. They are trained on examples in
three languages by training/kinds/train.py, which prints how well they do on examples they haven't seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.question_type import AnswerType, expected_answer
from partnerbot.appearance import Act
from partnerbot.errors import ModelUnavailable
from partnerbot.indexing import embedded_model
from partnerbot.indexing.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.indexing.passages import display_width
from partnerbot.settings import EMBEDDED

QuestionKind = Literal[
    "fact", "list", "count", "overview", "explanation", "howto", "comparison", "latest", "name", "multi",
    "follow_up",
]  # fmt: skip
"""training/kinds/README.md says what each means."""

KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
ACTS: tuple[Act, ...] = get_args(Act)
QUESTION = "question"
"""The class beside the acts: a message that asks the documents something."""

_TYPES = tuple(AnswerType)
_TYPE_WEIGHT = 2.0
_EMBEDDING_WEIGHT = 8.0
_LONG = 60.0
"""Scales of the features, so that one penalty fits all of them."""

_CONVERSATION = 0.7
"""Probability from which a message is answered as conversation: of 570 questions on documents 3 to 7 in a
thousand reach it, of conversational messages 93 in a hundred (training/kinds/train.py)."""


@dataclass(frozen=True)
class Intent:
    """What a message wants. `kinds`: the probability of each kind, in [0, 1], should it be a question.

    `act`: what it does in a conversation; None if it asks the documents something.
    """

    kinds: dict[QuestionKind, float]
    act: Act | None

    @property
    def kind(self) -> QuestionKind:
        """The likeliest kind of question."""
        return max(self.kinds, key=lambda kind: self.kinds[kind])

    def without_history(self) -> Intent:
        """Return what is asked once it is clear what it follows: any kind but a follow-up."""
        return replace(self, kinds=self.kinds | {"follow_up": 0.0})


class Classifier:
    """Tells what messages want. One instance serves all threads."""

    def __init__(self, model: EmbeddingModel) -> None:
        """`model`: the one that questions are searched with; if it isn't the embedded one, that is loaded, too."""
        self._model: EmbeddingModel | None = model
        if model.fingerprint != embedded_model.FINGERPRINT:
            try:
                self._model = load_embedding_model(EMBEDDED)
            except ModelUnavailable:  # it has no wheel for every platform
                self._model = None

    def intent(self, text: str, language: str) -> Intent:
        """Return what a message wants; without the embedded model, by its question word alone."""
        if self._model is None:
            likely: QuestionKind = (
                "fact" if expected_answer(text, language) is not AnswerType.OTHER else "overview"
            )
            return Intent({kind: float(kind == likely) for kind in KINDS}, None)
        return intent_of(text, language, self._model.query_vector(text))


def intent_of(text: str, language: str, vector: NDArray[np.float32]) -> Intent:
    """Return what a message wants.

    language: the one it is written in. vector: its embedding as a query by the embedded model, float32 [384].
    """
    weights = _weights()
    row = (features(text, language, vector) - weights["mean"]) @ np.hstack(
        [weights["kinds"], weights["acts"]]
    ) + np.hstack([weights["kinds_bias"], weights["acts_bias"]])
    kinds, acts = _chances(row[: len(KINDS)]), _chances(row[len(KINDS) :])
    likeliest = int(acts[:-1].argmax())
    talks = 1.0 - float(acts[-1]) >= _CONVERSATION
    return Intent(
        dict(zip(KINDS, map(float, kinds), strict=True)),
        ACTS[likeliest] if talks else None,
    )


def features(text: str, language: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the layers see of a message, float32 [features]; arguments as for `intent_of`."""
    asked = np.zeros(len(_TYPES), np.float32)
    asked[_TYPES.index(expected_answer(text, language))] = _TYPE_WEIGHT
    ends = text.rstrip()[-1:] in ("?", "？")
    form = np.array([2 * min(display_width(text) / _LONG, 2.0), 2.0 * ends], np.float32)
    return np.hstack([vector * _EMBEDDING_WEIGHT, asked, form]).astype(np.float32)


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max())
    return np.asarray(raised / raised.sum(), np.float32)


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with resources.files(__package__).joinpath("kinds.npz").open("rb") as file:
        return {name: array.astype(np.float32) for name, array in np.load(file).items()}
