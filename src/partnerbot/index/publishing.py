"""Sends the generation of an index folder to a Chroma server, and makes it current there.

The machine that indexes builds and verifies in its own folder; here what the server doesn't
have yet is sent, verified again where it lies now, and the pointer changed at the end.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from chromadb.errors import ChromaError, NotFoundError

from partnerbot.errors import IndexBusy, IndexDamaged, IndexUnavailable, IndexUnreachable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.chroma_server import (
    ASTRAY,
    PARTS_AT_ONCE,
    POINTER,
    RECORD,
    ChromaServer,
    archive_of,
    files_name,
    pointer,
)
from partnerbot.index.document_store import FILE as TEXTS
from partnerbot.index.document_store import TextStore
from partnerbot.index.files import changed
from partnerbot.index.manifest import FILE as MANIFEST
from partnerbot.index.manifest import Manifest
from partnerbot.index.reports import Stages, record_failure, record_sent
from partnerbot.index.vectors import FOLDER as VECTORS
from partnerbot.index.vectors import PREFIX, Chroma, Key, Part, keys_by_part, name_of, spread

T = TypeVar("T")

Renew = Callable[[], None]
"""Says to the server that this machine still writes; called after each request that may take long."""

OnSent = Callable[[int, int], None]
"""Called with the number of vectors sent, and of those to send."""

_WRITING = f"{PREFIX}.writing"
_SENT_AT_ONCE = 1_000

_SAMPLE = 256
"""Vectors of each collection that the server had already which are looked for there."""

_PART_BYTES = 200_000
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
    stages = Stages()
    with generations.writing(index):  # nobody changes what is being sent
        try:
            sent = _publish(index, server.for_writing(), on_sent)
        except BaseException as error:  # Ctrl-C, too, and what is a defect
            record_failure(index, error, stages)
            raise
        record_sent(index, generations.current(index).name, server.url, stages)
        return sent


def _publish(index: Path, server: ChromaServer, on_sent: OnSent) -> bool:
    folder = generations.current(index)
    manifest = Manifest.read(folder)
    # Two machines may number alike what differs.
    name = f"{folder.name}-{hashlib.sha256((folder / 'manifest.json').read_bytes()).hexdigest()[:8]}"
    if (pointer(server) or {}).get("generation") == name:
        return False
    with _writing(server) as renew:
        if (damage := changed(folder, manifest.files)) is not None:
            raise IndexDamaged(f"The index in {index}/ is damaged ({damage}). Run: partnerbot index")
        ours, theirs = Chroma.reading(folder / VECTORS), Chroma(_Sending(server, renew))
        astray = _send_vectors(ours, theirs, _keys_of(folder), _astray(server), server, on_sent)
        _send_files(
            server, name, [folder / path for path in (MANIFEST, *manifest.copied_files())], astray, renew
        )
        before = pointer(server)
        last = None if before is None else before["generation"]
        _point(server, name, last)
        _prune(server, theirs, [name, *([last] if last is not None else [])])
    return True


class _Sending:
    """Asks the server, and says after each request that this machine still writes."""

    def __init__(self, server: ChromaServer, renew: Renew) -> None:
        self._server, self._renew = server, renew

    def ask(self, action: Callable[[Any], T]) -> T:
        answer = self._server.ask(action)
        self._renew()
        return answer


def _keys_of(folder: Path) -> dict[Part, list[Key]]:
    """Return the keys of all vectors of a generation."""
    texts = TextStore(folder / TEXTS)
    try:
        return {part: list(keys) for part, keys in keys_by_part(texts.languages(), texts.keys()).items()}
    finally:
        texts.close()


def _astray(server: ChromaServer) -> dict[str, list[Key]]:
    """Return the keys by collection that the graphs don't lead to in what answers from the server."""
    now = pointer(server)
    files = None if now is None else server.collection(files_name(now["generation"]))
    return {} if files is None else dict(json.loads(files.metadata[ASTRAY]))


