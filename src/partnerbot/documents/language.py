"""Which language a document or a one-line question is in.

The script decides where it can; between languages in Latin letters py3langid does, a model of 4.5 MB, on the
text without its names. Right in 94 % of 62 short questions full of Japanese place names (lingua 2.1: 87 %),
and in 99.5 to 100 % of up to 400 questions a language from public sets (lingua: 99.2 to 99.8 %).
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from partnerbot.documents.scripts import HAN, HANGUL, KANA, has_all

LATIN_LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl")
"""The languages told apart in Latin script; a text in another one is taken for its nearest."""

# Below this probability among the candidates the model was wrong as often as right: "Kumamoto
# contact" is no language's, and the asker's surroundings know better.
UNSURE_BELOW = 0.42
# One word alone may be a name that looks like some language's: "Kumamoto" is German at 0.51.
UNSURE_OF_ONE_WORD_BELOW = 0.6

# More text makes the answer no surer, only slower.
SAMPLE_CHARACTERS = 600
SAMPLES = 3

_KANA = re.compile(f"[{KANA}]")
_HAN = re.compile(f"[{HAN}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHER_LETTER = re.compile(f"(?![{KANA}{HAN}{HANGUL}\u0000-\u024f\u1e00-\u1eff])[^\\W\\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_JAPANESE_GRAMMAR = re.compile("[はがをにのでとかへも]|です|ます")
_SMALL_LETTER_WORD = re.compile("(?<![A-Za-z\u00c0-\u024f])[a-z\u00df-\u00ff]{2,}")
# A capital inside a sentence or a cell begins a name, which tells of a place, not of a language.
_NAME = re.compile("(?<![.?!:|¿¡\n] )(?<![¿¡\n])(?<!^)\\b[A-Z\u00c0-\u00de][\\w-]*")
# Share of kana among kana and kanji; a Chinese text that quotes a Japanese name has less.
KANA_IN_JAPANESE = 0.08
# Without kana a Japanese text is only a name or a heading; a longer one is Chinese.
LONGEST_JAPANESE_WITHOUT_KANA = 12  # characters


def detect_language(text: str, default: str = "en") -> str:
    """Return the ISO 639-1 code of the language of `text`; any string will do.

    `default` answers where the text tells nothing: no letters, or names only. For a question
    it is best the language of the page it is asked on.
    """
    sample = _sample(text)
    kana, han = len(_KANA.findall(sample)), len(_HAN.findall(sample))
    hangul, latin = len(_HANGUL.findall(sample)), len(_LATIN.findall(sample))
    other = len(_OTHER_LETTER.findall(sample))
    if other > max(kana + han, hangul, latin):
        return _most_likely(sample, default)
    if hangul > max(kana + han, latin // 3):
        return "ko"
    if _is_east_asian(sample, kana + han, latin):
        return "ja" if kana > KANA_IN_JAPANESE * (kana + han) else _language_of_kanji(sample, default)
    return _most_likely(_without_names(sample), default, LATIN_LANGUAGES) if latin else default


def _sample(text: str) -> str:
    """Take pieces from the start, the middle and the end, so that a foreign preface doesn't decide."""
    if len(text) <= SAMPLES * SAMPLE_CHARACTERS:
        return text
    step = (len(text) - SAMPLE_CHARACTERS) // (SAMPLES - 1)
    return "\n".join(text[piece * step : piece * step + SAMPLE_CHARACTERS] for piece in range(SAMPLES))


def _is_east_asian(text: str, characters: int, latin: int) -> bool:
    """Tell Japanese or Chinese with foreign names in it from a Western sentence that quotes some."""
    if not characters:
        return False
    if characters >= latin:
        return True
    names_only = _SMALL_LETTER_WORD.search(text) is None
    return bool(_JAPANESE_GRAMMAR.search(text)) and (names_only or 2 * characters >= latin)


def _language_of_kanji(text: str, default: str) -> str:
    """Tell Japanese from Chinese by the characters that only one of the two writes."""
    kanji = _HAN.findall(text)
    japanese = sum(1 for one in kanji if one == "々" or not (has_all(one, "gb2312") or has_all(one, "big5")))
    chinese = sum(1 for one in kanji if not has_all(one, "shift_jis"))
    if japanese != chinese:
        return "ja" if japanese > chinese else "zh"
    if len(kanji) > LONGEST_JAPANESE_WITHOUT_KANA:
        return "zh"
    return default if default in ("ja", "zh") else "ja"


def _without_names(text: str) -> str:
    if text.isupper():
        return text.lower()
    bare = _NAME.sub("", text)
    return bare.lower() if _LATIN.search(bare) else text


def _most_likely(text: str, default: str, among: Sequence[str] = ()) -> str:
    """Return the likeliest of some languages, or of all that the model knows by a two-letter code."""
    likely: list[tuple[str, float]] = [
        (code, float(probability))
        for code, probability in _loaded_model().rank(text)
        if (code in among if among else len(code) == 2)
    ]
    total = sum(probability for _, probability in likely)
    unsure_below = UNSURE_BELOW if len(_WORD.findall(text)) > 1 else UNSURE_OF_ONE_WORD_BELOW
    if not likely or likely[0][1] < unsure_below * total:
        return default
    return likely[0][0]


@cache
def _loaded_model() -> Any:
    """Load the model once (0.6 s); it holds no state, so that threads may share it."""
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
