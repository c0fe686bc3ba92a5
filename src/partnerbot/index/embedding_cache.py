"""What is embedded is kept in a file while an index is built, so that a killed run resumes.

A published generation has its vectors itself; then the file is removed.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from partnerbot.index.texts import Key, Vectors
from partnerbot.models.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_FILE = "embedding-cache.sqlite"
_KEYS_A_QUERY = 500

_EMBEDDED_AT_ONCE = 256
"""Texts embedded between two writes of the cache: what a kill can cost."""


class EmbeddingCache:
    """A file of vectors in the index folder. Used by the one process that writes the index."""

    def __init__(self, index: Path) -> None:
        """Open or make the file; one that is damaged is made anew, since it can be."""
        self._path = index / _FILE
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # the disk is full or can't be written: not for want of a sound file
            _log.warning("The embedding cache %s is damaged (%s) and is begun anew.", self._path, error)
            remove_cache(index)
            self._connection = self._open()

    def get(self, keys: Sequence[Key], dimension: int) -> dict[Key, Vectors]:
        """Return the vectors that are known, by key; any that isn't whole is left out."""
        found: dict[Key, Vectors] = {}
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            marks = ",".join("?" * len(part))
            rows = self._connection.execute(f"SELECT key, vector FROM vector WHERE key IN ({marks})", part)
            for key, content in rows:
                vector = np.frombuffer(content, "<f4")
                if len(vector) == dimension and abs(float(vector @ vector) - 1) < 1e-2:
                    found[key] = vector.astype(np.float32)
        return found

    def put(self, vectors: Mapping[Key, Vectors]) -> None:
        """Keep vectors; once this returns they outlive a kill of the process."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vector VALUES (?, ?)",
                ((key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()),
            )

    def close(self) -> None:
        """Close the file and keep it for the next run."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may lose the last batches, which are then embedded again; a kill loses none.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(
                # With rows in order of arrival: in order of key, pages would be left half empty.
                "CREATE TABLE IF NOT EXISTS vector (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
            )
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def remove_cache(index: Path) -> None:
    """Remove the file: what it knew is in a published generation, or is not wanted."""
    for ending in ("", "-wal", "-shm"):
        (index / (_FILE + ending)).unlink(missing_ok=True)


def embedded(
    texts: Mapping[Key, str],
    model: EmbeddingModel,
    cache: EmbeddingCache,
    on_progress: Callable[[int, int], None],
) -> tuple[dict[Key, Vectors], set[Key]]:
    """Return the vectors of texts by key, and the keys of those that had to be computed.

    What is embedded is in the cache before the next texts are, so a run that was killed resumes there.
    """
    found = cache.get(list(texts), model.dimension) if texts else {}
    # Texts of like length side by side: a batch is padded to its longest.
    missing = sorted((key for key in texts if key not in found), key=lambda key: len(texts[key]))
    for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
        some = missing[start : start + _EMBEDDED_AT_ONCE]
        vectors = dict(zip(some, model.document_vectors([texts[key] for key in some]), strict=True))
        cache.put(vectors)
        found |= vectors
        on_progress(start + len(some), len(missing))
    return found, set(missing)
