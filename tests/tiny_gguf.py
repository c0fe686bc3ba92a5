"""Writes a tiny language model of random weights as a GGUF file: a real protocol peer, not a writer."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

_WIDTH, _HEADS, _INNER, _CONTEXT = 32, 4, 64, 8192
_ALIGNMENT = 32
_UINT32, _FLOAT32, _STRING, _ARRAY, _INT32 = 4, 6, 8, 9, 5

_LETTERS = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,[]?!:;'-=()\n"
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6


def write_tiny_gguf(path: Path) -> Path:
    """Write a llama of one layer, its vocabulary letters and bytes. Returns the path."""
    tokens = [("<unk>", _UNKNOWN), ("<s>", _CONTROL), ("</s>", _CONTROL)]
    tokens += [(f"<0x{byte:02X}>", _BYTE) for byte in range(256)]
    tokens += [(letter, _NORMAL) for letter in _LETTERS]
    facts: list[tuple[str, int, Any]] = [
        ("general.architecture", _STRING, "llama"),
        ("general.alignment", _UINT32, _ALIGNMENT),
        ("llama.context_length", _UINT32, _CONTEXT),
        ("llama.embedding_length", _UINT32, _WIDTH),
        ("llama.block_count", _UINT32, 1),
        ("llama.feed_forward_length", _UINT32, _INNER),
        ("llama.attention.head_count", _UINT32, _HEADS),
        ("llama.attention.head_count_kv", _UINT32, _HEADS),
        ("llama.attention.layer_norm_rms_epsilon", _FLOAT32, 1e-5),
        ("llama.rope.dimension_count", _UINT32, _WIDTH // _HEADS),
        ("llama.vocab_size", _UINT32, len(tokens)),
        ("tokenizer.ggml.model", _STRING, "llama"),
        ("tokenizer.ggml.tokens", _STRING, [text for text, _ in tokens]),
        ("tokenizer.ggml.scores", _FLOAT32, [0.0] * len(tokens)),
        ("tokenizer.ggml.token_type", _INT32, [kind for _, kind in tokens]),
        ("tokenizer.ggml.unknown_token_id", _UINT32, 0),
        ("tokenizer.ggml.bos_token_id", _UINT32, 1),
        ("tokenizer.ggml.eos_token_id", _UINT32, 2),
        ("tokenizer.chat_template", _STRING, "{% for m in messages %}{{ m.content }}\n{% endfor %}"),
    ]
    tensors = _tensors(len(tokens))
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(facts))
    head += b"".join(_string(key) + _value(kind, value) for key, kind, value in facts)
    data = b""
    for name, weights in tensors.items():
        head += _string(name) + struct.pack("<I", weights.ndim)
        head += struct.pack(f"<{weights.ndim}Q", *reversed(weights.shape)) + struct.pack("<IQ", 0, len(data))
        data += weights.tobytes() + bytes(-weights.nbytes % _ALIGNMENT)
    path.write_bytes(head + bytes(-len(head) % _ALIGNMENT) + data)
    return path


def _tensors(vocabulary: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return random.normal(0, 0.4, shape).astype(np.float32)

    square = ("attn_q", "attn_k", "attn_v", "attn_output")
    return {
        "token_embd.weight": weights(vocabulary, _WIDTH),
        "output_norm.weight": np.ones(_WIDTH, np.float32),
        "output.weight": weights(vocabulary, _WIDTH),
        "blk.0.attn_norm.weight": np.ones(_WIDTH, np.float32),
        **{f"blk.0.{name}.weight": weights(_WIDTH, _WIDTH) for name in square},
        "blk.0.ffn_norm.weight": np.ones(_WIDTH, np.float32),
        "blk.0.ffn_gate.weight": weights(_INNER, _WIDTH),
        "blk.0.ffn_up.weight": weights(_INNER, _WIDTH),
        "blk.0.ffn_down.weight": weights(_WIDTH, _INNER),
    }


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _value(kind: int, value: Any) -> bytes:
    if isinstance(value, list):
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + b"".join(_plain(kind, one) for one in value)
    return struct.pack("<I", kind) + _plain(kind, value)


def _plain(kind: int, value: Any) -> bytes:
    if kind == _STRING:
        return _string(value)
    return struct.pack({_UINT32: "<I", _INT32: "<i", _FLOAT32: "<f"}[kind], value)
