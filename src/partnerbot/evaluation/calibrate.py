"""Fit the probability that a passage answers, and the thresholds from which an answer is given.

    python -m partnerbot.evaluation.calibrate DATASET... [--write] [--keep FILE]

Every passage that would be read for a question is one example: its signals, and whether it
answers (its document is one that does, and a gold answer stands in it, where the set gives one).
A logistic regression (C = 1 on standardised signals) is fitted on all data sets, each weighing
the same. What it is worth is found by leaving out one data set at a time, and one language at a time.

Thresholds: "balanced" is the lowest that answers at most one unanswerable question in eight, averaged
over the data sets; "lenient" the highest that refuses
at most one answerable question in ten, "strict" the lowest that answers at most one unanswerable
question in ten, both averaged as well. With --write the result goes to
answering/calibration.json. --keep stores the signals, or uses those it finds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from partnerbot import answering
from partnerbot.answering.confidence import Signals
from partnerbot.evaluation.corpus import Corpus, open_corpus
from partnerbot.evaluation.datasets import DataSet, Query, read_data_set
from partnerbot.evaluation.matching import contains
from partnerbot.index.passages import Passage
from partnerbot.settings import load_settings

_TARGET = Path(answering.__file__).parent / "calibration.json"
_NAMES = [field.name for field in fields(Signals)]

_LENIENT_REFUSES_AT_MOST = 0.10
_BALANCED_ANSWERS_AT_MOST = 0.125
_STRICT_ANSWERS_AT_MOST = 0.10
_GRID = np.arange(0.02, 0.99, 0.01)

Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Examples:
    """The passages of one data set, one row each.

    `question`: number of its question; `language`: that question's; `answers`: whether the passage
    does; `right`: whether its document does; `answerable`: whether any does. `signals`: float64
    [passages, len(_NAMES)].
    """

    name: str
    question: NDArray[np.intp]
    language: NDArray[np.str_]
    signals: Rows
    answers: NDArray[np.bool_]
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        """Return the chosen rows."""
        return Examples(
            self.name,
            self.question[chosen],
            self.language[chosen],
            self.signals[chosen],
            self.answers[chosen],
            self.right[chosen],
            self.answerable[chosen],
        )


class Tops(NamedTuple):
    """Of each question: its best passage's probability, whether any answers, whether that one is right."""

    chance: Rows
    answerable: NDArray[np.bool_]
    right: NDArray[np.bool_]


def main() -> None:
    """Run the calibration from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data_sets", nargs="+", help="folders of docs.jsonl and queries.jsonl, or 'sample'")
    parser.add_argument("--write", action="store_true", help=f"write {_TARGET.name}")
    parser.add_argument("--keep", type=Path, help="folder where signals are kept between two runs")
    options = parser.parse_args()
    sets = [_examples(place, options.keep) for place in options.data_sets]
    _report(sets)
    weights = fit(sets)
    thresholds = choose_thresholds([tops(one, weights) for one in sets])
    _reliability([chances_of(one, weights) for one in sets], [one.answers for one in sets])
    left_out = [chances_of(one, fit([other for other in sets if other is not one] or sets)) for one in sets]
    print("\nEach set by a model fitted on the others:")
    _reliability(left_out, [one.answers for one in sets])
    fitted = {"weights": weights, "thresholds": thresholds}
    rounded = json.loads(_TARGET.read_text("utf-8")) | {
        part: {name: round(value, 4) for name, value in numbers.items()} for part, numbers in fitted.items()
    }
    print(json.dumps(rounded, indent=2))
    if options.write:
        _TARGET.write_text(json.dumps(rounded, indent=2) + "\n", "utf-8")


def _examples(place: str, keep: Path | None) -> Examples:
    settings = load_settings()
    data_set = read_data_set(place, settings.documents)
    file = None if keep is None else keep / f"{data_set.name}-{data_set.digest[:12]}.npz"
    if file is not None and file.exists():
        with np.load(file, allow_pickle=False) as arrays:
            return Examples(data_set.name, *(arrays[field.name] for field in fields(Examples)[1:]))
    corpus = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation")
    found = collect(data_set, corpus)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, **{name: value for name, value in asdict(found).items() if name != "name"})
    print(f"{data_set.name}: {len(found.answers)} passages of {len(data_set.queries)} questions", flush=True)
    return found


def collect(data_set: DataSet, corpus: Corpus) -> Examples:
    """Read for every question of a data set all that may be read, without stopping early."""
    rows: list[tuple[int, str, list[float], bool, bool, bool]] = []
    for number, query in enumerate(data_set.queries):
        within = None if query.candidates is None else [corpus.sources[id] for id in query.candidates]
        for candidate, signals in corpus.bot.signals(query.question, within):
            right = corpus.id(candidate.passage.source) in query.relevant
            values = [float(value) for value in asdict(signals).values()]
            answers = right and _gold_stands_in(candidate.passage, query)
            rows.append((number, query.language, values, answers, right, bool(query.relevant)))
    numbers, languages, values_of, answers_of, right_of, answerable = zip(*rows, strict=True)
    return Examples(
        data_set.name,
        np.array(numbers),
        np.array(languages),
        np.array(values_of),
        np.array(answers_of),
        np.array(right_of),
        np.array(answerable),
    )


def _gold_stands_in(passage: Passage, query: Query) -> bool:
    gold = query.answers.get(passage.language) or query.answers.get("", [])
    return not gold or contains(passage.context, gold, passage.language)


def fit(sets: Sequence[Examples]) -> dict[str, float]:
    """Fit the logistic model; returns its coefficients in the signals' own units, and the intercept."""
    rows = np.concatenate([one.signals for one in sets])
    answers = np.concatenate([one.answers for one in sets])
    weights = np.concatenate([np.full(len(one.answers), 1 / len(one.answers)) for one in sets])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((rows - mean) / spread, answers, sample_weight=weights * len(answers) / weights.sum())
    slopes = model.coef_[0] / spread
    return {
        "intercept": float(model.intercept_[0] - slopes @ mean),
        **dict(zip(_NAMES, slopes.tolist(), strict=True)),
    }


