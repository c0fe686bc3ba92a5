"""Is a new generation what it should be? Asked of its files, opened again, before any visitor sees it."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import numpy as np

from partnerbot.errors import IndexUnavailable, VerificationFailed
from partnerbot.index import generations
from partnerbot.index.generations import Manifest, what_answers
from partnerbot.index.intake import is_there
from partnerbot.index.search import DAMAGE, Index
from partnerbot.index.store import Store
from partnerbot.index.texts import Key, Part, Texts
from partnerbot.models.embeddings import EmbeddingModel

Judge = Callable[[Index], dict[str, bool]]
"""Says of each of the owner's golden questions whether an index answers it rightly."""

OnNotice = Callable[[str], None]
"""Called with a sentence for the operator, before the work that it announces."""

_SAMPLE = 64
"""Vectors added to a collection that are read from the store, evenly chosen."""


def verified(
    index: Path,
    folder: Path,
    model: EmbeddingModel,
    texts: Texts,
    parts: Mapping[Part, Collection[Key]],
    added: Mapping[Part, Mapping[Key, int]],
) -> Index:
    """Open a generation that is not current yet, and compare its store with what was to be written.

    `parts`: the keys that each collection of the store must have. `added`: those that it did not have before,
    each with a row that has it; a sample of their vectors is read.

    Raises: VerificationFailed naming what is wrong.
    """
    try:
        new = Index.open_generation(index, folder, model)
        if new.texts.documents != texts.documents:
            wrong: str | None = "its texts are not those that were read"
        else:
            with Store.reading(folder) as store:
                wrong = _missing_in(store, new, parts, added)
    except (IndexUnavailable, *DAMAGE) as error:
        raise VerificationFailed(f"The new generation was not put into use: {error}") from error
    if wrong:
        raise VerificationFailed(
            f"The new generation {folder.name} was not put into use, because {wrong}. "
            f"{what_answers(index)} Run again: partnerbot index --full"
        )
    return new


def _missing_in(
    store: Store,
    new: Index,
    parts: Mapping[Part, Collection[Key]],
    added: Mapping[Part, Mapping[Key, int]],
) -> str | None:
    """Say which vectors a store doesn't have as it should, if any."""
    # The others are as they were, and to count one takes Chroma as long as to load its graph.
    for part, own in ((part, own) for part, own in added.items() if own):
        some = list(own)[:: max(1, len(own) // _SAMPLE)]
        vectors = new.matrices[part[1]][[own[key] for key in some]]
        stored = store.vectors(part, some)
        if store.count(part) != len(parts[part]) or not all(
            np.allclose(stored.get(key, 0), vector, atol=1e-6)
            for key, vector in zip(some, vectors, strict=True)
        ):
            return f"its store does not have all of {'.'.join(part)}"
    return None


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
            f"The new generation {new.folder.name} was not put into use: it answers {right} of the golden "
            f"questions correctly, the generation before answered {right_earlier}; lost: {lost}. "
            f"{what_answers(new.folder.parents[1])} Correct the documents, go back to the model and the "
            "version of partnerbot that it was built with, or unmark, or take out of golden.toml, what need "
            "not be answered any more; then run again: partnerbot index"
        )
