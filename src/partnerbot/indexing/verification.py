"""Is a new generation what it should be? Asked of its files, opened again, before any visitor sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future

import numpy as np

from partnerbot.errors import VerificationFailed
from partnerbot.indexing.embedding_cache import TextKeys
from partnerbot.indexing.generations import what_answers
from partnerbot.indexing.index import Index
from partnerbot.indexing.vectors import OnVectors, VectorStore

Judge = Callable[[Index], dict[str, bool]]
"""Says of each of the owner's golden questions whether an index answers it rightly."""

_SAMPLE = 64
"""Passages that are looked for in a segment whose every passage was when it was written, and whose files are
the same to the byte: whether Chroma still reads them as it did. Each costs 1.2 ms of processor time."""

UNREACHED_AT_MOST = 0.001
"""Share of a segment's passages that a graph may fail to lead to now, where it did when it was written."""

_NAMED = 5


def examine(store: VectorStore, number: int) -> list[str]:
    """Return which of a sample of passages are lost in a segment that is taken over.

    Every one was looked for when the segment was written, and its files are the same since it was opened.
    """
    return store.segments[number].lost(_sample(store.ids_in(number)))


def verify(
    new: Index,
    taken_over: Mapping[str, Future[list[str]]],
    read: Collection[str],
    keys: TextKeys,
    on_asked: OnVectors = lambda _: None,
) -> int:
    """Check a generation that is not current yet; returns how many passages its graphs don't lead to.

    `taken_over`: the segments, by name, that are being examined. Of all others every passage must be
    stored, and is looked for by its own vectors: what doesn't find itself is compared directly from
    now on (`Segment.find_astray`). Texts of the sources in `read` must be those that were embedded.

    Raises: VerificationFailed naming what is wrong.
    """
    _check_counts(new)
    wrong = new.texts.check()
    if wrong is not None:
        raise VerificationFailed(_told(new, f"its texts are damaged ({wrong})"))
    astray: set[str] = set()
    for segment in new.store.segments:
        if segment.name in taken_over:
            lost = taken_over[segment.name].result()
            too_many = len(lost) > UNREACHED_AT_MOST * sum(segment.counts.values())
        else:
            lost = segment.lost()
            too_many = bool(lost)
        if too_many:
            named = ", ".join(sorted({_source(new, id) for id in lost})[:_NAMED])
            raise VerificationFailed(
                _told(new, f"{len(lost)} passages are not in its vector store, from {named}")
            )
        if segment.name not in taken_over:
            astray |= segment.find_astray(on_asked)
    for source in read:
        known = new.texts.keys_of(source)
        for passage in new.texts.passages_of(source):
            own = known[passage.id]
            if (keys.key(passage.text), keys.key(passage.text_in_context)) != (own.sentence, own.context):
                raise VerificationFailed(_told(new, f"the text of {source} is not the one that was embedded"))
    return len(astray)


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


def _check_counts(new: Index) -> None:
    stated, texts = new.manifest.passages, len(new.texts.ids())
    counts = {
        "texts": texts,
        "words": int(new.lexical.occurrences.shape[0]),
        "vectors": new.store.count(),
        "vectors by language": sum(new.store.living(number) for number in range(len(new.store.segments))),
    }
    differing = {name: count for name, count in counts.items() if count != stated}
    if differing:
        raise VerificationFailed(_told(new, f"it states {stated} passages, but has {differing}"))
    documents = len(new.texts.digests())
    if documents != new.manifest.documents:
        raise VerificationFailed(
            _told(new, f"it states {new.manifest.documents} documents, but has {documents}")
        )


def _sample(ids: Sequence[str]) -> set[str]:
    return {ids[place] for place in np.linspace(0, len(ids) - 1, min(_SAMPLE, len(ids))).astype(int)}


def _source(new: Index, id: str) -> str:
    found = new.texts.passages([id]) if id in set(new.texts.ids()) else {}
    return found[id].source if found else "a removed document"


def _told(new: Index, reason: str) -> str:
    return (
        f"The new generation {new.folder.name} was not put into use, because {reason}. "
        f"{what_answers(new.folder.parents[1])} Run again: partnerbot index --full"
    )
