"""How text looks: which script it is in, how wide it is, whether a sentence ends."""

import re
import unicodedata

KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"

CJK = f"{KANA}{HAN}{HANGUL}"
"""Letters of the scripts of East Asia, as the inside of a character class; the others are, too."""

UNSPACED = f"{KANA}{HAN}\u3000-\u303f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff60"
"""Characters of the scripts written without spaces (Japanese, Chinese) and their punctuation,
as the inside of a character class."""

_UNSPACED = re.compile(f"[{UNSPACED}]")
_LATIN_LETTER = re.compile("[A-Za-z\u00c0-\u024f]")
_SENTENCE_END = re.compile("[.!?…。！？．][\"'»”’)\\]」』）】]*\\s*$")


def is_unspaced(character: str) -> bool:
    """Tell whether the character belongs to a script written without spaces (Japanese, Chinese)."""
    return _UNSPACED.match(character) is not None


def is_mainly_unspaced(text: str) -> bool:
    """Tell whether more characters of `text` are Japanese or Chinese than Latin letters."""
    return len(_UNSPACED.findall(text)) > len(_LATIN_LETTER.findall(text))


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends as a sentence does, quotes and brackets after it included."""
    return _SENTENCE_END.search(text) is not None


def width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font, a Japanese character taking two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def has_all(text: str, encoding: str) -> bool:
    """Tell whether an encoding has all characters of `text`: "euc_jp" lacks those that only Chinese has."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
