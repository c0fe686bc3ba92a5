"""The cleaned documents and where their passages lie in them, in one SQLite file.

Passages are kept as offsets: their text is always cut out of the document itself, so a
quote can't differ from its source.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.indexing.passages import Passage

_SCHEMA = """
CREATE TABLE document (
    source TEXT PRIMARY KEY, text TEXT NOT NULL, metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE passage (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL REFERENCES document,
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    context_first INTEGER NOT NULL, context_last INTEGER NOT NULL
);
CREATE INDEX passage_source ON passage (source);
"""

_VARIABLES = 500
"""Ids a query: SQLite builds allow at least 999 variables."""


class TextStore:
    """Documents by source, passages by row (the order of the lexical index) and by id."""

    def __init__(self, path: Path) -> None:
        """Open a file that `write` made, for reading.

        Raises: sqlite3.DatabaseError if it is missing or not such a file.
        """
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        rows = self._query("SELECT row, id FROM passage ORDER BY row")
        self._rows: dict[str, int] = {id: row for row, id in rows}

    @staticmethod
    def write(path: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        """Write documents and their passages, in row order."""
        connection = sqlite3.connect(path)
        try:
            with connection:
                connection.executescript(_SCHEMA)
                connection.executemany(
                    "INSERT INTO document VALUES (?, ?, ?)",
                    (
                        (document.metadata[SOURCE], document.page_content, json.dumps(document.metadata))
                        for document in documents
                    ),
                )
                connection.executemany(
                    "INSERT INTO passage VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        (row, p.id, p.source, p.start, p.end, p.context_start, p.context_end)
                        for row, p in enumerate(passages)
                    ),
                )
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

    def passages_of(self, source: str) -> list[Passage]:
        """Return the passages of one document, in order; empty if there is no such document."""
        ids = [
            id for (id,) in self._query("SELECT id FROM passage WHERE source = ? ORDER BY first", (source,))
        ]
        return [found for id, found in self.passages(ids).items()]

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages with those ids, in their order."""
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), _VARIABLES):
            part = ids[start : start + _VARIABLES]
            marks = ",".join("?" * len(part))
            rows = self._query(
                "SELECT id, source, first, last, context_first, context_last, "
                "substr(text, first + 1, last - first), "
                "substr(text, context_first + 1, context_last - context_first), metadata "
                f"FROM passage JOIN document USING (source) WHERE id IN ({marks})",
                part,
            )
            found.update((row[0], _passage(*row)) for row in rows)
        return {id: found[id] for id in ids}

    def row(self, id: str) -> int:
        """Return the row of a passage in the lexical index."""
        return self._rows[id]

    def ids(self) -> list[str]:
        """Return the passages' ids in row order."""
        return list(self._rows)

    def languages(self) -> list[str]:
        """Return the passages' languages in row order."""
        query = (
            f"SELECT json_extract(metadata, '$.{LANGUAGE}') "
            "FROM passage JOIN document USING (source) ORDER BY row"
        )
        return [language for (language,) in self._query(query)]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _query(self, sql: str, parameters: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, tuple(parameters)).fetchall()


def _passage(
    id: str,
    source: str,
    first: int,
    last: int,
    context_first: int,
    context_last: int,
    text: str,
    context: str,
    metadata: str,
) -> Passage:
    known = json.loads(metadata)
    return Passage(
        id=id,
        source=source,
        language=known[LANGUAGE],
        text=text,
        start=first,
        end=last,
        context=context,
        context_start=context_first,
        context_end=context_last,
        title=known[TITLE],
    )
