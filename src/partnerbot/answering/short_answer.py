"""The short answer as its asker can read it: a name in the reader's script, or no short answer at all."""

from __future__ import annotations

import re
from collections.abc import Callable

import jaconv

from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.documents.scripts import HAN, KANA, has_all, is_mainly_unspaced
from partnerbot.index.lexical import LexicalIndex

_SEPARATORS = re.compile(r"(\s*[、，,/／&]\s*|と|及び|および| et | and )")
_TOWN_ENDINGS = re.compile(r"(?<=..)[市町村区]$")
_KANA_ALONE = re.compile(f"[{KANA}・＝=゠ ]+")
_HAS_CJK = re.compile(f"[{KANA}{HAN}]")
_WORDS = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_PARTICLES = frozenset(
    ["de", "du", "des", "d", "l", "la", "le", "les", "of", "the", "von", "van", "di", "da", "del", "san"]
)
"""Small words inside names of Latin scripts."""

_SEVERAL = 3
"""Items from which an answer is a list, and no single value."""

_BETWEEN_ITEMS = re.compile(
    rf"[、，,;；]|・(?=[^ァ-ヶー])| et | and |及び|ならびに|(?<=[ァ-ヶー{HAN}])と(?=[ァ-ヶ{HAN}])"
)


def is_list(text: str, several: int = _SEVERAL) -> bool:
    """True if a span names several things: no single value, however sure the reader is of it."""
    return sum(bool(part.strip()) for part in _BETWEEN_ITEMS.split(text)) >= several


def readable(text: str, language: str, reader_language: str, lexical: LexicalIndex) -> str | None:
    """Return a short answer as a reader of another language can read it; None if it can't be written so.

    text: the answer as its document has it, in `language`; both languages ISO 639-1. Names that are known in
    the reader's script are written in it, kana as they sound, with the original beside them.
    """
    if language == reader_language or not _WORDS.search(text):
        return text
    for_latin = reader_language not in EAST_ASIAN
    if for_latin and _HAS_CJK.search(text):
        return _each(text, lambda name: _in_letters(name, lexical), ", ")
    if not for_latin and not is_mainly_unspaced(text):
        return _each(text, lambda name: _in_kana(name, lexical), "、") or _if_names(text)
    return _if_names(text)


def _each(text: str, written: Callable[[str], str | None], separator: str) -> str | None:
    parts = [part for part in _SEPARATORS.split(text) if part.strip() and not _SEPARATORS.fullmatch(part)]
    names = [written(part.strip()) for part in parts]
    known = [name for name in names if name]
    return separator.join(known) if known and len(known) == len(names) else None


def _in_letters(name: str, lexical: LexicalIndex) -> str | None:
    for spelled in (name, _TOWN_ENDINGS.sub("", name)):
        each = [
            next((other for other in spellings if not _HAS_CJK.search(other)), "")
            for spellings in lexical.spellings.namesakes_of(spelled)
        ]
        latin = list(dict.fromkeys(filter(None, each)))
        told = [other for other in latin if lexical.has_words(other)]
        if len(latin) == 1 or len(told) == 1:
            return (told or latin)[0]
        if latin:  # 「ランス」 is Reims, and Lens
            return f"{latin[0]} ({name})"
    if _KANA_ALONE.fullmatch(name):
        words = [
            jaconv.kana2alphabet(jaconv.kata2hira(word)) for word in re.split("[・＝=゠ ]", name) if word
        ]
        return f"{' '.join(word.capitalize() for word in words)} ({name})"
    return None if _HAS_CJK.search(name) else name


def _in_kana(name: str, lexical: LexicalIndex) -> str | None:
    """Return a name as Japanese has it: in kanji, if it has some."""
    known = [
        other
        for other in lexical.spellings.spellings_of(name)
        if _HAS_CJK.search(other) and has_all(other, "euc_jp")
    ]
    return next((other for other in known if not _KANA_ALONE.fullmatch(other)), next(iter(known), None))


def _if_names(text: str) -> str | None:
    """Return the text if all its words are those of names, which are the same in any language."""
    words = [word for word in _WORDS.findall(text) if word.lower().rstrip("’'") not in _PARTICLES]
    named = all(word[0].isupper() or re.match(r"[dl][’'][A-ZÀ-ÖØ-Þ]", word) for word in words)
    return text if words and named else None
