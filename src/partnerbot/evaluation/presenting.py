"""A report for reading: in a terminal, or as one page for a browser, without scripts or other hosts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jinja2 import Environment, PackageLoader
from rich.console import Console
from rich.table import Table
from rich.text import Text

from partnerbot.evaluation.marks import Case
from partnerbot.evaluation.measures import ALL, MEASURES, NONE, Estimate, Measure, tallies
from partnerbot.evaluation.outcomes import Outcome
from partnerbot.evaluation.report import Comparison, Figures, Report, Section

_NARROWEST = 120  # columns, where the output is no terminal


def print_report(report: Report) -> None:
    """Print a report's figures, in percent, on stdout."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_NARROWEST)
    documents = {indexed.data_set: indexed for indexed in report.indexed}
    console.print(f"{report.software}. Percent, with 95 % bootstrap intervals.")
    for section in report.sections:
        console.print()
        console.print(f"{section.data_set}: {section.questions} questions", style="bold", markup=False)
        if indexed := documents.get(section.data_set):
            console.print(
                f"{indexed.documents} documents, {indexed.passages} passages, {indexed.model}", markup=False
            )
            if indexed.partnerships is not None:
                console.print(indexed.partnerships.told(), markup=False)
            for skipped in indexed.skipped:
                console.print(f"Skipped {skipped}", markup=False)
        latency = section.latency_ms
        console.print(f"Time to an answer: median {latency.p50:.0f} ms, 95th percentile {latency.p95:.0f} ms")
        console.print(_overall(section))
        console.print(_by_group(section))
    if report.cases is not None:
        console.print(f"\n{mended(report.cases)}", style="bold", markup=False)
        for case in report.cases:
            if not case.mended:
                console.print(f"{case.question} ({case.language}): {case.reply}", markup=False)
    if report.comparison is not None:
        _print_comparison(console, report.comparison)


def mended(cases: Sequence[Case]) -> str:
    """Say how many of the replies that staff marked as wrong are replaced by others."""
    now = sum(case.mended for case in cases)
    return f"Replies that staff marked as wrong: {len(cases)}. Replied to otherwise now: {now}."


def _overall(section: Section) -> Table:
    table = Table("all questions", "", "95 % interval", "questions")
    for name, estimate in section.groups[ALL].items():
        interval = f"{_percent(estimate.low)} to {_percent(estimate.high)}"
        table.add_row(MEASURES[name].heading, _percent(estimate.value), interval, str(estimate.questions))
    return table


def _by_group(section: Section) -> Table:
    """One row a group of questions; values alone."""
    shown = list(section.groups[ALL])
    table = Table("languages", "asked", *(MEASURES[name].column for name in shown))
    table.columns[0].no_wrap = True
    for group, estimates in section.groups.items():
        if group != ALL:
            questions = max(estimate.questions for estimate in estimates.values())
            values = (_percent(estimates[name].value) if name in estimates else "" for name in shown)
            table.add_row(group, str(questions), *values)
    return table


def _print_comparison(console: Console, comparison: Comparison) -> None:
    console.print(f"\nSince the report of {comparison.before}", style="bold")
    if comparison.only_before or comparison.only_after:
        console.print(
            f"On the questions that both asked; {comparison.only_before} were asked only then, "
            f"{comparison.only_after} only now."
        )
    for change in comparison.changes:
        console.print(f"\n{change.data_set}: {change.questions} questions", style="bold", markup=False)
        table = Table("languages", "measure", "change", "95 % interval", "")
        for group, name, estimate, verdict in changed(change):
            interval = f"{_signed(estimate.low)} to {_signed(estimate.high)}"
            shown = Text(verdict, "green" if verdict == "better" else "red")
            table.add_row(group, MEASURES[name].heading, _signed(estimate.value), interval, shown)
        console.print(table)


def changed(change: Figures) -> Iterator[tuple[str, str, Estimate, str]]:
    """Yield group, measure, difference and "better", "worse" or "".

    All measures over all questions; of a group, those whose interval leaves out zero.
    """
    for group, estimates in change.groups.items():
        for name, estimate in estimates.items():
            verdict = ""
            if not estimate.low <= 0 <= estimate.high:
                verdict = "better" if (estimate.value > 0) != MEASURES[name].lower_is_better else "worse"
            if group == ALL or (verdict and group != NONE):
                yield group, name, estimate, verdict


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}"


# ---- As a page for a browser -------------------------------------------------------------------


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
    environment.filters |= {"percent": _percent, "signed": _signed}
    return environment.get_template("report.html").render(
        report=report,
        measures=MEASURES,
        all=ALL,
        indexed={one.data_set: one for one in report.indexed},
        plots=_plots,
        mended=mended,
        changed=changed,
        worst=shortfalls(report.outcomes)[:_SHOWN_AT_WORST],
    )


def shortfalls(outcomes: Sequence[Outcome]) -> list[Shortfall]:
    """Return the replies that fall short, the worst first: of equals, those given with most confidence."""
    found = tallies(outcomes)
    right, of = np.stack([found[name] for name in _WORST_BY], axis=1)
    lower_is_better = np.array([[MEASURES[name].lower_is_better] for name in _WORST_BY])
    missed = np.where(lower_is_better, right, of - right)
    shares = missed.sum(axis=0) / np.maximum(of.sum(axis=0), 1)
    short = [
        Shortfall(outcome, float(share), [name for name, by in zip(_WORST_BY, lost, strict=True) if by > 0])
        for outcome, share, lost in zip(outcomes, shares, missed.T, strict=True)
        if share > 0
    ]
    return sorted(short, key=lambda one: (one.share, one.outcome.answered, one.outcome.probability))[::-1]


def _plots(section: Section) -> Iterator[tuple[Measure, dict[str, Estimate]]]:
    for name in _PLOTTED:
        rows = {group: estimates[name] for group, estimates in section.groups.items() if name in estimates}
        if len(rows) > 2:  # with all of them together
            yield MEASURES[name], rows
