"""The index, opened for questions: which passages are likely to answer, across languages."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from chromadb.errors import ChromaError
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.errors import IndexMismatch, IndexUnavailable
from partnerbot.indexing import generations
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.language_bias import Background
from partnerbot.indexing.lexical import LexicalIndex
from partnerbot.indexing.manifest import FORMAT, Manifest
from partnerbot.indexing.passages import SPLITTER, Passage
from partnerbot.indexing.texts import TextStore
from partnerbot.indexing.vectors import VIEWS, VectorStore, View

NEAREST_PER_LANGUAGE = 16
"""Candidates a language by either vector: several times what is read, since most are neighbours."""

LEXICAL_PER_LANGUAGE = 8
"""Candidates a language by coverage alone: names and numbers that similarity overlooks."""

FOUND_AT_MOST = 60
"""Candidates returned; the answer is sought among the first few."""

SENTENCE_WEIGHT = 0.4
"""Weight of the sentence's own similarity; its context has the rest. Measured as below."""

LEXICAL_WEIGHT = 4.0
"""Standard deviations that covering a whole question more than the best passage of the same
language is worth. Measured by benchmarks/fusion.py (docs/decisions/004-fusion.md)."""

_DAMAGE = (OSError, EOFError, ValueError, KeyError, BadZipFile, sqlite3.DatabaseError, ChromaError)
"""What reading a missing, cut or garbled file raises."""


@dataclass(frozen=True)
class Candidate:
    """A passage that may answer; all scores: higher is more likely.

    `sentence_score` and `context_score` are similarities freed of language bias, in standard
    deviations of ordinary text; `coverage` is the share of the question's idf in the passage's
    context, in [0, 1]; `score` joins them and is what candidates are ordered by.
    """

    passage: Passage
    sentence_score: float
    context_score: float
    coverage: float
    score: float


