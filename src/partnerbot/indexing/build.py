"""Documents -> passages -> embeddings and lexical index -> a generation on disk."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from langchain_core.documents import Document

from partnerbot import __version__
from partnerbot.documents.editions import editions
from partnerbot.documents.loading import FoundFiles, survey
from partnerbot.documents.metadata import SOURCE
from partnerbot.documents.reading import Reading
from partnerbot.documents.synced import awaited_files, is_public_address, synced_files
from partnerbot.durable import remedy, sync_tree
from partnerbot.errors import (
    ConfigurationError,
    DocumentRejected,
    IndexBusy,
    IndexMismatch,
    IndexNotWritten,
    IndexUnavailable,
    ModelUnavailable,
    SyncFailed,
    VerificationFailed,
)
from partnerbot.indexing import embedded_model, generations
from partnerbot.indexing.changes import Changes, below, compare
from partnerbot.indexing.checksums import changed, digests
from partnerbot.indexing.embedding_cache import EmbeddingCache, TextKeys, remove_cache
from partnerbot.indexing.embeddings import EMBEDDED, EmbeddingModel, load_embedding_model
from partnerbot.indexing.index import Index, manifest_for, save_backgrounds, save_editions
from partnerbot.indexing.known_vectors import vectors_of
from partnerbot.indexing.language_bias import Background, estimate, neutral_vectors
from partnerbot.indexing.lexical import LexicalIndex
from partnerbot.indexing.lexical_rows import joined
from partnerbot.indexing.manifest import FORMAT, Manifest, Skipped
from partnerbot.indexing.passages import SPLITTER, Passage, Split, split_into_passages
from partnerbot.indexing.planted_orders import tell_orders
from partnerbot.indexing.reports import BuildReport, Stages, record_failure, record_success, record_way_back
from partnerbot.indexing.segments import arrange, contents
from partnerbot.indexing.texts import FILE as TEXTS
from partnerbot.indexing.texts import IndexedDocument, Keys, RejectedFile, TextStore
from partnerbot.indexing.translations import close_pairs
from partnerbot.indexing.vectors import (
    STORE_DAMAGE,
    VIEWS,
    ChromaFailed,
    OnVectors,
    Segment,
    SegmentArrays,
    Vectors,
    VectorStore,
    View,
)
from partnerbot.indexing.verification import Judge, compare_golden, examine, verify

_log = logging.getLogger(__name__)

Kept = TypeVar("Kept")

OnProgress = Callable[[str, int, int], None]
"""Called with a stage ("read", "embed", "store" or "verify"), what is done of it, and its total."""

_ASIDE = 2
"""Threads that do what only has to be done by the end: one reads graphs, the other all else."""

_ONLY_ORDERS = (
    "it holds nothing but orders to a machine that reads it, which are never quoted. Look who wrote it, "
    "and remove it."
)

OnNotice = Callable[[str], None]
"""Called with a sentence for the operator, before the work that it announces."""


@dataclass(frozen=True)
class Preview:
    """What a run would do. `reason`: why everything would be done anew, or None."""

    changes: Changes
    skipped: list[Skipped]
    reason: str | None


def build_index(
    documents: Path,
    index: Path,
    model: EmbeddingModel,
    on_progress: OnProgress = lambda *_: None,
    *,
    full: bool = False,
    synced: Path | None = None,
    judge: Judge | None = None,
    on_notice: OnNotice = lambda _: None,
) -> BuildReport:
    """Index a folder of documents into a new generation, verify it and make it current.

    Files that can't be read are named in the report; the rest is indexed. Of one that could be
    read before, that version goes on answering until it can be read again, or is removed.
    Unchanged documents keep their vectors. If no file has changed, nothing is done. Whatever
    goes wrong, the generation before goes on answering.

    `full`: read and embed everything anew. `synced`: a folder of pages fetched from sites,
    indexed with the documents. `judge`: asks the owner's golden questions.

    Raises: ConfigurationError if the folder is missing or nothing in it can be indexed;
        IndexBusy if another process is indexing; IndexNotWritten if the disk is full or
        can't be written, or the run broke off otherwise; VerificationFailed; SyncFailed if
        the pages in `synced` are gone, or can't be told.
    """
    stages = Stages()
    try:
        _check_folder(documents)
        with generations.writing(index):
            report = _Run(
                documents, synced, index, model, full, judge, on_progress, on_notice, stages
            ).report()
            record_success(index, report)
            return report
    except IndexBusy:
        raise  # the other process leaves a report
    except (ChromaFailed, OSError, sqlite3.Error) as error:
        told = IndexNotWritten(
            f"The index in {index}/ could not be written ({error}). {generations.what_answers(index)} "
            f"{remedy(error)}; then run again: partnerbot index"
        )
        record_failure(index, told, stages)
        raise told from error
    except (ValueError, KeyError, EOFError) as error:
        _log.error("Indexing broke off.", exc_info=error)  # a defect, or damage that nobody looked for
        told = IndexNotWritten(
            f"The index in {index}/ was not brought up to date, for a reason that nobody foresaw "
            f"({type(error).__name__}: {error}). {generations.what_answers(index)} "
            "Run: partnerbot index --full. If that ends so too, report what the log says."
        )
        record_failure(index, told, stages)
        raise told from error
    except BaseException as error:  # Ctrl-C, too, and what is a defect
        record_failure(index, error, stages)
        raise


def preview(
    documents: Path, index: Path, model: EmbeddingModel, full: bool = False, synced: Path | None = None
) -> Preview:
    """Say what a run would do, without embedding or writing anything. Files that it would read are read.

    Damage to vectors isn't looked for: Chroma writes where it reads.
    Raises: ConfigurationError; SyncFailed.
    """
    _check_folder(documents)
    earlier, reason = _texts_before(index, model, full)
    try:
        found = _found(documents, synced, index, None if full else earlier)
        changes = compare(found, None if reason is not None else earlier)
        rejected = []
        with Reading() as reading:
            for source in changes.to_read:
                try:
                    _read_passages(reading.document(changes.files[source], source))
                except DocumentRejected as error:
                    told = _told_rejected(error, _version_before(source, earlier) is not None)
                    rejected.append(RejectedFile(source, changes.digests[source], told))
        skipped = _skipped(changes, rejected)
        return Preview(changes.without({file.source for file in skipped}), skipped, reason)
    finally:
        if earlier is not None:
            earlier.close()


def roll_back(index: Path, model: EmbeddingModel) -> Path:
    """Make the generation before the current one current again; returns its folder.

    Raises: IndexUnavailable if there is none, or it can't be opened; IndexBusy.
    """
    with generations.writing(index):
        folder = generations.previous(index)
        Index.open_generation(index, folder, model).close()
        generations.point(index, folder)
        record_way_back(index, folder.name)
        return folder


@dataclass(frozen=True)
class _Run:
    """One run of the indexer, while it holds the index."""

    documents: Path
    synced: Path | None
    index: Path
    model: EmbeddingModel
    full: bool
    judge: Judge | None
    on_progress: OnProgress
    on_notice: OnNotice
    stages: Stages

    def report(self) -> BuildReport:
        """Do the run, and say what was done."""
        with ThreadPoolExecutor(_ASIDE) as aside:
            with self.stages.stage("compare"):
                generations.clear_unfinished(self.index)
                if self.full:
                    remove_cache(self.index)
                before, earlier, reason = _open_before(self.index, self.model, self.full, aside)
            try:
                try:
                    return self._report(before, reason, earlier, aside)
                except _SegmentsDamaged as damage:
                    return self._report(None, str(damage), earlier, aside)
            finally:
                if before is not None:
                    before.close()
                elif earlier is not None:
                    earlier.close()

    def _report(
        self, before: Index | None, reason: str | None, earlier: TextStore | None, aside: Executor
    ) -> BuildReport:
        """Do the run upon the generation before, or without it if there is a reason.

        `earlier`: the texts of the generation before, also where its vectors can't be used.
        `aside`: does meanwhile what only has to be done by the end.
        """
        with self.stages.stage("compare"):
            found = _found(self.documents, self.synced, self.index, None if self.full else earlier)
            changes = compare(found, None if before is None else before.texts)
        if reason is not None:
            self.on_notice(f"{reason} All {len(changes.added)} files are indexed anew.")
        if before is not None and changes.nothing and _skipped(changes, []) == before.manifest.skipped:
            _wait(before, self.index)
            return self._told(False, before.folder, before.manifest, changes, 0, 0)
        folder = generations.begin(self.index)
        published = False
        try:
            manifest, embedded, unreached = self._build(folder, changes, before, earlier, aside)
            published = True
        finally:
            if not published:
                generations.discard(self.index, folder)
        return self._told(True, folder, manifest, changes, embedded, unreached)

    def _build(
        self,
        folder: Path,
        changes: Changes,
        before: Index | None,
        earlier: TextStore | None,
        aside: Executor,
    ) -> tuple[Manifest, int, int]:
        """Build a generation upon the one before, or anew without one, verify it, and publish it.

        Returns its manifest, how much was embedded, and how many passages its graphs don't lead to.
        """
        keys = TextKeys(self.model)
        if changes.to_read:
            aside.submit(self.model.load)
        fresh, rejected, withheld = self._read(changes, keys, earlier)
        skipped = _skipped(changes, rejected)
        if not fresh and not changes.unchanged:
            reasons = "".join(f"\n  {file.source}: {file.reason}" for file in skipped)
            raise ConfigurationError(
                f"Nothing in {self.documents}/ can be indexed, so the index was left as it was. "
                f"Put .md, .txt, .html, .pdf or .docx files there.{reasons}"
            )
        with self.stages.stage("texts"):
            TextStore.write(
                folder / TEXTS,
                fresh,
                [*changes.rejected, *rejected],
                None if before is None else before.texts,
                changes.unchanged,
            )
            texts = TextStore(folder / TEXTS)
        try:
            ids, languages = texts.ids(), texts.languages()
            words = aside.submit(_words, texts, fresh, before)
            cache = EmbeddingCache(self.index)
            try:
                segments, written, embedded = self._store(folder, fresh, texts, before, cache)
            finally:
                cache.close()
            store = VectorStore(segments, ids, languages)
            if before is not None:
                _wait(before, self.index)
            taken_over = {
                segment.name: aside.submit(examine, store, number)
                for number, segment in enumerate(segments)
                if segment.name != written
            }
            planted = self._planted(fresh, store)
            with self.stages.stage("words"):
                words.result().save(folder)
            with self.stages.stage("background"):
                neutral = neutral_vectors(self.model)
                backgrounds = _backgrounds(store, neutral)
                save_backgrounds(folder, backgrounds)
            with self.stages.stage("editions"):
                close = close_pairs(texts, store, backgrounds, neutral)
                save_editions(folder, editions(texts.documents(), close))
            by_documents = texts.document_languages()
            manifest = Manifest(
                format=FORMAT,
                model=self.model.name,
                model_fingerprint=self.model.fingerprint,
                prompts=self.model.prompts,
                splitter=SPLITTER,
                software=__version__,
                built_at=datetime.now(UTC).isoformat(timespec="seconds"),
                documents=sum(by_documents.values()),
                passages=len(ids),
                languages=by_documents,
                background=dict(sorted(Counter(languages).items())),
                segments=[segment.name for segment in segments],
                skipped=skipped,
                withheld=_withheld(withheld, planted, changes, before),
                files=digests(folder, (path.name for path in folder.iterdir())),
                planted=_kept({} if before is None else before.manifest.planted, changes) | planted,
            )
        finally:
            texts.close()
        manifest.write(folder)
        golden, unreached = self._verify(folder, taken_over, fresh, keys, before)
        if golden is not None:
            manifest = manifest.model_copy(update={"golden": golden})
            manifest.write(folder)
        with self.stages.stage("publish"):
            generations.publish(self.index, folder)
            remove_cache(self.index)
        return manifest, embedded, unreached

    def _read(
        self, changes: Changes, keys: TextKeys, earlier: TextStore | None
    ) -> tuple[list[IndexedDocument], list[RejectedFile], dict[str, int]]:
        """Return what could be read, what could not, and how many sentences of a source are withheld.

        Of a file that can't be read any more, or is in a folder that can't be listed, the version that
        is in `earlier` goes on answering.
        """
        fresh: list[IndexedDocument] = []
        rejected: list[RejectedFile] = []
        withheld: dict[str, int] = {}

        def take(document: Document, digest: str) -> None:
            with self.stages.stage("split"):
                split = _read_passages(document)
                named = [Keys(keys.key(one.text), keys.key(one.text_in_context)) for one in split.passages]
            fresh.append(IndexedDocument(document, digest, split.passages, named))
            if split.withheld:
                withheld[document.metadata[SOURCE]] = len(split.withheld)

        with Reading() as reading:
            for done, source in enumerate(changes.to_read, start=1):
                digest = changes.digests[source]
                try:
                    with self.stages.stage("read"):
                        document = reading.document(changes.files[source], source)
                    take(document, digest)
                except DocumentRejected as reason:
                    version = _version_before(source, earlier)
                    if version is not None:
                        take(*version)
                    told = _told_rejected(reason, version is not None)
                    rejected.append(RejectedFile(source, digest, told))
                self.on_progress("read", done, len(changes.to_read))
        if earlier is not None and changes.unlisted:
            # Where all is done anew, nothing is taken over as it is.
            unseen = below(changes.unlisted, earlier.digests())
            for source in sorted(set(unseen).difference(changes.unchanged, changes.files)):
                version = _version_before(source, earlier)
                try:
                    if version is not None:
                        take(*version)
                except DocumentRejected as reason:
                    rejected.append(RejectedFile(source, earlier.digest(source), str(reason)))
        return fresh, rejected, withheld

    def _store(
        self,
        folder: Path,
        fresh: Sequence[IndexedDocument],
        texts: TextStore,
        before: Index | None,
        cache: EmbeddingCache,
    ) -> tuple[list[Segment], str | None, int]:
        """Return the segments of the generation, the name of the one written, and how much was embedded."""
        ids, languages, keys = texts.ids(), texts.languages(), texts.keys()
        try:
            arrangement = arrange([] if before is None else before.store.segments, ids, languages, keys)
        except STORE_DAMAGE as error:
            raise _SegmentsDamaged(f"The index in {self.index}/ is damaged ({error}).") from error
        new_ids = [ids[place] for place in arrangement.new]
        read = {passage.id: passage for one in fresh for passage in one.passages}
        # Also a passage of an unchanged document is new if its vectors have been lost.
        read |= texts.passages([id for id in new_ids if id not in read])
        new = [read[id] for id in new_ids]
        asked = [
            (key.tobytes(), text)
            for passage, own in zip(new, keys[arrangement.new], strict=True)
            for key, text in ((own[:2], passage.text), (own[2:], passage.text_in_context))
        ]
        wanted = dict(asked)
        with self.stages.stage("embed"):
            known, computed = vectors_of(
                wanted,
                self.model,
                self._segments_with_vectors(),
                cache,
                lambda done, total: self.on_progress("embed", done, total),
            )
        embedded = sum(key in computed for key, _ in asked)
        with self.stages.stage("store"):
            held = contents(arrangement, ids, languages, keys, known)
            if not held:
                return arrangement.kept, None, embedded
            place = generations.new_segment(self.index, folder)
            total = len(VIEWS) * sum(len(stored.ids) for stored in held.values())
            Segment.write(place, held, self._counting("store", total))
            sync_tree(place)
            try:
                segment = Segment(place)
            except (ValueError, KeyError, EOFError) as error:
                raise VerificationFailed(
                    f"The new generation was not put into use, because what was written of it can't be read "
                    f"({error}). {generations.what_answers(self.index)} Run again: partnerbot index"
                ) from error
        return [*arrangement.kept, segment], segment.name, embedded

    def _planted(self, fresh: Sequence[IndexedDocument], store: VectorStore) -> dict[str, list[str]]:
        """Return the ids of passages that are planted orders, by the documents' sources."""
        passages = [passage for one in fresh for passage in one.passages]
        found: dict[str, list[str]] = {}
        if not passages:
            return found
        with self.stages.stage("orders"):
            try:
                told = tell_orders(self._embedded(passages, store))
            except ModelUnavailable as error:
                # An owner's model may be used where the embedded one can't be.
                self.on_notice(f"Orders planted in documents are told by their wordings alone: {error}")
                return found
            for passage, is_order in zip(passages, told, strict=True):
                if is_order:
                    found.setdefault(passage.source, []).append(passage.id)
        return found

    def _embedded(self, passages: Sequence[Passage], store: VectorStore) -> Vectors:
        """Return the embedded model's vectors of the passages' sentences: float32 [passages, dimension]."""
        if self.model.fingerprint != embedded_model.FINGERPRINT:
            return load_embedding_model(EMBEDDED).document_vectors([passage.text for passage in passages])
        known: dict[str, Vectors] = {}
        for language in {passage.language for passage in passages}:
            ids = [passage.id for passage in passages if passage.language == language]
            known |= store.vectors(language, "sentence", ids)
        return np.stack([known[passage.id] for passage in passages])

    def _segments_with_vectors(self) -> Iterator[SegmentArrays]:
        """Yield what is on the disk of this model's vectors, whatever generation reads it."""
        if self.full:
            return
        for folder in generations.segments_on_disk(self.index, self.model.fingerprint):
            try:
                segment = SegmentArrays(folder)
            except STORE_DAMAGE:
                continue  # what it knew is embedded again
            yield segment

    def _counting(self, stage: str, total: int) -> OnVectors:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            self.on_progress(stage, done, total)

        return count

    def _verify(
        self,
        folder: Path,
        taken_over: Mapping[str, Future[list[str]]],
        fresh: Sequence[IndexedDocument],
        keys: TextKeys,
        before: Index | None,
    ) -> tuple[dict[str, bool] | None, int]:
        """Verify a generation.

        Returns how it answers the golden questions, None if there are none, and how many passages
        its graphs don't lead to.
        """
        with self.stages.stage("verify"):
            try:
                # What it shares with the one before was compared byte for byte when this run opened it.
                new = Index.open_generation(self.index, folder, self.model, sharing=before)
            except IndexUnavailable as error:
                raise VerificationFailed(f"The new generation was not put into use: {error}") from error
            try:
                read = [one.document.metadata[SOURCE] for one in fresh]
                asked = sum(
                    sum(part.counts.values()) for part in new.store.segments if part.name not in taken_over
                )
                counting = self._counting("verify", len(VIEWS) * asked)
                unreached = verify(new, taken_over, read, keys, counting)
                if self.judge is None:
                    return None, unreached
                golden = self.judge(new)
                compare_golden(new, golden, self._golden_before(self.judge, before))
                return golden, unreached
            finally:
                new.close()

    def _golden_before(self, judge: Judge, before: Index | None) -> dict[str, bool]:
        """Return how the generation before answers the golden questions, or did if it can't be asked."""
        if before is not None:
            return judge(before)
        if not _exists(self.index):
            return {}
        try:
            known = Manifest.read(generations.current(self.index)).golden
        except (IndexUnavailable, OSError, ValueError):
            known = None
        if known is None:
            self.on_notice(
                "Whether the golden questions are answered as well as before can't be told: the generation "
                "before can't be asked, and what it answered was not kept."
            )
        return known or {}

    def _told(
        self,
        rebuilt: bool,
        folder: Path,
        manifest: Manifest,
        changes: Changes,
        embedded: int,
        unreached: int,
    ) -> BuildReport:
        return BuildReport(
            rebuilt=rebuilt,
            generation=folder.name,
            documents=manifest.documents,
            passages=manifest.passages,
            embedded=embedded,
            unreached=unreached,
            changes=changes.without({file.source for file in manifest.skipped}),
            skipped=manifest.skipped,
            withheld=manifest.withheld,
            stages=self.stages.seconds,
            seconds=self.stages.total,
        )


