"""Numbers written as words: "vingt-trois", "two million", "achtzehn".

text2num (MIT; a Rust extension, 0.1 ms a sentence) knows the grammar of each language's numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from text_to_num import Token, find_numbers

from partnerbot.answering.values.cldr import beside_cldr

LANGUAGES = frozenset({"fr", "en", "es", "pt", "de", "nl", "it"})

SCALES = frozenset({1_000, 1_000_000, 1_000_000_000, 1_000_000_000_000})


class NumberWords(NamedTuple):
    """A number spelled by tokens[start:end]."""

    start: int
    end: int
    value: Decimal
    is_ordinal: bool


class _Word(Token):  # type: ignore[misc]  # text2num ships no types
    """A token as text2num takes them."""

    def __init__(self, text: str) -> None:
        self._text = text

    def text(self) -> str:
        return self._text

    def text_lowercase(self) -> str:
        return self._text.lower()

    def not_a_number_part(self) -> bool:
        return any(char.isdigit() for char in self._text)


def number_words(tokens: Sequence[str], language: str) -> list[NumberWords]:
    """Return the numbers that runs of tokens spell; spaces and punctuation are tokens too.

    Figures are left to others. Empty for a language whose number words are not known.
    """
    if language not in LANGUAGES:
        return []
    found = find_numbers([_Word(token) for token in tokens], language, 0)
    spelled: list[NumberWords] = []
    for one in found:
        value = _exact(one.value, one.text)
        before = spelled[-1] if spelled else None
        if before and before.value % 1 and value in SCALES and tokens[before.end : one.start] == [" "]:
            spelled[-1] = before._replace(end=one.end, value=before.value * value)
        else:
            spelled.append(NumberWords(one.start, one.end, value, bool(one.is_ordinal)))
    taken = {position for one in spelled for position in range(one.start, one.end)}
    about = beside_cldr()["about"].get(language, {})
    round_ones = [
        NumberWords(position, position + 1, Decimal(about[token.lower()]), False)
        for position, token in enumerate(tokens)
        if position not in taken and token.lower() in about
    ]
    return sorted(spelled + round_ones)


def _exact(value: float, figures: str) -> Decimal:
    """The number meant: 23 for 23.0, and 2500000 where text2num writes "2,5000000"."""
    if value == int(value):
        return Decimal(int(value))
    thousands = (len(figures) - len(figures.rstrip("0"))) // 3
    return Decimal(str(value)) * Decimal(1000**thousands)
