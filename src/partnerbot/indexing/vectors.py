"""The vector store: Chroma, in this process. With server.py and publishing.py all that knows Chroma.

Vectors lie in segments, each written once and never changed: a generation of the index
names the segments it reads, so that the next one adds a small segment and shares the
others. A passage that is gone, or has other vectors now, is passed over where it still lies.

Each language has collections of its own, since a filter by language costs more than the
search itself, and each passage two vectors: of its sentence alone and of the sentence in
its context. Nearness is by cosine. Chroma finds the nearest; the vectors themselves are
read from plain arrays beside it, mapped into memory.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import reduce
from importlib.metadata import version
from itertools import repeat
from operator import add
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from partnerbot.durable import write_text
from partnerbot.indexing.arrays import read_array
from partnerbot.indexing.checksums import changed, database_digest, digests
from partnerbot.indexing.embedding_cache import key_numbers
from partnerbot.indexing.language_bias import Moments

_log = logging.getLogger(__name__)

View = Literal["sentence", "context"]
VIEWS: tuple[View, ...] = ("sentence", "context")
Vectors = NDArray[np.float32]

OnVectors = Callable[[int], None]
"""Called with the number of vectors done since the last call."""


class ChromaFailed(Exception):
    """Chroma raised an error, which is the cause; its text is the same."""


STORE_DAMAGE = (ChromaFailed, OSError, ValueError, KeyError, EOFError, sqlite3.DatabaseError)
"""What opening or reading a missing, cut or garbled segment raises."""

_UNWRITABLE = ("(code: 8)", "(code: 13)")
"""SQLite's READONLY and FULL, as Chroma's errors name them: it writes whenever it opens a folder."""

_LARGEST_BATCH = 5_000
"""Chroma refuses more than 5,461 records a call."""

_QUERIES_AT_ONCE = 64
"""By each thread, when passages are looked for; all cores are used."""

GRAPH: Any = {"hnsw": {"space": "cosine", "max_neighbors": 32, "ef_construction": 200}}
"""Twice Chroma's neighbours and search while building: with its own, one of 5,042 passages couldn't be
reached."""

_GRAPH: Any = {"hnsw": {**GRAPH["hnsw"], "batch_size": 2, "sync_threshold": 2}}
"""The least thresholds: every vector is in the graph's files, none waits in a log to be replayed."""

_DATABASE = "chroma/chroma.sqlite3"
_OPENINGS = "acquire_write"
"""The table of it where Chroma notes each opening."""

_SUMMARY = "segment.json"

_MOMENTS_FROM = 2_000
"""Vectors from which their moments are kept beside them; fewer are added up as quickly as read."""

_ASKED_FOR = 10
"""Nearest vectors among which a passage's own is looked for."""

_TWIN = 1e-5
"""Cosine that vectors may be short of 1 and be the same: no question tells one from the other."""


@dataclass(frozen=True)
class Stored:
    """What a segment holds of one language: ids, and for each view vectors and their keys, row by row."""

    ids: Sequence[str]
    vectors: Mapping[View, Vectors]
    keys: Mapping[View, Sequence[bytes]]