def _found(documents: Path, synced: Path | None, index: Path, earlier: TextStore | None) -> FoundFiles:
    """Find the documents; an index that lies among them is none of them, nor are the pages as files.

    Raises: SyncFailed if `earlier` has pages of sites, and those that were fetched are gone.
    """
    awaited: dict[str, Path] = {}
    indexed = [] if earlier is None else [one for one in earlier.digests() if is_public_address(one)]
    if synced is not None and indexed:
        if synced_files(synced) is None:
            raise SyncFailed(
                f"The index has {len(indexed)} pages of your sites, but what was fetched of them is gone "
                f"from {synced}/. Nothing is lost: the index stays as it is. To fetch them again, run: "
                "partnerbot sync. To take them out of the index, run: partnerbot index --full"
            )
        # Before the files are looked for: a sync may be under way, and what it fetches now is found then.
        awaited = awaited_files(synced, indexed)
    found = survey(documents, synced)
    found = FoundFiles(dict(sorted({**awaited, **found.files}.items())), found.skipped)
    root = documents.resolve()
    own = [index.resolve()]
    # Pages that are fetched right into the folder of documents can't be told from what else is there.
    if synced is not None and synced.resolve() != root:
        own.append(synced.resolve())
    own = [folder for folder in own if folder.is_relative_to(root)]
    if not own:
        return found

    def is_own(path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in own)

    files = {
        source: path
        for source, path in found.files.items()
        if is_public_address(source) or not is_own(path.resolve())
    }
    return FoundFiles(files, [file for file in found.skipped if not is_own(root / file.source)])


