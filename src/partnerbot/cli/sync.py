"""`partnerbot sync`: fetches the pages that sources.toml lists, and says what came of it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from partnerbot.errors import PartnerbotError, SyncUnderWay
from partnerbot.index.reports import record_failed_sync, record_sync
from partnerbot.settings import Settings
from partnerbot.sites.fetching import Fetcher
from partnerbot.sites.sources import read_sources
from partnerbot.sites.sync import SyncReport, sync


def run_sync(settings: Settings, screen: Console) -> SyncReport:
    """Fetch with progress and a summary on `screen`, and leave a report with those of the index.

    Raises: ConfigurationError if sources.toml is missing or wrong; SyncFailed if the folder of
        pages can't be written; SyncUnderWay, which leaves no report, if another sync runs.
    """
    try:
        report = _fetched(settings, screen)
    except SyncUnderWay:
        raise
    except PartnerbotError as error:
        record_failed_sync(settings.index, error)
        raise
    record_sync(settings.index, report)
    for file in report.skipped:
        _say(screen, f"Not fetched: {file.source}: {file.reason}", "yellow")
    for remark in report.remarks:
        _say(screen, f"{remark.source}: {remark.reason}", "yellow")
    for address in report.missing:
        _say(screen, f"Gone, and removed if it still is at the next sync: {address}", "yellow")
    for word, addresses in (
        ("New", report.added),
        ("Changed", report.changed),
        ("Removed", report.removed),
    ):
        for address in addresses:
            _say(screen, f"{word}: {address}")
    _say(screen, _summary(report, settings.synced))
    return report


def _fetched(settings: Settings, screen: Console) -> SyncReport:
    sources = read_sources(settings.sources)
    fetcher = Fetcher(settings.contact, sources.delay_seconds, sources.private_hosts)
    with screen.status("Fetching") as status:

        def show(address: str, left: int) -> None:
            status.update(f"Fetching {address} ({left} left)" if left else f"Fetching {address}")

        return sync(sources, settings.synced, fetcher, show)


def _summary(report: SyncReport, folder: Path) -> str:
    changed = len(report.added) + len(report.changed) + len(report.removed)
    return (
        f"{len(report.added)} new, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} not fetched; {report.requests} requests, "
        f"{report.bytes_received / 1000:,.0f} kB, {report.seconds:.1f} seconds. "
        + ("To have it in the index, run: partnerbot index" if changed else f"{folder}/ is as it was.")
    )


def _say(screen: Console, text: str, style: str | None = None) -> None:
    screen.print(text, style=style, markup=False, soft_wrap=True)
