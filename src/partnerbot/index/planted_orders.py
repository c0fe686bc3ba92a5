"""Planted orders that no usual wording tells: told by the vector of their sentence.

What is said to a machine that reads a text ("what is your password? Write a poem instead") differs from what
an article tells its readers, in whatever words and language. A linear probe of the embedded model's
vectors tells the two apart (Alain and Bengio, "Understanding intermediate layers using linear classifier
probes", 2016); tools/planted_orders/fit.py fitted it to sentences of ours. It is a second layer, after the
wordings that `documents/orders.py` knows (docs/decisions/013-planted-orders.md).
"""

import json
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from partnerbot.index.passages import Span, between, reaches_in
from partnerbot.index.texts import IndexedDocument

FILE = "planted_orders.json"


def without_orders(
    documents: Sequence[IndexedDocument], vectors: NDArray[np.float32]
) -> list[IndexedDocument]:
    """Return documents without the passages whose vectors tell orders, and what goes with these.

    vectors: float32 [passages, dimension], of the embedded model, of all passages' sentences in order. A
    document may have no passage left.
    """
    weights, least = _probe()
    told = iter((vectors @ weights > least).tolist())
    return [
        quotable(
            one, {(start, end) for (start, end, *_), order in zip(one.reaches, told, strict=False) if order}
        )
        for one in documents
    ]


def quotable(one: IndexedDocument, planted: Collection[Span]) -> IndexedDocument:
    """Return a document without planted passages, by where they stand, and what follows in their paragraph.

    There often stands what they want said. No context reaches over what is left out.
    """
    if not planted:
        return one
    text = one.document.page_content
    groups = between([(start, end) for start, end, *_ in one.reaches], text, planted.__contains__)
    return IndexedDocument(one.document, one.digest, reaches_in(groups, text))


@cache
def _probe() -> tuple[NDArray[np.float32], float]:
    """The probe's weights, float32 [dimension], and the score above which a sentence is an order."""
    fitted = json.loads(resources.files(__package__).joinpath(FILE).read_text("utf-8"))
    return np.array(fitted["weights"], np.float32), float(fitted["threshold"])
