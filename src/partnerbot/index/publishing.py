"""Sends the generation of an index folder to a Chroma server, and makes it current there.

The machine that indexes builds and verifies in its own folder; here what the server doesn't
have yet is sent, read again where it lies now, and the pointer changed at the end.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from chromadb.errors import ChromaError, NotFoundError

from partnerbot.errors import IndexBusy, IndexDamaged, IndexUnavailable, IndexUnreachable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.manifest import FILE as MANIFEST
from partnerbot.index.manifest import Manifest
from partnerbot.index.reports import recorded
from partnerbot.index.search import DERIVED, read_vectors
from partnerbot.index.server import ChromaServer, documents_of
from partnerbot.index.store import DOCUMENTS, PREFIX, Part, Store
from partnerbot.index.store import FOLDER as STORE
from partnerbot.index.texts import Key, TextKeys, Texts

T = TypeVar("T")

Renew = Callable[[], None]
"""Says to the server that this machine still writes; called after each request."""

OnSent = Callable[[int, int], None]
"""Called with the number of vectors sent, and of those to send."""

_WRITING = f"{PREFIX}.writing"
_SENT_AT_ONCE = 1_000

_SAMPLE = 256
"""Vectors of each collection that the server had already which are compared with ours."""

_LEASE_SECONDS = 600.0
"""After which a machine that writes and is not heard of any more is taken for gone."""


def publish(index: Path, server: ChromaServer, on_sent: OnSent = lambda *_: None) -> bool:
    """Send the current generation of an index folder to the server, verify it there, and make it current.

    The generation before stays on the server. Returns False if the server was up to date. The
    outcome is kept with the reports of the index folder.

    Raises: IndexBusy if another machine is writing; IndexDamaged if the folder's files aren't what
        was written; VerificationFailed; IndexUnreachable. In every case the server goes on with
        the generation it had.
    """
    # Nobody changes what is being sent.
    with generations.writing(index), recorded(index) as run:
        sent = _publish(index, server.patient(), on_sent)
        run.told = {
            "outcome": "published, and sent to the server",
            "generation": generations.current(index).name,
            "server": server.url,
        }
        return sent


def _publish(index: Path, server: ChromaServer, on_sent: OnSent) -> bool:
    folder = generations.current(index)
    manifest = Manifest.read(folder)
    # Two machines may number alike what differs.
    name = f"{folder.name}-{hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()[:8]}"
    last = server.current()
    if last == name:
        return False
    with _writing(server) as renew, Store.reading(folder / STORE) as ours:
        if (damage := changed(folder, manifest.files)) is not None:
            raise IndexDamaged(f"The index in {index}/ is damaged ({damage}). Run: partnerbot index")
        server.delete(f"{PREFIX}.{documents_of(name)}")  # what a run that was cut off has sent
        theirs = Store(_Sending(server, renew), documents_of(name))
        _send_vectors(ours, theirs, on_sent)
        texts = Texts(ours.documents())
        theirs.put(texts.indexed().values(), texts.means(read_vectors(folder)["sentence"]))
        server.seal(name, manifest, (folder / DERIVED).read_text("utf-8"))
        wanted = {part: ours.keys(part) for part in ours.parts()}
        lost = sum(len(keys - theirs.keys(part)) for part, keys in wanted.items())
        if lost or server.read(name)[1].indexed() != texts.indexed():
            raise VerificationFailed(
                f"Generation {name} was not put into use on {server.url}: what lies there is not what was "
                "sent. Run again: partnerbot index"
            )
        renew()
        server.point(name)
        _prune(server, theirs, [name, *([] if last is None else [last])])
    return True


class _Sending:
    """Asks the server, and says after each request that this machine still writes."""

    def __init__(self, server: ChromaServer, renew: Renew) -> None:
        self._server, self._renew = server, renew

    def ask(self, action: Callable[[Any], T]) -> T:
        answer = self._server.ask(action)
        self._renew()
        return answer


def _send_vectors(ours: Store, theirs: Store, on_sent: OnSent) -> None:
    """Send the vectors that the server doesn't have, or has otherwise."""
    missing: dict[Part, list[Key]] = {}
    for part in ours.parts():
        wanted = ours.keys(part)
        there = sorted(wanted & theirs.keys(part))
        some = there[:: max(1, len(there) // _SAMPLE)]
        here, stored = ours.vectors(part, some), theirs.vectors(part, some)
        if not all(np.allclose(here[key], stored[key], atol=1e-6) for key in some):
            theirs.remove(part, there)
            there = []
        missing[part] = sorted(wanted.difference(there))
    sent, total = 0, sum(map(len, missing.values()))
    for part, keys in missing.items():
        for start in range(0, len(keys), _SENT_AT_ONCE):
            some = keys[start : start + _SENT_AT_ONCE]
            theirs.add(part, ours.vectors(part, some))
            on_sent(sent := sent + len(some), total)


def _prune(server: ChromaServer, theirs: Store, kept: list[str]) -> None:
    """Remove the generations that aren't kept, and the vectors that no kept one has."""
    for collection in server.ask(lambda client: client.list_collections()):
        name = collection.name.removeprefix(f"{PREFIX}.")
        if name.endswith(f".{DOCUMENTS}") and name not in map(documents_of, kept):
            server.delete(collection.name)
    wanted: set[Key] = set()
    for generation in kept:
        try:
            manifest, texts = server.read(generation)
        except IndexUnreachable:
            raise
        except (IndexUnavailable, ValueError):
            continue  # nobody can answer from what isn't whole
        for keys in texts.keys(TextKeys(manifest.model_fingerprint, manifest.prompts)).values():
            wanted.update(keys)
    for part in theirs.parts():
        theirs.remove(part, theirs.keys(part) - wanted)


@contextmanager
def _writing(server: ChromaServer) -> Iterator[Renew]:
    """Be the one machine that writes; yields what says that it still does.

    Raises: IndexBusy if another machine is writing, or has taken over.
    """
    holder = {
        "process": os.getpid(),
        "computer": platform.node(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }

    def lease() -> dict[str, Any]:
        return {**holder, "until": time.time() + _LEASE_SECONDS}

    if not _taken(server, lease()):
        other = server.collection(_WRITING)
        if other is not None and not _has_ended(other.metadata):
            raise IndexBusy(
                f"Another machine is writing to {server.url}: {_told(other.metadata)}. "
                "Nothing was changed there. Wait for it to end, then try again."
            )
        server.delete(_WRITING)
        if not _taken(server, lease()):
            raise IndexBusy(f"Another machine has just begun to write to {server.url}. Try again later.")
    own = server.collection(_WRITING)
    try:
        yield lambda: server.ask(lambda _: own.modify(metadata=lease()))
    except NotFoundError as error:
        # What another machine's generations don't read, it removes.
        other = server.collection(_WRITING)
        if other is not None and other.id == own.id:
            raise
        known = "" if other is None else f" ({_told(other.metadata)})"
        raise IndexBusy(
            f"Another machine{known} has taken over writing to {server.url}: nothing had been heard of this "
            f"one for {_LEASE_SECONDS:.0f} seconds. What answers there was not changed by it. "
            "Try again when the other one has ended."
        ) from error
    finally:
        with suppress(IndexUnreachable):  # the lease runs out
            other = server.collection(_WRITING)
            if other is not None and other.id == own.id:
                server.delete(_WRITING)


def _taken(server: ChromaServer, lease: dict[str, Any]) -> bool:
    """Make the collection that stands for the right to write; False if there is one."""

    def create(client: Any) -> bool:
        try:
            client.create_collection(_WRITING, embedding_function=None, metadata=lease)
        except ChromaError:
            # Which error says so depends on Chroma's version; that it is there doesn't.
            client.get_collection(_WRITING, embedding_function=None)
            return False
        return True

    return server.ask(create, patiently=False)


def _told(lease: Mapping[str, Any]) -> str:
    return f"process {lease['process']} on {lease['computer']}, since {lease['since']}"


def _has_ended(lease: Mapping[str, Any]) -> bool:
    if float(lease["until"]) < time.time():
        return True
    return bool(lease["computer"] == platform.node()) and not generations.runs(int(lease["process"]))
