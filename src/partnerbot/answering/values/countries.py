"""Countries that a text names: CLDR's, so they can be said in any language."""

from __future__ import annotations

import re
from functools import lru_cache

from partnerbot.answering.values.cldr import EAST_ASIAN, country_names


def countries_in(text: str, language: str) -> list[tuple[int, int, str]]:
    """Return (start, end, ISO 3166 code) of each country named, in order."""
    names = country_names(language)
    return [(m.start(), m.end(), names[m[0]]) for m in _country_pattern(language).finditer(text)]


@lru_cache(maxsize=64)
def _country_pattern(language: str) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(country_names(language), key=len, reverse=True))
    # 「フランス語」 is a language, 「日本人」 a people, "Jean-France" a name: no country is named.
    if language in EAST_ASIAN:
        return re.compile(rf"(?<![ァ-ヶー一-龠々])(?:{names})(?![ァ-ヶー一-龠々])")
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")
