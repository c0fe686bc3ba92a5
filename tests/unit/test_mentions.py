"""A question's names as a passage spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerbot.answering.mentions import as_spelled
from partnerbot.index.spellings import Spellings

NAMES = Spellings([("Kyushu Bio Cluster Conference", "九州バイオクラスター協議会")])
FRENCH = "En 2020, Vitagora ouvre à Kumamoto son bureau pour le Japon, que dirige Yukiyoshi Yamano."
JAPANESE = "2020年、ディジョンの団体は日本事務所を熊本県に構えました。山野之義市長も出席しました。"


@pytest.mark.parametrize(
    ("question", "language", "text", "expected"),
    [
        (
            "ヴィタゴラはいつ熊本に事務所を開きましたか？",
            "ja",
            FRENCH,
            "VitagoraはいつKumamotoに事務所を開きましたか？",
        ),
        ("ヴィタゴラの大阪事務所は？", "ja", FRENCH, "Vitagoraの大阪事務所は？"),
        (
            "When did Dijon open its Kumamoto office?",
            "en",
            JAPANESE,
            "When did ディジョン open its 熊本 office?",
        ),
        (
            "When did Dijon open its Osaka office?",
            "en",
            JAPANESE,
            "When did ディジョン open its Osaka office?",
        ),
        ("When did Vitagora open its office?", "en", FRENCH, "When did Vitagora open its office?"),
        ("事務所はいつ開きましたか？", "ja", FRENCH, "事務所はいつ開きましたか？"),
    ],
)
def test_names_are_written_as_the_text_has_them(
    question: str, language: str, text: str, expected: str
) -> None:
    """Those that it gives in another script; the others stay, and so does all else."""
    assert as_spelled(question, language, text, NAMES) == expected


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from(["fr", "ja", "en", "de", "zh"]))
def test_any_question_beside_any_text(question: str, text: str, language: str) -> None:
    """Nothing raises, and a text of the question's own script changes nothing."""
    as_spelled(question, language, text, NAMES)
    assert as_spelled(question, language, question, NAMES) == question
