"""The store of record, in Chroma: documents with where their passages lie, and the passages' vectors.

In this process or on a server, by the same class. Each language has two collections of vectors, one for each
view, where a vector is known by the key of its text (`texts.TextKeys`): so it never changes, and the same
text has one vector wherever it stands. Documents are a collection of their own, each with the mean of its
sentences' vectors. Nearness is by cosine.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document

from partnerbot.durable import remedy
from partnerbot.errors import IndexUnavailable
from partnerbot.index.texts import VIEWS, IndexedDocument, Key, Part, Vectors

FOLDER = "chroma"
"""Where a generation keeps its store."""

DATABASE = f"{FOLDER}/chroma.sqlite3"
"""The one file that documents are read from, and that Chroma writes to whenever it is opened."""

PREFIX = "partnerbot"
DOCUMENTS = "documents"

_DIGEST, _REACHES = "digest", "reaches"
"""Keys beside a document's own metadata; the reaches of its passages are JSON."""

_GRAPH: Any = {"hnsw": {"space": "cosine", "ef_construction": 40, "max_neighbors": 8}}
"""A graph that is built in two fifths of the time of Chroma's usual one (10,000 random vectors: 3.2 s, not
7.8): we search vectors exactly, and who asks Chroma itself still finds nearly all."""

_AT_ONCE = 1_000
"""Records in one call: Chroma refuses more than 5,461, and a proxy before a server large requests."""

_READ_AT_ONCE, _CHARACTERS = 200, 1_000_000
"""Documents in one answer, and about how many of their characters in one call: some are books."""


class StoreFailed(Exception):
    """Chroma raised an error, which is the cause; its text is the same."""


Ask = Callable[[Callable[[Any], Any]], Any]
"""Does something with Chroma's client, here or of a server, and returns what it returns."""


