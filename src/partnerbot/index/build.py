"""Documents -> passages -> embeddings and lexical index -> a generation on disk."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from langchain_core.documents import Document

from partnerbot import __version__
from partnerbot.documents.editions import editions
from partnerbot.documents.loading import FoundFiles, check_folder, survey
from partnerbot.documents.metadata import SOURCE
from partnerbot.documents.reading import Reading
from partnerbot.durable import remedy
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
from partnerbot.index import generations
from partnerbot.index.changes import Changes, below, compare
from partnerbot.index.document_store import FILE as TEXTS
from partnerbot.index.document_store import IndexedDocument, Keys, RejectedFile, TextStore
from partnerbot.index.embedding_cache import EmbeddingCache, TextKeys, remove_cache, vectors_of
from partnerbot.index.files import changed, digests
from partnerbot.index.language_bias import Background, estimate, neutral_vectors
from partnerbot.index.lexical import LexicalIndex, joined
from partnerbot.index.manifest import FORMAT, Manifest, Skipped
from partnerbot.index.passages import SPLITTER, Passage, Split, split_into_passages
from partnerbot.index.planted_orders import tell_orders
from partnerbot.index.reports import BuildReport, Stages, record_failure, record_success, record_way_back
from partnerbot.index.search import DAMAGE, Index, manifest_for, save_backgrounds, save_editions
from partnerbot.index.sums import Before, Sums
from partnerbot.index.translations import close_pairs
from partnerbot.index.vectors import FOLDER as VECTORS
from partnerbot.index.vectors import (
    Chroma,
    ChromaFailed,
    Key,
    OnVectors,
    Part,
    Vectors,
    VectorStore,
    keys_by_part,
)
from partnerbot.index.verify import Judge, compare_golden, find_astray, verify
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EMBEDDED, EmbeddingModel, load_embedding_model
from partnerbot.sites.synced import awaited_files, is_public_address, synced_files

_log = logging.getLogger(__name__)

Kept = TypeVar("Kept")

OnProgress = Callable[[str, int, int], None]
"""Called with a stage ("read", "embed", "store" or "verify"), what is done of it, and its total."""

_MOST_FORGOTTEN = 1.0
"""Vectors removed, by those that stay, from which the graphs are built anew: their files only grow."""

_MANY_REMOVED = 10
"""Files that an owner hardly removes at once without a thought, where they are most of what there is."""

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
    confirm_removal: bool = False,
    synced: Path | None = None,
    judge: Judge | None = None,
    on_notice: OnNotice = lambda _: None,
) -> BuildReport:
    """Index a folder of documents into a new generation, verify it and make it current.

    Files that can't be read are named in the report; the rest is indexed. Of one that could be
    read before, that version goes on answering until it can be read again, or is removed.
    Unchanged documents keep their vectors. If no file has changed, nothing is done. Whatever
    goes wrong, the generation before goes on answering.

    `full`: read and embed everything anew. `confirm_removal`: most of the documents are meant to be gone;
    else that is taken for a share that is away, and refused. `synced`: a folder of pages fetched from sites,
    indexed with the documents. `judge`: asks the owner's golden questions.

    Raises: ConfigurationError if the folder is missing, has lost most of its documents at once, or nothing
        in it can be indexed;
        IndexBusy if another process is indexing; IndexNotWritten if the disk is full or
        can't be written, or the run broke off otherwise; VerificationFailed; SyncFailed if
        the pages in `synced` are gone, or can't be told.
    """
    stages = Stages()
    try:
        check_folder(documents)
        with generations.writing(index):
            report = _Run(
                documents,
                synced,
                index,
                model,
                full,
                confirm_removal,
                judge,
                on_progress,
                on_notice,
                stages,
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
    check_folder(documents)
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
class _Written:
    """The vectors of a new generation. `known`: those that were added, and others that were looked up.

    `fresh`: those that were added. `embedded`: how many had to be computed.
    `anew`: whether the graphs were built anew. `forgotten`: as in the manifest.
    """

    store: VectorStore
    known: Mapping[Key, Vectors]
    fresh: Mapping[Part, Mapping[Key, Vectors]]
    embedded: int
    anew: bool
    forgotten: int

    def vectors(self, part: Part, keys: Sequence[Key]) -> Mapping[Key, Vectors]:
        """Return vectors by their keys, from memory where they are there."""
        stored = [key for key in keys if key not in self.known]
        return {
            **self.store.chroma.vectors(part, stored),
            **{key: self.known[key] for key in keys if key in self.known},
        }


@dataclass(frozen=True)
class _Run:
    """One run of the indexer, while it holds the index."""

    documents: Path
    synced: Path | None
    index: Path
    model: EmbeddingModel
    full: bool
    confirm_removal: bool
    judge: Judge | None
    on_progress: OnProgress
    on_notice: OnNotice
    stages: Stages

    def report(self) -> BuildReport:
        """Do the run, and say what was done."""
        with ThreadPoolExecutor(1) as aside:
            with self.stages.stage("compare"):
                generations.clear_unfinished(self.index)
                if self.full:
                    remove_cache(self.index)
                before, earlier, reason = _open_before(self.index, self.model, self.full)
            try:
                return self._report(before, reason, earlier, aside)
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
            if earlier is not None and not self.confirm_removal:
                _check_removal(self.documents, changes, earlier)
        if reason is not None:
            self.on_notice(f"{reason} All {len(changes.added)} files are indexed anew.")
        if before is not None and changes.nothing and _skipped(changes, []) == before.manifest.skipped:
            return self._told(False, before.folder, before.manifest, changes, 0, 0)
        folder = generations.begin(self.index)
        published = False
        try:
            manifest, embedded, unreached = self._build(folder, changes, before, earlier, aside)
            published = True
        finally:
            if not published:
                generations.discard(folder)
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
                written = self._store(folder, fresh, texts, before, cache)
            finally:
                cache.close()
            store = written.store
            planted = self._planted(fresh, written)
            with self.stages.stage("words"):
                words.result().save(folder)
            with self.stages.stage("background"):
                sums = Sums.of(
                    texts, store, written.vectors, _sums_of(None if written.anew else before, changes)
                )
                sums.save(folder)
                neutral = neutral_vectors(self.model)
                backgrounds = _backgrounds(sums, neutral)
                save_backgrounds(folder, backgrounds)
            with self.stages.stage("editions"):
                close = close_pairs(texts, store, sums.means, backgrounds, neutral)
                save_editions(folder, editions(texts.documents(), close))
            with self.stages.stage("verify"):
                known_astray = {} if before is None or written.anew else before.manifest.astray
                total = sum(map(len, written.fresh.values()))
                astray = find_astray(store, known_astray, written.fresh, self._counting("verify", total))
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
                astray=astray,
                forgotten=written.forgotten,
                skipped=skipped,
                withheld=_withheld(withheld, planted, changes, before),
                files=digests(folder),
                planted=_kept({} if before is None else before.manifest.planted, changes) | planted,
            )
        finally:
            texts.close()
        manifest.write(folder)
        golden = self._verify(folder, store.chroma, fresh, keys, before)
        if golden is not None:
            manifest = manifest.model_copy(update={"golden": golden})
            manifest.write(folder)
        with self.stages.stage("publish"):
            generations.publish(self.index, folder)
            remove_cache(self.index)
        return manifest, written.embedded, sum(map(len, astray.values()))

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
    ) -> _Written:
        """Make the vectors of the generation from those of the one before: what it lacks is embedded."""
        ids, languages, keys = texts.ids(), texts.languages(), texts.keys()
        wanted = keys_by_part(languages, keys)
        old = {} if before is None else {part: set(before.store.keys(part)) for part in before.store.parts()}
        gone = {part: sorted(stored.difference(wanted.get(part, ()))) for part, stored in old.items()}
        forgotten = sum(map(len, gone.values())) + (0 if before is None else before.manifest.forgotten)
        anew = before is None or forgotten > _MOST_FORGOTTEN * sum(map(len, wanted.values()))
        added = {
            part: [key for key in places if anew or key not in old.get(part, ())]
            for part, places in wanted.items()
        }
        with self.stages.stage("embed"):
            asked = _texts_of(added, wanted, fresh, texts)
            known, computed = vectors_of(
                asked,
                self.model,
                self._generations_with_vectors(before),
                cache,
                lambda done, total: self.on_progress("embed", done, total),
            )
        with self.stages.stage("store"):
            counting = self._counting("store", sum(map(len, added.values())))
            begun = None if before is None or anew else before.folder / VECTORS
            with Chroma.writing(folder / VECTORS, begun) as chroma:
                for part, removed in ({} if anew else gone).items():
                    if part in wanted:
                        chroma.remove(part, removed)
                    else:
                        chroma.drop(part)
                for part, new in added.items():
                    if new:
                        chroma.add(part, new, np.stack([known[key] for key in new]), counting)
            try:
                opened = Chroma.reading(folder / VECTORS)
            except (ValueError, KeyError, EOFError) as error:
                raise VerificationFailed(
                    f"The new generation was not put into use, because what was written of it can't be read "
                    f"({error}). {generations.what_answers(self.index)} Run again: partnerbot index"
                ) from error
        return _Written(
            VectorStore(opened, ids, languages, keys, {}),
            known,
            {part: {key: known[key] for key in new} for part, new in added.items()},
            embedded=sum(
                len(wanted[part][key]) for part, new in added.items() for key in new if key in computed
            ),
            anew=anew,
            forgotten=0 if anew else forgotten,
        )

    def _planted(self, fresh: Sequence[IndexedDocument], written: _Written) -> dict[str, list[str]]:
        """Return the ids of passages that are planted orders, by the documents' sources."""
        passages = [passage for one in fresh for passage in one.passages]
        found: dict[str, list[str]] = {}
        if not passages:
            return found
        with self.stages.stage("orders"):
            try:
                told = tell_orders(self._embedded(passages, written))
            except ModelUnavailable as error:
                # An owner's model may be used where the embedded one can't be.
                self.on_notice(f"Orders planted in documents are told by their wordings alone: {error}")
                return found
            for passage, is_order in zip(passages, told, strict=True):
                if is_order:
                    found.setdefault(passage.source, []).append(passage.id)
        return found

    def _embedded(self, passages: Sequence[Passage], written: _Written) -> Vectors:
        """Return the embedded model's vectors of the passages' sentences: float32 [passages, dimension]."""
        if self.model.fingerprint != embedded_model.FINGERPRINT:
            return load_embedding_model(EMBEDDED).document_vectors([passage.text for passage in passages])
        known: dict[str, Vectors] = {}
        for language in {passage.language for passage in passages}:
            ids = [passage.id for passage in passages if passage.language == language]
            keys = written.store.keys_of((language, "sentence"), ids)
            found = written.vectors((language, "sentence"), keys)
            known |= {id: found[key] for id, key in zip(ids, keys, strict=True)}
        return np.stack([known[passage.id] for passage in passages])

    def _generations_with_vectors(self, before: Index | None) -> Iterator[Chroma]:
        """Yield what is on the disk of this model's vectors, whatever generation has it."""
        if before is not None:
            yield before.store.chroma
        for folder in [] if self.full else reversed(generations.finished(self.index)):
            manifest = Manifest.read(folder)
            files = {path: one for path, one in manifest.files.items() if path.startswith(f"{VECTORS}/")}
            is_before = before is not None and folder == before.folder
            if is_before or manifest.model_fingerprint != self.model.fingerprint or changed(folder, files):
                continue  # what it knew is embedded again
            try:
                yield Chroma.reading(folder / VECTORS)
            except DAMAGE:
                continue

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
        chroma: Chroma,
        fresh: Sequence[IndexedDocument],
        keys: TextKeys,
        before: Index | None,
    ) -> dict[str, bool] | None:
        """Verify a generation, whose vectors are open already.

        Returns how it answers the golden questions, None if there are none.
        """
        with self.stages.stage("verify"):
            try:
                new = Index.open_generation(
                    self.index, folder, self.model, vectors=lambda manifest: (chroma, manifest.astray)
                )
            except IndexUnavailable as error:
                raise VerificationFailed(f"The new generation was not put into use: {error}") from error
            try:
                verify(new, [one.document.metadata[SOURCE] for one in fresh], keys)
                if self.judge is None:
                    return None
                golden = self.judge(new)
                compare_golden(new, golden, self._golden_before(self.judge, before))
                return golden
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


