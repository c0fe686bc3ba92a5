"""What is about partnerships of local authorities, in words and tables; another register would have another.

What the kinds of partnership, their fields and the levels of authorities are called, and by which words texts
and questions tell of them, stands in words.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from partnerbot.documents.normal_forms import fold

Words = Mapping[str, str]
"""A word, or several, by language."""

SENTENCE_END = re.compile(r"[.!?;](?=\s)|[。！？；\n]")

PART_END = re.compile(r"[.!?;:](?=\s)|[。！？；：\n]")

CLAUSE_END = re.compile(r"[.!?;:,](?=\s)|[。！？；：、\n]| [–—] ")

LEAST_FAR = ("FR", "JP")
"""Countries whose authorities are meant first where several have one name."""

QUARTERS = {"Paris": "パリ", "Lyon": "リヨン", "Marseille": "マルセイユ"}
"""Towns whose numbered arrondissements are authorities of their own."""


KIND_WEIGHTS: Mapping[str, float] = {
    "ended": 3,
    "planned": 3,
    "sister_cities": 6,
    "agreement": 2.5,
    "friendship": 2,
    "cooperation": 1,
}
"""What a sentence with a word of each kind counts for: sister cities are partners, too. With 4 for them the
sample's Brest and Yokosuka would only cooperate."""

SPEAKING = ("bound", "signed", "partner")
"""Which telling words a sentence has at least one of, if it states partners in plain words."""


def _by_word(of_languages: Mapping[str, Mapping[str, list[str]]]) -> Mapping[str, Words]:
    return {
        language: {word: level for level, words in levels.items() for word in words}
        for language, levels in of_languages.items()
    }


Levels = Annotated[Mapping[str, Words], BeforeValidator(_by_word)]


class Tables(BaseModel):
    """The tables of words.toml, where each says what it is for; of the levels, the level by each word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Mapping[str, Words]
    subjects: Mapping[str, Words]
    fields: Mapping[str, Words]
    levels: Mapping[str, Words]
    level_before: Levels
    level_after: Levels
    level_asked: Mapping[str, Words]
    of_region: Mapping[str, Words]
    katakana: Mapping[str, str]
    only_where: Words
    tie: Words
    since: Words
    counted: Words
    total: Words
    anniversary: Words
    from_then: Words
    between: Words
    kind: Mapping[str, Words]
    field: Mapping[str, Words]
    telling: Mapping[str, Words]
    asked: Mapping[str, Words]
    asked_else: Words
    asking: Words


@cache
def tables() -> Tables:
    """Return the words by which texts and questions tell of partnerships."""
    text = resources.files(__package__).joinpath("words.toml").read_text("utf-8")
    return Tables.model_validate(tomllib.loads(text))


def authority_names(latin: str, japanese: str | None, korean: str | None, level: str, country: str) -> Words:
    """Return what an authority is called in each language.

    `japanese`, `korean`: its name there, or that of its town, if that is known.
    """
    elided = latin[:1] in "AEIOUÉÈÎÔHaeiou" and not latin.startswith("Hy")
    names = {"fr": latin, "en": latin, "ja": japanese or latin, "ko": korean or latin}
    if level == "prefecture":
        names |= {"fr": f"préfecture {'d’' if elided else 'de '}{latin}", "en": f"{latin} Prefecture"}
        names["ko"] = korean or names["en"]
    elif level == "metropole":
        names |= {"fr": f"{latin} Métropole", "en": f"{latin} Métropole", "ja": f"{names['ja']}メトロポール"}
        names["ko"] = f"{names['ko']} 메트로폴"
    elif level == "region" and country == "FR" and japanese:
        names |= {"ja": f"{japanese}地域圏"}
    elif level == "department" and japanese:
        names |= {"ja": f"{japanese}県"}
    elif level == "district" and country == "FR" and latin[-1:].isdecimal():
        town, number = latin.rsplit(" ", 1)
        ending = "st" if number == "1" else "nd" if number == "2" else "rd" if number == "3" else "th"
        names = {
            "fr": f"{town} {number}{'er' if number == '1' else 'e'}",
            "en": f"{number}{ending} arrondissement of {town}",
            "ja": f"{QUARTERS[town]}{number}区",
            "ko": f"{korean or town} {number}구",
        }
    return names


def clause(text: str, start: int, end: int) -> str:
    """Return the clause in which text[start:end] stands."""
    return text[slice(*bounds(text, start, end, CLAUSE_END))]


def bounds(text: str, start: int, end: int, marks: re.Pattern[str]) -> tuple[int, int]:
    """Return [start, end) of the part between two marks in which text[start:end] stands."""
    before = max((mark.end() for mark in marks.finditer(text, 0, start)), default=0)
    after = marks.search(text, end)
    return before, after.start() if after else len(text)


def may_tell(text: str, language: str) -> bool:
    """True if a text has a word of being bound, signing, partnership or nearness."""
    return any(has_word(text, language, tables().telling[kind]) for kind in (*SPEAKING, "near"))


def has_word(text: str, language: str, words: Mapping[str, str]) -> bool:
    """True if a text has a word of its language that begins so, or is so where a full stop ends it."""
    stems = words.get(language, words["en"])
    if language in ("ja", "zh"):
        return any(stem in text for stem in stems.split())
    return bool(word_pattern(tuple(stems.split())).search(_folded(text)))


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    return fold(text)


@cache
def word_pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds words that begin so, in a text without accents; "_" stands for a space."""
    begins = (re.escape(fold(stem.rstrip(".")).replace("_", " ")) for stem in stems)
    ends = (r"(?![^\W_])" if stem.endswith(".") else "" for stem in stems)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(''.join, zip(begins, ends, strict=True)))})")
