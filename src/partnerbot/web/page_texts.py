"""Every word the page itself says, one file per language (texts/<code>.toml).

The files are data, and the French one is their shape: a key that another has not, or has besides, or leaves
empty, stops the start with its name, so that no visitor meets an untranslated word. To add a language, add
its file.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Self

from babel import Locale
from babel.numbers import format_decimal

from partnerbot.appearance import Appearance
from partnerbot.errors import ConfigurationError

DEFAULT_LANGUAGE = "fr"
"""The language of a visitor whose browser asks for none of ours."""

DETECT = "auto"
"""Answer in the question's own language."""

_ORDER = ("fr", "ja", "en")
"""Languages named first in the page's list, in this order; others follow by code."""

_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
"""CLDR's plural categories: a phrase with {count} has one form for each that its language knows."""


class Section:
    """Some of a language's texts, by name: `texts.chat.welcome`."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.words = words

    def __getattr__(self, name: str) -> str:
        if name == "words" or name not in self.words:
            raise AttributeError(f"No text is named {name}")
        return str(self.words[name])

    def counted(self, name: str, count: int, locale: str) -> str:
        """Return a phrase for a count, its figures as the locale writes them."""
        forms = self.words[name]
        form = forms.get(Locale.parse(locale).plural_form(count), forms["other"])
        return str(form.format(count=format_decimal(count, locale=locale)))


@dataclass(frozen=True, eq=False)
class Texts:
    """All texts of one language; `name` is what the language calls itself, `locale` its CLDR code."""

    name: str
    locale: str
    sections: Mapping[str, Section]

    def __getattr__(self, name: str) -> Section:
        if name == "sections" or name not in self.sections:
            raise AttributeError(f"No texts are named {name}")
        return self.sections[name]

    def with_page(self, changed: Mapping[str, str]) -> Self:
        """Return the texts with other words for the page around the chat."""
        return replace(self, sections={**self.sections, "page": Section({**self.page.words, **changed})})


def known_language(language: str) -> str:
    """Return a language to answer in, or DETECT, as it is. Raises: ValueError if it is neither."""
    if language not in (DETECT, *languages()):
        raise ValueError(f"one of {', '.join((DETECT, *languages()))}")
    return language


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are texts for, in the order they are offered."""
    codes = {
        entry.name.removesuffix(".toml")
        for entry in files("partnerbot.web").joinpath("texts").iterdir()
        if entry.name.endswith(".toml")
    }
    known = [code for code in _ORDER if code in codes]
    return (*known, *sorted(codes.difference(known)))


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
    """Return the texts of one of `languages()`.

    Raises: ConfigurationError naming the keys that are missing, unknown or empty.
    """
    texts, shape = _read(language), _read(DEFAULT_LANGUAGE)
    found, wanted = dict(_flat(texts)), dict(_flat(shape))
    wrong = [
        *(f"{key} is missing" for key in wanted.keys() - found.keys()),
        *(f"{key} is unknown" for key in found.keys() - wanted.keys()),
        *(f"{key} is empty" for key, value in found.items() if not _is_text(value)),
    ]
    if wrong:
        raise ConfigurationError(f"The texts in {_file(language)} can't be used: {', '.join(sorted(wrong))}")
    sections = {name: Section(words) for name, words in texts.items() if isinstance(words, dict)}
    return Texts(texts["name"], texts["locale"], sections)


def _file(language: str) -> Traversable:
    return files("partnerbot.web").joinpath("texts", f"{language}.toml")


def _read(language: str) -> dict[str, Any]:
    try:
        return tomllib.loads(_file(language).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"The texts in {_file(language)} can't be used: {error}") from error


def _flat(texts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in texts.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", text) for key, text in value.items())
        else:
            yield name, value


def _is_text(value: object) -> bool:
    """Say whether it is a text, or one for each plural."""
    if isinstance(value, dict):
        return "other" in value and value.keys() <= _PLURALS and all(map(_is_text, value.values()))
    return isinstance(value, str) and bool(value.strip())
