"""Fit when a visitor's question is one that staff have answered: the weights in answering/curated.json.

    python training/curated.py          # fits and writes
    python training/curated.py --check  # measures what is shipped

questions/curated.toml has answers as staff write them, at length and in a few words, with questions that ask
the same in three languages and others about something near; what is asked of other answers is far. The
weights were never fitted on tests/curated.tsv. Of the near misses at most one in 150 may be matched when the
answers are left out in turn, of what is far none, nor of that file: the limits are those with which most
questions that ask the same are, in each language.
"""

from __future__ import annotations

import argparse
import csv
import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
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
KINDS = ("same", "near", "other", "far")
GROUPS = ("same", "foreign", "across")
ALLOWED = 1 / 150
FAR = (7, 17, 29)
"""How many places apart in the file answers are whose questions are taken for far; they share no subject."""
STRENGTH = 1.0
"""Of the weights: with .3, 353 questions that ask the same are matched by 9 wrong ones, with 1, 360."""


@dataclass(frozen=True)
class Pair:
    """A question beside one of staff's that says the same names and figures."""

    answer: int
    fold: int
    kind: str
    language: str
    question: str
    likeness: Likeness


def answers() -> list[dict[str, Any]]:
    """Return the answers of questions/curated.toml with what is asked; then the same in a few words."""
    text = (HERE / "questions/curated.toml").read_text("utf-8")
    written: list[dict[str, Any]] = tomllib.loads(text)["answer"]
    for number, one in enumerate(written):
        one["fold"] = number % FOLDS
        others = [written[(number + places) % len(written)]["same"] for places in FAR]
        languages = sorted({language for other in others for language in other})
        one["far"] = {
            language: [other[language][0] for other in others if language in other] for language in languages
        }
    return written + [one | {"text": one["brief"]} for one in written]


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
        for kind in KINDS:
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
                found.append(Pair(number, some[number].get("fold", 0), kind, language, question, likeness))
    return found


def fitted(some: list[Pair]) -> dict[str, float]:
    """Return the weights that tell the same from others."""
    names = list(some[0].likeness.features())
    values = np.array([list(one.likeness.features().values()) for one in some])
    used = values.std(axis=0) > 0
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH))
    model.fit(values, [one.kind == "same" for one in some])
    scale, logistic = model[0], model[1]
    weights: NDArray[np.float64] = np.where(used, logistic.coef_[0] / scale.scale_, 0.0)
    intercept = float(logistic.intercept_[0] - weights @ scale.mean_)
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)} | {
        "intercept": round(intercept, 4)
    }


def chance(likeness: Likeness, weights: dict[str, float]) -> float:
    """As `Likeness.chance`, by other weights."""
    logit = weights["intercept"] + sum(weights[key] * value for key, value in likeness.features().items())
    return float(1 / (1 + np.exp(-logit)))


def left_out_in_turn(some: list[Pair]) -> list[tuple[Pair, float]]:
    """Return each pair's chance by the weights that were fitted without its answer."""
    found = []
    for fold in range(FOLDS):
        weights = fitted([one for one in some if one.fold != fold])
        found += [(one, chance(one.likeness, weights)) for one in some if one.fold == fold]
    return found


def report(name: str, some: list[dict[str, Any]], matched: set[tuple[int, str, str, str]]) -> None:
    """Print which share of the questions of each kind was matched, by language."""
    for kind in KINDS:
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
        if sure >= limits[one.likeness.between]
    }


def best_limits(judged: list[tuple[Pair, float]], kept: list[tuple[Pair, float]]) -> dict[str, float]:
    """Return the limits with which no more near misses are matched than allowed, none of far ones or `kept`.

    Those with which most are that ask the same, by the product over the languages: none pays for another.
    """
    allowed = int(ALLOWED * sum(kind == "near" for _, kind, _, _ in asked(answers())))
    kept = kept + [(one, sure) for one, sure in judged if one.kind == "far"]
    tried: dict[str, list[float]] = {}
    for group in GROUPS:
        others, tested = (
            [sure for one, sure in some if one.kind != "same" and one.likeness.between == group]
            for some in (judged, kept)
        )
        highest = sorted(others, reverse=True)[: allowed + 1]
        tried[group] = [round(max([sure, *tested]) + 0.001, 3) for sure in highest]
    best, most = {group: tried[group][0] for group in GROUPS}, 0
    for some in product(*tried.values()):
        limits = dict(zip(GROUPS, some, strict=True))
        found = over(limits, judged)
        by_language = Counter(language for _, kind, language, _ in found if kind == "same")
        if len(found) - by_language.total() <= allowed and prod(by_language.values()) > most:
            best, most = limits, prod(by_language.values())
    return best


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
        judged = [(one, one.likeness.chance()) for one in written]
    else:
        weights, judged = {}, []
        for group in GROUPS:
            some = [one for one in written if one.likeness.between == group]
            weights[group] = fitted(some)
            judged += left_out_in_turn(some)
    chances = [(one, chance(one.likeness, weights[one.likeness.between])) for one in kept]
    limits = {group: weights[group]["limit"] for group in GROUPS} if check else best_limits(judged, chances)
    report("curated.toml" if check else "curated.toml, left out in turn,", answers(), over(limits, judged))
    report("curated.tsv", held_out(), over(limits, chances))
    for one, sure in sorted(judged + chances, key=lambda pair: -pair[1]):
        if one.kind != "same" and sure >= limits[one.likeness.between]:
            print(f"  {sure:.3f} {one.likeness.between} {one.question}")
    if not check:
        for group in GROUPS:
            weights[group]["limit"] = limits[group]
        WEIGHTS.write_text(json.dumps(weights, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
