"""A passage of a document, as the addresses of our source pages name it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """The span [start, end) of a document that is quoted, and the answer's span inside that (or None)."""

    start: int
    end: int
    highlight: tuple[int, int] | None


def passage_of(length: int, start: str, end: str, first: str, last: str) -> Passage | None:
    """Read a passage from an address; None unless it lies within a document of that length."""
    low, high = _offset(start), _offset(end)
    if low is None or high is None or not low < high <= length:
        return None
    inner_low, inner_high = _offset(first), _offset(last)
    if inner_low is None or inner_high is None or not inner_low < inner_high <= high - low:
        return Passage(low, high, None)
    return Passage(low, high, (inner_low, inner_high))


def _offset(value: str) -> int | None:
    """Read an offset; one that is no number marks nothing, rather than failing the page."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
