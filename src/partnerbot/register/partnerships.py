"""What is about partnerships of local authorities, in words and tables; another register would have another.

The kinds of partnership, their fields and the levels of authorities, as readers of four languages call them;
by which words texts and questions tell of them stands in words.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

Words = Mapping[str, str]
"""A word, or several, by language."""

KINDS: Mapping[str, Words] = {
    "sister_cities": {"fr": "jumelage", "ja": "姉妹都市", "en": "sister cities", "ko": "자매도시"},
    "friendship": {"fr": "amitié", "ja": "友好都市", "en": "friendship", "ko": "우호도시"},
    "agreement": {"fr": "accord", "ja": "協定・覚書", "en": "agreement", "ko": "협정"},
    "cooperation": {"fr": "coopération", "ja": "協力・交流", "en": "cooperation", "ko": "협력"},
    "planned": {"fr": "en projet", "ja": "予定", "en": "planned", "ko": "예정"},
    "ended": {"fr": "terminé", "ja": "終了", "en": "ended", "ko": "종료"},
}

FIELDS: Mapping[str, Words] = {
    "culture": {"fr": "culture", "ja": "文化・芸術", "en": "culture and arts", "ko": "문화·예술"},
    "heritage": {"fr": "patrimoine", "ja": "文化財・歴史遺産", "en": "heritage", "ko": "문화유산"},
    "crafts": {"fr": "artisanat", "ja": "工芸", "en": "crafts", "ko": "공예"},
    "food": {"fr": "gastronomie et alimentation", "ja": "食・美食", "en": "food", "ko": "음식"},
    "agriculture": {"fr": "agriculture", "ja": "農業", "en": "agriculture", "ko": "농업"},
    "tourism": {"fr": "tourisme", "ja": "観光", "en": "tourism", "ko": "관광"},
    "economy": {"fr": "économie", "ja": "経済・産業", "en": "economy", "ko": "경제"},
    "innovation": {"fr": "innovation et sciences", "ja": "科学・技術", "en": "innovation", "ko": "과학·기술"},
    "education": {"fr": "éducation", "ja": "教育", "en": "education", "ko": "교육"},
    "youth": {"fr": "jeunesse", "ja": "青少年", "en": "youth", "ko": "청소년"},
    "sport": {"fr": "sport", "ja": "スポーツ", "en": "sport", "ko": "스포츠"},
    "gardens": {"fr": "parcs et jardins", "ja": "公園・庭園", "en": "parks and gardens", "ko": "공원·정원"},
    "environment": {"fr": "environnement", "ja": "環境", "en": "environment", "ko": "환경"},
    "health": {"fr": "santé et social", "ja": "医療・福祉", "en": "health and welfare", "ko": "의료·복지"},
    "planning": {"fr": "urbanisme", "ja": "まちづくり", "en": "urban planning", "ko": "도시 계획"},
    "staff": {"fr": "échange d'agents", "ja": "職員交流", "en": "exchange of staff", "ko": "직원 교류"},
}

LEVELS: Mapping[str, Words] = {
    "city": {"fr": "ville", "ja": "市町", "en": "city", "ko": "시"},
    "village": {"fr": "village", "ja": "村", "en": "village", "ko": "마을"},
    "district": {"fr": "arrondissement", "ja": "区", "en": "district", "ko": "구"},
    "metropole": {"fr": "métropole", "ja": "広域連合体", "en": "metropolis", "ko": "광역도시권"},
    "department": {"fr": "département", "ja": "県", "en": "department", "ko": "도"},
    "prefecture": {"fr": "préfecture", "ja": "都道府県", "en": "prefecture", "ko": "현"},
    "region": {"fr": "région", "ja": "地域圏", "en": "region", "ko": "지역"},
    "institution": {"fr": "institution", "ja": "機関", "en": "institution", "ko": "기관"},
}

LEAST_FAR = ("FR", "JP")
"""Countries whose authorities are meant first where several have one name."""

QUARTERS = {"Paris": "パリ", "Lyon": "リヨン", "Marseille": "マルセイユ"}
"""Towns whose numbered arrondissements are authorities of their own."""


KIND_WEIGHTS: Mapping[str, float] = {
    "ended": 3,
    "planned": 3,
    "sister_cities": 4,
    "agreement": 2.5,
    "friendship": 2,
    "cooperation": 1,
}
"""What a sentence with a word of each kind counts for: sister cities are partners, too."""

SPEAKING = ("bound", "signed", "partner")
"""Which telling words a sentence has at least one of, if it states partners in plain words."""


def _by_word(of_languages: Mapping[str, Mapping[str, str]]) -> Mapping[str, Words]:
    return {
        language: {word: level for level, words in levels.items() for word in words}
        for language, levels in of_languages.items()
    }


Levels = Annotated[Mapping[str, Mapping[str, tuple[str, ...]]], AfterValidator(_by_word)]


class Tables(BaseModel):
    """The tables of words.toml, where each says what it is for; of the levels, the level by each word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_before: Levels
    level_after: Levels
    level_asked: Mapping[str, Words]
    other_bodies: Words
    only_where: Words
    supported: Words
    partner_of: Words
    since: Words
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


def authority_names(latin: str, japanese: str | None, level: str, country: str) -> Words:
    """Return what an authority is called in each language; `japanese`: its name there, if that is known."""
    elided = latin[:1] in "AEIOUÉÈÎÔHaeiou" and not latin.startswith("Hy")
    names = {"fr": latin, "en": latin, "ja": japanese or latin}
    if level == "prefecture":
        names |= {"fr": f"préfecture {'d’' if elided else 'de '}{latin}", "en": f"{latin} Prefecture"}
    elif level == "metropole":
        names |= {"fr": f"{latin} Métropole", "en": f"{latin} Métropole", "ja": f"{names['ja']}メトロポール"}
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
        }
    return {**names, "ko": names["en"]}
