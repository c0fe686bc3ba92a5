"""`partnerbot sync`: fetches the pages that sources.toml lists, and says what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partnerbot.cli.terminal import Exit, say, screen
from partnerbot.settings import Settings, load_settings

if TYPE_CHECKING:
    from partnerbot.sites.sync import SyncReport


def sync(
    sources: Annotated[Path | None, typer.Option("--sources", help="The file that lists them.")] = None,
) -> None:
    """Fetch the pages of your site that sources.toml lists. Only what has changed is transferred."""
    from partnerbot.index.reports import recorded

    settings = load_settings(sources=sources)
    with recorded(settings.index, of_sync=True) as run:
        report = _fetched(settings)
        run.told = report.told()
    for file in report.skipped:
        say(f"Not fetched: {file.source}: {file.reason}", "yellow")
    for remark in report.remarks:
        say(f"{remark.source}: {remark.reason}", "yellow")
    for address in report.missing:
        say(f"Gone, and removed if it still is at the next sync: {address}", "yellow")
    for word, addresses in (
        ("New", report.added),
        ("Changed", report.changed),
        ("Removed", report.removed),
    ):
        for address in addresses:
            say(f"{word}: {address}")
    say(_summary(report, settings.synced))
    sys.exit(Exit.PARTLY if report.skipped else Exit.DONE)


def _fetched(settings: Settings) -> SyncReport:
    from partnerbot.documents.reading import DocumentReader
    from partnerbot.sites.fetching import Fetcher
    from partnerbot.sites.sources import read_sources
    from partnerbot.sites.sync import sync as fetch

    sources = read_sources(settings.sources)
    fetcher = Fetcher(settings.contact, sources.delay_seconds, sources.private_hosts)
    with screen.status("Fetching") as status, DocumentReader() as reading:

        def show(address: str, left: int) -> None:
            status.update(f"Fetching {address} ({left} left)" if left else f"Fetching {address}")

        return fetch(sources, settings.synced, fetcher, reading, show)


def _summary(report: SyncReport, folder: Path) -> str:
    changed = len(report.added) + len(report.changed) + len(report.removed)
    return (
        f"{len(report.added)} new, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} not fetched; {report.requests} requests, "
        f"{report.bytes_received / 1000:,.0f} kB, {report.seconds:.1f} seconds. "
        + ("To have it in the index, run: partnerbot index" if changed else f"{folder}/ is as it was.")
    )
