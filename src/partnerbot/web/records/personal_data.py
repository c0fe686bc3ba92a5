"""Takes out of a text what obviously tells who somebody is: e-mail addresses and numbers of persons.

They are written in a hundred ways, so they are looked for in a shadow of the text, which has one form for
each sign: of a digit in any script and width, of what stands between digits, of "@" however it is hidden.
A few shapes are enough there. A name can't be told from a subject, and stays. In doubt a number goes: a log
of questions is no worse without it. What a question is about stays: dates, years, amounts.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from partnerbot.documents.normal_forms import normal_form

EMAIL = "[e-mail]"
NUMBER = "[number]"
_WORDS = {
    "fr": {EMAIL: "[e-mail]", NUMBER: "[numéro]"},
    "ja": {EMAIL: "[メールアドレス]", NUMBER: "[番号]"},
    "ko": {EMAIL: "[이메일]", NUMBER: "[번호]"},
}
"""What stands in their place, in a language; in others the English words."""

Span = tuple[int, int, str]
"""Where in a text something is to be masked, and the word for it."""


def masked(text: str, language: str = "en", own: str = "") -> str:
    """Return `text` with e-mail addresses and personal numbers replaced by words for them in a language.

    `own`: a text, such as the owner's contact, whose addresses stay. Without zero bytes, too, which
    PostgreSQL doesn't take.
    """
    text = text.replace("\0", "")
    shadow, places = _shadow(text)
    words: list[str | None] = [None] * len(shadow)
    own = own.casefold()
    for first, last, word in [*_numbers(shadow), *_addresses(shadow)]:
        if word == EMAIL and shadow[first:last].strip().casefold() in own:
            continue
        words[first:last] = [word] * (last - first)
    kept, start = [text[: places[0]]], 0
    for masked_by, run in groupby(words):
        end = start + len(list(run))
        said = masked_by and _WORDS.get(language, {}).get(masked_by, masked_by)
        kept.append(said or text[places[start] : places[end]])
        start = end
    return "".join(kept)


# ---- The shadow --------------------------------------------------------------------------------

_SIGNS = (
    dict.fromkeys("ー−~∼─━⁃", "-")
    | dict.fromkeys("·・•‧∙⋅●", ".")
    | {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")}
    | {"、": ", ", "’": "'", "\u2800": " "}
    | dict.fromkeys("☆★◎", "@")  # written in Japanese for an "@" that no machine is to find
    | dict.fromkeys("\u115f\u1160", "")  # letters that aren't seen
)
_BY_CATEGORY = (
    dict.fromkeys(("Cf", "Mn", "Me"), "")
    | dict.fromkeys(("Cc", "Zs", "Zl", "Zp"), " ")
    | {"Pd": "-", "Pc": "_"}
)

_WITHIN = "(?<=[A-Za-z0-9]) ?(?:{}) ?(?=[A-Za-z0-9])"
# Kana have no marks in the shadow: ドット is トット there.
_AT = "アット|あっと"
_HIDDEN_SIGN = re.compile(
    rf" ?[(<\[{{【《〔〈「] ?(?:(?P<at>@|at|a|arobase?|arroba|chez|(?:{_AT})(?:[マま]-[クく])?)"
    r"|\.|dot|point|トット) ?[)>\]}】》〕〉」] ?"
    r"|(?P<said> arobase | ?アットマ-ク ?| ?あっとま-く ?|%40|&#(?:64|x40);"
    rf"|{_WITHIN.format(_AT)})|{_WITHIN.format('トット|。')}",
    re.IGNORECASE,
)


def _shadow(text: str) -> tuple[str, list[int]]:
    """Return the text in plain signs, and where in `text` each of them comes from; the end comes last."""
    plain = [_plain(sign) for sign in text]
    shadow = "".join(plain)
    places = [place for place, signs in enumerate(plain) for _ in signs]
    pieces: list[str] = []
    kept: list[int] = []
    end = 0
    for hidden in _HIDDEN_SIGN.finditer(shadow):
        pieces += [shadow[end : hidden.start()], "@" if hidden["at"] or hidden["said"] else "."]
        kept += [*places[end : hidden.start()], places[hidden.start()]]
        end = hidden.end()
    return "".join([*pieces, shadow[end:]]), [*kept, *places[end:], len(text)]


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """Return a character without accents, width or script of its digit; nothing for what isn't seen."""
    return "".join(map(_plain_part, normal_form("NFKD", sign)))


