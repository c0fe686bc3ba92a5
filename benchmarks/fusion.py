"""How passages found by meaning and by words are best put in one order, across languages.

    python benchmarks/fusion.py DATASET…

Each data set is a folder as `partnerbot evaluate` takes it, best with documents in several
languages and each question in all of them. For every way of scoring passages: recall@1 and @5
of a right document over all answerable questions, and the same for the pair of languages
(question's and document's) that fares worst. What docs/decisions/004-fusion.md and the constants
in index/search.py say comes from here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from machine import describe
from numpy.typing import NDArray
from platformdirs import user_cache_path

from partnerbot.evaluation.corpus import Corpus, open_corpus
from partnerbot.evaluation.datasets import Query, read_data_set
from partnerbot.index.search import (
    LEXICAL_PER_LANGUAGE,
    LEXICAL_WEIGHT,
    NAMED_WEIGHT,
    NEAREST_PER_LANGUAGE,
    SENTENCE_WEIGHT,
    Index,
)
from partnerbot.index.texts import VIEWS, View
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import load_settings

Scores = NDArray[np.float32]

_RANK_FUSION_CONSTANT = 60
"""Of reciprocal rank fusion, as its authors set it (Cormack et al., SIGIR 2009)."""

_FEWEST_IN_PAIR = 10
"""Questions that a pair of languages needs to count as the worst one, if any has so many."""


@dataclass(frozen=True)
class Passages:
    """Every passage of an index: its document's id, its language, and its vectors [passages, dimension]."""

    documents: NDArray[np.str_]
    rows: dict[str, NDArray[np.intp]]
    vectors: dict[View, NDArray[np.float32]]


@dataclass(frozen=True)
class Evidence:
    """What one question scores on every passage.

    `cosine` and `unbiased` (standard deviations of ordinary text) are by view, `coverage` and `named` are
    in [0, 1].
    """

    rows: dict[str, NDArray[np.intp]]
    cosine: dict[View, Scores]
    unbiased: dict[View, Scores]
    coverage: Scores
    named: Scores

    def mixed(self, sentence_weight: float = SENTENCE_WEIGHT) -> Scores:
        """Both views without the language background, in one score."""
        return sentence_weight * self.unbiased["sentence"] + (1 - sentence_weight) * self.unbiased["context"]

    def relative_coverage(self) -> Scores:
        """Coverage less that of the best passage of the same language: at most 0."""
        relative = self.coverage.copy()
        for rows in self.rows.values():
            relative[rows] -= relative[rows].max()
        return relative

    def with_words(self) -> Scores:
        """Both views and coverage, without names."""
        return self.mixed() + LEXICAL_WEIGHT * self.relative_coverage()

    def shipped(self, nearest: int | None = None) -> Scores:
        """Score as Index.search does; with `nearest`, only so many passages a language and view."""
        scores = self.with_words() + NAMED_WEIGHT * self.named
        if nearest is None:
            return scores
        kept = np.zeros(len(scores), np.bool_)
        for rows in self.rows.values():
            for view in VIEWS:
                kept[rows[np.argsort(-self.cosine[view][rows])[:nearest]]] = True
            for shares in (self.coverage, self.named):
                kept[rows[np.argsort(-shares[rows], kind="stable")[:LEXICAL_PER_LANGUAGE]]] = True
        return np.where(kept, scores, -np.inf).astype(np.float32)

    def fused_by_rank(self) -> Scores:
        """Reciprocal rank fusion of the context's cosine with coverage."""
        return sum(
            (1 / (_RANK_FUSION_CONSTANT + np.argsort(np.argsort(-scores, kind="stable")) + 1)).astype(
                np.float32
            )
            for scores in (self.cosine["context"], self.coverage)
        )


