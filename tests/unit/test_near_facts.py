"""What nearly says what a sentence says is told apart from what does, by the rules alone."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document

from combinations import first_of_each
from near_facts import NEAR_FACTS, Statement
from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Shown, Verifier


@pytest.fixture(scope="module")
def verifier(model: EmbeddingModel) -> Verifier:
    return Verifier(SupportJudge(model))


CASES = [(mechanism, *case) for mechanism, cases in NEAR_FACTS.items() for case in cases]


@pytest.mark.parametrize(
    ("mechanism", "language", "sentence", "true", "false"),
    first_of_each(CASES, lambda case: case[:2]),
    ids=[f"{mechanism}: {sentence[:30]}" for mechanism, _, sentence, *_ in CASES],
)
def test_near_facts_are_told_apart(
    verifier: Verifier,
    mechanism: str,
    language: str,
    sentence: str,
    true: list[Statement],
    false: list[Statement],
) -> None:
    """Rules object to no true statement, in any of three languages, and to each false one."""
    metadata = {"source": "a.md", "title": "", "language": language, "published": None}
    excerpt = Excerpt(1, Document(page_content=sentence, metadata=metadata), ((0, len(sentence)),))
    shown = Shown([excerpt], verifier.judge)
    known = Known.mined(Spellings([]), [(sentence, language)])

    def reason(statement: Statement) -> str | None:
        return verifier.examine(statement[1], statement[0], shown, excerpt, known)[1]

    assert {text: found for _, text in true if (found := reason((_, text)))} == {}, mechanism
    assert [text for _, text in false if not reason((_, text))] == [], mechanism
