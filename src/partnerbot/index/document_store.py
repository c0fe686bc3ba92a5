"""The cleaned documents and where their passages lie in them, in one SQLite file.

Passages are kept as offsets: their text is always cut out of the document itself, so a
quote can't differ from its source. Files that could not be read are kept here too, with
what they held, so that they aren't tried again before they change; a document of the same
source is then the version before.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.index.embedding_cache import key_numbers
from partnerbot.index.passages import Passage

FILE = "texts.sqlite"

_SCHEMA = """
CREATE TABLE document (
    source TEXT PRIMARY KEY, digest TEXT NOT NULL, language TEXT NOT NULL,
    text TEXT NOT NULL, metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE passage (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL REFERENCES document,
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    context_first INTEGER NOT NULL, context_last INTEGER NOT NULL,
    sentence_key BLOB NOT NULL, context_key BLOB NOT NULL
);
CREATE TABLE rejected (
    source TEXT PRIMARY KEY, digest TEXT NOT NULL, reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TEMP TABLE kept (source TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE fresh (
    id TEXT, source TEXT, first INTEGER, last INTEGER,
    context_first INTEGER, context_last INTEGER, sentence_key BLOB, context_key BLOB
);
"""

_INDICES = (
    "CREATE UNIQUE INDEX passage_id ON passage (id)",
    "CREATE INDEX passage_source ON passage (source)",
)
"""Made when the rows are there, which takes half the time."""

_PLACE = "id, source, first, last, context_first, context_last"
_PASSAGE = f"{_PLACE}, sentence_key, context_key"

_VARIABLES = 500
"""Ids a query: SQLite builds allow at least 999 variables."""


class Keys(NamedTuple):
    """What a passage's two vectors are known by: digests of the model and the text embedded."""

    sentence: bytes
    context: bytes


@dataclass(frozen=True)
class IndexedDocument:
    """A document with its passages, their keys in the same order, and the digest of its file."""

    document: Document
    digest: str
    passages: Sequence[Passage]
    keys: Sequence[Keys]


@dataclass(frozen=True)
class RejectedFile:
    """A file that could not be read: what it held, and why not."""

    source: str
    digest: str
    reason: str


class TextStore:
    """Documents by source, passages by row (the order of the lexical index) and by id."""

    def __init__(self, path: Path) -> None:
        """Open a file that `write` made, for reading.

        Raises: sqlite3.DatabaseError if it is missing or not such a file.
        """
        self._path = path
        self._connection = sqlite3.connect(_read_only(path), uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        ids = self._query("SELECT id FROM passage ORDER BY row")
        self._rows: dict[str, int] = {id: row for row, (id,) in enumerate(ids)}
        # Rows are in order of source, so its passages need only be counted, not read.
        counted = self._query("SELECT source, count(*) FROM passage GROUP BY source ORDER BY source")
        self._counted: list[tuple[str, int]] = counted

    @staticmethod
    def write(
        path: Path,
        fresh: Iterable[IndexedDocument],
        rejected: Iterable[RejectedFile] = (),
        previous: TextStore | None = None,
        kept: Collection[str] = (),
    ) -> None:
        """Write fresh documents, and those `kept` of a previous file, as they are there.

        Rows are in order of source and place, so they don't depend on what was kept.
        """
        connection = sqlite3.connect(path.resolve().as_uri(), uri=True, isolation_level=None)
        try:
            # A file that isn't finished is never read, so there is nothing to roll back to.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_SCHEMA)
            if previous is not None:
                connection.execute("ATTACH ? AS old", (_read_only(previous._path),))
            connection.execute("BEGIN")
            passages = f"SELECT {_PASSAGE} FROM fresh"
            if previous is not None and kept:
                connection.executemany("INSERT INTO kept VALUES (?)", ((source,) for source in kept))
                connection.execute(
                    "INSERT INTO document SELECT * FROM old.document "
                    "WHERE source IN (SELECT source FROM kept)"
                )
                passages += (
                    f" UNION ALL SELECT {_PASSAGE} FROM old.passage WHERE source IN (SELECT source FROM kept)"
                )
            for one in fresh:
                known = one.document.metadata
                connection.execute(
                    "INSERT INTO document VALUES (?, ?, ?, ?, ?)",
                    (
                        known[SOURCE],
                        one.digest,
                        known[LANGUAGE],
                        one.document.page_content,
                        json.dumps(known),
                    ),
                )
                connection.executemany(
                    "INSERT INTO fresh VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        (
                            p.id,
                            p.source,
                            p.start,
                            p.end,
                            p.context_start,
                            p.context_end,
                            k.sentence,
                            k.context,
                        )
                        for p, k in zip(one.passages, one.keys, strict=True)
                    ),
                )
            connection.execute(
                f"INSERT INTO passage ({_PASSAGE}) SELECT {_PASSAGE} FROM ({passages}) ORDER BY source, first"
            )
            connection.executemany(
                "INSERT INTO rejected VALUES (?, ?, ?)",
                ((file.source, file.digest, file.reason) for file in rejected),
            )
            for statement in _INDICES:
                connection.execute(statement)
            connection.execute("COMMIT")
        finally:
            connection.close()

    def document(self, source: str) -> Document:
        """Return one cleaned document. Raises: KeyError if the index has none of that name."""
        rows = self._query("SELECT text, metadata FROM document WHERE source = ?", (source,))
        if not rows:
            raise KeyError(source)
        text, metadata = rows[0]
        return Document(page_content=text, metadata=json.loads(metadata))

    def documents(self) -> list[Document]:
        """Return every document's metadata, in order of source, without its text."""
        return [
            Document(page_content="", metadata=json.loads(metadata))
            for (metadata,) in self._query("SELECT metadata FROM document ORDER BY source")
        ]

    def digests(self) -> dict[str, str]:
        """Return the digest of every document's file, by source."""
        return dict(self._query("SELECT source, digest FROM document ORDER BY source"))

    def digest(self, source: str) -> str:
        """Return the digest of one document's file. Raises: KeyError if the index has none of that name."""
        rows = self._query("SELECT digest FROM document WHERE source = ?", (source,))
        if not rows:
            raise KeyError(source)
        return str(rows[0][0])

    def rejected(self) -> dict[str, RejectedFile]:
        """Return the files that could not be read, by source."""
        rows = self._query("SELECT source, digest, reason FROM rejected ORDER BY source")
        return {row[0]: RejectedFile(*row) for row in rows}

    def document_languages(self) -> dict[str, int]:
        """Return the number of documents by language."""
        return dict(
            self._query("SELECT language, count(*) FROM document GROUP BY language ORDER BY language")
        )

    def passages_of(self, source: str) -> list[Passage]:
        """Return the passages of one document, in order; empty if there is no such document."""
        return self._passages(
            self._query(f"SELECT {_PLACE} FROM passage WHERE source = ? ORDER BY first", (source,))
        )

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages with those ids, in their order."""
        rows: list[tuple[Any, ...]] = []
        for start in range(0, len(ids), _VARIABLES):
            part = ids[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            rows += self._query(f"SELECT {_PLACE} FROM passage WHERE id IN ({marks})", part)
        found = {passage.id: passage for passage in self._passages(rows)}
        return {id: found[id] for id in ids}

    def _passages(self, rows: Iterable[tuple[Any, ...]]) -> list[Passage]:
        """Cut passages out of their documents, each of which is read once.

        SQLite's `substr` counts the characters from the text's beginning for every passage.
        """
        documents: dict[str, Document] = {}
        found = []
        for id, source, first, last, context_first, context_last in rows:
            document = documents.get(source) or documents.setdefault(source, self.document(source))
            text, known = document.page_content, document.metadata
            context = text[context_first:context_last]
            found.append(
                Passage(
                    id=id,
                    source=source,
                    language=known[LANGUAGE],
                    text=text[first:last],
                    start=first,
                    end=last,
                    context=context,
                    context_start=context_first,
                    context_end=context_last,
                    title=known[TITLE],
                )
            )
        return found

    def keys(self) -> NDArray[np.uint64]:
        """Return what the passages' vectors are known by: [passages, 4], in row order.

        The first two numbers are the sentence's key, the others the context's (`key_numbers`).
        """
        rows = self._query("SELECT sentence_key, context_key FROM passage ORDER BY row")
        return key_numbers(b"".join(chain.from_iterable(rows))).reshape(-1, 4)

    def keys_of(self, source: str) -> dict[str, Keys]:
        """Return the keys of one document's passages, by id."""
        rows = self._query("SELECT id, sentence_key, context_key FROM passage WHERE source = ?", (source,))
        return {id: Keys(sentence, context) for id, sentence, context in rows}

    def row(self, id: str) -> int:
        """Return the row of a passage in the lexical index."""
        return self._rows[id]

    def rows(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the rows of passages, in the order of their ids."""
        return np.fromiter(map(self._rows.__getitem__, ids), np.intp, len(ids))

    def ids(self) -> list[str]:
        """Return the passages' ids in row order."""
        return list(self._rows)

    def sources(self) -> list[str]:
        """Return the passages' sources in row order."""
        return self._for_each_passage({source: source for source, _ in self._counted})

    def places(self) -> dict[str, slice]:
        """Return the rows of every document's passages, by its source."""
        ends = accumulate(count for _, count in self._counted)
        return {
            source: slice(end - count, end) for (source, count), end in zip(self._counted, ends, strict=True)
        }

    def languages(self) -> list[str]:
        """Return the passages' languages in row order."""
        # Not joined by SQLite, which would look every passage's document up, its whole text beside it.
        of_source = dict(self._query("SELECT source, language FROM document"))
        return self._for_each_passage(of_source)

    def lengths(self) -> NDArray[np.intp]:
        """Return the passages' lengths in characters, in row order."""
        rows = self._query("SELECT last - first FROM passage ORDER BY row")
        return np.fromiter(chain.from_iterable(rows), np.intp, len(rows))

    def check(self) -> str | None:
        """Return what SQLite finds wrong with the file, or None."""
        found = self._query("PRAGMA quick_check(1)")[0][0]
        return None if found == "ok" else str(found)

    def close(self) -> None:
        """Close the file, after what is being asked of it."""
        with self._lock:
            self._connection.close()

    def _for_each_passage(self, of_source: Mapping[str, str]) -> list[str]:
        return list(chain.from_iterable(repeat(of_source[source], count) for source, count in self._counted))

    def _query(self, sql: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, tuple(parameters)).fetchall()


def _read_only(path: Path) -> str:
    # Immutable: SQLite needs no lock on what is never written again.
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"
