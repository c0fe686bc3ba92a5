"""Removes the language bias of an embedding, so that a French answer can beat a Japanese near miss.

A multilingual embedding places each language in a region of its own: E5's nearest passage
is in the question's language 99 times of 100, whatever it says. A cosine is therefore
compared with what this question scores against ordinary text of the passage's language:

    Z(q, d) = (q·d - q·μ) / sqrt(qᵀ Σ q)

with μ and Σ the mean and covariance of the vectors of d's language, a blend of neutral
background paragraphs (background/*.txt) and the index itself. Z is in standard deviations
of ordinary text: 0 is chance, 4 and more is close, in any pair of languages.
docs/decisions/004-fusion.md has the ablation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from partnerbot.indexing.embeddings import EmbeddingModel

Vectors = NDArray[np.float32]

BACKGROUND_LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh")
"""Languages with neutral paragraphs of their own; any other uses all of them together."""

PRIOR_WEIGHT = 200
"""How many passages the background counts for against the index's own. Measured: GROUND for
100 to 400 the same within a point on five data sets; below 50 a corpus on one subject takes
its subject for background."""


@dataclass(frozen=True)
class Background:
    """Mean [dimension] and covariance [dimension, dimension] of one language's ordinary text."""

    mean: Vectors
    covariance: Vectors

    def score(self, question: Vectors, similarities: Vectors) -> Vectors:
        """Turn cosines of one question with passages of this language into Z, in standard deviations."""
        expected = question @ self.mean
        spread = np.sqrt(max(float(question @ self.covariance @ question), 1e-12))
        return ((similarities - expected) / spread).astype(np.float32)


def neutral_paragraphs(language: str) -> list[str]:
    """Return the background paragraphs of one of BACKGROUND_LANGUAGES; the same line is the same text in each."""
    file = resources.files(__package__) / "background" / f"{language}.txt"
    return file.read_text("utf-8").splitlines()


def neutral_vectors(model: EmbeddingModel) -> dict[str, Vectors]:
    """Embed the background paragraphs of every language: float32 [paragraphs, dimension] each."""
    texts = {language: neutral_paragraphs(language) for language in BACKGROUND_LANGUAGES}
    everything = model.document_vectors([text for lines in texts.values() for text in lines])
    vectors, start = {}, 0
    for language, lines in texts.items():
        vectors[language] = everything[start : start + len(lines)]
        start += len(lines)
    return vectors


def estimate(neutral: Mapping[str, Vectors], language: str, own: Vectors) -> Background:
    """Blend the background of a language with the index's own vectors of it, by their number.

    `own`: float32 [passages, dimension], may have no row. A language without neutral
    paragraphs starts from those of all languages, centred on its own mean as it grows.
    """
    vectors = neutral.get(language)
    if vectors is None:
        vectors = np.concatenate(list(neutral.values()))
    mean, covariance = _moments(vectors, vectors.mean(axis=0))
    if len(own):
        weight = len(own) / (len(own) + PRIOR_WEIGHT)
        mean = (weight * own.mean(axis=0) + (1 - weight) * mean).astype(np.float32)
        _, own_covariance = _moments(own, mean)
        covariance = weight * own_covariance + (1 - weight) * covariance
    return Background(mean, covariance.astype(np.float32))


def _moments(vectors: Vectors, centre: Vectors) -> tuple[Vectors, Vectors]:
    centred = vectors - centre
    return centre, (centred.T @ centred / len(vectors)).astype(np.float32)
