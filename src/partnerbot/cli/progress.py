"""How far a long run is: as bars to somebody who watches, else as a line now and then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeftColumn

from partnerbot.cli.terminal import say, screen

OnStage = Callable[[str, int, int], None]
"""A stage, how many it has done, of how many."""

_STAGES = {
    "read": "Reading documents",
    "recognise": "Recognising the text of a document's scanned pages",
    "embed": "Embedding texts",
    "store": "Storing vectors",
    "send": "Sending to the Chroma server",
    "ask": "Asking questions",
}
_LINE_EVERY_SECONDS = 30.0


class _Lines:
    """Progress as plain lines, where nobody watches: one every while of a long stage, and one at its end."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = self._told = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._begun, self._told = stage, now, now
        if done < total and now - self._told < _LINE_EVERY_SECONDS:
            return
        self._told = now
        spent = now - self._begun
        rate = f", {done / spent:,.0f} a second" if spent > 1 else ""
        left = f", {(total - done) * spent / done:,.0f} seconds left" if spent > 1 and done < total else ""
        say(f"{_STAGES[stage]}: {done:,} of {total:,}{rate}{left}")


@contextmanager
def progress() -> Iterator[OnStage]:
    """Yield what is to be called as the stages of a run go on."""
    if not screen.is_terminal:
        yield _Lines().show
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeLeftColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_STAGES[stage], total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show