def _send_vectors(
    ours: Chroma,
    theirs: Chroma,
    wanted: Mapping[Part, Sequence[Key]],
    known_astray: Mapping[str, Sequence[Key]],
    server: ChromaServer,
    on_sent: OnSent,
) -> dict[str, list[Key]]:
    """Send the vectors that the server lacks; returns the keys that its graphs don't lead to.

    `known_astray`: those of what answers there. Of those it has, some are looked for; where they aren't
    found, all that it has are sent anew.
    """
    total, sent = sum(map(len, wanted.values())), 0
    astray: dict[str, list[Key]] = {}
    for part, keys in wanted.items():
        known = theirs.keys(part)
        had = [key for key in keys if key in known]
        passed_over = set(known_astray.get(name_of(part), ())).intersection(had)
        some = spread([key for key in had if key not in passed_over], _SAMPLE)
        if some and theirs.unreached(part, ours.vectors(part, some)):
            theirs.remove(part, had)
            had, passed_over = [], set()
        fresh = sorted(set(keys).difference(had))
        for start in range(0, len(fresh), _SENT_AT_ONCE):
            some = fresh[start : start + _SENT_AT_ONCE]
            vectors = ours.vectors(part, some)
            theirs.add(part, some, np.stack([vectors[key] for key in some]))
            sent += len(some)
            on_sent(sent, total)
        if not set(keys) <= theirs.keys(part):
            raise VerificationFailed(
                f"The new generation was not put into use on {server.url}: not all of {name_of(part)} is "
                "there. What answered there goes on. Run again: partnerbot index"
            )
        sent += len(had)
        on_sent(sent, total)
        astray[name_of(part)] = sorted(passed_over.union(theirs.lost(part, ours.vectors(part, fresh))))
    return astray


def _send_files(
    server: ChromaServer,
    generation: str,
    files: Sequence[Path],
    astray: Mapping[str, Sequence[Key]],
    renew: Renew,
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, f"generations/{generation}/{path.name}")
    content = packed.getvalue()
    parts = [content[start : start + _PART_BYTES] for start in range(0, len(content), _PART_BYTES)]
    name = files_name(generation)
    told = {
        "parts": len(parts),
        "sha256": hashlib.sha256(content).hexdigest(),
        ASTRAY: json.dumps(astray),
    }
    if server.collection(name) is not None:
        server.delete(name)
    made = server.ask(
        lambda client: client.get_or_create_collection(name, embedding_function=None, metadata=told)
    )
    for start in range(0, len(parts), PARTS_AT_ONCE):
        some = range(start, min(start + PARTS_AT_ONCE, len(parts)))
        # As metadata: Chroma would index the words of a document, and here are none.
        server.do(
            made.upsert,
            ids=[str(number) for number in some],
            embeddings=[[1.0] for _ in some],
            metadatas=[{"content": base64.b85encode(parts[number]).decode()} for number in some],
        )
        renew()
    archive_of(server, generation)
    renew()


def _point(server: ChromaServer, generation: str, before: str | None) -> None:
    record = {"generation": generation, "before": before or ""}
    collection = server.ask(lambda client: client.get_or_create_collection(POINTER, embedding_function=None))
    server.do(collection.upsert, ids=[RECORD], embeddings=[[1.0]], metadatas=[record])


def _prune(server: ChromaServer, theirs: Chroma, kept: Sequence[str]) -> None:
    """Remove the generations that aren't kept, and the vectors that no kept one has."""
    names = {one.name for one in server.ask(lambda client: client.list_collections())}
    for name in names:
        if name.startswith(PREFIX) and name.endswith(".files") and name not in map(files_name, kept):
            server.delete(name)
    wanted: dict[Part, set[Key]] = {}
    for generation in kept:
        try:
            files = archive_of(server, generation)
        except IndexUnreachable:
            raise
        except (IndexUnavailable, ValueError):
            continue  # nobody can answer from what isn't whole
        with tempfile.TemporaryDirectory() as scratch:
            with zipfile.ZipFile(io.BytesIO(files)) as archive:
                archive.extract(f"generations/{generation}/{TEXTS}", scratch)
            for part, keys in _keys_of(Path(scratch, "generations", generation)).items():
                wanted.setdefault(part, set()).update(keys)
    for part in theirs.parts():
        theirs.remove(part, sorted(theirs.keys(part) - wanted.get(part, set())))


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
                f"Another machine is writing to {server.url}: {_holder(other.metadata)}. "
                "Nothing was changed there. Wait for it to end, then try again."
            )
        if other is not None:
            server.delete(_WRITING)
        if not _taken(server, lease()):
            raise IndexBusy(f"Another machine has just begun to write to {server.url}. Try again later.")
    own = server.collection(_WRITING)
    try:
        yield lambda: server.do(own.modify, metadata=lease())
    except NotFoundError as error:
        # What another machine's generations don't read, it removes.
        other = server.collection(_WRITING)
        if other is not None and other.id == own.id:
            raise
        known = "" if other is None else f" ({_holder(other.metadata)})"
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
        except ChromaError as error:
            if "already exists" in str(error):
                return False
            raise
        return True

    return server.ask(create, patiently=False)


def _holder(lease: Mapping[str, Any]) -> str:
    return f"process {lease['process']} on {lease['computer']}, since {lease['since']}"


def _has_ended(lease: Mapping[str, Any]) -> bool:
    if float(lease["until"]) < time.time():
        return True
    return lease["computer"] == platform.node() and not generations.runs(int(lease["process"]))
