"""What a reader sees in one passage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """The likeliest answer in one passage: `passage[start:end] == text`.

    `score` is the span's logit minus that of "not here": higher is more surely answered.
    """

    start: int
    end: int
    text: str
    score: float
