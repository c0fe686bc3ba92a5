"""Documents -> passages -> embeddings and lexical index -> a generation on disk."""

import logging
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from partnerbot import __version__
from partnerbot.documents.loading import SkippedFile, check_folder
from partnerbot.documents.reading import OnProgress
from partnerbot.documents.recognised import unread_pages
from partnerbot.durable import remedy
from partnerbot.errors import (
    ConfigurationError,
    IndexBusy,
    IndexNotWritten,
    ModelUnavailable,
)
from partnerbot.index import generations
from partnerbot.index.files import digests
from partnerbot.index.generations import FORMAT, Manifest
from partnerbot.index.intake import Changes, DocumentsRead, Intake
from partnerbot.index.known_vectors import KnownVectors, remove_cache
from partnerbot.index.lexical import words_of
from partnerbot.index.passages import SPLITTER, Passage
from partnerbot.index.planted_orders import without_orders
from partnerbot.index.reports import Run, recorded
from partnerbot.index.search import DERIVED, KEYS, VECTORS, Index
from partnerbot.index.store import FOLDER as STORE
from partnerbot.index.store import Part, Store, StoreFailed
from partnerbot.index.texts import (
    VIEWS,
    IndexedDocument,
    Key,
    Matrices,
    Texts,
    View,
    keyed_by,
)
from partnerbot.index.verify import Judge, OnNotice, Written, compare_golden, golden_before, verified
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED, Ocr

_log = logging.getLogger(__name__)

Derive = Callable[[Texts, str], str]
"""Makes of a generation's texts what is kept with it for a room above this one, as text.

It is given what the generation before has (or nothing), to take over what is known of unchanged documents."""

_MOST_FORGOTTEN = 1.0
"""Vectors removed, by those that stay, from which the graphs are built anew: their files only grow."""


_Parts = dict[Part, dict[Key, Passage]]
"""The keys of each language and view, each with the first passage that has it."""


@dataclass(frozen=True)
class BuildReport:
    """What a run of the indexer did. `rebuilt` is False if nothing had changed."""

    rebuilt: bool
    generation: str
    documents: int
    passages: int
    embedded: int
    """Vectors that had to be computed, two a passage; the others were known."""
    changes: Changes
    skipped: list[SkippedFile]
    excluded: list[SkippedFile]
    """Files that say themselves that they aren't to be indexed."""
    withheld: dict[str, int]
    """Sentences that are never quoted because they give orders to a machine, by source."""
    unread: dict[str, list[int]]
    """Pages that are pictures in which too little could be read, by source."""
    seconds_by_stage: dict[str, float]
    seconds: float

    def told(self) -> dict[str, object]:
        """Return it as the report of the run says it."""
        embedding = self.seconds_by_stage.get("embed", 0.0)
        return {
            "outcome": "published" if self.rebuilt else "nothing has changed",
            **{name: getattr(self, name) for name in ("generation", "documents", "passages")},
            **{name: getattr(self.changes, name) for name in ("added", "changed", "renamed", "removed")},
            "unchanged": len(self.changes.unchanged),
            "skipped": [{"source": file.source, "reason": file.reason} for file in self.skipped],
            "excluded": [file.source for file in self.excluded],
            **{name: getattr(self, name) for name in ("withheld", "unread")},
            "vectors_embedded": self.embedded,
            "vectors_embedded_per_second": round(self.embedded / embedding, 1) if embedding else None,
            "passages_per_second": round(self.passages / self.seconds, 1) if self.rebuilt else None,
        }


