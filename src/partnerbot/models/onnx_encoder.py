"""The embedded model run by ONNX Runtime alone, with sentence-transformers' methods.

Importing sentence-transformers and torch takes seconds and 469 MB, none of which the embedded model
needs (docs/decisions/002-embedding-route.md). Where an owner names another model, they load that one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from partnerbot.models import embedded_model
from partnerbot.models.vocabulary import END, START, padded


class OnnxEncoder:
    """Tokenises and embeds; mean pooling and unit length are in the graph. Safe in several threads."""

    def __init__(self, folder: Path) -> None:
        """`folder`: what `embedded_model.locate` returns."""
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        self._session = open_network(str(folder / "encoder.onnx"), threads)
        self._tokenizer = embedded_model.tokenizer()
        self._words = embedded_model.word_vectors()

    @property
    def prompts(self) -> dict[str, str]:
        """The prefixes of questions ("query") and passages ("document")."""
        return dict(embedded_model.PROMPTS)

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return embedded_model.HIDDEN

    def encode_query(self, texts: Sequence[str], /, batch_size: int = 32, **_: Any) -> NDArray[np.float32]:
        """Embed questions. Returns: float32 [texts, dimension], rows of unit length, in their order."""
        return self._encode(texts, "query", batch_size)

    def encode_document(self, texts: Sequence[str], /, batch_size: int = 32, **_: Any) -> NDArray[np.float32]:
        """Embed passages. Returns: float32 [texts, dimension], rows of unit length, in their order."""
        return self._encode(texts, "document", batch_size)

    def _encode(self, texts: Sequence[str], kind: str, batch_size: int) -> NDArray[np.float32]:
        prefix, most = embedded_model.PROMPTS[kind], embedded_model.MAX_TOKENS - 2
        tokens = [[START, *self._tokenizer.ids(prefix + text)[:most], END] for text in texts]
        # Texts of like length side by side: a batch is padded to its longest.
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        vectors = np.empty((len(tokens), embedded_model.HIDDEN), np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids, mask = padded([tokens[row] for row in rows])
            vectors[rows] = self._session.run(None, {"words": self._words.of(ids), "attention_mask": mask})[0]
        return vectors


def open_network(network: str | bytes, threads: int) -> InferenceSession:
    """Open a network in ONNX format, or the file with it. `threads`: of one run; 0: one for each core."""
    options = SessionOptions()
    # Keeping every buffer it ever needed would hold tens of megabytes for the longest text seen.
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = threads
    # Spinning threads would take the cores from the web server between two questions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return InferenceSession(network, options, providers=["CPUExecutionProvider"])