def _check_folder(documents: Path) -> None:
    if not documents.is_dir():
        raise ConfigurationError(
            f"The documents folder {documents}/ does not exist. Create it, or set PARTNERBOT_DOCUMENTS."
        )


def _open_before(
    index: Path, model: EmbeddingModel, full: bool, aside: Executor
) -> tuple[Index | None, TextStore | None, str | None]:
    """Open the current generation and its texts, and say why it can't be built upon, or None.

    Where it can't, its texts are opened at most: nothing of what is to be replaced can break the run.
    `aside`: Chroma reads its graphs there meanwhile; `_wait` says whether it could.
    """
    earlier, reason = _texts_before(index, model, full)
    if earlier is None or reason is not None:
        return None, earlier, reason
    try:
        before = Index.open_generation(
            index,
            generations.current(index),
            model,
            open_segment=lambda name: Segment(generations.segment_folder(index, name), aside),
        )
    except IndexUnavailable as error:
        return None, earlier, _why_unusable(error, index)
    earlier.close()
    return before, before.texts, None


def _texts_before(index: Path, model: EmbeddingModel, full: bool) -> tuple[TextStore | None, str | None]:
    """As `_open_before`, but of the texts alone, which are read without a byte being written."""
    try:
        folder = generations.current(index)
        manifest = manifest_for(index, folder, model)
        damage = changed(folder, {TEXTS: manifest.files[TEXTS]})
        if damage is not None:
            return None, f"The index in {index}/ is damaged ({damage})."
        return TextStore(folder / TEXTS), _why_anew(manifest, full)
    except IndexUnavailable as error:
        return None, _why_unusable(error, index)
    except sqlite3.Error as error:
        return None, f"The index in {index}/ is damaged ({error})."


