"""Fit the judges that tell partners from those that a sentence only names together.

    python training/register/train.py [--write]

Reads the texts of FILES (ours; towns are drawn at random, so that it learns no names).
What is printed was left out of the fit, with all that is made of its text. --write puts the weights where
the product takes them from: a quarter of an hour of one core. To measure the judges, they are then fitted
four times more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from examples import Example, examples
from judges import logits_of, trained, tuned, write_tuned
from langchain_core.documents import Document
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from partnerbot.documents.metadata import LANGUAGE, PUBLISHED, SOURCE, TITLE
from partnerbot.index.texts import IndexedDocument, split_into_passages
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.candidates import Candidate, candidates_in, together, view
from partnerbot.register.dating import StatedDate
from partnerbot.register.judging import Judge, Tie, tie_of
from partnerbot.register.mining import LEAST_PAIR, LEAST_PLAIN, MinedDocument

TARGET = Path(__file__).parents[2] / "src" / "partnerbot" / "register"
UNITS, PENALTY = 8, 15
"""Units of a layer, and what its weights are penalised by: 16 and 5 tell texts left out as well, articles
worse."""

FILES = (
    ("texts.jsonl", 2, 7),
    ("articles.jsonl", 3, 5),
    ("sentences.jsonl", 3, 9),
    ("pages.jsonl", 3, 15),
    ("lists.jsonl", 3, 21),
)
"""Files, how often each text is taken, and seeds. With each once less, the second judge, after an epoch more,
had one row of the sample wrong and finds three pairs more in the six sets, with six rows wrong."""

NETWORKS = 2
"""Networks that are asked together. Of three fits one alone found 23 or 24 pairs of the sample, with none or
two wrong; two together find 24 with none, and as many of other sets as the best."""

FOLDS = 4
"""Parts of which each is left out once."""

Fitted = tuple[NDArray[np.float32], NDArray[np.bool_], list[tuple[int, ...]]]
"""Features, what is right, and the numbers of the texts that each comes from."""


def document(example: Example) -> IndexedDocument:
    metadata = {SOURCE: "", LANGUAGE: example.language, TITLE: example.title}
    if example.published:
        metadata[PUBLISHED] = example.published
    found = Document(page_content=example.text, metadata=metadata)
    return split_into_passages(found)


def name(key: str) -> str:
    """What an authority's key calls it, whatever its level."""
    return key.split("-", 2)[2]


def candidates_of(example: Example) -> tuple[IndexedDocument, list[Named], list[list[Candidate]]]:
    """Return a text with the authorities that it names, and the pairs that are read together."""
    known = document(example)
    named = authorities_in(example.text, example.language)
    found = candidates_in(example.text, example.title, example.language, known.passages, named)
    return known, named, together(found)


def is_stated(pair: Candidate, example: Example) -> tuple[str, str, str, str | None] | None:
    """Return what a text states of a pair."""
    own = frozenset(map(name, pair.keys))
    return next((one for one in example.pairs if frozenset(map(name, one[:2])) == own), None)


def pairs_of(found: list[Example]) -> tuple[list[Tie], Fitted]:
    """Return what is seen of the candidates of the texts, the words' part of it alone, and what is stated."""
    seen, stated, texts = [], [], []
    for example in found:
        _, named, pairs = candidates_of(example)
        views = [view(example.text, each, named) for each in pairs]
        seen += [tie_of(one, pair, example.language) for one in views for pair in one[1]]
        every = [pair for each in pairs for pair in each]
        stated += [is_stated(pair, example) is not None for pair in every]
        texts += [example.templates] * len(every)
    return seen, (np.array([tie.plain for tie in seen]), np.array(stated), texts)


