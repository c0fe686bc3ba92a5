"""The vocabulary of the embedded model: text to tokens, tokens to word vectors.

Four fifths of the model's weights are word vectors. They stay in the installed package's
file, from which the few rows that a text needs are expanded, so they cost neither memory
nor start-up. The tokenizer is sentencepiece's own: a sixth of the memory and time of the
`tokenizers` library for the same tokens (docs/decisions/002-embedding-route.md).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer, sentencepiece_model_pb2

START, PADDING, END = 0, 1, 2
"""Ids of <s>, <pad> and </s>."""

_CONTROL = frozenset({"<s>", "<pad>", "</s>", "<mask>"})
_UNKNOWN = "<unk>"


@dataclass(frozen=True)
class Pair:
    """Token ids of two texts as one input, and where the second one's tokens are.

    The tokens `ids[second : second + len(spans)]` cover the characters `spans` of the second text.
    """

    ids: list[int]
    second: int
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class Tokens:
    """Token ids of a text, and for each the [start, end) characters it covers."""

    ids: list[int]
    spans: list[tuple[int, int]]


class Tokenizer:
    """XLM-RoBERTa's Unigram tokenizer; adds no special tokens."""

    def __init__(self, path: Path) -> None:
        self._processor = SentencePieceProcessor(model_file=str(path))

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a text."""
        return list(self._processor.encode(text))

    def piece(self, id: int) -> str:
        """Return a token as text; "▁" stands for a space before it."""
        return str(self._processor.id_to_piece(id))

    def rarity(self, id: int) -> float:
        """Return the negative natural logarithm of a token's frequency in the vocabulary's training."""
        return -float(self._processor.get_score(id))

    def pair(self, first: str, second: str, most_tokens: int) -> Pair:
        """Return two texts as XLM-RoBERTa's `<s> first </s></s> second </s>`, the second cut to fit."""
        head = [START, *self.ids(first), END, END]
        tokens = self.tokens(second)
        room = max(most_tokens - len(head) - 1, 0)
        return Pair([*head, *tokens.ids[:room], END], len(head), tokens.spans[:room])

    def tokens(self, text: str) -> Tokens:
        """Return the token ids of a text with the characters they cover."""
        pieces = self._processor.encode(text, return_type="proto").pieces
        # sentencepiece counts bytes of UTF-8.
        characters = np.cumsum([0] + [byte & 0xC0 != 0x80 for byte in text.encode()] + [1])
        spans = [(int(characters[piece.begin]), int(characters[piece.end])) for piece in pieces]
        return Tokens([piece.id for piece in pieces], spans)


def write_tokenizer(path: Path, vocabulary: list[tuple[str, float]], unknown_id: int) -> None:
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


class WordVectors:
    """Word vectors read row by row from a file of Q4_0 blocks (GGML's format).

    A block is 32 values: one fp16 scale, and 4-bit integers offset by 8.
    """

    def __init__(self, path: Path, offset: int, rows: int, width: int) -> None:
        block = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
        self._rows = np.memmap(path, block, "r", offset, (rows, width // 32))

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors of token ids [batch, tokens] as float32 [batch, tokens, width]."""
        distinct, places = np.unique(ids, return_inverse=True)
        blocks = self._rows[distinct]
        values = np.empty((*blocks.shape, 32), np.float32)
        values[..., :16] = (blocks["nibbles"] & 15).astype(np.float32) - 8
        values[..., 16:] = (blocks["nibbles"] >> 4).astype(np.float32) - 8
        values *= blocks["scale"].astype(np.float32)[..., None]
        return np.ascontiguousarray(values.reshape(len(distinct), -1)[places.reshape(ids.shape)])


def padded(sequences: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and attention mask, both int64 [sequences, longest]."""
    longest = max(map(len, sequences))
    ids = np.full((len(sequences), longest), PADDING, np.int64)
    mask = np.zeros((len(sequences), longest), np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return ids, mask
