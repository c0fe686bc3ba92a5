"""The index, opened for questions: which passages are likely to answer, across languages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.documents.metadata import EDITION
from partnerbot.errors import IndexDamaged, IndexMismatch, IndexUnavailable, first_line
from partnerbot.index import generations
from partnerbot.index.document_store import FILE as TEXTS
from partnerbot.index.document_store import TextStore
from partnerbot.index.files import changed, read_arrays
from partnerbot.index.language_bias import Background
from partnerbot.index.lexical import LexicalIndex
from partnerbot.index.manifest import FILE as MANIFEST
from partnerbot.index.manifest import FORMAT, Manifest
from partnerbot.index.passages import SPLITTER, Passage
from partnerbot.index.planted_orders import quotable
from partnerbot.index.spellings import Names
from partnerbot.index.vectors import FOLDER as VECTORS
from partnerbot.index.vectors import VIEWS, Chroma, ChromaFailed, Key, VectorStore, View
from partnerbot.models.embeddings import EmbeddingModel

NEAREST_PER_LANGUAGE = 16
"""Candidates a language by either vector: several times what is read, since most are neighbours."""

LEXICAL_PER_LANGUAGE = 8
"""Candidates a language by coverage alone: names and numbers that similarity overlooks."""

FOUND_AT_MOST, KEPT_PER_LANGUAGE = 60, 10
"""Candidates returned, and how many of each language are whatever the others'; the answer is sought among the
first few."""

SENTENCE_WEIGHT = 0.4
"""Weight of the sentence's own similarity; its context has the rest. Measured as below."""

LEXICAL_WEIGHT = 4.0
"""Standard deviations that covering a whole question more than the best passage of the same
language is worth. Measured by benchmarks/fusion.py (docs/decisions/004-fusion.md)."""

NAMED_WEIGHT = 1.5
"""Standard deviations that having all the names of a question, in whatever script, is worth: with it
recall@5 on our own subject rose from 88 to 97 % and stayed as it was on three mixed sets."""

_DOCUMENTS_KEPT = 32
"""Documents whose passages are kept at hand: a question asks for those of its candidates several times."""

DAMAGE = (ChromaFailed, OSError, ValueError, KeyError, EOFError, BadZipFile, sqlite3.DatabaseError)
"""What reading a missing, cut or garbled file raises."""

