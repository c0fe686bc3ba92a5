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
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from chromadb.errors import ChromaError, NotFoundError

from partnerbot.errors import IndexBusy, IndexDamaged, IndexUnreachable, VerificationFailed
from partnerbot.indexing import generations
from partnerbot.indexing.checksums import changed
from partnerbot.indexing.manifest import Manifest
from partnerbot.indexing.reports import Stages, record_failure, record_sent
from partnerbot.indexing.server import (
    ASTRAY,
    PARTS_AT_ONCE,
    POINTER,
    PREFIX,
    RECORD,
    ChromaServer,
    archive_of,
    collection_name,
    files_name,
    pointer,
)
from partnerbot.indexing.vectors import GRAPH, VIEWS, SegmentArrays, View, unreached
from partnerbot.indexing.verification import UNREACHED_AT_MOST

Renew = Callable[[], None]
"""Says to the server that this machine still writes; called after each request that may take long."""

OnSent = Callable[[int, int], None]
"""Called with the number of vectors sent, and of those to send."""

_WRITING = f"{PREFIX}.writing"
_WHOLE = "whole"
"""Set on a collection once the vectors in it have found themselves."""

_VECTORS_AT_ONCE = 1_000
_ASKED_AT_ONCE = 5_000
_SAMPLE = 256
"""Passages looked for in collections that were verified when they were sent."""

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
        segments = [SegmentArrays(generations.segment_folder(index, one)) for one in manifest.segments]
        damages = [changed(folder, manifest.files), *(segment.damage() for segment in segments)]
        if (damage := next(filter(None, damages), None)) is not None:
            raise IndexDamaged(f"The index in {index}/ is damaged ({damage}). Run: partnerbot index")
        total, sent = sum(len(VIEWS) * sum(segment.counts.values()) for segment in segments), 0
        for segment in segments:
            for language, count in segment.counts.items():
                for view in VIEWS:
                    fresh = _send_vectors(server, segment, language, view, renew)
                    _verify(server, segment, language, view, renew, everything=fresh)
                    sent += count
                    on_sent(sent, total)
        _send_files(server, name, folder, segments, renew)
        before = pointer(server)
        last = None if before is None else before["generation"]
        _point(server, name, last)
        _prune(server, [name, *([last] if last is not None else [])])
    return True


def _send_vectors(
    server: ChromaServer, segment: SegmentArrays, language: str, view: View, renew: Renew
) -> bool:
    """Send the vectors of a segment unless the server has them; tells whether it did."""
    name, ids = collection_name(segment.name, language, view), segment.ids[language]
    collection = server.collection(name)
    if collection is not None:
        if (collection.metadata or {}).get(_WHOLE) and server.do(collection.count) == len(ids):
            return False
        server.delete(name)  # cut off while it was sent
    made = server.ask(
        lambda client: client.get_or_create_collection(name, embedding_function=None, configuration=GRAPH)
    )
    vectors = segment.array(language, view)
    for start in range(0, len(ids), _VECTORS_AT_ONCE):
        part = slice(start, start + _VECTORS_AT_ONCE)
        # Sent again after a lost connection, the same ids replace one another.
        server.do(made.upsert, ids=ids[part], embeddings=np.array(vectors[part]))
        renew()
    return True


def _verify(
    server: ChromaServer, segment: SegmentArrays, language: str, view: View, renew: Renew, everything: bool
) -> None:
    """Look for passages by their own vectors on the server: all of them, or a sample."""
    ids, vectors = segment.ids[language], segment.array(language, view)
    name = collection_name(segment.name, language, view)
    collection = server.ask(lambda client: client.get_collection(name, embedding_function=None))
    wanted = len(ids) if everything else min(_SAMPLE, len(ids))
    rows = np.linspace(0, len(ids) - 1, wanted).astype(int).tolist()
    lost: list[int] = []
    for start in range(0, wanted, _ASKED_AT_ONCE):
        part = rows[start : start + _ASKED_AT_ONCE]
        lost += unreached(_Asked(server, collection), ids, vectors, part)
        renew()
    astray = json.loads((collection.metadata or {}).get(ASTRAY, "[]"))
    are_found = everything or len(set(lost).difference(astray)) <= UNREACHED_AT_MOST * wanted
    is_whole = are_found and server.do(collection.count) == len(ids)
    if is_whole and everything:
        # The server's graph is another than ours, and leads to others.
        server.do(collection.modify, metadata={_WHOLE: True, ASTRAY: json.dumps(lost)})
    if not is_whole:
        if everything:
            server.delete(name)
        else:  # the generation that answers reads it: it is sent anew by the next run
            server.do(collection.modify, metadata={_WHOLE: False})
        raise VerificationFailed(
            f"The new generation was not put into use on {server.url}: {len(lost)} of {len(ids)} passages of "
            f"{segment.name} can't be found there. What answered there goes on. Run again: partnerbot index"
        )


class _Asked:
    """A collection whose queries are tried again after a lost connection."""

    def __init__(self, server: ChromaServer, collection: Any) -> None:
        self._server, self._collection = server, collection

    def query(self, **asked: Any) -> Any:
        return self._server.do(self._collection.query, **asked)


def _send_files(
    server: ChromaServer, generation: str, folder: Path, segments: Sequence[SegmentArrays], renew: Renew
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"generations/{generation}/{path.name}")
        for segment in segments:
            for path in [segment.folder / "segment.json", *sorted(segment.folder.glob("*.ids"))]:
                archive.write(path, f"segments/{segment.name}/{path.name}")
    content = packed.getvalue()
    parts = [content[start : start + _PART_BYTES] for start in range(0, len(content), _PART_BYTES)]
    name = files_name(generation)
    told = {
        "parts": len(parts),
        "sha256": hashlib.sha256(content).hexdigest(),
        "segments": json.dumps([segment.name for segment in segments]),
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


def _prune(server: ChromaServer, kept: Sequence[str]) -> None:
    """Remove the collections that no kept generation reads."""
    wanted = {POINTER, _WRITING}
    for generation in kept:
        collection = server.collection(files_name(generation))
        if collection is not None:
            wanted.add(collection.name)
            wanted |= {f"{PREFIX}.{one}" for one in json.loads(collection.metadata["segments"])}
    names = [one.name for one in server.ask(lambda client: client.list_collections())]
    for name in names:
        of_segment = name.rsplit(".", 2)[0]
        if name.startswith(f"{PREFIX}.") and name not in wanted and of_segment not in wanted:
            server.delete(name)


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
