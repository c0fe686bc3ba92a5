"""The page's words: complete in every language, and typeset as its readers expect."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from partnerbot.web.page_texts import (
    DEFAULT_LANGUAGE,
    in_time,
    languages,
    preferred_language,
    publication,
    texts_of,
)


def _flat(language: str) -> dict[str, str]:
    source = files("partnerbot.web").joinpath("texts", f"{language}.toml")
    flat: dict[str, str] = {}
    for key, value in tomllib.loads(source.read_text(encoding="utf-8")).items():
        if isinstance(value, dict):
            # A text that counts has one form for each plural; languages have as many as they need.
            flat.update(
                {
                    f"{key}.{name}": "\n".join(text.values()) if isinstance(text, dict) else text
                    for name, text in value.items()
                }
            )
        else:
            flat[key] = value
    return flat


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_french_japanese_and_english_are_offered_in_that_order() -> None:
    """Other languages may follow; French comes first and is the default."""
    assert languages()[:3] == ("fr", "ja", "en")
    assert DEFAULT_LANGUAGE == "fr"


@pytest.mark.parametrize("language", languages())
def test_every_text_exists_in_every_language(language: str) -> None:
    """All have the keys of the French one and nothing is empty: no visitor meets an untranslated word."""
    texts = _flat(language)
    assert texts.keys() == _flat("fr").keys()
    assert [key for key, text in texts.items() if not text.strip()] == []


@pytest.mark.parametrize("language", languages())
def test_every_text_that_counts_has_its_plurals(language: str) -> None:
    """By CLDR's categories; "other" is for what no other form is for."""
    source = files("partnerbot.web").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    sections = [section for section in tomllib.loads(source).values() if isinstance(section, dict)]
    counting = [text for section in sections for text in section.values() if isinstance(text, dict)]
    for forms in counting:
        assert "other" in forms
        assert forms.keys() <= {"zero", "one", "two", "few", "many", "other"}
        assert all(map(str.strip, forms.values()))


@pytest.mark.parametrize("language", languages())
def test_every_language_fills_in_the_same_values(language: str) -> None:
    """A translation neither drops nor invents a placeholder."""
    french = _flat("fr")
    assert {key: _fields(text) for key, text in _flat(language).items()} == {
        key: _fields(text) for key, text in french.items()
    }


def test_every_text_that_is_asked_for_is_there() -> None:
    """By the templates and the modules, which name them as `t.chat.send`."""
    web = Path(str(files("partnerbot.web")))
    texts, asked = texts_of("fr"), set()
    for source in (*web.rglob("*.py"), *web.rglob("*.html")):
        named = re.findall(r"\b(?:t|texts)\.([a-z_]+)\.([a-z_]+)", source.read_text("utf-8"))
        asked |= {pair for pair in named if pair[0] in vars(texts) and pair[1] != "counted"}
    assert len(asked) > 100
    assert [pair for pair in asked if not hasattr(getattr(texts, pair[0]), pair[1])] == []


def test_french_has_its_non_breaking_spaces() -> None:
    """No ordinary space stands before « : ; ? ! » or inside guillemets, and none is missing."""
    for key, text in _flat("fr").items():
        assert not re.search(r" [:;?!»]|« ", text), key
        assert not re.search(r"[^\s\u202f][;?!](?!\w)", text), key
        assert not re.search(r"[^\s\u00a0]:(?!/)", text), key
        assert not re.search(r"«[^\u00a0]|[^\u00a0]»", text), key
        assert "'" not in text, key


def test_japanese_uses_full_width_punctuation() -> None:
    """Sentences end with 「。」 or 「？」, and no half-width mark stands beside Japanese."""
    for key, text in _flat("ja").items():
        assert not re.search(r"[\u3040-\u9fff][,.?!:;()]|[,.?!:;()][\u3040-\u9fff]", text), key


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("ja", "ja"),
        ("ja-JP,en;q=0.5", "ja"),
        ("de-DE,de;q=0.9,en;q=0.8", "en"),
        ("en;q=0.3, fr-CA;q=0.9", "fr"),
        ("JA;q=0.8,EN;q=0.9", "en"),
        ("de,zh", "fr"),
        ("en;q=0", "fr"),
        ("en;q=rubbish,ja;q=0.1", "ja"),
        (";;;,,q=", "fr"),
    ],
)
def test_the_browsers_favourite_among_our_languages_is_chosen(header: str | None, language: str) -> None:
    """Weights and regional variants count; anything else falls back to the default."""
    assert preferred_language(header) == language


@pytest.mark.parametrize(
    ("language", "published", "written"),
    [
        ("fr", "2024-07-01", "Publié le 1er juillet 2024"),
        ("fr", "2024-07-11", "Publié le 11 juillet 2024"),
        ("fr", "2024-07", "Publié en juillet 2024"),
        ("ja", "2024-07-01", "2024年7月1日公開"),
        ("ja", "2024", "2024年公開"),
        ("en", "2023-10-20", "Published on 20 October 2023"),
        ("en", "2023", "Published in 2023"),
        ("en", "last spring", "last spring"),
        ("en", "2023-13-45", "2023-13-45"),
    ],
)
def test_dates_are_written_as_readers_write_them(language: str, published: str, written: str) -> None:
    """Whole and partial ISO dates are localised; what is no date is shown as it is."""
    assert publication(published, texts_of(language)) == written


@pytest.mark.parametrize(
    ("seconds", "french", "japanese", "english"),
    [
        (1, "dans 1\u00a0seconde", "1秒後", "in 1\u00a0second"),
        (89, "dans 89\u00a0secondes", "89秒後", "in 89\u00a0seconds"),
        (91, "dans 2\u00a0minutes", "2分後", "in 2\u00a0minutes"),
        (20_000, "dans 6\u00a0heures", "6時間後", "in 6\u00a0hours"),
    ],
)
def test_how_soon_is_said_in_a_word_or_two(seconds: int, french: str, japanese: str, english: str) -> None:
    """Never too early, and the number stays on one line with its unit."""
    said = [in_time(seconds, texts_of(language).locale) for language in ("fr", "ja", "en")]
    assert said == [french, japanese, english]
