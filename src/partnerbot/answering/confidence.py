"""How sure we are that the first citation answers: one calibrated probability.

A logistic model over a few honest features, fitted by evaluation/calibrate.py, whose
output is calibration.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Signals:
    """What speaks for a passage being the answer; each higher is better.

    similarity: the candidate's joined score, in standard deviations of ordinary text.
    sentence: the sentence's own similarity, same unit.
    coverage: share of the question's idf that the passage repeats, in [0, 1].
    margin: how far the score is above the best of any other document, same unit, at least 0.
    reading: the reader's score of the passage, in log-odds.
    kind: 1 if the passage has a value of the kind asked for (a date for "when"), or none is
        needed; else 0.
    """

    similarity: float
    sentence: float
    coverage: float
    margin: float
    reading: float
    kind: float


@cache
def _coefficients() -> dict[str, float]:
    text = resources.files(__package__).joinpath("calibration.json").read_text("utf-8")
    return {name: float(value) for name, value in json.loads(text).items()}


def probability(signals: Signals) -> float:
    """Return the probability in [0, 1] that the passage answers the question."""
    weights = _coefficients()
    logit = weights["intercept"] + sum(weights[name] * value for name, value in asdict(signals).items())
    return 1 / (1 + math.exp(-max(min(logit, 60.0), -60.0)))


def threshold() -> float:
    """Return the probability from which an answer is given (docs/decisions/005-reader.md)."""
    return _coefficients()["threshold"]
