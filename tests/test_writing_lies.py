"""Lies of every kind in three languages are not shown; true sentences are."""

from __future__ import annotations

from pathlib import Path

import pytest

from judged_statements import JUDGED, Desk, read_statements
from judged_statements import TRUE as TRUE_KIND
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from statements import EXCERPTS, LIES, TRUE

DOCUMENTS = Path(__file__).parents[1] / "documents"
_TRUE_DROPPED_AT_MOST = 0.10


@pytest.fixture(scope="module")
def desk(small_settings: Settings, model: EmbeddingModel) -> Desk:
    # The owner's glossary: no list of towns has these invented ones.
    glossary = [("Kirisawa", "霧沢"), ("Clairmoulin", "クレールムラン")]
    return Desk(small_settings.documents, model, glossary, EXCERPTS)


@pytest.mark.parametrize(
    ("kind", "language", "question", "text"),
    [(kind, *case) for kind, cases in LIES.items() for case in cases],
    ids=lambda value: value if len(value) < 20 else None,
)
def test_lie_is_not_shown(desk: Desk, kind: str, language: str, question: str, text: str) -> None:
    """A sentence that its citation doesn't carry is dropped, with a reason for the log."""
    for verdict in desk.verdicts(language, question, text):
        assert not verdict.quotes, kind
        assert verdict.reason


def test_there_are_lies_enough() -> None:
    """At least sixty lies, in three languages."""
    lies = [case for cases in LIES.values() for case in cases]
    assert len(lies) >= 60
    assert {language for language, *_ in lies} == {"fr", "ja", "en"}


def test_true_sentences_survive(desk: Desk) -> None:
    """Nine of ten true sentences are shown, each with verbatim quotes of the excerpts it cites."""
    dropped = []
    for language, question, text in TRUE:
        (verdict,) = desk.verdicts(language, question, text)
        if not verdict.quotes:
            dropped.append((verdict.reason, text))
        for quote in verdict.quotes:
            assert quote.excerpt.document.page_content[quote.start : quote.end] == quote.text
            assert f"[{quote.excerpt.number}]" in text
    assert len(dropped) <= _TRUE_DROPPED_AT_MOST * len(TRUE), dropped


@pytest.mark.parametrize(
    ("name", "folder", "false_shown_at_most", "true_shown_at_least"),
    [
        ("kept.txt", JUDGED / "documents", 3, 45),
        pytest.param("sample_kept.txt", DOCUMENTS, 3, 31, marks=pytest.mark.thorough),
    ],
)
def test_statements_on_other_subjects_are_told_apart(
    model: EmbeddingModel, name: str, folder: Path, false_shown_at_most: int, true_shown_at_least: int
) -> None:
    """What was written without looking at the rules passes as docs/decisions/011 says; no year, number or
    invention does."""
    desk = Desk(folder, model)
    shown = [one for one in read_statements(JUDGED / name) if desk.verdict(one).quotes]
    wrongly = [(one.kind, one.text) for one in shown if one.kind != TRUE_KIND]
    assert not {kind for kind, _ in wrongly} & {"year", "number", "plausible"}
    assert len(wrongly) <= false_shown_at_most, wrongly
    assert len(shown) - len(wrongly) >= true_shown_at_least
