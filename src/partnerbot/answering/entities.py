"""Names, years and figures across languages: does a passage have those of the question, are two answers one?

Asked about Osaka in 2018, a sentence about Kumamoto in 2019 doesn't answer, however similar it is.
"""

from __future__ import annotations

import re
import unicodedata

from partnerbot.answering.values import find_dates, same_value
from partnerbot.indexing.lexical import fold
from partnerbot.indexing.spellings import Spellings, in_other_script, sound_terms, town_terms


def named_share(question: str, language: str, text: str, text_language: str, spellings: Spellings) -> float:
    """Return the share of the question's names, years and figures that the text has, in [0, 1].

    Names count in any script (spellings.py), years in any calendar; 1 if the question has none.
    """
    wanted = _named(question, language, spellings)
    if not wanted:
        return 1.0
    return len(wanted & _named(text, text_language, spellings)) / len(wanted)


def same_answer(one: str, one_language: str, other: str, other_language: str) -> bool:
    """True if two short answers say the same, in whatever language and script each is."""
    if fold(one) == fold(other):
        return True
    dates = find_dates(one, one_language), find_dates(other, other_language)
    if all(len(found) == 1 for found in dates):
        return same_value(dates[0][0], dates[1][0])
    if town_terms(one) and town_terms(one) == town_terms(other):
        return True
    return bool({in_other_script(sound) for sound in sound_terms(one)} & sound_terms(other))


def _named(text: str, language: str, spellings: Spellings) -> set[str]:
    figures = {figure.lstrip("0") for figure in re.findall(r"\d+", unicodedata.normalize("NFKC", text))}
    years = {
        str(day.year)
        for value in find_dates(text, language)
        for day in (value.since, value.until)
        if day is not None and day.year is not None
    }
    return spellings.known_terms(text) | figures | years
