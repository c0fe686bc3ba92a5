"""Questions that ask the same, in whatever words or language, as one group."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_ALIKE = 0.9
"""Cosine of the embedded model's query vectors from which questions go together: 22 of 47 pairs that ask the
same in other words or languages, and 5 of 619 that don't (what a passport costs, and an identity card)."""


def alike(asked: Counter[str]) -> list[list[str]]:
    """Return questions in groups, each led by its most central one: that is nearest to all that were asked.

    Raises: ModelUnavailable.
    """
    texts = [text for text, _ in asked.most_common()]
    if not texts:
        return []
    vectors = np.stack([_vector(text) for text in texts])
    nearness = vectors @ vectors.T
    groups: list[list[int]] = []
    for number in range(len(texts)):
        # Compared with the most frequent one of each group: chains of neighbours would end anywhere.
        nearest = max(groups, key=lambda group: nearness[group[0], number], default=None)
        if nearest is not None and nearness[nearest[0], number] >= _ALIKE:
            nearest.append(number)
        else:
            groups.append([number])
    weights = np.array([asked[text] for text in texts])
    return [
        [texts[n] for n in sorted(group, key=lambda n: -float(nearness[n, group] @ weights[group]))]
        for group in groups
    ]


@lru_cache(maxsize=4096)
def _vector(text: str) -> NDArray[np.float32]:
    from partnerbot.models.embeddings import EMBEDDED, load_embedding_model

    return load_embedding_model(EMBEDDED).query_vector(text)
