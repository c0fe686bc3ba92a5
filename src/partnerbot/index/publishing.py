"""Sends the generation of an index folder to a Chroma server, and makes it current there.

The machine that indexes builds and verifies in its own folder; here what the server doesn't
have yet is sent, read again where it lies now, and the pointer changed at the end.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from chromadb.errors import NotFoundError

from partnerbot.errors import IndexBusy, IndexDamaged, IndexUnavailable, IndexUnreachable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.files import changed
from partnerbot.index.generations import Writer
from partnerbot.index.manifest import FILE as MANIFEST
from partnerbot.index.manifest import Manifest
from partnerbot.index.reports import recorded
from partnerbot.index.search import DERIVED, read_vectors
from partnerbot.index.server import ChromaServer, documents_of
from partnerbot.index.store import DOCUMENTS, PREFIX, Part, Store
from partnerbot.index.store import FOLDER as STORE
from partnerbot.index.texts import Key, Texts, keyed_by

Renew = Callable[[], object]
"""Says to the server that this machine still writes."""

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
        theirs = Store(server.ask, documents_of(name))
        _send_vectors(ours, theirs, on_sent, renew)
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


def _send_vectors(ours: Store, theirs: Store, on_sent: OnSent, renew: Renew) -> None:
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
            renew()


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
def _writing(server: ChromaServer) -> Iterator[Renew]:
    """Be the one machine that writes; yields what says that it still does.

    Raises: IndexBusy if another machine is writing, or has taken over.
    """
    run, holder = uuid4().hex, asdict(Writer.this())

    def lease() -> dict[str, Any]:
        return {**holder, "run": run, "until": time.time() + _LEASE_SECONDS}

    def taken() -> Any:
        """Make the collection that stands for the right to write, or return the one that is there."""
        made = {"name": _WRITING, "embedding_function": None, "metadata": lease()}
        return server.ask(lambda client: client.get_or_create_collection(**made))

    def is_own(collection: Any) -> bool:
        return collection is not None and collection.metadata.get("run") == run

    own = taken()
    if not is_own(own) and (own.metadata["until"] < time.time() or _holder(own.metadata).has_ended()):
        server.delete(_WRITING)
        own = taken()
    if not is_own(own):
        raise IndexBusy(
            f"Another machine is writing to {server.url}: {_holder(own.metadata)}. "
            "Nothing was changed there. Wait for it to end, then try again."
        )
    try:
        yield lambda: server.ask(lambda _: own.modify(metadata=lease()))
    except NotFoundError as error:
        # What another machine's generations don't read, it removes.
        other = server.collection(_WRITING)
        if is_own(other):
            raise
        known = "" if other is None else f" ({_holder(other.metadata)})"
        raise IndexBusy(
            f"Another machine{known} has taken over writing to {server.url}: nothing had been heard of this "
            f"one for {_LEASE_SECONDS:.0f} seconds. What answers there was not changed by it. "
            "Try again when the other one has ended."
        ) from error
    finally:
        with suppress(IndexUnreachable):  # the lease runs out
            if is_own(server.collection(_WRITING)):
                server.delete(_WRITING)


def _holder(lease: Mapping[str, Any]) -> Writer:
    return Writer(int(lease["process"]), str(lease["computer"]), str(lease["since"]))
