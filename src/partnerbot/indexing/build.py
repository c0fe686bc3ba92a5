"""Documents -> passages -> embeddings and lexical index -> a generation on disk."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from partnerbot import __version__
from partnerbot.documents.loading import load_documents
from partnerbot.documents.metadata import LANGUAGE
from partnerbot.errors import ConfigurationError, IndexUnavailable
from partnerbot.indexing import generations
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.index import Index, save_backgrounds
from partnerbot.indexing.language_bias import Background, estimate, neutral_vectors
from partnerbot.indexing.lexical import LexicalIndex
from partnerbot.indexing.manifest import FORMAT, Manifest, Skipped
from partnerbot.indexing.passages import SPLITTER, Passage, split_into_passages
from partnerbot.indexing.texts import TextStore
from partnerbot.indexing.vectors import VIEWS, VectorStore, View, by_language

OnProgress = Callable[[str, int, int], None]
"""Called with a stage ("read" or "embed"), what is done of it, and its total."""

_EMBEDDED_AT_ONCE = 256


@dataclass(frozen=True)
class BuildReport:
    """What a run of the indexer did. `rebuilt` is False if nothing had changed."""

    rebuilt: bool
    documents: int
    passages: int
    embedded: int
    """Texts that had to be embedded; the others were known from the generation before."""
    skipped: list[Skipped]
    seconds: float


def build_index(
    documents: Path, index: Path, model: EmbeddingModel, on_progress: OnProgress = lambda *_: None
) -> BuildReport:
    """Index a folder of documents into a new generation and make it current.

    Files that can't be read are named in the report; the rest is indexed. Unchanged
    documents keep their vectors. If no file has changed, nothing is done.

    Raises: ConfigurationError if the folder is missing or nothing in it can be indexed (the
        index stays as it was); IndexBusy if another process is indexing.
    """
    started = time.perf_counter()
    if not documents.is_dir():
        raise ConfigurationError(
            f"The documents folder {documents}/ does not exist. Create it, or set PARTNERBOT_DOCUMENTS."
        )
    with generations.writing(index):
        digest = _files_digest(documents)
        previous = _open_previous(index, model)
        try:
            if previous is not None and _is_current(previous.manifest, digest):
                known = previous.manifest
                seconds = time.perf_counter() - started
                return BuildReport(False, known.documents, known.passages, 0, known.skipped, seconds)
            return _build(documents, index, model, previous, digest, on_progress, started)
        finally:
            if previous is not None:
                previous.close()


def _build(
    documents: Path,
    index: Path,
    model: EmbeddingModel,
    previous: Index | None,
    digest: str,
    on_progress: OnProgress,
    started: float,
) -> BuildReport:
    loaded = load_documents(documents, lambda done, total, _: on_progress("read", done, total))
    skipped = [Skipped(source=file.source, reason=file.reason) for file in loaded.skipped]
    passages = [passage for document in loaded.documents for passage in split_into_passages(document)]
    if not passages:
        reasons = "".join(f"\n  {file.source}: {file.reason}" for file in skipped)
        raise ConfigurationError(
            f"Nothing in {documents}/ can be indexed, so the index was left as it was. "
            f"Put .md, .txt, .html, .pdf or .docx files there.{reasons}"
        )
    languages = [passage.language for passage in passages]
    vectors, embedded = _embed(passages, model, previous, on_progress)

    folder = generations.begin(index)
    store = VectorStore(folder / "chroma")
    neutral = neutral_vectors(model)
    backgrounds: dict[tuple[str, View], Background] = {}
    for language, rows in by_language(languages):
        for view in VIEWS:
            own = vectors[view][rows]
            backgrounds[language, view] = estimate(neutral, language, own)
            store.add(language, view, [passages[row].id for row in rows], own)
    store.close()
    save_backgrounds(folder, backgrounds)
    LexicalIndex.build([passage.text_in_context for passage in passages]).save(folder)
    TextStore.write(folder / "texts.sqlite", loaded.documents, passages)
    Manifest(
        format=FORMAT,
        model=model.name,
        model_fingerprint=model.fingerprint,
        prompts=model.prompts,
        splitter=SPLITTER,
        software=__version__,
        files_digest=digest,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        documents=len(loaded.documents),
        passages=len(passages),
        languages=_counts([document.metadata[LANGUAGE] for document in loaded.documents]),
        background=_counts(languages),
        skipped=skipped,
    ).write(folder)
    generations.publish(index, folder)
    seconds = time.perf_counter() - started
    return BuildReport(True, len(loaded.documents), len(passages), embedded, skipped, seconds)


def _embed(
    passages: Sequence[Passage], model: EmbeddingModel, previous: Index | None, on_progress: OnProgress
) -> tuple[dict[View, NDArray[np.float32]], int]:
    """Return for each view float32 [passages, dimension], and how many texts had to be embedded."""
    known = {view: {} if previous is None else _known_vectors(previous, passages, view) for view in VIEWS}
    texts: dict[View, list[str]] = {
        "sentence": [passage.text for passage in passages],
        "context": [passage.text_in_context for passage in passages],
    }
    missing = {
        view: [row for row, text in enumerate(texts[view]) if text not in known[view]] for view in VIEWS
    }
    total, done = sum(map(len, missing.values())), 0
    for view in VIEWS:
        # Texts of like length side by side: a batch is padded to its longest.
        rows = sorted(missing[view], key=lambda row: len(texts[view][row]))
        for start in range(0, len(rows), _EMBEDDED_AT_ONCE):
            part = [texts[view][row] for row in rows[start : start + _EMBEDDED_AT_ONCE]]
            known[view].update(zip(part, model.document_vectors(part), strict=True))
            done += len(part)
            on_progress("embed", done, total)
    return {view: np.stack([known[view][text] for text in texts[view]]) for view in VIEWS}, total


def _known_vectors(
    previous: Index, passages: Sequence[Passage], view: View
) -> dict[str, NDArray[np.float32]]:
    """Return vectors by text, from passages that the previous generation has in the same words."""

    def embedded_text(passage: Passage) -> str:
        return passage.text if view == "sentence" else passage.text_in_context

    kept = {passage.id for passage in passages}
    old = previous.texts.passages([id for id in previous.texts.ids() if id in kept])
    vectors = previous.vectors(list(old.values()), view)
    return {embedded_text(passage): vectors[id] for id, passage in old.items()}


def _open_previous(index: Path, model: EmbeddingModel) -> Index | None:
    """Open what there is to build on; an absent, damaged or other model's index is simply built anew."""
    try:
        return Index.open(index, model)
    except IndexUnavailable:
        return None


def _is_current(manifest: Manifest, digest: str) -> bool:
    return manifest.files_digest == digest and manifest.software == __version__


def _files_digest(documents: Path) -> str:
    """Digest every file's name and content, those beside a PDF and unreadable ones too; no hidden ones."""
    total = hashlib.sha256()
    for path in sorted(documents.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(documents).parts)
        if hidden or not path.is_file():
            continue
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            content = f"unreadable: {error.errno}"
        total.update(os.fsencode(path.relative_to(documents)) + f"\0{content}\0".encode())
    return total.hexdigest()


def _counts(languages: Sequence[str]) -> dict[str, int]:
    return {language: len(rows) for language, rows in by_language(languages)}