def build_index(
    documents: Path,
    index: Path,
    model: EmbeddingModel,
    on_progress: OnProgress = lambda *_: None,
    *,
    full: bool = False,
    confirm_removal: bool = False,
    synced: Path | None = None,
    judge: Judge | None = None,
    derive: Derive | None = None,
    on_notice: OnNotice = lambda _: None,
    ocr: Ocr = False,
) -> BuildReport:
    """Index a folder of documents into a new generation, verify it and make it current.

    Files that can't be read are named in the report; the rest is indexed. Of one that could be
    read before, that version goes on answering until it can be read again, or is removed.
    Unchanged documents keep their vectors. If no file has changed, nothing is done. Whatever
    goes wrong, the generation before goes on answering.

    `full`: read and embed everything again. `confirm_removal`: most of the documents are meant to be gone;
    else that is taken for a share that is away, and refused. `synced`: a folder of pages fetched from sites,
    indexed with the documents. `judge`: asks the owner's golden questions. `derive`: what else to keep.
    `ocr`: pages that are pictures are read by text recognition.

    Raises: ConfigurationError if the folder is missing, has lost most of its documents at once, or nothing
        in it can be indexed;
        IndexBusy if another process is indexing; IndexNotWritten if the disk is full or
        can't be written, or the run broke off otherwise; VerificationFailed; SyncFailed if
        the pages in `synced` are gone, or can't be told.
    """
    with recorded(index, but_not=IndexBusy) as run, _explained(index):
        check_folder(documents)
        with generations.writing(index):
            report = _Indexing(
                documents=documents,
                synced=synced,
                index=index,
                model=model,
                full=full,
                confirm_removal=confirm_removal,
                judge=judge,
                derive=derive,
                on_progress=on_progress,
                on_notice=on_notice,
                run=run,
                ocr=ocr,
            ).report()
            run.told = report.told()
            return report


@contextmanager
def _explained(index: Path) -> Iterator[None]:
    """Say what to do where the index can't be written, or a run broke off. Raises: IndexNotWritten."""
    try:
        yield
    except (StoreFailed, OSError, sqlite3.Error) as error:
        raise IndexNotWritten(
            f"The index in {index}/ could not be written ({error}). {generations.what_answers(index)} "
            f"{remedy(error)}; then run again: partnerbot index"
        ) from error
    except (ValueError, KeyError, EOFError) as error:
        _log.error("Indexing broke off.", exc_info=error)  # a defect, or damage that nobody looked for
        raise IndexNotWritten(
            f"The index in {index}/ was not brought up to date, for a reason that nobody foresaw "
            f"({type(error).__name__}: {error}). {generations.what_answers(index)} "
            "Run: partnerbot index --full. If that ends so too, report what the log says."
        ) from error


def roll_back(index: Path, model: EmbeddingModel) -> Path:
    """Make the generation before the current one current again; returns its folder.

    Raises: IndexUnavailable if there is none, or it can't be opened; IndexBusy.
    """
    with generations.writing(index):
        folder = generations.previous(index)
        Index.open_generation(index, folder, model)
        generations.point(index, folder)
        with recorded(index) as run:
            run.told = {"outcome": "rolled back", "generation": folder.name}
        return folder


