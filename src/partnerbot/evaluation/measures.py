"""Measures over outcomes, each with its 95 % confidence interval.

Every measure is a ratio of two sums over questions, so that one bootstrap serves them all.
The bootstrap draws whole question groups with replacement: the same question in three
languages, or over three arrangements of one corpus, is no independent evidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnerbot.evaluation.datasets import CONVERSATION, Record
from partnerbot.evaluation.matching import contains, exact_match, f1, occurs
from partnerbot.evaluation.outcomes import Outcome, is_readable

RESAMPLES = 1000
_SEED = 20_240

ALL = "all"
NONE = "none"
"""Groups of questions: every one, and those that no document answers; the others are language pairs.

Broad questions are grouped by their kind and their language.
"""

_OF_SEVERAL_VALUES = {"list", "overview", "howto", "why", "compare", "timeline", "latest", "keyword",
                      "unanswerable_broad", CONVERSATION}  # fmt: skip
"""Kinds of question that no single value answers."""


# ---- What is measured ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Measure:
    """What is measured of questions, as a share in [0, 1].

    `heading`, `column`: its name in a list, and at the head of a column. `meaning`: how to read it. Of each
    outcome that it is `about`, `right` things are right out of `of`; both are asked of no other.
    """

    heading: str
    column: str
    meaning: str
    about: Callable[[Any], object]
    right: Callable[[Any], float]
    of: Callable[[Any], float] = lambda _: 1.0
    lower_is_better: bool = False


def _answerable(outcome: Outcome) -> bool:
    return outcome.answerable


def _is_ranked_for(outcome: Outcome) -> bool:
    return outcome.answerable and outcome.expected is None


def _rank(outcome: Outcome) -> float:
    """Return the rank of the first right document, from 1; infinite if none was found."""
    ranks = (rank for rank, id in enumerate(outcome.ranking, start=1) if id in outcome.relevant)
    return next(ranks, float("inf"))


def _has_gold(outcome: Outcome) -> bool:
    return outcome.answerable and bool(_gold(outcome))


def _has_nuggets(outcome: Outcome) -> bool:
    return outcome.expected is not None and bool(outcome.expected.nuggets)


def _gold(outcome: Outcome) -> list[tuple[str, str]]:
    """Return the gold answers of every language, each with its language: a short answer may be in any."""
    return [
        (answer, language or outcome.language)
        for language, answers in outcome.gold.items()
        for answer in answers
    ]


def _citations_right(outcome: Outcome) -> int:
    return sum(cited.document in outcome.relevant for cited in outcome.cited)


def _share_read(outcome: Any, *, only_vital: bool = True) -> float:
    nuggets = outcome.expected.nuggets
    if only_vital:
        nuggets = [nugget for nugget in nuggets if nugget.vital] or nuggets
    found = sum(occurs(outcome.read.first, nugget.any) for nugget in nuggets)
    return found / len(nuggets) if outcome.answered else 0.0


def _is_wrong(outcome: Any) -> bool:
    return bool(outcome.answered) and occurs(outcome.read.own_words, outcome.expected.must_not)


def _is_readable(outcome: Any) -> bool:
    return is_readable(outcome.read.own_words, outcome.language)


def _is_handled(outcome: Any) -> bool:
    replied = outcome.answered and outcome.read.own_words and not outcome.cited
    return bool(replied) and outcome.read.language == outcome.language and _is_readable(outcome)


MEASURES = {
    "recall_at_1": Measure(
        "recall@1", "R@1", "A right document is found first.",
        _is_ranked_for, lambda one: _rank(one) == 1,
    ),
    "recall_at_5": Measure(
        "recall@5", "R@5", "A right document is among the first five found.",
        _is_ranked_for, lambda one: _rank(one) <= 5,
    ),
    "mrr_at_10": Measure(
        "MRR@10", "MRR", "Reciprocal rank of the first right document among ten.",
        _is_ranked_for, lambda one: 1 / _rank(one),
    ),
    "first_citation_right": Measure(
        "first citation right", "first\nright",
        "The first citation is of a right document; an abstention is wrong.",
        _answerable, lambda one: bool(one.cited) and one.cited[0].document in one.relevant,
    ),
    "any_citation_right": Measure(
        "any citation right", "any\nright",
        "Some citation is of a right document; an abstention is wrong.",
        _answerable, lambda one: _citations_right(one) > 0,
    ),
    "citation_precision": Measure(
        "citation precision", "cited\nright",
        "Of the citations given to answerable questions, those of a right document.",
        _answerable, _citations_right, lambda one: len(one.cited),
    ),
    "gold_in_quote": Measure(
        "gold answer in quote", "in\nquote",
        "A gold answer stands in some quote; an abstention is wrong.",
        _has_gold,
        lambda one: any(contains(q.quote, one.gold_in(q.language), q.language) for q in one.cited),
    ),
    "short_answer_exact": Measure(
        "short answer exact", "short\nexact",
        "The short answer is a gold answer; none is wrong.",
        _has_gold, lambda one: exact_match(one.short_answer or "", _gold(one)),
    ),
    "short_answer_f1": Measure(
        "short answer F1", "short\nF1",
        "F1 of the short answer's words, or characters, against a gold answer's.",
        _has_gold, lambda one: f1(one.short_answer or "", _gold(one)),
    ),
    "false_refusals": Measure(
        "false refusals", "false\nrefusal",
        "Of the answerable questions, those not answered.",
        _answerable, lambda one: not one.answered, lower_is_better=True,
    ),
    "false_answers": Measure(
        "false answers", "false\nanswer",
        "Of the unanswerable questions, those answered.",
        lambda one: one.unanswerable, lambda one: one.answered, lower_is_better=True,
    ),
    "answer_correct": Measure(
        "written answer correct", "written\ncorrect",
        "A gold answer stands in what the model wrote; an abstention is wrong.",
        lambda one: one.written is not None and _has_gold(one),
        lambda one: contains(one.written, one.gold_in(one.language), one.language),
    ),
    "model_answered": Measure(
        "answered by the model", "by\nmodel",
        "Of the questions put to the model, those whose answer is its text.",
        lambda one: one.written is not None, lambda one: bool(one.written),
    ),
    "language_right": Measure(
        "language right", "lang.\nright",
        "Of the written answers, those in the question's language.",
        lambda one: one.written, lambda one: is_readable(one.written, one.language),
    ),
    # From here on: of broad questions only.
    "vital": Measure(
        "vital nuggets read", "vital",
        "Of the vital nuggets, those that a visitor reads in the reply; an abstention has none.",
        _has_nuggets, _share_read,
    ),
    "all_nuggets": Measure(
        "all nuggets read", "all",
        "Of all nuggets, those that a visitor reads in the reply; an abstention has none.",
        _has_nuggets, lambda one: _share_read(one, only_vital=False),
    ),
    "full": Measure(
        "fully met", "full",
        "Every vital nugget is read, and nothing wrong is said.",
        _has_nuggets, lambda one: _share_read(one) == 1.0 and not _is_wrong(one),
    ),
    "wrong": Measure(
        "wrong in its own words", "wrong",
        "The reply's own words say something that they must not.",
        _has_nuggets, _is_wrong, lower_is_better=True,
    ),
    "headline": Measure(
        "one value for many", "head-\nline",
        "Of the questions that no single value answers, those given one as a short answer.",
        lambda one: one.expected and one.expected.kind in _OF_SEVERAL_VALUES,
        lambda one: bool(one.short_answer), lower_is_better=True,
    ),
    "handled": Measure(
        "conversation handled", "han-\ndled",
        "Of the messages that are no question, those replied to readably and without sources.",
        lambda one: one.expected and one.expected.kind == CONVERSATION, _is_handled,
    ),
    "readable": Measure(
        "own words readable", "read-\nable",
        "The reply's own words are in the asker's language.",
        lambda one: one.read, _is_readable,
    ),
}  # fmt: skip
"""What is measured, by name. Where several documents answer, each is right."""

# ---- Its figures ---------------------------------------------------------------------------------


class Estimate(Record):
    """A measure with its 95 % bootstrap interval; `questions` is how many it is over."""

    value: float
    low: float
    high: float
    questions: int


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Sort outcomes into "all", each "fr → ja" (question's language to document's), and "none".

    A broad question is in the group of its kind and in that of its language.
    """
    sorted_in: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        names = []
        if outcome.expected is not None:
            names = [outcome.expected.kind, f"asked in {outcome.language}"]
        elif outcome.answerable:
            names = [f"{outcome.language} → {outcome.document_language}"]
        for name in names:
            sorted_in.setdefault(name, []).append(outcome)
    found = {ALL: list(outcomes)} | {name: sorted_in[name] for name in sorted(sorted_in)}
    unanswerable = [outcome for outcome in outcomes if outcome.unanswerable and outcome.expected is None]
    return found | ({NONE: unanswerable} if unanswerable else {})


