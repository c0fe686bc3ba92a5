"""What a run of the indexer or of sync did: told to the caller, and kept as JSON in `index/reports/`."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partnerbot.durable import write_text
from partnerbot.errors import PartnerbotError
from partnerbot.index.changes import Changes
from partnerbot.index.generations import what_answers
from partnerbot.index.manifest import Skipped

if TYPE_CHECKING:
    from partnerbot.sites.sync import SyncReport

_log = logging.getLogger(__name__)

FAILED = "failed"
"""The outcome of a run that ended badly."""

_FOLDER = "reports"
_SYNC = "-sync.json"
"""How the name of a sync's report ends."""

_KEPT = 200
"""Reports of each kind kept: three months of nightly runs, each with what was sent to a server after it."""


@dataclass(frozen=True)
class BuildReport:
    """What a run of the indexer did. `rebuilt` is False if nothing had changed."""

    rebuilt: bool
    generation: str
    documents: int
    passages: int
    embedded: int
    """Vectors that had to be computed, two a passage; the others were known."""
    changes: Changes
    skipped: list[Skipped]
    withheld: dict[str, int]
    """Sentences that are never quoted because they give orders to a machine, by source."""
    unread: dict[str, list[int]]
    """Pages that are pictures in which too little could be read, by source."""
    stages: dict[str, float]
    """Seconds by stage."""
    seconds: float


@dataclass
class Stages:
    """Adds up the seconds that each stage of a run takes."""

    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block's time for a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun

    @property
    def total(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.started


def record_success(index: Path, report: BuildReport) -> None:
    """Keep the report of a run that ended well."""
    changes, embedding = report.changes, report.stages.get("embed", 0.0)
    _record(
        index,
        {
            "outcome": "published" if report.rebuilt else "nothing has changed",
            "generation": report.generation,
            "documents": report.documents,
            "passages": report.passages,
            "added": changes.added,
            "changed": changes.changed,
            "renamed": changes.renamed,
            "removed": changes.removed,
            "unchanged": len(changes.unchanged),
            "skipped": [file.model_dump(exclude={"digest"}) for file in report.skipped],
            "withheld": report.withheld,
            "unread": report.unread,
            "vectors_embedded": report.embedded,
            "vectors_embedded_per_second": round(report.embedded / embedding, 1) if embedding else None,
            "passages_per_second": round(report.passages / report.seconds, 1) if report.rebuilt else None,
            "seconds": round(report.seconds, 3),
            "seconds_by_stage": {stage: round(seconds, 3) for stage, seconds in report.stages.items()},
        },
    )


def record_failure(index: Path, error: BaseException, stages: Stages) -> None:
    """Keep the report of a run that ended badly, and why."""
    _record(
        index,
        {
            "outcome": FAILED,
            "reason": _reason(index, error),
            "seconds": round(stages.total, 3),
            "seconds_by_stage": {stage: round(seconds, 3) for stage, seconds in stages.seconds.items()},
        },
    )


def record_way_back(index: Path, generation: str) -> None:
    """Keep the report that the generation before was made current again."""
    _record(index, {"outcome": "rolled back", "generation": generation})


def record_sent(index: Path, generation: str, url: str, stages: Stages) -> None:
    """Keep the report that a generation was brought to a server, where it answers now."""
    _record(
        index,
        {
            "outcome": "published, and sent to the server",
            "generation": generation,
            "server": url,
            "seconds": round(stages.total, 3),
        },
    )


def record_sync(index: Path, report: SyncReport) -> None:
    """Keep the report of a sync, beside those of the indexer."""
    _record(
        index,
        {
            "outcome": "fetched",
            "added": report.added,
            "changed": report.changed,
            "missing": report.missing,
            "removed": report.removed,
            "unchanged": report.unchanged,
            "failed": [{"address": one.source, "reason": one.reason} for one in report.skipped],
            "remarks": [{"address": one.source, "reason": one.reason} for one in report.remarks],
            "requests": report.requests,
            "bytes_received": report.bytes_received,
            "seconds": round(report.seconds, 3),
        },
        of_sync=True,
    )


def record_failed_sync(index: Path, error: PartnerbotError) -> None:
    """Keep the report of a sync that ended badly, and why."""
    _record(index, {"outcome": FAILED, "reason": str(error)}, of_sync=True)


def last_run(index: Path) -> dict[str, Any] | None:
    """Return the report of the indexer's last run; None if there is none that can be read."""
    return _last(index, of_sync=False)


def last_sync(index: Path) -> dict[str, Any] | None:
    """Return the report of the last sync; None if there is none that can be read."""
    return _last(index, of_sync=True)


def _reports(folder: Path, *, of_sync: bool) -> list[Path]:
    """Return the reports of one kind, oldest first."""
    return sorted(file for file in folder.glob("*.json") if file.name.endswith(_SYNC) == of_sync)


def _last(index: Path, *, of_sync: bool) -> dict[str, Any] | None:
    reports = _reports(index / _FOLDER, of_sync=of_sync)
    try:
        found: dict[str, Any] = json.loads(reports[-1].read_text("utf-8"))
        # What every report says, whatever a flipped bit has made of one.
        told = found["ended_at"], found["outcome"], found["reason"] if found["outcome"] == FAILED else ""
    except (IndexError, OSError, ValueError, LookupError, TypeError):
        return None
    return found if all(isinstance(one, str) for one in told) else None


def _reason(index: Path, error: BaseException) -> str:
    if isinstance(error, PartnerbotError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return f"It was interrupted. {what_answers(index)} Run again: partnerbot index"
    return f"{type(error).__name__}: {error}"


def _record(index: Path, content: dict[str, object], *, of_sync: bool = False) -> None:
    """Write a report; one that can't be written is no reason to fail the run it is about."""
    now = datetime.now(UTC)
    folder = index / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        told = {"ended_at": now.isoformat(timespec="seconds"), **content}
        name = f"{now.strftime('%Y-%m-%dT%H-%M-%S-%f')}Z-{os.getpid()}{_SYNC if of_sync else '.json'}"
        write_text(folder / name, json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        for old in _reports(folder, of_sync=of_sync)[:-_KEPT]:
            old.unlink()
    except OSError as error:
        _log.warning("The report of this run can't be written in %s (%s).", folder, error.strerror)
