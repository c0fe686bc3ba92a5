"""What an index was built with and from, so that it can't be opened with something else."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from partnerbot.durable import write_text
from partnerbot.index.store import DATABASE
from partnerbot.index.store import FOLDER as STORE

FORMAT = 10
"""Version of the files a generation consists of."""

FILE = "manifest.json"


class Skipped(BaseModel):
    """A file that was not indexed, and why.

    `digest`: of what could not be read, so that it isn't tried again before it changes; empty for what
    must not or can't be opened at all.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    reason: str
    digest: str = ""


class Manifest(BaseModel):
    """Written last into a generation: a generation without one is unfinished."""

    model_config = ConfigDict(frozen=True)

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

    skipped: list[Skipped]

    withheld: dict[str, int]
    """How many sentences of a document, by its source, are never quoted because they give orders to a
    machine that reads them; documents that have some."""

    unread: dict[str, list[int]]
    """Pages of a document, by its source, that are pictures in which too little could be read."""

    golden: dict[str, bool] | None = None
    """The owner's golden questions, and whether this generation answered them rightly when it was verified.

    None if it was not asked."""

    files: dict[str, str]
    """The SHA-256 of every other file of the generation, by its path there."""

    checksum: str = ""
    """The SHA-256 of all the above."""

    def read_files(self) -> dict[str, str]:
        """Return those of `files` that answers are read from: all but Chroma's graphs."""
        return {
            path: digest
            for path, digest in self.files.items()
            if path == DATABASE or not path.startswith(f"{STORE}/")
        }

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        sealed = self.model_copy(update={"checksum": self._digest()})
        write_text(folder / FILE, sealed.model_dump_json(indent=2))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a generation's manifest. Raises: OSError; ValueError if it isn't what was written."""
        found = cls.model_validate_json((folder / FILE).read_text("utf-8"))
        if found.format == FORMAT and found.checksum != found._digest():
            raise ValueError("it has changed since it was written")
        return found

    def _digest(self) -> str:
        return hashlib.sha256(self.model_dump_json(exclude={"checksum"}).encode()).hexdigest()
