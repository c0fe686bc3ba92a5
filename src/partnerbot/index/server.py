"""A Chroma server that several machines answer from: generations as collections, and a pointer to one.

    partnerbot.pointer                      its metadata: the generation that answers
    partnerbot.<generation>.documents       documents of a generation; its metadata: the manifest
    partnerbot.<language>.<view>            vectors by the keys of their texts, shared by generations
    partnerbot.writing                      there while a machine writes (publishing.py); who it is

Those who answer read a generation into memory (`opened`), of which they then need nothing from the server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import chromadb
import httpx
import numpy as np
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import InvalidArgumentError, NotFoundError

from partnerbot.errors import IndexUnavailable, IndexUnreachable
from partnerbot.index.lexical import words_of
from partnerbot.index.manifest import Manifest
from partnerbot.index.search import Index, check_fits
from partnerbot.index.spellings import Names
from partnerbot.index.store import DOCUMENTS, PREFIX, Store
from partnerbot.index.texts import VIEWS, Key, Matrices, Texts, Vectors, keyed_by
from partnerbot.models.embeddings import EmbeddingModel

T = TypeVar("T")

_POINTER = f"{PREFIX}.pointer"
_MANIFEST, _DERIVED = "manifest", "derived"

_PAUSES_SECONDS = (0.2, 0.5, 1.0)
"""Before each further try: a server that restarts, or a connection it closed, is no reason to fail."""

_ASKING = httpx.Timeout(5.0, connect=2.0)
_READING = httpx.Timeout(120.0, connect=5.0)


class ChromaServer:
    """A connection that is made when first needed, and made good when it is lost."""

    def __init__(self, url: str, token: str = "", timeout: httpx.Timeout = _ASKING) -> None:
        """`token`: sent with every request, for the proxy before the server to check."""
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
        self._timeout = timeout
        self._client: Any = None
        self._connecting = threading.Lock()

    def patient(self) -> ChromaServer:
        """Return a connection with the patience that reading or sending an index needs."""
        other = ChromaServer(self.url, timeout=_READING)
        other._headers = self._headers
        return other

    def ask(self, action: Callable[[Any], T], patiently: bool = True) -> T:
        """Do something with Chroma's client; what may pass is tried again, a few times if `patiently`.

        Raises: IndexUnreachable if the server can't be reached or refuses; NotFoundError and
            InvalidArgumentError as Chroma raises them.
        """
        for pause in (*(_PAUSES_SECONDS if patiently else ()), None):
            try:
                return action(self._connected())
            except (NotFoundError, InvalidArgumentError):
                raise
            except Exception as error:  # the client raises a bare Exception for what a proxy answers
                if pause is None or isinstance(error, httpx.ReadTimeout):
                    raise IndexUnreachable(
                        f"The Chroma server at {self.url} doesn't answer ({_short(error)}). It is asked "
                        "again with the next question. Check that it runs, and PARTNERBOT_INDEX_URL and "
                        "PARTNERBOT_INDEX_TOKEN."
                    ) from error
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def collection(self, name: str, patiently: bool = True) -> Any:
        """Return a collection, or None if there is none."""
        try:
            return self.ask(lambda client: client.get_collection(name, embedding_function=None), patiently)
        except NotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Delete a collection, if there is one of that name."""
        with suppress(NotFoundError):
            self.ask(lambda client: client.delete_collection(name))

    def current(self, patiently: bool = True) -> str | None:
        """Return the name of the generation that answers; None if there is none. Raises: IndexUnreachable."""
        found = self.collection(_POINTER, patiently)
        return None if found is None else str(found.metadata["generation"])

    def point(self, generation: str) -> None:
        """Make a generation the one that answers."""
        record = {"generation": generation}
        found = self.ask(lambda client: client.get_or_create_collection(_POINTER, embedding_function=None))
        self.ask(lambda _: found.modify(metadata=record))

    def seal(self, generation: str, manifest: Manifest, derived: str) -> None:
        """Keep the manifest, and what was derived, with the documents of a generation, which is whole now."""
        found = self.collection(f"{PREFIX}.{documents_of(generation)}")
        self.ask(lambda _: found.modify(metadata={_MANIFEST: manifest.model_dump_json(), _DERIVED: derived}))

    def read(self, generation: str) -> tuple[Manifest, Texts, str]:
        """Read a generation's manifest and texts, and what was derived from these.

        Raises: IndexUnavailable if the server doesn't have it whole; ValueError if it is garbled;
            IndexUnreachable.
        """
        found = self.collection(f"{PREFIX}.{documents_of(generation)}")
        if found is None or _MANIFEST not in (found.metadata or {}):
            raise IndexUnavailable(self._gone(generation))
        manifest = Manifest.model_validate_json(found.metadata[_MANIFEST])
        try:
            texts = Texts(Store(self.ask, documents_of(generation)).documents())
        except NotFoundError as error:
            raise IndexUnavailable(self._gone(generation)) from error
        if (len(texts.indexed()), len(texts.ids())) != (manifest.documents, manifest.passages):
            raise IndexUnavailable(self._gone(generation))
        return manifest, texts, str(found.metadata[_DERIVED])

    def opened(self, generation: str, model: EmbeddingModel, glossary: Names, before: Index | None) -> Index:
        """Read a generation into memory; of one that is open `before`, what is the same is taken over.

        Raises: IndexUnavailable if the server doesn't have it whole; IndexMismatch; IndexUnreachable.
        """
        manifest, texts, derived = self.read(generation)
        check_fits(manifest, model, self.url)
        vectors = self._vectors(generation, texts, model, before)
        known = None if before is None else (before.texts, before.lexical)
        words = words_of(texts, known).knowing(glossary)
        size = sum(rows.nbytes for rows in vectors.values())
        return Index(Path(generation), manifest, texts, vectors, words, model, size, derived)

    def _vectors(
        self, generation: str, texts: Texts, model: EmbeddingModel, before: Index | None
    ) -> Matrices:
        named = keyed_by(model.fingerprint, model.prompts)
        known: dict[Key, Vectors] = {}
        if before is not None:
            for view, keys in before.texts.keys(named).items():
                known |= zip(keys, before.matrices[view], strict=True)
        wanted = texts.keys(named)
        store = Store(self.ask)
        for view in VIEWS:
            missing: dict[str, list[Key]] = {}
            for passage, key in zip(texts.in_order(), wanted[view], strict=True):
                if key not in known:
                    missing.setdefault(passage.language, []).append(key)
            for language, keys in missing.items():
                known |= store.vectors((language, view), dict.fromkeys(keys))
        try:
            return {view: np.stack([known[key] for key in wanted[view]]) for view in VIEWS}
        except KeyError as error:
            raise IndexUnavailable(self._gone(generation)) from error

    def _gone(self, generation: str) -> str:
        return (
            f"Generation {generation} is not whole on {self.url}: a later index has taken its place, or "
            "it was removed. If this stays so, run: partnerbot index"
        )

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                # Chroma's client has no time limit of its own, and asks the server before one can be set.
                answer = httpx.get(
                    f"{self.url}/api/v2/heartbeat", headers=self._headers, timeout=self._timeout
                )
                answer.raise_for_status()
                client = chromadb.HttpClient(
                    host=self.url,
                    headers=dict(self._headers),
                    settings=ChromaSettings(anonymized_telemetry=False),
                )
                client._server._session.timeout = self._timeout  # type: ignore[attr-defined]
                self._client = client
            return self._client


def documents_of(generation: str) -> str:
    """Return what the documents of a generation are called in the store."""
    return f"{generation}.{DOCUMENTS}"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
