"""The vector store: Chroma, in this process. The only module that knows Chroma.

Each language has collections of its own, since a filter by language costs more than the
search itself, and each passage two vectors: of its sentence alone and of the sentence in
its context. Nearness is by cosine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import chromadb
import numpy as np
from chromadb.config import Settings as ChromaSettings
from numpy.typing import NDArray

View = Literal["sentence", "context"]
VIEWS: tuple[View, ...] = ("sentence", "context")

_LARGEST_BATCH = 5_000
"""Chroma refuses more than 5,461 records a call."""


class VectorStore:
    """The vectors of one generation of the index."""

    def __init__(self, folder: Path) -> None:
        settings = ChromaSettings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(path=str(folder), settings=settings)
        self._collections: dict[str, chromadb.Collection] = {
            collection.name: collection for collection in self._client.list_collections()
        }

    def add(self, language: str, view: View, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store unit-length vectors, float32 [len(ids), dimension]."""
        name = _name(language, view)
        if name not in self._collections:
            self._collections[name] = self._client.create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
        for start in range(0, len(ids), _LARGEST_BATCH):
            end = start + _LARGEST_BATCH
            self._collections[name].add(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def languages(self) -> list[str]:
        """Return the languages that have passages."""
        return sorted({name.split("-")[1] for name in self._collections})

    def nearest(self, question: NDArray[np.float32], language: str, view: View, count: int) -> list[str]:
        """Return the ids of the nearest passages of a language by cosine, best first; at most `count`."""
        found = self._collections[_name(language, view)].query(
            query_embeddings=question[None, :], n_results=count, include=[]
        )
        return found["ids"][0]

    def vectors(self, language: str, view: View, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of those ids that exist."""
        collection = self._collections.get(_name(language, view))
        if collection is None or not ids:
            return {}
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(ids), _LARGEST_BATCH):
            part = collection.get(ids=list(ids[start : start + _LARGEST_BATCH]), include=["embeddings"])
            embeddings = part["embeddings"]
            assert embeddings is not None
            found.update(
                (id, np.asarray(vector, np.float32))
                for id, vector in zip(part["ids"], embeddings, strict=True)
            )
        return found

    def count(self) -> int:
        """Return the number of passages, counted in the sentence view."""
        return sum(
            collection.count() for name, collection in self._collections.items() if name.endswith("sentence")
        )

    def close(self) -> None:
        """Let go of the files; Chroma itself closes them with its last reference."""
        self._collections.clear()


def _name(language: str, view: View) -> str:
    return f"passages-{language}-{view}"


def by_language(languages: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield each language with the positions it has in the sequence."""
    for language in sorted(set(languages)):
        yield language, [position for position, other in enumerate(languages) if other == language]
