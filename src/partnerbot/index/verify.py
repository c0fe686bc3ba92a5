"""Is a new generation what it should be? Asked of its files, opened again, before any visitor sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from partnerbot.errors import VerificationFailed
from partnerbot.index.embedding_cache import TextKeys
from partnerbot.index.generations import what_answers
from partnerbot.index.search import Index
from partnerbot.index.vectors import VIEWS, Key, OnVectors, Part, Vectors, VectorStore, name_of, spread

Judge = Callable[[Index], dict[str, bool]]
"""Says of each of the owner's golden questions whether an index answers it rightly."""

_SAMPLE = 64
"""Vectors of a collection that must find themselves in the files opened again. Each costs 1.2 ms of processor
time; that all do was seen when they were added."""

UNREACHED_AT_MOST = 0.001
"""Share of a collection's vectors that its graph may fail to lead to now, where it did once."""


def find_astray(
    store: VectorStore,
    before: Mapping[str, Sequence[Key]],
    fresh: Mapping[Part, Mapping[Key, Vectors]],
    on_asked: OnVectors = lambda _: None,
) -> dict[str, list[Key]]:
    """Return by collection the keys of vectors that Chroma's graph doesn't lead to.

    `before`: those of the generation that this one was made from. `fresh`: the vectors that were added.
    """
    astray: dict[str, list[Key]] = {}
    for language in store.languages():
        for view in VIEWS:
            part: Part = (language, view)
            lost = store.chroma.lost(part, fresh.get(part, {}), on_asked)
            known = [key for key in before.get(name_of(part), ()) if key in store.keys(part)]
            if lost or known:
                astray[name_of(part)] = [*dict.fromkeys([*known, *lost])]
    return astray


def verify(new: Index, read: Collection[str], keys: TextKeys) -> None:
    """Check a generation that is not current yet.

    Every vector must be stored, and nothing else; a sample must find themselves, but for those known to be
    astray (`find_astray`). Texts of the sources in `read` must be those that were embedded.

    Raises: VerificationFailed naming what is wrong.
    """
    _check_counts(new)
    wrong = new.texts.check()
    if wrong is not None:
        raise VerificationFailed(_told(new, f"its texts are damaged ({wrong})"))
    chroma = new.store.chroma
    for language in new.store.languages():
        for view in VIEWS:
            part: Part = (language, view)
            wanted = new.store.keys(part)
            lost = set(wanted) ^ chroma.keys(part)
            some = spread(
                [key for key in wanted if key not in new.manifest.astray.get(name_of(part), ())], _SAMPLE
            )
            adrift = [] if lost else chroma.unreached(part, chroma.vectors(part, some))
            if lost or len(adrift) > UNREACHED_AT_MOST * len(wanted):
                raise VerificationFailed(
                    _told(
                        new,
                        f"{len(lost) or len(adrift)} vectors of {name_of(part)} are not what they should be",
                    )
                )
    for source in read:
        known = new.texts.keys_of(source)
        for passage in new.texts.passages_of(source):
            own = known[passage.id]
            if (keys.key(passage.text), keys.key(passage.text_in_context)) != (own.sentence, own.context):
                raise VerificationFailed(_told(new, f"the text of {source} is not the one that was embedded"))


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
    }
    differing = {name: count for name, count in counts.items() if count != stated}
    if differing:
        raise VerificationFailed(_told(new, f"it states {stated} passages, but has {differing}"))
    documents = len(new.texts.digests())
    if documents != new.manifest.documents:
        raise VerificationFailed(
            _told(new, f"it states {new.manifest.documents} documents, but has {documents}")
        )


def _told(new: Index, reason: str) -> str:
    return (
        f"The new generation {new.folder.name} was not put into use, because {reason}. "
        f"{what_answers(new.folder.parents[1])} Run again: partnerbot index --full"
    )
