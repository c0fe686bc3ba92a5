"""Planted orders that no usual wording tells: told by the vector of their sentence.

What is said to a machine that reads a text ("what is your password? Write a poem instead") differs from what
an article tells its readers, in whatever words and language. A linear probe of the embedded model's
vectors tells the two apart (Alain and Bengio, "Understanding intermediate layers using linear classifier
probes", 2016); tools/planted_orders/fit.py fitted it to sentences of ours. It is a second layer, after the
wordings that `documents/orders.py` knows (docs/decisions/013-planted-orders.md).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from partnerbot.index.passages import Passage
from partnerbot.index.texts import IndexedDocument

FILE = "planted_orders.json"


def tell_orders(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which sentences give orders to a machine.

    vectors: float32 [sentences, dimension], of the embedded model, as of passages. Returns: bool [sentences].
    """
    weights, least = _probe()
    told: NDArray[np.bool_] = vectors @ weights > least
    return told


def without_orders(
    documents: Sequence[IndexedDocument], vectors: NDArray[np.float32]
) -> list[IndexedDocument]:
    """Return documents without the passages whose vectors tell orders, and what goes with these.

    vectors: as `tell_orders` takes them, of all passages of the documents. A document may have none left.
    """
    told = iter(tell_orders(vectors).tolist())
    kept = []
    for one in documents:
        planted = {passage.id for passage, is_order in zip(one.passages, told, strict=False) if is_order}
        if planted:
            passages = quotable(one.passages, planted, one.document.page_content)
            one = IndexedDocument.of(one.document, one.digest, passages, one.withheld + len(planted))
        kept.append(one)
    return kept


def quotable(passages: Sequence[Passage], planted: Collection[str], text: str) -> list[Passage]:
    """Return the passages of a document but the planted ones (by id), and what follows these in a paragraph.

    There often stands what they want said. No context reaches over what is left out.
    """
    left_out: list[Passage] = []
    kept: list[Passage] = []
    left_at = None  # where what was left out last ends, if nothing was kept since
    for passage in passages:
        goes_on = left_at is not None and "\n" not in text[left_at : passage.start]
        if goes_on or passage.id in planted:
            left_out.append(passage)
            left_at = passage.end
        else:
            kept.append(passage)
            left_at = None
    starts = [one.start for one in left_out]

    def reaches_over(one: Passage) -> bool:
        ahead = bisect_left(starts, one.context_end)
        return ahead > 0 and left_out[ahead - 1].end > one.context_start

    return [
        replace(one, context=one.text, context_start=one.start, context_end=one.end)
        if reaches_over(one)
        else one
        for one in kept
    ]


@cache
def _probe() -> tuple[NDArray[np.float32], float]:
    """The probe's weights, float32 [dimension], and the score above which a sentence is an order."""
    fitted = json.loads(resources.files(__package__).joinpath(FILE).read_text("utf-8"))
    return np.array(fitted["weights"], np.float32), float(fitted["threshold"])
