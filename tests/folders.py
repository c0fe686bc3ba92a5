"""Documents in files and folders, read as the indexer reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from langchain_core.documents import Document

from partnerbot.documents.loading import SkippedFile, load_document, survey
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import DocumentRejected


class LoadedDocuments(NamedTuple):
    """The documents that could be read, and the files that could not, each in order of source."""

    documents: list[Document]
    skipped: list[SkippedFile]


def load_documents(root: Path, on_file: Callable[[str], None] = lambda _: None) -> LoadedDocuments:
    """Read a folder; `on_file` is called with the source of each file as it is done."""
    found = survey(root)
    loaded = LoadedDocuments([], list(found.skipped))
    with DocumentReader() as reading:
        for source, path in found.files.items():
            try:
                loaded.documents.append(reading.document(path, source))
            except DocumentRejected as reason:
                loaded.skipped.append(SkippedFile(source, str(reason)))
            on_file(source)
    loaded.skipped.sort(key=lambda file: file.source)
    return loaded


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, and the folders it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def load_one(folder: Path, name: str, content: str | bytes) -> tuple[str, dict[str, object]]:
    """Write one document into a folder, and return its text and metadata."""
    document = load_document(write(folder / name, content), name)
    return document.page_content, document.metadata
