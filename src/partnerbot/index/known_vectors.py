"""The vectors of an index's texts, by their keys: the same text is embedded once, wherever it stands.

A vector is taken over from a generation that has it, else from what a run that was cut off had embedded. The
others are embedded, and lie on the disk before the next ones are, so that a killed run resumes.
"""

import hashlib
import io
import logging
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from partnerbot.documents.reading import OnProgress
from partnerbot.durable import write_bytes
from partnerbot.index import generations
from partnerbot.index.files import changed, read_array, read_arrays
from partnerbot.index.generations import Manifest
from partnerbot.index.search import DAMAGE, KEYS, VECTORS
from partnerbot.index.texts import VIEWS, Key, Texts, Vectors, keyed_by
from partnerbot.models.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_FOLDER = "embedding-cache"

_EMBEDDED_AT_ONCE = 256
"""Texts embedded between two writes of the cache: what a kill can cost."""


class KnownVectors:
    """The vectors that a run of the indexer has. `computed`: the keys of those that had to be embedded."""

    def __init__(self, model: EmbeddingModel, index: Path, on_progress: OnProgress, *, full: bool) -> None:
        """`index`: the folder of generations and of the cache. `full`: no generation's vectors are used."""
        self.computed: set[Key] = set()
        self._model, self._index, self._on_progress, self._full = model, index, on_progress, full
        self._named = keyed_by(model.fingerprint, model.prompts)
        self._vectors: dict[Key, Vectors] = {}

    def of(self, texts: Texts) -> Vectors:
        """Return the vectors of all passages, float32 [views, passages, dimension]; what isn't known yet is
        taken over or embedded."""
        keys = texts.keys(self._named)
        wanted: dict[Key, str] = {}
        for passage, *both in zip(texts.passages.values(), *(keys[view] for view in VIEWS), strict=True):
            wanted |= zip(both, (passage.text, passage.text_in_context), strict=True)
        for folder in [] if self._full else generations.newest_first(self._index):
            if missing := wanted.keys() - self._vectors.keys():
                self._vectors |= _stored(folder, missing)
        unknown = {key: text for key, text in wanted.items() if key not in self._vectors}
        made, computed = embedded(unknown, self._model, self._index, self._on_progress)
        self._vectors |= made
        self.computed |= computed
        size = len(next(iter(self._vectors.values())))
        found = np.empty((len(VIEWS), len(texts.passages), size), np.float32)
        for matrix, view in zip(found, VIEWS, strict=True):
            np.stack([self._vectors[key] for key in keys[view]], out=matrix)
        return found


def _stored(folder: Path, keys: Collection[Key]) -> dict[Key, Vectors]:
    """Return what a generation has of these vectors, as far as its files are sound."""
    try:
        manifest = Manifest.read(folder)
        if changed(folder, {name: manifest.files[name] for name in (VECTORS, KEYS)}) is None:
            known, vectors = read_array(folder / KEYS), read_array(folder / VECTORS)
            return {
                key: rows[row]
                for names, rows in zip(known.astype(str).tolist(), vectors, strict=True)
                for row, key in enumerate(names)
                if key in keys
            }
    except DAMAGE:
        pass
    return {}  # what it knew is embedded again


def embedded(
    texts: Mapping[Key, str], model: EmbeddingModel, index: Path, on_progress: OnProgress
) -> tuple[dict[Key, Vectors], set[Key]]:
    """Return the vectors of texts by key, and the keys of those that the cache didn't have."""
    found = {key: vector for key, vector in _kept(index).items() if key in texts}
    # Texts of like length side by side: a batch is padded to its longest.
    missing = sorted((key for key in texts if key not in found), key=lambda key: len(texts[key]))
    for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
        keys = missing[start : start + _EMBEDDED_AT_ONCE]
        vectors = model.document_vectors([texts[key] for key in keys])
        _keep(index, keys, vectors)
        found |= zip(keys, vectors, strict=True)
        on_progress("embed", start + len(keys), len(missing))
    return found, set(missing)


def remove_cache(index: Path) -> None:
    """Remove what is kept: a published generation has it, or it is not wanted."""
    shutil.rmtree(index / _FOLDER, ignore_errors=True)


def _keep(index: Path, keys: list[Key], vectors: Vectors) -> None:
    content = io.BytesIO()
    np.savez(content, keys=np.array(keys), vectors=vectors)
    folder = index / _FOLDER
    folder.mkdir(exist_ok=True)
    write_bytes(folder / hashlib.sha256(content.getvalue()).hexdigest(), content.getvalue())


def _kept(index: Path) -> dict[Key, Vectors]:
    """Return the vectors that are kept, by key; a file that is damaged is left out."""
    found: dict[Key, Vectors] = {}
    for path in (index / _FOLDER).glob("*"):
        if damage := changed(path.parent, {path.name: path.name}):
            _log.warning("What was kept of a run that was cut short is embedded again: %s.", damage)
            continue
        arrays = read_arrays(path)
        found |= zip(arrays["keys"].tolist(), arrays["vectors"], strict=True)
    return found
