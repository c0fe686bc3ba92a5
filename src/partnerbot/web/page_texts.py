"""Every word the page itself says, one file per language (texts/<code>.toml), and which one a visitor reads.

The files are data, and the French one is their shape: tests/web/test_texts.py names each key that another has
not, or has besides, or leaves empty. To add a language, add its file.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_decimal
from starlette.requests import Request

from partnerbot.answering import phrases
from partnerbot.appearance import Appearance
from partnerbot.errors import ConfigurationError

DEFAULT_LANGUAGE = "fr"
"""The language of a visitor whose browser asks for none of ours."""

DETECT = "auto"
"""Answer in the question's own language."""

_ORDER = ("fr", "ja", "en")
"""Languages named first in the page's list, in this order; others follow by code."""


class Section:
    """Some of a language's texts, by name: `texts.chat.welcome`."""

    def __init__(self, **words: Any) -> None:
        vars(self).update(words)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> str: ...

    def counted(self, name: str, count: int, locale: str) -> str:
        """Return a phrase for a count, its figures as the locale writes them.

        It has one form for each of CLDR's plural categories that its language knows.
        """
        forms = vars(self)[name]
        form = forms.get(Locale.parse(locale).plural_form(count), forms["other"])
        return str(form.format(count=format_decimal(count, locale=locale)))


class Texts:
    """All texts of one language; `name` is what the language calls itself, `locale` its CLDR code."""

    def __init__(self, name: str, locale: str, **sections: Section) -> None:
        self.name, self.locale = name, locale
        vars(self).update(sections)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Section: ...


def known_language(language: str) -> str:
    """Return a language to answer in, or DETECT, as it is. Raises: ValueError if it is neither."""
    if language not in (DETECT, *languages()):
        raise ValueError(f"one of {', '.join((DETECT, *languages()))}")
    return language


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are texts for, in the order they are offered."""
    folder = files("partnerbot.web").joinpath("texts")
    codes = {entry.name.removesuffix(".toml") for entry in folder.iterdir()}
    return (*_ORDER, *sorted(codes.difference(_ORDER)))


def offered_languages(appearance: Appearance) -> tuple[str, ...]:
    """Return the languages that the owner offers the page in. Raises: ConfigurationError."""
    if missing := set(appearance.languages).difference(languages()):
        raise ConfigurationError(
            f"There are no texts in {', '.join(sorted(missing))} yet, only in {', '.join(languages())}. "
            'See "Another language" in docs/appearance.md.'
        )
    return appearance.languages or languages()


@cache
def texts_of(language: str) -> Texts:
    file = files("partnerbot.web").joinpath("texts", f"{language}.toml")
    texts = tomllib.loads(file.read_text(encoding="utf-8"))
    sections = {name: Section(**words) for name, words in texts.items() if isinstance(words, dict)}
    return Texts(texts["name"], texts["locale"], **sections)


# ---- Which language a visitor reads, and how that language writes dates -------------------------

Reader = TypeVar("Reader")

_CHOICE = re.compile(r"\s*([a-z]+)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d*)?)\s*)?")


def preferred_language(accept_language: str | None, offered: Sequence[str] | None = None) -> str:
    """Return the offered language that an Accept-Language header likes best.

    Regional variants count for their language (fr-CA asks for fr). Without a
    match, or with a header that can't be read, it is the default language, or the first that is offered.
    """
    offered = offered or languages()
    choices = filter(None, map(_CHOICE.fullmatch, (accept_language or "").lower().split(",")))
    weighted = [(choice[1], float(choice[2] or 1)) for choice in choices if choice[1] in offered]
    usual = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in offered else offered[0]
    code, weight = max(weighted, key=lambda pair: pair[1], default=(usual, 0))
    return code if weight else usual


def wanted(request: Request, offered: Mapping[str, Reader]) -> Reader:
    """Return what there is for the language that an address names, or else that the browser likes best."""
    language = request.query_params.get("lang", "")
    if language not in offered:
        language = preferred_language(request.headers.get("accept-language"), tuple(offered))
    return offered[language]


def publication(published: str, texts: Texts) -> str:
    """Write an ISO date of publication (YYYY-MM-DD, YYYY-MM or YYYY) as a reader of `texts` would.

    A value that is no such date is shown as it is: it came from the document.
    """
    written = written_date(published, texts)
    if written == published and not published.isdigit():
        return published
    whole = published.count("-") == 2
    return (texts.answer.published_on if whole else texts.answer.published_in).format(date=written)


def written_date(published: str, texts: Texts) -> str:
    """Write an ISO date (YYYY-MM-DD, YYYY-MM or YYYY), as it is if it is none."""
    try:
        return phrases.written_date(published, texts.locale)
    except ValueError:
        return published


@lru_cache(maxsize=1024)
def in_time(seconds: int, code: str) -> str:
    """Write how soon something is, as readers of a locale would: "in 12 seconds", never too early."""
    unit = next((unit for unit in (1, 60) if seconds <= 90 * unit), 3600)
    rounded = timedelta(seconds=-(-seconds // unit) * unit)
    locale = Locale.parse(code)
    written = format_timedelta(rounded, threshold=1.5, add_direction=True, locale=locale)
    # A number and its unit stay on one line.
    return written.replace(" ", "") if locale.language == "ja" else re.sub(r"(?<=\d) ", "\u00a0", written)
