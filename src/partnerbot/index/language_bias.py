"""Removes the language bias of an embedding, so that a French answer can beat a Japanese near miss.

A multilingual embedding places each language in a region of its own: E5's nearest passage
is nearly always in the question's language, whatever it says. A cosine is therefore
compared with what this question scores against ordinary text of the passage's language:

    Z(q, d) = (q·d - q·μ) / sqrt(qᵀ Σ q)

with μ and Σ the mean and covariance of the vectors of d's language, a blend of neutral
background paragraphs (background/*.txt) and the index itself. Z is in standard deviations
of ordinary text: 0 is chance, 4 and more is close, in any pair of languages.
docs/decisions/004-fusion.md has the ablation.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from partnerbot.index.files import read_arrays
from partnerbot.index.texts import VIEWS, Vectors, View
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED

_log = logging.getLogger(__name__)

BACKGROUND_LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh")
"""Languages with neutral paragraphs of their own; any other uses all of them together."""

PRIOR_WEIGHT = 200
"""How many passages the background counts for against the index's own."""

_ROWS_AT_MOST = 4_096
"""Passages from which a spread is estimated, evenly chosen: it is within two percent of that of all."""


@dataclass(frozen=True)
class Background:
    """Mean [dimension] and covariance [dimension, dimension] of one language's ordinary text."""

    mean: Vectors
    covariance: Vectors

    def score(self, question: Vectors, similarities: Vectors) -> Vectors:
        """Turn cosines of one question with passages of this language into Z, in standard deviations."""
        expected = question @ self.mean
        spread = np.sqrt(max(float(question @ self.covariance @ question), 1e-12))
        scores: Vectors = ((similarities - expected) / spread).astype(np.float32)
        return scores


def neutral_paragraphs(language: str) -> list[str]:
    """Return a language's background paragraphs; line n says the same in each language."""
    file = Path(__file__).parent / "background" / f"{language}.txt"
    return file.read_text("utf-8").splitlines()


def neutral_vectors(model: EmbeddingModel) -> dict[str, Vectors]:
    """Return the background paragraphs' vectors: float32 [paragraphs, dimension] by language.

    Those of the embedded model come with the package (written by `python -m
    partnerbot.index.language_bias`); any other model's are computed once and kept in the
    user's cache folder.
    """
    name = f"{model.fingerprint}.npz"
    shipped = Path(__file__).parent / "background" / name
    cached = user_cache_path("partnerbot") / "background" / name
    for path in (shipped, cached):
        if path.is_file():
            return {language: rows.astype(np.float32) for language, rows in read_arrays(path).items()}
    vectors = embed_background(model)
    try:
        _save(cached, vectors)
    except OSError as error:
        _log.warning(
            "The background's vectors can't be kept in %s (%s): computed again next time.", cached, error
        )
    return vectors


def embed_background(model: EmbeddingModel) -> dict[str, Vectors]:
    """Embed the background paragraphs of every language."""
    return {
        language: model.document_vectors(neutral_paragraphs(language)) for language in BACKGROUND_LANGUAGES
    }


def _save(path: Path, vectors: Mapping[str, Vectors]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{os.getpid()}-{path.name}")
    # Half precision keeps three digits, far more than a mean over 64 paragraphs needs.
    np.savez_compressed(
        scratch,
        allow_pickle=False,
        **{language: rows.astype(np.float16) for language, rows in vectors.items()},
    )
    scratch.replace(path)


def estimate(neutral: Mapping[str, Vectors], language: str, own: Vectors) -> Background:
    """Blend the background of a language with the index's own vectors of it, by their number.

    `own`: [passages, dimension]. A language without neutral paragraphs starts from those of all
    languages, centred on its own mean as it grows.
    """
    general = neutral.get(language)
    if general is None:
        general = np.concatenate(list(neutral.values()))
    usual = general.mean(axis=0, dtype=np.float64)
    mean, covariance = usual, _spread(general, usual)
    if len(own):
        weight = len(own) / (len(own) + PRIOR_WEIGHT)
        mean = weight * own.mean(axis=0, dtype=np.float64) + (1 - weight) * usual
        covariance = weight * _spread(own, mean) + (1 - weight) * covariance
    return Background(mean.astype(np.float32), covariance.astype(np.float32))


def _spread(vectors: Vectors, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean outer product of the vectors less `centre`: [dimension, dimension]."""
    some = vectors[:: -(-len(vectors) // _ROWS_AT_MOST)]
    # What is left without the centre is small, so that single precision does.
    apart = some - centre.astype(np.float32)
    spread: NDArray[np.float64] = (apart.T @ apart).astype(np.float64) / len(some)
    return spread


def estimate_all(
    neutral: Mapping[str, Vectors], languages: Sequence[str], vectors: Mapping[View, Vectors]
) -> dict[tuple[str, View], Background]:
    """Return the backgrounds of an index, whose passages have these languages and vectors."""
    spoken = np.array(languages)
    return {
        (language, view): estimate(neutral, language, vectors[view][spoken == language])
        for language in dict.fromkeys(languages)
        for view in VIEWS
    }


if __name__ == "__main__":
    embedded = load_embedding_model(EMBEDDED)
    _save(Path(__file__).parent / "background" / f"{embedded.fingerprint}.npz", embed_background(embedded))
