"""Marks without end on one letter cost no more than their length, wherever they come from."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pytest

from partnerbot.answering.question import MAX_CHARACTERS, understand
from partnerbot.documents.cleaning import clean
from partnerbot.documents.normal_forms import fold, normal_form, without_accents
from partnerbot.errors import QuestionRejected

FLOOD = "\u0315\u0300\u05ae\u0301" * 1_000
"""In the order that takes longest to sort."""

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def longest_run_of_marks(text: str) -> int:
    """Return what sorting takes the square of."""
    decomposed = unicodedata.normalize("NFKD", text)
    return max(map(len, re.findall("1+", "".join("01"[unicodedata.combining(c) > 0] for c in decomposed))))


@cache
def marks() -> list[str]:
    """Return each character of Unicode that is sorted, or that begins with one that is."""
    decomposed = ((chr(code), unicodedata.normalize("NFKD", chr(code))) for code in range(0x110000))
    return [character for character, parts in decomposed if unicodedata.combining(parts[0])]


@pytest.mark.parametrize("form", FORMS)
def test_no_letter_has_marks_without_end(form: str) -> None:
    """A few are left of thousands: of any mark, and of such as are no marks until they are taken apart."""
    assert len(marks()) > 900
    for mark in marks():
        assert longest_run_of_marks(normal_form(form, f"a{mark * 100}")) < 100, hex(ord(mark))
    assert longest_run_of_marks(normal_form(form, "\uff9e\u0300" * 1_000)) < 100


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    [
        "Les écoles d’été à Besançon, en français, et Việt Nam",
        "Les e\u0301coles a\u0300 Dijon, Vie\u0323\u0302t Nam",
        "ｶﾞｲﾄﾞ と カ\u3099イト\u3099、熊本県と「ディジョン」の交流 ½ ① ㍿",
        "בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים",
        "한국어 1️⃣ 👩🏽‍💻 🇫🇷",
        "-" * 100 + "…" * 100,
    ],
)
def test_what_people_write_is_normalised_as_ever(form: str, text: str) -> None:
    """The languages with the most marks included."""
    assert normal_form(form, text) == unicodedata.normalize(form, text)


def test_a_documents_marks_are_few() -> None:
    """In a text, and where what stood between marks is taken out."""
    for between in ("", "\u200b", "\u00ad", "\x00"):
        flood = "".join(f"{mark}{between}" for mark in FLOOD)
        text = clean(f"Dijon et e{flood} Kumamoto coopèrent.")
        assert longest_run_of_marks(text) < 100
        assert text.endswith("Kumamoto coopèrent.")


def test_a_questions_length_is_looked_at_first() -> None:
    """Longer ones are refused as they came; who writes accents apart is read."""
    with pytest.raises(QuestionRejected) as refused:
        understand("Et Dijon ?" + FLOOD)
    assert refused.value.reason == "too_long"
    asked = understand(f"Quand Beaune a-t-elle signé e{FLOOD[:500]} ?")
    assert longest_run_of_marks(asked.search_text) < 100
    assert understand("e\u0301" * MAX_CHARACTERS).text == "é" * MAX_CHARACTERS


@pytest.mark.parametrize(
    ("text", "bare", "folded"),
    [
        ("Février", "Fevrier", "fevrier"),
        ("Ｃœur de Łódź", "Ｃœur de Łodz", "coeur de łodz"),
        ("Straße", "Straße", "strasse"),
        ("ガラス博物館", "ガラス博物館", "ガラス博物館"),
        ("경기도", "경기도", "경기도"),
    ],
)
def test_accents_go_and_sound_marks_stay(text: str, bare: str, folded: str) -> None:
    """Those of kana tell one sound from another."""
    assert without_accents(text) == bare
    assert fold(text) == folded