class SegmentArrays:
    """The vectors of a segment, without Chroma's graph over them."""

    def __init__(self, folder: Path, checked: bool = False) -> None:
        """Open a segment that `Segment.write` made. `checked`: every file is compared with what was written.

        Raises: one of STORE_DAMAGE if it isn't whole.
        """
        self.folder = folder
        summary = json.loads((folder / _SUMMARY).read_text("utf-8"))
        self.counts: dict[str, int] = summary["passages"]
        """Passages by language, those included that no generation reads any more."""
        self._digests: dict[str, str] = summary["digests"]
        self._database: dict[str, str] = summary.get("database", {})
        if checked and (damage := self.damage()) is not None:
            raise ValueError(damage)
        self.ids = {language: self._read_ids(language) for language in self.counts}
        self._arrays = {part: self._read_array(*part) for part in self._parts()}

    @property
    def name(self) -> str:
        """The name that generations know the segment by."""
        return self.folder.name

    def array(self, language: str, view: View) -> Vectors:
        """Return the vectors of a language: float32 [passages, dimension], mapped from the disk."""
        return self._arrays[language, view]

    def keys(self, language: str, view: View) -> NDArray[np.uint64]:
        """Return the keys of a language's vectors as numbers, row by row: [passages, 2]."""
        keys = key_numbers((self.folder / f"{language}-{view}.keys").read_bytes())
        if len(keys) != self.counts[language]:
            raise ValueError(f"{self.folder} has {len(keys)} keys of {self.counts[language]} vectors")
        return keys

    def moments(self, language: str, view: View, rows: NDArray[np.intp]) -> Moments:
        """Return the moments of some of a language's vectors."""
        vectors, file = self.array(language, view), self.folder / _moments_file(language, view)
        others = np.setdiff1d(np.arange(len(vectors)), rows, assume_unique=True)
        if len(others) > len(rows) or not file.exists():
            return Moments.of(vectors[rows])
        total, *products = read_array(file)
        whole = Moments(len(vectors), total, np.stack(products))
        return whole - Moments.of(vectors[others]) if len(others) else whole

    def damage(self) -> str | None:
        """Say which file isn't what was written, or None."""
        found = changed(self.folder, self._digests)
        # Another version of Chroma may have given its database another form.
        if found or self._database.get("chroma") != version("chromadb"):
            return found
        file = self.folder / _DATABASE
        try:
            same = database_digest(file, _OPENINGS) == self._database["digest"]
        except sqlite3.DatabaseError as error:
            return f"{file} can't be read ({error})"
        return None if same else f"{file} has changed since it was written"

    def damage_to(self, language: str, view: View) -> str | None:
        """Say which file of one array isn't what was written, or None."""
        names = (f"{language}-{view}.npy", f"{language}-{view}.keys")
        return changed(self.folder, {name: self._digests[name] for name in names})

    def _parts(self) -> Iterator[tuple[str, View]]:
        for language in self.counts:
            for view in VIEWS:
                yield language, view

    def _read_ids(self, language: str) -> list[str]:
        ids = (self.folder / f"{language}.ids").read_text("utf-8").split("\n")
        if len(ids) != self.counts[language]:
            raise ValueError(f"{self.folder} names {len(ids)} of {self.counts[language]} passages")
        return ids

    def _read_array(self, language: str, view: View) -> Vectors:
        vectors: Vectors = read_array(self.folder / f"{language}-{view}.npy", mapped=True)
        if len(vectors) != self.counts[language]:
            raise ValueError(f"{self.folder} has {len(vectors)} of {self.counts[language]} vectors")
        return vectors


