"""Fit the exported reader's probability on held-out examples and write it to reader.json.

    python training/calibrate.py --examples build/reader

A logistic regression (Platt's scaling) over two logits: the best span's minus "not here"'s, and
"answered at all". The examples are of articles that training never saw; none are of the
evaluation sets.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
from data import lines
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from partnerbot.models.reader import MODEL_FOLDER, load_reader

SEED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=Path, default=Path("build/reader"), help="folder data.py wrote")
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--most", type=int, default=900, help="most examples used")
    options = parser.parse_args()
    examples = list(lines(options.examples / "held.jsonl"))
    random.seed(SEED)
    examples = random.sample(examples, min(options.most, len(examples)))
    reader = load_reader(options.model)
    states = [reader.states(e["question"], e["title"], e["text"]) for e in examples]
    signals = np.empty((len(states), 2))
    for column, weights in enumerate(np.eye(2)):
        reader.calibration = {"span": weights[0], "answered": weights[1], "intercept": 0.0}
        signals[:, column] = [reader.answer(one).score for one in states]
    labels = np.array([example["start"] is not None for example in examples])
    # Each pair of languages and kind of source counts alike: the held-out set is mostly English.
    pairs = [example["pair"] for example in examples]
    counts = {pair: pairs.count(pair) for pair in set(pairs)}
    weights = np.array([counts[pair] ** -0.5 for pair in pairs])
    fitted = LogisticRegression(C=10.0).fit(signals, labels, sample_weight=weights / weights.mean())
    calibration = {
        "span": round(float(fitted.coef_[0, 0]), 5),
        "answered": round(float(fitted.coef_[0, 1]), 5),
        "intercept": round(float(fitted.intercept_[0]), 5),
    }
    chances = fitted.predict_proba(signals)[:, 1]
    kinds = defaultdict(list)
    for example, chance in zip(examples, chances, strict=True):
        kinds[example["kind"]].append(chance)
    edges = np.linspace(0, 1, 11)
    bins = np.clip(np.digitize(chances, edges) - 1, 0, 9)
    facts = json.loads((options.model / "reader.json").read_text("utf-8"))
    facts["calibration"] = calibration
    facts["reliability"] = [
        {
            "said": round(float(chances[bins == b].mean()), 3),
            "true": round(float(labels[bins == b].mean()), 3),
            "examples": int((bins == b).sum()),
        }
        for b in range(10)
        if (bins == b).any()
    ]
    (options.model / "reader.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(
        calibration,
        f"AUROC {roc_auc_score(labels, chances):.3f} Brier {brier_score_loss(labels, chances):.3f}",
    )
    for column, name in enumerate(("span", "answered")):
        print(f"  {name} alone: AUROC {roc_auc_score(labels, signals[:, column]):.3f}")
    for kind, found in sorted(kinds.items()):
        print(f"  {kind}: {len(found)} examples, mean probability {np.mean(found):.2f}")


if __name__ == "__main__":
    main()