class Store:
    """The documents of one generation, and vectors by language, view and key."""

    def __init__(self, ask: Ask, documents: str = DOCUMENTS) -> None:
        """`documents`: the name of their collection; on a server each generation has its own."""
        self._ask = ask
        self._documents = documents
        self._collections: dict[Part, Any] = {}
        for collection in ask(lambda chroma: chroma.list_collections()):
            prefix, _, name = collection.name.partition(".")
            language, _, view = name.partition(".")
            if prefix == PREFIX and view in VIEWS:
                self._collections[language, view] = collection

    @staticmethod
    @contextmanager
    def writing(generation: Path, before: Path | None = None) -> Iterator[Store]:
        """Yield a generation's store to be changed, at first that of the one `before`.

        After the block it lies still: Chroma may go on tidying its database for a moment after it was closed.
        """
        folder, scratch = generation / FOLDER, generation / f".{FOLDER}"
        if before is not None:
            shutil.copytree(before / FOLDER, scratch)
        with _here(scratch) as ask:
            yield Store(ask)
        folder.mkdir()
        # A graph that has no list of what is in it is made again from the database, at each opening.
        for listed in list(scratch.glob("*/index_metadata.pickle")):
            listed.parent.rename(folder / listed.parent.name)
        name = Path(DATABASE).name
        with closing(sqlite3.connect(scratch / name)) as old, closing(sqlite3.connect(folder / name)) as new:
            old.backup(new)
        shutil.rmtree(scratch)

    @staticmethod
    @contextmanager
    def reading(generation: Path) -> Iterator[Store]:
        """Yield a generation's store, without a byte being written there.

        Chroma is given a copy of its database among the temporary files, and beside it the way to its graphs.

        Raises: IndexUnavailable if the temporary files have no room for it.
        """
        folder, name = generation / FOLDER, Path(DATABASE).name
        with (folder / name).open("rb") as read, tempfile.TemporaryDirectory(prefix="partnerbot-") as scratch:
            try:
                with Path(scratch, name).open("wb") as written:
                    shutil.copyfileobj(read, written)
            except OSError as error:
                raise IndexUnavailable(
                    f"A copy of {folder / name} can't be kept in {tempfile.gettempdir()}/ "
                    f"({error.strerror}). {remedy(error)}, or have TMPDIR name another folder."
                ) from error
            for graph in folder.iterdir():
                if graph.is_dir():
                    Path(scratch, graph.name).symlink_to(graph.resolve(), target_is_directory=True)
            with _here(Path(scratch)) as ask:
                yield Store(ask)

    def parts(self) -> list[Part]:
        return list(self._collections)

    def count(self, part: Part) -> int:
        return int(self._do(self._collections[part], "count")) if part in self._collections else 0

    def keys(self, part: Part) -> set[Key]:
        """Return the keys of all vectors; empty if there are none."""
        if part not in self._collections:
            return set()
        return set(self._do(self._collections[part], "get", include=[])["ids"])

    def add(self, part: Part, vectors: Mapping[Key, Vectors]) -> None:
        """Add vectors [dimension], as many as are one of `at_once`; what is there already stays as it is."""
        if part not in self._collections:
            self._collections[part] = self._collection(".".join(part))
        # Never `upsert`: to replace 2,000 vectors in place took Chroma 340 s.
        self._do(self._collections[part], "add", ids=list(vectors), embeddings=np.stack([*vectors.values()]))

    def remove(self, part: Part, keys: Iterable[Key]) -> None:
        """Remove vectors; what they occupied in the graph's file stays occupied."""
        for some in at_once(list(keys)):
            self._do(self._collections[part], "delete", ids=some)

    def vectors(self, part: Part, keys: Iterable[Key]) -> dict[Key, Vectors]:
        """Return the vectors of those keys that have one, each float32 [dimension]."""
        found: dict[Key, Vectors] = {}
        for some in at_once(list(keys)) if part in self._collections else ():
            got = self._do(self._collections[part], "get", ids=some, include=["embeddings"])
            found.update(zip(got["ids"], np.array(got["embeddings"], np.float32), strict=True))
        return found

    def documents(self) -> list[IndexedDocument]:
        """Return all documents. Raises: ValueError if one isn't what `put` writes."""
        name = f"{PREFIX}.{self._documents}"
        found: list[IndexedDocument] = []
        collection = self._ask(lambda chroma: chroma.get_collection(name, embedding_function=None))
        while True:
            wanted = {"limit": _READ_AT_ONCE, "offset": len(found), "include": ["documents", "metadatas"]}
            got = self._do(collection, "get", **wanted)
            if not got["ids"]:
                return found
            found += map(_document, got["documents"], got["metadatas"])

    def put(self, documents: Iterable[IndexedDocument], means: Mapping[str, Vectors]) -> None:
        """Add documents that aren't there. `means`: by source, what their nearness is told by."""
        collection = self._collection(self._documents)
        for some in _in_calls(documents):
            self._do(
                collection,
                "add",
                ids=[one.source for one in some],
                documents=[one.document.page_content for one in some],
                metadatas=[_metadata(one) for one in some],
                embeddings=[means[one.source] for one in some],
            )

    def take_out(self, sources: Iterable[str]) -> None:
        collection = self._collection(self._documents)
        for some in at_once(list(sources)):
            self._do(collection, "delete", ids=some)

    def _collection(self, name: str) -> Any:
        return self._ask(
            lambda chroma: chroma.get_or_create_collection(
                f"{PREFIX}.{name}", embedding_function=None, configuration=_GRAPH
            )
        )

    def _do(self, collection: Any, method: str, **arguments: Any) -> Any:
        return self._ask(lambda _: getattr(collection, method)(**arguments))


@contextmanager
def _here(folder: Path) -> Iterator[Ask]:
    """Yield Chroma in this process.

    Raises: StoreFailed, so that nobody else has to import Chroma, which takes half a second.
    """
    import chromadb
    from chromadb.errors import ChromaError

    def failing(action: Callable[[], Any]) -> Any:
        try:
            return action()
        except ChromaError as error:
            raise StoreFailed(str(error)) from error

    client = failing(lambda: chromadb.PersistentClient(path=str(folder)))
    try:
        yield lambda action: failing(lambda: action(client))
    finally:
        client.close()


def _metadata(one: IndexedDocument) -> dict[str, Any]:
    return {**one.document.metadata, _DIGEST: one.digest, _REACHES: json.dumps(one.reaches)}


def _document(text: str, metadata: dict[str, Any]) -> IndexedDocument:
    try:
        digest, reaches = metadata.pop(_DIGEST), json.loads(metadata.pop(_REACHES))
        document = Document(page_content=text, metadata=metadata)
        return IndexedDocument(document, digest, [tuple(reach) for reach in reaches])
    except (KeyError, TypeError) as error:
        raise ValueError(f"a document has lost {error}") from error


def at_once(items: list[str]) -> Iterator[list[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _in_calls(documents: Iterable[IndexedDocument]) -> Iterator[list[IndexedDocument]]:
    some: list[IndexedDocument] = []
    for one in documents:
        some.append(one)
        if len(some) == _AT_ONCE or sum(len(each.document.page_content) for each in some) > _CHARACTERS:
            yield some
            some = []
    if some:
        yield some
