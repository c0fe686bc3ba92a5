"""The lexical index of a new generation, from the rows it keeps of the one before and its new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from partnerbot.indexing.lexical import LexicalIndex


def joined(
    old: LexicalIndex, kept: NDArray[np.intp], fresh: LexicalIndex, order: Sequence[int]
) -> LexicalIndex:
    """Return an index of the kept rows of `old`, then all of `fresh`, put into the given order.

    It covers questions exactly as an index built anew from the same texts: terms that no
    row has any more are dropped.
    """
    vocabulary = dict(old.vocabulary)
    columns = np.array([vocabulary.setdefault(term, len(vocabulary)) for term in fresh.vocabulary], np.int32)
    above, below = old.occurrences.tocsr()[kept], fresh.occurrences.tocsr()
    width = len(vocabulary)
    rows = sparse.vstack(
        [
            sparse.csr_matrix((above.data, above.indices, above.indptr), shape=(above.shape[0], width)),
            sparse.csr_matrix(
                (below.data, columns[below.indices], below.indptr), shape=(below.shape[0], width)
            ),
        ],
        format="csr",
    )
    occurrences = rows[np.asarray(order, np.intp)].tocsc()
    used = np.diff(occurrences.indptr) > 0
    words = [word for word, kept_word in zip(vocabulary, used.tolist(), strict=True) if kept_word]
    return replace(
        fresh,
        vocabulary={word: column for column, word in enumerate(words)},
        occurrences=occurrences[:, np.flatnonzero(used)],
        spellings=fresh.spellings.knowing(old.spellings.names),
    )
