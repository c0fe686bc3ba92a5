"""The pages that were fetched, as files that are indexed like the documents, and what is known of them."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from partnerbot.durable import remedy, write_bytes
from partnerbot.errors import SyncFailed, SyncUnderWay
from partnerbot.sites.fetching import Version
from partnerbot.sites.listings import NOTHING_STATED, Entry, Listing, Stated
from partnerbot.sites.synced import RECORDS
from partnerbot.sites.web_addresses import site_of

_TABLES = """
CREATE TABLE IF NOT EXISTS page (
    address TEXT PRIMARY KEY, source TEXT NOT NULL, public TEXT NOT NULL, file TEXT,
    reached TEXT NOT NULL, etag TEXT, last_modified TEXT, modified TEXT, misses INTEGER NOT NULL,
    pdfs TEXT NOT NULL, stated TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS listing (
    address TEXT PRIMARY KEY, reached TEXT NOT NULL, etag TEXT, last_modified TEXT, content TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusal (
    address TEXT PRIMARY KEY, reason TEXT NOT NULL, modified TEXT, until TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS completion (since TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gone (public TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS distrusted (public TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_COLUMNS = "address, source, public, file, reached, etag, last_modified, modified, misses, pdfs, stated"
_LONGEST_NAME = 60  # characters; only for people who look into the folder


@dataclass(frozen=True)
class Page:
    """What is known of one address.

    `source`: what listed it. `public`: where visitors find it. `file`: its document below the
    cache's folder, None if it has none, because another address has the same page.
    `modified`: what the sitemap said when it was fetched. `misses`: how often in a row it
    was gone. `pdfs`: what it links to, on whatever host. `stated`: the metadata that its listing stated then.
    """

    address: str
    source: str
    public: str
    file: str | None
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


class PageCache:
    """The folder, while a sync writes to it."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    @classmethod
    @contextmanager
    def writing(cls, folder: Path) -> Iterator[PageCache]:
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
                connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
                yield cls(folder, connection)
        except (sqlite3.Error, OSError) as error:
            raise _not_written(folder, error) from error
        finally:
            lock.release()

    def pages(self) -> list[Page]:
        """Return what is known of every address."""
        return [
            _page(row) for row in self._connection.execute(f"SELECT {_COLUMNS} FROM page ORDER BY address")
        ]

    def page(self, address: str) -> Page | None:
        """Return what is known of an address."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM page WHERE address = ?", (address,)
        ).fetchone()
        return None if row is None else _page(row)

    def keep(self, page: Page) -> None:
        """Remember what is known of an address."""
        version = page.version
        self._connection.execute(
            f"INSERT OR REPLACE INTO page ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                page.address,
                page.source,
                page.public,
                page.file,
                version.address,
                version.etag,
                version.last_modified,
                page.modified,
                page.misses,
                json.dumps(page.pdfs, ensure_ascii=False),
                json.dumps(asdict(page.stated), ensure_ascii=False),
            ),
        )
        if page.file is not None:
            self._connection.execute("DELETE FROM gone WHERE public = ?", (page.public,))

    def forget(self, page: Page) -> None:
        """Remove an address, and its document unless another address has the same page, and so takes it over.

        That one is asked in full next time.
        """
        with self._at_once():
            file = self._forget(page)
        self._remove(file)

    def replace(self, page: Page, new: Page) -> None:
        """Know an address by another document; the one before goes as if its address were forgotten."""
        with self._at_once():
            file = self._forget(page)
            self.keep(new)
        self._remove(file if file != new.file else None)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Have all changes made, or none if the process is killed."""
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def _forget(self, page: Page) -> str | None:
        """Remove an address from the records; returns its document, if no other address has it."""
        self._connection.execute("DELETE FROM page WHERE address = ?", (page.address,))
        self._connection.execute(
            "UPDATE page SET etag = NULL, last_modified = NULL, modified = NULL WHERE public = ?",
            (page.public,),
        )
        if page.file is None or self._is_document_of_any(page.file):
            return None
        heir = self._connection.execute("SELECT min(address) FROM page WHERE public = ?", (page.public,))
        (address,) = heir.fetchone()
        if address is not None:
            self._connection.execute("UPDATE page SET file = ? WHERE address = ?", (page.file, address))
            return None
        self._connection.execute("INSERT OR REPLACE INTO gone VALUES (?)", (page.public,))
        return page.file

    def document_of(self, public: str) -> str | None:
        """Return the document of a page, whichever of its addresses has it."""
        query = "SELECT min(file) FROM page WHERE public = ?"
        (file,) = self._connection.execute(query, (public,)).fetchone()
        return None if file is None else str(file)

    def distrust(self, public: str) -> None:
        """Remember that different pages state an address as the canonical one."""
        self._connection.execute("INSERT OR REPLACE INTO distrusted VALUES (?)", (public,))

    def distrusted(self) -> set[str]:
        """Return the canonical addresses that different pages have stated."""
        return {str(public) for (public,) in self._connection.execute("SELECT public FROM distrusted")}

    def complete(self, today: date) -> None:
        """Remember that a sync has gone through: from now on, a page that isn't known isn't there."""
        self._connection.execute(
            "INSERT INTO completion SELECT ? WHERE NOT EXISTS (SELECT 1 FROM completion)",
            (today.isoformat(),),
        )
        self._connection.execute("DELETE FROM gone")

    def _is_document_of_any(self, file: str) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM page WHERE file = ?)"
        return bool(self._connection.execute(query, (file,)).fetchone()[0])

    def refusal(self, address: str) -> Refusal | None:
        """Return why an address's content was refused when it was last asked; None if it was not."""
        row = self._connection.execute(
            "SELECT reason, modified, until FROM refusal WHERE address = ?", (address,)
        ).fetchone()
        return None if row is None else Refusal(row[0], row[1], date.fromisoformat(row[2]))

    def refuse(self, address: str, refusal: Refusal) -> None:
        """Remember why an address's content was refused."""
        self._connection.execute(
            "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?, ?)",
            (address, refusal.reason, refusal.modified, refusal.until.isoformat()),
        )

    def listing(self, address: str) -> tuple[Listing, Version] | None:
        """Return what a sitemap or feed listed when it was last fetched."""
        row = self._connection.execute(
            "SELECT content, reached, etag, last_modified FROM listing WHERE address = ?", (address,)
        ).fetchone()
        if row is None:
            return None
        known = json.loads(row[0])
        entries = tuple(
            Entry(one["address"], one["modified"], one["published"], tuple(one["alternates"]))
            for one in known["entries"]
        )
        return Listing(entries, tuple(known["sitemaps"])), Version(*row[1:])

    def keep_listing(self, address: str, listing: Listing, version: Version) -> None:
        """Remember what a sitemap or feed lists."""
        self._connection.execute(
            "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?)",
            (
                address,
                version.address,
                version.etag,
                version.last_modified,
                json.dumps(asdict(listing), ensure_ascii=False),
            ),
        )

    def file_for(self, public: str, suffix: str) -> str:
        """Return the name of a page's document, always the same: readable, and unlike any other's."""
        path = unquote(urlsplit(public).path).rstrip("/").rpartition("/")[2]
        name = re.sub(r"[^A-Za-z0-9]+", "-", path.rsplit(".", 1)[0]).strip("-").lower()[:_LONGEST_NAME]
        digest = hashlib.sha256(public.encode()).hexdigest()[:12]
        site = re.sub(r"[^A-Za-z0-9.-]", "_", site_of(public))
        return f"{site}/{name or 'index'}-{digest}{suffix}"

    def write(self, file: str, content: bytes) -> None:
        """Write a document in one step: who reads it finds the old one or the new one, whole."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        # On the disk before the record, which says that the page need not be fetched.
        write_bytes(path, content)

    def holds(self, file: str) -> bool:
        """Tell whether a document is there: it may have been deleted, or be empty after a power cut."""
        try:
            return (self.folder / file).stat().st_size > 0
        except FileNotFoundError:
            return False

    def read(self, file: str) -> bytes | None:
        """Return a document as it was written; None if it is not there."""
        try:
            return (self.folder / file).read_bytes()
        except FileNotFoundError:
            return None

    def _remove(self, file: str | None) -> None:
        """Remove a document, and what stands beside it, once no record has it any more."""
        for name in () if file is None else (file, f"{file}.yaml"):
            (self.folder / name).unlink(missing_ok=True)


def _page(row: Sequence[str | int | None]) -> Page:
    address, source, public, file, reached, etag, last_modified, modified, misses, pdfs, stated = row
    return Page(
        address=str(address),
        source=str(source),
        public=str(public),
        file=None if file is None else str(file),
        version=Version(
            str(reached),
            None if etag is None else str(etag),
            None if last_modified is None else str(last_modified),
        ),
        modified=None if modified is None else str(modified),
        misses=int(misses or 0),
        pdfs=tuple(json.loads(str(pdfs))),
        stated=_stated(json.loads(str(stated))),
    )


def _stated(known: dict[str, Any]) -> Stated:
    return Stated(known["published"], tuple(known["alternates"]))


def _not_written(folder: Path, error: Exception) -> SyncFailed:
    return SyncFailed(
        f"{folder}/ can't be written ({error}). {remedy(error)}; then run again: partnerbot sync"
    )