def chances_of(one: Examples, coefficients: dict[str, float]) -> Rows:
    """Return the probability of each passage, float64 [passages]."""
    logits = coefficients["intercept"] + one.signals @ np.array([coefficients[name] for name in _NAMES])
    chances: Rows = 1 / (1 + np.exp(-logits))
    return chances


def tops(one: Examples, coefficients: dict[str, float]) -> Tops:
    """Return what the best passage of each question is."""
    chances = chances_of(one, coefficients)
    best = [
        rows[np.argmax(chances[rows])]
        for number in np.unique(one.question)
        for rows in (np.flatnonzero(one.question == number),)
    ]
    return Tops(chances[best], one.answerable[best], one.right[best])


def choose_thresholds(found: Sequence[Tops]) -> dict[str, float]:
    """Return the threshold of each strictness; the module's docstring says how they are chosen."""
    errors = np.array([_mean_errors(found, threshold) for threshold in _GRID])  # [thresholds, 2]
    refusals, answers = errors[:, 0], errors[:, 1]
    balanced = _lowest(answers, _BALANCED_ANSWERS_AT_MOST)
    lenient = int(np.flatnonzero(refusals <= _LENIENT_REFUSES_AT_MOST).max(initial=0))
    strict = _lowest(answers, _STRICT_ANSWERS_AT_MOST)
    chosen = {
        "lenient": min(lenient, balanced),
        "balanced": balanced,
        "strict": max(strict, balanced),
    }
    for name, place in chosen.items():
        print(
            f"  {name} {_GRID[place]:.2f}: false refusals {refusals[place]:.1%}, answers {answers[place]:.1%}"
        )
    return {name: float(_GRID[place]) for name, place in chosen.items()}


def _lowest(answers: Rows, at_most: float) -> int:
    """Return the place in the grid of the lowest threshold with at most such a share of false answers."""
    few = np.flatnonzero(answers <= at_most)
    return int(few.min()) if len(few) else len(_GRID) - 1


def _mean_errors(found: Sequence[Tops], threshold: float) -> tuple[float, float]:
    """Return false refusals and false answers, each averaged over the data sets that can have them."""
    refusals, answers = zip(*(_errors(one, threshold) for one in found), strict=True)
    return float(np.nanmean(refusals)), float(np.nanmean(answers))


def _errors(found: Tops, threshold: float) -> tuple[float, float]:
    answered = found.chance >= threshold
    refusals = float((~answered[found.answerable]).mean()) if found.answerable.any() else float("nan")
    answers = float(answered[~found.answerable].mean()) if (~found.answerable).any() else float("nan")
    return refusals, answers


def _report(sets: Sequence[Examples]) -> None:
    """Print what a model fitted without a data set is worth on it, and so for languages."""
    for held in sets:
        others = [one for one in sets if one is not held] or list(sets)
        _print_worth(held.name, held, others)
    for language in sorted({str(language) for one in sets for language in one.language}):
        held_parts = [one.where(one.language == language) for one in sets]
        others = [one.where(one.language != language) for one in sets]
        others = [one for one in others if len(one.answers)] or list(sets)
        joined = _joined(f"questions in {language}", held_parts)
        _print_worth(joined.name, joined, others)


def _joined(name: str, parts: Sequence[Examples]) -> Examples:
    offsets = np.cumsum([0, *(int(part.question.max(initial=0)) + 1 for part in parts)])
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Examples)[2:]
    }
    question = np.concatenate([part.question + offset for part, offset in zip(parts, offsets, strict=False)])
    return Examples(name, question, **arrays)


def _print_worth(name: str, held: Examples, others: Sequence[Examples]) -> None:
    coefficients = fit(others)
    known = [tops(one, coefficients) for one in others]
    answers_of = np.array([_mean_errors(known, threshold)[1] for threshold in _GRID])
    threshold = float(_GRID[_lowest(answers_of, _BALANCED_ANSWERS_AT_MOST)])
    found = tops(held, coefficients)
    refusals, answers = _errors(found, threshold)
    first = found.right[found.answerable].mean()
    counted = (found.right & (found.chance >= threshold))[found.answerable].mean()
    both = 0 < found.answerable.sum() < len(found.answerable)
    auroc = roc_auc_score(found.answerable, found.chance) if both else float("nan")
    print(
        f"  {name}: right first {first:.3f}, right first and answered {counted:.3f}, AUROC {auroc:.3f}, "
        f"at {threshold:.2f} false refusals {refusals:.3f} and answers {answers:.3f}"
    )


def _reliability(chances_of_sets: Sequence[Rows], answers_of_sets: Sequence[NDArray[np.bool_]]) -> None:
    """Print how often passages of each probability answer."""
    chances, answers = np.concatenate(chances_of_sets), np.concatenate(answers_of_sets)
    tenths = np.clip((chances * 10).astype(int), 0, 9)
    print(f"  Brier {brier_score_loss(answers, chances):.3f}; said / true / passages:")
    for number in np.unique(tenths):
        inside = tenths == number
        print(f"    {chances[inside].mean():.2f} / {answers[inside].mean():.2f} / {inside.sum()}")


if __name__ == "__main__":
    main()
