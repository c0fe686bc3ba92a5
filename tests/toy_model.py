"""A tiny embedding model for tests that index often: vectors made of words, the same on every machine."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, ClassVar

import numpy as np

from partnerbot.index.lexical import terms
from partnerbot.models.embeddings import EmbeddingModel

DIMENSION = 48


class WordVectors:
    """In a sentence-transformers model's place: the sum of a fixed random vector for each word."""

    prompts: ClassVar[dict[str, str]] = {}

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def encode_document(self, texts: list[str], **_: object) -> Any:
        rows = np.stack([sum((_word(term) for term in terms(text)), _word("")) for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    encode_query = encode_document


def toy_model(fingerprint: str = "toy-1") -> EmbeddingModel:
    return EmbeddingModel("toy", fingerprint, WordVectors)  # type: ignore[arg-type]


@cache
def _word(word: str) -> Any:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