def _why_unusable(error: IndexUnavailable, index: Path) -> str | None:
    """Say why the generation before is none to build upon; None if there is none."""
    is_there = isinstance(error, IndexMismatch) or _exists(index)
    return str(error).removesuffix(" Run: partnerbot index") if is_there else None


def _why_anew(manifest: Manifest, full: bool) -> str | None:
    if full:
        return "Everything was asked for."
    if manifest.software != __version__:
        return f"The index was made by partnerbot {manifest.software}, now {__version__} runs."
    return None


class _SegmentsDamaged(Exception):
    """Graphs or keys of the generation before can't be read. Its text is for the operator."""


def _wait(before: Index, index: Path) -> None:
    """Return once Chroma has read the graphs of the generation before. Raises: _SegmentsDamaged."""
    try:
        for segment in before.store.segments:
            segment.wait()
    except STORE_DAMAGE as error:
        raise _SegmentsDamaged(f"The index in {index}/ is damaged ({error}).") from error


def _exists(index: Path) -> bool:
    return (index / "current.json").exists()


def _read_passages(document: Document) -> Split:
    """Return a document's passages. Raises: DocumentRejected if it has none that may be quoted."""
    split = split_into_passages(document)
    if not split.passages:
        raise DocumentRejected(_ONLY_ORDERS)
    return split


