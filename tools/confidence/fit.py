"""Fit the probability that a passage answers, and the thresholds from which an answer is given.

    python tools/confidence/fit.py DATASET... [--write] [--keep FOLDER]

Every passage that would be read for a question is one example: its signals, and whether it
answers (its document is one that does, and a gold answer stands in it, where the set gives one).
A logistic regression (C = 1 on standardised signals) is fitted on all data sets, each weighing
the same. What it is worth is found by leaving out one data set at a time, and one language at a time.

Thresholds: "balanced" is the lowest that answers at most one unanswerable question in eight, averaged
over the data sets; "lenient" the highest that refuses at most one answerable question in ten, "strict" the
lowest that answers at most one unanswerable question in ten, both averaged as well. With --write the result
goes to answering/calibration.json. --keep stores the signals, or uses those it finds.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pandas as pd
from platformdirs import user_cache_path
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from partnerbot import answering
from partnerbot.answering.confidence import Signals
from partnerbot.answering.evidence import CONSIDERED, distinct_candidates, signals, worth_reading
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.readings import Readings
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import Query, read_data_set
from partnerbot.evaluation.matching import contains
from partnerbot.index.passages import Passage
from partnerbot.index.search import Candidate
from partnerbot.models.reader import load_reader
from partnerbot.settings import load_settings

TARGET = Path(answering.__file__).parent / "calibration.json"
SIGNALS = [field.name for field in fields(Signals)]

LENIENT_REFUSES_AT_MOST = 0.10
BALANCED_ANSWERS_AT_MOST = 0.125
STRICT_ANSWERS_AT_MOST = 0.10
GRID = np.arange(0.02, 0.99, 0.01)


def main() -> None:
    """Fit on the data sets that are named, and print what that is worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_sets", nargs="+", help="folders of docs.jsonl and queries.jsonl, or 'sample'")
    parser.add_argument("--write", action="store_true", help=f"write {TARGET.name}")
    parser.add_argument("--keep", type=Path, help="folder where signals are kept between two runs")
    options = parser.parse_args()
    examples = pd.concat(
        [read_examples(place, options.keep) for place in options.data_sets], ignore_index=True
    )
    for column in ("set", "language"):
        for held in sorted(examples[column].unique()):
            left_out = examples[column] == held
            print_worth(f"{column} {held}", examples[left_out], examples[~left_out])
    weights = fit(examples)
    print_reliability(chances(examples, weights), examples["answers"])
    if examples["set"].nunique() > 1:
        print("\nEach set by a model fitted on the others:")
        said = [chances(own, fit(examples.drop(own.index))) for _, own in examples.groupby("set")]
        print_reliability(pd.concat(said), examples["answers"])
    thresholds = choose_thresholds(tops(examples, weights))
    fitted = {"weights": weights, "thresholds": thresholds}
    rounded = json.loads(TARGET.read_text("utf-8")) | {
        part: {name: round(value, 4) for name, value in numbers.items()} for part, numbers in fitted.items()
    }
    print(json.dumps(rounded, indent=2))
    if options.write:
        TARGET.write_text(json.dumps(rounded, indent=2) + "\n", "utf-8")


def read_examples(place: str, keep: Path | None) -> pd.DataFrame:
    """Read for every question of a data set all that may be read, without stopping early.

    Returns: a row for each passage: its set, question and that one's language; its signals; whether it
    answers, whether its document does, and whether any does.
    """
    settings = load_settings()
    data_set = read_data_set(place, settings.documents)
    kept = None if keep is None else keep / f"{data_set.name}-{data_set.digest[:12]}.csv"
    if kept is not None and kept.exists():
        return pd.read_csv(kept, keep_default_na=False)
    corpus = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation")
    rows = []
    for query in data_set.queries:
        within = None if query.candidates is None else [corpus.sources[id] for id in query.candidates]
        found = corpus.bot.investigate(query.question, within=within)
        for candidate, speaking in all_signals(found):
            right = corpus.id(candidate.passage.source) in query.relevant
            rows.append(
                {"set": data_set.name, "question": query.id, "language": query.language}
                | {name: float(value) for name, value in asdict(speaking).items()}
                | {"answers": right and gold_stands_in(candidate.passage, query), "right": right}
                | {"answerable": bool(query.relevant)}
            )
    print(f"{data_set.name}: {len(rows)} passages of {len(data_set.queries)} questions", flush=True)
    examples = pd.DataFrame(rows)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        examples.to_csv(kept, index=False)
    return examples


def all_signals(found: Investigation) -> list[tuple[Candidate, Signals]]:
    """Return the signals of every candidate that may be read, reading all of them."""
    question, index = found.question, found.index
    readings = Readings(load_reader(), question, index)
    named = index.lexical.named(question.search_text)
    return [
        (one, signals(question, one, found.candidates, readings.of(one), index, named))
        for one in worth_reading(distinct_candidates(found.candidates[:CONSIDERED]))
    ]


