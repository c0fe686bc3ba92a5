"""Measures over outcomes, each with its 95 % confidence interval.

Every measure is a ratio of two sums over questions, so that one bootstrap serves them all.
The bootstrap draws whole question groups with replacement: the same question in three
languages, or over three arrangements of one corpus, is no independent evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, Success, nDCG
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from partnerbot.evaluation.datasets import CONVERSATION
from partnerbot.evaluation.matching import contains, exact_match, f1, occurs
from partnerbot.evaluation.outcomes import Outcome
from partnerbot.evaluation.replies import is_readable

RESAMPLES = 1000
_SEED = 20_240
_TOLERATED_FALSE_ANSWERS = 0.10

ALL = "all"
NONE = "none"
"""Groups of questions: every one, and those that no document answers; the others are language pairs.

Broad questions are grouped by their kind and their language.
"""

OF_SEVERAL_VALUES = frozenset(
    (
        "list",
        "overview",
        "howto",
        "why",
        "compare",
        "timeline",
        "latest",
        "keyword",
        "unanswerable_broad",
        CONVERSATION,
    )
)
"""Kinds of question that no single value answers."""

MEASURES = {
    "recall_at_1": "A right document is found first.",
    "recall_at_5": "A right document is among the first five found.",
    "mrr_at_10": "Reciprocal rank of the first right document among ten.",
    "ndcg_at_10": "nDCG of the first ten documents.",
    "first_citation_right": "The first citation is of a right document; an abstention is wrong.",
    "any_citation_right": "Some citation is of a right document; an abstention is wrong.",
    "citation_precision": "Of the citations given to answerable questions, those of a right document.",
    "gold_in_quote": "A gold answer stands in some quote; an abstention is wrong.",
    "short_answer_exact": "The short answer is a gold answer; none is wrong.",
    "short_answer_f1": "F1 of the short answer's words, or characters, against a gold answer's.",
    "false_refusals": "Of the answerable questions, those not answered.",
    "false_answers": "Of the unanswerable questions, those answered.",
    "answer_correct": "A gold answer stands in what the model wrote; an abstention is wrong.",
    "sentences_cited_right": "Of the written sentences shown, those that cite a right document.",
    "sentence_recall": "Of the sentences written with a right document at hand, those shown that cite one.",
    "sentences_shown": "Of the sentences the model wrote, those that were verified and shown.",
    "model_answered": "Of the questions put to the model, those whose answer is its text.",
    "language_right": "Of the written answers, those in the question's language.",
    "vital": "Of the vital nuggets, those that a visitor reads in the reply; an abstention has none.",
    "all_nuggets": "Of all nuggets, those that a visitor reads in the reply; an abstention has none.",
    "full": "Every vital nugget is read, and nothing wrong is said.",
    "wrong": "The reply's own words say something that they must not.",
    "headline": "Of the questions that no single value answers, those given one as a short answer.",
    "handled": "Of the messages that are no question, those replied to readably and without sources.",
    "readable": "The reply's own words are in the asker's language.",
}
"""What is measured, and how to read it; all in [0, 1]. Where several documents answer, each is right.

From "vital" on: of broad questions only.
"""

TRADE_OFF_MEASURES = {
    "auroc": "How well the probability parts answerable from unanswerable questions.",
    "false_refusals_at_10": "False refusals at the threshold that lets 10 % of the unanswerable through.",
}

_RETRIEVAL = {
    "recall_at_1": Success @ 1,
    "recall_at_5": Success @ 5,
    "mrr_at_10": RR @ 10,
    "ndcg_at_10": nDCG @ 10,
}


class Estimate(BaseModel):
    """A measure with its 95 % bootstrap interval; `questions` is how many it is over."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float
    questions: int


class CurvePoint(BaseModel):
    """What abstaining below `threshold` costs: both are shares in [0, 1]."""

    model_config = ConfigDict(frozen=True)

    threshold: float
    false_answers: float
    false_refusals: float