class Index:
    """One generation of the index. Immutable; safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        texts: TextStore,
        lexical: LexicalIndex,
        vectors: VectorStore,
        backgrounds: dict[tuple[str, View], Background],
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.texts = texts
        self._lexical = lexical
        self._vectors = vectors
        self._backgrounds = backgrounds
        languages = np.array(texts.languages())
        self._rows = {language: np.flatnonzero(languages == language) for language in vectors.languages()}
        self._ids = texts.ids()

    @classmethod
    def open(cls, index: Path, model: EmbeddingModel) -> Index:
        """Open the current generation.

        Raises: IndexUnavailable if there is none or it is damaged; IndexMismatch if it was
            built with another embedding model or by another version.
        """
        folder = generations.current(index)
        try:
            manifest = Manifest.read(folder)
        except (OSError, ValueError) as error:
            raise IndexUnavailable(
                f"The index in {index}/ is damaged ({error}). Run: partnerbot index"
            ) from error
        if manifest.format != FORMAT or manifest.splitter != SPLITTER:
            raise IndexMismatch(
                f"The index in {index}/ was made by another version of partnerbot. Run: partnerbot index"
            )
        if manifest.model_fingerprint != model.fingerprint:
            raise IndexMismatch(
                f"The index in {index}/ was built with the embedding model {manifest.model} "
                f"({manifest.model_fingerprint}), but the settings ask for {model.name} "
                f"({model.fingerprint}). Run: partnerbot index"
            )
        try:
            vectors = VectorStore(folder / "chroma")
            if vectors.count() != manifest.passages:
                raise ValueError(f"{vectors.count()} of {manifest.passages} passages have vectors")
            return cls(
                folder,
                manifest,
                TextStore(folder / "texts.sqlite"),
                LexicalIndex.load(folder),
                vectors,
                load_backgrounds(folder),
            )
        except _DAMAGE as error:
            raise IndexUnavailable(
                f"The index in {index}/ is damaged ({error}). Run: partnerbot index"
            ) from error

    def search(
        self, question: str, question_vector: NDArray[np.float32], within: Collection[str] | None = None
    ) -> list[Candidate]:
        """Return candidates from every language, best first; empty only if the index is.

        `within`: sources to choose among, every passage of theirs being a candidate; None for all.

        Within a language similarity decides; languages are compared by how unusual that
        similarity is for ordinary text of theirs (language_bias.py). Lexical coverage counts
        relative to the best passage of the same language, so that a question's own language,
        which alone can repeat its words, gains nothing over the others.
        """
        coverage = self._lexical.coverage(question)
        found: list[tuple[float, str, float, float, float]] = []
        for language, rows in (self._rows if within is None else self._rows_of(within)).items():
            if within is None:
                ids = self._candidate_ids(language, rows, coverage, question_vector)
            else:
                ids = [self._ids[row] for row in rows]
            scores = {view: self._scores(language, view, ids, question_vector) for view in VIEWS}
            most_covered = float(coverage[rows].max())
            for id in ids:
                covered = float(coverage[self.texts.row(id)])
                sentence, context = scores["sentence"][id], scores["context"][id]
                joined = SENTENCE_WEIGHT * sentence + (1 - SENTENCE_WEIGHT) * context
                joined += LEXICAL_WEIGHT * (covered - most_covered)
                found.append((joined, id, sentence, context, covered))
        found = sorted(found, reverse=True)[: FOUND_AT_MOST if within is None else None]
        passages = self.texts.passages([id for _, id, *_ in found])
        return [
            Candidate(passages[id], sentence, context, covered, joined)
            for joined, id, sentence, context, covered in found
        ]

    def document(self, source: str) -> Document:
        """Return one cleaned document. Raises: KeyError if the index has none of that name."""
        return self.texts.document(source)

    def vectors(self, passages: Iterable[Passage], view: View) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of the passages, by their ids."""
        ids: dict[str, list[str]] = {}
        for passage in passages:
            ids.setdefault(passage.language, []).append(passage.id)
        found: dict[str, NDArray[np.float32]] = {}
        for language, of_language in ids.items():
            found |= self._vectors.vectors(language, view, of_language)
        return found

    def close(self) -> None:
        """Let go of the files."""
        self.texts.close()
        self._vectors.close()

    def _rows_of(self, sources: Collection[str]) -> dict[str, NDArray[np.intp]]:
        rows: dict[str, list[int]] = {}
        for source in dict.fromkeys(sources):
            for passage in self.texts.passages_of(source):
                rows.setdefault(passage.language, []).append(self.texts.row(passage.id))
        return {language: np.array(found, np.intp) for language, found in rows.items()}

    def _candidate_ids(
        self,
        language: str,
        rows: NDArray[np.intp],
        coverage: NDArray[np.float32],
        question_vector: NDArray[np.float32],
    ) -> list[str]:
        found: dict[str, None] = {}
        for view in VIEWS:
            near = self._vectors.nearest(question_vector, language, view, NEAREST_PER_LANGUAGE)
            found |= dict.fromkeys(near)
        covered = rows[np.argsort(-coverage[rows], kind="stable")[:LEXICAL_PER_LANGUAGE]]
        found |= dict.fromkeys(self._ids[row] for row in covered if coverage[row] > 0)
        return list(found)

    def _scores(
        self, language: str, view: View, ids: list[str], question_vector: NDArray[np.float32]
    ) -> dict[str, float]:
        vectors = self._vectors.vectors(language, view, ids)
        similarities = np.stack([vectors[id] for id in ids]) @ question_vector
        scores = self._backgrounds[language, view].score(question_vector, similarities)
        return dict(zip(ids, scores.tolist(), strict=True))


def save_backgrounds(folder: Path, backgrounds: dict[tuple[str, View], Background]) -> None:
    """Write the language backgrounds into a generation's folder."""
    arrays = {}
    for (language, view), background in backgrounds.items():
        arrays[f"{language}-{view}-mean"] = background.mean
        arrays[f"{language}-{view}-covariance"] = background.covariance
    np.savez(folder / "background.npz", **arrays)  # type: ignore[arg-type]  # numpy types its own keyword


def load_backgrounds(folder: Path) -> dict[tuple[str, View], Background]:
    """Read what `save_backgrounds` wrote."""
    with np.load(folder / "background.npz", allow_pickle=False) as arrays:
        return {
            (language, view): Background(
                arrays[f"{language}-{view}-mean"], arrays[f"{language}-{view}-covariance"]
            )
            for language in _languages(arrays.files)
            for view in VIEWS
        }


def _languages(names: Iterable[str]) -> set[str]:
    return {name.split("-")[0] for name in names}
