"""The index that questions are answered from: reopened by itself when another generation becomes current."""

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from partnerbot.errors import IndexDamaged, IndexUnavailable
from partnerbot.index import generations
from partnerbot.index.search import Index
from partnerbot.index.server import ChromaServer
from partnerbot.index.spellings import Names
from partnerbot.models.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_FOLLOWED_EVERY_SECONDS = 1.0

_SERVER_ASKED_EVERY_SECONDS = 1.0
"""So that not every question asks a server for its pointer."""


@dataclass(frozen=True)
class Readiness:
    """What is answered from; `languages` counts documents."""

    documents: int
    passages: int
    model: str
    languages: dict[str, int]
    generation: str
    built_at: str
    age_seconds: int
    megabytes: float
    """What the generation occupies on the disk, in MB of 10^6 bytes."""
    written: dict[str, int] | None = None
    """How many answers of a language model ended how since the start; None without one."""

    @classmethod
    def of(cls, index: Index) -> Self:
        manifest = index.manifest
        built = datetime.fromisoformat(manifest.built_at)
        return cls(
            documents=manifest.documents,
            passages=manifest.passages,
            model=manifest.model,
            languages=manifest.languages,
            generation=index.folder.name,
            built_at=manifest.built_at,
            age_seconds=round((datetime.now(UTC) - built).total_seconds()),
            megabytes=round(index.size_bytes / 1e6, 1),
        )


class CurrentIndex:
    """The current generation of the index folder, or of a server. Safe to use from several threads."""

    def __init__(
        self, index: Path, model: EmbeddingModel, glossary: Names, url: str = "", token: str = ""
    ) -> None:
        """`glossary`: the owner's names. `url`, `token`: of a server that has the index, if one has."""
        self._folder = index
        self._server = ChromaServer(url, token) if url else None
        self._model = model
        self._glossary = glossary
        self._asking = threading.Lock()
        self._asked_at = float("-inf")
        self._current = ""
        self._index: Index | None = None
        self._failure: IndexUnavailable | None = None

    def get(self) -> Index:
        """Return the index, reopened if another generation has become current meanwhile.

        What is open goes on answering while the next generation is being opened, or if it
        can't be: if the index folder is gone, say.
        """
        # Whoever comes second need not wait: a question that begins now may be answered as before.
        if self._asking.acquire(blocking=self._index is None):
            try:
                pause = 0.0 if self._server is None else _SERVER_ASKED_EVERY_SECONDS
                if time.monotonic() - self._asked_at >= pause:
                    self._follow()
                    self._asked_at = time.monotonic()
            finally:
                self._asking.release()
        if self._index is None:
            assert self._failure is not None
            raise self._failure
        return self._index

    def follow(self) -> None:
        """Take new generations over as they come, for as long as the process lives.

        Questions find a new generation by themselves; this opens it before one has to wait for that.
        """

        def follow() -> None:
            while True:
                time.sleep(_FOLLOWED_EVERY_SECONDS)
                # While there is no index at all, whoever asks is told so.
                with contextlib.suppress(IndexUnavailable):
                    self.get()

        threading.Thread(target=follow, name="index-follower", daemon=True).start()

    def _follow(self) -> None:
        """Take over what is current, or go on with what is open; why that is so is logged once."""
        unforeseen: Exception | None = None
        try:
            current = self._name()
            if current != self._current:
                if self._server is None:
                    opened = Index.open(self._folder, self._model)
                else:
                    opened = self._server.patient().opened(current, self._model, self._index)
                opened = opened.knowing(self._glossary)
                opened.load()
                # The generation before is let go when the last request that reads it ends.
                self._index, self._current = opened, current
            self._failure = None
            return
        except IndexUnavailable as error:
            failure = error
        except Exception as error:  # what a server has may be garbled in any way
            failure = IndexDamaged(
                f"The current generation can't be opened ({type(error).__name__}: {error}). "
                "Run: partnerbot index"
            )
            failure.__cause__ = unforeseen = error
        if self._index is not None and str(failure) != str(self._failure):
            name = self._index.folder.name
            _log.error("Generation %s goes on answering, because: %s", name, failure, exc_info=unforeseen)
        self._failure = failure

    def _name(self) -> str:
        """Return what tells the current generation from all others. Raises: IndexUnavailable."""
        if self._server is None:
            folder = generations.current(self._folder)
            # An index folder that was deleted and built anew counts its generations from 1 again.
            return f"{folder} {folder.stat().st_ctime_ns}"
        # Once only where something is open: a question that comes while the server is away needn't wait.
        found = self._server.current(patiently=self._index is None)
        if found is None:
            raise IndexUnavailable(f"There is no index on {self._server.url} yet. Run: partnerbot index")
        return found
