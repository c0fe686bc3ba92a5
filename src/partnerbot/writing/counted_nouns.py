"""What a number counts, of how many, and for whom, where the quote has no second number to tell it by.

« Vingt-quatre lycéens ont planté des cerisiers » has the number and the noun of "twenty-four cherry trees".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from partnerbot.answering.mentions import Span
from partnerbot.answering.values import Value, ValueKind
from partnerbot.documents.scripts import HAN
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.facts import are_kin, says, values_in
from partnerbot.writing.support import words_between

_NOUN_AFTER = re.compile(
    r"\s?(?!(?:for|in|of|at|on|to|and|or|from|by|with|as|than|pour|en|à|aux?|de|du|des|dans|sur|par|et|ou"
    r"|contre|avec|que?|qui|who|that|which|a|ont|est|sont|is|are|was|were|had|has|have|came|ils?|elles?|it)\b)"
    r"(?:[^\W\d_][\w’'-]*\s?){1,2}",
    re.IGNORECASE,
)
_COUNTERS = "人名本冊枚個台頭匹羽校点組軒着基脚隻株"
_PLAIN = r"[^\s\d、。」をがはにでとのもからより対]"
_JA_AFTER = re.compile(rf"[{_COUNTERS}](?!ずつ|のうち|の中)(?:の{_PLAIN}{{1,8}})?")
_JA_BEFORE = re.compile(f"([{HAN}ァ-ヶー]{{2,8}})(?<![年月日毎約計])を?$")

_OF_ALL = {
    "fr": re.compile(r"\s?(?:des|sur(?:\sles)?|parmi les)\s", re.IGNORECASE),
    "en": re.compile(r"\s?(?:of|out of|among)\s(?:(?:the|its|their|his|her)\s)?", re.IGNORECASE),
}
_JA_OF_ALL = re.compile(rf"[{_COUNTERS}]?(?:[^、。]{{0,8}}のうち|中)の?、?")
_HAS = re.compile(
    r"\b(?:has|have|had|compt\w+|possèd\w+|avai\w+|there (?:are|were)|il y (?:a|avait)|total|in all)\b"
    r"|ある|あり|あった|持つ|持ち|全部で|合計|計",
    re.IGNORECASE,
)
_FOR_WHOM = {
    "fr": re.compile(r"\s(?:pour|chez|aux?)\s(?:les?\s|la\s|l['’])?(?P<who>[^\W\d_]{3,})", re.IGNORECASE),
    "en": re.compile(r"\s(?:for|among)\s(?:the\s)?(?P<who>[^\W\d_]{3,})", re.IGNORECASE),
}
_JA_FOR_WHOM = re.compile(rf"(?P<who>{_PLAIN}{{1,6}})(?:は|なら|の場合は)?$")

_TELLING = 3.5
"""Nats of rarity from which a word is no article or auxiliary."""

_SAME, _CLEARLY = 0.55, 0.2


def counts_something_else(
    statement: str, language: str, words: TokenStates, quote: str, quote_language: str, quoted: TokenStates
) -> bool:
    """True if a number of the statement counts what another word of the quote says, or is another one's.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    mine, said = values_in(statement, language), values_in(quote, quote_language)
    similar = words.vectors @ quoted.vectors.T
    for value in mine:
        same = [other for other in said if says(value, other)]
        if len(same) != 1:
            continue
        if (
            _is_the_whole(same[0], said, mine, statement, quote, quote_language)
            or _is_for_others(same[0], said, mine, quote, quote_language, similar, quoted)
            or _counts_another_noun(
                (value, statement, language, words), (same[0], quote, quote_language, quoted), similar
            )
        ):
            return True
    return False


_Placed = tuple[Value, str, str, TokenStates]


