"""Where the generations that are answered from come from: this machine's index folder, or a server."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from partnerbot.errors import IndexUnavailable
from partnerbot.index import generations
from partnerbot.index.search import Index
from partnerbot.index.server import ChromaServer
from partnerbot.index.spellings import Names
from partnerbot.models.embeddings import EmbeddingModel

_POINTER_LASTS_SECONDS = 1.0
"""How long what a server's pointer said is believed, so that not every question asks for it."""


class FolderLibrary:
    """The generations of the index folder."""

    def __init__(self, index: Path) -> None:
        self._index = index

    def is_current(self, index: Index) -> bool:
        """Whether that is what questions are to be answered from. Raises: IndexUnavailable."""
        # An index folder that was deleted and built anew counts its generations from 1 again.
        folder = generations.current(self._index)
        return index.folder == folder and index.made == generations.made(folder)

    def open(self, model: EmbeddingModel, glossary: Names) -> Index:
        """Open the current generation. Raises: IndexUnavailable; IndexMismatch."""
        return Index.open(self._index, model, glossary)


class ServerLibrary:
    """The same of a Chroma server, from which generations are read into memory."""

    def __init__(self, server: ChromaServer) -> None:
        self._server = server
        self._asking = threading.Lock()
        self._known = ""
        self._failure: IndexUnavailable | None = None
        self._asked_at = float("-inf")
        self._opened: Index | None = None

    def is_current(self, index: Index) -> bool:
        return index.folder.name == self.current()

    def open(self, model: EmbeddingModel, glossary: Names) -> Index:
        self._opened = self._server.patient().opened(self.current(), model, glossary, self._opened)
        return self._opened

    def current(self) -> str:
        """Return the current generation's name, as the server said within the last second.

        Raises: IndexUnavailable if there is none; IndexUnreachable.
        """
        # Who comes while another asks need not wait for what it hears.
        if not self._asking.acquire(blocking=not self._known):
            return self._known
        try:
            if time.monotonic() - self._asked_at >= _POINTER_LASTS_SECONDS:
                self._failure = None
                try:
                    # Once only: a question that comes while the server is away has others to wait for.
                    found = self._server.current(patiently=not self._known)
                    if found is None:
                        raise IndexUnavailable(
                            f"There is no index on {self._server.url} yet. Run: partnerbot index"
                        )
                    self._known = found
                except IndexUnavailable as error:
                    self._failure = error
                self._asked_at = time.monotonic()
            if self._failure is not None:
                raise self._failure
            return self._known
        finally:
            self._asking.release()


Library = FolderLibrary | ServerLibrary


def library(index: Path, url: str, token: str) -> Library:
    """Return the library that the settings name: the index folder, or the server if there is a `url`."""
    return ServerLibrary(ChromaServer(url, token)) if url else FolderLibrary(index)
