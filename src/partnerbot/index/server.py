"""A Chroma server that several machines answer from: generations as collections, and a pointer to one.

    partnerbot.pointer                      its metadata: the generation that answers
    partnerbot.<generation>.documents       documents of a generation; its metadata: the manifest
    partnerbot.<language>.<view>            vectors by the keys of their texts, shared by generations
    partnerbot.writing                      there while a machine writes; who it is

Those who answer read a generation into memory (`opened`), of which they then need nothing from the server.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import chromadb
import httpx
import numpy as np
from chromadb.errors import InvalidArgumentError, NotFoundError

from partnerbot.documents.reading import OnProgress
from partnerbot.errors import IndexBusy, IndexDamaged, IndexUnavailable, IndexUnreachable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.generations import MANIFEST, Holder, Manifest
from partnerbot.index.lexical import words_of
from partnerbot.index.reports import recorded
from partnerbot.index.search import DERIVED, Index, check_fits, read_vectors
from partnerbot.index.store import DOCUMENTS, PREFIX, Store, at_once
from partnerbot.index.texts import Key, Matrices, Texts, Vectors, keyed_by
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
        self._token = token
        self._headers = {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
        self._timeout = timeout
        self._client: Any = None
        self._connecting = threading.Lock()

    def patient(self) -> ChromaServer:
        """Return a connection with the patience that reading or sending an index needs."""
        return ChromaServer(self.url, self._token, _READING)

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
                    told = " ".join(str(error).split())[:200] or type(error).__name__
                    raise IndexUnreachable(
                        f"The Chroma server at {self.url} doesn't answer ({told}). It is asked "
                        "again with the next question. Check that it runs, and PARTNERBOT_INDEX_URL and "
                        "PARTNERBOT_INDEX_TOKEN."
                    ) from error
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def collection(self, name: str, patiently: bool = True) -> Any:
        try:
            return self.ask(lambda client: client.get_collection(name, embedding_function=None), patiently)
        except NotFoundError:
            return None

    def delete(self, name: str) -> None:
        with suppress(NotFoundError):
            self.ask(lambda client: client.delete_collection(name))

    def current(self, patiently: bool = True) -> str | None:
        """Return the name of the generation that answers; None if there is none. Raises: IndexUnreachable."""
        found = self.collection(_POINTER, patiently)
        return None if found is None else str(found.metadata["generation"])

    def point(self, generation: str) -> None:
        record = {"generation": generation}
        found = self.ask(lambda client: client.get_or_create_collection(_POINTER, embedding_function=None))
        self.ask(lambda _: found.modify(metadata=record))

    def read(self, generation: str) -> tuple[Manifest, Texts, str]:
        """Read a generation's manifest and texts, and what was derived from these.

        Raises: IndexUnavailable if the server doesn't have it whole; ValueError if it is garbled;
            IndexUnreachable.
        """
        found = self.collection(f"{PREFIX}.{documents_of(generation)}")
        with self._whole(generation):
            stated = (None if found is None else found.metadata) or {}
            manifest = Manifest.model_validate_json(stated[_MANIFEST])
            texts = Texts(Store(self.ask, documents_of(generation)).documents())
            if (len(texts.documents), len(texts.passages)) != (manifest.documents, manifest.passages):
                raise KeyError("some documents")
        return manifest, texts, str(stated[_DERIVED])

    def opened(self, generation: str, model: EmbeddingModel, before: Index | None) -> Index:
        """Read a generation into memory; of one that is open `before`, what is the same is taken over.

        Raises: IndexUnavailable if the server doesn't have it whole; IndexMismatch; IndexUnreachable.
        """
        manifest, texts, derived = self.read(generation)
        check_fits(manifest, model, self.url)
        named = keyed_by(model.fingerprint, model.prompts)
        known: dict[Key, Vectors] = {}
        if before is not None:
            for view, keys in before.texts.keys(named).items():
                known |= zip(keys, before.matrices[view], strict=True)
        store = Store(self.ask)
        for part, own in texts.parts(named).items():
            known |= store.vectors(part, own.keys() - known.keys())
        with self._whole(generation):
            every = texts.keys(named).items()
            vectors: Matrices = {view: np.stack([known[key] for key in keys]) for view, keys in every}
        words = words_of(texts, None if before is None else (before.texts, before.lexical))
        size = sum(rows.nbytes for rows in vectors.values())
        return Index(Path(generation), manifest, texts, vectors, words, model, size, derived)

    @contextmanager
    def _whole(self, generation: str) -> Iterator[None]:
        """Read what the server must have of a generation. Raises: IndexUnavailable if it doesn't."""
        try:
            yield
        except (NotFoundError, KeyError) as error:
            raise IndexUnavailable(
                f"Generation {generation} is not whole on {self.url}: a later index has taken its place, or "
                "it was removed. If this stays so, run: partnerbot index"
            ) from error

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                # Chroma's client has no time limit of its own, and asks the server before one can be set.
                answer = httpx.get(
                    f"{self.url}/api/v2/heartbeat", headers=self._headers, timeout=self._timeout
                )
                answer.raise_for_status()
                client = chromadb.HttpClient(host=self.url, headers=dict(self._headers))
                client._server._session.timeout = self._timeout  # type: ignore[attr-defined]
                self._client = client
            return self._client


