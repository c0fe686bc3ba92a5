"""Lies of every kind in three languages are not shown; true sentences are."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnerbot.answering.reader import load_reader
from partnerbot.answering.writing.cited_sentences import SentenceCutter
from partnerbot.answering.writing.excerpts import Excerpt
from partnerbot.answering.writing.mentions import Known
from partnerbot.answering.writing.support import SupportJudge
from partnerbot.answering.writing.verification import Shown, Verdict, Verifier
from partnerbot.documents.loading import load_documents
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.passages import split_into_passages
from partnerbot.indexing.spellings import Spellings, given_twice
from partnerbot.settings import Settings
from statements import EXCERPTS, LIES, TRUE

_TRUE_DROPPED_AT_MOST = 0.10


class Desk:
    """Everything that a sentence about the small corpus is judged with."""

    def __init__(self, folder: Path, model: EmbeddingModel) -> None:
        documents = {document.metadata["source"]: document for document in load_documents(folder).documents}
        texts = [(document.page_content, document.metadata["language"]) for document in documents.values()]
        # The owner's glossary: no list of towns has these invented ones.
        glossary = [("Kirisawa", "霧沢"), ("Clairmoulin", "クレールムラン")]
        self.known = Known.mined(Spellings([*glossary, *given_twice(text for text, _ in texts)]), texts)
        self.verifier = Verifier(SupportJudge(model, load_reader()))
        excerpts = []
        for number, source in enumerate(EXCERPTS, start=1):
            spans = tuple((passage.start, passage.end) for passage in split_into_passages(documents[source]))
            excerpts.append(Excerpt(number, documents[source], spans))
        self.shown = Shown(excerpts, self.verifier.judge)

    def verdicts(self, language: str, question: str, text: str) -> list[Verdict]:
        """Judge a model's text, sentence by sentence."""
        cutter = SentenceCutter(language)
        sentences = [*cutter.add(text), *cutter.finish()]
        assert sentences
        return [
            self.verifier.verify(sentence, language, question, self.shown, self.known)
            for sentence in sentences
        ]


@pytest.fixture(scope="module")
def desk(small_settings: Settings, model: EmbeddingModel) -> Desk:
    return Desk(small_settings.documents, model)


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
