"""The vectors of texts: those that some generation on the disk knows, the cache's, and the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from partnerbot.indexing.embedding_cache import EmbeddingCache, key_numbers
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.vectors import STORE_DAMAGE, VIEWS, SegmentArrays, Vectors

_EMBEDDED_AT_ONCE = 256
"""Texts embedded between two writes of the cache: what a kill can cost."""


class KnownVectors:
    """Vectors by key, in one array."""

    def __init__(self, places: Mapping[bytes, int], vectors: Vectors) -> None:
        self._places = places
        self._vectors = vectors

    def of(self, keys: Iterable[bytes]) -> Vectors:
        """Return the vectors of keys, all known: float32 [keys, dimension]."""
        return self._vectors[[self._places[key] for key in keys]]


def vectors_of(
    texts: Mapping[bytes, str],
    model: EmbeddingModel,
    segments: Iterable[SegmentArrays],
    cache: EmbeddingCache,
    on_progress: Callable[[int, int], None],
) -> tuple[KnownVectors, set[bytes]]:
    """Return the vectors of texts by key, and the keys of those that had to be embedded.

    The same text is embedded once, whatever documents it stands in. What is embedded is
    in the cache before the next texts are, so a run that was killed resumes there.
    """
    found: dict[bytes, NDArray[np.float32]] = {}
    wanted = key_numbers(b"".join(texts))[:, 0]
    for segment in segments if texts else ():
        for language in segment.counts:
            for view in VIEWS:
                try:
                    array, keys = segment.array(language, view), segment.keys(language, view)
                except STORE_DAMAGE:
                    continue  # what it knew is embedded again
                rows = np.flatnonzero(np.isin(keys[:, 0], wanted))
                if len(rows) and segment.damage_to(language, view) is not None:
                    continue
                for row in rows:
                    key = keys[row].tobytes()
                    if key in texts and key not in found:
                        found[key] = np.array(array[row])
    missing = [key for key in texts if key not in found]
    if missing:
        found |= cache.get(missing, model.dimension)
        # Texts of like length side by side: a batch is padded to its longest.
        missing = sorted((key for key in missing if key not in found), key=lambda key: len(texts[key]))
    places = {key: row for row, key in enumerate([*found, *missing])}
    if not places:
        return KnownVectors({}, np.empty((0, 0), np.float32)), set()
    width = len(next(iter(found.values()))) if found else model.dimension
    vectors = np.empty((len(places), width), np.float32)
    for key in list(found):
        vectors[places[key]] = found.pop(key)
    for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
        part = missing[start : start + _EMBEDDED_AT_ONCE]
        embedded = model.document_vectors([texts[key] for key in part])
        vectors[[places[key] for key in part]] = embedded
        cache.put(dict(zip(part, embedded, strict=True)))
        on_progress(start + len(part), len(missing))
    return KnownVectors(places, vectors), set(missing)