def dates_of(found: list[Example]) -> Iterator[tuple[StatedDate, str | None, tuple[int, ...]]]:
    """Yield the dates beside the pairs that texts state, with what is right, and the numbers of its texts."""
    for example in found:
        known, named, pairs = candidates_of(example)
        of_pair: dict[tuple[str, str], list[Candidate]] = {}
        for pair in (pair for each in pairs for pair in each):
            of_pair.setdefault(pair.keys, []).append(pair)
        for own in of_pair.values():
            if (gold := is_stated(own[0], example)) is not None:
                near = [one for one in own if one.start == known.passages[one.row].start and not one.headed]
                dates = MinedDocument(known, named).dates(near or own, alone=len(example.pairs) == 1)
                yield from ((one, gold[3], example.templates) for one in dates)


def network() -> Pipeline:
    layer = MLPClassifier(
        (UNITS,), activation="tanh", solver="lbfgs", alpha=PENALTY, max_iter=500, random_state=0
    )
    return make_pipeline(StandardScaler(), layer)


def layer_of(rows: NDArray[np.float32], stated: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    """Return a layer over features as they come."""
    scaled, layer = network().fit(rows, stated).steps
    mean, spread = scaled[1].mean_, scaled[1].scale_
    inner = layer[1].coefs_[0] / spread[:, None]
    return {
        "inner": inner,
        "inner_bias": layer[1].intercepts_[0] - mean @ inner,
        "outer": layer[1].coefs_[1][:, 0],
        "outer_bias": layer[1].intercepts_[1][0],
    }


def tell(what: str, stated: NDArray[np.bool_], logits: NDArray[np.float32], least: float) -> None:
    """Print how well log-odds tell texts that were left out of their fit."""
    told = logits >= least
    auc = roc_auc_score(stated, logits)
    print(
        f"{what}: {len(stated)}, {stated.mean():.0%} right. Left out: AUC {auc:.3f};",
        f"of those told {stated[told].mean():.1%} are right, of those right {told[stated].mean():.1%} told",
        flush=True,
    )


def tell_layer(what: str, found: Fitted, least: float) -> None:
    rows, stated, texts = found
    folds = GroupKFold(8, shuffle=True, random_state=0)
    groups = [each[0] for each in texts]
    likely = cross_val_predict(network(), rows, stated, groups=groups, cv=folds, method="predict_proba")[:, 1]
    tell(what, stated, np.log(likely / (1 - likely)), least)


def tell_judge(seen: list[Tie], found: Fitted) -> None:
    """Fit both judges without what has a text of a fold in it, and judge what has no other."""
    _, stated, texts = found
    told: list[tuple[bool, float]] = []
    for fold in range(FOLDS):
        inside = [[number % FOLDS == fold for number in each] for each in texts]
        fitted = [i for i, own in enumerate(inside) if not any(own)]
        learnt = [seen[i] for i in fitted], [stated[i] for i in fitted]
        left_out = [i for i, own in enumerate(inside) if all(own)]
        judge = Judge(trained(*learnt, NETWORKS))
        second = logits_of(tuned(*learnt), [seen[i] for i in left_out])
        told += [(stated[i], (judge(seen[i]) + logit) / 2) for i, logit in zip(left_out, second, strict=True)]
    tell("Pairs", np.array([right for right, _ in told]), np.array([logit for _, logit in told]), LEAST_PAIR)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write the weights in {TARGET}")
    options = parser.parse_args()
    found = [one for file in FILES for one in examples(*file)]
    seen, pairs = pairs_of(found)
    tell_layer("Unread", pairs, LEAST_PLAIN)
    if options.write:
        np.savez_compressed(TARGET / "plain.npz", **layer_of(*pairs[:2]))
        judge = trained(seen, list(pairs[1]), NETWORKS)
        weights = {name: values.astype(np.float16) for name, values in judge.items()}
        np.savez_compressed(TARGET / "judge.npz", **weights)
        write_tuned(tuned(seen, list(pairs[1])), TARGET)
    tell_judge(seen, pairs)


if __name__ == "__main__":
    main()
