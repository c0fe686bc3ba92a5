"""The index, opened for questions: which passages are likely to answer, across languages."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.documents.metadata import EDITION, LANGUAGE
from partnerbot.errors import IndexDamaged, IndexMismatch, first_line
from partnerbot.index import generations
from partnerbot.index.editions import close_pairs, editions
from partnerbot.index.files import changed, read_array
from partnerbot.index.generations import FORMAT, MANIFEST, Manifest
from partnerbot.index.language_bias import Background, estimate_all, neutral_vectors
from partnerbot.index.lexical import LexicalIndex
from partnerbot.index.passages import SPLITTER, Passage
from partnerbot.index.spellings import Names
from partnerbot.index.store import Store, StoreFailed
from partnerbot.index.texts import VIEWS, Matrices, Texts, Vectors, View
from partnerbot.models.embeddings import EmbeddingModel

NEAREST_PER_LANGUAGE = 16
"""Candidates a language by either vector: several times what is read, since most are neighbours."""

LEXICAL_PER_LANGUAGE = 8
"""Candidates a language by coverage alone: names and numbers that similarity overlooks."""

SENTENCE_WEIGHT = 0.4
"""Weight of the sentence's own similarity; its context has the rest. Measured as below."""

LEXICAL_WEIGHT = 4.0
"""Standard deviations that covering a whole question more than the best passage of the same
language is worth (docs/decisions/004-fusion.md)."""

NAMED_WEIGHT = 1.5
"""Standard deviations that having all the names of a question, in whatever script, is worth: with it
recall@5 on our own subject rose from 88 to 97 % and stayed as it was on three mixed sets."""

VECTORS = "vectors.npy"
"""The vectors of all passages beside the store, float32 [views, passages, dimension], to be searched exactly.

Chroma's graph finds nearly all that is nearest, and its vectors are read at 17,000 a second; these lie in
memory as they are on the disk (docs/decisions/007-generations.md)."""

KEYS = "keys.npy"
"""What these vectors are known by, of the same form, so that a later generation can take them over."""

DERIVED = "derived.json"
"""What a room above this one has made of the texts when they were indexed; it is only kept here."""

DAMAGE = (StoreFailed, OSError, ValueError, KeyError, EOFError, BadZipFile, sqlite3.DatabaseError)
"""What reading a missing, cut or garbled file raises."""

_OTHER_VERSION = "The index in {place} was made by another version of partnerbot. Run: partnerbot index"


@dataclass(frozen=True)
class Candidate:
    """A passage that may answer; all scores: higher is more likely.

    `sentence_score` is a similarity freed of language bias, in standard deviations of ordinary text;
    `coverage` is the share of the question's idf in the passage's context, in [0, 1]; `score` joins them and
    is what candidates are ordered by.

    `unnamed_score`: similarity, as in `score`, to what is asked without its names; `subject`: the largest
    share of those names, in [0, 1], that one passage of the document has. Both are 0 where they weren't
    looked for.

    `named_row`: it is a row of a table that the question names more cells of than of others.
    """

    passage: Passage
    sentence_score: float
    coverage: float
    score: float
    unnamed_score: float = 0.0
    subject: float = 0.0
    named_row: bool = False


