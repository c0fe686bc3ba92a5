"""Where the generations that are answered from come from: this machine's index folder, or a server."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

from partnerbot.durable import remedy
from partnerbot.errors import IndexDamaged, IndexUnavailable, IndexUnreachable
from partnerbot.index import chroma_server, generations
from partnerbot.index.chroma_server import ChromaServer
from partnerbot.index.search import Index
from partnerbot.index.spellings import Names
from partnerbot.models.embeddings import EmbeddingModel

_POINTER_LASTS_SECONDS = 1.0
"""How long what a server's pointer said is believed, so that not every question asks for it."""

_COPIES = "copies"


class Library(Protocol):
    """Generations of one index."""

    def current(self) -> Path:
        """Return the folder that an open index has if it is the current one. Raises: IndexUnavailable."""
        ...

    def is_current(self, index: Index) -> bool:
        """Whether that is what questions are to be answered from. Raises: IndexUnavailable."""
        ...

    def open(self, model: EmbeddingModel, glossary: Names) -> Index:
        """Open the current generation. Raises: IndexUnavailable; IndexMismatch."""
        ...


def library(index: Path, url: str, token: str) -> Library:
    """Return the library that the settings name; `index` is the index folder, or for a server its copies'."""
    return ServerLibrary(ChromaServer(url, token), index / _COPIES) if url else FolderLibrary(index)


class FolderLibrary:
    """The index folder."""

    def __init__(self, index: Path) -> None:
        self._index = index

    def current(self) -> Path:
        return generations.current(self._index)

    def is_current(self, index: Index) -> bool:
        # An index folder that was deleted and built anew counts its generations from 1 again.
        folder = self.current()
        return index.folder == folder and index.made == generations.made(folder)

    def open(self, model: EmbeddingModel, glossary: Names) -> Index:
        return Index.open(self._index, model, glossary)


class ServerLibrary:
    """A Chroma server. Texts and words are read from a copy in a folder, vectors are asked for."""

    def __init__(self, server: ChromaServer, copies: Path) -> None:
        self._server = server
        self._copies = copies
        self._asking = threading.Lock()
        self._known = ""
        self._opened = ""
        self._failure: IndexUnreachable | None = None
        self._asked_at = float("-inf")

    def current(self) -> Path:
        name = self._name()
        return self._copies / name / "generations" / name

    def is_current(self, index: Index) -> bool:
        return index.folder == self.current()

    def open(self, model: EmbeddingModel, glossary: Names) -> Index:
        name = self._name()
        try:
            index = self._open_copy(name, model, glossary)
        except IndexDamaged:
            # The server has it whole: the files of the archive add up to what was sent.
            chroma_server.remove_copy(self._copies, name)
            index = self._open_copy(name, model, glossary)
        chroma_server.remove_copies(self._copies, [name, self._opened])
        self._opened = name
        return index

    def _open_copy(self, name: str, model: EmbeddingModel, glossary: Names) -> Index:
        try:
            folder = chroma_server.fetch_copy(self._server, name, self._copies)
        except OSError as error:
            raise IndexUnavailable(
                f"A copy of generation {name} can't be kept in {self._copies}/ ({error}). {remedy(error)}."
            ) from error
        return Index.open_generation(
            self._copies / name, folder, model, glossary, lambda _: self._server.vectors(name)
        )

    def _name(self) -> str:
        """Return the current generation's name, as the server said within the last second."""
        with self._asking:
            if time.monotonic() - self._asked_at >= _POINTER_LASTS_SECONDS:
                self._failure = None
                try:
                    # Once only: a question that comes while the server is away has others to wait for.
                    self._known = chroma_server.current(self._server, patiently=not self._known)
                except IndexUnreachable as error:
                    self._failure = error
                self._asked_at = time.monotonic()
            if self._failure is not None:
                raise self._failure
            return self._known
