"""Text to the embedded model's tokens, by its own tokenizer.

The tokenizer is sentencepiece's own: a sixth of the memory and time of the `tokenizers`
library for the same tokens (docs/decisions/002-embedding-route.md).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor

START, PADDING, END = 0, 1, 2
"""Ids of <s>, <pad> and </s>."""


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
        return list(self._processor.encode(text))

    def piece(self, id: int) -> str:
        """Return a token as text; "▁" stands for a space before it."""
        return str(self._processor.id_to_piece(id))

    def frequency(self, piece: str) -> float | None:
        """Return the logarithm of a piece's frequency in the vocabulary's training; None if it has none."""
        id = self._processor.piece_to_id(piece)
        return None if id == self._processor.unk_id() else float(self._processor.get_score(id))

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


def padded(sequences: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ids and attention mask, both int64 [sequences, longest]."""
    longest = max(map(len, sequences))
    ids = np.full((len(sequences), longest), PADDING, np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
    return ids, (ids != PADDING).astype(np.int64)
