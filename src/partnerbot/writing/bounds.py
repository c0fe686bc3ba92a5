"""What bounds a number: more than 500, fewer than 500, about 500, at least or at most 500.

The figure is the same and the fact another. Each number is read with the words beside it; a bound may be
turned into no other, and none may be put to a number that has none.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from partnerbot.answering.values import Value
from partnerbot.answering.values.cldr import EAST_ASIAN
from partnerbot.answering.values.widths import half_width


class Amount(StrEnum):
    """How the words beside a number take it."""

    EXACT = "exact"
    ABOUT = "about"
    ABOVE = "above"
    LEAST = "at least"
    BELOW = "below"
    MOST = "at most"


_WORDS_BEFORE = {
    "fr": {
        Amount.ABOUT: r"environ|près d[e']|presque|autour d[e']|à peu près|quelque|approximativement"
        r"|un peu (?:plus|moins) d[e']|pas loin d[e']",
        Amount.LEAST: r"au moins|au minimum|à partir d[e']|minimum",
        Amount.MOST: r"au plus|au maximum|jusqu['’]à|maximum|pas plus d[e']"
        r"|en moins d[e']|(?:dépass|excèd)\w+ pas",
        Amount.ABOVE: r"plus d[e']|au-dessus d[e']|au-delà d[e']|supérieure?s? à|dépass\w+|excèd\w+",
        Amount.BELOW: r"moins d[e']|au-dessous d[e']|en dessous d[e']|inférieure?s? à",
    },
    "en": {
        Amount.ABOUT: r"about|around|approximately|roughly|nearly|almost|some|close to|circa"
        r"|(?:just|slightly|a little) (?:over|under|more than|less than|above|below)",
        Amount.LEAST: r"at least|no (?:fewer|less) than|a minimum of|not less than|minimum",
        Amount.MOST: r"at most|up to|no more than|a maximum of|not more than|maximum|as many as"
        r"|within|in (?:less than|under)|not exceed\w*",
        Amount.ABOVE: r"more than|over|above|exceed\w*|upwards? of|in excess of|greater than|older than",
        Amount.BELOW: r"(?:fewer|less|younger) than|under|below",
    },
    "ja": {
        Amount.ABOUT: r"約|およそ|おおよそ|ほぼ|概ね|おおむね",
        Amount.LEAST: r"少なくとも|最低|最少",
        Amount.MOST: r"最大|最高|最多|多くて",
    },
}
_WORDS_AFTER = {
    "fr": {
        Amount.LEAST: r"(?:ans )?(?:et|ou) plus\b|(?:au )?minimum\b|au moins\b",
        Amount.MOST: r"(?:ans )?(?:et|ou) moins\b|(?:au )?maximum\b|au plus\b",
        Amount.ABOUT: r"environ\b",
    },
    "en": {
        Amount.LEAST: r"(?:years )?(?:and|or) (?:more|over|above|older|up)\b|at least\b|or so more\b",
        Amount.MOST: r"(?:years )?(?:and|or) (?:less|fewer|under|below|younger)\b|at most\b",
        Amount.ABOUT: r"or so\b",
    },
    "ja": {
        Amount.LEAST: r"以上",
        Amount.MOST: r"以下|以内|まで(?!に)|を?超えな|を上回らな",
        Amount.BELOW: r"未満|を下回|に満たな|足らず|を切[りるっ]",
        Amount.ABOVE: r"を?超|余り|を上回|あまり|より(?:多|上)",
        Amount.ABOUT: r"程度|ほど|前後|くらい|ぐらい"
        r"|弱(?![いく点者])|強(?![いくみ化調])|近[いく]|余(?![地裕暇])",
    },
}
_LEAD = 28
"""Characters before a number in which the words that bound it stand."""

_ARTICLE = r"(?:\s(?:the|les?|la|a|an|une?|l['’]|age of|âge de|total of))?\s*[€£¥$]?\s*"
_COUNTER = r"\s*[^\s\W\dがをはにの以未超約余程前]{0,4}?\s*"
_SAME = frozenset({Amount.ABOVE, Amount.LEAST})
"""Languages say one for the other: 300人以上 is "over 300". At an upper bound who is 12 is in or out."""


def bound_of(value: Value, text: str, language: str) -> Amount:
    """Read the bound of a number at its place in the text."""
    text = half_width(text)
    lead, rest = text[max(0, value.start - _LEAD) : value.start], text[value.start + _digits(value) :]
    for amount, pattern in _patterns(language, before=True):
        found = pattern.search(lead)
        if found and not (value.unit.startswith("duration") and found[0].casefold().startswith("over")):
            return amount  # "over two years" is mostly how long it took
    for amount, pattern in _patterns(language, before=False):
        if pattern.match(rest if language in EAST_ASIAN else text[value.end :]):
            return amount
    return Amount.EXACT


def may_be_said_of(said: Amount, quoted: Amount) -> bool:
    """True if a number that the quote bounds so may be bounded as the statement does.

    "About" may be left out or put in; any other bound must stay what it is.
    """
    loose = {Amount.EXACT, Amount.ABOUT}
    return said is quoted or {said, quoted} <= loose or {said, quoted} <= _SAME


def _digits(value: Value) -> int:
    """How long the number itself is in a value, which may hold its unit: 「1万2000円」."""
    match = re.match(r"[\d.,]*[十百千万億兆\d〇一二三四五六七八九]*", half_width(value.text))
    return match.end() if match else len(value.text)


@lru_cache(maxsize=16)
def _patterns(language: str, *, before: bool) -> tuple[tuple[Amount, re.Pattern[str]], ...]:
    words = (_WORDS_BEFORE if before else _WORDS_AFTER).get(language, {})
    if language in EAST_ASIAN:
        form = r"(?:{})(?:の|で)?\s*$" if before else _COUNTER + "(?:{})"
    else:
        # The number's noun may stand between: "500 visitors or more".
        form = r"(?<!\w)(?:{})" + _ARTICLE + "$" if before else r"(?:\s[^\W\d]+)?\s?(?:{})"
    return tuple(
        (amount, re.compile(form.replace("{}", pattern.replace("d[e']", "d(?:e |['’])")), re.IGNORECASE))
        for amount, pattern in words.items()
    )
