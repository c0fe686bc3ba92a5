"""Rank and office: the second largest isn't the largest, and a deputy mayor isn't the mayor.

A word beside a noun makes another of it. What the statement puts there must stand there in the quote, and
what the quote has there mustn't be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from partnerbot.answering.values import ValueKind, find_numbers
from partnerbot.answering.values.widths import half_width
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.support import words_between

_SAME_HEAD = 0.5
"""Match from which two nouns that carry an office mean the same."""

# What makes another office of an office. In French some of these follow it, in Japanese they are its prefix.
_HEAD = r"(?P<head>[^\W\d]+)"
_OFFICES: dict[str, dict[str, tuple[str, ...]]] = {
    "deputy": {
        "fr": (rf"\bvice[- ]?{_HEAD}", rf"\b{_HEAD}[- ]adjointe?\b",
               rf"\badjointe?s? (?:au|à la|du|de la) {_HEAD}"),
        "en": (rf"\b(?:vice|deputy|assistant|associate)[- ]{_HEAD}",),
        "ja": (r"副(?P<head>[^\W\d]{2})",),
    },
    "former": {
        "fr": (rf"\b(?:anciens?|anciennes?|ex)[- ]{_HEAD}",),
        "en": (rf"\b(?:former|ex|one-time)[- ]{_HEAD}",),
        "ja": (r"[元前](?P<head>[^\W\d]{0,2}(?:長|大臣|首相|大統領|大使|選手|教授|知事|議員|代表|監督))",),
    },
    "honorary": {
        "fr": (rf"\b{_HEAD} (?:honoraire|d['’]honneur|émérite)\b",),
        "en": (rf"\b(?:honorary|emeritus) {_HEAD}", rf"\b{_HEAD} emeritus\b"),
        "ja": (r"名誉(?P<head>[^\W\d]{2})",),
    },
    "acting": {
        "fr": (rf"\b{_HEAD} (?:par intérim|intérimaire)\b",),
        "en": (rf"\b(?:acting|interim) {_HEAD}",),
        "ja": (r"(?P<head>[^\W\d]{2})(?:代理|代行)", r"臨時(?P<head>[^\W\d]{2})"),
    },
    "future": {
        "fr": (rf"\bfuture?s? {_HEAD}",),
        "en": (rf"\bfuture {_HEAD}", rf"\b{_HEAD}[- ]elect\b"),
        "ja": (r"次期(?P<head>[^\W\d]{2})",),
    },
}  # fmt: skip
_ALSO = {
    "former": re.compile(
        r"\b(?:old|vieux|vieil|vieille|late|feu|previous|précédent|ancien|former|once|autrefois)|旧|古|元|故|かつて",
        re.IGNORECASE,
    ),
    "deputy": re.compile(r"\badjoint|\bdeput|\bvice|次官|副|助役", re.IGNORECASE),
}
"""What may say the same, and mostly says something else."""

_SUPERLATIVE = {
    "fr": r"\b(?:la|le|les|l['’]|sa|son|ses) ?(?P<rank>[^\W\d]+ |\d+e |\d+ème )?(?:plus|moins|mieux) [^\W\d]+"
    r"|\b(?:la|le) (?P<rank2>[^\W\d]+) (?:plus|moins) [^\W\d]+",
    "en": r"\b(?:the|its|their|[^\W\d]+['’]s) (?P<rank>[^\W\d]+[- ]|\d+(?:st|nd|rd|th)[- ])?(?:most |least )?"
    r"(?:larg|bigg|old|tall|high|long|small|wid|deep|young|fast|rich|near|great|earli|lat|heavi"
    r"|strong|short|low|busi|poor|(?=best|worst|most\b|least\b))(?:est|best|worst|most|least)\b",
    "ja": r"(?P<rank>\d+|[一二三四五六七八九十])番目に[^\s、。]{1,3}[いな]"
    r"|第(?P<rank2>\d+|[一二三四五六七八九十])位|最(?:も[^\s、。]{1,3}[いな]|[大小古長高多少深広速])|(?<!\d)一番[^\s、。目]{1,3}[いな]|日本一|世界一|県内一",
}
_AMONG = {
    "fr": re.compile(r"\bl['’]une? des |\bparmi (?:les|ses)\b|\bfigure parmi", re.IGNORECASE),
    "en": re.compile(r"\b(?:one of|among|some of) (?:the|its|their)\b", re.IGNORECASE),
    "ja": re.compile(
        r"最[^\s、。]{1,4}の[^\s、。]{1,8}の(?:一つ|ひとつ|1つ)|有数|屈指|指折り|の(?:一つ|ひとつ|1つ)(?:で|だ)"
    ),
}

_ONES: dict[str, tuple[str, str]] = {
    # What a statement says, and beginnings of what a quote may say for it.
    "first": (
        r"\b(?:the first|le premier|la première|les premiers|les premières)"
        r"(?! (?:minist|lady|nam|time|fois|of all|day|jour|floor|étage|half|part))"
        r"|(?<![第\d])(?:最初の|初の|初めて)",
        r"\b(?:first|premi|1er|1re|1ère|1st|inaug|initia|pioneer|pionni|début|debut|orig|found|fond|cré|earliest"
        r"|oldest|plus ancien|plus vie|birth|born|naiss|never before)"
        r"|初|第一|第1(?!\d)|[1一][回号番]|はじめ|始|元祖|先駆|創|最古|誕生|設立",
    ),
    "only": (
        r"\b(?:only|the sole|le seul|la seule|les seuls|les seules|l['’]unique|seulement|uniquement"
        r"|exclusively|exclusivement)\b(?<!not only)(?<!non seulement)(?<!pas seulement)"
        r"|唯一|のみ(?!なら)|しか[^。]{0,12}な|だけ(?!で)",
        r"\b(?:only|sole|solely|alone|single|seul|unique|exclus|except|sauf|hormis|just|restrict|réserv|reserv"
        r"|limit)|\bn['’e][^.;]{1,40}\bque\b|唯一|のみ|だけ|しか|限|以外|除|専用|独占|[1一]つ|ひとつ|単独",
    ),
}
_EXCEPT = re.compile(r"\b(?:except|excluding|apart from|sauf|excepté|hormis|hors)\b|以外|除", re.IGNORECASE)
_ONLY = re.compile(_ONES["only"][0], re.IGNORECASE)
_SHUT = re.compile(
    r"\b(?:clos|ferm|shut|not\b|never\b|forbid|interdi)|\bn['’e]\b|n't\b|休|閉|禁|ない|ません", re.IGNORECASE
)


@dataclass(frozen=True)
class _Office:
    """An office that a word makes another: `head` is where the office itself stands."""

    kind: str
    head: tuple[int, int]


def changes_rank(
    statement: str,
    language: str,
    words: TokenStates,
    quote: str,
    quote_language: str,
    quoted: TokenStates,
    near: str = "",
) -> bool:
    """True if the statement gives or takes a rank or an office that the quote has otherwise.

    `words`, `quoted`: the tokens of the statement and of the quote. `near`: what stands around the quote.
    """
    statement, quote = half_width(statement), half_width(quote)
    return (
        _superlatives_differ(statement, language, quote, quote_language)
        or _turns_an_exception(statement, quote)
        or _is_singled_out(statement, f"{half_width(near)}\n{quote}")
        or _offices_differ(statement, language, words, quote, quote_language, quoted)
        or _offices_differ(quote, quote_language, quoted, statement, language, words)
    )


def _superlatives_differ(statement: str, language: str, quote: str, quote_language: str) -> bool:
    mine, theirs = set(_ranks(statement, language)), set(_ranks(quote, quote_language))
    return bool(mine and theirs and not mine & theirs)


def _ranks(text: str, language: str) -> Iterator[int | str]:
    """The places of superlatives: 1 of "the largest", 2 of "the second largest", "among" of "one of"."""
    pattern = _SUPERLATIVE.get(language)
    if pattern is None:
        return
    among = bool(_AMONG[language].search(text))
    for match in re.finditer(pattern, text, re.IGNORECASE):
        said = (match["rank"] or match.groupdict().get("rank2") or "").strip(" -")
        if among and not said:
            yield "among"
            continue
        yield _number(said, language) if said else 1
    if among and not re.search(pattern, text, re.IGNORECASE):
        yield "among"


def _number(said: str, language: str) -> int:
    """The number of an ordinal; 1 for a word that is none ("the world's largest")."""
    if language == "ja":
        return int(said) if said.isdecimal() else "〇一二三四五六七八九十".index(said[0])
    found = [value for value in find_numbers(said, language) if value.kind is ValueKind.ORDINAL]
    return int(found[0].number or 1) if found else 1


def _is_singled_out(statement: str, quote: str) -> bool:
    """True if the statement makes the first or the only one of what the quote doesn't."""
    return any(
        re.search(said, statement, re.IGNORECASE) and not re.search(quoted, quote, re.IGNORECASE)
        for said, quoted in _ONES.values()
    )


