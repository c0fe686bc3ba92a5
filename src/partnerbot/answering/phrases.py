"""The few words an answer is framed in, one file a language (phrases/*.json).

They belong to the Answer, which every surface shows in the asker's language; what only
the web page says is in web/texts.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from pydantic import BaseModel, ConfigDict

from partnerbot.answering.answer import Kind
from partnerbot.answering.values import find_dates, format_value, long_date, relative_date_in, resolved
from partnerbot.answering.values.cldr import locale_of

_FALLBACK = "en"


class Phrases(BaseModel):
    """Phrases of one language; {…} are filled in with str.format."""

    model_config = ConfigDict(frozen=True)

    results_for: str
    """What the question, with misspelt words, was taken for. {words}"""
    introductions: dict[Kind, str]
    """What comes before the points of each kind of reply that has points."""
    partnerships: dict[
        Literal[
            "one", "many", "some", "some_between", "totals", "oldest", "newest", "by_age", "are_partners",
            "dated",
        ],
        str,
    ]  # fmt: skip
    """What comes before rows of the register, by what is asked. {count}, and of `some` also {total}, which is
    that of all rows, of `some_between` that of those between the countries asked about; `totals`: before
    sentences that tell how many there are; `dated`: how a row is named with its date, {names} {date}."""
    partnerships_of_staff: dict[Literal["all", "more", "source"], str]
    """The same where no article but staff tells of any row; after it, where staff tell of {count} more
    {in_articles}; and in place of a quote. {source}"""
    says_otherwise: str
    """Another document answers otherwise. {answer}"""
    says_newer: str
    """The same, where it is newer than the first. {answer} {date} {first}, the two documents' dates"""
    says_older: str
    """The same, where it is older than the first. {answer} {date} {first}"""
    relative_date: str
    """A date counts from when the article appeared. {date}"""
    relative_date_means: str
    """The same, where it is clear which one is meant. {said} {meaning} {date}"""
    relative_date_undated: str
    """The same, when it isn't known when the article appeared."""
    quoted_instead: str
    """A language model was to write the answer, and what follows is quoted instead."""
    cut_short: str
    """A language model wrote a part of the answer, all of it verified, and no more came."""
    not_in_documents: str
    """Nothing answers."""
    not_mentioned: str
    """Nothing answers, and {names} stand in no document."""
    not_sure: str
    """What is near may well be of no use."""
    may_help: str
    """What follows that when related documents are listed; with the space before it."""
    ask_us: str
    """What ends such replies where the owner gives a contact; with the space before it. {contact}"""
    failed: str
    """Something broke; the visitor is told to try again. {contact}"""


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of a language, of English for one without a file."""
    folder = resources.files(__package__).joinpath("phrases")
    file = folder.joinpath(f"{language}.json")
    if not file.is_file():
        file = folder.joinpath(f"{_FALLBACK}.json")
    return Phrases.model_validate(json.loads(file.read_text("utf-8")))


def language_to_answer_in(tag: str) -> str:
    """Return the language of a tag such as "fr", "fr-FR" or "FR" (BCP 47).

    A language without phrases is framed in English. Raises: ValueError if CLDR knows no such language.
    """
    try:
        return str(Locale.parse(tag, sep="-" if "-" in tag else "_").language)
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"no language is called {tag!r}") from error


def language_name(language: str, in_language: str) -> str:
    """Name a language in another, by CLDR: ("ja", "fr") -> "japonais"; the code itself if unknown."""
    return str(locale_of(in_language).languages.get(language, language))


def written_date(iso: str, language: str) -> str:
    """Write an ISO date (YYYY, YYYY-MM or YYYY-MM-DD) as the language does, by CLDR."""
    parts = [int(part) for part in iso.split("-")]
    day = date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
    if len(parts) == 3:
        return long_date(day, language)
    return format_skeleton("yMMMM" if len(parts) == 2 else "y", day, locale=locale_of(language))


def dating_note(
    text: str,
    text_language: str,
    published: str | None,
    language: str,
    shown: tuple[int, int] | None = None,
) -> str | None:
    """Say what the text's relative date means, or at least what it counts from; None if it has none.

    `published`: when its document appeared, ISO, or None. `language`: the note's. `shown`: which
    [start, end) of the text counts; None for all.
    """
    first, last = shown or (0, len(text))
    if not relative_date_in(text[first:last], text_language):
        return None
    texts = phrases(language)
    if published is None:
        return texts.relative_date_undated
    appeared = written_date(published, language)
    for said in find_dates(text, text_language):
        meant = resolved(said, published)
        if meant is not None and said.start < last and first < said.end:
            full = format_value(replace(said, since=meant, until=None, relative=False), language)
            return texts.relative_date_means.format(said=said.text, meaning=full, date=appeared)
    return texts.relative_date.format(date=appeared)
