"""The documents of a generation, and the passages that they are cut into.

Passages are stored as offsets: their text is always cut out of the document itself, so a quote can't
differ from its source.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from langchain_core.documents import Document
from numpy.typing import NDArray

from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE, URL
from partnerbot.documents.titles import title_from_file_name
from partnerbot.index.passages import Passage, Reach, reaches_of

View = Literal["sentence", "context"]
VIEWS: tuple[View, ...] = ("sentence", "context")
"""Each passage has two vectors: of its sentence alone, and of the sentence in its context."""

Part = tuple[str, View]
"""A language and a view: what one collection of vectors in the store holds."""

Vectors = NDArray[np.float32]
Matrices = Mapping[View, Vectors]
"""The vectors of all passages, float32 [passages, dimension], by row."""

Key = str
"""What a vector is known by: a digest of the model, its prefix and the text, in hexadecimal digits."""

_KEY_DIGITS = 32


def keyed_by(fingerprint: str, prompts: Mapping[str, str]) -> str:
    """Return what the keys of a model's vectors begin with; arguments as `EmbeddingModel` has them."""
    return f"{fingerprint}\0{prompts.get('document', '')}\0"


def text_key(model: str, text: str) -> Key:
    """Return the key of a text's vector. `model`: as `keyed_by` returns it."""
    return hashlib.sha256(f"{model}{text}".encode("utf-8", "replace")).hexdigest()[:_KEY_DIGITS]


_BEGINNING = 80
"""Characters by which an operator finds a sentence again."""


@dataclass(frozen=True)
class IndexedDocument:
    """A cleaned document, the digest of its file, and where its passages lie in it, in order."""

    document: Document
    digest: str
    reaches: Sequence[Reach]
    _keys: dict[str, list[dict[View, Key]]] = field(default_factory=dict, init=False, compare=False)

    @property
    def source(self) -> str:
        """What the document is known by."""
        return str(self.document.metadata[SOURCE])

    @property
    def language(self) -> str:
        """ISO 639-1 code."""
        return str(self.document.metadata[LANGUAGE])

    @cached_property
    def passages(self) -> list[Passage]:
        return Passage.all_of(self.document, self.reaches)

    @property
    def withheld(self) -> list[str]:
        """How each part begins that is never quoted, because it gives orders to a machine that reads it."""
        text = self.document.page_content
        starts, ends = [reach[0] for reach in self.reaches], [reach[1] for reach in self.reaches]
        between = (
            text[end:start].strip() for end, start in zip([0, *ends], [*starts, len(text)], strict=True)
        )
        return [part if len(part) <= _BEGINNING else f"{part[:_BEGINNING]}…" for part in between if part]

    def keys(self, model: str) -> list[dict[View, Key]]:
        """Return what its passages' vectors are known by, in order; worked out once for a model."""
        if model not in self._keys:
            self._keys[model] = [
                {"sentence": text_key(model, one.text), "context": text_key(model, one.text_in_context)}
                for one in self.passages
            ]
        return self._keys[model]


def split_into_passages(document: Document, digest: str = "") -> IndexedDocument:
    """Split a cleaned document; again gives the same passages. `digest`: of its file."""
    return IndexedDocument(document, digest, reaches_of(document))


class Texts:
    """All there is of each document, by its source, and passages by id: in order of source and place, as the
    rows of their vectors are. Immutable."""

    def __init__(self, documents: Iterable[IndexedDocument]) -> None:
        self.documents = {one.source: one for one in sorted(documents, key=lambda one: one.source)}
        self.passages = {passage.id: passage for one in self.documents.values() for passage in one.passages}
        self._rows = {id: row for row, id in enumerate(self.passages)}

    @cached_property
    def copies(self) -> dict[str, list[str]]:
        """Documents that others repeat word for word, under the same title, with the sources of those.

        Of some that are alike one with a public address counts as what the others repeat, else the one of the
        shortest name: "report (copy).md" repeats "report.md".
        """
        alike: dict[tuple[str, str], list[IndexedDocument]] = {}
        for one in self.documents.values():
            title = str(one.document.metadata[TITLE])
            own_title = "" if title == title_from_file_name(one.source) else title
            alike.setdefault((own_title, one.document.page_content), []).append(one)
        for group in alike.values():
            group.sort(key=lambda one: (URL not in one.document.metadata, len(one.source)))
        return {first.source: [one.source for one in rest] for first, *rest in alike.values() if rest}

    @cached_property
    def originals(self) -> dict[str, IndexedDocument]:
        """The documents that repeat no other, by source: what answers quote."""
        repeating = {source for sources in self.copies.values() for source in sources}
        return {source: one for source, one in self.documents.items() if source not in repeating}

    def passages_of(self, source: str) -> list[Passage]:
        found = self.documents.get(source)
        return [] if found is None else list(found.passages)

    def languages(self) -> list[str]:
        return [passage.language for passage in self.passages.values()]

    def row(self, id: str) -> int:
        return self._rows[id]

    def rows(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return the rows of passages, in the order of their ids."""
        return np.fromiter(map(self._rows.__getitem__, ids), np.intp, len(ids))

    def places(self) -> dict[str, slice]:
        """Return the rows of every document's passages, by its source."""
        found, end = {}, 0
        for source, one in self.documents.items():
            found[source] = slice(end, end := end + len(one.reaches))
        return found

    def keys(self, model: str) -> Mapping[View, list[Key]]:
        """Return what the passages' vectors are known by, by row. `model`: as `keyed_by` returns it."""
        both = [own for one in self.documents.values() for own in one.keys(model)]
        return {view: [own[view] for own in both] for view in VIEWS}

    def parts(self, model: str) -> dict[Part, dict[Key, int]]:
        """Return the keys of each language and view, each with the first row that has it."""
        found: dict[Part, dict[Key, int]] = {}
        for view, keys in self.keys(model).items():
            for row, (language, key) in enumerate(zip(self.languages(), keys, strict=True)):
                found.setdefault((language, view), {}).setdefault(key, row)
        return found

    def means(self, vectors: Vectors) -> dict[str, Vectors]:
        """Return the mean of each document's rows of `vectors` [passages, dimension], by its source."""
        return {
            source: vectors[rows].mean(axis=0, dtype=np.float32) for source, rows in self.places().items()
        }
