"""A report as one page for a browser: it needs no script, and asks no host for anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jinja2 import Environment, PackageLoader

from partnerbot.evaluation.metrics import ALL, MEASURES, Estimate, Measure, tallies
from partnerbot.evaluation.outcomes import Outcome
from partnerbot.evaluation.report import Report, Section
from partnerbot.evaluation.tables import changed, written

_PLOTTED = (
    "recall_at_5",
    "first_citation_right",
    "gold_in_quote",
    "short_answer_exact",
    "false_refusals",
    "vital",
    "full",
    "wrong",
)
"""Measures drawn by pair of languages or kind of question, where there are several of these."""

_WORST_BY = (
    "any_citation_right",
    "gold_in_quote",
    "false_answers",
    "vital",
    "wrong",
    "headline",
    "handled",
)
"""Measures that say how far one reply falls short; each question has one value in [0, 1] of those it has."""

_SHOWN_AT_WORST = 50


@dataclass(frozen=True)
class Shortfall:
    """A reply that isn't what it should be. `share`: by how much, in (0, 1]; `missed`: in which measures."""

    outcome: Outcome
    share: float
    missed: list[str]

    @property
    def asks(self) -> str:
        """The kind of question, or its pair of languages."""
        if self.outcome.expected is not None:
            return self.outcome.expected.kind
        return f"{self.outcome.language} → {self.outcome.document_language or 'none'}"


def page(report: Report) -> str:
    """Return a report as HTML: figures, plots, what has changed, and the worst replies.

    Every text of a data set or a document is escaped.
    """
    environment = Environment(
        loader=PackageLoader("partnerbot.evaluation"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = lambda share: f"{share * 100:.1f}"
    environment.filters["signed"] = lambda share: f"{share * 100:+.1f}"
    return environment.get_template("report.html").render(
        report=report,
        measures=MEASURES,
        all=ALL,
        indexed={one.data_set: one for one in report.indexed},
        plots=_plots,
        curve=_curve,
        written=written,
        changed=changed,
        worst=shortfalls(report.outcomes)[:_SHOWN_AT_WORST],
    )


def shortfalls(outcomes: Sequence[Outcome]) -> list[Shortfall]:
    """Return the replies that fall short, the worst first: of equals, those given with most confidence."""
    found = tallies(outcomes)
    counts = np.array([found[name].count for name in _WORST_BY])
    missed = np.array(
        [
            found[name].total if MEASURES[name].lower_is_better else found[name].count - found[name].total
            for name in _WORST_BY
        ]
    )
    shares = missed.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
    short = [
        Shortfall(outcome, float(share), [name for name, by in zip(_WORST_BY, lost, strict=True) if by > 0])
        for outcome, share, lost in zip(outcomes, shares, missed.T, strict=True)
        if share > 0
    ]
    return sorted(short, key=lambda one: (one.share, one.outcome.answered, one.outcome.probability))[::-1]


def _plots(section: Section) -> Iterator[tuple[Measure, dict[str, Estimate]]]:
    """Yield the measures to be drawn, each with its estimates by group."""
    for name in _PLOTTED:
        rows = {group: estimates[name] for group, estimates in section.groups.items() if name in estimates}
        if len(rows) > 2:  # with all of them together
            yield MEASURES[name], rows


def _curve(section: Section) -> str:
    """Return the trade-off as the points of an SVG line, 100 wide and high; empty if there is none."""
    return " ".join(
        f"{point.false_answers * 100:.1f},{point.false_refusals * 100:.1f}" for point in section.trade_off
    )
