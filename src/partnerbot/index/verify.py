"""Is a new generation what it should be? Asked of its files, opened again, before any visitor sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from partnerbot.errors import IndexUnavailable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.generations import Manifest, what_answers
from partnerbot.index.intake import is_there
from partnerbot.index.passages import Passage
from partnerbot.index.search import Index
from partnerbot.index.store import FOLDER as STORE
from partnerbot.index.store import Part, Store
from partnerbot.index.texts import VIEWS, Key, Matrices, Texts

Judge = Callable[[Index], dict[str, bool]]
"""Says of each of the owner's golden questions whether an index answers it rightly."""

_ROWS = 1_000
"""Passages whose vectors are compared with what was to be written, evenly chosen: all twice takes room."""

OnNotice = Callable[[str], None]
"""Called with a sentence for the operator, before the work that it announces."""

_SAMPLE = 64
"""Vectors added to a collection that are read from the store, evenly chosen."""


def verify(
    new: Index,
    texts: Texts,
    vectors: Matrices,
    derived: str,
    parts: Mapping[Part, Collection[Key]],
    added: Mapping[Part, Mapping[Key, Passage]],
) -> None:
    """Compare a generation that is not current yet with what was to be written.

    `parts`: the keys that each collection of the store must have. `added`: those that it did not have before,
    each with a passage that has it; a sample of their vectors is read.

    Raises: VerificationFailed naming what is wrong.
    """
    if new.texts is not texts:
        raise VerificationFailed(_told(new, "its texts are not those that were read"))
    step = max(1, len(texts.ids()) // _ROWS)
    if not all(np.array_equal(new.matrices[view][::step], vectors[view][::step]) for view in VIEWS):
        raise VerificationFailed(_told(new, "its vectors are not those that were made"))
    if new.derived != derived:
        raise VerificationFailed(_told(new, "it does not have what was derived from the texts"))
    if new.lexical.occurrences.shape[0] != len(texts.ids()):
        raise VerificationFailed(_told(new, "it does not have the words of every passage"))
    with Store.reading(new.folder / STORE) as store:
        # The others are as they were, and to count one takes Chroma as long as to load its graph.
        for part, own in ((part, own) for part, own in added.items() if own):
            some = list(own)[:: max(1, len(own) // _SAMPLE)]
            rows = texts.rows([own[key].id for key in some])
            stored = store.vectors(part, some)
            if store.count(part) != len(parts[part]) or not all(
                np.allclose(stored.get(key, 0), vectors[part[1]][row], atol=1e-6)
                for key, row in zip(some, rows, strict=True)
            ):
                raise VerificationFailed(_told(new, f"its store does not have all of {'.'.join(part)}"))


def golden_before(index: Path, before: Index | None, judge: Judge, on_notice: OnNotice) -> Mapping[str, bool]:
    """Return how the generation before answers the golden questions, or did if it can't be asked."""
    if before is not None:
        return judge(before)
    try:
        known = Manifest.read(generations.current(index)).golden
    except (IndexUnavailable, OSError, ValueError):
        if not is_there(index):
            return {}
        known = None
    if known is None:
        on_notice(
            "Whether the golden questions are answered as well as before can't be told: the generation "
            "before can't be asked, and what it answered was not kept."
        )
    return known or {}


def compare_golden(new: Index, now: Mapping[str, bool], earlier: Mapping[str, bool]) -> None:
    """Compare how a new generation and the one before answered the golden questions that both were asked.

    Raises: VerificationFailed if the new one answers fewer of them rightly.
    """
    both = now.keys() & earlier.keys()
    right, right_earlier = (sum(answers[one] for one in both) for answers in (now, earlier))
    if right < right_earlier:
        lost = "; ".join(one for one in now if one in both and earlier[one] and not now[one])
        raise VerificationFailed(
            f"The new generation {new.folder.name} was not put into use, because it answers {right} of the "
            f"golden questions rightly, where the generation before answered {right_earlier}; lost: {lost}. "
            f"{what_answers(new.folder.parents[1])} Mend the documents, go back to the model and the version "
            "of partnerbot that it was built with, or take out of the golden questions what need not be "
            "answered any more; then run again: partnerbot index"
        )


def _told(new: Index, reason: str) -> str:
    return (
        f"The new generation {new.folder.name} was not put into use, because {reason}. "
        f"{what_answers(new.folder.parents[1])} Run again: partnerbot index --full"
    )
