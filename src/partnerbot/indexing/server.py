"""A Chroma server that several machines answer from: generations as collections, a record as pointer.

    partnerbot.pointer                      one record: the generation that answers
    partnerbot.<generation>.files           texts, words and manifest of a generation: an archive in parts
    partnerbot.<segment>.<language>.<view>  vectors, written once and shared by generations
    partnerbot.writing                      there while a machine writes (publishing.py); who it is

Those who answer keep a copy of each generation's files and ask the server for vectors. With
vectors.py and publishing.py the only module that knows Chroma.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import chromadb
import httpx
import numpy as np
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import InvalidArgumentError, NotFoundError

from partnerbot.durable import sync_tree
from partnerbot.errors import IndexUnavailable, IndexUnreachable
from partnerbot.indexing.checksums import changed
from partnerbot.indexing.vectors import Astray, Segment, Vectors, View

T = TypeVar("T")

PREFIX = "partnerbot"
POINTER = f"{PREFIX}.pointer"
RECORD = "current"
ASTRAY = "astray"
"""In a collection's metadata, the rows of its vectors that the server's graph doesn't lead to, as JSON."""

PARTS_AT_ONCE = 20
"""Parts of an archive sent or fetched in one request."""

_PAUSES_SECONDS = (0.2, 0.5, 1.0)
"""Before each further try: a server that restarts, or a connection it closed, is no reason to fail."""

# A question takes milliseconds; one that takes seconds is better refused than waited for.
_ANSWERING = httpx.Timeout(5.0, connect=2.0)
_WRITING = httpx.Timeout(120.0, connect=5.0)

_FETCHED_AT_ONCE = 1_000

_UNPACKED_WITHIN_SECONDS = 3_600.0


class ChromaServer:
    """A connection that is made when first needed, and made good when it is lost."""

    def __init__(self, url: str, token: str = "", timeout: httpx.Timeout = _ANSWERING) -> None:
        """`token`: sent with every request, for the proxy before the server to check."""
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
        self._timeout = timeout
        self._client: Any = None
        self._connecting = threading.Lock()

    def for_writing(self) -> ChromaServer:
        """Return a connection with the patience that sending an index needs."""
        writer = ChromaServer(self.url, timeout=_WRITING)
        writer._headers = self._headers
        return writer

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

    def collection(self, name: str) -> Any:
        """Return a collection, or None if there is none."""
        try:
            return self.ask(lambda client: client.get_collection(name, embedding_function=None))
        except NotFoundError:
            return None

    def do(self, method: Callable[..., Any], **arguments: Any) -> Any:
        """Call a method of a collection; what may pass is tried again. Raises as `ask`."""
        return self.ask(lambda _: method(**arguments))

    def delete(self, name: str) -> None:
        """Delete a collection, if there is one of that name."""
        with suppress(NotFoundError):
            self.ask(lambda client: client.delete_collection(name))

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


