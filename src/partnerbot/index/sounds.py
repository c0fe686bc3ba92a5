"""How a name sounds, so that ヴィタゴラ and Vitagora meet though no list knows them.

Kana and Latin letters are both reduced to their consonants, with those that Japanese doesn't
tell apart made one (l and r, b and v, s and sh); a name beginning with a vowel keeps a mark of it.
"""

import re

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
    consonants = re.sub(r"[aeiou]", "", letters.replace("x", "ks").translate(_ONE_SOUND))
    consonants = re.sub(r"m(?=[bp])", "n", consonants)
    return ("*" if letters[:1] in "aeiou" else "") + re.sub(r"(.)\1+", r"\1", consonants)


def _bare(text: str) -> str:
    decomposed = normal_form("NFD", text.lower().translate(_NOT_AS_WRITTEN))
    return re.sub(r"[\u0300-\u036f]", "", decomposed)