class Segment(SegmentArrays):
    """Vectors of some passages, written once, that can be searched. Closed with its last user."""

    def __init__(self, folder: Path, aside: Executor | None = None) -> None:
        """Open a segment that `write` made; where Chroma can't write, it is searched without Chroma.

        `aside`: Chroma reads its graphs there meanwhile; `wait` before the segment is searched.
        Raises: one of STORE_DAMAGE if it isn't whole.
        """
        # Before Chroma opens anything: a flipped bit in its files ends the process.
        super().__init__(folder, checked=True)
        self._collections: dict[tuple[str, View], Any] = {}
        self._astray = self._read_astray()
        self._unopened: ChromaFailed | None = None
        self._opening: Future[None] | None = None
        if aside is None:
            self._open()
        else:
            self._opening = aside.submit(self._open)

    def wait(self) -> None:
        """Return once Chroma has read its graphs. Raises: one of STORE_DAMAGE if they aren't whole."""
        if self._opening is not None:
            self._opening.result()

    def _open(self) -> None:
        try:
            with _chroma_called():
                self._open_collections()
        except ChromaFailed as error:
            if not any(code in str(error) for code in _UNWRITABLE):
                raise
            self._unopened = error
            _log.warning(
                "Chroma can't open %s (%s), so all its vectors are compared with each question. "
                "Free space on that disk, or allow writing there, and restart.",
                self.folder,
                error,
            )

    def _open_collections(self) -> None:
        client = _client(self.folder)
        weakref.finalize(self, client.close)

        def opened(part: tuple[str, View]) -> Any:
            collection = client.get_collection(_name(*part), embedding_function=None)
            # Chroma reads its graph at the first question; here a lack of it is still harmless.
            probe = collection.query(query_embeddings=self._arrays[part][:1], n_results=1, include=[])
            if collection.count() != self.counts[part[0]] or not probe["ids"][0]:
                raise ValueError(f"{self.folder} has lost vectors")
            return collection

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            self._collections = dict(zip(self._parts(), threads.map(opened, self._parts()), strict=True))

    @staticmethod
    def write(folder: Path, contents: Mapping[str, Stored], on_stored: OnVectors = lambda _: None) -> None:
        """Write a segment from what it is to hold, by language; durable only after `sync_tree`."""
        folder.mkdir(parents=True)
        with _chroma_called(), closing(_client(folder)) as client:
            for language, stored in contents.items():
                (folder / f"{language}.ids").write_text("\n".join(stored.ids), "utf-8")
                for view in VIEWS:
                    vectors = np.ascontiguousarray(stored.vectors[view], np.float32)
                    np.save(folder / f"{language}-{view}.npy", vectors)
                    (folder / f"{language}-{view}.keys").write_bytes(b"".join(stored.keys[view]))
                    if len(vectors) >= _MOMENTS_FROM:
                        moments = Moments.of(vectors)
                        kept = np.vstack([moments.total, moments.products])
                        np.save(folder / _moments_file(language, view), kept)
                    collection = client.create_collection(
                        _name(language, view),
                        embedding_function=None,
                        configuration=_GRAPH,
                    )
                    for start in range(0, len(stored.ids), _LARGEST_BATCH):
                        end = start + _LARGEST_BATCH
                        collection.add(ids=list(stored.ids[start:end]), embeddings=vectors[start:end])
                        on_stored(len(stored.ids[start:end]))
        summary = {
            "passages": {language: len(stored.ids) for language, stored in contents.items()},
            "digests": digests(folder, _lasting(folder)),
            "database": {
                "chroma": version("chromadb"),
                "digest": database_digest(folder / _DATABASE, _OPENINGS),
            },
        }
        (folder / _SUMMARY).write_text(json.dumps(summary), "utf-8")

    def nearest(self, question: Vectors, language: str, view: View, count: int) -> list[str]:
        """Return the ids of the nearest vectors, best first."""
        count = min(count, self.counts[language])
        if self._unopened is not None:
            return self._compared_with_all(question, language, view, count)
        try:
            with _chroma_called():
                found = self._collections[language, view].query(
                    query_embeddings=question[None, :], n_results=count, include=["distances"]
                )
            return self._astray[language, view].joined(found, question, count)
        except ChromaFailed:
            if self.folder.is_dir():
                raise
            # The folder was removed under a running chat: what is mapped into memory still answers.
            return self._compared_with_all(question, language, view, count)

    def _compared_with_all(self, question: Vectors, language: str, view: View, count: int) -> list[str]:
        similarities = self.array(language, view) @ question
        best = np.argpartition(-similarities, count - 1)[:count]
        return [self.ids[language][row] for row in best[np.argsort(-similarities[best], kind="stable")]]

    def pick(self, language: str, view: View, rows: Sequence[int]) -> Vectors:
        """Return some vectors of a language: float32 [rows, dimension], in memory."""
        return np.array(self.array(language, view)[list(rows)])

    def lost(self, ids: Collection[str] | None = None) -> list[str]:
        """Return the passages that Chroma has not stored, or of some of them those that it doesn't lead to.

        `ids`: those to look for by their own vectors. Raises: ChromaFailed if Chroma could not open it.
        """
        if self._unopened is not None:
            raise self._unopened
        missing: list[str] = []
        for language, view in self._parts():
            own, collection = self.ids[language], self._collections[language, view]
            with _chroma_called():
                if ids is None:
                    stored = set(collection.get(include=[])["ids"])
                    missing += [id for id in own if id not in stored]
                    continue
                astray = set(self._astray[language, view].ids)
                rows = [row for row, id in enumerate(own) if id in ids and id not in astray]
                vectors = self.array(language, view)
                missing += [own[row] for row in unreached(collection, own, vectors, rows)]
        return list(dict.fromkeys(missing))

    def find_astray(self, on_asked: OnVectors = lambda _: None) -> set[str]:
        """Look for every vector by itself; from now on compare directly those that Chroma doesn't lead to.

        Its graph is approximate, and passages that are nearly equal keep one another from being
        found. Returns their ids. Raises: ChromaFailed; OSError if it can't be noted.
        """
        rows: dict[tuple[str, View], list[int]] = {}
        for language, view in self._parts():
            vectors, own = self.array(language, view), self.ids[language]
            with _chroma_called():
                collection = self._collections[language, view]
                rows[language, view] = unreached(collection, own, vectors, range(len(own)), on_asked)
        summary = json.loads((self.folder / _SUMMARY).read_text("utf-8"))
        summary["astray"] = {_name(*part): found for part, found in rows.items() if found}
        write_text(self.folder / _SUMMARY, json.dumps(summary))
        self._astray = self._read_astray()
        return {id for astray in self._astray.values() for id in astray.ids}

    def _read_astray(self) -> dict[tuple[str, View], Astray]:
        known = json.loads((self.folder / _SUMMARY).read_text("utf-8")).get("astray", {})
        found = {}
        for language, view in self._parts():
            rows = known.get(_name(language, view), [])
            ids = [self.ids[language][row] for row in rows]
            found[language, view] = Astray(ids, np.array(self.array(language, view)[rows]))
        return found


