"""The vectors of passages, in Chroma: in this process or on a server, by the same class.

A vector is known by the key of the text that it was made of (`embedding_cache.TextKeys`), so it never
changes, and the same text has one vector wherever it stands. The next generation is a copy of the last
one, to which keys are added and from which keys are removed.

Each language has collections of its own, since a filter by language costs more than the search itself,
and each passage two vectors: of its sentence alone and of the sentence in its context. Nearness is by cosine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from partnerbot.errors import IndexDamaged
from partnerbot.index.temporary import TemporaryCopy

T = TypeVar("T")
View = Literal["sentence", "context"]
VIEWS: tuple[View, ...] = ("sentence", "context")
Vectors = NDArray[np.float32]
Part = tuple[str, View]
"""A language and a view: what one collection holds."""

Key = str
"""The key of a vector in hexadecimal digits: its id in Chroma."""

OnVectors = Callable[[int], None]
"""Called with the number of vectors done since the last call."""

FOLDER = "chroma"
"""Where a generation keeps its vectors."""

PREFIX = "partnerbot"

_DATABASE = "chroma.sqlite3"
"""The one file that Chroma writes to whenever it opens a folder, even to read."""

_GRAPH: Any = {
    "hnsw": {
        "space": "cosine",
        # The least thresholds: every vector is in the graph's files, none waits in a log to be replayed.
        "batch_size": 2,
        "sync_threshold": 2,
    }
}

_AT_ONCE = 1_000
"""Vectors in one call: Chroma refuses more than 5,461, and a proxy before a server large requests."""

_QUERIES_AT_ONCE = 64
"""By each thread, when vectors are looked for; all cores are used."""

_LOOKED_FOR = 2_000
"""Vectors of a collection that are looked for once it is written, spread evenly; all, if one isn't found."""

_ASKED_FOR = 10
"""Nearest vectors among which a vector itself is looked for."""

_TWIN = 1e-5
"""Cosine that vectors may be short of 1 and be the same: no question tells one from the other."""


class ChromaFailed(Exception):
    """Chroma raised an error, which is the cause; its text is the same."""


class Client(Protocol):
    """What asks Chroma: this process (`_Here`) or a connection to a server (`server.ChromaServer`)."""

    def ask(self, action: Callable[[Any], T]) -> T:
        """Do something with Chroma's client and return what it returns."""
        ...


