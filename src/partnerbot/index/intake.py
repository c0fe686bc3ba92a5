"""What a run of the indexer takes in: the documents, compared with the generation before, and read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from partnerbot import __version__
from partnerbot.documents.loading import FoundFiles, check_folder, survey
from partnerbot.documents.reading import Reading
from partnerbot.errors import (
    ConfigurationError,
    DocumentRejected,
    IndexDamaged,
    IndexMismatch,
    IndexUnavailable,
    SyncFailed,
)
from partnerbot.index import generations
from partnerbot.index.changes import Changes, below, compare
from partnerbot.index.files import changed
from partnerbot.index.generations import FORMAT, Manifest, Skipped
from partnerbot.index.passages import split_into_passages
from partnerbot.index.reports import Run
from partnerbot.index.search import DAMAGE, Index, manifest_for, read_texts
from partnerbot.index.store import DATABASE
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.sites.synced import awaited_files, is_public_address, synced_files

_ONLY_ORDERS = (
    "it holds nothing but orders to a machine that reads it, which are never quoted. Look who wrote it, "
    "and remove it."
)


_MANY_REMOVED = 10
"""Files that an owner hardly removes at once without a thought, where they are most of what there is."""


@dataclass(frozen=True)
class DocumentsRead:
    """Documents that are new or have changed, and all files that can't be indexed, in order of source."""

    fresh: list[IndexedDocument]
    skipped: list[Skipped]

    def with_fresh(self, documents: Sequence[IndexedDocument]) -> DocumentsRead:
        """Return the same with these documents, of which those without a passage can't be indexed."""
        empty = [
            Skipped(source=one.source, reason=_ONLY_ORDERS, digest=one.digest)
            for one in documents
            if not one.reaches
        ]
        return DocumentsRead([one for one in documents if one.reaches], _in_order([*self.skipped, *empty]))


@dataclass(frozen=True)
class Intake:
    """`before`: the generation to build upon; where there is none, `reason` says why, if one is there.

    `earlier`: the newest texts that are sound, also where there is no generation to build upon; else none.
    """

    before: Index | None
    earlier: Texts
    reason: str | None
    changes: Changes

    @classmethod
    def of(
        cls, documents: Path, synced: Path | None, index: Path, model: EmbeddingModel, full: bool
    ) -> Intake:
        """Find the documents and compare them with what is indexed. Nothing is written.

        Raises: ConfigurationError if the folder is missing; SyncFailed if the pages in `synced` are gone.
        """
        check_folder(documents)
        before, earlier, reason = _open_before(index, model, full)
        found = _found(documents, synced, index, Texts([]) if full else earlier)
        known = {} if before is None else before.texts.indexed()
        digests = {source: one.digest for source, one in known.items()}
        changes = compare(found, digests, [] if before is None else before.manifest.skipped)
        return cls(before, earlier, reason, changes)

    @property
    def nothing(self) -> bool:
        """Whether the generation before is what the documents are."""
        if self.before is None or not self.changes.nothing:
            return False
        return _in_order([*self.changes.rejected, *self.changes.unfit]) == self.before.manifest.skipped

    def check_removal(self, documents: Path) -> None:
        """Raises: ConfigurationError if most files that were indexed are gone: a share may be away."""
        changes = self.changes
        known = {
            source: one for source, one in self.earlier.indexed().items() if not is_public_address(source)
        }
        held = {*changes.digests.values()}  # under another name
        there = {*changes.digests, *below(changes.unlisted, known)}
        gone = [source for source, one in known.items() if source not in there and one.digest not in held]
        has_own = any(not is_public_address(source) for source in there)
        if there and 2 * len(gone) > len(known) and (len(gone) >= _MANY_REMOVED or not has_own):
            raise ConfigurationError(
                f"{len(gone)} of the {len(known)} indexed documents are gone from {documents}/ at once, so "
                "the index was left as it was. If a disk or a share is away, bring it back. If they are "
                "meant to be gone, run: partnerbot index --confirm-removal"
            )

    def read(
        self,
        run: Run,
        on_read: Callable[[int, int], None] = lambda *_: None,
        recognised: Path | None = None,
        on_page: Callable[[int, int], None] = lambda *_: None,
    ) -> DocumentsRead:
        """Read and split what is new or has changed. `recognised`, `on_page`: as `Reading` has them.

        Of a file that can't be read any more, or is in a folder that can't be listed, the version that
        is in `earlier` goes on answering.
        """
        changes, known = self.changes, self.earlier.indexed()
        fresh: list[IndexedDocument] = []
        rejected: list[Skipped] = []

        def take(document: Document, digest: str) -> None:
            with run.stage("split"):
                split = split_into_passages(document)
            if not split.passages:
                raise DocumentRejected(_ONLY_ORDERS)
            fresh.append(IndexedDocument.of(document, digest, split.passages, len(split.withheld)))

        with Reading(recognised=recognised, on_page=on_page) as reading:
            for done, source in enumerate(changes.to_read, start=1):
                digest = changes.digests[source]
                try:
                    with run.stage("read"):
                        document = reading.document(changes.files[source], source)
                    take(document, digest)
                except DocumentRejected as error:
                    reason = str(error)
                    if source in known:
                        take(known[source].document, known[source].digest)
                        reason += " Its version before goes on answering."
                    rejected.append(Skipped(source=source, reason=reason, digest=digest))
                on_read(done, len(changes.to_read))
        # Where all is done anew, nothing is taken over as it is.
        for source in sorted({*below(changes.unlisted, known)}.difference(changes.unchanged, changes.files)):
            try:
                take(known[source].document, known[source].digest)
            except DocumentRejected as error:
                rejected.append(Skipped(source=source, reason=str(error), digest=known[source].digest))
        return DocumentsRead(fresh, _in_order([*changes.rejected, *rejected, *changes.unfit]))


