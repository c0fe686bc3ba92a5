"""Is the passage about what was asked: do the names, years and figures of the question stand in it?

Asked about Osaka in 2018, a sentence about Kumamoto in 2019 doesn't answer, however similar it is.
"""

from __future__ import annotations

import re
import unicodedata

from partnerbot.answering.values import find_dates
from partnerbot.indexing.spellings import Spellings


def named_share(question: str, language: str, text: str, text_language: str, spellings: Spellings) -> float:
    """Return the share of the question's names, years and figures that the text has, in [0, 1].

    Names count in any script (spellings.py), years in any calendar; 1 if the question has none.
    """
    wanted = _named(question, language, spellings)
    if not wanted:
        return 1.0
    return len(wanted & _named(text, text_language, spellings)) / len(wanted)


def _named(text: str, language: str, spellings: Spellings) -> set[str]:
    figures = {figure.lstrip("0") for figure in re.findall(r"\d+", unicodedata.normalize("NFKC", text))}
    years = {
        str(day.year)
        for value in find_dates(text, language)
        for day in (value.since, value.until)
        if day is not None and day.year is not None
    }
    return spellings.known_terms(text) | figures | years
