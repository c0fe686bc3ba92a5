"""Words that texts of a language are full of: those of our training texts, and of pyspellchecker's lists.

words/*.tsv has them with how many texts have each, made by training/words.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from spellchecker import SpellChecker

from partnerbot.documents.normal_forms import fold

Table = Mapping[str, tuple[str, int]]
"""Words by their folded form: how each is written, and how many texts have it."""

_EVERYWHERE = 1_000
"""Texts that have a word which says nothing. 5,674 have "which", 2,489 "quand"; 242 "jumelage"."""


def is_common(word: str, language: str) -> bool:
    """True for a word that texts of a language have, and write small: no name."""
    return words_of(language).get(fold(word), ("A", 0))[0].islower()


def is_frequent(word: str, language: str) -> bool:
    """True for a word of which texts of a language are full, as "which" and "quelle"."""
    return words_of(language).get(fold(word), ("", 0))[1] >= _EVERYWHERE


@cache
def words_of(language: str) -> Table:
    """Return a language's common words by their folded form: how it is written, and texts that have it."""
    file = resources.files(__package__).joinpath("words", f"{language}.tsv")
    if not file.is_file():
        return {}
    table: dict[str, tuple[str, int]] = {}
    for line in file.read_text("utf-8").splitlines():
        word, count = line.split("\t")
        folded = fold(word) if language != "ja" else word
        if int(count) > table.get(folded, ("", 0))[1]:
            table[folded] = word, int(count)
    return table


_SAID_OFTEN, _SHORT, _SAID_OFTEN_IF_SHORT = 150, 4, 3_000
"""Times that the films of pyspellchecker's lists say a word, from which it is taken for one of the language:
"inscris" is said 183 times, "twining" 56. With 300, as many misspelt questions of ours and of a visitor's are
put right. Short ones may be somebody's name that looks like a slip: "wen" for "when"."""


@cache
def ordinary(language: str) -> frozenset[str]:
    """Return the words that a language surely has, in small letters; none where no list is there."""
    if language not in SpellChecker.languages():
        return frozenset()
    said = SpellChecker(language=language).word_frequency.dictionary
    return frozenset(
        word
        for word, times in said.items()
        if times >= (_SAID_OFTEN if len(word) > _SHORT else _SAID_OFTEN_IF_SHORT)
    )
