"""Fit when a visitor's question is one that staff have answered: the weights in answering/curated.json.

    python training/curated.py          # fits and writes
    python training/curated.py --check  # measures what is shipped

questions/curated.toml has answers as staff write them, with questions that ask the same in three languages
and others about something near. The weights were never fitted on tests/curated.tsv. Of the near misses, at
most one in a hundred may be matched when the answers are left out in turn, and of that file none: the limit
is the lowest for that.
"""

from __future__ import annotations

import argparse
import csv
import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from partnerbot.answering import curated
from partnerbot.answering.curated import Asked, CuratedAnswer, Likeness
from partnerbot.index.spellings import Spellings
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED

HERE = Path(__file__).parent
WEIGHTS = Path(curated.__file__).with_name("curated.json")
FOLDS = 8
GROUPS = ("same", "foreign")


@dataclass(frozen=True)
class Pair:
    """A question beside one of staff's that says the same names and figures."""

    answer: int
    kind: str
    language: str
    question: str
    foreign: bool
    likeness: Likeness


def answers() -> list[dict[str, Any]]:
    """Return the answers of questions/curated.toml with what is asked."""
    answers: list[dict[str, Any]] = tomllib.loads((HERE / "questions/curated.toml").read_text("utf-8"))[
        "answer"
    ]
    return answers


def held_out() -> list[dict[str, Any]]:
    """Return the pairs of tests/curated.tsv in the same form."""
    with (HERE.parent / "tests" / "curated.tsv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "questions": [row["of_staff"]],
                "text": {row["language"]: row["text"]},
                row["kind"]: {row["language"]: [row["asked"]]},
            }
            for row in csv.DictReader(file, dialect="excel-tab")
        ]


def asked(some: list[dict[str, Any]]) -> Iterator[tuple[int, str, str, str]]:
    """Yield what is asked: the answer's number, the kind, the language and the question."""
    for number, one in enumerate(some):
        for kind in ("same", "near", "other"):
            for language, questions in one.get(kind, {}).items():
                for question in questions:
                    yield number, kind, language, question


def pairs(some: list[dict[str, Any]]) -> list[Pair]:
    """Return what is compared: each question with those of its answer that are about the same."""
    model, spellings, found = load_embedding_model(EMBEDDED), Spellings(()), []
    staff = [
        [
            Asked(
                text,
                CuratedAnswer(questions=tuple(one["questions"]), text=one["text"], source="https://x.org/"),
            )
            for text in one["questions"]
        ]
        for one in some
    ]
    for number, kind, language, question in asked(some):
        for ours in staff[number]:
            if ours.is_about(question, language, spellings):
                likeness = ours.likeness(question, language, model.query_vector(question))
                found.append(Pair(number, kind, language, question, ours.language != language, likeness))
    return found


def fitted(some: list[Pair]) -> dict[str, float]:
    """Return the weights that tell the same from others."""
    names = list(asdict(some[0].likeness))
    values = np.array([list(asdict(one.likeness).values()) for one in some])
    used = values.std(axis=0) > 0
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(values, [one.kind == "same" for one in some])
    scale, logistic = model[0], model[1]
    weights: NDArray[np.float64] = np.where(used, logistic.coef_[0] / scale.scale_, 0.0)
    intercept = float(logistic.intercept_[0] - weights @ scale.mean_)
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)} | {
        "intercept": round(intercept, 4)
    }


def chance(likeness: Likeness, weights: dict[str, float]) -> float:
    """As `Likeness.chance`, by other weights."""
    logit = weights["intercept"] + sum(weights[key] * value for key, value in asdict(likeness).items())
    return float(1 / (1 + np.exp(-logit)))


def left_out_in_turn(some: list[Pair]) -> list[tuple[Pair, float]]:
    """Return each pair's chance by the weights that were fitted without its answer."""
    found = []
    for fold in range(FOLDS):
        weights = fitted([one for one in some if one.answer % FOLDS != fold])
        found += [(one, chance(one.likeness, weights)) for one in some if one.answer % FOLDS == fold]
    return found


def report(name: str, some: list[dict[str, Any]], matched: set[tuple[int, str, str, str]]) -> None:
    """Print which share of the questions of each kind was matched, by language."""
    for kind in ("same", "near", "other"):
        every = [one for one in asked(some) if one[1] == kind]
        if every:
            found = [[one in matched for one in every if one[2] == code] for code in ("fr", "en", "ja")]
            by_language = ", ".join(f"{sum(hits)}/{len(hits)}" for hits in found)
            print(f"{name} {kind}: {sum(map(sum, found))} of {len(every)} (fr, en, ja: {by_language})")


def over(limits: dict[str, float], judged: list[tuple[Pair, float]]) -> set[tuple[int, str, str, str]]:
    """Return the questions that are matched."""
    return {
        (one.answer, one.kind, one.language, one.question)
        for one, sure in judged
        if sure >= limits[GROUPS[one.foreign]]
    }


def main() -> None:
    """Fit, or measure what is shipped."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="measure, and write nothing")
    check = parser.parse_args().check
    written, kept = pairs(answers()), pairs(held_out())
    if check:
        weights = json.loads(WEIGHTS.read_text("utf-8"))
        judged = [(one, one.likeness.chance(foreign=one.foreign)) for one in written]
    else:
        weights, judged = {}, []
        for foreign, group in enumerate(GROUPS):
            some = [one for one in written if one.foreign == foreign]
            weights[group] = fitted(some)
            turns = left_out_in_turn(some)
            tested = [(one, chance(one.likeness, weights[group])) for one in kept if one.foreign == foreign]
            others = sorted((sure for one, sure in turns if one.kind != "same"), reverse=True)
            most = max([others[len(others) // 100], *(sure for one, sure in tested if one.kind != "same")])
            weights[group]["limit"] = round(most + 0.001, 3)
            judged += turns
    limits = {group: weights[group]["limit"] for group in GROUPS}
    report("curated.toml" if check else "curated.toml, left out in turn,", answers(), over(limits, judged))
    chances = [(one, chance(one.likeness, weights[GROUPS[one.foreign]])) for one in kept]
    report("curated.tsv", held_out(), over(limits, chances))
    for one, sure in sorted(judged + chances, key=lambda pair: -pair[1]):
        if one.kind != "same" and sure >= limits[GROUPS[one.foreign]]:
            print(f"  {sure:.3f} {GROUPS[one.foreign]} {one.question}")
    if not check:
        WEIGHTS.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
