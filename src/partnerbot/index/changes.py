"""What has changed between a folder of documents and the generation built from it."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from partnerbot.documents.loading import MAX_FILE_BYTES, FoundFiles, sidecars
from partnerbot.index.generations import Skipped

READING = "reading-3"
"""Version of how files become text: with another one, every file is read anew."""


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
    rejected: list[Skipped]
    unfit: list[Skipped]
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

    def without(self, skipped: Collection[str]) -> Changes:
        """Return the changes that were made, where some files could not be read after all."""
        kept = [source for source in self.changed if source in skipped]
        return replace(
            self,
            added=[source for source in self.added if source not in skipped],
            changed=[source for source in self.changed if source not in skipped],
            renamed={old: new for old, new in self.renamed.items() if new not in skipped},
            unchanged=sorted([*self.unchanged, *kept]),
            removed=sorted([*self.removed, *(old for old, new in self.renamed.items() if new in skipped)]),
        )


def compare(found: FoundFiles, known: dict[str, str], skipped: Iterable[Skipped]) -> Changes:
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
        unfit=[Skipped(source=file.source, reason=file.reason) for file in found.skipped],
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