@dataclass(frozen=True)
class Tally:
    """One measure on each question: it is `total.sum() / count.sum()`."""

    total: NDArray[np.float64]
    count: NDArray[np.float64]

    def over(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the measure for each row of weights; NaN where a row has no question it is about."""
        with np.errstate(invalid="ignore"):
            ratios: NDArray[np.float64] = (weights @ self.total) / (weights @ self.count)
        return ratios


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Sort outcomes into "all", each "fr → ja" (question's language to document's), and "none".

    A broad question is in the group of its kind and in that of its language.
    """
    found: dict[str, list[Outcome]] = {ALL: list(outcomes)}
    sorted_in: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        for name in _groups_of(outcome):
            sorted_in.setdefault(name, []).append(outcome)
    found |= {name: sorted_in[name] for name in sorted(sorted_in)}
    unanswerable = [outcome for outcome in outcomes if outcome.unanswerable and outcome.expected is None]
    if unanswerable:
        found[NONE] = unanswerable
    return found


def _groups_of(outcome: Outcome) -> list[str]:
    if outcome.expected is not None:
        return [outcome.expected.kind, f"asked in {outcome.language}"]
    return [f"{outcome.language} → {outcome.document_language}"] if outcome.answerable else []


def measure(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Return every measure that these outcomes are about."""
    weights = resample(outcomes)
    estimates = {
        name: _estimate(float(tally.over(_once(outcomes))[0]), tally.over(weights), _about(tally))
        for name, tally in tallies(outcomes).items()
        if _about(tally)
    }
    if _parts(outcomes):
        resampled = _trade_offs(outcomes, weights)
        for name, value in _trade_offs(outcomes, _once(outcomes)).items():
            estimates[name] = _estimate(float(value[0]), resampled[name], len(outcomes))
    return estimates


def differences(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, Estimate]:
    """Return how much each measure has changed, on the same questions in the same order.

    The bootstrap is paired: each resample compares both on the same draw of questions.
    """
    weights, once = resample(after), _once(after)
    old, new = tallies(before), tallies(after)
    changed = {
        name: _estimate(
            float((new[name].over(once) - old[name].over(once))[0]),
            new[name].over(weights) - old[name].over(weights),
            _about(new[name]),
        )
        for name in new
        if _about(new[name]) and _about(old[name])
    }
    if _parts(after):
        point = _trade_offs(before, once), _trade_offs(after, once)
        drawn = _trade_offs(before, weights), _trade_offs(after, weights)
        for name in TRADE_OFF_MEASURES:
            value = float((point[1][name] - point[0][name])[0])
            changed[name] = _estimate(value, drawn[1][name] - drawn[0][name], len(after))
    return changed


def trade_off_curve(outcomes: Sequence[Outcome]) -> list[CurvePoint]:
    """Return false answers and false refusals with each of the probabilities as the threshold.

    Strictest first; empty unless some questions are answerable and some not.
    """
    if not _parts(outcomes):
        return []
    thresholds, wrongly, rightly = _shares_answered(outcomes, _once(outcomes))
    points = zip(thresholds.tolist(), wrongly[0].tolist(), rightly[0].tolist(), strict=True)
    return [
        CurvePoint(threshold=threshold, false_answers=wrong, false_refusals=1 - right)
        for threshold, wrong, right in points
    ]


def tallies(outcomes: Sequence[Outcome]) -> dict[str, Tally]:
    """Return every measure but the trade-off's on each question, in the outcomes' order."""
    found = _retrieval_tallies(outcomes)
    found |= {name: _tally(outcomes, of_one) for name, of_one in _ANSWER_MEASURES.items()}
    return {name: found[name] for name in MEASURES}


def resample(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Return how often each question is drawn, [RESAMPLES, questions], group by group; always the same."""
    names, group_of = np.unique([outcome.group for outcome in outcomes], return_inverse=True)
    random = np.random.default_rng(_SEED)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return drawn[:, group_of].astype(np.float64)


def _retrieval_tallies(outcomes: Sequence[Outcome]) -> dict[str, Tally]:
    ranked_for = [outcome.answerable and outcome.expected is None for outcome in outcomes]
    answerable = {str(row): outcome for row, outcome in enumerate(outcomes) if ranked_for[row]}
    relevant = {row: dict.fromkeys(outcome.relevant, 1) for row, outcome in answerable.items()}
    ranked = {
        row: {id: -float(rank) for rank, id in enumerate(outcome.ranking)}
        for row, outcome in answerable.items()
    }
    count = np.array(ranked_for, np.float64)
    totals = {measure: np.zeros(len(outcomes)) for measure in _RETRIEVAL.values()}
    if answerable:
        for result in ir_measures.iter_calc(list(totals), relevant, ranked):
            totals[result.measure][int(result.query_id)] = result.value
    return {name: Tally(totals[measure], count) for name, measure in _RETRIEVAL.items()}


Ratio = tuple[float, float]
_NOT_ABOUT: Ratio = (0.0, 0.0)


def _first_citation_right(outcome: Outcome) -> Ratio:
    if not outcome.answerable:
        return _NOT_ABOUT
    return float(bool(outcome.cited) and outcome.cited[0].document in outcome.relevant), 1.0


def _any_citation_right(outcome: Outcome) -> Ratio:
    if not outcome.answerable:
        return _NOT_ABOUT
    return float(any(cited.document in outcome.relevant for cited in outcome.cited)), 1.0


def _citation_precision(outcome: Outcome) -> Ratio:
    if not outcome.answerable:
        return _NOT_ABOUT
    right = sum(cited.document in outcome.relevant for cited in outcome.cited)
    return float(right), float(len(outcome.cited))


def _gold_in_quote(outcome: Outcome) -> Ratio:
    if not outcome.answerable or not _gold(outcome):
        return _NOT_ABOUT
    return float(
        any(contains(cited.quote, outcome.gold_in(cited.language), cited.language) for cited in outcome.cited)
    ), 1.0


def _short_answer_exact(outcome: Outcome) -> Ratio:
    if not outcome.answerable or not _gold(outcome):
        return _NOT_ABOUT
    return float(exact_match(outcome.short_answer or "", _gold(outcome))), 1.0


def _short_answer_f1(outcome: Outcome) -> Ratio:
    if not outcome.answerable or not _gold(outcome):
        return _NOT_ABOUT
    return f1(outcome.short_answer or "", _gold(outcome)), 1.0


def _false_refusals(outcome: Outcome) -> Ratio:
    return (float(not outcome.answered), 1.0) if outcome.answerable else _NOT_ABOUT


def _false_answers(outcome: Outcome) -> Ratio:
    return (float(outcome.answered), 1.0) if outcome.unanswerable else _NOT_ABOUT


def _answer_correct(outcome: Outcome) -> Ratio:
    if outcome.written is None or not outcome.answerable or not _gold(outcome):
        return _NOT_ABOUT
    text, language = outcome.written.text, outcome.language
    return float(contains(text, outcome.gold_in(language), language)), 1.0


def _sentences_cited_right(outcome: Outcome) -> Ratio:
    if outcome.written is None or not outcome.answerable:
        return _NOT_ABOUT
    right = sum(any(id in outcome.relevant for id in cited) for cited in outcome.written.sentences)
    return float(right), float(len(outcome.written.sentences))


def _sentence_recall(outcome: Outcome) -> Ratio:
    written = outcome.written
    if written is None or not set(outcome.relevant) & set(written.excerpts):
        return _NOT_ABOUT
    right = sum(any(id in outcome.relevant for id in cited) for cited in written.sentences)
    return float(right), float(len(written.sentences) + sum(written.dropped.values()))


def _sentences_shown(outcome: Outcome) -> Ratio:
    if outcome.written is None:
        return _NOT_ABOUT
    shown = len(outcome.written.sentences)
    return float(shown), float(shown + sum(outcome.written.dropped.values()))


def _model_answered(outcome: Outcome) -> Ratio:
    return _NOT_ABOUT if outcome.written is None else (float(bool(outcome.written.text)), 1.0)


def _language_right(outcome: Outcome) -> Ratio:
    if outcome.written is None or not outcome.written.text:
        return _NOT_ABOUT
    return float(outcome.written.language == outcome.language), 1.0


def _vital(outcome: Outcome) -> Ratio:
    return _share_read(outcome, only_vital=True)


def _all_nuggets(outcome: Outcome) -> Ratio:
    return _share_read(outcome, only_vital=False)


def _full(outcome: Outcome) -> Ratio:
    share, questions = _vital(outcome)
    return float(share == 1.0 and not _wrong(outcome)[0]), questions


def _wrong(outcome: Outcome) -> Ratio:
    if outcome.expected is None or outcome.read is None or not outcome.expected.nuggets:
        return _NOT_ABOUT
    return float(outcome.answered and occurs(outcome.read.own_words, outcome.expected.must_not)), 1.0


def _headline(outcome: Outcome) -> Ratio:
    if outcome.expected is None or outcome.expected.kind not in OF_SEVERAL_VALUES:
        return _NOT_ABOUT
    return float(bool(outcome.short_answer)), 1.0


def _handled(outcome: Outcome) -> Ratio:
    if outcome.expected is None or outcome.read is None or outcome.expected.kind != CONVERSATION:
        return _NOT_ABOUT
    replied = outcome.answered and outcome.read.own_words and not outcome.cited
    understood = outcome.read.language == outcome.language and _readable(outcome)[0]
    return float(bool(replied and understood)), 1.0


def _readable(outcome: Outcome) -> Ratio:
    if outcome.read is None:
        return _NOT_ABOUT
    return float(is_readable(outcome.read.own_words, outcome.language)), 1.0


def _share_read(outcome: Outcome, *, only_vital: bool) -> Ratio:
    if outcome.expected is None or outcome.read is None or not outcome.expected.nuggets:
        return _NOT_ABOUT
    nuggets = outcome.expected.nuggets
    if only_vital:
        nuggets = [nugget for nugget in nuggets if nugget.vital] or nuggets
    if not outcome.answered:
        return 0.0, 1.0
    return sum(occurs(outcome.read.first, nugget.any) for nugget in nuggets) / len(nuggets), 1.0


_ANSWER_MEASURES: Mapping[str, Callable[[Outcome], Ratio]] = {
    "first_citation_right": _first_citation_right,
    "any_citation_right": _any_citation_right,
    "citation_precision": _citation_precision,
    "gold_in_quote": _gold_in_quote,
    "short_answer_exact": _short_answer_exact,
    "short_answer_f1": _short_answer_f1,
    "false_refusals": _false_refusals,
    "false_answers": _false_answers,
    "answer_correct": _answer_correct,
    "sentences_cited_right": _sentences_cited_right,
    "sentence_recall": _sentence_recall,
    "sentences_shown": _sentences_shown,
    "model_answered": _model_answered,
    "language_right": _language_right,
    "vital": _vital,
    "all_nuggets": _all_nuggets,
    "full": _full,
    "wrong": _wrong,
    "headline": _headline,
    "handled": _handled,
    "readable": _readable,
}


def _gold(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the gold answers of every language, each with its language: a short answer may be in any."""
    return [
        (answer, language or outcome.language)
        for language, answers in outcome.gold.items()
        for answer in answers
    ]


def _tally(outcomes: Sequence[Outcome], of_one: Callable[[Outcome], Ratio]) -> Tally:
    ratios = np.array([of_one(outcome) for outcome in outcomes], np.float64).reshape(-1, 2)
    return Tally(ratios[:, 0], ratios[:, 1])


def _once(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    return np.ones((1, len(outcomes)))


def _about(tally: Tally) -> int:
    return int(np.count_nonzero(tally.count))


def _estimate(value: float, resampled: NDArray[np.float64], questions: int) -> Estimate:
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return Estimate(value=value, low=float(low), high=float(high), questions=questions)


def _parts(outcomes: Sequence[Outcome]) -> bool:
    facts = all(outcome.expected is None for outcome in outcomes)
    return facts and len({outcome.answerable for outcome in outcomes}) == 2


def _trade_offs(outcomes: Sequence[Outcome], weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return each trade-off measure for each row of weights; NaN where a row has one kind of question."""
    _, wrongly, rightly = _shares_answered(outcomes, weights)
    wrongly = np.pad(wrongly, ((0, 0), (1, 0)))  # above every threshold nothing is answered
    rightly = np.pad(rightly, ((0, 0), (1, 0)))
    tolerated = np.where(wrongly <= _TOLERATED_FALSE_ANSWERS + 1e-9, rightly, 0.0).max(axis=1)
    comparable = ~np.isnan(wrongly).any(axis=1) & ~np.isnan(rightly).any(axis=1)
    measured = np.trapezoid(rightly, wrongly), 1 - tolerated
    values = [np.where(comparable, value, np.nan) for value in measured]
    return dict(zip(TRADE_OFF_MEASURES, values, strict=True))


def _shares_answered(
    outcomes: Sequence[Outcome], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return what is answered if one answers from a probability on.

    Returns: the distinct probabilities, falling; then, [rows of weights, probabilities], the
        shares answered of the unanswerable and of the answerable questions: a thousand ROC
        curves at once, which libraries draw one by one.
    """
    probabilities = np.array([outcome.probability for outcome in outcomes])
    answerable = np.array([outcome.answerable for outcome in outcomes])
    order = np.argsort(-probabilities, kind="stable")
    falling = probabilities[order]
    last_of_its_value = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)

    def share(kind: NDArray[np.bool_]) -> NDArray[np.float64]:
        answered = np.cumsum(weights[:, order] * kind[order], axis=1)[:, last_of_its_value]
        with np.errstate(invalid="ignore"):
            shares: NDArray[np.float64] = answered / answered[:, -1:]
        return shares

    return falling[last_of_its_value], share(~answerable), share(answerable)
