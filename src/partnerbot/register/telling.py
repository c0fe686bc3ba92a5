"""The words of a text that tell of partnerships, and the clauses and sentences that they stand in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from partnerbot.documents.normal_forms import fold
from partnerbot.register.authorities import Named
from partnerbot.register.partnerships import SPEAKING, tables

SENTENCE_END = re.compile(r"[.!?;](?=\s)|[。！？；\n]")

CLAUSE_END = re.compile(r"[.!?;:,](?=\s)|[。！？；：、\n]| [–—] ")


def clause(text: str, start: int, end: int, marks: re.Pattern[str] = CLAUSE_END) -> str:
    """Return text[start:end] with what stands beside it between two marks."""
    return text[slice(*bounds(text, start, end, marks))]


def bounds(text: str, start: int, end: int, marks: re.Pattern[str]) -> tuple[int, int]:
    """Return [start, end) of the part between two marks in which text[start:end] stands."""
    before = max((mark.end() for mark in marks.finditer(text, 0, start)), default=0)
    after = marks.search(text, end)
    return before, after.start() if after else len(text)


def is_only_where(text: str, one: Named, language: str) -> bool:
    """True if something happens in a place: à Paris, パリで."""
    if language == "ja":
        return text.startswith(tables().only_where["ja"], one.end)
    return bool(
        re.search(
            tables().only_where.get(language, tables().only_where["en"]),
            text[max(0, one.start - 4) : one.start],
        )
    )


def may_tell(text: str, language: str) -> bool:
    """True if a text has a word of being bound, signing, partnership or nearness."""
    return any(has_word(text, language, tables().telling[kind]) for kind in (*SPEAKING, "near"))


def has_word(text: str, language: str, words: Mapping[str, str]) -> bool:
    """True if a text has a word of its language that begins so, or is so where a full stop ends it."""
    stems = words.get(language, words["en"])
    if language in ("ja", "zh"):
        return any(stem in text for stem in stems.split())
    return bool(word_pattern(tuple(stems.split())).search(_folded(text)))


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    return fold(text)


@cache
def word_pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds words that begin so, in a text without accents; "_" stands for a space."""
    begins = (re.escape(fold(stem.rstrip(".")).replace("_", " ")) for stem in stems)
    ends = (r"(?![^\W_])" if stem.endswith(".") else "" for stem in stems)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(''.join, zip(begins, ends, strict=True)))})")