@dataclass(frozen=True)
class Preview:
    """What a run would do. `reason`: why everything would be done anew, or None."""

    changes: Changes
    skipped: list[Skipped]
    reason: str | None


def preview(
    documents: Path,
    index: Path,
    model: EmbeddingModel,
    full: bool = False,
    synced: Path | None = None,
    ocr: bool = False,
) -> Preview:
    """Say what a run would do, without embedding or writing anything. Files that it would read are read.

    `ocr`: as `build_index` has it.

    Raises: ConfigurationError; SyncFailed.
    """
    intake = Intake.of(documents, synced, index, model, full)
    with tempfile.TemporaryDirectory() as recognised:
        skipped = intake.read(Run(), recognised=Path(recognised) if ocr else None).skipped
    return Preview(intake.changes.without({file.source for file in skipped}), skipped, intake.reason)


def is_there(index: Path) -> bool:
    """Whether some generation was ever made current."""
    return (index / "current.json").exists()


def _found(documents: Path, synced: Path | None, index: Path, earlier: Texts) -> FoundFiles:
    """Find the documents; an index that lies among them is none of them, nor are the pages as files.

    Raises: SyncFailed if `earlier` has pages of sites, and those that were fetched are gone.
    """
    awaited: dict[str, Path] = {}
    indexed = [source for source in earlier.indexed() if is_public_address(source)]
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
    root = documents.resolve()
    own = [index.resolve()]
    # Pages that are fetched right into the folder of documents can't be told from what else is there.
    if synced is not None and synced.resolve() != root:
        own.append(synced.resolve())

    def is_own(path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in own)

    files = {
        source: path
        for source, path in sorted({**awaited, **found.files}.items())
        if is_public_address(source) or not is_own(path.resolve())
    }
    return FoundFiles(files, [file for file in found.skipped if not is_own(root / file.source)])


def _open_before(index: Path, model: EmbeddingModel, full: bool) -> tuple[Index | None, Texts, str | None]:
    """Open the current generation and its texts, and say why it can't be built upon, or None."""
    try:
        folder = generations.current(index)
        manifest = manifest_for(index, folder, model)
        reason = _why_anew(manifest, full)
        if reason is None:
            # What is read is compared when it is opened.
            graphs = dict(manifest.files.items() - manifest.read_files().items())
            if (damage := changed(folder, graphs)) is not None:
                raise IndexDamaged(f"The index in {index}/ is damaged ({damage}).")
            before = Index.open_generation(index, folder, model)
            return before, before.texts, None
    except IndexUnavailable as error:
        known = isinstance(error, IndexMismatch) or is_there(index)
        reason = str(error).removesuffix(" Run: partnerbot index") if known else None
    return None, _sound_texts(index), reason


def _sound_texts(index: Path) -> Texts:
    for folder in generations.newest_first(index):
        manifest = Manifest.read(folder)
        try:
            if manifest.format == FORMAT and not changed(folder, {DATABASE: manifest.files[DATABASE]}):
                return read_texts(folder)
        except DAMAGE:
            continue
    return Texts([])


def _why_anew(manifest: Manifest, full: bool) -> str | None:
    if full:
        return "Everything was asked for."
    if manifest.software != __version__:
        return f"The index was made by partnerbot {manifest.software}, now {__version__} runs."
    return None


def _in_order(skipped: Sequence[Skipped]) -> list[Skipped]:
    return sorted(skipped, key=lambda file: file.source)
