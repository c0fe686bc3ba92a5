"""What is embedded is kept in files while an index is built, so that a killed run resumes.

A published generation has its vectors itself; then the files are removed.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from partnerbot.durable import write_bytes
from partnerbot.index.files import changed, read_arrays
from partnerbot.index.texts import Key, Vectors
from partnerbot.models.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_FOLDER = "embedding-cache"

_EMBEDDED_AT_ONCE = 256
"""Texts embedded between two writes of the cache: what a kill can cost."""


def embedded(
    texts: Mapping[Key, str], model: EmbeddingModel, index: Path, on_progress: Callable[[int, int], None]
) -> tuple[dict[Key, Vectors], set[Key]]:
    """Return the vectors of texts by key, and the keys of those that had to be computed.

    What is embedded is on the disk before the next texts are, so a run that was killed resumes there.
    """
    found = {key: vector for key, vector in _kept(index).items() if key in texts}
    # Texts of like length side by side: a batch is padded to its longest.
    missing = sorted((key for key in texts if key not in found), key=lambda key: len(texts[key]))
    for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
        keys = missing[start : start + _EMBEDDED_AT_ONCE]
        vectors = model.document_vectors([texts[key] for key in keys])
        _keep(index, keys, vectors)
        found |= zip(keys, vectors, strict=True)
        on_progress(start + len(keys), len(missing))
    return found, set(missing)


def remove_cache(index: Path) -> None:
    """Remove what is kept: a published generation has it, or it is not wanted."""
    shutil.rmtree(index / _FOLDER, ignore_errors=True)


def _keep(index: Path, keys: list[Key], vectors: Vectors) -> None:
    """Write a file that is named by its digest."""
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
