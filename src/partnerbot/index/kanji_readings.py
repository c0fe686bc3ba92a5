"""Names in kanji, by how they may be read: 山野之義 is Yukiyoshi Yamano, though no list has him.

Each kanji has several readings (kanji_readings.tsv, from KANJIDIC of the Electronic Dictionary Research and
Development Group, CC BY-SA 4.0, made by tools/kanji_readings), more of them in names, so a kanji name may be
many names in Latin letters; another name is hardly ever one of them.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.scripts import HAN

_SYLLABLES = re.compile(r"(?:(?:[kgsztdnhbpmr]y?|[jyw]|sh|ch|ts|f|y)?[aiueo]|n|([kstpcg])(?=\1|ch))+")
_SHORTEST_WORD = 4
_SHORTEST_OF_ONE_KANJI = 5
"""Letters of a word that one kanji alone may be: shorter ones are met by chance."""

_JOINED_BY = "", "no", "ga"
"""What is said between two kanji without being written: 井上 is Inoue."""

_VOICED = {"k": "g", "s": "z", "sh": "j", "t": "d", "ts": "z", "ch": "j", "h": "b", "f": "b"}
"""How a later part's first sound may change: 山口 (yama, kuchi) is Yamaguchi."""

_HARDENED = {"h": "pp", "f": "pp"}
_CUT_BEFORE_CONSONANT = re.compile(r"(?:tsu|chi|ku|ki)$")
_CHINESE = re.compile(r"(?:[kgsztdnhbpmr]y?|[jyw]|sh|ch|ts|f)?[aiueo](?:[iun]|ku|ki|tsu|chi)?")
"""A reading that came with the character: one syllable, or two of which the second is a weak one."""

_RUN = re.compile(f"[{HAN}々]+")
_REPEATED = re.compile("(.)々")
_MOST_KANJI = 6


def may_be_read(word: str) -> bool:
    """True for a word in Latin letters that Japanese syllables make, long enough to be told by them."""
    return len(word) >= _SHORTEST_WORD and bool(_SYLLABLES.fullmatch(_plain(word)))


@lru_cache(maxsize=2048)
def find_read(word: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where a text has kanji that may be read as a word in Latin letters, as [start, end) in it."""
    if not may_be_read(word):
        return ()
    plain = _plain(word)
    found = (
        (run.start() + first, run.start() + last)
        for run in _RUN.finditer(text)
        for first in range(len(run[0]))
        for last in _ends(_REPEATED.sub(r"\1\1", run[0]), first, plain)
        if last - first > 1 or len(plain) >= _SHORTEST_OF_ONE_KANJI
    )
    return tuple(dict.fromkeys(found))


def readings_of(kanji: str) -> frozenset[str]:
    """Return how one kanji may be read, in Latin letters without marks; empty if it isn't known."""
    return frozenset(_listed().get(kanji, ()))


def sino_japanese(word: str) -> frozenset[str]:
    """Return how a word of two kanji may be read if both kanji are read as in Chinese words."""
    return frozenset(
        said
        for first in filter(_CHINESE.fullmatch, readings_of(word[0]))
        for second in filter(_CHINESE.fullmatch, readings_of(word[1]))
        for said in (first + second, _CUT_BEFORE_CONSONANT.sub("", first) + _doubled(second))
    )


def _doubled(reading: str) -> str:
    """Write a reading as it is said after a cut one: gaku and kou are gakkou, ichi and hon ippon."""
    if reading[0] in "hf":
        return "pp" + reading.lstrip("hf")
    return reading[0] + reading if reading[0] in "kst" else reading


def _ends(kanji: str, first: int, word: str) -> Iterator[int]:
    """Where the kanji from `first` on have been read as the whole word."""
    for spelled, shortened in ((word, False), (_short(word), True)):
        left = {spelled}
        for position in range(first, min(len(kanji), first + _MOST_KANJI)):
            left = {
                rest[len(reading) :]
                for rest in left
                for reading in _readings(kanji[position], position > first, shortened)
                if rest.startswith(reading)
            }
            if "" in left:
                yield position + 1
            left.discard("")
            if not left:
                break


@cache
def _readings(kanji: str, later: bool, shortened: bool) -> frozenset[str]:
    """All ways to say a kanji; `later` in a word its first sound may change."""
    found = set(_listed().get(kanji, ()))
    if later:
        found |= {_changed(reading, table) for reading in found for table in (_VOICED, _HARDENED)}
        found = {joint + reading for reading in found for joint in _JOINED_BY}
    cut = {_CUT_BEFORE_CONSONANT.sub("", reading) + double for reading in found for double in "kstp"}
    found |= {reading for reading in cut if len(reading) > 1}
    return frozenset(_short(reading) for reading in found) if shortened else frozenset(found)


def _changed(reading: str, table: dict[str, str]) -> str:
    for sound in sorted(table, key=len, reverse=True):
        if reading.startswith(sound):
            return table[sound] + reading[len(sound) :]
    return reading


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    text = resources.files(__package__).joinpath("kanji_readings.tsv").read_text("utf-8")
    return {
        kanji: tuple(map(_plain, readings.split()))
        for kanji, readings in (line.split("\t") for line in text.splitlines())
    }


def _plain(word: str) -> str:
    """Small letters without marks, each sound spelled in one way: Shimbashi is shinbashi."""
    decomposed = normal_form("NFD", word.lower())
    letters = re.sub(r"[^a-z]", "", decomposed)
    return re.sub(r"m(?=[bpm])", "n", letters)


def _short(word: str) -> str:
    """Long vowels made short: Ōtsu, Ootsu and Otsu are one, as are Tōkyō and Toukyou."""
    return re.sub(r"([aiueo])\1", r"\1", word.replace("ou", "o"))