class ServerSegment(Segment):
    """A segment whose vectors are on the server; `folder` has its ids only."""

    def __init__(self, folder: Path, server: ChromaServer) -> None:
        """Open a segment. Raises: IndexUnavailable if the server doesn't have all of it; IndexUnreachable."""
        self.folder = folder
        summary = json.loads((folder / "segment.json").read_text("utf-8"))
        self.counts = summary["passages"]
        copied = {name: digest for name, digest in summary["digests"].items() if name.endswith(".ids")}
        if (damage := changed(folder, copied)) is not None:
            raise ValueError(damage)
        self.ids = {language: self._read_ids(language) for language in self.counts}
        self._server = server
        self._collections = {}
        self._astray = {}
        for language, view in self._parts():
            collection = server.collection(collection_name(folder.name, language, view))
            if collection is None:
                raise IndexUnavailable(_gone(folder.name, server))
            self._collections[language, view] = collection
            rows = json.loads((collection.metadata or {}).get(ASTRAY, "[]"))
            vectors = self.pick(language, view, rows) if rows else np.empty((0, 0), np.float32)
            self._astray[language, view] = Astray([self.ids[language][row] for row in rows], vectors)

    def array(self, language: str, view: View) -> Vectors:
        """Fetch all vectors of a language: float32 [passages, dimension]."""
        ids = self.ids[language]
        rows = [
            self.pick(language, view, range(start, min(start + _FETCHED_AT_ONCE, len(ids))))
            for start in range(0, len(ids), _FETCHED_AT_ONCE)
        ]
        return np.concatenate(rows)

    def pick(self, language: str, view: View, rows: Sequence[int]) -> Vectors:
        """Fetch some vectors of a language."""
        ids = [self.ids[language][row] for row in rows]
        collection = self._collections[language, view]
        found = self._asked(collection.get, ids=ids, include=["embeddings"])
        vectors = dict(zip(found["ids"], found["embeddings"], strict=True))
        if len(vectors) != len(set(ids)):
            raise IndexUnavailable(_gone(self.name, self._server))
        return np.array([vectors[id] for id in ids], np.float32)

    def nearest(self, question: Vectors, language: str, view: View, count: int) -> list[str]:
        """Return the ids of the nearest vectors, best first."""
        collection, most = self._collections[language, view], min(count, self.counts[language])
        found = self._asked(
            collection.query, query_embeddings=question[None, :], n_results=most, include=["distances"]
        )
        return self._astray[language, view].joined(found, question, most)

    def _asked(self, method: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return self._server.do(method, **arguments)
        except (NotFoundError, InvalidArgumentError) as error:
            raise IndexUnavailable(_gone(self.name, self._server)) from error


def current(server: ChromaServer, patiently: bool = True) -> str:
    """Return the name of the generation that answers.

    Raises: IndexUnavailable if there is none; IndexUnreachable.
    """
    found = pointer(server, patiently)
    if found is None:
        raise IndexUnavailable(f"There is no index on {server.url} yet. Run: partnerbot index")
    return str(found["generation"])


def fetch_copy(server: ChromaServer, generation: str, folder: Path) -> Path:
    """Keep a copy of a generation's files in a folder of its own; returns the generation's folder in it.

    What is there already is not fetched again.
    Raises: IndexUnavailable if the server doesn't have the generation whole; IndexUnreachable.
    """
    home = folder / generation
    if not home.is_dir():
        content = archive_of(server, generation)
        scratch = folder / f".{generation}-{os.getpid()}-{threading.get_ident()}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(scratch)
        sync_tree(scratch)  # what has the generation's name must be whole, also after a power cut
        try:
            scratch.rename(home)
        except OSError:
            shutil.rmtree(scratch, ignore_errors=True)
            if not home.is_dir():  # else another process was as quick
                raise
    return home / "generations" / generation


def remove_copies(folder: Path, kept: Sequence[str]) -> None:
    """Remove the copies of generations other than those kept, and what was left of unpacking one."""
    for home in folder.glob("*"):
        if home.name not in kept and (not home.name.startswith(".") or _is_old(home)):
            shutil.rmtree(home, ignore_errors=True)


def remove_copy(folder: Path, generation: str) -> None:
    """Remove the copy of one generation, so that it is fetched anew."""
    shutil.rmtree(folder / generation, ignore_errors=True)


def _is_old(scratch: Path) -> bool:
    """Tell whether a copy that is being unpacked can't be, but was left by a process that ended."""
    try:
        return time.time() - scratch.stat().st_mtime > _UNPACKED_WITHIN_SECONDS
    except FileNotFoundError:
        return False


def archive_of(server: ChromaServer, generation: str) -> bytes:
    """Return a generation's files as one archive. Raises: IndexUnavailable if it isn't whole."""
    collection = server.collection(files_name(generation))
    if collection is None:
        raise IndexUnavailable(_gone(generation, server))
    count, content = int(collection.metadata["parts"]), bytearray()
    for start in range(0, count, PARTS_AT_ONCE):
        ids = [str(number) for number in range(start, min(start + PARTS_AT_ONCE, count))]
        try:
            found = server.do(collection.get, ids=ids, include=["metadatas"])
        except NotFoundError as error:
            raise IndexUnavailable(_gone(generation, server)) from error
        parts = {id: part["content"] for id, part in zip(found["ids"], found["metadatas"], strict=True)}
        content += b"".join(base64.b85decode(parts[id]) for id in ids if id in parts)
    if hashlib.sha256(content).hexdigest() != collection.metadata["sha256"]:
        raise IndexUnavailable(_gone(generation, server))
    return bytes(content)


def pointer(server: ChromaServer, patiently: bool = True) -> dict[str, Any] | None:
    """Return the pointer's record, None if there is none.

    Its keys are "generation", the one that answers, and "before", the one it took over from or "".
    """
    try:
        found = server.ask(
            lambda client: client.get_collection(POINTER, embedding_function=None).get(ids=[RECORD]),
            patiently,
        )
    except NotFoundError:
        return None
    return dict(found["metadatas"][0]) if found["ids"] else None


def collection_name(segment: str, language: str, view: View) -> str:
    """Return the name of the collection that has a segment's vectors."""
    return f"{PREFIX}.{segment}.{language}.{view}"


def files_name(generation: str) -> str:
    """Return the name of the collection that has a generation's files."""
    return f"{PREFIX}.{generation}.files"


def _gone(what: str, server: ChromaServer) -> str:
    return (
        f"{what} is not whole on {server.url}: a later index has taken its place, or it was removed. "
        "If this stays so, run: partnerbot index"
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
