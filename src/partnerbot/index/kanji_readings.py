"""How kanji are read in words that came from Chinese: 設立 is setsuritsu, which visitors type as せつりつ.

Each kanji has several readings (kanji_readings.tsv, from KANJIDIC of the Electronic Dictionary Research and
Development Group, CC BY-SA 4.0, made by tools/kanji_readings).
"""

import re
from functools import cache
from importlib import resources

from partnerbot.documents.normal_forms import normal_form

_CUT_BEFORE_CONSONANT = re.compile(r"(?:tsu|chi|ku|ki)$")
_CHINESE = re.compile(r"(?:[kgsztdnhbpmr]y?|[jyw]|sh|ch|ts|f)?[aiueo](?:[iun]|ku|ki|tsu|chi)?")
"""A reading that came with the character: one syllable, or two of which the second is a weak one."""


def sino_japanese(word: str) -> frozenset[str]:
    """Return how a word of two kanji may be read if both kanji are read as in Chinese words."""
    return frozenset(
        said
        for first in _chinese_readings(word[0])
        for second in _chinese_readings(word[1])
        for said in (first + second, _CUT_BEFORE_CONSONANT.sub("", first) + _doubled(second))
    )


def _chinese_readings(kanji: str) -> list[str]:
    return [reading for reading in _listed().get(kanji, ()) if _CHINESE.fullmatch(reading)]


def _doubled(reading: str) -> str:
    """Write a reading as it is said after a cut one: gaku and kou are gakkou, ichi and hon ippon."""
    if reading[0] in "hf":
        return "pp" + reading.lstrip("hf")
    return reading[0] + reading if reading[0] in "kst" else reading


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
