"""Names, years and figures across languages: does a passage have those of the question, are two answers one?

Asked about Osaka in 2018, a sentence about Kumamoto in 2019 doesn't answer, however similar it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from partnerbot.answering.common_words import is_common
from partnerbot.answering.mentions import Known, names_in
from partnerbot.answering.values import Value, find_dates, find_numbers, ordinals, resolved, same_value
from partnerbot.documents.normal_forms import fold, normal_form
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.index.lexical import LexicalIndex
from partnerbot.index.passages import Passage
from partnerbot.index.spellings import Name, Spellings, in_other_script, sound_terms, town_terms
from partnerbot.register.authorities import find_mentions


def named_share(question: str, language: str, text: str, text_language: str, spellings: Spellings) -> float:
    """Return the share of the question's names, years and figures that the text has, in [0, 1].

    Names count in any script (spellings.py), years in any calendar; 1 if the question has none.
    """
    wanted = _named(question, language, spellings)
    if not wanted:
        return 1.0
    return len(wanted & _named(text, text_language, spellings)) / len(wanted)


def unheard_of(question: str, language: str, lexical: LexicalIndex) -> list[str]:
    """Return the places, persons and things that a question names and no document has, in any script.

    A capital letter may also begin a sentence: a common word is no name.
    """
    return [name for name in _names(question, language, lexical) if not _is_heard_of(name, language, lexical)]


def names_only_the_whole(question: str, text: str, spellings: Spellings) -> bool:
    """Tell whether a text names CLAIR where a question names CLAIR Paris, which the text doesn't name.

    Their names tell that the one is more than the other; what is said of it is true of it alone.
    """
    asked, told = spellings.names_in(question), spellings.names_in(text)
    return any(
        _stands_in(whole, part) for part in asked for whole in told if part not in told and whole not in asked
    )


def _stands_in(whole: Name, part: Name) -> bool:
    """True if a spelling of one name is a part of a spelling of the other, in whole words."""
    return any(
        one in other if is_mainly_unspaced(one) else f" {one} " in f" {other} "
        for one in map(fold, whole.spellings)
        for other in map(fold, part.spellings)
        if one != other
    )


def names_only_the_unheard_of(told: str, language: str, lexical: LexicalIndex) -> bool:
    """Tell whether a text names something, and no document has any of that."""
    names = _names(told, language, lexical)
    return bool(names) and not any(_is_heard_of(name, language, lexical) for name in names)


def _names(text: str, language: str, lexical: LexicalIndex) -> list[str]:
    spans = [(name.start, name.end) for name in names_in(text, language, Known(lexical.spellings))]
    if language == "ko":  # whose places are put in Latin letters: Busan looks like a word elsewhere
        spans += [(place.start, place.end) for place in find_mentions(text, language) if place.entries]
    return list(dict.fromkeys(text[start:end] for start, end in sorted(spans)))


def _is_heard_of(name: str, language: str, lexical: LexicalIndex) -> bool:
    return is_common(name, language) or lexical.knows(name)


def counts_the_unheard_of(question: str, language: str, passages: Iterable[Passage]) -> bool:
    """Tell whether a question asks of an edition, as "the tenth", that none of the passages counts.

    The first is left out: it is told in many other ways.
    """
    asked = ordinals(question, language) - {1}
    counted = (ordinals(passage.text_in_context, passage.language) for passage in passages) if asked else ()
    return not asked <= set().union(*counted)


_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")


@dataclass(frozen=True)
class Said:
    """A short answer in its document's words; `published`: when that appeared, ISO, or None."""

    text: str
    language: str
    published: str | None = None