def _counts_another_noun(mine: _Placed, theirs: _Placed, similar: np.ndarray) -> bool:
    """True if the noun of a number stands elsewhere in the quote, and the one it has there elsewhere here."""
    (value, text, language, words), (same, quote, quote_language, quoted) = mine, theirs
    if value.kind is not ValueKind.NUMBER or same.kind is not ValueKind.NUMBER:
        return False
    noun, counted = _noun(value, text, language), _noun(same, quote, quote_language)
    if noun is None or counted is None:
        return False
    ours = [i for i in words_between(words, *noun) if words.weights[i] >= _TELLING]
    there = [i for i in words_between(quoted, *counted) if quoted.weights[i] >= _TELLING]
    if not ours or not there:
        return False
    elsewhere = [i for i in range(len(quoted.spans)) if i not in there]
    outside = [i for i in range(len(words.spans)) if i not in ours]
    own = float(similar[ours][:, there].max())
    return (
        min(float(similar[ours][:, elsewhere].max()), float(similar[outside][:, there].max())) >= _SAME
        and float(similar[ours][:, elsewhere].max()) - own > _CLEARLY
        and float(similar[outside][:, there].max()) - own > _CLEARLY
    )


def _noun(value: Value, text: str, language: str) -> Span | None:
    """Where the words stand that say what a number counts."""
    end = _figures_end(value, text)
    if language == "ja":
        after, before = _JA_AFTER.match(text, end), _JA_BEFORE.search(text[: value.start])
        if after is None or not (before or "の" in after[0]):
            return None  # 「合わせて640人」
        return (before.start(1) if before and "の" not in after[0] else after.start(), after.end())
    found = _NOUN_AFTER.match(text, end)
    return found.span() if found else None


def _figures_end(value: Value, text: str) -> int:
    """Where a number ends, before the noun that its unit is."""
    said = text[value.start : value.end]
    unit = re.search(rf"\s?(?:{re.escape(value.unit)}|[{_COUNTERS}])$", said) if value.unit else None
    return value.start + unit.start() if unit else value.end


def _is_the_whole(
    value: Value, said: Sequence[Value], mine: Sequence[Value], statement: str, quote: str, language: str
) -> bool:
    """True if the quote tells it of a part only ("twelve of the thirty"), and the statement of the whole."""
    for part in said:
        if part is value or any(says(one, part) for one in mine):
            continue
        if is_part_of(part, value, quote, language) and not _HAS.search(statement):
            return True
    return False


def is_part_of(part: Value, whole: Value, text: str, language: str) -> bool:
    """True for "twelve of the thirty" and 「30枚のうち12枚」: both count the same."""
    if language == "ja":
        return bool(_JA_OF_ALL.fullmatch(text[_figures_end(whole, text) : part.start]))
    pattern = _OF_ALL.get(language)
    return bool(pattern and pattern.fullmatch(text[_figures_end(part, text) : whole.start]))


def _is_for_others(
    value: Value,
    said: Sequence[Value],
    mine: Sequence[Value],
    quote: str,
    language: str,
    similar: np.ndarray,
    quoted: TokenStates,
) -> bool:
    """True if the statement gives an amount to those for whom the quote has another one."""

    def are_named(who: Span | None) -> bool:
        there = words_between(quoted, *who) if who else []
        return bool(there) and float(similar[:, there].max(axis=0).min()) >= _SAME

    for other in said:
        if other is value or other.kind is not ValueKind.MONEY or not are_kin(other, value):
            continue
        if any(says(one, other) for one in mine):
            continue
        if are_named(_for_whom(other, quote, language)) and not are_named(_for_whom(value, quote, language)):
            return True
    return False


def _for_whom(value: Value, text: str, language: str) -> Span | None:
    """Whom an amount is for: "5 euros for students", 「学生は5ユーロ」."""
    if language == "ja":
        found = _JA_FOR_WHOM.search(text[: value.start])
    else:
        pattern = _FOR_WHOM.get(language)
        found = pattern.match(text, value.end) if pattern else None
    return found.span("who") if found else None
