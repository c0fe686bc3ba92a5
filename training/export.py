"""Write the trained reader as the ONNX model that the package ships, its weights in int8.

    python training/export.py --checkpoint build/reader/checkpoint.pt

Activations are int8 too where they are multiplied with weights: each token has its own scale, but for the
few channels that stand out everywhere, which stay float. That changes no score by more than 0.2, and needs
no calibration. ONNX Runtime's own dynamic quantisation, with one scale for all tokens read together, changed
a third of the spans and made a score depend on what else was read (docs/decisions/005-reader.md).

The graph takes word vectors rather than token ids: the vocabulary stays in the installed package
of the embedding model, so what is shipped is a fifth of the whole. Calibration is set by
calibrate.py afterwards; until then probabilities are the uncalibrated ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from network import LAYERS, OUTPUTS, SHARED_LAYERS
from onnx import GraphProto, ModelProto, TensorProto, checker, helper, load, numpy_helper, save

from partnerbot.models.embedded_model import WEIGHTS_SHA256

SHIPPED = Path(__file__).parents[1] / "src/partnerbot/models/reader_model"
EPSILON = 1e-12
OUTSTANDING = np.array([15, 35, 58, 87, 146, 297, 321, 351])
"""Channels of the states whose values reach far beyond the others' (up to 43 where 2 is usual), in nearly
all of the layers: a scale that holds them leaves the others little. Measured on 40 pairs of question and
passage, 4,172 tokens."""

LEAST_GELU = 0.17
"""What GELU never falls below, with the sign changed."""

UNCALIBRATED = {"span": 0.5, "answered": 0.5, "intercept": 0.0}


def graph(weights: Mapping[str, torch.Tensor], heads: int = 12, epsilon: float = EPSILON) -> ModelProto:
    """BERT's lower layers, which all that reads shares, or a branch that goes on from their states.

    Of weights with the lowest layer, those up to SHARED_LAYERS: input `words` float32 [batch, tokens,
    hidden], output `states` of the same shape. Of others, the layers above and the head: input `states`,
    output `logits` float32 [batch, tokens, 4] (network.py says which), or [batch] of a head with one output.
    Without a head, as many layers above as there are, and output `found`, of the same shape as `states`.
    Passages in one run are of the same length: none is padded.
    """
    shared = "encoder.encoder.layer.0.output.dense.weight" in weights
    nodes: list[Any] = []
    constants: dict[str, Any] = {}

    def constant(name: str, value: np.ndarray[Any, Any]) -> str:
        constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(value: float) -> str:
        return constant(f"number_{value}", np.array(value, np.float32))

    def node(kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        output = name or f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def tensor(name: str) -> np.ndarray[Any, Any]:
        return weights[name].float().numpy()

    def dense(value: Quantised, name: str) -> str:
        """Multiply with int8 weights, which have a scale for each output."""
        weight, added = tensor(f"{name}.weight").T, tensor(f"{name}.bias")
        scale = np.abs(weight).max(axis=0, keepdims=True) / 127
        whole = np.round(weight / scale).astype(np.int8)
        weights, scales = constant(f"{name}.weight", whole), constant(f"{name}.scale", scale)
        bias = constant(f"{name}.bias", added)
        if value.shift:
            shifted = added - value.shift * (whole * scale).sum(axis=0)
            bias = constant(f"shifted.{name}.bias", shifted.astype(np.float32))
        if value.outstanding:
            rows = node("Cast", node("Gather", weights, outstanding, axis=0), to=TensorProto.FLOAT)
            last = node("Unsqueeze", bias, constant("first_axis", np.array([0])))
            bias = node("MatMul", value.outstanding, node("Concat", node("Mul", rows, scales), last, axis=0))
        of_outputs = node("Squeeze", scales, constant("first_axis", np.array([0])))
        product = node(
            "MatMulIntegerToFloat",
            value.whole,
            weights,
            number(1.0),
            of_outputs,
            value.zero,
            domain="com.microsoft",
        )
        return node("Add", node("Mul", product, value.scale), bias)

    def quantised(value: str, *, apart: bool = False, shift: float = 0.0) -> Quantised:
        """Bring each token's values to whole numbers from 0 to 255; values are above -shift if it is given.

        apart: whether the outstanding channels stay float.
        """
        stay = ""
        if apart:
            stay = node("Concat", node("Gather", value, outstanding, axis=-1), ones, axis=-1)
            value = node("Mul", value, others)
        if shift:
            value, zero, steps = node("Add", value, number(shift)), zero_at_0, 255.0
            largest = node("ReduceMax", value, axes=[-1])
        else:
            zero, steps = zero_at_128, 127.0
            largest = node("ReduceMax", node("Abs", value), axes=[-1])
        scale = node("Mul", largest, number(1 / steps))
        whole = node("QuantizeLinear", node("Mul", value, node("Reciprocal", scale)), number(1.0), zero)
        return Quantised(whole, scale, zero, stay, shift)

    def normed(value: str, name: str) -> str:
        scale, bias = (constant(f"{name}.{part}", tensor(f"{name}.{part}")) for part in ("weight", "bias"))
        return node("LayerNormalization", value, scale, bias, axis=-1, epsilon=epsilon)

    headed = "head.bias" in weights
    of_first = headed and not shared and len(tensor("head.bias")) == 1  # nothing is asked of other tokens
    hidden = len(tensor(f"encoder.encoder.layer.{SHARED_LAYERS - shared}.output.dense.bias"))
    width = hidden // heads
    split = constant("split_heads", np.array([0, 0, heads, width]))
    merge = constant("merge_heads", np.array([0, 0, hidden]))

    names = [f"encoder.encoder.layer.{layer}.output.dense.bias" for layer in range(SHARED_LAYERS, LAYERS)]
    state, layers = "states", range(SHARED_LAYERS, SHARED_LAYERS + sum(name in weights for name in names))
    sizes = node("Shape", "words" if shared else state)
    of_tokens = node("Slice", sizes, constant("zero", np.array([0])), constant("two", np.array([2])))
    each = node("Concat", of_tokens, constant("one", np.array([1])), axis=0)
    ones = node("ConstantOfShape", each, value=numpy_helper.from_array(np.ones(1, np.float32)))
    outstanding = constant("outstanding", OUTSTANDING)
    others = constant("others", np.isin(np.arange(hidden), OUTSTANDING, invert=True).astype(np.float32))
    zero_at_0, zero_at_128 = (constant(f"zero_at_{at}", np.array(at, np.uint8)) for at in (0, 128))
    if shared:
        positions = tensor("encoder.embeddings.position_embeddings.weight")
        positions = positions + tensor("encoder.embeddings.token_type_embeddings.weight")[0]
        length = node("Slice", of_tokens, constant("one", np.array([1])), constant("two", np.array([2])))
        places = node("Slice", constant("positions", positions), constant("zero", np.array([0])), length)
        state, layers = (
            normed(node("Add", "words", places), "encoder.embeddings.LayerNorm"),
            range(SHARED_LAYERS),
        )
    for layer in layers:
        part = f"encoder.encoder.layer.{layer}"
        read = asking = quantised(state, apart=True)
        if of_first and layer == LAYERS - 1:
            first = constant("first", np.array([0]))
            state, ones = (node("Gather", value, first, axis=1) for value in (state, ones))
            asking = quantised(state, apart=True)
        query, key, content = (
            node("Reshape", dense(of, f"{part}.attention.self.{name}"), split)
            for name, of in (("query", asking), ("key", read), ("value", read))
        )
        query, content = (node("Transpose", value, perm=[0, 2, 1, 3]) for value in (query, content))
        key = node("Transpose", key, perm=[0, 2, 3, 1])
        scores = node("Div", node("MatMul", query, key), number(float(np.sqrt(width))))
        mixed = node("MatMul", node("Softmax", scores, axis=-1), content)
        merged = node("Reshape", node("Transpose", mixed, perm=[0, 2, 1, 3]), merge)
        attended = dense(quantised(merged), f"{part}.attention.output.dense")
        state = normed(node("Add", state, attended), f"{part}.attention.output.LayerNorm")
        inner = dense(quantised(state, apart=True), f"{part}.intermediate.dense")
        erf = node("Erf", node("Div", inner, number(float(np.sqrt(2)))))
        inner = node("Mul", node("Mul", inner, node("Add", erf, number(1.0))), number(0.5))
        outer = dense(quantised(inner, shift=LEAST_GELU), f"{part}.output.dense")
        state = normed(node("Add", state, outer), f"{part}.output.LayerNorm")

    def value(name: str, *shape: str | int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])

    states = value("states", "tokens", hidden)
    if shared:
        node("Identity", state, name="states")
        inputs, output = [value("words", "tokens", hidden)], states
    elif not headed:
        node("Identity", state, name="found")
        inputs, output = [states], value("found", "tokens", hidden)
    else:
        head = node("MatMul", state, constant("head.weight", tensor("head.weight").T))
        logits = node("Add", head, constant("head.bias", tensor("head.bias")))
        if of_first:
            node("Squeeze", logits, constant("all_but_batch", np.array([1, 2])), name="logits")
            inputs, output = [states], value("logits")
        else:
            node("Identity", logits, name="logits")
            inputs, output = [states], value("logits", "tokens", OUTPUTS)
    return _model(helper.make_graph(nodes, "reader", inputs, [output], list(constants.values())))


@dataclass(frozen=True)
class Quantised:
    """Values as whole numbers, names in the graph: of them, of each token's scale, and of what 0 became.

    `outstanding`: the values of those channels, in float. `shift`: what was added to all beforehand.
    """

    whole: str
    scale: str
    zero: str
    outstanding: str
    shift: float


def int8_sum() -> ModelProto:
    """A graph by which `partnerbot.models.reader` tells whether a processor's sums overflow.

    Input `left` uint8 [1, 64], output `sums` int32 [1, 16] of its products with 127.
    """
    right = numpy_helper.from_array(np.full((64, 16), 127, np.int8), "right")
    left = helper.make_tensor_value_info("left", TensorProto.UINT8, [1, 64])
    sums = helper.make_tensor_value_info("sums", TensorProto.INT32, [1, 16])
    multiplied = helper.make_node("MatMulInteger", ["left", "right"], ["sums"])
    return _model(helper.make_graph([multiplied], "int8_sum", [left], [sums], [right]))


def _model(made: GraphProto) -> ModelProto:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    checker.check_model(model)
    return model


def write(name: str, weights: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Write a graph into a model's folder, and its checksum into reader.json there."""
    path, facts = folder / f"{name}.onnx", folder / "reader.json"
    save(graph(weights), path)
    known: dict[str, Any] = json.loads(facts.read_text("utf-8"))
    known["sha256"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    facts.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def write_reader(weights: Mapping[str, torch.Tensor], folder: Path) -> None:
    """Write the lower layers, and what points at answers upon them."""
    write("shared", weights, folder)
    lower = tuple(f"encoder.encoder.layer.{layer}." for layer in range(SHARED_LAYERS))
    upper = {name: value for name, value in weights.items() if not name.startswith(lower)}
    write("answers", upper, folder)


def exported_weights(folder: Path, graphs: Sequence[str] = ("shared", "answers")) -> dict[str, torch.Tensor]:
    """Read what was trained back out of an exported reader's folder, as `network.ReaderNetwork` names it.

    The int8 weights become floats again, at most half a step of their scale (1/254 of the largest weight
    of an output) from what they were.
    """
    constants = {
        item.name: numpy_helper.to_array(item)
        for name in graphs
        for item in load(folder / f"{name}.onnx").graph.initializer
    }
    weights = {}
    for name, value in constants.items():
        if not name.startswith(("encoder.encoder.layer.", "head.")) or name.endswith(".scale"):
            continue
        scale = constants.get(f"{name.removesuffix('.weight')}.scale")
        restored = value.astype(np.float32) if scale is None else value * scale
        weights[name] = torch.from_numpy(np.array(restored.T if restored.ndim > 1 else restored, np.float32))
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=Path("build/reader/checkpoint.pt"))
    parser.add_argument("--out", type=Path, default=SHIPPED)
    options = parser.parse_args()
    saved = torch.load(options.checkpoint, weights_only=True)
    options.out.mkdir(parents=True, exist_ok=True)
    facts = options.out / "reader.json"
    known = json.loads(facts.read_text("utf-8")) if facts.exists() else {"sha256": {}}
    told = {
        "vocabulary": WEIGHTS_SHA256,
        "trained": {
            "steps": saved["step"],
            "examples": saved["seen"],
            "minutes": round(saved["seconds"] / 60),
        },
        "exported": datetime.now(UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")},
        "calibration": UNCALIBRATED,
    }
    facts.write_text(json.dumps(known | told, indent=1) + "\n", encoding="utf-8")
    write_reader(saved["weights"], options.out)
    save(int8_sum(), options.out.parent / "int8_sum.onnx")


if __name__ == "__main__":
    main()