def same_answer(one: Said, other: Said) -> bool:
    """True if two short answers say the same, in whatever language and script each is."""
    dates = _dates(one), _dates(other)
    if all(len(found) == 1 for found in dates):
        return same_value(dates[0][0], dates[1][0])
    numbers = _only_number(one), _only_number(other)
    if numbers[0] and numbers[1]:
        return same_value(numbers[0], numbers[1])
    if fold(one.text) == fold(other.text):
        return True
    if town_terms(one.text) and town_terms(one.text) == town_terms(other.text):
        return True
    return bool({in_other_script(sound) for sound in sound_terms(one.text)} & sound_terms(other.text))


def contradicts(one: Said, other: Said) -> bool:
    """True if two short answers to one question can't both be right.

    What is only less exact (a year, and a day of it) isn't told to, nor what can't be compared: a name
    in two scripts, a date and a number.
    """
    if same_answer(one, other):
        return False
    dates = _dates(one), _dates(other)
    numbers = find_numbers(one.text, one.language), find_numbers(other.text, other.language)
    if any(dates):
        return all(len(found) == 1 for found in dates) and _are_apart(dates[0][0], dates[1][0])
    if any(numbers):
        return all(len(found) == 1 for found in numbers) and _count_otherwise(numbers[0][0], numbers[1][0])
    if is_mainly_unspaced(one.text) != is_mainly_unspaced(other.text):
        return False
    names = _name(one.text), _name(other.text)
    shared = set(re.findall(r"\w{3,}", names[0])) & set(re.findall(r"\w{3,}", names[1]))
    return not shared and names[0] not in names[1] and names[1] not in names[0]


def tells_of_both(one: Said, its_text: str, its_quote: str, other: Said, other_quote: str) -> bool:
    """True if one's document gives the other's answer, too, or the quotes date two things.

    Who or what stands beside the other answer in one document is somebody or something else.
    """
    if dates := _dates(other):
        mine = _dates(replace(other, text=other_quote)), _dates(replace(one, text=its_quote))
        wanted = _dates(one), dates
        return any(_found(value, within) for kind, within in zip(wanted, mine, strict=True) for value in kind)
    if numbers := find_numbers(other.text, other.language):
        given = {value.number for value in find_numbers(its_quote, one.language)}
        return all(value.number in given for value in numbers)
    sounds = {in_other_script(sound) for sound in sound_terms(other.text)}
    return _name(other.text) in fold(its_text) or bool(sounds & sound_terms(its_text))


def _found(value: Value, within: list[Value]) -> bool:
    return any(value.since is not None and other.since == value.since for other in within)


def _name(text: str) -> str:
    """What is said without what stands in brackets, such as how a name is read."""
    return fold(_BRACKETS.sub("", text)).strip()


def _dates(said: Said) -> list[Value]:
    """The dates of a short answer, those that count from the article's own date said in full."""
    found = []
    for date in find_dates(said.text, said.language):
        meant = resolved(date, said.published)
        found.append(date if meant is None else replace(date, since=meant, until=None, relative=False))
    return found


def _only_number(said: Said) -> Value | None:
    """The number that the answer is and nothing else, with its unit if it has one: "12 %", "3 ans"."""
    text = said.text.strip()
    found = find_numbers(text, said.language)
    return found[0] if len(found) == 1 and found[0].text == text else None


def _are_apart(one: Value, other: Value) -> bool:
    if one.relative or other.relative or one.kind != other.kind or one.since is None or other.since is None:
        return False
    if (one.until is None) != (other.until is None):
        return False
    return not (one.since.within(other.since) or other.since.within(one.since))


def _count_otherwise(one: Value, other: Value) -> bool:
    return one.kind == other.kind and one.number != other.number and (not one.unit or one.unit == other.unit)


def _named(text: str, language: str, spellings: Spellings) -> set[str]:
    figures = {figure.lstrip("0") for figure in re.findall(r"\d+", normal_form("NFKC", text))}
    years = {
        str(day.year)
        for value in find_dates(text, language)
        for day in (value.since, value.until)
        if day is not None and day.year is not None
    }
    return spellings.known_terms(text) | figures | years
