"""French names in katakana, by how espeak-ng says them.

Of 917 towns whose Japanese name GeoNames has, 67 % come out so, but for what the register doesn't tell apart
(long vowels, double consonants, b and v).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

_VOWELS = {"a": 0, "ɑ": 0, "i": 1, "u": 2, "œ": 2, "ø": 2, "ə": 2, "e": 3, "ɛ": 3, "o": 4, "ɔ": 4}
_NASAL = {"ɛ̃": 0, "ɑ̃": 0, "œ̃": 0, "ɔ̃": 4}
_ROWS = {
    consonant: kana.split()
    for consonant, kana in {
        "": "ア イ ウ エ オ",
        "k": "カ キ ク ケ コ",
        "ɡ": "ガ ギ グ ゲ ゴ",
        "s": "サ シ ス セ ソ",
        "z": "ザ ジ ズ ゼ ゾ",
        "t": "タ ティ トゥ テ ト",
        "d": "ダ ディ ドゥ デ ド",
        "n": "ナ ニ ヌ ネ ノ",
        "p": "パ ピ プ ペ ポ",
        "b": "バ ビ ブ ベ ボ",
        "m": "マ ミ ム メ モ",
        "l": "ラ リ ル レ ロ",
        "ʁ": "ラ リ ル レ ロ",
        "f": "ファ フィ フ フェ フォ",
        "v": "ヴァ ヴィ ヴ ヴェ ヴォ",
        "ʃ": "シャ シ シュ シェ ショ",
        "ʒ": "ジャ ジ ジュ ジェ ジョ",
        "ɲ": "ニャ ニ ニュ ニェ ニョ",
        "j": "ヤ イ ユ イェ ヨ",
        "w": "ワ ウィ ウ ウェ ウォ",
        "h": "ハ ヒ フ ヘ ホ",
    }.items()
}
_ALONE = {"t": "ト", "d": "ド", "m": "ム", "j": "イ"}
"""Consonants that no vowel follows, where they aren't written with that of u."""


def heard(names: Sequence[str]) -> list[str]:
    """Return each name in katakana, its parts joined by a double hyphen."""
    parts = [re.findall(r"[^-’' ]+", name) for name in names]
    said = subprocess.run(
        ["espeak-ng", "-v", "fr", "-q", "--ipa=1"],
        # espeak-ng takes what ends in y for English.
        input="".join(f"{re.sub('(?<=[^aeou])y$', 'ie', part)}\n" for of_name in parts for part in of_name),
        capture_output=True,
        text=True,
        check=True,
    )
    lines = iter(said.stdout.splitlines())
    return ["＝".join(_katakana(next(lines)) for _ in of_name) for of_name in parts]


def _katakana(said: str) -> str:
    """Return katakana for the sounds of one word, as espeak-ng writes them: joined by "_", with stresses."""
    found, waiting = "", ""
    for sound in re.findall(r"[^\W\d]\u0303?", re.sub(r"\([a-z]+\)|[_ˈˌː]", "", said)):
        row = _ROWS[waiting]
        if sound in _NASAL:
            found, waiting = f"{found}{row[_NASAL[sound]]}ン", ""
        elif sound in ("y", "ɥ"):
            found, waiting = found + (f"{row[1]}ュ" if waiting else "ユ"), ""
        elif sound == "ə" and waiting in ("t", "d"):
            found, waiting = found + _ALONE[waiting], ""
        elif sound in _VOWELS:
            found, waiting = found + row[_VOWELS[sound]], ""
        elif sound == "j" and waiting:
            found, waiting = found + row[1], ""
        elif sound == "w" and waiting:
            found, waiting = found + row[4], "w"
        elif sound in _ROWS:
            found, waiting = found + _alone(waiting), sound
    return found + _alone(waiting)


def _alone(consonant: str) -> str:
    return _ALONE.get(consonant, _ROWS[consonant][2]) if consonant else ""