def gold_stands_in(passage: Passage, query: Query) -> bool:
    """Tell whether a gold answer stands in a passage's context, if the set gives any."""
    gold = query.answers.get(passage.language) or query.answers.get("", [])
    return not gold or contains(passage.context, gold, passage.language)


def fit(examples: pd.DataFrame) -> dict[str, float]:
    """Fit the logistic model; returns its coefficients in the signals' own units, and the intercept."""
    signals, sizes = examples[SIGNALS], examples.groupby("set")["set"].transform("size")
    mean, spread = signals.mean(), signals.std(ddof=0) + 1e-9
    each = len(examples) / examples["set"].nunique()
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((signals - mean) / spread, examples["answers"], sample_weight=each / sizes)
    slopes = model.coef_[0] / spread
    return {"intercept": float(model.intercept_[0] - slopes @ mean), **slopes.to_dict()}


def chances(examples: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """Return the probability of each passage."""
    return 1 / (1 + np.exp(-weights["intercept"] - examples[SIGNALS] @ pd.Series(weights)[SIGNALS]))


def tops(examples: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """Return each question's best passage, with its `chance`."""
    by_chance = examples.assign(chance=chances(examples, weights)).sort_values(
        "chance", ascending=False, kind="stable"
    )
    return by_chance.drop_duplicates(["set", "question"])


def choose_thresholds(found: pd.DataFrame) -> dict[str, float]:
    """Return the threshold of each strictness; the module's docstring says how they are chosen."""
    refusals, answers = errors(found)
    balanced = lowest(answers, BALANCED_ANSWERS_AT_MOST)
    lenient = int(np.flatnonzero(refusals <= LENIENT_REFUSES_AT_MOST).max(initial=0))
    strict = lowest(answers, STRICT_ANSWERS_AT_MOST)
    chosen = {"lenient": min(lenient, balanced), "balanced": balanced, "strict": max(strict, balanced)}
    for name, place in chosen.items():
        print(f"  {name} {GRID[place]:.2f}: refuses {refusals[place]:.1%}, answers {answers[place]:.1%}")
    return {name: float(GRID[place]) for name, place in chosen.items()}


def errors(found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return false refusals and false answers at each threshold, averaged over the sets that have any."""
    answered = pd.DataFrame(
        found["chance"].to_numpy()[:, None] >= GRID, index=[found["set"], found["answerable"]]
    )
    shares = answered.groupby(level=["set", "answerable"]).mean().groupby(level="answerable").mean()
    missing = np.full(len(GRID), np.nan)
    refusals = 1 - shares.loc[True].to_numpy() if True in shares.index else missing
    return refusals, shares.loc[False].to_numpy() if False in shares.index else missing


def lowest(answers: np.ndarray, at_most: float) -> int:
    """Return the place in the grid of the lowest threshold with at most such a share of false answers."""
    few = np.flatnonzero(answers <= at_most)
    return int(few.min()) if len(few) else len(GRID) - 1


def print_worth(name: str, held: pd.DataFrame, others: pd.DataFrame) -> None:
    """Print what a model fitted without these examples is worth on them; on its own ones, if all are held."""
    others = held if others.empty else others
    weights = fit(others)
    threshold = GRID[lowest(errors(tops(others, weights))[1], BALANCED_ANSWERS_AT_MOST)]
    found = tops(held, weights)
    found["answered"] = found["chance"] >= threshold
    asked, unanswerable = found[found["answerable"]], found[~found["answerable"]]
    told_apart = (
        roc_auc_score(found["answerable"], found["chance"]) if 0 < len(asked) < len(found) else np.nan
    )
    print(
        f"  {name}: right first {asked['right'].mean():.3f}, right first and answered "
        f"{(asked['right'] & asked['answered']).mean():.3f}, AUROC {told_apart:.3f}, at {threshold:.2f} "
        f"false refusals {1 - asked['answered'].mean():.3f} and answers {unanswerable['answered'].mean():.3f}"
    )


def print_reliability(said: pd.Series, answers: pd.Series) -> None:
    """Print how often passages of each probability answer."""
    print(f"  Brier {brier_score_loss(answers.loc[said.index], said):.3f}; said / true / passages:")
    tenths = np.clip((said * 10).astype(int), 0, 9)
    for _, told in pd.DataFrame({"said": said, "answers": answers}).groupby(tenths.to_numpy()):
        print(f"    {told['said'].mean():.2f} / {told['answers'].mean():.2f} / {len(told)}")


if __name__ == "__main__":
    main()
