"""What a date that counts from the article's own date means: "last year" in an article of 2024 is 2023."""

from __future__ import annotations

import re

from partnerbot.answering.values.value import PartialDate, Value

_BEFORE = (
    r"dernier|dernière|passée?\b|précédent|\blast\b|previous|昨年|去年|先月|letzte|vergangene|pasado|passado"
    r"|scors[oa]|작년|지난|上个?月"
)
_SAME = r"\bcet\b|cette|ce mois|\bthis\b|今年|本年|今月|diese|\beste\b|quest['’]|올해|이번|这个?月|本月"
_AFTER = r"prochain|\bnext\b|来年|来月|nächste|próximo|내년|다음|明年|下个?月"
_TWO_BEFORE = r"一昨年|前年"
_OF_A_MONTH = r"mois|month|月|Monat|\bmes\b|mese|mês|달|월"
_OF_A_YEAR = r"\ban\b|année|year|年|Jahr|año|anno|ano\b|년|해"


def resolved(date: Value, published: str | None) -> PartialDate | None:
    """Return the year, or the month, that a relative date means; None if that can't be told.

    Nor is it told of a season: last summer is this year's in October, and another's in May.

    `published`: when the article appeared, ISO (YYYY, YYYY-MM or YYYY-MM-DD), or None.
    """
    if published is None or not date.relative:
        return None
    parts = [int(part) for part in published.split("-")]
    steps = _steps(date.text)
    if steps is None:
        return None
    month = date.since.month if date.since else None
    if re.search(_OF_A_YEAR, date.text, re.IGNORECASE) and not _only_a_month(date.text):
        return PartialDate(parts[0] + steps, month, date.since.day if date.since else None)
    if len(parts) > 1 and re.search(_OF_A_MONTH, date.text, re.IGNORECASE):
        months = parts[0] * 12 + parts[1] - 1 + steps
        return PartialDate(months // 12, months % 12 + 1)
    return None


def _only_a_month(text: str) -> bool:
    return bool(re.fullmatch(r"(?:先|今|来|本)月", text))


def _steps(text: str) -> int | None:
    for pattern, steps in ((_TWO_BEFORE, -2), (_BEFORE, -1), (_AFTER, 1), (_SAME, 0)):
        if re.search(pattern, text, re.IGNORECASE):
            return steps
    return None
