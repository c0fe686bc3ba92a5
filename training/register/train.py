"""Fit the layer that tells partners from those that a sentence only names together.

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
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.index.passages import Passage, split_into_passages
from partnerbot.models.reader import load_reader
from partnerbot.register.authorities import authorities_in
from partnerbot.register.mining import Candidate, asked_together, candidates, features, view

TARGET = Path(__file__).parents[2] / "src" / "partnerbot" / "register" / "mining.json"
STRENGTH = 0.1
"""Inverse of the penalty on the weights; with 0.03 and 0.5 the held-out pairs are told as well."""

LEAST_PLAIN, LEAST_PAIR, LEAST_SINCE = -1.9, 0.5, 0.0
"""Log-odds from which a pair is read, two are taken for partners, and a date for that of the beginning."""

PLAIN = 9
"""Features from here on need no reader."""


def cut(text: str, language: str) -> list[Passage]:
    metadata = {SOURCE: "", LANGUAGE: language, TITLE: ""}
    return split_into_passages(Document(page_content=text, metadata=metadata)).passages


def name(key: str) -> str:
    """What an authority's key calls it, whatever its level."""
    return key.split("-", 2)[2]


def pairs_of(
    found: list[Example],
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]]:
    """Return the features of each candidate of the texts, whether it is stated, and its text's number."""
    rows: list[NDArray[np.float32]] = []
    stated: list[bool] = []
    texts: list[int] = []
    work, of_work = [], []
    for example in found:
        passages = cut(example.text, example.language)
        named = authorities_in(example.text, example.language)
        by_span: dict[tuple[int, int], list[Candidate]] = {}
        for one in candidates(example.text, passages, named, [True] * len(passages), None):
            by_span.setdefault((one.start, one.end), []).append(one)
        views = [view(example.text, "", *span, pairs, named) for span, pairs in by_span.items()]
        work.append(features(views, example.language))
        of_work.append((example, [pair for pairs in by_span.values() for pair in pairs]))
    for matrices, (example, pairs) in zip(asked_together(work, load_reader(threads=2)), of_work, strict=True):
        gold = {frozenset(map(name, pair[:2])) for pair in example.pairs}
        rows += [row for matrix in matrices for row in matrix]
        stated += [frozenset(name(one.authority.key) for one in (p.a, p.b)) in gold for p in pairs]
        texts += [example.template] * len(pairs)
    return np.array(rows), np.array(stated), np.array(texts)


def weights_of(rows: NDArray[np.float32], stated: NDArray[np.bool_]) -> list[float]:
    """Return a logistic layer over features as they come, the intercept last."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    layer = LogisticRegression(C=STRENGTH, max_iter=400).fit((rows - mean) / spread, stated)
    weights = layer.coef_[0] / spread
    intercept = layer.intercept_[0] - float((weights * mean).sum())
    return [round(float(one), 4) for one in (*weights, intercept)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    options = parser.parse_args()
    rows, stated, texts = pairs_of(list(examples("texts.jsonl", 2, 7)))
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    layer = LogisticRegression(C=STRENGTH, max_iter=400)
    folds = GroupKFold(8, shuffle=True, random_state=0)
    likely = cross_val_predict(
        layer, (rows - mean) / spread, stated, groups=texts, cv=folds, method="predict_proba"
    )[:, 1]
    told = likely >= 1 / (1 + np.exp(-LEAST_PAIR))
    print(f"{len(rows)} pairs of {len(set(texts))} texts, {stated.mean():.0%} of them stated")
    print(
        f"left out: AUC {roc_auc_score(stated, likely):.3f}; of those told {stated[told].mean():.1%} are",
        end=" ",
    )
    print(f"stated, of those stated {told[stated].mean():.1%} told")
    if options.write:
        fitted = {
            "plain": weights_of(rows[:, PLAIN:], stated),
            "pair": weights_of(rows, stated),
            "least_plain": LEAST_PLAIN,
            "least_pair": LEAST_PAIR,
            "least_since": LEAST_SINCE,
        }
        TARGET.write_text(json.dumps(fitted) + "\n", "utf-8")


if __name__ == "__main__":
    main()
