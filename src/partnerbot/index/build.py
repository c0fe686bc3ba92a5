"""Documents -> passages -> embeddings and lexical index -> a generation on disk."""

import logging
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
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
    IndexNotWritten,
    cause,
)
from partnerbot.index import generations
from partnerbot.index.files import digests
from partnerbot.index.generations import FORMAT, Manifest
from partnerbot.index.intake import ONLY_ORDERS, Changes, Intake, digests_of
from partnerbot.index.known_vectors import KnownVectors, remove_cache
from partnerbot.index.lexical import words_of
from partnerbot.index.passages import SPLITTER
from partnerbot.index.planted_orders import without_orders
from partnerbot.index.reports import Run, recorded
from partnerbot.index.search import DERIVED, KEYS, VECTORS, Index
from partnerbot.index.store import Store, StoreFailed, at_once
from partnerbot.index.texts import (
    VIEWS,
    IndexedDocument,
    Key,
    Matrices,
    Part,
    Texts,
    keyed_by,
)
from partnerbot.index.verify import Judge, OnNotice, compare_golden, golden_before, verified
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED, Ocr

_log = logging.getLogger(__name__)

Derive = Callable[[Texts, str], str]
"""Makes of a generation's texts what is kept with it for a room above this one, as text.

It is given what the generation before has (or nothing), to take over what is known of unchanged documents."""

_MOST_FORGOTTEN = 1.0
"""Vectors removed, by those that stay, from which the graphs are built anew: their files only grow."""

_Parts = dict[Part, dict[Key, int]]
"""As `Texts.parts` returns them."""

_RECOGNISED = "recognised"
"""Where pages that are pictures are kept as they are read, so that a killed run resumes."""