_OTHER_VERSION = "The index in {index}/ was made by another version of partnerbot. Run: partnerbot index"


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
        made: int,
        manifest: Manifest,
        texts: TextStore,
        lexical: LexicalIndex,
        vectors: VectorStore,
        backgrounds: dict[tuple[str, View], Background],
        editions: dict[str, str],
        size_bytes: int,
    ) -> None:
        self.folder = folder
        self.made = made
        self.size_bytes = size_bytes
        self.manifest = manifest
        self.texts = texts
        self.lexical = lexical
        self.store = vectors
        self._backgrounds = backgrounds
        self._editions = editions
        languages = np.array(texts.languages())
        self._rows = {language: np.flatnonzero(languages == language) for language in vectors.languages()}
        self._ids = texts.ids()
        self._quotable_of = lru_cache(_DOCUMENTS_KEPT)(self._quotable_passages)

    def knowing(self, glossary: Names) -> Index:
        """Return this generation with the owner's names, by which passages are found, too."""
        other = copy(self)
        other.lexical = replace(self.lexical, spellings=self.lexical.spellings.knowing(glossary))
        return other

    @classmethod
    def open(cls, index: Path, model: EmbeddingModel, glossary: Names = ()) -> Index:
        """Open the current generation; `open_generation` says how, and what is raised."""
        return cls.open_generation(index, generations.current(index), model, glossary)

    @classmethod
    def open_generation(
        cls,
        index: Path,
        folder: Path,
        model: EmbeddingModel,
        glossary: Names = (),
        vectors: Callable[[Manifest], tuple[Chroma, Mapping[str, Sequence[Key]]]] | None = None,
    ) -> Index:
        """Open a generation.

        `glossary`: the owner's names, by which passages are found beside those the texts give.
        `vectors`: opens its vectors, and says which of them are astray; by default those in the folder.

        Raises: IndexUnavailable if there is none or it is damaged; IndexMismatch if it was
            built with another embedding model or by another version.
        """
        # Before anything is read: if the folder is replaced meanwhile, that is noticed.
        made = generations.made(folder)
        manifest = manifest_for(index, folder, model)
        try:
            wanted = manifest.files if vectors is None else manifest.copied_files()
            if (damage := changed(folder, wanted)) is not None:
                raise ValueError(damage)
            with ThreadPoolExecutor(1) as thread:
                # Meanwhile Chroma reads its graphs.
                opening = thread.submit(vectors or (lambda known: _vectors_in(folder, known)), manifest)
                texts = TextStore(folder / TEXTS)
                lexical, backgrounds = LexicalIndex.load(folder, glossary), load_backgrounds(folder)
                editions = load_editions(folder)
                size_bytes = generations.size_bytes(folder)
                chroma, astray = opening.result()
            store = VectorStore(chroma, texts.ids(), texts.languages(), texts.keys(), astray)
            return cls(folder, made, manifest, texts, lexical, store, backgrounds, editions, size_bytes)
        except DAMAGE as error:
            raise IndexDamaged(
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
        which alone can repeat its words, gains nothing over the others. Names are the same in all
        scripts (spellings.py), so they count as they are.
        """
        coverage = self.lexical.coverage(question)
        named = self.lexical.named(question)
        found: list[tuple[float, str, float, float, float]] = []
        kept: set[str] = set()
        for language, rows in (self._rows if within is None else self._rows_of(within)).items():
            if within is None:
                ids = self._candidate_ids(language, rows, coverage, named, question_vector)
            else:
                ids = [self._ids[row] for row in rows]
            scores = {view: self._scores(language, view, ids, question_vector) for view in VIEWS}
            most_covered = float(coverage[rows].max())
            of_language = []
            for id in ids:
                covered = float(coverage[self.texts.row(id)])
                sentence, context = scores["sentence"][id], scores["context"][id]
                joined = SENTENCE_WEIGHT * sentence + (1 - SENTENCE_WEIGHT) * context
                joined += LEXICAL_WEIGHT * (covered - most_covered)
                joined += NAMED_WEIGHT * float(named[self.texts.row(id)])
                of_language.append((joined, id, sentence, context, covered))
            found += of_language
            kept.update(id for _, id, *_ in sorted(of_language, reverse=True)[:KEPT_PER_LANGUAGE])
        found.sort(reverse=True)
        if within is None:
            found = [one for place, one in enumerate(found) if place < FOUND_AT_MOST or one[1] in kept]
        passages = self._quotable([id for _, id, *_ in found])
        return [
            Candidate(passages[id], sentence, context, covered, joined)
            for joined, id, sentence, context, covered in found
            if id in passages
        ]

    def passages_of(self, source: str) -> list[Passage]:
        """Return the passages of one document that may be quoted, in order; empty if it doesn't exist.

        Planted orders may not, nor what follows them.
        """
        return list(self._quotable_of(source))

    def _quotable_passages(self, source: str) -> tuple[Passage, ...]:
        passages = self.texts.passages_of(source)
        planted = self.manifest.planted.get(source)
        if planted is not None:
            passages = quotable(passages, planted, self.texts.document(source).page_content)
        return tuple(passages)

    def document(self, source: str) -> Document:
        """Return one cleaned document, with what its other editions are known by.

        Raises: KeyError if the index has none of that name.
        """
        document = self.texts.document(source)
        if source in self._editions:
            document.metadata[EDITION] = self._editions[source]
        return document

    def vectors(self, passages: Iterable[Passage], view: View) -> dict[str, NDArray[np.float32]]:
        """Return the stored vectors of the passages, by their ids."""
        ids: dict[str, list[str]] = {}
        for passage in passages:
            ids.setdefault(passage.language, []).append(passage.id)
        found: dict[str, NDArray[np.float32]] = {}
        for language, of_language in ids.items():
            found |= self.store.vectors(language, view, of_language)
        return found

    def likeness(self, one: Passage, others: Sequence[Passage]) -> list[float]:
        """Return how like one passage's sentence is each other's, in standard deviations of ordinary text.

        Of the other's language, or of its own, whichever shows them more alike.
        """
        vectors = self.vectors([one, *others], "sentence")
        found = []
        for other in others:
            mine, theirs = vectors[one.id], vectors[other.id]
            similarity = theirs[None] @ mine
            found.append(
                max(
                    float(self._backgrounds[other.language, "sentence"].score(mine, similarity)[0]),
                    float(self._backgrounds[one.language, "sentence"].score(theirs, similarity)[0]),
                )
            )
        return found

    def directions(self, passages: Sequence[Passage]) -> dict[str, NDArray[np.float32]]:
        """Return the passages' context vectors without what their language has in common, of length 1, by id.

        Their cosine tells what is said alike, in whatever languages.
        """
        vectors = self.vectors(passages, "context")
        found = {}
        for passage in passages:
            own = vectors[passage.id] - self._backgrounds[passage.language, "context"].mean
            found[passage.id] = own / max(float(np.linalg.norm(own)), 1e-6)
        return found

    def close(self) -> None:
        """Let go of the files."""
        self.texts.close()

    def _quotable(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return those of the passages that may be quoted."""
        passages = self.texts.passages(ids)
        suspect = {one.source for one in passages.values()} & self.manifest.planted.keys()
        allowed = {one.id: one for source in suspect for one in self.passages_of(source)}
        return {
            id: allowed.get(id, one)
            for id, one in passages.items()
            if one.source not in suspect or id in allowed
        }

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
        named: NDArray[np.float32],
        question_vector: NDArray[np.float32],
    ) -> list[str]:
        found: dict[str, None] = {}
        for view in VIEWS:
            near = self.store.nearest(question_vector, language, view, NEAREST_PER_LANGUAGE)
            found |= dict.fromkeys(near)
        for shares in (coverage, named):
            best = rows[np.argsort(-shares[rows], kind="stable")[:LEXICAL_PER_LANGUAGE]]
            found |= dict.fromkeys(self._ids[row] for row in best if shares[row] > 0)
        return list(found)

    def _scores(
        self, language: str, view: View, ids: list[str], question_vector: NDArray[np.float32]
    ) -> dict[str, float]:
        vectors = self.store.vectors(language, view, ids)
        similarities = np.stack([vectors[id] for id in ids]) @ question_vector
        scores = self._backgrounds[language, view].score(question_vector, similarities)
        return dict(zip(ids, scores.tolist(), strict=True))