def ways() -> dict[str, Callable[[Evidence], Scores]]:
    """Return every way of scoring, by what the table calls it."""
    found: dict[str, Callable[[Evidence], Scores]] = {
        "cosine, context": lambda e: e.cosine["context"],
        "cosine and coverage fused by rank": Evidence.fused_by_rank,
        "background removed, context": lambda e: e.unbiased["context"],
        "background removed, sentence": lambda e: e.unbiased["sentence"],
    }
    for weight in (0.2, 0.4, 0.5, 0.6):
        name = f"background removed, {weight} sentence + {1 - weight:.1f} context"
        found[name] = lambda e, weight=weight: e.mixed(weight)  # type: ignore[misc]
    for weight in (2.0, 4.0):
        name = f"… ({SENTENCE_WEIGHT} sentence) + {weight:.0f} × coverage"
        found[name] = lambda e, weight=weight: e.mixed() + weight * e.coverage  # type: ignore[misc]
    for weight in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        name = f"… ({SENTENCE_WEIGHT} sentence) + {weight:.0f} × relative coverage"
        found[name] = lambda e, weight=weight: e.mixed() + weight * e.relative_coverage()  # type: ignore[misc]
    for weight in (0.5, 1.0, 1.5, 2.0):
        name = f"… + {LEXICAL_WEIGHT:.0f} × relative coverage + {weight} × names"
        found[name] = lambda e, weight=weight: e.with_words() + weight * e.named  # type: ignore[misc]
    for nearest in (NEAREST_PER_LANGUAGE // 2, NEAREST_PER_LANGUAGE, 2 * NEAREST_PER_LANGUAGE):
        name = f"as shipped, of the {nearest} nearest a language and view"
        found[name] = lambda e, nearest=nearest: e.shipped(nearest)  # type: ignore[misc]
    return found


def measure(place: str) -> None:
    """Print the table of one data set."""
    settings = load_settings()
    data_set = read_data_set(place, settings.documents)
    corpus = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation")
    model = load_embedding_model(settings.embedding_model)
    index = Index.open(corpus.bot.settings.index, model)
    lexical, backgrounds = index.lexical, index.backgrounds
    passages = _passages(index, corpus)
    queries = [query for query in data_set.queries if query.relevant]
    ranks: dict[str, list[int]] = {name: [] for name in ways()}
    for query in queries:
        vector = model.query_vector(query.question)
        cosine = {view: passages.vectors[view] @ vector for view in VIEWS}
        unbiased = {view: np.empty_like(cosine[view]) for view in VIEWS}
        for language, rows in passages.rows.items():
            for view in VIEWS:
                unbiased[view][rows] = backgrounds[language, view].score(vector, cosine[view][rows])
        evidence = Evidence(
            passages.rows,
            cosine,
            unbiased,
            lexical.coverage(query.question),
            lexical.named(query.question),
        )
        for name, score in ways().items():
            ranks[name].append(_rank(score(evidence), passages.documents, query))
    groups = np.array([query.group for query in queries])
    pairs = np.array([f"{query.language}→{corpus.languages[query.relevant[0]]}" for query in queries])
    print(
        f"\n{data_set.name}: {len(corpus.languages)} documents, {len(passages.documents)} passages, ",
        end="",
    )
    print(f"{len(queries)} answerable questions. Recall@1 (95 % interval) / @5 in percent: all | worst pair")
    for name, found in ranks.items():
        print(f"  {name:<52} {_recall(np.array(found), pairs, groups)}")


def _passages(index: Index, corpus: Corpus) -> Passages:
    found = index.texts.passages
    languages = np.array(index.texts.languages())
    vectors = {view: index.vectors(found.values(), view) for view in VIEWS}
    return Passages(
        documents=np.array([corpus.id(passage.source) for passage in found.values()]),
        rows={str(language): np.flatnonzero(languages == language) for language in np.unique(languages)},
        vectors={view: np.stack(list(vectors[view].values())) for view in VIEWS},
    )


def _rank(scores: Scores, documents: NDArray[np.str_], query: Query) -> int:
    """Return the place, from 1, of the first right document, each scored by its best passage."""
    order = documents[np.argsort(-scores, kind="stable")]
    if query.candidates is not None:
        order = order[np.isin(order, query.candidates)]
    for place, document in enumerate(dict.fromkeys(order.tolist()), start=1):
        if document in query.relevant:
            return place
    return len(order) + 1


def _interval(ranks: NDArray[np.int_], groups: NDArray[np.str_]) -> str:
    """Return the 95 % bootstrap interval of recall@1, resampling questions with their translations."""
    random = np.random.default_rng(0)
    names, places = np.unique(groups, return_inverse=True)
    hits = np.bincount(places, ranks <= 1)
    sizes = np.bincount(places)
    drawn = random.integers(0, len(names), (2000, len(names)))
    low, high = np.percentile(100 * hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), (2.5, 97.5))
    return f"({low:.0f} to {high:.0f})"


def _recall(ranks: NDArray[np.int_], pairs: NDArray[np.str_], groups: NDArray[np.str_]) -> str:
    def at(chosen: NDArray[np.bool_]) -> tuple[float, float]:
        return 100 * float((ranks[chosen] <= 1).mean()), 100 * float((ranks[chosen] <= 5).mean())

    names, counts = np.unique(pairs, return_counts=True)
    large = names[counts >= min(_FEWEST_IN_PAIR, counts.max())]
    everything = at(np.ones(len(ranks), np.bool_))
    worst, name = min((at(pairs == name), str(name)) for name in large)
    spread = _interval(ranks, groups)
    return f"{everything[0]:.0f} {spread} / {everything[1]:.0f} | {worst[0]:.0f}/{worst[1]:.0f} {name}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_sets", nargs="+", metavar="DATASET", help="folder of a data set")
    places = parser.parse_args(arguments).data_sets
    print(describe())
    for place in places:
        if not Path(place).is_dir():
            parser.error(f"{place} is no folder")
        measure(place)


if __name__ == "__main__":
    main()