def documents_of(generation: str) -> str:
    return f"{generation}.{DOCUMENTS}"


# ---- Sending a generation ----------------------------------------------------------------------


_WRITING = f"{PREFIX}.writing"

_LONGEST_WRITING_SECONDS = 3_600.0
"""After which a machine that writes is taken for gone: 100,000 passages are sent in some minutes."""


def publish(index: Path, server: ChromaServer, on_progress: OnProgress = lambda *_: None) -> bool:
    """Send the current generation of an index folder to the server, verify it there, and make it current.

    The generation before stays on the server. Returns False if the server was up to date. The
    outcome is kept with the reports of the index folder.

    Raises: IndexBusy if another machine is writing; IndexDamaged if the folder's files aren't what
        was written; VerificationFailed; IndexUnreachable. In every case the server goes on with
        the generation it had.
    """
    # Nobody changes what is being sent.
    with generations.writing(index), recorded(index) as run:
        folder = generations.current(index)
        # Two machines may number alike what differs.
        name = f"{folder.name}-{hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:8]}"
        if is_new := server.current() != name:
            _send(index, folder, name, server.patient(), on_progress)
        outcome = "published, and sent to the server"
        run.told = {"outcome": outcome, "generation": folder.name, "server": server.url}
        return is_new


def _send(index: Path, folder: Path, name: str, server: ChromaServer, on_progress: OnProgress) -> None:
    manifest, last = Manifest.read(folder), server.current()
    with _writing(server), Store.reading(folder) as ours:
        if (damage := changed(folder, manifest.files)) is not None:
            raise IndexDamaged(f"The index in {index}/ is damaged ({damage}). Run: partnerbot index")
        server.delete(f"{PREFIX}.{documents_of(name)}")  # what a run that was cut off has sent
        theirs = Store(server.ask, documents_of(name))
        _send_vectors(ours, theirs, on_progress)
        texts = Texts(ours.documents())
        theirs.put(texts.documents.values(), texts.means(read_vectors(folder)["sentence"]))
        derived = (folder / DERIVED).read_text("utf-8")
        sealed = {_MANIFEST: manifest.model_dump_json(), _DERIVED: derived}  # whole now
        documents = server.collection(f"{PREFIX}.{documents_of(name)}")
        server.ask(lambda _: documents.modify(metadata=sealed))
        wanted = {part: ours.keys(part) for part in ours.parts()}
        lost = sum(len(keys - theirs.keys(part)) for part, keys in wanted.items())
        if lost or server.read(name)[1].documents != texts.documents:
            raise VerificationFailed(
                f"Generation {name} was not put into use on {server.url}: what lies there is not what was "
                "sent. Run again: partnerbot index"
            )
        server.point(name)
        _prune(server, theirs, [name, *([] if last is None else [last])])


def _send_vectors(ours: Store, theirs: Store, on_progress: OnProgress) -> None:
    missing = {part: sorted(ours.keys(part) - theirs.keys(part)) for part in ours.parts()}
    sent, total = 0, sum(map(len, missing.values()))
    for part, keys in missing.items():
        for some in at_once(keys):
            theirs.add(part, ours.vectors(part, some))
            on_progress("send", sent := sent + len(some), total)


def _prune(server: ChromaServer, theirs: Store, kept: list[str]) -> None:
    """Remove the generations that aren't kept, and the vectors that no kept one has."""
    for collection in server.ask(lambda client: client.list_collections()):
        name = collection.name.removeprefix(f"{PREFIX}.")
        if name.endswith(f".{DOCUMENTS}") and name not in map(documents_of, kept):
            server.delete(collection.name)
    wanted: set[Key] = set()
    for generation in kept:
        try:
            manifest, texts, _ = server.read(generation)
        except IndexUnreachable:
            raise
        except (IndexUnavailable, ValueError):
            continue  # nobody can answer from what isn't whole
        for keys in texts.keys(keyed_by(manifest.model_fingerprint, manifest.prompts)).values():
            wanted.update(keys)
    for part in theirs.parts():
        theirs.remove(part, theirs.keys(part) - wanted)


@contextmanager
def _writing(server: ChromaServer) -> Iterator[None]:
    """Be the one machine that writes: the one that has made the collection that stands for it.

    Raises: IndexBusy if another machine is writing.
    """
    own = {"run": uuid4().hex, "until": time.time() + _LONGEST_WRITING_SECONDS, **Holder.this().model_dump()}

    def taken() -> Mapping[str, Any]:
        """Make the collection, or find the one that is there; return what it says."""
        made = {"name": _WRITING, "embedding_function": None, "metadata": own}
        return dict(server.ask(lambda client: client.get_or_create_collection(**made)).metadata)

    found = taken()
    holder = Holder.model_validate(found)
    if found["run"] != own["run"] and (found["until"] < time.time() or holder.has_ended()):
        server.delete(_WRITING)
        found = taken()
    if found["run"] != own["run"]:
        raise IndexBusy(
            f"Another machine is writing to {server.url}: {holder}. "
            "Nothing was changed there. Wait for it to end, then try again."
        )
    try:
        yield
    finally:
        with suppress(IndexUnreachable):  # another machine waits for an hour then
            server.delete(_WRITING)
