"""Does a text give a gold answer? Words compared as SQuAD does, characters where there are no spaces.

SQuAD's comparison (Rajpurkar et al., EMNLP 2016) ignores case, punctuation and articles. As
in MLQA (Lewis et al., ACL 2020), articles are those of the answer's language and each
Chinese, Japanese or Korean character counts as a word. Numbers are compared however their
thousands and decimals are separated: "4 500", "4,500" and "4500" are one number.
"""

import re
from collections import Counter
from collections.abc import Iterable

from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.scripts import CJK

_TOKEN = re.compile(rf"[{CJK}]|\d+(?:\.\d+)*|(?:(?![{CJK}\d])[^\W_])+")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:([ ,.'’])\d{3})(?:\1\d{3})*(?![\d])")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")

_ARTICLES = {
    "de": "ein eine einen eines einer einem das die der dem des den",
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "fr": "le la les l un une des du de d au aux",
    "it": "un uno una il lo la i gli le l",
    "pt": "o a os as um uma uns umas",
}


def words(text: str, language: str) -> list[str]:
    """Return what is compared of a text; articles are those of `language` (ISO 639-1)."""
    plain = normal_form("NFKC", text).casefold()
    plain = _THOUSANDS.sub(lambda match: re.sub(r"\D", "", match[0]), plain)
    found = _TOKEN.findall(_DECIMAL_COMMA.sub(".", plain))
    articles = _ARTICLES.get(language, "").split()
    # An answer made of articles alone, such as the letter A, is compared as it is.
    return [word for word in found if word not in articles] or found


def exact_match(answer: str, gold: Iterable[tuple[str, str]]) -> bool:
    """Tell whether an answer is one of the gold answers, given as (answer, its language)."""
    return any(words(answer, language) == words(expected, language) for expected, language in gold)


def f1(answer: str, gold: Iterable[tuple[str, str]]) -> float:
    """Return the best F1 of an answer's words against a gold answer's, in [0, 1]."""
    best = 0.0
    for right, language in gold:
        said, wanted = words(answer, language), words(right, language)
        if common := sum((Counter(said) & Counter(wanted)).values()):
            best = max(best, 2 * common / (len(said) + len(wanted)))
    return best


def contains(text: str, answers: Iterable[str], language: str) -> bool:
    """Tell whether one of the answers stands in a text of that language, as whole words."""
    within = words(text, language)
    parts = [part for answer in answers if (part := words(answer, language))]
    return any(within[start : start + len(part)] == part for part in parts for start in range(len(within)))


def occurs(text: str, spellings: Iterable[str]) -> bool:
    """Tell whether one of the spellings stands in a text, letter by letter, spaces left out."""
    letters, *parts = ("".join(normal_form("NFKC", one).casefold().split()) for one in (text, *spellings))
    return any(part in letters for part in parts)
