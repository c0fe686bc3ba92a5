"""Fit the probability that a passage answers, and the threshold from which an answer is given.

    python -m partnerbot.evaluation.calibrate DATASET... [--write]

Every passage that would be read for a question is one example: its signals, and whether its
document is one that answers. A logistic regression (C = 1 on standardised signals) is fitted on
all data sets, each weighing the same; what it is worth is told by leaving out one data set at
a time. The threshold is the highest at which, on average over the data sets, 22 of 100
answerable questions are refused: below it near misses are answered, above it visitors are sent
away with answers unseen. With --write the result goes to answering/calibration.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from partnerbot import answering
from partnerbot.answering.confidence import Signals
from partnerbot.answering.evidence import distinct_candidates, signals, worth_reading
from partnerbot.evaluation.corpus import Corpus, open_corpus
from partnerbot.evaluation.datasets import DataSet, read_data_set
from partnerbot.settings import load_settings

_TARGET = Path(answering.__file__).parent / "calibration.json"
_NAMES = [field.name for field in fields(Signals)]

_REFUSED_AT_MOST = 0.22
"""Share of answerable questions that may be refused."""

Rows = NDArray[np.float64]


def main() -> None:
    """Run the calibration from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data_sets", nargs="+", help="folders of docs.jsonl and queries.jsonl, or 'sample'")
    parser.add_argument("--write", action="store_true", help=f"write {_TARGET.name}")
    options = parser.parse_args()
    settings = load_settings()
    examples = []
    for place in options.data_sets:
        data_set = read_data_set(place, settings.documents)
        corpus = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation")
        examples.append(collect(data_set, corpus))
        print(
            f"{data_set.name}: {len(examples[-1][2])} passages of {examples[-1][0].max() + 1} questions",
            flush=True,
        )
    _report(options.data_sets, examples)
    coefficients = fit(examples)
    threshold = best_threshold([(example, _probabilities(coefficients, example[1])) for example in examples])
    calibration = {name: round(value, 4) for name, value in {**coefficients, "threshold": threshold}.items()}
    print(json.dumps(calibration, indent=2))
    if options.write:
        _TARGET.write_text(json.dumps(calibration, indent=2) + "\n", "utf-8")


Example = tuple[NDArray[np.intp], Rows, NDArray[np.bool_], NDArray[np.bool_]]
"""Of each passage: its question, its signals, whether it answers, whether its question has an answer."""


def collect(data_set: DataSet, corpus: Corpus) -> Example:
    """Read for every question of a data set all that may be read, without stopping early."""
    numbers, rows, right, answerable = [], [], [], []
    for number, query in enumerate(data_set.queries):
        within = None if query.candidates is None else [corpus.sources[id] for id in query.candidates]
        found = corpus.bot.investigate(query.question, language=query.language, within=within)
        chosen = worth_reading(distinct_candidates(found.candidates), found.question.language)
        passages = [(candidate.passage.title, candidate.passage.context) for candidate in chosen]
        for candidate, reading in zip(chosen, corpus.bot.read(query.question, passages), strict=True):
            numbers.append(number)
            rows.append(list(asdict(signals(found.question, candidate, found.candidates, reading)).values()))
            right.append(corpus.id(candidate.passage.source) in query.relevant)
            answerable.append(bool(query.relevant))
    return np.array(numbers), np.array(rows), np.array(right), np.array(answerable)


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Fit the logistic model; returns its coefficients in the signals' own units, and the intercept."""
    rows = np.concatenate([example[1] for example in examples])
    right = np.concatenate([example[2] for example in examples])
    weights = np.concatenate([np.full(len(example[2]), 1 / len(example[2])) for example in examples])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((rows - mean) / spread, right, sample_weight=weights * len(right) / weights.sum())
    slopes = model.coef_[0] / spread
    return {
        "intercept": float(model.intercept_[0] - slopes @ mean),
        **dict(zip(_NAMES, slopes.tolist(), strict=True)),
    }


def best_threshold(scored: Sequence[tuple[Example, Rows]]) -> float:
    """Return the highest probability at which few enough answerable questions are refused."""
    tops = [_tops(example, chances) for example, chances in scored]
    grid = np.arange(0.05, 0.95, 0.01)
    allowed = [
        threshold
        for threshold in grid
        if np.mean([_errors(top, threshold)[0] for top in tops]) <= _REFUSED_AT_MOST
    ]
    return float(max(allowed, default=grid[0]))


def _probabilities(coefficients: dict[str, float], rows: Rows) -> Rows:
    logits = coefficients["intercept"] + rows @ np.array([coefficients[name] for name in _NAMES])
    chances: Rows = 1 / (1 + np.exp(-logits))
    return chances


def _tops(example: Example, chances: Rows) -> NDArray[np.float64]:
    """Return for each question its best probability, whether it has an answer, whether the best is right."""
    numbers, _, right, answerable = example
    found = []
    for number in np.unique(numbers):
        of_question = np.flatnonzero(numbers == number)
        best = of_question[np.argmax(chances[of_question])]
        found.append((chances[best], answerable[best], right[best]))
    return np.array(found, float)


def _errors(tops: NDArray[np.float64], threshold: float) -> tuple[float, float]:
    answered = tops[:, 0] >= threshold
    has_answer = tops[:, 1] == 1
    false_refusals = float((~answered[has_answer]).mean()) if has_answer.any() else 0.0
    false_answers = float(answered[~has_answer].mean()) if (~has_answer).any() else 0.0
    return false_refusals, false_answers


def _report(names: Sequence[str], examples: Sequence[Example]) -> None:
    """Print what a model fitted without a data set is worth on it."""
    for held, name in enumerate(names):
        others = [example for index, example in enumerate(examples) if index != held] or list(examples)
        coefficients = fit(others)
        threshold = best_threshold(
            [(example, _probabilities(coefficients, example[1])) for example in others]
        )
        tops = _tops(examples[held], _probabilities(coefficients, examples[held][1]))
        refusals, answers = _errors(tops, threshold)
        has_answer = tops[:, 1] == 1
        first = tops[has_answer][:, 2].mean() if has_answer.any() else float("nan")
        counted = (
            (tops[has_answer][:, 2] * (tops[has_answer][:, 0] >= threshold)).mean()
            if has_answer.any()
            else 0.0
        )
        auroc = roc_auc_score(tops[:, 1], tops[:, 0]) if 0 < has_answer.sum() < len(tops) else float("nan")
        print(
            f"{Path(name).name}: right first {first:.3f}, right first and answered {counted:.3f}, "
            f"AUROC {auroc:.3f}, at {threshold:.2f} false refusals {refusals:.3f} and answers {answers:.3f}"
        )


if __name__ == "__main__":
    main()
