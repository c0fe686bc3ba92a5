"""Train the two layers that tell what sort of reply a message wants (src/partnerbot/answering/kinds.py).

    python training/kinds/train.py            train, print figures, write the weights
    python training/kinds/train.py --check    print figures only

Takes some minutes on one core, most of them for embedding. Examples: this folder and training/conversation;
bare names in small letters are taken from the list of towns.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from partnerbot.answering import kinds
from partnerbot.indexing.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED

HERE = Path(__file__).parent
WEIGHTS = Path(kinds.__file__).with_name("kinds.npz")
TOWNS = Path(kinds.__file__).parents[1] / "indexing" / "place_names.tsv"

PENALTY = {"kinds": 0.3, "acts": 0.3}
"""C of the logistic regressions; 0.1, 0.3 and 1 differ by less than two points in the figures printed."""

COMPOSED_WEIGHT = 0.4
"""Of an example made from a template, beside 1 for one that was written: there are many of a kind."""

BARE_TOWNS = 240
FOLDS = 5


def examples() -> list[dict[str, str]]:
    """Return all examples: text, language, and kind or act; `group` names what must not be torn apart."""
    found = []
    files = [*sorted(HERE.glob("*.jsonl")), *sorted((HERE.parent / "conversation").glob("*.jsonl"))]
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            row = json.loads(line)
            made = f"template {row['template']}" if "template" in row else f"{file.name} {number}"
            found.append(row | {"group": made, "file": file.name})
    towns = random.Random(5).sample(TOWNS.read_text("utf-8").splitlines(), BARE_TOWNS)
    for town in towns:
        spellings = town.split("\t")
        found.append({"text": spellings[0].lower(), "language": "en", "kind": "name"})
        found[-1] |= {"group": town, "file": "towns"}
    return found


def fitted(
    rows: NDArray[np.float32], labels: Sequence[str], weights: NDArray[np.float32], penalty: float
) -> LogisticRegression:
    """Return the layer that tells the labels apart."""
    return LogisticRegression(C=penalty, max_iter=500).fit(rows, labels, sample_weight=weights)


def held_back(
    rows: NDArray[np.float32],
    labels: NDArray[np.str_],
    weights: NDArray[np.float32],
    groups: Sequence[str],
    counted: NDArray[np.bool_],
    penalty: float,
) -> NDArray[np.str_]:
    """Return what a layer trained on the other groups says of each counted example; "" for the rest."""
    said = np.full(len(labels), "", dtype=object)
    for known, new in GroupKFold(FOLDS).split(rows, labels, groups):
        layer = fitted(rows[known], labels[known], weights[known], penalty)
        new = new[counted[new]]
        said[new] = layer.predict(rows[new])
    return said


def main() -> None:
    every = examples()
    model = load_embedding_model(EMBEDDED)
    print(f"{len(every)} examples", flush=True)
    seen = np.stack(
        [kinds.features(row["text"], row["language"], model.query_vector(row["text"])) for row in every]
    )
    mean = seen.mean(axis=0)
    weights = np.array([COMPOSED_WEIGHT if "template" in row else 1.0 for row in every], np.float32)
    written = np.array([row["file"] in ("written.jsonl", "turns.jsonl", "not_turns.jsonl") for row in every])
    groups = [row["group"] for row in every]
    out: dict[str, NDArray[np.float32]] = {"mean": mean}
    for name, order in (("kinds", kinds.KINDS), ("acts", (*kinds.ACTS, kinds.QUESTION))):
        if name == "kinds":
            chosen = np.array(["kind" in row for row in every])
            labels = np.array([row.get("kind", "") for row in every])
        else:
            chosen = np.ones(len(every), dtype=bool)
            labels = np.array([row.get("act", kinds.QUESTION) for row in every])
        where = np.flatnonzero(chosen)
        rows, mine = seen[where] - mean, labels[where]
        said = held_back(
            rows, mine, weights[where], [groups[i] for i in where], written[where], PENALTY[name]
        )
        counted = said != ""
        print(f"{name}: {(said == mine)[counted].mean():.3f} right of {counted.sum()} held back")
        for label in order:
            of_label = counted & (mine == label)
            told = counted & (said == label)
            right = (counted & (said == label) & (mine == label)).sum()
            print(
                f"  {label:16} recall {right / max(1, of_label.sum()):.2f}"
                f"  precision {right / max(1, told.sum()):.2f}  of {of_label.sum()}"
            )
        layer = fitted(rows, mine, weights[where], PENALTY[name])
        columns = [list(layer.classes_).index(label) for label in order]
        out[name] = layer.coef_[columns].T.astype(np.float16)
        out[f"{name}_bias"] = layer.intercept_[columns].astype(np.float32)
    if "--check" not in sys.argv:
        np.savez_compressed(WEIGHTS, **out)
        print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