@dataclass(frozen=True)
class Astray:
    """Vectors that a graph doesn't lead to: float32 [ids, dimension]."""

    ids: Sequence[str]
    vectors: Vectors

    def joined(self, found: Any, question: Vectors, count: int) -> list[str]:
        """Return what Chroma found for a question and these, best first; at most `count` ids."""
        ids: list[str] = found["ids"][0]
        if not self.ids:
            return ids
        nearness = {id: 1 - distance for id, distance in zip(ids, found["distances"][0], strict=True)}
        nearness |= zip(self.ids, (self.vectors @ question).tolist(), strict=True)
        return sorted(nearness, key=nearness.__getitem__, reverse=True)[:count]


def unreached(
    collection: Any,
    ids: Sequence[str],
    vectors: Vectors,
    rows: Sequence[int],
    on_asked: OnVectors = lambda _: None,
) -> list[int]:
    """Return the rows whose own vectors don't find them, nor a twin: one with the same vector (`_TWIN`)."""
    missing = []
    places = {id: row for row, id in enumerate(ids)}
    most = min(_ASKED_FOR, len(ids))
    parts = [rows[start : start + _QUERIES_AT_ONCE] for start in range(0, len(rows), _QUERIES_AT_ONCE)]

    def nearest(part: Sequence[int]) -> list[list[str]]:
        found = collection.query(query_embeddings=vectors[part], n_results=most, include=[])
        near: list[list[str]] = found["ids"]
        return near

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for part, found in zip(parts, threads.map(nearest, parts), strict=True):
            for row, near in zip(part, found, strict=True):
                best = places.get(near[0]) if near else None
                twin = best is not None and vectors[best] @ vectors[row] > 1 - _TWIN
                if ids[row] not in near and not twin:
                    missing.append(row)
            on_asked(len(part))
    return missing


@dataclass(frozen=True)
class Living:
    """Passages of one language that a generation reads: `places` among its own, `rows` in a segment."""

    places: NDArray[np.intp]
    rows: NDArray[np.intp]


NOTHING_LIVING = Living(np.empty(0, np.intp), np.empty(0, np.intp))


def find_living(stored: Sequence[str], place: Mapping[str, int], free: NDArray[np.bool_]) -> Living:
    """Return which of the stored ids a generation can read.

    `place`: of the generation's passages, by id. `free`: by place, whether it is of the right
    language and found nowhere yet.
    """
    places = np.fromiter(map(place.get, stored, repeat(-1)), np.intp, len(stored))
    rows = np.flatnonzero((places >= 0) & free[places])
    return Living(places[rows], rows)