def _check_removal(documents: Path, changes: Changes, earlier: TextStore) -> None:
    """Raises: ConfigurationError if most files that were indexed are gone: a share may be away."""
    known = {source: one for source, one in earlier.digests().items() if not is_public_address(source)}
    held = {*changes.digests.values()}  # under another name
    there = {*changes.digests, *below(changes.unlisted, known)}
    gone = [source for source, digest in known.items() if source not in there and digest not in held]
    has_own = any(not is_public_address(source) for source in there)
    if there and 2 * len(gone) > len(known) and (len(gone) >= _MANY_REMOVED or not has_own):
        raise ConfigurationError(
            f"{len(gone)} of the {len(known)} indexed documents are gone from {documents}/ at once, so the "
            "index was left as it was. If a disk or a share is away, bring it back. If they are meant to be "
            "gone, run: partnerbot index --confirm-removal"
        )


def _open_before(
    index: Path, model: EmbeddingModel, full: bool
) -> tuple[Index | None, TextStore | None, str | None]:
    """Open the current generation and its texts, and say why it can't be built upon, or None.

    Where it can't, its texts are opened at most: nothing of what is to be replaced can break the run.
    """
    earlier, reason = _texts_before(index, model, full)
    if earlier is None or reason is not None:
        return None, earlier, reason
    try:
        before = Index.open(index, model)
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