@dataclass(eq=False, repr=False)
class Index:
    """One generation of the index. Never changed; safe to use from several threads.

    `matrices`: the vectors of `model`, [passages, dimension] by row. `derived`: as `DERIVED` says.
    """

    folder: Path
    manifest: Manifest
    texts: Texts
    matrices: Matrices
    lexical: LexicalIndex
    model: EmbeddingModel
    size_bytes: int
    derived: str = ""

    def __post_init__(self) -> None:
        languages, places = np.array(self.texts.languages()), self.texts.places()
        quoted = np.zeros(len(languages), bool)
        for source in self.texts.originals:
            quoted[places[source]] = True
        self._rows = {
            str(language): np.flatnonzero(quoted & (languages == language))
            for language in np.unique(languages[quoted])
        }
        self._ids = np.array(list(self.texts.passages))

    @cached_property
    def backgrounds(self) -> dict[tuple[str, View], Background]:
        """What is ordinary for the passages of each language."""
        return estimate_all(neutral_vectors(self.model), self.texts.languages(), self.matrices)

    @cached_property
    def _editions(self) -> dict[str, str]:
        close = close_pairs(self.texts, self.matrices["sentence"], self.backgrounds)
        return editions((one.document for one in self.texts.originals.values()), close)

    def load(self) -> None:
        """Work out now what the first question would have to wait for."""
        _ = self._editions

    def knowing(self, glossary: Names) -> Self:
        """Return this generation with the owner's names, by which passages are found, too."""
        other = copy(self)
        other.lexical = self.lexical.knowing(glossary)
        return other

    @classmethod
    def open(cls, index: Path, model: EmbeddingModel) -> Self:
        """Open the current generation. Raises: as `open_generation`."""
        return cls.open_generation(index, generations.current(index), model)

    @classmethod
    def open_generation(cls, index: Path, folder: Path, model: EmbeddingModel) -> Self:
        """Open a generation, all of whose files must be what was written.

        Raises: IndexUnavailable if there is none or it is damaged; IndexMismatch if it was
            built with another embedding model or by another version.
        """
        manifest = _manifest_for(index, folder, model)
        try:
            if (damage := changed(folder, manifest.files)) is not None:
                raise ValueError(damage)
            with ThreadPoolExecutor(1) as thread:
                # Meanwhile Chroma reads the texts.
                words = thread.submit(LexicalIndex.load, folder)
                texts = read_texts(folder)
                lexical = words.result()
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            derived = (folder / DERIVED).read_text("utf-8")
            return cls(folder, manifest, texts, read_vectors(folder), lexical, model, size, derived)
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
        near = [self.matrices[view] @ question_vector for view in VIEWS]
        found: list[tuple[float, str, float, float]] = []
        for language, rows in (self._rows if within is None else self._rows_of(within)).items():
            chosen = rows if within is not None else _candidates(rows, near, coverage, named)
            sentence, joined = self._scores(language, question_vector, [cosines[chosen] for cosines in near])
            covered = coverage[chosen].astype(float)
            joined += LEXICAL_WEIGHT * (covered - float(coverage[rows].max()))
            joined += NAMED_WEIGHT * named[chosen].astype(float)
            columns = joined, self._ids[chosen], sentence, covered
            found += zip(*(column.tolist() for column in columns), strict=True)
        found.sort(reverse=True)
        return [
            Candidate(self.texts.passages[id], sentence, covered, joined)
            for joined, id, sentence, covered in found
        ]

    def with_subjects(
        self, candidates: Sequence[Candidate], question: str, unnamed_vector: NDArray[np.float32]
    ) -> list[Candidate]:
        """Return candidates with what they are worth where a document names its subject in another passage.

        `unnamed_vector`: of the question without its names.
        """
        named = self.lexical.named(question)
        unnamed: dict[str, float] = {}
        for language in {one.passage.language for one in candidates}:
            ids = [one.passage.id for one in candidates if one.passage.language == language]
            rows = self.texts.rows(ids)
            near = [self.matrices[view][rows] @ unnamed_vector for view in VIEWS]
            _, joined = self._scores(language, unnamed_vector, near)
            unnamed |= zip(ids, joined.tolist(), strict=True)
        subjects = {
            source: float(named[self.texts.rows([one.id for one in self.passages_of(source)])].max())
            for source in {one.passage.source for one in candidates}
        }
        return [
            replace(one, unnamed_score=unnamed[one.passage.id], subject=subjects[one.passage.source])
            for one in candidates
        ]

    def passages_of(self, source: str) -> list[Passage]:
        return self.texts.passages_of(source)

    def document(self, source: str) -> Document:
        """Return one cleaned document, with what its other editions are known by.

        Raises: KeyError if the index has none of that name.
        """
        found = self.texts.documents[source].document
        document = Document(page_content=found.page_content, metadata=dict(found.metadata))
        if source in self._editions:
            document.metadata[EDITION] = self._editions[source]
        return document

    def edition(self, source: str) -> str:
        """Return what a document and its other editions are known by: its source, if it has none."""
        return self._editions.get(source, source)

    def edition_in(self, language: str, source: str) -> str | None:
        """Return the source of a document's edition in a language; None if it has none."""
        edition = self.edition(source)
        others = (other for other, its in self._editions.items() if its == edition)
        return next((one for one in others if self.document(one).metadata[LANGUAGE] == language), None)

    def vectors(self, passages: Iterable[Passage], view: View) -> dict[str, NDArray[np.float32]]:
        return {one.id: self.matrices[view][self.texts.row(one.id)] for one in passages}

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
                    float(self.backgrounds[other.language, "sentence"].score(mine, similarity)[0]),
                    float(self.backgrounds[one.language, "sentence"].score(theirs, similarity)[0]),
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
            own = vectors[passage.id] - self.backgrounds[passage.language, "context"].mean
            found[passage.id] = own / max(float(np.linalg.norm(own)), 1e-6)
        return found

    def _scores(
        self, language: str, question: Vectors, near: Sequence[Vectors]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how near passages of a language are by their sentences, and by both views joined."""
        sentence, context = (
            self.backgrounds[language, view].score(question, cosines).astype(float)
            for view, cosines in zip(VIEWS, near, strict=True)
        )
        return sentence, SENTENCE_WEIGHT * sentence + (1 - SENTENCE_WEIGHT) * context

    def _rows_of(self, sources: Collection[str]) -> dict[str, NDArray[np.intp]]:
        rows: dict[str, list[int]] = {}
        for source in dict.fromkeys(sources):
            for passage in self.texts.passages_of(source):
                rows.setdefault(passage.language, []).append(self.texts.row(passage.id))
        return {language: np.array(found, np.intp) for language, found in rows.items()}


def _candidates(
    rows: NDArray[np.intp], near: Sequence[Vectors], coverage: Vectors, named: Vectors
) -> NDArray[np.intp]:
    """Return the rows of one language that may answer: nearest by either vector, or by words."""
    chosen = [_best(rows, similarities, NEAREST_PER_LANGUAGE) for similarities in near]
    for shares in (coverage, named):
        best = _best(rows, shares, LEXICAL_PER_LANGUAGE)
        chosen.append(best[shares[best] > 0])
    return np.unique(np.concatenate(chosen))


def _best(rows: NDArray[np.intp], scores: Vectors, count: int) -> NDArray[np.intp]:
    """Return the rows of the highest scores, best first; of equal ones the first rows."""
    own = scores[rows]
    if len(own) > count:
        least = np.partition(own, -count)[-count]
        high = np.flatnonzero(own >= least)
        rows, own = rows[high], own[high]
    return rows[np.argsort(-own, kind="stable")[:count]]


def read_texts(folder: Path) -> Texts:
    """Read the texts of a generation from its store. Raises: as `DAMAGE`, and IndexUnavailable."""
    with Store.reading(folder) as store:
        return Texts(store.documents())


def _manifest_for(index: Path, folder: Path, model: EmbeddingModel) -> Manifest:
    """Read the manifest of a generation that is to be used with a model.

    Raises: IndexDamaged if it can't be read; IndexMismatch if the generation was built with another
        embedding model or by another version.
    """
    try:
        manifest = Manifest.read(folder)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads((folder / MANIFEST).read_text("utf-8"))["format"] != FORMAT:
                raise IndexMismatch(_OTHER_VERSION.format(place=f"{index}/")) from error
        why = f"{folder / MANIFEST}: {first_line(error)}"
        raise IndexDamaged(f"The index in {index}/ is damaged ({why}). Run: partnerbot index") from error
    check_fits(manifest, model, f"{index}/")
    return manifest


def read_vectors(folder: Path) -> Matrices:
    """Read the vectors of a generation. Raises: as `DAMAGE`."""
    return dict(zip(VIEWS, read_array(folder / VECTORS), strict=True))


def check_fits(manifest: Manifest, model: EmbeddingModel, place: str) -> None:
    """Check that a generation in a `place` can be used with a model. Raises: IndexMismatch."""
    if manifest.format != FORMAT or manifest.splitter != SPLITTER:
        raise IndexMismatch(_OTHER_VERSION.format(place=place))
    if (manifest.model_fingerprint, manifest.prompts) != (model.fingerprint, model.prompts):
        raise IndexMismatch(
            f"The index in {place} was built with the embedding model {manifest.model} "
            f"({manifest.model_fingerprint}, prefixes {manifest.prompts}), but the settings ask for "
            f"{model.name} ({model.fingerprint}, prefixes {model.prompts}). Run: partnerbot index"
        )
