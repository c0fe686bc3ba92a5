"""Does a quote support what a statement means? A calibrated chance, from two models that are loaded anyway.

The embedding tells whether statement and quote are about the same, clause by clause; the reader, given
the statement in the place of a question, whether it finds it there. Neither notices a wrong year or
changed places: those are told by facts.py. Fitted by tools/support_check (support.json).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.reader import Reader
from partnerbot.answering.writing.excerpts import Excerpt
from partnerbot.answering.writing.mentions import folded
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.language_bias import neutral_vectors
from partnerbot.indexing.passages import display_width

Vectors = NDArray[np.float32]

_PAUSE = re.compile(
    r"[,;:、，；：]\s*|\s(?=(?:and|but|which|while|thanks|et|mais|qui|où|tandis|grâce|und|y|e)\s)",
    re.IGNORECASE,
)
_SHORTEST_CLAUSE = 24
"""Width in Latin characters below which a piece says too little to be compared alone."""

_STEM = 5
_FOUND_AT_MOST = 3


@dataclass(frozen=True)
class Likeness:
    """What speaks for a quote supporting a statement; each higher is better.

    whole, clause: similarity of the statement, and of its least similar clause, in standard
        deviations of what the statement scores against ordinary text of the quote's language.
    reading: the reader's log-odds that the quote has what the statement says; 0 without a reader.
    words: share of the statement's words that the quote has too; 0 across languages.
    foreign: 1 if statement and quote are in different languages, else 0.
    found: how many values and names the clause with the fewest has, at most 3. All were found before.
    """

    whole: float
    clause: float
    reading: float
    words: float
    foreign: float
    found: float


@cache
def _coefficients() -> dict[str, float]:
    text = resources.files(__package__).joinpath("support.json").read_text("utf-8")
    return {name: float(value) for name, value in json.loads(text).items()}


def chance(likeness: Likeness) -> float:
    """Return the probability in [0, 1] that the quote supports the statement."""
    weights = _coefficients()
    logit = weights["intercept"] + sum(weights[name] * value for name, value in asdict(likeness).items())
    return 1 / (1 + math.exp(-max(min(logit, 60.0), -60.0)))


def threshold() -> float:
    """Return the chance from which a statement is shown."""
    return _coefficients()["threshold"]


class SupportJudge:
    """Compares statements with sentences of excerpts. Safe to use from several threads."""

    def __init__(self, model: EmbeddingModel, reader: Reader | None) -> None:
        self._model = model
        self._reader = reader

    @cached_property
    def _ordinary(self) -> dict[str, Vectors]:
        return neutral_vectors(self._model)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: float32 [len(texts), dimension], unit length."""
        return self._model.document_vectors(texts)

    def in_deviations(self, vector: Vectors, similarity: float, language: str) -> float:
        """Express a similarity in standard deviations of what the vector scores against ordinary text."""
        ordinary = self._ordinary.get(language)
        if ordinary is None:
            ordinary = np.concatenate(list(self._ordinary.values()))
        usual = ordinary @ vector
        return float((similarity - usual.mean()) / max(float(usual.std()), 1e-6))

    def likeness(
        self,
        statement: str,
        language: str,
        excerpt: Excerpt,
        position: int,
        vectors: ExcerptVectors,
        facts: Sequence[str],
    ) -> Likeness:
        """Compare a statement with the sentence at a position and its neighbours.

        `facts`: its values and names, as it gives them, which were found in the excerpt.
        """
        parts = clauses(statement)
        pieces = [statement, *parts]
        embedded = self.vectors(pieces)
        near = [i for i in (position - 1, position, position + 1) if 0 <= i < len(excerpt.sentences)]
        texts = np.concatenate([vectors.sentences[near], vectors.pairs[near]])
        scores = [
            self.in_deviations(vector, float((texts @ vector).max()), excerpt.language) for vector in embedded
        ]
        text = " ".join(excerpt.sentence(i) for i in near)
        foreign = language != excerpt.language
        return Likeness(
            whole=scores[0],
            clause=min(scores[1:]),
            reading=0.0 if self._reader is None else self._reading(statement, excerpt, position),
            words=0.0 if foreign else _shared(statement, f"{excerpt.title} {text}"),
            foreign=float(foreign),
            found=least_found(parts, facts),
        )

    def _reading(self, statement: str, excerpt: Excerpt, position: int) -> float:
        assert self._reader is not None
        text = " ".join(filter(None, (excerpt.sentence(position), excerpt.sentence(position + 1))))
        (reading,) = self._reader.read(statement, [(excerpt.title, text)])
        return max(-4.0, min(4.0, reading.score))

    def excerpt_vectors(self, excerpt: Excerpt) -> ExcerptVectors:
        """Embed an excerpt's sentences, and each with the next one."""
        sentences = [excerpt.sentence(i) for i in range(len(excerpt.sentences))]
        pairs = [" ".join(sentences[i : i + 2]) for i in range(len(sentences))]
        vectors = self.vectors([*sentences, *pairs])
        return ExcerptVectors(vectors[: len(sentences)], vectors[len(sentences) :])


@dataclass(frozen=True, eq=False)
class ExcerptVectors:
    """Float32 [sentences, dimension]: each sentence, and each together with the next."""

    sentences: Vectors
    pairs: Vectors


def least_found(parts: Sequence[str], facts: Sequence[str]) -> float:
    """Return how many of the facts the clause with the fewest has."""
    return float(min(_FOUND_AT_MOST, *(sum(fact in part for fact in facts) for part in parts)))


def clauses(statement: str) -> list[str]:
    """Cut a statement at its pauses into pieces long enough to be compared alone; at least one."""
    pieces: list[str] = []
    current = ""
    for piece in _PAUSE.split(statement):
        current = f"{current} {piece}".strip()
        if display_width(current) >= _SHORTEST_CLAUSE:
            pieces.append(current)
            current = ""
    if current and (not pieces or display_width(current) >= _SHORTEST_CLAUSE * 2 // 3):
        pieces.append(current)
    return pieces


def _shared(statement: str, text: str) -> float:
    mine = _words(statement)
    return len(mine & _words(text)) / len(mine) if mine else 1.0


def _words(text: str) -> set[str]:
    """The beginnings of long words, and pairs of kanji or katakana."""
    found = {folded(word)[:_STEM] for word in re.findall(r"[A-Za-zÀ-ɏ]{4,}", text)}
    for run in re.findall(r"[一-龠々]{2,}|[ァ-ヶー]{2,}", text):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found
