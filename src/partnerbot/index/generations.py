"""Generations of an index on disk: built aside, then made current by one atomic rename.

index/
  current.json        names the generation that answers
  generations/000007/ the texts, vectors, words and manifest of one generation, never written to again
  reports/            what each run of the indexer did
  .lock, writer.json  held while a run writes; who holds it
"""

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from operator import not_
from pathlib import Path
from typing import Annotated, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, Field

from partnerbot.documents.loading import SkippedFile
from partnerbot.durable import remedy, sync_tree, write_text
from partnerbot.errors import IndexBusy, IndexNotWritten, IndexUnavailable, cause

FORMAT = 13
"""Version of the files a generation consists of."""

MANIFEST = "manifest.json"


class Manifest(BaseModel, frozen=True):
    """Written last into a generation: a generation without one is unfinished."""

    format: int
    model: str
    model_fingerprint: str
    prompts: dict[str, str]
    splitter: str
    software: str
    """Version of partnerbot: another may clean documents differently, so they are read again."""

    built_at: str
    """ISO date and time, UTC."""

    documents: int
    passages: int
    languages: dict[str, int]
    """Documents by language."""

    forgotten: int
    """Vectors that were removed since the graphs were built; their places in the graphs stay occupied."""

    skipped: list[SkippedFile]

    withheld: dict[str, list[str]]
    """How the parts of a document begin, by its source, that are never quoted because they give orders to a
    machine that reads them; documents that have some."""

    unread: dict[str, list[int]]
    """Pages of a document, by its source, that are pictures in which too little could be read."""

    copies: Annotated[dict[str, list[str]], Field(exclude_if=not_)] = {}
    """Documents that others repeat word for word, with the sources of those, which answers don't quote."""

    golden: dict[str, bool] | None = None
    """The owner's golden questions, and whether this generation answered them rightly when it was verified.

    None if it was not asked."""

    files: dict[str, str]
    """The SHA-256 of every other file of the generation, by its path there."""

    checksum: str = ""
    """The SHA-256 of all the above."""

    def write(self, folder: Path) -> None:
        sealed = self.model_copy(update={"checksum": self._digest()})
        write_text(folder / MANIFEST, sealed.model_dump_json(indent=2))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a generation's manifest. Raises: OSError; ValueError if it isn't what was written."""
        found = cls.model_validate_json((folder / MANIFEST).read_text("utf-8"))
        if found.format == FORMAT and found.checksum != found._digest():
            raise ValueError("it has changed since it was written")
        return found

    def _digest(self) -> str:
        return hashlib.sha256(self.model_dump_json(exclude={"checksum"}).encode()).hexdigest()


_POINTER = "current.json"
_FOLDER = "generations"
_HOLDER = "writer.json"


class Holder(BaseModel, frozen=True):
    """Who held the index for writing last, `since` an ISO date and time, UTC."""

    process: int
    computer: str
    since: str

    @classmethod
    def this(cls) -> Self:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(process=os.getpid(), computer=platform.node(), since=since)

    def __str__(self) -> str:
        return f"process {self.process} on {self.computer}, since {self.since}"

    def has_ended(self) -> bool:
        """Whether it is gone for sure: of one on another computer that isn't known."""
        try:
            if self.computer == platform.node():
                os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except OSError:  # it is another user's
            pass
        return False


def current(index: Path) -> Path:
    """Return the folder of the generation to answer from. Raises: IndexUnavailable if there is none."""
    folder = _pointed_to(index)
    if not folder.is_dir():
        raise IndexUnavailable(f"The index generation {folder} is missing. Run: partnerbot index")
    return folder


def _pointed_to(index: Path) -> Path:
    try:
        known = json.loads((index / _POINTER).read_text("utf-8"))
        name = known["generation"]
        # One flipped bit may name another generation.
        if known["checksum"] != _checksum(name):
            raise ValueError("it has changed since it was written")
    except FileNotFoundError:
        raise IndexUnavailable(f"There is no index in {index}/ yet. Run: partnerbot index") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexUnavailable(
            f"The index pointer {index / _POINTER} can't be read ({cause(error)}). Run: partnerbot index"
        ) from error
    return index / _FOLDER / str(name)


