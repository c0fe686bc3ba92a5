"""A question finds its answer in another language, where plain cosine stays in its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.index.language_bias import (
    BACKGROUND_LANGUAGES,
    estimate,
    neutral_paragraphs,
    neutral_vectors,
)
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from small_corpus import CHARTER, FOOTBATH


@pytest.fixture(scope="module")
def index(small_settings: Settings, model: EmbeddingModel) -> Index:
    return Index.open(small_settings.index, model)


@pytest.mark.parametrize(
    ("question", "source", "own_language"),
    [
        ("Combien a coûté la construction du bain de pieds ?", FOOTBATH, "fr"),
        ("ベルリーヴチーズ工房が霧沢に店を開いたのはいつですか？", CHARTER, "ja"),
    ],
)
def test_the_answer_is_found_in_the_other_language(
    index: Index, model: EmbeddingModel, question: str, source: str, own_language: str
) -> None:
    """By plain cosine a document in the asker's language that says nothing of it comes first."""
    vector = model.query_vector(question)
    candidates = index.search(question, vector)
    stored = index.vectors([candidate.passage for candidate in candidates], "context")
    nearest = max(candidates, key=lambda candidate: float(stored[candidate.passage.id] @ vector))
    assert nearest.passage.language == own_language
    assert nearest.passage.source != source
    assert candidates[0].passage.source == source


def test_the_own_language_is_still_found(small_bot: Partnerbot) -> None:
    """Removing the bias does not push the right document of the question's own language away."""
    for question, source in [
        ("Quand la charte d’amitié a-t-elle été signée ?", CHARTER),
        ("足湯はいつ開業しましたか？", FOOTBATH),
    ]:
        assert small_bot.investigate(question).candidates[0].passage.source == source


def test_chance_is_zero_in_any_language(model: EmbeddingModel) -> None:
    """Ordinary text scores 0 on average, with a spread of 1, whatever the two languages."""
    neutral = neutral_vectors(model)
    question = model.query_vector("Combien a coûté la construction du bain de pieds ?")
    for language in BACKGROUND_LANGUAGES:
        scores = estimate(neutral, language, neutral[language][:0]).score(
            question, neutral[language] @ question
        )
        assert abs(float(scores.mean())) < 0.05
        assert float(scores.std()) == pytest.approx(1, abs=0.05)


def test_the_shipped_background_is_this_models(model: EmbeddingModel) -> None:
    """The vectors that come with the package are those its paragraphs have."""
    shipped = neutral_vectors(model)
    assert set(shipped) == set(BACKGROUND_LANGUAGES)
    for language in ("fr", "ja"):
        paragraphs = neutral_paragraphs(language)
        assert len(shipped[language]) == len(paragraphs)
        computed = model.document_vectors(paragraphs[:2])
        assert np.sum(computed * shipped[language][:2], axis=1) == pytest.approx(1, abs=0.02)


def test_a_corpus_grows_into_its_own_background(model: EmbeddingModel) -> None:
    """The more passages, the more their own mean counts."""
    neutral = neutral_vectors(model)
    own = model.document_vectors([f"Le moulin {number} fait du papier." for number in range(4)])
    few, many = (estimate(neutral, "fr", np.repeat(own, times, axis=0)) for times in (1, 200))
    distance = [float(np.linalg.norm(background.mean - own.mean(axis=0))) for background in (few, many)]
    assert distance[1] < distance[0] / 3


def test_a_language_without_background_works(tmp_path: Path, model: EmbeddingModel) -> None:
    """Alone in the index, or beside French: a Swedish document is indexed and found."""
    documents, folder = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    (documents / "kvarn.md").write_text(
        "---\ntitle: Kvarnen\nlanguage: sv\n---\n"
        "Den gamla kvarnen i Ekby byggdes 1742 av bonden Nils Persson. Den drivs av vatten från ån.\n",
        "utf-8",
    )
    question = "När byggdes kvarnen i Ekby?"
    vector = model.query_vector(question)
    build_index(documents, folder, model)
    alone = Index.open(folder, model).search(question, vector)
    assert "1742" in alone[0].passage.text
    (documents / "pont.md").write_text(
        "---\ntitle: Le pont\nlanguage: fr\n---\nLe pont de Clairmoulin relie les deux rives de la Lise.\n",
        "utf-8",
    )
    build_index(documents, folder, model)
    both = Index.open(folder, model).search(question, vector)
    assert {candidate.passage.language for candidate in both} == {"sv", "fr"}
    assert "1742" in both[0].passage.text
