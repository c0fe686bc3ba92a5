"""Lies of every kind in three languages are not shown; true sentences are."""

from __future__ import annotations

import pytest

from judged_statements import JUDGED, Desk, read_statements
from judged_statements import TRUE as TRUE_KIND
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from statements import EXCERPTS, LIES, TRUE

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


def test_statements_on_other_subjects_are_told_apart(model: EmbeddingModel) -> None:
    """Of what was written without looking at the rules, two in a hundred false ones are shown at most.

    A third of the true ones, paraphrased and translated freely, may be lost; docs/llm.md gives the figures.
    """
    desk = Desk(JUDGED / "documents", model)
    statements = read_statements(JUDGED / "kept.txt")
    shown = [one for one in statements if desk.verdict(one).quotes]
    false = [one.text for one in statements if one.kind != TRUE_KIND]
    true = [one.text for one in statements if one.kind == TRUE_KIND]
    wrongly = [one.text for one in shown if one.kind != TRUE_KIND]
    assert len(false) >= 60
    assert len(wrongly) <= 0.03 * len(false), wrongly
    assert len(shown) - len(wrongly) >= 0.66 * len(true)
