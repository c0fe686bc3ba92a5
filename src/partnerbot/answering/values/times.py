"""The times of day that a text says, in minutes from midnight: 17 h 30, 5:30 pm, 午後5時半."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.answering.values.value import half_width
from partnerbot.answering.values.words import number_words

_HALF_DAY = 12 * 60
_MORNING = (
    r"a\.\s?m\b\.?|a\s?m\b|du matin|in the morning|morgens|vormittags|de la mañana|del mattino|da manhã"
)
_EVENING = (
    r"p\.\s?m\b\.?|p\s?m\b|de l['’]après-midi"
    r"|du soir|in the (?:afternoon|evening)|at night|nachmittags|abends"
    r"|de la (?:tarde|noche)|di sera|del pomeriggio|da (?:tarde|noite)"
)
_LATIN = re.compile(
    rf"(?<![\w.,])(?P<hour>\d{{1,2}}|[^\W\d]+)(?:(?:\s?(?P<mark>h(?![^\W\d])|(?:heures?|Uhr|o['’]clock)\b)|(?P<colon>[:.](?=\d\d\b)))"
    rf"(?:\s?(?P<minute>\d\d))?)?(?!\d)(?:\s(?P<morning>{_MORNING})|\s(?P<evening>{_EVENING}))?",
    re.IGNORECASE,
)
_CJK = re.compile(
    r"(?P<half>午前|午後|夜|夕方|朝|早朝|上午|下午|晚上|오전|오후)?\s?(?P<hour>\d{1,2})\s?(?:時(?!間)|点(?=\d|半|[まかに])|点钟|시(?!간))"
    r"\s?(?:(?P<minute>\d{1,2})\s?[分분]|(?P<thirty>半))?"
)
_AFTERNOON = frozenset({"午後", "夜", "夕方", "下午", "晚上", "오후"})
_AT = re.compile(r"(?:(?<!\w)(?:à|dès|vers|entre|et)|jusqu['’]à)\s+$", re.IGNORECASE)
_LONG = re.compile(r"\s+(?:de\s|d['’]|par|long)", re.IGNORECASE)
_FROM, _TO = re.compile(r"(?<!\w)de\s+$", re.IGNORECASE), re.compile(r"\s+à\s")
_TOGETHER = re.compile(r"[^.,;:!?()\[\]。、，；：！？（）\n|]{1,9}")
"""What stands between two times that are said together: "to", "et de", 「から」."""

_NAMED = {
    r"(?<!\w)(?:midi|noon|midday|Mittag|mediodía|mezzogiorno|meio-dia)(?!\w)|正午|中午|정오": 720,
    r"(?<!\w)(?:minuit|midnight|Mitternacht|medianoche|mezzanotte|meia-noite)(?!\w)|真夜中|午夜|자정": 0,
}


@dataclass(frozen=True)
class ClockTime:
    """A time at text[start:end]. `whole_day`: False if it may be before or after noon ("at 5")."""

    start: int
    end: int
    minutes: int
    whole_day: bool

    def may_be(self, other: ClockTime) -> bool:
        """True if both can be the same time."""
        if self.whole_day and other.whole_day:
            return self.minutes % (24 * 60) == other.minutes % (24 * 60)
        return self.minutes % _HALF_DAY == other.minutes % _HALF_DAY


def find_times(text: str, language: str) -> list[ClockTime]:
    """Return the times of day that a text says, in order."""
    plain = half_width(text)
    found = list(_cjk(plain) if language in EAST_ASIAN else _latin(plain, language))
    for pattern, minutes in _NAMED.items():
        found += [
            ClockTime(*match.span(), minutes, True) for match in re.finditer(pattern, plain, re.IGNORECASE)
        ]
    return sorted(found, key=lambda time: time.start)


def time_spans(text: str, language: str) -> list[tuple[int, int]]:
    """Return [start, end) of the times of day that a text says, those that it says together as one.

    Of "from 1 pm to 6 pm" neither time alone says when it is open.
    """
    spans: list[tuple[int, int]] = []
    for time in find_times(text, language):
        if spans and _TOGETHER.fullmatch(text[spans[-1][1] : time.start]):
            spans[-1] = (spans[-1][0], time.end)
        else:
            spans.append((time.start, time.end))
    return spans


def _latin(text: str, language: str) -> Iterator[ClockTime]:
    for match in _LATIN.finditer(text):
        half = match["morning"] or match["evening"]
        if not (match["mark"] or half or (match["colon"] and match["minute"])):
            continue
        if match["mark"] and match["mark"].casefold().startswith("heure") and not half:
            before, after = text[: match.start()], text[match.end() :]
            if not (_AT.search(before) and not _LONG.match(after)) and not (
                _FROM.search(before) and _TO.match(after)
            ):
                continue  # "9 heures" may be a duration as well
        if match["colon"] == "." and not half:
            continue  # "7.30" may be a number
        hour = _hour(match["hour"], language)
        if hour is None or hour > 24:
            continue
        minutes = hour * 60 + int(match["minute"] or 0)
        if match["evening"] and hour < 12:
            minutes += _HALF_DAY
        if match["morning"] and hour == 12:
            minutes -= _HALF_DAY
        sure = bool(half) or match["mark"] in ("h", "Uhr") or hour > 12
        yield ClockTime(*match.span(), minutes, sure)


def _hour(word: str, language: str) -> int | None:
    if word.isdecimal():  # "²" is a digit, and no number that int() reads
        return int(word)
    found = number_words([word], language)
    return int(found[0].value) if found else None


def _cjk(text: str) -> Iterator[ClockTime]:
    for match in _CJK.finditer(text):
        hour = int(match["hour"])
        minutes = hour * 60 + (30 if match["thirty"] else int(match["minute"] or 0))
        if match["half"] in _AFTERNOON and hour < 12:
            minutes += _HALF_DAY
        yield ClockTime(*match.span(), minutes, bool(match["half"]) or hour > 12)