@dataclass(frozen=True)
class _Indexing:
    """One run of the indexer, while it holds the index."""

    documents: Path
    synced: Path | None
    index: Path
    model: EmbeddingModel
    full: bool
    confirm_removal: bool
    judge: Judge | None
    derive: Derive | None
    on_progress: OnProgress
    on_notice: OnNotice
    run: Run
    ocr: Ocr

    def report(self) -> BuildReport:
        """Do the run, upon the generation before or without it, and say what was done."""
        with self.run.stage("compare"):
            generations.clear_unfinished(self.index)
            if self.full:
                self._forget()
            intake = Intake.of(self.documents, self.index, self.model, synced=self.synced, full=self.full)
            if not self.confirm_removal:
                intake.check_removal(self.documents)
        before, changes = intake.before, intake.changes
        if intake.reason is not None:
            self.on_notice(f"{intake.reason} All {len(changes.added)} files are indexed anew.")
        if before is not None and intake.nothing:
            return self._told(before.folder, before.manifest, changes, None)
        folder = generations.begin(self.index)
        try:
            with ThreadPoolExecutor(1) as aside:
                manifest, embedded = self._build(folder, intake, aside)
        except BaseException:
            generations.discard(self.index, folder)
            raise
        self._forget()
        return self._told(folder, manifest, changes, embedded)

    @property
    def _recognised(self) -> Path:
        return self.index / "recognised"

    def _forget(self) -> None:
        """Remove what was kept so that a killed run resumes."""
        remove_cache(self.index)
        shutil.rmtree(self._recognised, ignore_errors=True)

    def _build(self, folder: Path, intake: Intake, aside: Executor) -> tuple[Manifest, int]:
        """Build a generation, verify it, and publish it; returns its manifest, and how much was embedded.

        `aside`: does meanwhile what only has to be done by the end.
        """
        before, changes = intake.before, intake.changes
        if changes.to_read:
            aside.submit(self.model.load)
        known = KnownVectors(self.model, self.index, self.on_progress, full=self.full)
        kept = [] if before is None else [before.texts.indexed()[source] for source in changes.unchanged]
        read = intake.read(self.run, self._recognised, self.on_progress, self.ocr)
        read = self._without_orders(read, known)
        texts = self._texts(kept, read)
        words = aside.submit(words_of, texts, None if before is None else (before.texts, before.lexical))
        with self.run.stage("embed"):
            both = known.of(texts)
        keys = texts.keys(self._keys)
        parts = _by_part(texts, keys)
        vectors: Matrices = dict(zip(VIEWS, both, strict=True))
        with self.run.stage("store"):
            forgotten, added = self._store(folder, texts, vectors, parts, before)
            np.save(folder / VECTORS, both)
            np.save(folder / KEYS, np.array([keys[view] for view in VIEWS], np.bytes_))
        with self.run.stage("words"):
            words.result().save(folder)
        with self.run.stage("derive"):
            derived = (
                "" if self.derive is None else self.derive(texts, "" if before is None else before.derived)
            )
            (folder / DERIVED).write_text(derived, "utf-8")
        with self.run.stage("verify"):
            manifest = self._manifest(folder, texts, forgotten, read.skipped)
            manifest.write(folder)
            new = verified(self.index, folder, self.model, Written(texts, vectors, derived, parts, added))
            if self.judge is not None:
                golden = self.judge(new)
                compare_golden(new, golden, golden_before(self.index, before, self.judge, self.on_notice))
                manifest = manifest.model_copy(update={"golden": golden})
                manifest.write(folder)
        with self.run.stage("publish"):
            generations.publish(self.index, folder)
        return manifest, sum(key in known.computed for of_view in keys.values() for key in of_view)

    def _manifest(self, folder: Path, texts: Texts, forgotten: int, skipped: list[SkippedFile]) -> Manifest:
        """Return what is to be said of a generation, all of whose other files are written."""
        documents = texts.indexed()
        unread = {source: unread_pages(one.document.metadata) for source, one in documents.items()}
        return Manifest(
            format=FORMAT,
            model=self.model.name,
            model_fingerprint=self.model.fingerprint,
            prompts=self.model.prompts,
            splitter=SPLITTER,
            software=__version__,
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            documents=len(documents),
            passages=len(texts.ids()),
            languages=dict(sorted(Counter(one.language for one in documents.values()).items())),
            forgotten=forgotten,
            skipped=skipped,
            unread={source: pages for source, pages in unread.items() if pages},
            withheld={source: one.withheld for source, one in documents.items() if one.withheld},
            files=digests(folder),
        )

    @property
    def _keys(self) -> str:
        return keyed_by(self.model.fingerprint, self.model.prompts)

    def _texts(self, kept: Sequence[IndexedDocument], read: DocumentsRead) -> Texts:
        """Return all that is to be indexed. Raises: ConfigurationError if that is nothing."""
        if not kept and not read.fresh:
            reasons = "".join(f"\n  {file.source}: {file.reason}" for file in read.skipped)
            raise ConfigurationError(
                f"Nothing in {self.documents}/ can be indexed, so the index was left as it was. "
                f"Put .md, .txt, .html, .pdf or .docx files there, for instance.{reasons}"
            )
        with self.run.stage("texts"):
            return Texts([*kept, *read.fresh])

    def _store(
        self, folder: Path, texts: Texts, vectors: Matrices, parts: _Parts, before: Index | None
    ) -> tuple[int, _Parts]:
        """Write the store, begun as a copy of the last one.

        Returns how many vectors were removed since its graphs were built, and those that were added.
        """
        old = {} if before is None else _by_part(before.texts, before.texts.keys(self._keys))
        gone = {part: own.keys() - parts.get(part, {}).keys() for part, own in old.items()}
        forgotten = sum(map(len, gone.values())) + (0 if before is None else before.manifest.forgotten)
        if forgotten > _MOST_FORGOTTEN * sum(map(len, parts.values())):
            before, old, gone, forgotten = None, {}, {}, 0
        known = {} if before is None else before.texts.indexed()
        new = {
            part: {key: own[key] for key in own if key not in old.get(part, {})}
            for part, own in parts.items()
        }
        done, total = 0, sum(map(len, new.values()))

        def count(more: int) -> None:
            nonlocal done
            done += more
            self.on_progress("store", done, total)

        changed_or_gone = [source for source, one in known.items() if texts.indexed().get(source) != one]
        added = [one for source, one in texts.indexed().items() if known.get(source) != one]
        with Store.writing(folder / STORE, None if before is None else before.folder / STORE) as store:
            for part, keys in gone.items():
                store.remove(part, keys)
            store.take_out(changed_or_gone)
            for part, own in new.items():
                rows = {key: texts.row(passage.id) for key, passage in own.items()}
                store.add(part, {key: vectors[part[1]][row] for key, row in rows.items()}, count)
            store.put(added, texts.means(vectors["sentence"]))
        return forgotten, new

    def _without_orders(self, read: DocumentsRead, known: KnownVectors) -> DocumentsRead:
        """Return documents without planted orders."""
        if not read.fresh:
            return read
        texts = Texts(read.fresh)
        try:
            if self.model.fingerprint == embedded_model.FINGERPRINT:
                with self.run.stage("embed"):
                    vectors, _ = known.of(texts)
            else:
                sentences = [passage.text for passage in texts.in_order()]
                vectors = load_embedding_model(EMBEDDED).document_vectors(sentences)
        except ModelUnavailable as error:
            # An owner's model may be used where the embedded one can't be.
            self.on_notice(f"Orders planted in documents are told by their wordings alone: {error}")
            return read
        with self.run.stage("orders"):
            return read.with_fresh(without_orders(list(texts.indexed().values()), vectors))

    def _told(self, folder: Path, manifest: Manifest, changes: Changes, embedded: int | None) -> BuildReport:
        """Say what was done; `embedded` is None if nothing was."""
        return BuildReport(
            rebuilt=embedded is not None,
            generation=folder.name,
            documents=manifest.documents,
            passages=manifest.passages,
            embedded=embedded or 0,
            changes=changes.without(manifest.skipped),
            skipped=[file for file in manifest.skipped if not file.excluded],
            excluded=[file for file in manifest.skipped if file.excluded],
            withheld=manifest.withheld,
            unread=manifest.unread,
            seconds_by_stage=self.run.seconds_by_stage,
            seconds=self.run.seconds,
        )


def _by_part(texts: Texts, keys: Mapping[View, Sequence[Key]]) -> _Parts:
    found: _Parts = {}
    for view in VIEWS:
        for passage, key in zip(texts.in_order(), keys[view], strict=True):
            found.setdefault((passage.language, view), {}).setdefault(key, passage)
    return found