def _told_rejected(reason: DocumentRejected, has_version_before: bool) -> str:
    return f"{reason} Its version before goes on answering." if has_version_before else str(reason)


def _version_before(source: str, earlier: TextStore | None) -> tuple[Document, str] | None:
    """Return the text that an earlier generation has of a source, and the digest of its file, or None."""
    try:
        return None if earlier is None else (earlier.document(source), earlier.digest(source))
    except (KeyError, sqlite3.Error):  # where its texts are damaged, it is lost
        return None


def _skipped(changes: Changes, rejected: Sequence[RejectedFile]) -> list[Skipped]:
    found = [Skipped(source=file.source, reason=file.reason) for file in (*changes.rejected, *rejected)]
    return sorted([*found, *changes.unfit], key=lambda file: file.source)


def _withheld(
    fresh: Mapping[str, int], planted: Mapping[str, Sequence[str]], changes: Changes, base: Index | None
) -> dict[str, int]:
    counts = Counter(fresh) + Counter({source: len(ids) for source, ids in planted.items()})
    known = {} if base is None else base.manifest.withheld
    return dict(sorted((_kept(known, changes) | counts).items()))


def _kept(known: Mapping[str, Kept], changes: Changes) -> dict[str, Kept]:
    """Return what is known of documents that have not changed."""
    unchanged = set(changes.unchanged)
    return {source: value for source, value in known.items() if source in unchanged}


def _backgrounds(store: VectorStore, neutral: Mapping[str, Vectors]) -> dict[tuple[str, View], Background]:
    return {
        (language, view): estimate(neutral, language, store.moments(language, view))
        for language in store.languages()
        for view in VIEWS
    }


def _words(texts: TextStore, fresh: Sequence[IndexedDocument], base: Index | None) -> LexicalIndex:
    """Return the lexical index, of whose rows the kept ones are taken over from `base`."""
    passages = {passage.id: passage for one in fresh for passage in one.passages}
    if base is None or len(passages) == len(texts.ids()):
        return LexicalIndex.build([passages[id].text_in_context for id in texts.ids()])
    built = LexicalIndex.build([passage.text_in_context for passage in passages.values()])
    kept = [id for id in texts.ids() if id not in passages]
    return joined(base.lexical, base.texts.rows(kept), built, texts.rows([*kept, *passages]))
