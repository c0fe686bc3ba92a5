"""What a run of the indexer takes in: the documents, what of them has changed, and what they say."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.documents import Document

from partnerbot import __version__
from partnerbot.documents.loading import (
    MAX_FILE_BYTES,
    FoundFiles,
    SkippedFile,
    check_folder,
    sidecars,
    survey,
)
from partnerbot.documents.metadata import is_public_address
from partnerbot.documents.reading import DocumentReader, OnProgress
from partnerbot.errors import (
    ConfigurationError,
    DocumentExcluded,
    DocumentRejected,
    IndexDamaged,
    IndexMismatch,
    IndexUnavailable,
    SyncFailed,
)
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.generations import FORMAT, Manifest
from partnerbot.index.passages import split_into_passages
from partnerbot.index.reports import Run
from partnerbot.index.search import DAMAGE, Index, manifest_for, read_texts
from partnerbot.index.store import DATABASE
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Ocr
from partnerbot.sites.cache import synced_files

READING = "reading-5"
"""Version of how files become text, and of what is mined from them: with another, every file is read anew."""


@dataclass(frozen=True)
class Changes:
    """Sources by what a run has to do about them; each list in order of source.

    `renamed`: the new name by the old one, for files that hold what a removed one held.
    `unchanged`: what is indexed of them is right, or the best there is: the version before of a file
    that could not be read, or is in a folder that can't be listed. `rejected`: files that could not be
    read before and have not changed since. `unfit`: what must not or can't be opened at all.
    `unlisted`: the folders among it, of whose files nobody knows whether they are still there.
    """

    added: list[str]
    changed: list[str]
    renamed: dict[str, str]
    removed: list[str]
    unchanged: list[str]
    rejected: list[SkippedFile]
    unfit: list[SkippedFile]
    unlisted: list[str]
    files: dict[str, Path]
    digests: dict[str, str]
    """Digest of every file, by source. Taken before it is read: one that is still being copied is
    read again in the next run."""

    @property
    def to_read(self) -> list[str]:
        """Sources whose files have to be read."""
        return sorted([*self.added, *self.changed, *self.renamed.values()])

    @property
    def nothing(self) -> bool:
        """Whether the generation is already what the folder holds."""
        return not (self.to_read or self.removed)

    def without(self, files: Iterable[SkippedFile]) -> Changes:
        """Return the changes that were made, where some files are not indexed after all."""
        skipped = {file.source: file for file in files}
        kept = [source for source in self.changed if source in skipped and not skipped[source].excluded]
        gone = [source for source in self.changed if source in skipped and skipped[source].excluded]
        gone += [old for old, new in self.renamed.items() if new in skipped]
        return replace(
            self,
            added=[source for source in self.added if source not in skipped],
            changed=[source for source in self.changed if source not in skipped],
            renamed={old: new for old, new in self.renamed.items() if new not in skipped},
            unchanged=sorted([*self.unchanged, *kept]),
            removed=sorted([*self.removed, *gone]),
        )


def compare(found: FoundFiles, known: dict[str, str], skipped: Iterable[SkippedFile]) -> Changes:
    """Compare files with what a generation was built from.

    `known`: the digests of its documents' files, in order of source. `skipped`: what it could not read.
    """
    digests = {source: _digest(path) for source, path in found.files.items()}
    rejected = {file.source: file for file in skipped if file.digest}
    unlisted = [file.source for file in found.skipped if file.is_folder]
    unseen = set(below(unlisted, {*known, *rejected})).difference(digests)
    still_rejected = [
        file for file in rejected.values() if file.source in unseen or digests.get(file.source) == file.digest
    ]
    settled = {*unseen, *(file.source for file in still_rejected)}
    new = [source for source in digests if source not in known and source not in settled]
    gone = {
        known[source]: source for source in reversed(known) if source not in digests and source not in unseen
    }
    renamed: dict[str, str] = {}
    for source in new:
        old = gone.pop(digests[source], None)
        if old is not None:
            renamed[old] = source
    arrived = set(renamed.values())
    # A file that could not be read and is gone counts: it need not be named any more.
    before = sorted({*known, *rejected})
    right = dict.fromkeys(
        source for source in known if source in settled or known[source] == digests.get(source)
    )
    return Changes(
        added=[source for source in new if source not in arrived],
        changed=[source for source in known if source in digests and source not in right],
        renamed=renamed,
        removed=[
            source
            for source in before
            if source not in digests and source not in renamed and source not in unseen
        ],
        unchanged=list(right),
        rejected=still_rejected,
        unfit=found.skipped,
        unlisted=unlisted,
        files=found.files,
        digests=digests,
    )


def below(folders: Collection[str], sources: Iterable[str]) -> list[str]:
    """Return the sources that lie in one of these folders; "." is that of all documents."""
    inside = tuple(f"{folder}/" for folder in folders)
    return [source for source in sources if "." in folders or source.startswith(inside)]


def _digest(path: Path) -> str:
    """Digest a file's content, and that of the files beside it that state its metadata.

    What isn't read anyhow isn't opened either: a pipe would never end, and a disk image takes minutes.
    """
    total = hashlib.sha256(READING.encode())
    for part in (path, *sidecars(path)):
        try:
            status = part.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
                total.update(f"unfit: {status.st_mode} {status.st_size} {status.st_mtime_ns}".encode())
                continue
            with part.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            total.update(f"unreadable: {error.errno}".encode())
    return total.hexdigest()


_ONLY_ORDERS = (
    "it holds nothing but orders to a machine that reads it, which are never quoted. Look who wrote it, "
    "and remove it."
)


@dataclass(frozen=True)
class DocumentsRead:
    """Documents that are new or have changed, and all files that can't be indexed, in order of source."""

    fresh: list[IndexedDocument]
    skipped: list[SkippedFile]

    def with_fresh(self, documents: Sequence[IndexedDocument]) -> DocumentsRead:
        """Return the same with these documents, of which those without a passage can't be indexed."""
        empty = [
            SkippedFile(source=one.source, reason=_ONLY_ORDERS, digest=one.digest)
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
        cls,
        documents: Path,
        index: Path,
        model: EmbeddingModel,
        *,
        synced: Path | None = None,
        full: bool = False,
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
        """Raises: ConfigurationError if most files, or pages, are gone at once: a share may be away.

        Whatever is left or new: one file that a sync program left is no sign that the rest was removed.
        """
        changes, every = self.changes, self.earlier.indexed()
        held = {*changes.digests.values()}  # under another name
        there = {*changes.digests, *below(changes.unlisted, every)}
        for are_pages in (False, True):
            known = [one for source, one in every.items() if is_public_address(source) == are_pages]
            gone = [one for one in known if one.source not in there and one.digest not in held]
            if there and 2 * len(gone) > len(known) > 1:
                where = "what was fetched of your sites" if are_pages else f"{documents}/"
                raise ConfigurationError(
                    f"{len(gone)} of the {len(known)} indexed documents are gone from {where} at once, so "
                    "the index was left as it was. If a disk, a share or a site is away, bring it back. If "
                    "they are meant to be gone, run: partnerbot index --confirm-removal"
                )

    def read(
        self,
        run: Run,
        recognised: Path | None = None,
        on_progress: OnProgress = lambda *_: None,
        ocr: Ocr = False,
    ) -> DocumentsRead:
        """Read and split what is new or has changed. `recognised`: as `Reading` has it, where `ocr` is on.

        Of a file that can't be read any more, or is in a folder that can't be listed, the version that
        is in `earlier` goes on answering.
        """
        changes, known = self.changes, self.earlier.indexed()
        fresh: list[IndexedDocument] = []
        rejected: list[SkippedFile] = []

        def take(document: Document, digest: str) -> None:
            with run.stage("split"):
                split = split_into_passages(document)
            if not split.passages:
                raise DocumentRejected(_ONLY_ORDERS)
            fresh.append(IndexedDocument.of(document, digest, split.passages, len(split.withheld)))

        pictures = recognised if ocr else None
        with DocumentReader(
            recognised=pictures, on_progress=on_progress, by_tesseract=ocr == "tesseract"
        ) as reading:
            for done, source in enumerate(changes.to_read, start=1):
                digest = changes.digests[source]
                try:
                    with run.stage("read"):
                        document = reading.document(changes.files[source], source)
                    take(document, digest)
                except DocumentRejected as error:
                    reason, excluded = str(error), isinstance(error, DocumentExcluded)
                    if source in known and not excluded:
                        take(known[source].document, known[source].digest)
                        reason += " Its version before goes on answering."
                    rejected.append(SkippedFile(source, reason, digest, excluded))
                on_progress("read", done, len(changes.to_read))
        # Where all is done anew, nothing is taken over as it is.
        for source in sorted({*below(changes.unlisted, known)}.difference(changes.unchanged, changes.files)):
            try:
                take(known[source].document, known[source].digest)
            except DocumentRejected as error:
                rejected.append(SkippedFile(source=source, reason=str(error), digest=known[source].digest))
        return DocumentsRead(fresh, _in_order([*changes.rejected, *rejected, *changes.unfit]))


def is_there(index: Path) -> bool:
    """Whether some generation was ever made current."""
    return (index / "current.json").exists()


def _found(documents: Path, synced: Path | None, index: Path, earlier: Texts) -> FoundFiles:
    """Find the documents; an index that lies among them is none of them, nor are the pages as files.

    Raises: SyncFailed if `earlier` has pages of sites, and those that were fetched are gone.
    """
    indexed = [source for source in earlier.indexed() if is_public_address(source)]
    fetched = None if synced is None else synced_files(synced)
    if synced is not None and indexed and fetched is None:
        raise SyncFailed(
            f"The index has {len(indexed)} pages of your sites, but what was fetched of them is gone "
            f"from {synced}/. Nothing is lost: the index stays as it is. To fetch them again, run: "
            "partnerbot sync. To take them out of the index, run: partnerbot index --full"
        )
    found = survey(documents)
    root = documents.resolve()
    own = [index.resolve()]
    # Pages that are fetched right into the folder of documents can't be told from what else is there.
    if synced is not None and synced.resolve() != root:
        own.append(synced.resolve())

    def is_own(path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in own)

    files = {
        source: path
        for source, path in sorted({**found.files, **(fetched or {})}.items())
        if is_public_address(source) or not is_own(path.resolve())
    }
    return FoundFiles(files, [file for file in found.skipped if not is_own(root / file.source)])


def _open_before(index: Path, model: EmbeddingModel, full: bool) -> tuple[Index | None, Texts, str | None]:
    """Open the current generation and its texts, and say why it can't be built upon, or None."""
    reason: str | None
    try:
        folder = generations.current(index)
        manifest = manifest_for(index, folder, model)
        if full:
            reason = "Everything was asked for."
        elif manifest.software != __version__:
            reason = f"The index was made by partnerbot {manifest.software}, now {__version__} runs."
        else:
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


def _in_order(skipped: Sequence[SkippedFile]) -> list[SkippedFile]:
    return sorted(skipped, key=lambda file: file.source)
