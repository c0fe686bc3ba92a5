"""The index that questions are answered from: reopened by itself when another generation becomes current."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from partnerbot.errors import IndexDamaged, IndexUnavailable
from partnerbot.index.library import Library
from partnerbot.index.search import Index
from partnerbot.index.spellings import Names
from partnerbot.models.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_FOLLOWED_EVERY_SECONDS = 1.0


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
    def of(cls, index: Index) -> Readiness:
        """Return what there is to say of an open index."""
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
    """The current generation of a library. Safe to use from several threads."""

    def __init__(self, library: Library, model: EmbeddingModel, glossary: Names) -> None:
        """`glossary`: names that the owner states besides ours."""
        self._library = library
        self._model = model
        self._glossary = glossary
        self._opening = threading.Lock()
        self._index: Index | None = None
        self._complained: str | None = None

    def get(self) -> Index:
        """Return the index, reopened if another generation has become current meanwhile.

        What is open goes on answering while the next generation is being opened, or if it
        can't be: if the index folder is gone, say.
        """
        index = self._index
        try:
            if index is not None and self._library.is_current(index):
                return index
        except IndexUnavailable as error:
            return self._kept(error)
        except Exception as error:  # what a server has may be garbled in any way
            return self._kept(_not_openable(error), error)
        # Whoever comes second need not wait: a question that begins now may be answered as before.
        if not self._opening.acquire(blocking=index is None):
            assert index is not None
            return index
        try:
            return self._reopened()
        except IndexUnavailable as error:
            return self._kept(error)
        except Exception as error:
            return self._kept(_not_openable(error), error)
        finally:
            self._opening.release()

    def follow(self) -> None:
        """Take new generations over as they come, for as long as the process lives.

        Questions find a new generation by themselves; this opens it before one has to wait for that.
        """
        threading.Thread(target=self._follow, name="index-follower", daemon=True).start()

    def _reopened(self) -> Index:
        if self._index is None or not self._library.is_current(self._index):
            # The generation before is let go when the last request that reads it ends.
            self._index = self._library.open(self._model, self._glossary)
        self._complained = None
        return self._index

    def _kept(self, error: IndexUnavailable, unforeseen: Exception | None = None) -> Index:
        """Go on with the index that is open; why is logged once, with where if it was `unforeseen`."""
        if self._index is None:
            raise error from unforeseen
        if self._complained != str(error):
            self._complained = str(error)
            name = self._index.folder.name
            _log.error("Generation %s goes on answering, because: %s", name, error, exc_info=unforeseen)
        return self._index

    def _follow(self) -> None:
        while True:
            time.sleep(_FOLLOWED_EVERY_SECONDS)
            # While there is no index at all, whoever asks is told so.
            with contextlib.suppress(IndexUnavailable):
                self.get()


def _not_openable(error: Exception) -> IndexDamaged:
    return IndexDamaged(
        f"The current generation can't be opened ({type(error).__name__}: {error}). Run: partnerbot index"
    )
