"""Unicode's normal forms, in a time that grows with the length of a text only, and texts without accents.

Normalising sorts the marks that stand on one letter, which takes the square of their number: of a
megabyte of marks, minutes in which Python does nothing else. Whatever comes from outside is
normalised here, and nowhere else.
"""

import re
import unicodedata
from functools import cache
from itertools import groupby
from typing import Literal

_MOST_MARKS = 30
"""On one letter: what Unicode's Stream-Safe Text Format allows (UAX #15). No language has more than a few."""

_BEYOND_LAST_MARK = 0x20000

_ACCENTS = re.compile("[\u0300-\u036f]+")
"""Those of alphabets: the sound marks of kana lie elsewhere, and stay."""

_SPELLED_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


def normal_form(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return `text` in a normal form, without the marks beyond the thirtieth on one letter."""
    if len(text) > _MOST_MARKS and not text.isascii():
        text = _flood().sub(lambda marks: marks[0][:_MOST_MARKS], text)
    return unicodedata.normalize(form, text)


def without_accents(text: str) -> str:
    """Return the text without the accents of its alphabets: Février is Fevrier."""
    return text if text.isascii() else normal_form("NFC", _ACCENTS.sub("", normal_form("NFD", text)))


def fold(text: str) -> str:
    """Return the text in one spelling: lower case, half width, no accents of alphabets."""
    if text.isascii():
        return text.lower()
    return without_accents(normal_form("NFKC", text).lower()).translate(_SPELLED_OUT)


@cache
def _flood() -> re.Pattern[str]:
    """Return what finds too many marks in a row."""
    # What normalising would sort. Half-width dakuten are letters until they are taken apart.
    apart = ((code, unicodedata.normalize("NFKD", chr(code))) for code in range(_BEYOND_LAST_MARK))
    marks = [code for code, parts in apart if unicodedata.combining(parts[0])]
    # Codes in a row differ from their places in the list by the same.
    runs = [list(run) for _, run in groupby(enumerate(marks), key=lambda mark: mark[1] - mark[0])]
    ranges = "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)
    # What most texts are made of is passed over at once; trying each range takes ten times as long.
    return re.compile(f"(?![ -\u02ff\u3030-\u3098\u30a0-\u9fff])[{ranges}]{{{_MOST_MARKS + 1},}}")