def _plain_part(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    digit = unicodedata.decimal(sign, None)
    return _BY_CATEGORY.get(unicodedata.category(sign), sign) if digit is None else str(digit)


# ---- E-mail addresses --------------------------------------------------------------------------

_UNSPACED = "\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff"
_LETTER = rf"[^\W{_UNSPACED}]"
_LONGEST_NAME = 64
_NAME_BACKWARDS = re.compile(
    rf" ?(?:(?:{_LETTER}|[.%+'-]){{1,{_LONGEST_NAME}}}+|[\w.%+'-]{{1,{_LONGEST_NAME}}}+)"
)
"""Written backwards, from the sign on. In scripts without spaces a Latin name ends where they begin."""

_HOST = re.compile(
    r" ?(?:[\w-]{1,63}(?: \. ?|\.|,(?=[a-z]{2,3}(?![a-z])))){1,5}(?:[A-Za-z][A-Za-z0-9-]{1,62}"
    rf"|[^\W\d_A-Za-z{_UNSPACED}]{{2,63}}|[\u1100-\u11ff\u3400-\u9fff]{{1,63}}|[\u3040-\u30ff-]{{1,63}})"
)
_SPOKEN = re.compile(
    rf"(?<!{_LETTER})(?:{_LETTER}{{1,64}}[ _-](?:dot|point)[ _-]){{0,3}}(?:{_LETTER}|[.-]){{1,64}}"
    r"(?:[ _-]at[ _-]|@)(?:[\w-]{1,63}\.[a-z]{2,63}|[^\W_]{1,63}(?:[ _-](?:dot|point)[ _-][a-z]{2,63}){1,4})",
    re.IGNORECASE,
)


def _addresses(shadow: str) -> Iterator[Span]:
    for sign in re.finditer("@", shadow):
        before = shadow[max(0, sign.start() - _LONGEST_NAME - 1) : sign.start()][::-1]
        name, host = _NAME_BACKWARDS.match(before), _HOST.match(shadow, sign.end())
        if name and host:
            yield sign.start() - name.end(), host.end(), EMAIL
    for spoken in _SPOKEN.finditer(shadow):
        yield *spoken.span(), EMAIL


# ---- Numbers -----------------------------------------------------------------------------------

_BETWEEN = r"[^\w+×÷<>%€$£¥]|[_の]"  # not what one reckons with

# Nine digits: telephone numbers of our countries have ten or more with their prefix, cards up to 19,
# numbers of persons nine to fifteen. A date has eight.
_LONG_NUMBER = re.compile(rf"(?:\(?\+|\((?=[0-9 ]{{1,5}}\)))?[0-9](?:(?:{_BETWEEN}){{0,3}}[0-9]){{8,}}+")
_MOST_DIGITS_OF_NOBODY = 8

_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:1[6-9]|20)[0-9]{2}"
_DATE = "|".join(
    rf"{_YEAR}{sign}{_MONTH}(?:{sign}{_DAY})?|{_DAY}{sign}{_MONTH}{sign}(?:{_YEAR}|[0-9]{{2}})"
    for sign in ("-", "/", r"\.")  # no back-references: Python 3.11 fails on a group in a possessive repeat
)
_DATES = re.compile(
    rf"(?:(?:{_DATE}|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|{_YEAR}"
    rf"|[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?)(?![0-9])(?:{_BETWEEN}){{0,3}})++"
)
_PARTS = re.compile(rf"[^ ,](?:(?!, | \({_YEAR}(?![0-9])).)*+")
"""What a list lists, without the year that may follow each in brackets."""

