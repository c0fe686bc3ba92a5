"""Fit the layers that tell partners from those that a sentence only names together, and their dates.

    python training/register/train.py [--write]

Reads texts.jsonl (ours; towns are drawn at random, so that it learns no names). What is printed was left out
of the fit, with all copies of its text. --write puts the weights where the product takes them from.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from examples import Example, examples
from langchain_core.documents import Document
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.index.passages import split_into_passages
from partnerbot.index.texts import IndexedDocument
from partnerbot.models.reader import load_reader
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.candidates import Candidate, candidates_in, together, view
from partnerbot.register.features import asked_together, features
from partnerbot.register.mining import MinedDocument

TARGET = Path(__file__).parents[2] / "src" / "partnerbot" / "register" / "mining.json"
UNITS, PENALTY = 8, 15
"""Units of a layer, and what its weights are penalised by: 16 and 5 tell texts left out as well, articles
worse."""

LEAST_PLAIN, SURE_PLAIN, LEAST_PAIR, LEAST_SINCE = -1.5, 2.0, 0.5, 0.0
"""Log-odds from which a pair is read; needn't be; is one of partners; from which a date is right."""

PLAIN = 9
"""Features from here on need no reader."""

Fitted = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]]
"""Features, what is right, and the numbers of the texts."""


def document(example: Example) -> IndexedDocument:
    metadata = {SOURCE: "", LANGUAGE: example.language, TITLE: example.title}
    found = Document(page_content=example.text, metadata=metadata)
    return IndexedDocument.of(found, "", split_into_passages(found).passages)


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


def pairs_of(found: list[Example]) -> Fitted:
    """Return the candidates of the texts, and whether they are stated."""
    work, stated, texts = [], [], []
    for example in found:
        _, named, pairs = candidates_of(example)
        work.append(features([view(example.text, each, named) for each in pairs], example.language))
        every = [pair for each in pairs for pair in each]
        stated += [is_stated(pair, example) is not None for pair in every]
        texts += [example.template] * len(every)
    rows = [row for views in asked_together(work, load_reader(threads=2)) for rows in views for row in rows]
    return np.array(rows), np.array(stated), np.array(texts)


def dates_of(found: list[Example]) -> Fitted:
    """Return the dates beside the pairs that texts state, and whether they are those of the beginning."""
    work, of_work = [], []
    for example in found:
        known, named, pairs = candidates_of(example)
        of_pair: dict[tuple[str, str], list[Candidate]] = {}
        for pair in (pair for each in pairs for pair in each):
            of_pair.setdefault(pair.keys, []).append(pair)
        for own in of_pair.values():
            if (gold := is_stated(own[0], example)) is not None:
                work.append(MinedDocument(known, named).dates(own, alone=len(example.pairs) == 1))
                of_work.append((example.template, gold[3]))
    rows, stated, texts = [], [], []
    for dates, (number, since) in zip(asked_together(work, load_reader(threads=2)), of_work, strict=True):
        rows += [one.features for one in dates]
        stated += [one.iso == since for one in dates]
        texts += [number] * len(dates)
    return np.array(rows, np.float32), np.array(stated), np.array(texts)


def network() -> Pipeline:
    layer = MLPClassifier(
        (UNITS,), activation="tanh", solver="lbfgs", alpha=PENALTY, max_iter=500, random_state=0
    )
    return make_pipeline(StandardScaler(), layer)


def layer_of(rows: NDArray[np.float32], stated: NDArray[np.bool_]) -> dict[str, object]:
    """Return a layer over features as they come."""
    scaled, layer = network().fit(rows, stated).steps
    mean, spread = scaled[1].mean_, scaled[1].scale_
    inner = layer[1].coefs_[0] / spread[:, None]
    known = {
        "inner": inner,
        "inner_bias": layer[1].intercepts_[0] - mean @ inner,
        "outer": layer[1].coefs_[1][:, 0],
        "outer_bias": layer[1].intercepts_[1][0],
    }
    return {name: np.round(values, 4).tolist() for name, values in known.items()}


def tell(what: str, found: Fitted, least: float) -> None:
    """Print how well a layer tells texts that were left out of its fit."""
    rows, stated, texts = found
    folds = GroupKFold(8, shuffle=True, random_state=0)
    likely = cross_val_predict(network(), rows, stated, groups=texts, cv=folds, method="predict_proba")[:, 1]
    told = likely >= 1 / (1 + np.exp(-least))
    print(
        f"{what}: {len(rows)} of {len(set(texts))} texts, {stated.mean():.0%} right. Left out: AUC "
        f"{roc_auc_score(stated, likely):.3f}; of those told {stated[told].mean():.1%} are right, of those "
        f"right {told[stated].mean():.1%} told"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    options = parser.parse_args()
    found = list(examples("texts.jsonl", 1, 7))
    pairs, dates = pairs_of(found), dates_of(found)
    tell("Unread", (pairs[0][:, PLAIN:], *pairs[1:]), LEAST_PLAIN)
    tell("Pairs", pairs, LEAST_PAIR)
    tell("Dates", dates, LEAST_SINCE)
    if options.write:
        fitted = {
            "plain": layer_of(pairs[0][:, PLAIN:], pairs[1]),
            "pair": layer_of(*pairs[:2]),
            "since": layer_of(*dates[:2]),
            "least_plain": LEAST_PLAIN,
            "sure_plain": SURE_PLAIN,
            "least_pair": LEAST_PAIR,
            "least_since": LEAST_SINCE,
        }
        TARGET.write_text(json.dumps(fitted) + "\n", "utf-8")


if __name__ == "__main__":
    main()
