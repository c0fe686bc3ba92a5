"""The lexical index of a new generation, from the rows it keeps of the one before and its new ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from partnerbot.indexing.lexical import LexicalIndex


def joined(
    old: LexicalIndex, kept: NDArray[np.intp], fresh: LexicalIndex, place: NDArray[np.intp]
) -> LexicalIndex:
    """Return an index of the kept rows of `old` and all of `fresh`.

    `place`: the row that each of the kept ones has in it, then each of the fresh.

    It covers questions exactly as an index built anew from the same texts: terms that no
    row has any more are dropped.
    """
    vocabulary = dict(old.vocabulary)
    columns = np.array([vocabulary.setdefault(term, len(vocabulary)) for term in fresh.vocabulary], np.intp)
    shape = (len(place), len(vocabulary))
    of_old = np.full(old.occurrences.shape[0], -1, np.intp)
    of_old[kept] = place[: len(kept)]
    below = fresh.occurrences.tocoo()
    added = (below.data, (place[len(kept) + below.row], columns[below.col]))
    occurrences = _with_rows(old.occurrences, of_old, shape) + sparse.csc_matrix(added, shape=shape)
    used = np.diff(occurrences.indptr) > 0
    words = [word for word, kept_word in zip(vocabulary, used.tolist(), strict=True) if kept_word]
    return replace(
        fresh,
        vocabulary={word: column for column, word in enumerate(words)},
        occurrences=occurrences if used.all() else occurrences[:, np.flatnonzero(used)],
        spellings=fresh.spellings.knowing(old.spellings.names),
    )


def _with_rows(
    occurrences: sparse.csc_matrix, place: NDArray[np.intp], shape: tuple[int, int]
) -> sparse.csc_matrix:
    """Return the occurrences with each row at its place, -1 for none, in a matrix of at least its columns."""
    rows = place[occurrences.indices].astype(np.int32)
    stays = rows >= 0
    ends = np.r_[0, np.cumsum(stays)][occurrences.indptr]
    ends = np.r_[ends, np.full(shape[1] + 1 - len(ends), ends[-1])]
    moved = sparse.csc_matrix((occurrences.data[stays], rows[stays], ends), shape=shape)
    moved.sort_indices()
    return moved