_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([ .,'])[0-9]{3})(?:\1[0-9]{3})*+(?:[.,][0-9]{1,2})?|[1-9][0-9]*")
_MONEY = "[€$£¥]|eur|usd|jpy|gbp|chf"
_UNIT = (
    rf"{_MONEY}|euros?|yens?|dollars?|pounds?|francs?|millions?|milliards?|billions?|[円元万億兆人名件個本冊回台戸]"
    + "".join(map(_plain, "|世帯|ドル|ユーロ|ポンド|トン|キロ|メートル|平方"))
    + "|habitants?|hab|inhabitants?|people|persons?|personnes?"
    "|residents?|citizens?|visit(?:o|eu)rs?|tonn?es?|kg|km2?|m[23]?|litres?|[kmg]wh|%"
)
_UNIT_BEFORE = re.compile(rf"(?<![a-z])(?:{_MONEY}) ?$", re.IGNORECASE)
_UNIT_AFTER = re.compile(rf" ?(?:de |d')?(?:{_UNIT})(?![a-z0-9])", re.IGNORECASE)
_LONGEST_UNIT_BEFORE = 5

_WORD_WITH_DIGITS = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,}+")
_DIGITS_IN_A_WORD = 6
_WITHOUT_VOWELS = re.compile(r"[B-DF-HJ-NP-TV-Z0-9]{9,10}")
_GROUP = "(?:[A-Z0-9]{1,34}+|[a-z]{2}[0-9]{2}|[0-9][ab])(?![A-Za-z0-9])"
_WRITTEN_APART = re.compile(rf"(?<![A-Za-z0-9]){_GROUP}(?:[ ._-]{{1,2}}{_GROUP})++")
"""Groups of capitals and digits: accounts (IBAN), passports, residence cards, driving licences, insurance
numbers, and numbers of persons born in Corsica, where the département has a letter."""

_LETTERS_OF_A_GROUP = 4
"""At most; a longer run of capitals is a name."""


def _numbers(shadow: str) -> Iterator[Span]:
    for run in _LONG_NUMBER.finditer(shadow):
        for first, last in _of_persons(shadow, *run.span()):
            yield first, last, NUMBER
    for word in _WORD_WITH_DIGITS.finditer(shadow):
        if _names_a_person(word[0]):
            yield *word.span(), NUMBER
    for apart in _WRITTEN_APART.finditer(shadow):
        if _identifies(apart[0]):
            yield *apart.span(), NUMBER


def _identifies(groups: str) -> bool:
    """Whether groups of letters and digits are an identifier, and neither an amount nor a name with years."""
    runs = re.findall("[A-Za-z]+", groups)
    digits = sum(map(str.isdigit, groups))
    return (
        digits >= _DIGITS_IN_A_WORD
        and bool(runs)
        and all(len(run) <= _LETTERS_OF_A_GROUP for run in runs)
        and not any(re.fullmatch(_MONEY, run, re.IGNORECASE) for run in runs)
    )


def _of_persons(shadow: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what may be somebody's of a long run of digits: of "2012, 2013, 2014" nothing."""
    run = shadow[start:end]
    if _DATES.fullmatch(run):
        return
    parts = [(start + part.start(), start + part.end()) for part in _PARTS.finditer(run)]
    if run[0] != "+" and not any(shadow[first:last].startswith("0") for first, last in parts):
        yield from (part for part in parts if _is_long(shadow, *part) and not _is_amount(shadow, *part))
    else:
        yield start, end


def _is_long(shadow: str, start: int, end: int) -> bool:
    part = shadow[start:end]
    return sum(sign.isdigit() for sign in part) > _MOST_DIGITS_OF_NOBODY and not _DATES.fullmatch(part)


def _is_amount(shadow: str, start: int, end: int) -> bool:
    """Whether digits stand in groups of three, as only amounts do with commas, or beside a unit."""
    amount = _GROUPED.fullmatch(shadow, start, end)
    return amount is not None and bool(
        amount[1] == ","
        or _UNIT_AFTER.match(shadow, end)
        or _UNIT_BEFORE.search(shadow[max(0, start - _LONGEST_UNIT_BEFORE) : start])
    )


def _names_a_person(word: str) -> bool:
    """Whether letters and digits in one word are such as identify: many digits, or no word at all."""
    if _UNIT_AFTER.fullmatch(word.lstrip("0123456789")):
        return False
    in_turn = re.findall("[A-Za-z]+|[0-9]+", word)
    digits = sum(map(len, filter(str.isdigit, in_turn)))
    return digits >= _DIGITS_IN_A_WORD or (len(in_turn) >= 4 and bool(_WITHOUT_VOWELS.fullmatch(word)))