class Chroma:
    """Vectors by language, view and key. Safe to use from several threads."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._collections = {
            part: collection
            for collection in client.ask(lambda chroma: chroma.list_collections())
            if (part := _part(collection.name)) is not None
        }

    @staticmethod
    @contextmanager
    def writing(folder: Path, before: Path | None = None) -> Iterator[Chroma]:
        """Yield vectors to be changed, at first those in `before`; after the block they are in `folder`.

        There they lie still: Chroma may go on tidying its database for a moment after it was closed.
        """
        scratch = folder.with_name(f".{folder.name}")
        if before is not None:
            shutil.copytree(before, scratch)
        client = _Here(scratch)
        try:
            yield Chroma(client)
        finally:
            client.close()
        folder.mkdir()
        # A graph of a single vector has no list of what is in it: Chroma makes it again at each opening.
        for listed in list(scratch.glob("*/index_metadata.pickle")):
            listed.parent.rename(folder / listed.parent.name)
        with (
            closing(sqlite3.connect(scratch / _DATABASE)) as written,
            closing(sqlite3.connect(folder / _DATABASE)) as still,
        ):
            written.backup(still)
        shutil.rmtree(scratch)

    @classmethod
    def reading(cls, folder: Path) -> Chroma:
        """Open a folder without a byte being written there, so that nobody's disk need have room.

        Chroma is given a copy of its database among the temporary files, and beside it the way to its graphs.
        Once open it answers also after the folder was removed.

        Raises: IndexUnavailable if the temporary files have no room for it.
        """
        copied = TemporaryCopy(folder / _DATABASE)
        remove = weakref.finalize(client := _Here(copied.folder), copied.remove)
        try:
            for path in folder.iterdir():
                if path.name != _DATABASE:
                    (copied.folder / path.name).symlink_to(path.resolve(), target_is_directory=path.is_dir())
            opened = cls(client)
            with ThreadPoolExecutor(os.cpu_count()) as threads:
                # Chroma reads a graph at the first question; here a lack of it is still harmless.
                list(threads.map(lambda part: opened.nearest(part, opened.some(part), 1), opened.parts()))
        except BaseException:
            client.close()
            remove()
            raise
        return opened

    def parts(self) -> list[Part]:
        """Return the languages and views that have vectors."""
        return list(self._collections)

    def count(self, part: Part) -> int:
        """Return the number of vectors."""
        return int(self._do(part, "count"))

    def keys(self, part: Part) -> set[Key]:
        """Return the keys of all vectors; empty if there are none."""
        return set(self._do(part, "get", include=[])["ids"]) if part in self._collections else set()

    def some(self, part: Part) -> Vectors:
        """Return any one vector: float32 [1, dimension], or none of them where there are none."""
        return np.array(self._do(part, "get", limit=1, include=["embeddings"])["embeddings"], np.float32)

    def add(
        self, part: Part, keys: Sequence[Key], vectors: Vectors, on_stored: OnVectors = lambda _: None
    ) -> None:
        """Add vectors [keys, dimension]; what is there already stays as it is."""
        if part not in self._collections:
            self._collections[part] = self._client.ask(
                lambda chroma: chroma.get_or_create_collection(
                    _name(part), embedding_function=None, configuration=_GRAPH
                )
            )
        for some in _slices(len(keys)):
            # Never `upsert`: to replace 2,000 vectors in place took Chroma 340 s.
            self._do(part, "add", ids=list(keys[some]), embeddings=vectors[some])
            on_stored(len(keys[some]))

    def remove(self, part: Part, keys: Sequence[Key]) -> None:
        """Remove vectors; what they occupied in the graph's file stays occupied."""
        for some in _slices(len(keys)):
            self._do(part, "delete", ids=list(keys[some]))

    def drop(self, part: Part) -> None:
        """Remove all vectors of a language and view."""
        self._client.ask(lambda chroma: chroma.delete_collection(_name(part)))
        del self._collections[part]

    def vectors(self, part: Part, keys: Sequence[Key]) -> dict[Key, Vectors]:
        """Return the vectors of those keys that have one, each float32 [dimension]."""
        found: dict[Key, Vectors] = {}
        for some in _slices(len(keys)) if part in self._collections else ():
            got = self._do(part, "get", ids=list(keys[some]), include=["embeddings"])
            found.update(zip(got["ids"], np.array(got["embeddings"], np.float32), strict=True))
        return found

    def nearest(self, part: Part, vectors: Vectors, count: int) -> list[dict[Key, float]]:
        """Return for each vector [questions, dimension] the nearest keys, best first, with their cosines."""
        found = self._do(part, "query", query_embeddings=vectors, n_results=count, include=["distances"])
        return [
            {key: 1 - distance for key, distance in zip(keys, distances, strict=True)}
            for keys, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def unreached(
        self, part: Part, vectors: Mapping[Key, Vectors], on_asked: OnVectors = lambda _: None
    ) -> list[Key]:
        """Return the keys that their own vectors don't find, nor a twin: one with the same vector (`_TWIN`).

        Chroma's graph is approximate, and vectors that are nearly equal keep one another from being found.
        """
        keys = list(vectors)
        parts = [keys[start : start + _QUERIES_AT_ONCE] for start in range(0, len(keys), _QUERIES_AT_ONCE)]

        def lost(some: Sequence[Key]) -> list[Key]:
            found = self.nearest(part, np.stack([vectors[key] for key in some]), _ASKED_FOR)
            return [
                key
                for key, near in zip(some, found, strict=True)
                if key not in near and max(near.values(), default=0.0) < 1 - _TWIN
            ]

        missing: list[Key] = []
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for some, lost_of_these in zip(parts, threads.map(lost, parts), strict=True):
                missing += lost_of_these
                on_asked(len(some))
        return missing

    def lost(
        self, part: Part, vectors: Mapping[Key, Vectors], on_asked: OnVectors = lambda _: None
    ) -> list[Key]:
        """Look for vectors that have just been added; returns the keys of those not found, as `unreached`.

        Of many, some are looked for; if one of these isn't found, all.
        """
        some = {key: vectors[key] for key in spread(list(vectors))}
        missing = self.unreached(part, some, on_asked)
        return self.unreached(part, vectors, on_asked) if missing and len(some) < len(vectors) else missing

    def _do(self, part: Part, method: str, **arguments: Any) -> Any:
        collection = self._collections[part]
        return self._client.ask(lambda _: getattr(collection, method)(**arguments))


def spread(keys: Sequence[Key], most: int = _LOOKED_FOR) -> list[Key]:
    """Return so many of the keys at most, spread evenly."""
    return [keys[place] for place in np.linspace(0, len(keys) - 1, min(most, len(keys))).astype(int)]


class VectorStore:
    """The vectors of one generation's passages."""

    def __init__(
        self,
        chroma: Chroma,
        ids: Sequence[str],
        languages: Sequence[str],
        keys: NDArray[np.uint64],
        astray: Mapping[str, Sequence[Key]],
    ) -> None:
        """`ids`, `languages`, `keys` [passages, 4] (`TextStore.keys`): of every passage, by its place.

        `astray`: by collection the keys that Chroma's graph doesn't lead to; they are compared directly.
        """
        self.chroma = chroma
        self._ids = ids
        self._place = {id: place for place, id in enumerate(ids)}
        self._languages = languages
        self._keys: dict[View, list[Key]] = {
            view: key_texts(keys[:, 2 * number : 2 * number + 2]) for number, view in enumerate(VIEWS)
        }
        self._having = keys_by_part(languages, keys)
        self._astray = {part: chroma.vectors(part, astray.get(name_of(part), ())) for part in self._having}

    def languages(self) -> list[str]:
        """Return the languages that have passages."""
        return sorted({language for language, _ in self._having})

    def keys(self, part: Part) -> Mapping[Key, Sequence[int]]:
        """Return the keys of a language's vectors, each with the places of the passages that have it."""
        return self._having[part]

    def parts(self) -> list[Part]:
        """Return the languages and views that have vectors."""
        return list(self._having)

    def keys_of(self, part: Part, ids: Sequence[str]) -> list[Key]:
        """Return the keys of passages' vectors, in the order of the passages' ids."""
        return [self._keys[part[1]][self._place[id]] for id in ids]

    def passage_keys(self, view: View) -> Sequence[Key]:
        """Return the key of every passage's vector, by the passage's place."""
        return self._keys[view]

    def nearest(self, question: Vectors, language: str, view: View, count: int) -> list[str]:
        """Return the ids of the nearest passages of a language by cosine, best first; at most `count`."""
        part: Part = language, view
        asked = count
        while True:
            (found,) = self.chroma.nearest(part, question[None, :], asked)
            near = {key: cosine for key, cosine in found.items() if key in self._having[part]}
            if len(near) >= min(count, len(self._having[part])) or len(found) < asked:
                break
            asked *= 4  # a server has vectors of other generations, too
        if self._astray[part]:
            near |= {key: float(vector @ question) for key, vector in self._astray[part].items()}
            near = dict(sorted(near.items(), key=lambda one: -one[1]))
        places = [place for key in near for place in self._having[part][key]]
        return [self._ids[place] for place in places[:count]]

    def vectors(self, language: str, view: View, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the stored vectors of those ids that exist. Raises: IndexDamaged if one has been lost."""
        keys = {id: self._keys[view][self._place[id]] for id in ids if id in self._place}
        found = self.chroma.vectors((language, view), list(dict.fromkeys(keys.values())))
        if len(found) < len(set(keys.values())):
            raise IndexDamaged(
                f"Vectors of {language} passages are gone: a later index has taken this one's place, or they "
                "were removed. If this stays so, run: partnerbot index"
            )
        return {id: found[key] for id, key in keys.items()}

    def at(self, language: str, view: View, places: NDArray[np.intp]) -> Vectors:
        """Return the vectors of passages of a language by their places: float32 [places, dimension]."""
        found = self.vectors(language, view, [self._ids[place] for place in places])
        return np.stack([found[self._ids[place]] for place in places])

    def count(self) -> int:
        """Return the number of passages."""
        return len(self._place)


def keys_by_part(languages: Sequence[str], keys: NDArray[np.uint64]) -> dict[Part, dict[Key, list[int]]]:
    """Return the keys of every collection, each with the places of the passages that have it."""
    found: dict[Part, dict[Key, list[int]]] = {}
    for number, view in enumerate(VIEWS):
        texts = key_texts(keys[:, 2 * number : 2 * number + 2])
        for place, (language, key) in enumerate(zip(languages, texts, strict=True)):
            found.setdefault((language, view), {}).setdefault(key, []).append(place)
    return found


def key_texts(keys: NDArray[np.uint64]) -> list[Key]:
    """Return keys [keys, 2] (`embedding_cache.key_numbers`) as Chroma has them."""
    digits = np.ascontiguousarray(keys).tobytes().hex()
    return [digits[start : start + 32] for start in range(0, len(digits), 32)]


def name_of(part: Part) -> str:
    """Return what a collection is called in a manifest."""
    return ".".join(part)


class _Here:
    """Chroma in this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client: Any = None

    def ask(self, action: Callable[[Any], T]) -> T:
        """Raises: ChromaFailed, so that nobody else has to import Chroma, which takes half a second."""
        from chromadb.errors import ChromaError

        try:
            return action(self._opened())
        except ChromaError as error:
            raise ChromaFailed(str(error)) from error

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _opened(self) -> Any:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            self._client = chromadb.PersistentClient(
                path=str(self._folder), settings=Settings(anonymized_telemetry=False)
            )
            weakref.finalize(self, self._client.close)
        return self._client


def _name(part: Part) -> str:
    return f"{PREFIX}.{name_of(part)}"


def _part(name: str) -> Part | None:
    """Return the part that a collection of that name holds, or None."""
    prefix, *part = name.split(".")
    for view in VIEWS:
        if prefix == PREFIX and len(part) == 2 and part[1] == view:
            return part[0], view
    return None


def _slices(count: int) -> Iterable[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))
