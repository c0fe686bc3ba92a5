"""What a run of the indexer takes in: the documents, what of them has changed, and what they say."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

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
    IndexMismatch,
    IndexUnavailable,
    SyncFailed,
)
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.generations import FORMAT, Manifest
from partnerbot.index.reports import Run
from partnerbot.index.search import DAMAGE, Index, read_texts
from partnerbot.index.store import DATABASE
from partnerbot.index.texts import IndexedDocument, Texts, split_into_passages
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Ocr
from partnerbot.sites.cache import synced_files

READING = "reading-8"
"""Version of how files become text, and of what is mined from them, beside partnerbot's own: with another,
every file is read anew."""


@dataclass(frozen=True)
class Changes:
    """What has become of the documents of the generation before; each list in order of source.

    `unchanged`: also those of which the version before goes on answering. A file that moved is removed and
    added.
    """

    added: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: list[str]

    @classmethod
    def between(cls, known: Mapping[str, str], now: Mapping[str, str]) -> Self:
        return cls(
            added=[source for source in now if source not in known],
            changed=[source for source in now if known.get(source, now[source]) != now[source]],
            removed=[source for source in known if source not in now],
            unchanged=[source for source in now if known.get(source) == now[source]],
        )


def below(folders: Collection[str], sources: Iterable[str]) -> list[str]:
    """Return the sources that lie in one of these folders; "." is that of all documents."""
    inside = tuple(f"{folder}/" for folder in folders)
    return [source for source in sources if "." in folders or source.startswith(inside)]


def _digest(path: Path) -> str:
    """Digest a file's content, and that of the files beside it that state its metadata.

    What isn't read anyhow isn't opened either: a pipe would never end, and a disk image takes minutes.
    """
    total = hashlib.sha256(f"{__version__} {READING}".encode())
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


ONLY_ORDERS = (
    "it holds nothing but orders to a machine that reads it, which are never quoted. Look who wrote it, "
    "and remove it."
)
"""Why a document is left out that is nothing else."""


@dataclass(frozen=True)
class Intake:
    """`before`: the generation to build upon; where there is none, `reason` says why, if one is there.

    `earlier`: the newest texts that are sound, also where there is no generation to build upon; else none.
    `to_read`: sources whose files are read. `unchanged`: those of documents that stay as they are: what is
    indexed is right, or the best there is of a file that could not be read, or can't be seen now.
    """

    documents: Path
    before: Index | None
    earlier: Texts
    reason: str | None
    found: FoundFiles
    digests: dict[str, str]
    """Digest of every file, by source. Taken before it is read: one that is still being copied is
    read again in the next run."""
    rejected: list[SkippedFile]
    """Files that could not be read before and have not changed since."""
    to_read: list[str]
    unchanged: list[str]

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
        digests = {source: _digest(path) for source, path in found.files.items()}
        skipped = [] if before is None else before.manifest.skipped
        known = {} if before is None else digests_of(before.texts)
        refused = {file.source: file.digest for file in skipped if file.digest}
        now = digests | {
            source: (known | refused)[source] for source in below(_unlisted(found), known | refused)
        }
        settled = {source for source, digest in refused.items() if now.get(source) == digest}
        unchanged = [source for source in known if source in settled or now.get(source) == known[source]]
        to_read = [source for source in sorted(digests) if source not in settled.union(unchanged)]
        rejected = [file for file in skipped if file.source in settled]
        return cls(documents, before, earlier, reason, found, digests, rejected, to_read, unchanged)

    @property
    def nothing(self) -> bool:
        """Whether the generation before is what the documents are."""
        if self.before is None or self.to_read or self.before.texts.documents.keys() != {*self.unchanged}:
            return False
        return _in_order([*self.rejected, *self.found.skipped]) == self.before.manifest.skipped

    def check_removal(self) -> None:
        """Raises: ConfigurationError if most files, or pages, are gone at once: a share may be away.

        Whatever is left or new: one file that a sync program left is no sign that the rest was removed.
        """
        every = digests_of(self.earlier)
        held = {*self.digests.values()}  # under another name
        there = {*self.digests, *below(_unlisted(self.found), every)}
        for are_pages in (False, True):
            known = [source for source in every if is_public_address(source) == are_pages]
            gone = [source for source in known if source not in there and every[source] not in held]
            if there and 2 * len(gone) > len(known) > 1:
                where = "what was fetched of your sites" if are_pages else f"{self.documents}/"
                raise ConfigurationError(
                    f"{len(gone)} of the {len(known)} indexed documents are gone from {where} at once, so "
                    "the index was left as it was. If a disk, a share or a site is away, bring it back. If "
                    "they are meant to be gone, run: partnerbot index --confirm-removal"
                )

    def read(
        self, run: Run, recognised: Path, on_progress: OnProgress = lambda *_: None, ocr: Ocr = False
    ) -> tuple[list[IndexedDocument], list[SkippedFile]]:
        """Read and split what is new or has changed; return it, and all files that can't be indexed.

        `recognised`: as `DocumentReader` has it, where `ocr` is on.

        Of a file that can't be read any more, or is in a folder that can't be listed, the version that
        is in `earlier` goes on answering.
        """
        to_read, known = self.to_read, self.earlier.documents
        fresh: list[IndexedDocument] = []
        skipped = [*self.rejected, *self.found.skipped]
        with DocumentReader(
            recognised=recognised if ocr else None, on_progress=on_progress, by_tesseract=ocr == "tesseract"
        ) as reading:
            for done, source in enumerate(to_read, start=1):
                digest = self.digests[source]
                try:
                    with run.stage("read"):
                        document = reading.document(self.found.files[source], source)
                    with run.stage("split"):
                        split = split_into_passages(document, digest)
                    if not split.reaches:
                        raise DocumentRejected(ONLY_ORDERS)
                    fresh.append(split)
                except DocumentRejected as error:
                    reason, excluded = str(error), isinstance(error, DocumentExcluded)
                    if source in known and not excluded:
                        fresh.append(known[source])
                        reason += " Its version before goes on answering."
                    skipped.append(SkippedFile(source, reason, digest, excluded))
                on_progress("read", done, len(to_read))
        # Where all is done anew, nothing is taken over as it is.
        unseen = {*below(_unlisted(self.found), known)}
        fresh += [known[source] for source in sorted(unseen.difference(self.unchanged, self.found.files))]
        return fresh, _in_order(skipped)


def digests_of(texts: Texts) -> dict[str, str]:
    return {source: one.digest for source, one in texts.documents.items()}


def _unlisted(found: FoundFiles) -> list[str]:
    """Return the folders of whose files nobody knows whether they are still there."""
    return [file.source for file in found.skipped if file.is_folder]


def is_there(index: Path) -> bool:
    """Whether some generation was ever made current."""
    return (index / "current.json").exists()


def _found(documents: Path, synced: Path | None, index: Path, earlier: Texts) -> FoundFiles:
    """Find the documents; an index that lies among them is none of them, nor are the pages as files.

    Raises: SyncFailed if `earlier` has pages of sites, and those that were fetched are gone.
    """
    indexed = [source for source in earlier.documents if is_public_address(source)]
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
        before = Index.open(index, model)
        if not full:
            return before, before.texts, None
        reason = "Everything was asked for."
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