class VectorStore:
    """The vectors of one generation: of its passages, in the segments that it names."""

    def __init__(self, segments: Sequence[Segment], ids: Sequence[str], languages: Sequence[str]) -> None:
        """`segments`: oldest first, since the newest says what a passage's vectors are now.

        `ids`, `languages`: of every passage; a passage's place is where it stands there.
        Raises: ValueError if a passage has no vectors.
        """
        self.segments = list(segments)
        self._ids = ids
        self._place = {id: place for place, id in enumerate(ids)}
        self._segment_of = np.full(len(ids), -1, np.intp)
        """By place, the number of the segment that the passage is read from."""
        self._row_of = np.zeros(len(ids), np.intp)
        """By place, the row there."""
        self._living: dict[str, list[Living]] = {}
        """By language and segment, what this generation reads."""
        spoken = np.array(languages)
        of_language = {language: spoken == language for language in dict.fromkeys(languages)}
        for number in range(len(self.segments) - 1, -1, -1):
            for language, stored in self.segments[number].ids.items():
                if language in of_language:
                    free = of_language[language] & (self._segment_of < 0)
                    living = find_living(stored, self._place, free)
                    self._segment_of[living.places], self._row_of[living.places] = number, living.rows
                    self._living.setdefault(language, [NOTHING_LIVING for _ in self.segments])
                    self._living[language][number] = living
        if (self._segment_of < 0).any():
            raise ValueError(f"passage {ids[int(self._segment_of.argmin())]} has no vectors")

    def languages(self) -> list[str]:
        """Return the languages that have passages."""
        return sorted(self._living)

    def nearest(self, question: Vectors, language: str, view: View, count: int) -> list[str]:
        """Return the ids of the nearest passages of a language by cosine, best first; at most `count`."""
        found: list[str] = []
        searched = 0
        for number, living in enumerate(self._living[language]):
            if len(living.rows):
                found += self._nearest_in(number, question, language, view, min(count, len(living.rows)))
                searched += 1
        if searched == 1:
            return found
        vectors = self.vectors(language, view, found)
        similarities = np.stack([vectors[id] for id in found]) @ question
        return [found[place] for place in np.argsort(-similarities, kind="stable")[:count]]

    def vectors(self, language: str, view: View, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of those ids that exist."""
        wanted: dict[int, list[tuple[str, int]]] = {}
        for id in ids:
            place = self._place.get(id)
            if place is not None:
                number, row = int(self._segment_of[place]), int(self._row_of[place])
                wanted.setdefault(number, []).append((id, row))
        found: dict[str, Vectors] = {}
        for number, places in wanted.items():
            rows = self.segments[number].pick(language, view, [row for _, row in places])
            found.update(zip((id for id, _ in places), rows, strict=True))
        return found

    def moments(self, language: str, view: View) -> Moments:
        """Return the moments of all vectors of a language."""
        parts = [
            self.segments[number].moments(language, view, living.rows)
            for number, living in enumerate(self._living[language])
            if len(living.rows)
        ]
        return reduce(add, parts)

    def sums(self, language: str, view: View, groups: NDArray[np.intp]) -> Vectors:
        """Add up the vectors of a language by group: float32 [groups, dimension].

        `groups`: the group of every passage, by its place; from 0.
        """
        parts = [
            (living, self.segments[number].array(language, view))
            for number, living in enumerate(self._living[language])
            if len(living.rows)
        ]
        sums = np.zeros((int(groups.max()) + 1, parts[0][1].shape[1]), np.float32)
        for living, array in parts:
            ones = np.ones(len(living.rows), np.float32)
            shape = (len(sums), len(array))
            sums += sparse.csr_matrix((ones, (groups[living.places], living.rows)), shape=shape) @ array
        return sums

    def at(self, language: str, view: View, places: NDArray[np.intp]) -> Vectors:
        """Return the vectors of passages of a language by their places: float32 [places, dimension]."""
        numbers, rows = self._segment_of[places], self._row_of[places]
        distinct = np.unique(numbers)
        found = np.empty((len(places), self.segments[distinct[0]].array(language, view).shape[1]), np.float32)
        for number in distinct:
            of_segment = numbers == number
            found[of_segment] = self.segments[number].array(language, view)[rows[of_segment]]
        return found

    def living(self, number: int) -> int:
        """Return how many passages this generation reads from the segment of that number."""
        return sum(len(by_segment[number].rows) for by_segment in self._living.values())

    def ids_in(self, number: int) -> list[str]:
        """Return the passages that this generation reads from the segment of that number."""
        return [self._ids[place] for place in np.flatnonzero(self._segment_of == number).tolist()]

    def count(self) -> int:
        """Return the number of passages that have vectors."""
        return len(self._place)

    def close(self) -> None:
        """Let go of the segments; each closes with its last user."""
        self.segments.clear()

    def _nearest_in(self, number: int, question: Vectors, language: str, view: View, count: int) -> list[str]:
        segment = self.segments[number]
        stored = segment.counts[language]
        asked = min(stored, count + min(count, stored - len(self._living[language][number].rows)))
        while True:
            near = segment.nearest(question, language, view, asked)
            alive = [id for id in near if self._is_read_from(number, id)]
            if len(alive) >= count or asked == stored:
                return alive[:count]
            asked = min(stored, asked * 4)

    def _is_read_from(self, number: int, id: str) -> bool:
        place = self._place.get(id)
        return place is not None and bool(self._segment_of[place] == number)


def _client(folder: Path) -> Any:
    # Here, since it takes half a second, in which others can read and embed.
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(
        path=str(folder / "chroma"), settings=Settings(anonymized_telemetry=False)
    )


@contextmanager
def _chroma_called() -> Iterator[None]:
    """Raise Chroma's errors as ChromaFailed, so that nobody else has to import Chroma."""
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as error:
        raise ChromaFailed(str(error)) from error


def _moments_file(language: str, view: View) -> str:
    return f"{language}-{view}-moments.npy"


def _name(language: str, view: View) -> str:
    return f"passages-{language}-{view}"


def _lasting(folder: Path) -> Iterator[str]:
    """Yield the files whose bytes never change: not Chroma's database, which notes each opening."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        in_graph = path.parent.parent == folder / "chroma"
        # A graph of a single vector is not stored as such, but made again at each opening.
        unmade = in_graph and not (path.parent / "index_metadata.pickle").exists()
        if not unmade and path.parent != folder / "chroma" and path.name != _SUMMARY:
            yield path.relative_to(folder).as_posix()
