"""What a run of the indexer or of sync did, kept as JSON in `index/reports/`."""

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from partnerbot.durable import write_text
from partnerbot.errors import IndexBusy, PartnerbotError, SyncUnderWay
from partnerbot.index.generations import what_answers

_log = logging.getLogger(__name__)

FAILED = "failed"
"""The outcome of a run that ended badly."""

_FOLDER = "reports"
_SYNC = "-sync.json"
"""How the name of a sync's report ends."""

_KEPT = 200
"""Reports of each kind kept: three months of nightly runs, each with what was sent to a server after it."""


@dataclass
class Run:
    """A run while it lasts: the seconds that each of its stages takes, and what its report is to say.

    `told`: the outcome, and what was done; empty where there is nothing to report.
    """

    begun: float = field(default_factory=time.perf_counter)
    seconds_by_stage: dict[str, float] = field(default_factory=dict)
    told: dict[str, object] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds_by_stage[name] = self.seconds_by_stage.get(name, 0.0) + time.perf_counter() - begun

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.begun


@contextmanager
def recorded(index: Path, *, of_sync: bool = False) -> Iterator[Run]:
    """Keep a report of the block: what the run tells in the end, or why it ended badly.

    Where another run is at work, that leaves one itself.
    """
    run = Run()
    try:
        yield run
    except (IndexBusy, SyncUnderWay):
        raise
    except BaseException as error:  # Ctrl-C, too, and what is a defect
        run.told = {"outcome": FAILED, "reason": _reason(index, error, of_sync=of_sync)}
        raise
    finally:
        if run.told:
            _record(index, run, of_sync=of_sync)


def last_report(index: Path, *, of_sync: bool = False) -> dict[str, Any] | None:
    """Return the report of the indexer's last run, or of the last sync; None if none can be read."""
    reports = _reports(index / _FOLDER, of_sync=of_sync)
    try:
        found: dict[str, Any] = json.loads(reports[-1].read_text("utf-8"))
        # What every report says, whatever a flipped bit has made of one.
        told = found["ended_at"], found["outcome"], found["reason"] if found["outcome"] == FAILED else ""
    except (IndexError, OSError, ValueError, LookupError, TypeError):
        return None
    return found if all(isinstance(one, str) for one in told) else None


def _reports(folder: Path, *, of_sync: bool) -> list[Path]:
    return sorted(file for file in folder.glob("*.json") if file.name.endswith(_SYNC) == of_sync)


def _reason(index: Path, error: BaseException, *, of_sync: bool) -> str:
    if isinstance(error, PartnerbotError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return (
            f"It was interrupted. {what_answers(index)} "
            f"Run again: partnerbot {'sync' if of_sync else 'index'}"
        )
    return f"{type(error).__name__}: {error}"


def _record(index: Path, run: Run, *, of_sync: bool) -> None:
    """Write a report; one that can't be written is no reason to fail the run it is about."""
    now = datetime.now(UTC)
    folder = index / _FOLDER
    content = {
        "ended_at": now.isoformat(timespec="seconds"),
        **run.told,
        "seconds": round(run.seconds, 3),
        "seconds_by_stage": {stage: round(seconds, 3) for stage, seconds in run.seconds_by_stage.items()},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{now.strftime('%Y-%m-%dT%H-%M-%S-%f')}Z-{os.getpid()}{_SYNC if of_sync else '.json'}"
        write_text(folder / name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        for old in _reports(folder, of_sync=of_sync)[:-_KEPT]:
            old.unlink()
    except OSError as error:
        _log.warning("The report of this run can't be written in %s (%s).", folder, error.strerror)