def what_answers(index: Path) -> str:
    """Say what questions are answered from where a run has failed."""
    try:
        return f"Generation {current(index).name} goes on answering."
    except IndexUnavailable:
        return "There is no index to answer from yet."


@contextmanager
def writing(index: Path) -> Iterator[None]:
    """Hold the index for writing: one process at a time, since two would lose vectors silently.

    The operating system lets go of the lock when its holder ends, however it ends.

    Raises: IndexBusy, naming who holds it since when; IndexNotWritten if the folder can't be written.
    """
    lock = FileLock(index / ".lock", timeout=0)
    try:
        try:
            index.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            write_text(index / _HOLDER, Holder.this().model_dump_json())
        except Timeout:
            other = last_holder(index)
            raise IndexBusy(
                f"Another process is indexing into {index}/{f': {other}' if other else ''}. "
                "Nothing was changed. Wait for it to end, then try again."
            ) from None
        except OSError as error:
            raise IndexNotWritten(
                f"The index folder {index}/ can't be written: {error.strerror}. {remedy(error)}."
            ) from error
        yield
    finally:
        lock.release()


def last_holder(index: Path) -> Holder | None:
    """Return who wrote last, or still does; None if nobody did, or it can't be read."""
    try:
        return Holder.model_validate_json((index / _HOLDER).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def begin(index: Path) -> Path:
    """Return a new empty folder for the next generation. Call while `writing`."""
    last = max((int(folder.name) for folder in _folders(index)), default=0)
    folder = index / _FOLDER / f"{last + 1:06d}"
    folder.mkdir(parents=True)
    return folder


def publish(index: Path, generation: Path) -> None:
    """Make a finished generation current, durably, and keep the one before."""
    before = next((folder for folder in newest_first(index) if folder != generation), None)
    sync_tree(generation)
    point(index, generation)
    for folder in _folders(index):
        if folder not in (generation, before):
            shutil.rmtree(folder, ignore_errors=True)


def point(index: Path, generation: Path) -> None:
    pointer = {"generation": generation.name, "checksum": _checksum(generation.name)}
    write_text(index / _POINTER, json.dumps(pointer))


def previous(index: Path) -> Path:
    """Return the generation before the current one.

    Raises: IndexUnavailable if there is none to go back to.
    """
    now = current(index)
    older = [folder for folder in finished(index) if folder.name < now.name]
    if not older:
        raise IndexUnavailable(
            f"There is no generation before {now.name} in {index}/ to go back to; nothing was changed. "
            "To build the index anew, run: partnerbot index --full"
        )
    return older[-1]


def went_back(index: Path) -> bool:
    """Whether a generation before was made current again. Raises: IndexUnavailable if there is none."""
    now = current(index)
    return any(folder.name > now.name for folder in finished(index))


def clear_unfinished(index: Path) -> None:
    """Remove what runs that were cut off left behind. Call while `writing`.

    What answers is none of it, whatever has become of its manifest: it goes when another has replaced it.
    """
    for folder in _folders(index):
        try:
            Manifest.read(folder)
        except (FileNotFoundError, ValueError):
            discard(index, folder)
        except OSError:  # what can't be opened now may be whole
            continue


def discard(index: Path, generation: Path) -> None:
    """Remove a generation, unless it has become the one that answers."""
    with suppress(IndexUnavailable):
        if current(index) == generation:
            return
    shutil.rmtree(generation, ignore_errors=True)


def finished(index: Path) -> list[Path]:
    """Return the generations whose manifest can be read, oldest first."""
    found = []
    for folder in _folders(index):
        try:
            Manifest.read(folder)
        except (OSError, ValueError):
            continue
        found.append(folder)
    return found


def newest_first(index: Path) -> list[Path]:
    """Return the generations whose manifest can be read: the current one, then the others."""
    found = finished(index)[::-1]
    with suppress(IndexUnavailable):
        now = current(index)
        found.sort(key=lambda folder: folder != now)
    return found


def _checksum(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _folders(index: Path) -> list[Path]:
    """Return the folders of all generations, finished or not, oldest first."""
    with suppress(FileNotFoundError):
        # Not by glob, which takes a folder that can't be listed for an empty one.
        return sorted(path for path in (index / _FOLDER).iterdir() if path.name.isdigit())
    return []