def _vectors_in(folder: Path, manifest: Manifest) -> tuple[Chroma, Mapping[str, Sequence[Key]]]:
    return Chroma.reading(folder / VECTORS), manifest.astray


def manifest_for(index: Path, folder: Path, model: EmbeddingModel) -> Manifest:
    """Read the manifest of a generation that is to be used with a model.

    Raises: IndexDamaged if it can't be read; IndexMismatch if the generation was built with another
        embedding model or by another version.
    """
    try:
        manifest = Manifest.read(folder)
    except (OSError, ValueError) as error:
        raise _mismatch_or_damage(index, folder, error) from error
    if manifest.format != FORMAT or manifest.splitter != SPLITTER:
        raise IndexMismatch(_OTHER_VERSION.format(index=index))
    if manifest.model_fingerprint != model.fingerprint:
        raise IndexMismatch(
            f"The index in {index}/ was built with the embedding model {manifest.model} "
            f"({manifest.model_fingerprint}), but the settings ask for {model.name} "
            f"({model.fingerprint}). Run: partnerbot index"
        )
    if manifest.prompts != model.prompts:
        raise IndexMismatch(
            f"The index in {index}/ was built with other prefixes before questions and passages "
            f"({manifest.prompts}) than the model has now ({model.prompts}). Run: partnerbot index"
        )
    return manifest


def _mismatch_or_damage(index: Path, folder: Path, error: Exception) -> IndexUnavailable:
    """Say whether an unreadable manifest is damaged, or has the form of another version."""
    damaged = IndexDamaged(
        f"The index in {index}/ is damaged ({folder / MANIFEST}: {first_line(error)}). Run: partnerbot index"
    )
    try:
        form = json.loads((folder / MANIFEST).read_text("utf-8"))["format"]
    except (OSError, ValueError, KeyError, TypeError):
        return damaged
    if form == FORMAT:
        return damaged
    return IndexMismatch(_OTHER_VERSION.format(index=index))


def save_backgrounds(folder: Path, backgrounds: dict[tuple[str, View], Background]) -> None:
    """Write the language backgrounds into a generation's folder."""
    arrays = {}
    for (language, view), background in backgrounds.items():
        arrays[f"{language}-{view}-mean"] = background.mean
        arrays[f"{language}-{view}-covariance"] = background.covariance
    np.savez(folder / "background.npz", **arrays)  # type: ignore[arg-type]  # numpy types its own keyword


def load_backgrounds(folder: Path) -> dict[tuple[str, View], Background]:
    """Read what `save_backgrounds` wrote."""
    arrays = read_arrays(folder / "background.npz")
    return {
        (language, view): Background(
            arrays[f"{language}-{view}-mean"], arrays[f"{language}-{view}-covariance"]
        )
        for language in _languages(list(arrays))
        for view in VIEWS
    }


def save_editions(folder: Path, editions: dict[str, str]) -> None:
    """Write which documents are editions of one article into a generation's folder."""
    (folder / "editions.json").write_text(json.dumps(editions, ensure_ascii=False, indent=1), "utf-8")


def load_editions(folder: Path) -> dict[str, str]:
    """Read what `save_editions` wrote."""
    return dict(json.loads((folder / "editions.json").read_text("utf-8")))


def _languages(names: Iterable[str]) -> set[str]:
    return {name.split("-")[0] for name in names}