def measure(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    values = _values(outcomes, resample(outcomes))
    return {name: _estimate(value, questions) for name, (value, questions) in values.items()}


def differences(before: Sequence[Outcome], after: Sequence[Outcome]) -> dict[str, Estimate]:
    """Return how much each measure has changed, on the same questions in the same order.

    The bootstrap is paired: each resample compares both on the same draw of questions.
    """
    drawn = resample(after)
    old, new = _values(before, drawn), _values(after, drawn)
    return {
        name: _estimate(value - old[name][0], questions)
        for name, (value, questions) in new.items()
        if name in old
    }


def tallies(outcomes: Sequence[Outcome]) -> dict[str, NDArray[np.float64]]:
    """Return of every measure what is right in each outcome, and out of how much: [2, outcomes]."""
    found = {}
    for name, one in MEASURES.items():
        ratios = [(one.right(each), one.of(each)) if one.about(each) else (0, 0) for each in outcomes]
        found[name] = np.array(ratios, np.float64).reshape(-1, 2).T
    return found


def resample(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Return how often each question is drawn, [RESAMPLES, questions], group by group; always the same."""
    names, group_of = np.unique([outcome.group for outcome in outcomes], return_inverse=True)
    random = np.random.default_rng(_SEED)
    drawn = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return drawn[:, group_of].astype(np.float64)


def _values(
    outcomes: Sequence[Outcome], drawn: NDArray[np.float64]
) -> dict[str, tuple[NDArray[np.float64], int]]:
    """Return each measure that these outcomes are about, and over how many of them.

    Its values are those over all questions, each counted once, and then for each row of `drawn`; NaN where
    a row has no question it is about.
    """
    weights = np.vstack([np.ones(len(outcomes)), drawn])
    with np.errstate(invalid="ignore"):
        return {
            name: ((weights @ right) / (weights @ of), int(np.count_nonzero(of)))
            for name, (right, of) in tallies(outcomes).items()
            if of.any()
        }


def _estimate(values: NDArray[np.float64], questions: int) -> Estimate:
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    return Estimate(value=float(values[0]), low=float(low), high=float(high), questions=questions)
