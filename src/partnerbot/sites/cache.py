"""The pages that were fetched, as files that are indexed like the documents, and what is known of them."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, Self, TypeVar
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from partnerbot.durable import remedy, write_bytes
from partnerbot.errors import SyncFailed, SyncUnderWay
from partnerbot.sites.fetching import Version
from partnerbot.sites.listings import NOTHING_STATED, Listing, Stated
from partnerbot.sites.web_addresses import site_of

RECORDS = ".addresses.sqlite"
"""File of a synced folder in which is kept what is known of each page."""

_LONGEST_NAME = 60  # characters; only for people who look into the folder

Known = TypeVar("Known")


@dataclass(frozen=True)
class Page:
    """What is known of one address.

    `source`: what listed it. `claimed`: the address that it states as its canonical one, else where it was
    found. `public`: where visitors find it; None for another address of a page that is shown already.
    `file`: its document below the cache's folder. `modified`: what the sitemap said when it was fetched.
    `misses`: how often in a row it was gone. `pdfs`: what it links to, on whatever host. `stated`: the
    metadata that its listing stated then.
    """

    address: str
    source: str
    claimed: str
    public: str | None
    file: str
    version: Version
    modified: str | None = None
    misses: int = 0
    pdfs: tuple[str, ...] = ()
    stated: Stated = NOTHING_STATED


@dataclass(frozen=True)
class Refusal:
    """Why an address's content was refused, what its sitemap said then, and until when that stands."""

    reason: str
    modified: str | None
    until: date


class KnownAddresses(Generic[Known]):
    """What is known of addresses, as JSON in a table."""

    def __init__(self, connection: sqlite3.Connection, table: str, kind: type[Known]) -> None:
        self._connection = connection
        self._table = table
        self._form = TypeAdapter(kind)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (address TEXT PRIMARY KEY, known TEXT)")

    def all(self) -> list[Known]:
        rows = self._connection.execute(f"SELECT known FROM {self._table} ORDER BY address")
        return [self._form.validate_json(known) for (known,) in rows]

    def get(self, address: str) -> Known | None:
        row = self._connection.execute(f"SELECT known FROM {self._table} WHERE address = ?", (address,))
        found = row.fetchone()
        return None if found is None else self._form.validate_json(found[0])

    def keep(self, address: str, known: Known) -> None:
        self._connection.execute(
            f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?)",
            (address, self._form.dump_json(known).decode()),
        )

    def forget(self, address: str) -> None:
        self._connection.execute(f"DELETE FROM {self._table} WHERE address = ?", (address,))


class PageCache:
    """The folder, while a sync writes to it; what is known of pages, listings and refused content."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.pages = KnownAddresses(connection, "page", Page)
        self.listings = KnownAddresses(connection, "listed", Listing)
        self.refusals = KnownAddresses(connection, "refusal", Refusal)

    @classmethod
    @contextmanager
    def writing(cls, folder: Path) -> Iterator[Self]:
        """Hold the folder: one sync at a time.

        Raises: SyncUnderWay if another has it; SyncFailed if it can't be written.
        """
        lock = FileLock(folder / ".lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise SyncUnderWay(
                f"Another sync is writing to {folder}/. Nothing was changed. Run again when it has ended."
            ) from None
        except OSError as error:
            raise _not_written(folder, error) from error
        try:
            with closing(sqlite3.connect(folder / RECORDS, isolation_level=None)) as connection:
                yield cls(folder, connection)
        except (sqlite3.Error, OSError) as error:
            raise _not_written(folder, error) from error
        finally:
            lock.release()

    def keep(self, page: Page) -> None:
        before = self.pages.get(page.address)
        self.pages.keep(page.address, page)
        if before is not None and before.file != page.file:
            self._remove(before.file)

    def forget(self, page: Page) -> None:
        self.pages.forget(page.address)
        self._remove(page.file)

    def file_for(self, address: str, suffix: str) -> str:
        """Return the name of an address's document, always the same: readable, and unlike any other's."""
        path = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2]
        name = re.sub(r"[^A-Za-z0-9]+", "-", path.rsplit(".", 1)[0]).strip("-").lower()[:_LONGEST_NAME]
        digest = hashlib.sha256(address.encode()).hexdigest()[:12]
        site = re.sub(r"[^A-Za-z0-9.-]", "_", site_of(address))
        return f"{site}/{name or 'index'}-{digest}{suffix}"

    def write(self, file: str, content: bytes) -> None:
        """Write a document in one step: who reads it finds the old one or the new one, whole."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        # On the disk before the record, which says that the page need not be fetched.
        write_bytes(path, content)

    def holds(self, file: str) -> bool:
        """Tell whether a document is there: it may have been deleted, or be empty after a power cut."""
        path = self.folder / file
        return path.is_file() and path.stat().st_size > 0

    def read(self, file: str) -> bytes | None:
        """Return a document as it was written; None if it is not there."""
        path = self.folder / file
        return path.read_bytes() if path.is_file() else None

    def _remove(self, file: str) -> None:
        """Remove a document, and what stands beside it, once no record has it any more."""
        for name in (file, f"{file}.yaml"):
            (self.folder / name).unlink(missing_ok=True)


def synced_files(folder: Path) -> dict[str, Path] | None:
    """Return the files of the fetched pages by public address; None if there are no records of any.

    Raises: SyncFailed if the records can't be read.
    """
    records = folder / RECORDS
    if not records.is_file():
        return None
    try:
        # Not read-only: what a sync that was killed had half written, SQLite takes back at the next reading.
        with closing(sqlite3.connect(f"{records.resolve().as_uri()}?mode=rw", uri=True)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'page'").fetchall():
                return None
            rows = connection.execute(
                "SELECT json_extract(known, '$.public') AS public, json_extract(known, '$.file') FROM page "
                "WHERE public IS NOT NULL ORDER BY public"
            ).fetchall()
    except sqlite3.OperationalError as error:
        raise SyncFailed(
            f"What is known of the pages in {folder}/ can't be read ({error}). Nothing is lost. Check the "
            "owner and permissions of that folder, then run: partnerbot sync"
        ) from error
    except sqlite3.Error as error:
        raise SyncFailed(
            f"What is known of the pages in {folder}/ is damaged ({error}). The index stays as it is. Remove "
            f"{records}, then run: partnerbot sync, which fetches them again"
        ) from error
    return {public: folder / file for public, file in rows}


def _not_written(folder: Path, error: Exception) -> SyncFailed:
    return SyncFailed(
        f"{folder}/ can't be written ({error}). {remedy(error)}; then run again: partnerbot sync"
    )
