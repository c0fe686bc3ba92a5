"""How words sound: so ヴィタゴラ and Vitagora meet though no list knows them, and せつりつ is 設立.

Kana and Latin letters are both reduced to their consonants, with those that Japanese doesn't tell apart made
one (l and r, b and v, s and sh); a name beginning with a vowel, or with h, y or w and
one, keeps a mark of it. How kanji are read is from KANJIDIC of the Electronic Dictionary Research and
Development Group, CC BY-SA 4.0 (tools/kanji_readings).
"""

import re
from functools import cache
from importlib import resources

import jaconv

from partnerbot.documents.normal_forms import normal_form

_SHORTEST_KEY = 3
"""Consonants a name needs to be told by its sound: of two, one in forty unrelated pairs agrees."""

_LATIN_SOUNDS = (
    (r"tion\b", "son"),
    (r"sch|sh|ch", "s"),
    (r"ph", "f"),
    (r"th", "t"),
    (r"qu|ck", "k"),
    (r"gn", "ny"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"gu(?=[eiy])", "g"),
    (r"g(?=[eiy])", "j"),
)
_FRENCH_SILENT = re.compile(r"(?<=[a-z]{2})(?:x|e?s|e|[tdpc])+\b")
_KANA_SOUNDS = ((r"dexi|dei", "di"), (r"texi|tei", "ti"), (r"ts(?=u)", "t"), (r"sh|ch", "s"))
_ONE_SOUND = str.maketrans("lvzj", "rbss", "wyh")
_CUT_BEFORE_CONSONANT = re.compile(r"(?:tsu|chi|ku|ki)$")
_CHINESE = re.compile(r"(?:[kgsztdnhbpmr]y?|[jyw]|sh|ch|ts|f)?[aiueo](?:[iun]|ku|ki|tsu|chi)?")
"""A reading that came with the character: one syllable, or two of which the second is a weak one."""
_NASAL = re.compile(r"m(?=[bpm])")
_NOT_AS_WRITTEN = str.maketrans({"œ": "oe", "æ": "ae", "ç": "s"})


def latin_keys(name: str) -> set[str]:
    """Return the keys of a name in Latin letters: as French says it, part by part, and letter by letter."""
    parts = re.findall(r"[a-z]+", _bare(name))
    said = "".join(_FRENCH_SILENT.sub("", part) for part in parts)
    return {key for key in (_key(said), _key("".join(parts))) if key}


def kana_keys(name: str) -> set[str]:
    """Return the key of one word in kana, as a set of none or one."""
    letters = _bare(jaconv.kata2alphabet(jaconv.hira2kata(name)))
    for pattern, sound in _KANA_SOUNDS:
        letters = re.sub(pattern, sound, letters)
    key = _skeleton(re.sub(r"[^a-z]", "", letters))
    return {key} if len(key.lstrip("*")) >= _SHORTEST_KEY else set()


def _key(word: str) -> str:
    for pattern, sound in _LATIN_SOUNDS:
        word = re.sub(pattern, sound, word)
    key = _skeleton(word)
    return key if len(key.lstrip("*")) >= _SHORTEST_KEY else ""


def _skeleton(letters: str) -> str:
    letters = re.sub(r"(.)\1+", r"\1", letters.replace("x", "ks").translate(_ONE_SOUND))
    consonants = re.sub(r"m(?=[bp])", "n", re.sub(r"[aeiou]", "", letters))
    return ("*" if letters[:1] in "aeiou" else "") + consonants


def _bare(text: str) -> str:
    decomposed = normal_form("NFD", text.lower().translate(_NOT_AS_WRITTEN))
    return re.sub(r"[\u0300-\u036f]", "", decomposed)


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
        kanji: tuple(_NASAL.sub("n", re.sub(r"[^a-z]", "", _bare(reading))) for reading in readings.split())
        for kanji, readings in (line.split("\t") for line in text.splitlines())
    }
