"""What is said to happen at a date or an hour: is it when something is, begins or ends, or before or after?

"Until 1999" has the date of "since 1999", and "from 9 to 5" the hours of "from 5 to 9". So each date and hour
is read with the word that governs it, and with the verb beside it: "ends on 15 May" isn't "begins on 15 May".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from partnerbot.answering.values.cldr import EAST_ASIAN, weekday_names
from partnerbot.answering.values.widths import half_width

Span = tuple[int, int]


class Bound(StrEnum):
    """How a date or an hour bounds what is said of it."""

    AT = "at"
    SINCE = "since"
    UNTIL = "until"
    BEFORE = "before"
    AFTER = "after"


class Turn(StrEnum):
    """What the verb beside a date or an hour says of what it speaks of."""

    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True)
class Moment:
    """A date or an hour as it is meant; `turn` is None where no verb, or one of each kind, tells."""

    bound: Bound
    turn: Turn | None = None

    def may_be(self, other: Moment) -> bool:
        """True if both can be meant of the same date.

        What is open since 2005 opened in 2005, and what must come before 15 May may come until then. But
        "before 1950" isn't "in 1950", and what ended in 1999 isn't there since.
        """
        if self.bound is other.bound:
            return self.bound is not Bound.AT or None in (self.turn, other.turn) or self.turn is other.turn
        bounds = {self.bound, other.bound}
        if bounds in ({Bound.SINCE, Bound.AFTER}, {Bound.UNTIL, Bound.BEFORE}):
            return True
        if Bound.AT not in bounds:
            return False
        at, bounded = (self, other) if self.bound is Bound.AT else (other, self)
        if bounded.bound is Bound.SINCE:
            return at.turn is not Turn.ENDS or bounded.turn is Turn.ENDS
        return bounded.bound is Bound.UNTIL and at.turn is not Turn.BEGINS


# The words that govern a date, by language; in French and English they stand before it, in Japanese after.
_BEFORE_IT = {
    "fr": {
        Bound.SINCE: r"depuis|dès|à partir|à compter",
        Bound.UNTIL: r"jusqu['’](?:à|aux?|en)|d['’]ici(?: à| au)?|au plus tard",
        Bound.BEFORE: r"avant",
        Bound.AFTER: r"après|passé",
    },
    "en": {
        Bound.SINCE: r"since|from|as of|(?:starting|beginning)(?: on| in| at)?",
        Bound.UNTIL: r"until|till|up to|through|by|no later than",
        Bound.BEFORE: r"before|prior to|earlier than",
        Bound.AFTER: r"after|later than|following",
    },
}
_BETWEEN = (
    r"le|la|les|the|de|du|des|of|l['’]|d['’]|fin|début|mi|mid|early|late|the end|année|an|mois|year|month"
    r"|spring|summer|autumn|winter|environ|about|around|vers|on|in|at"
)
_AFTER_IT = {
    "ja": {
        Bound.UNTIL: r"まで",
        Bound.SINCE: r"から|以降|以後|以来|より(?![も前後先])",
        Bound.BEFORE: r"以前|(?:より|の)前|前(?![半期後日夜橋回年月])",
        Bound.AFTER: r"(?:より|の)後|後(?![半期日者ろ])|を過ぎ",
    },
}
_BESIDE_IT = r"(?:\s?[（(][^）)]{1,4}[）)])?(?:頃|ごろ|ころ|末|初め|半ば|[春夏秋冬度中])?"

_TURNS = {
    "fr": {
        Turn.BEGINS: r"commen[cç]\w*|début[eé]\w*|démarr\w*|ouvr\w+|ouvert\w*|lanc[eé]\w*|fond[eé]\w*"
        r"|inaugur\w+|cré[eé]\w*|naqu\w+|née?s?",
        Turn.ENDS: r"termin\w+|fini\w*|prend fin|prennent fin|pris fin|ferm\w+|cess\w+|ach[eè]v\w+"
        r"|clôtur\w+|clos\w*|expir\w+|disparu\w*|mort\w*",
    },
    "en": {
        Turn.BEGINS: r"beg[iau]n\w*|start\w*|open(?:s|ed|ing)?|launch\w*|found(?:ed|ing)|establish\w*"
        r"|inaugurat\w+|creat\w+|born",
        Turn.ENDS: r"end(?:s|ed|ing)?|clos(?:e|es|ed|ing)|finish\w*|terminat\w+|ceas\w+|stop\w*|expir\w+|over"
        r"|died|conclud\w+",
    },
    "ja": {
        Turn.BEGINS: r"始[まめ]|開始|開幕|開業|開店|開館|開園|開校|開[いくけ]|オープン|スタート"
        r"|設立|創[業立設]|誕生|生まれ",
        Turn.ENDS: r"終|閉[まめじ幕店館園鎖]|締[めま切]|廃止|期限|最終|亡くな|死去",
    },
}
_PAUSE = re.compile(r"[;:.!?；。！？](?!\d)")
_RANGE = re.compile(
    r"\s*(?:[-‐–—~～〜]|(?:to|until|till|à|aux?|jusqu['’]à|and|et)\b(?:\s(?:les?|the))?|から|より)\s*"
    r"(?:午[前後])?",
    re.IGNORECASE,
)


def moment_of(text: str, language: str, span: Span, others: Sequence[Span]) -> Moment:
    """Read how the date or hour at text[span] is meant. `others`: where the text has further ones."""
    text = half_width(text)
    apart = sorted(one for one in others if one[1] <= span[0] or one[0] >= span[1])
    before = max((one for one in apart if one[1] <= span[0]), default=None)
    after = min((one for one in apart if one[0] >= span[1]), default=None)
    return Moment(_bound(text, language, span, before, after), _turn(text, language, span, before, after))


def _bound(text: str, language: str, span: Span, before: Span | None, after: Span | None) -> Bound:
    if language in EAST_ASIAN:
        for bound, pattern in _governing(language):
            if pattern.match(text, span[1]):
                return bound
    else:
        for bound, pattern in _governing(language):
            if pattern.search(text[max(0, span[0] - 40) : span[0]]):
                return bound
    if before is not None and _is_range(text, before, span):
        return Bound.UNTIL
    if after is not None and _is_range(text, span, after):
        return Bound.SINCE
    return Bound.AT


def _is_range(text: str, first: Span, last: Span) -> bool:
    gap = text[first[1] : last[0]]
    if not _RANGE.fullmatch(gap):
        return False
    lead = text[max(0, first[0] - 10) : first[0]].casefold()
    # "at 9 and 5" names two hours, "between 9 and 5" one stretch; "9 à 17 h" is one in any case.
    return not re.fullmatch(r"\s*(?:and|et)\b.*", gap) or bool(re.search(r"(?:between|entre)\s+$", lead))


@lru_cache(maxsize=16)
def _governing(language: str) -> tuple[tuple[Bound, re.Pattern[str]], ...]:
    if language in EAST_ASIAN:
        return tuple(
            (bound, re.compile(f"{_BESIDE_IT}(?:{words})"))
            for bound, words in _AFTER_IT.get(language, {}).items()
        )
    between = "|".join([_BETWEEN, *map(re.escape, weekday_names(language))])
    return tuple(
        (
            bound,
            re.compile(rf"(?<!\w)(?:{words})(?:[\s-]+(?:{between}))*[\s-]*(?:l['’]|d['’])?$", re.IGNORECASE),
        )
        for bound, words in _BEFORE_IT.get(language, {}).items()
    )


def _turn(text: str, language: str, span: Span, before: Span | None, after: Span | None) -> Turn | None:
    """The kind of the verb nearest to a date on the side where the language has it, else on the other."""
    left = text[before[1] if before else 0 : span[0]]
    right = text[span[1] : after[0] if after else len(text)]
    left = _PAUSE.split(left)[-1]
    right = _PAUSE.split(right)[0]
    sides = (right, left) if language in EAST_ASIAN else (left, right)
    for side in sides:
        kinds = {kind for kind, pattern in _verbs(language) if pattern.search(side)}
        if kinds:
            return kinds.pop() if len(kinds) == 1 else None
    return None


@lru_cache(maxsize=16)
def _verbs(language: str) -> tuple[tuple[Turn, re.Pattern[str]], ...]:
    edge = "" if language in EAST_ASIAN else r"\b"
    return tuple(
        (kind, re.compile(rf"{edge}(?:{words}){edge}", re.IGNORECASE))
        for kind, words in _TURNS.get(language, {}).items()
    )
