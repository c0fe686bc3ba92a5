"""A Chroma server that several machines answer from: generations as collections, a record as pointer.

    partnerbot.pointer                      one record: the generation that answers
    partnerbot.<generation>.files           texts, words and manifest of a generation: an archive in parts
    partnerbot.<language>.<view>            vectors by the keys of their texts, shared by generations
    partnerbot.writing                      there while a machine writes (publishing.py); who it is

Those who answer keep a copy of each generation's files and ask the server for vectors (vectors.py).
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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import chromadb
import httpx
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import InvalidArgumentError, NotFoundError

from partnerbot.durable import sync_tree
from partnerbot.errors import IndexUnavailable, IndexUnreachable
from partnerbot.index.vectors import PREFIX, Chroma, Key

T = TypeVar("T")

POINTER = f"{PREFIX}.pointer"
RECORD = "current"
ASTRAY = "astray"
"""In a generation's metadata, the keys by collection that the server's graph doesn't lead to, as JSON."""

PARTS_AT_ONCE = 20
"""Parts of an archive sent or fetched in one request."""

_PAUSES_SECONDS = (0.2, 0.5, 1.0)
"""Before each further try: a server that restarts, or a connection it closed, is no reason to fail."""

# A question takes milliseconds; one that takes seconds is better refused than waited for.
_ANSWERING = httpx.Timeout(5.0, connect=2.0)
_WRITING = httpx.Timeout(120.0, connect=5.0)

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

    def vectors(self, generation: str) -> tuple[Chroma, Mapping[str, Sequence[Key]]]:
        """Return the vectors there, and which of them the graphs don't lead to in a generation.

        Raises: IndexUnavailable if the server doesn't have that generation; IndexUnreachable.
        """
        files = self.collection(files_name(generation))
        if files is None:
            raise IndexUnavailable(_gone(generation, self))
        return Chroma(_Answering(self, generation)), json.loads(files.metadata[ASTRAY])

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


class _Answering:
    """Asks the server for vectors of a generation; one that isn't there means that the generation is gone."""

    def __init__(self, server: ChromaServer, generation: str) -> None:
        self._server, self._generation = server, generation

    def ask(self, action: Callable[[Any], T]) -> T:
        try:
            return self._server.ask(action)
        except (NotFoundError, InvalidArgumentError) as error:
            raise IndexUnavailable(_gone(self._generation, self._server)) from error


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