def _turns_an_exception(statement: str, quote: str) -> bool:
    """True if the one says "only" of what the other excepts; shut only on Mondays is open except then."""
    for one, other in ((statement, quote), (quote, statement)):
        if (
            _ONLY.search(one)
            and not _ONLY.search(other)
            and _EXCEPT.search(other)
            and not _EXCEPT.search(one)
            and bool(_SHUT.search(one)) == bool(_SHUT.search(other))
        ):
            return True
    return False


def _offices_differ(
    one: str, language: str, words: TokenStates, other: str, other_language: str, others: TokenStates
) -> bool:
    """True if an office of the one text, made another by a word, stands in the other without it."""
    similar = words.vectors @ others.vectors.T
    offices = list(_offices(other, other_language))
    for office in _offices(one, language):
        head = [i for i in words_between(words, *office.head) if words.weights[i]]
        if not head:
            continue
        matches = similar[head].max(axis=0)
        alike = [j for j in range(len(matches)) if matches[j] >= _SAME_HEAD and others.weights[j]]
        said = office.kind in _ALSO and _ALSO[office.kind].search(other)
        if alike and not said and not any(same.kind == office.kind for same in offices):
            return True
    return False


def _offices(text: str, language: str) -> Iterator[_Office]:
    for kind, by_language in _OFFICES.items():
        for pattern in by_language.get(language, ()):
            for match in re.finditer(pattern, text, re.IGNORECASE):
                yield _Office(kind, match.span("head"))
