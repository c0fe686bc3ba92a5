"""What is about partnerships of local authorities, in words and tables; another register would have another.

The kinds of partnership, their fields and the levels of authorities, as readers of four languages call them.
"""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""A word by language."""

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