def _sums_of(before: Index | None, changes: Changes) -> Before | None:
    if before is None:
        return None
    return Before(before.store, Sums.load(before.folder, before.texts, before.store), changes.unchanged)


def _backgrounds(sums: Sums, neutral: Mapping[str, Vectors]) -> dict[Part, Background]:
    return {part: estimate(neutral, part[0], moments) for part, moments in sums.moments.items()}


def _texts_of(
    added: Mapping[Part, Sequence[Key]],
    wanted: Mapping[Part, Mapping[Key, Sequence[int]]],
    fresh: Sequence[IndexedDocument],
    texts: TextStore,
) -> dict[Key, str]:
    """Return what was embedded, or is to be, by the keys of its vectors."""
    ids = texts.ids()
    read = {passage.id: passage for one in fresh for passage in one.passages}
    having = {
        key: (view, ids[wanted[language, view][key][0]])
        for (language, view), keys in added.items()
        for key in keys
    }
    # Where the graphs are built anew, passages of unchanged documents are among them.
    read |= texts.passages([id for _, id in having.values() if id not in read])
    return {
        key: read[id].text if view == "sentence" else read[id].text_in_context
        for key, (view, id) in having.items()
    }


def _words(texts: TextStore, fresh: Sequence[IndexedDocument], base: Index | None) -> LexicalIndex:
    """Return the lexical index, of whose rows the kept ones are taken over from `base`."""
    passages = {passage.id: passage for one in fresh for passage in one.passages}
    if base is None or len(passages) == len(texts.ids()):
        return LexicalIndex.build([passages[id].text_in_context for id in texts.ids()])
    built = LexicalIndex.build([passage.text_in_context for passage in passages.values()])
    kept = [id for id in texts.ids() if id not in passages]
    return joined(base.lexical, base.texts.rows(kept), built, texts.rows([*kept, *passages]))
