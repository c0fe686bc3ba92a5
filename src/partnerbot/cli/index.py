"""`partnerbot index`: brings the index up to date, and says what was done and what to do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeftColumn
from rich.text import Text

from partnerbot.index.build import Preview, build_index, preview, roll_back
from partnerbot.index.changes import Changes
from partnerbot.index.generations import current, went_back
from partnerbot.index.reports import BuildReport
from partnerbot.index.verify import Judge
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings

if TYPE_CHECKING:
    from partnerbot.index.publishing import OnSent

_STAGES = {
    "read": "Reading documents",
    "embed": "Embedding passages",
    "store": "Storing vectors",
    "verify": "Verifying",
    "send": "Sending to the Chroma server",
}
_LINE_EVERY_SECONDS = 30.0


class _RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class _Lines:
    """Progress as plain lines, where nobody watches: one as a long stage begins, goes on and ends."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._stage = ""
        self._begun = self._told = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun, self._told = stage, now, now
        elif now - (self._told if done < total else self._begun) < _LINE_EVERY_SECONDS:
            return
        self._told = now
        spent = now - self._begun
        rate = f", {done / spent:,.0f} a second" if spent > 1 else ""
        left = f", {(total - done) * spent / done:,.0f} seconds left" if spent > 1 and done < total else ""
        _say(self._screen, f"{_STAGES[stage]}: {done:,} of {total:,}{rate}{left}")


def run_index(
    settings: Settings, model: EmbeddingModel, screen: Console, *, full: bool, judge: Judge | None
) -> BuildReport:
    """Index with progress, notices and a summary on `screen`. Raises as `build_index`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeLeftColumn(),
    )
    lines = _Lines(screen)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if not screen.is_terminal:
                lines.show(stage, done, total)
                return
            if stage not in tasks:
                tasks[stage] = progress.add_task(_STAGES[stage], total=total)
            progress.update(tasks[stage], completed=done, total=total)

        report = build_index(
            settings.documents,
            settings.index,
            model,
            show,
            full=full,
            synced=settings.synced,
            judge=judge,
            on_notice=lambda notice: _say(screen, notice),
        )
        sent = _send(settings, lambda done, total: show("send", done, total))
    _tell_skipped(screen, report)
    for source, count in report.withheld.items():
        screen.print(f"{source}: {orders_told(count)}", style="yellow", markup=False, soft_wrap=True)
    if report.unreached:
        _say(
            screen,
            f"{report.unreached} of {report.passages} passages are compared with each question one by one, "
            "since Chroma's graph doesn't lead to them: it is approximate, and many are nearly equal.",
        )
    what = "Indexed" if report.rebuilt else "Nothing has changed since the last run:"
    _say(
        screen,
        f"{what} {report.documents} documents, {report.passages} passages, {len(report.skipped)} skipped, "
        f"{report.seconds:.1f} seconds.",
    )
    if report.rebuilt:
        _say(screen, f"{_counts(report.changes)}. Generation {report.generation} answers now.")
    if sent:
        _say(screen, f"Generation {report.generation} answers on {settings.index_url} too.")
    return report


def orders_told(count: int) -> str:
    """Say to the operator that a document holds sentences that are never quoted, and what to do."""
    return (
        f"{count} of its sentences give orders to a machine that reads it, or follow one, and are never "
        "quoted. Look who wrote them."
    )


def show_preview(settings: Settings, model: EmbeddingModel, *, full: bool) -> None:
    """Print what a run would do. Raises: ConfigurationError."""
    found: Preview = preview(settings.documents, settings.index, model, full, settings.synced)
    if found.reason is not None:
        print(f"{found.reason} Everything would be indexed anew.")
    changes = found.changes
    for word, sources in (
        ("add", changes.added),
        ("change", changes.changed),
        ("rename", [f"{old} -> {new}" for old, new in changes.renamed.items()]),
        ("remove", changes.removed),
    ):
        for source in sources:
            print(f"{word} {source}")
    for file in found.skipped:
        print(f"skip {file.source}: {file.reason}")
    print(f"{_counts(changes)}, {len(found.skipped)} skipped. Nothing was written.")


def go_back(settings: Settings, model: EmbeddingModel, screen: Console) -> None:
    """Make the generation before the current one current again, on the Chroma server, too.

    Raises: as `roll_back` and `publish`. If the server was away, it follows when this is done again.
    """
    if settings.index_url and went_back(settings.index) and _send(settings):
        folder = current(settings.index)
    else:
        folder = roll_back(settings.index, model)
        _say(
            screen,
            f"Generation {folder.name} answers again. The next run of partnerbot index takes up what its "
            "documents say then.",
        )
        _send(settings)
    if settings.index_url:
        _say(screen, f"Generation {folder.name} answers on {settings.index_url} again.")


def _send(settings: Settings, on_sent: OnSent = lambda *_: None) -> bool:
    """Bring the Chroma server up to date, if there is one. Raises as `publish`."""
    if not settings.index_url:
        return False
    from partnerbot.index.chroma_server import ChromaServer
    from partnerbot.index.publishing import publish

    server = ChromaServer(settings.index_url, settings.index_token.get_secret_value())
    return publish(settings.index, server, on_sent)


def _tell_skipped(screen: Console, report: BuildReport) -> None:
    for file in report.skipped:
        screen.print(f"Skipped {file.source}: {file.reason}", style="yellow", markup=False, soft_wrap=True)


def _counts(changes: Changes) -> str:
    return (
        f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.renamed)} renamed, "
        f"{len(changes.removed)} removed, {len(changes.unchanged)} unchanged"
    )


def _say(screen: Console, text: str) -> None:
    screen.print(text, markup=False, soft_wrap=True)
