"""What is known of all vectors of a generation together, so that the next one reads only those that change.

Language backgrounds follow from the moments, and which documents are translations from their means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from partnerbot.index.document_store import TextStore
from partnerbot.index.files import read_arrays
from partnerbot.index.language_bias import Moments
from partnerbot.index.vectors import VIEWS, Key, Part, Vectors, VectorStore, name_of

VectorsOf = Callable[[Part, Sequence[Key]], Mapping[Key, Vectors]]
"""Returns the vectors of a language and view by their keys."""

FILE = "sums.npz"
_READ_AT_ONCE = 5_000
_NOTHING = Moments(0, np.zeros(1), np.zeros((1, 1)))


@dataclass(frozen=True)
class Sums:
    """The moments of all vectors by collection, and the mean of a document's sentences by its source."""

    moments: Mapping[Part, Moments]
    means: Mapping[str, Vectors]

    @classmethod
    def of(cls, texts: TextStore, store: VectorStore, vectors_of: VectorsOf, before: Before | None) -> Sums:
        """Return those of a generation. `before`: the generation that it was made from."""
        moments = {}
        for language in store.languages():
            for view in VIEWS:
                part: Part = (language, view)
                own = _counted(store, part)
                if before is None or part not in before.sums.moments:
                    moments[part] = _added_up(part, own, vectors_of)
                else:
                    old = _counted(before.store, part)
                    gone = _added_up(part, old - own, before.store.chroma.vectors)
                    moments[part] = before.sums.moments[part] + _added_up(part, own - old, vectors_of) - gone
        kept = {} if before is None else {source: before.sums.means[source] for source in before.unchanged}
        languages, keys = texts.languages(), store.passage_keys("sentence")
        means = {}
        for source, places in texts.places().items():
            part = languages[places.start], "sentence"
            means[source] = kept[source] if source in kept else _mean(part, keys[places], vectors_of)
        return cls(moments, means)

    def save(self, folder: Path) -> None:
        """Write the sums into a generation's folder."""
        arrays = {f"{name_of(part)}.count": np.array(one.count) for part, one in self.moments.items()}
        arrays |= {f"{name_of(part)}.total": one.total for part, one in self.moments.items()}
        arrays |= {f"{name_of(part)}.products": one.products for part, one in self.moments.items()}
        np.savez(folder / FILE, means=np.stack(list(self.means.values())), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path, texts: TextStore, store: VectorStore) -> Sums:
        """Read what `save` wrote of a generation with those texts and vectors."""
        arrays = read_arrays(folder / FILE)
        parts: list[Part] = [(language, view) for language in store.languages() for view in VIEWS]
        moments = {
            part: Moments(
                int(arrays[f"{name_of(part)}.count"]),
                arrays[f"{name_of(part)}.total"],
                arrays[f"{name_of(part)}.products"],
            )
            for part in parts
        }
        return cls(moments, dict(zip(texts.places(), arrays["means"], strict=True)))


@dataclass(frozen=True)
class Before:
    """The generation that another is made from, and the sources whose documents are the same in both."""

    store: VectorStore
    sums: Sums
    unchanged: Sequence[str]


def _counted(store: VectorStore, part: Part) -> Counter[Key]:
    """Return how many passages have each vector."""
    return Counter({key: len(places) for key, places in store.keys(part).items()})


def _added_up(part: Part, keys: Counter[Key], vectors_of: VectorsOf) -> Moments:
    every, total = list(keys.elements()), _NOTHING
    for start in range(0, len(every), _READ_AT_ONCE):
        some = every[start : start + _READ_AT_ONCE]
        found = vectors_of(part, list(dict.fromkeys(some)))
        total += Moments.of(np.stack([found[key] for key in some]))
    return total


def _mean(part: Part, keys: Sequence[Key], vectors_of: VectorsOf) -> Vectors:
    found = vectors_of(part, list(dict.fromkeys(keys)))
    mean: Vectors = np.mean([found[key] for key in keys], axis=0, dtype=np.float32)
    return mean