@dataclass(frozen=True)
class BuildReport:
    """What a run of the indexer did. `rebuilt` is False if nothing had changed; `manifest`: what answers."""

    rebuilt: bool
    generation: str
    manifest: Manifest
    changes: Changes
    embedded: int
    """Vectors that had to be computed, up to two a passage; the others were known."""
    seconds_by_stage: dict[str, float]
    seconds: float

    @property
    def skipped(self) -> list[SkippedFile]:
        return [file for file in self.manifest.skipped if not file.excluded]

    @property
    def excluded(self) -> list[SkippedFile]:
        """Files that say themselves that they aren't to be indexed."""
        return [file for file in self.manifest.skipped if file.excluded]

    def told(self) -> dict[str, object]:
        embedding = self.seconds_by_stage.get("embed", 0.0)
        return {
            "outcome": "published" if self.rebuilt else "nothing has changed",
            "generation": self.generation,
            **self.manifest.model_dump(include={"documents", "passages", "copies", "withheld", "unread"}),
            **asdict(self.changes),
            "unchanged": len(self.changes.unchanged),
            "skipped": [{"source": file.source, "reason": file.reason} for file in self.skipped],
            "excluded": [file.source for file in self.excluded],
            "vectors_embedded": self.embedded,
            "vectors_embedded_per_second": round(self.embedded / embedding, 1) if embedding else None,
            "passages_per_second": round(self.manifest.passages / self.seconds, 1) if self.rebuilt else None,
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
    with recorded(index) as run, _explained(index):
        check_folder(documents)
        with generations.writing(index):
            with run.stage("compare"):
                generations.clear_unfinished(index)
                if full:
                    _forget(index)
                intake = Intake.of(documents, index, model, synced=synced, full=full)
                if not confirm_removal:
                    intake.check_removal()
            if intake.reason is not None:
                on_notice(f"{intake.reason} All {len(intake.to_read)} files are indexed anew.")
            report = _Indexing(
                index, intake, model, full, judge, derive, on_progress, on_notice, run, ocr
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
            f"The index in {index}/ could not be written ({cause(error)}). {generations.what_answers(index)} "
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
    generations.previous(index)  # without one nothing is begun
    with generations.writing(index), recorded(index) as run:
        folder = generations.previous(index)
        Index.open_generation(index, folder, model)
        generations.point(index, folder)
        run.told = {"outcome": "rolled back", "generation": folder.name}
        return folder


def _forget(index: Path) -> None:
    """Remove what was kept so that a killed run resumes."""
    remove_cache(index)
    shutil.rmtree(index / _RECOGNISED, ignore_errors=True)


@dataclass(frozen=True)
class _Indexing:
    """One run of the indexer, while it holds the index."""

    index: Path
    intake: Intake
    model: EmbeddingModel
    full: bool
    judge: Judge | None
    derive: Derive | None
    on_progress: OnProgress
    on_notice: OnNotice
    run: Run
    ocr: Ocr

    def report(self) -> BuildReport:
        before = self.intake.before
        if before is not None and self.intake.nothing:
            folder, manifest, embedded = before.folder, before.manifest, 0
            now = digests_of(before.texts)
        else:
            folder = generations.begin(self.index)
            try:
                with ThreadPoolExecutor(1) as aside:
                    manifest, now, embedded = self._build(folder, aside)
            except BaseException:
                generations.discard(self.index, folder)
                raise
            _forget(self.index)
        return BuildReport(
            rebuilt=before is None or folder != before.folder,
            generation=folder.name,
            manifest=manifest,
            changes=Changes.between({} if before is None else digests_of(before.texts), now),
            embedded=embedded,
            seconds_by_stage=self.run.seconds_by_stage,
            seconds=self.run.seconds,
        )

    def _build(self, folder: Path, aside: Executor) -> tuple[Manifest, dict[str, str], int]:
        """Build a generation, verify it, and publish it.

        `aside`: does meanwhile what only has to be done by the end.

        Returns: its manifest, the digests of its documents, and how many vectors had to be computed.
        """
        before = self.intake.before
        if self.intake.to_read:
            aside.submit(self.model.load)
        known = KnownVectors(self.model, self.index, self.on_progress, full=self.full)
        kept = [] if before is None else [before.texts.documents[source] for source in self.intake.unchanged]
        fresh, skipped = self.intake.read(self.run, self.index / _RECOGNISED, self.on_progress, self.ocr)
        fresh, skipped = self._without_orders(fresh, skipped, known)
        if not kept and not fresh:
            reasons = "".join(f"\n  {file.source}: {file.reason}" for file in skipped)
            raise ConfigurationError(
                f"Nothing in {self.intake.documents}/ can be indexed, so the index was left as it was. "
                f"Put .md, .txt, .html, .pdf or .docx files there, for instance.{reasons}"
            )
        with self.run.stage("texts"):
            texts = Texts([*kept, *fresh])
        words = aside.submit(words_of, texts, None if before is None else (before.texts, before.lexical))
        with self.run.stage("embed"):
            both = known.of(texts)
        parts = texts.parts(self._keys)
        with self.run.stage("store"):
            vectors = dict(zip(VIEWS, both, strict=True))
            forgotten, added = self._store(folder, texts, vectors, parts, before)
            np.save(folder / VECTORS, both)
            np.save(folder / KEYS, np.array([*texts.keys(self._keys).values()], np.bytes_))
        with self.run.stage("words"):
            words.result().save(folder)
        with self.run.stage("derive"):
            derived = (
                "" if self.derive is None else self.derive(texts, "" if before is None else before.derived)
            )
            (folder / DERIVED).write_text(derived, "utf-8")
        with self.run.stage("verify"):
            manifest = self._manifest(folder, texts, forgotten, skipped)
            manifest.write(folder)
            new = verified(self.index, folder, self.model, texts, parts, added)
            if self.judge is not None:
                golden = self.judge(new)
                compare_golden(new, golden, golden_before(self.index, before, self.judge, self.on_notice))
                manifest = manifest.model_copy(update={"golden": golden})
                manifest.write(folder)
        with self.run.stage("publish"):
            generations.publish(self.index, folder)
        return manifest, digests_of(texts), len(known.computed)

    def _manifest(self, folder: Path, texts: Texts, forgotten: int, skipped: list[SkippedFile]) -> Manifest:
        documents = texts.documents
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
            passages=len(texts.passages),
            languages=dict(sorted(Counter(one.language for one in documents.values()).items())),
            forgotten=forgotten,
            skipped=skipped,
            unread={source: pages for source, pages in unread.items() if pages},
            copies=texts.copies,
            withheld={source: parts for source, one in documents.items() if (parts := one.withheld)},
            files=digests(folder),
        )

    @property
    def _keys(self) -> str:
        return keyed_by(self.model.fingerprint, self.model.prompts)

    def _store(
        self, folder: Path, texts: Texts, vectors: Matrices, parts: _Parts, before: Index | None
    ) -> tuple[int, _Parts]:
        """Write the store, begun as a copy of the last one.

        Returns how many vectors were removed since its graphs were built, and those that were added.
        """
        old = {} if before is None else before.texts.parts(self._keys)
        gone = {part: own.keys() - parts.get(part, {}).keys() for part, own in old.items()}
        forgotten = sum(map(len, gone.values())) + (0 if before is None else before.manifest.forgotten)
        if forgotten > _MOST_FORGOTTEN * sum(map(len, parts.values())):
            before, old, gone, forgotten = None, {}, {}, 0
        known = {} if before is None else before.texts.documents
        new = {
            part: {key: own[key] for key in own if key not in old.get(part, {})}
            for part, own in parts.items()
        }
        done, total = 0, sum(map(len, new.values()))
        changed_or_gone = [source for source, one in known.items() if texts.documents.get(source) != one]
        added = [one for source, one in texts.documents.items() if known.get(source) != one]
        with Store.writing(folder, None if before is None else before.folder) as store:
            for part, lost in gone.items():
                store.remove(part, lost)
            store.take_out(changed_or_gone)
            for part, own in new.items():
                for keys in at_once(list(own)):
                    store.add(part, {key: vectors[part[1]][own[key]] for key in keys})
                    self.on_progress("store", done := done + len(keys), total)
            store.put(added, texts.means(vectors["sentence"]))
        return forgotten, new

    def _without_orders(
        self, fresh: list[IndexedDocument], skipped: list[SkippedFile], known: KnownVectors
    ) -> tuple[list[IndexedDocument], list[SkippedFile]]:
        """Return documents without planted orders, and with the skipped files those that are nothing else."""
        if not fresh:
            return fresh, skipped
        texts = Texts(fresh)
        if self.model.fingerprint == embedded_model.FINGERPRINT:
            with self.run.stage("embed"):
                vectors, _ = known.of(texts)
        else:
            sentences = [passage.text for passage in texts.passages.values()]
            vectors = load_embedding_model(EMBEDDED).document_vectors(sentences)
        with self.run.stage("orders"):
            quotable = without_orders(list(texts.documents.values()), vectors)
        empty = [
            SkippedFile(source=one.source, reason=ONLY_ORDERS, digest=one.digest)
            for one in quotable
            if not one.reaches
        ]
        left = sorted([*skipped, *empty], key=lambda file: file.source)
        return [one for one in quotable if one.reaches], left
