"""How sure we are that a passage answers: one calibrated probability, and when it is enough.

A logistic model over a few honest features, fitted by tools/confidence/fit.py, whose
output is calibration.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

from partnerbot.models.reader import chance
from partnerbot.settings import Strictness

_ANSWERS, _HARDLY = 0.3, 0.03
"""Weight, beside relevance, of the probability that a sentence answers, and below which that says no more.
Relevance alone tells apart what our digests answer and what they don't with an area under the ROC curve of
.935 (the two together .959); what the public sets in three languages answer with .881 (.896), our sample with
.928 (.950), our own 480 questions with .929 (.936);
tools/confidence/limits.py prints the latter for any data set."""


@dataclass(frozen=True)
class Signals:
    """What speaks for a passage being the answer.

    Each alone is higher where a passage answers; beside the others a fit may weigh it otherwise (`subject`:
    of documents that are about what is asked, many only nearly answer).

    similarity: the candidate's joined score, in standard deviations of ordinary text.
    sentence: the sentence's own similarity, same unit.
    coverage: share of the question's idf that the passage repeats, in [0, 1].
    margin: how far the score is above the best of any other document, same unit, at least 0.
    kind: 1 if the passage has a value of the kind asked for (a date for "when"), or none is
        needed; else 0.
    subject: share of the question's names that one passage of the same document has, in [0, 1]; 0 if it
        gives none: then nothing shows that the document is about what is asked.
    reading: the reader's score of the passage, in log-odds.
    """

    similarity: float
    sentence: float
    coverage: float
    margin: float
    kind: float
    subject: float
    reading: float


@cache
def calibration() -> dict[str, dict[str, float]]:
    """Return the fitted weights and the thresholds, by part and name."""
    text = resources.files(__package__).joinpath("calibration.json").read_text("utf-8")
    return {
        part: {name: float(value) for name, value in numbers.items()}
        for part, numbers in json.loads(text).items()
    }


def probability(signals: Signals) -> float:
    """Return the probability in [0, 1] that the passage answers the question."""
    weights = calibration()["weights"]
    values = {"intercept": 1.0, **asdict(signals)}
    logit = sum(weight * values[name] for name, weight in weights.items())
    return chance(logit)


def threshold(strictness: Strictness) -> float:
    """Return the probability from which an answer is given (docs/decisions/005-reader.md)."""
    return calibration()["thresholds"][strictness]


def log_odds(probability: float, at_least: float = 1e-3, at_most: float = 1 - 1e-3) -> float:
    """Return a probability as log-odds; no text makes anything surer than one in a thousand."""
    bounded = max(at_least, min(at_most, probability))
    return math.log(bounded / (1 - bounded))


def worth_showing(relevance: float, answers: float | None, one_sentence: float) -> float:
    """Return the probability that passages are of use, from that of the best one and that of evidence.

    answers: that a sentence answers; None if none was looked for. one_sentence: that one would.
    """
    tells = log_odds(relevance)
    if answers is None:
        return relevance
    return chance(tells + one_sentence * _ANSWERS * (log_odds(answers, _HARDLY) - tells))


def passages_threshold(strictness: Strictness, one_sentence: float) -> float:
    """Return the probability of being of use from which passages are shown where no answer is sure.

    one_sentence: probability that one sentence answers the question, which the documents have or haven't; to
        any other question, what is near may help.
    """
    for_one = log_odds(calibration()["thresholds_of_passages_for_one_value"][strictness])
    otherwise = log_odds(calibration()["thresholds_of_passages"][strictness])
    return chance(one_sentence * for_one + (1 - one_sentence) * otherwise)


def unheard_threshold(strictness: Strictness) -> float:
    """Return the probability from which anything is shown for a question that names what no document has.

    Of 48 such questions on public sets and ours, 9 had an answer, mostly under a name in another language.
    """
    return calibration()["thresholds_of_the_unheard_of"][strictness]
