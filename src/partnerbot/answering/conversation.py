"""Replies to what visitors say that isn't a question on the documents: a few words of our own, no sources.

The texts are data, one file a language (phrases/conversation/*.json). A reply is a list of sentences; one
that names a value we don't have is left out, or gives way to the next of its alternatives. A sentence that
begins with a line break begins a paragraph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from babel.lists import format_list
from babel.numbers import format_decimal
from pydantic import BaseModel, ConfigDict

from partnerbot.answering.phrases import language_name, written_date
from partnerbot.answering.values.cldr import locale_of
from partnerbot.appearance import Act, Appearance, Contact
from partnerbot.documents.metadata import PUBLISHED
from partnerbot.index.search import Index

__all__ = ["About", "Act", "reply"]

_FALLBACK = "en"
OFFERED = ("fr", "ja", "en", "ko")
"""Languages that the page is offered in where the owner names none."""
_WITHOUT_SPACES = frozenset({"ja", "zh"})
"""Languages that put no space between sentences."""

_FEWEST_COUNTED = 2
"""Documents from which their number is told; "1 documents" would be wrong."""


@dataclass(frozen=True)
class About:
    """What a reply may say of this installation; what is empty isn't mentioned.

    `name`: the chat's own, as its page shows it. `contact`: where visitors are sent, in a line; `details`:
    every way to reach the institution. `spoken`: languages that the owner offers, `languages`: of the
    documents, as codes; `documents`: how many there are; `newest`: the date of the newest, ISO
    (YYYY, YYYY-MM or YYYY-MM-DD).
    """

    name: str = ""
    contact: str = ""
    details: Contact = field(default_factory=Contact)
    spoken: Sequence[str] = ()
    languages: Sequence[str] = ()
    documents: int = 0
    newest: str | None = None

    @classmethod
    def of(cls, index: Index, owner: Appearance, contact: str, language: str) -> About:
        """Return what is known of an installation that answers from an index."""
        every = index.texts.documents.values()
        dates = [str(one.document.metadata.get(PUBLISHED) or "") for one in every]
        return cls(
            name=owner.name.get(language, ""),
            contact=contact,
            details=owner.contact,
            spoken=owner.languages or tuple(dict.fromkeys((language, *OFFERED))),
            languages=list(index.manifest.languages),
            documents=index.manifest.documents,
            newest=max(dates, default="") or None,
        )


def reply(act: Act, language: str, about: About, owner: Mapping[str, Mapping[Act, str]]) -> str:
    """Return the reply to an act in a language, or in English for one without texts: plain text, by lines.

    `owner`: the owner's own replies, by language and act. One that names a value we don't have gives way
    to ours.
    """
    own = owner.get(language, {}).get(act)
    if own and (said := _filled([own], _values(about, language))):
        return said
    language = language if _file(language).is_file() else _FALLBACK
    values = _values(about, language)
    sentences = _texts(language).replies[act]
    filled = [
        _filled([sentence] if isinstance(sentence, str) else sentence, values) for sentence in sentences
    ]
    separator = "" if language in _WITHOUT_SPACES else " "
    return separator.join(filter(None, filled)).replace(f"{separator}\n", "\n").strip()


class _Texts(BaseModel):
    """One file. `contact`: a line for each way to reach the institution, by the fields of Contact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replies: dict[Act, list[str | list[str]]]
    contact: dict[str, str]


def _file(language: str) -> Traversable:
    return resources.files(__package__).joinpath("phrases", "conversation", f"{language}.json")


@cache
def _texts(language: str) -> _Texts:
    """Return a language's texts, or the fallback's."""
    file = _file(language)
    file = file if file.is_file() else _file(_FALLBACK)
    return _Texts.model_validate(json.loads(file.read_text("utf-8")))


def _filled(alternatives: Sequence[str], values: Mapping[str, str]) -> str:
    """Fill in the first alternative whose values are all known; empty if there is none."""
    for text in alternatives:
        try:
            return text.format_map(values)
        except KeyError:
            continue
    return ""


def _values(about: About, language: str) -> dict[str, str]:
    """Return the placeholders that have a value, as the language writes them."""
    locale = locale_of(language)
    languages = [language_name(code, language) for code in about.languages]
    # The reader's own comes first.
    spoken = [
        language_name(code, language) for code in sorted(about.spoken, key=lambda code: code != language)
    ]
    counted = about.documents >= _FEWEST_COUNTED
    values = {
        "name": about.name,
        "contact": about.contact,
        "contact_details": contact_details(about, language),
        "spoken": format_list(spoken, "or", locale) if spoken else "",
        "several_spoken": format_list(spoken, "or", locale) if spoken[1:] else "",
        "languages": format_list(languages, locale=locale) if languages else "",
        "documents": format_decimal(about.documents, locale=locale) if counted else "",
        "newest": written_date(about.newest, language) if about.newest else "",
    }
    return {placeholder: value for placeholder, value in values.items() if value}


def contact_details(about: About, language: str) -> str:
    """Name every way to reach the institution, one a line; the line for visitors first if it is another."""
    told = _ways(about.details, language)
    lines = [line.format_map(told) for way, line in _texts(language).contact.items() if way in told]
    if about.contact and about.contact not in told.values():
        lines.insert(0, about.contact)
    return "\n".join(lines)


def opening_hours(contact: Contact, language: str) -> str:
    """Return the line that tells when the institution is open; empty if its owner doesn't say."""
    told = _ways(contact, language)
    return _texts(language).contact["hours"].format_map(told) if "hours" in told else ""


def _ways(contact: Contact, language: str) -> dict[str, str]:
    """Return every way to reach the institution by its name; hours in another language say in which."""
    told = {}
    for way, (text, given_in) in contact.told_in(language).items():
        foreign = way == "hours" and given_in not in ("", language)
        told[way] = f"{text} ({language_name(given_in, language)})" if foreign else text
    return told
