"""Passages of other articles that retrieval finds nearest to a question: what the reader has to refuse.

The product reads what retrieval finds, mostly about something else that sounds alike; passages drawn
at random, or of the same article, don't teach to refuse those.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from written import LANGUAGES

from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED

READ_CHARACTERS = 900
"""What of a document is embedded and read."""

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Asked:
    """A question, its language, and the article it is about."""

    question: str
    language: str
    article: str


class Nearest:
    """Documents in French, Japanese and English, by their likeness to questions."""

    def __init__(self, documents: Sequence[dict[str, Any]], articles: Sequence[str]) -> None:
        """`articles`: of each document, as `Asked.article` names them."""
        self.documents = documents
        self._model: EmbeddingModel = load_embedding_model(EMBEDDED)
        self._languages = np.array([document["lang"] for document in documents])
        self._articles = np.array(articles)
        texts = [f"{document['title']} {document['text'][:READ_CHARACTERS]}" for document in documents]
        self._passages = _centred(self._model.document_vectors(texts), self._languages)

    def of_other_articles(self, asked: Sequence[Asked], nearest: int) -> Iterator[list[int]]:
        """For each question, the places in `documents` of the nearest ones in each language.

        They stand by language, each the nearest first; none is of the question's article.
        """
        if not asked:
            return
        vectors = np.stack([self._model.query_vector(one.question) for one in asked])
        vectors = _centred(vectors, np.array([one.language for one in asked]))
        for begin in range(0, len(asked), _ROWS_AT_ONCE):
            likeness = vectors[begin : begin + _ROWS_AT_ONCE] @ self._passages.T
            for one, row in zip(asked[begin : begin + _ROWS_AT_ONCE], likeness, strict=True):
                row[self._articles == one.article] = -1
                found: list[int] = []
                for language in LANGUAGES:
                    of_language = np.where(self._languages == language, -row, 1)
                    places = np.argpartition(of_language, nearest)[:nearest]
                    found += places[np.argsort(of_language[places])].tolist()
                yield found


def sampled(asked: Sequence[Asked], most: int, rng: random.Random) -> list[Asked]:
    """Return at most so many of the questions, each once, in random order."""
    once = list({one.question: one for one in asked}.values())
    return rng.sample(once, min(most, len(once)))


def _centred(vectors: NDArray[np.float32], languages: NDArray[np.str_]) -> NDArray[np.float32]:
    """Take each language's mean away, so that the nearest aren't all of one language; unit length again."""
    moved = vectors.copy()
    for language in np.unique(languages):
        moved[languages == language] -= vectors[languages == language].mean(axis=0)
    result: NDArray[np.float32] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return result
