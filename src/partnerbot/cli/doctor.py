"""`partnerbot doctor`: checks the installation, the model and the index, and says what to do."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from partnerbot.cli.checks import MARKS, checks
from partnerbot.cli.terminal import Exit, IndexOption
from partnerbot.errors import PartnerbotError
from partnerbot.settings import Settings, load_settings


def doctor(
    index: IndexOption = None,
    embed: Annotated[str | None, typer.Option(help="Address of a site: may it embed the chat?")] = None,
) -> None:
    """Check the installation, the model and the index, and say what to do."""
    settings = load_settings(index=index)
    if embed is not None:
        sys.exit(_check_embedding(settings, embed))
    failures = 0
    for name, outcome in checks(settings, with_documents=index is None):
        failed = isinstance(outcome, PartnerbotError)
        failures += failed
        mark = "FAIL" if failed else MARKS.get(name, "ok  ")
        print(f"{mark} {name}: {outcome}")
    sys.exit(Exit.WRONG_USE if failures else Exit.DONE)


def _check_embedding(settings: Settings, site: str) -> Exit:
    """Print what decides whether a site may embed the chat; WRONG_USE if something forbids it."""
    from partnerbot.web.embed_check import check_embedding

    findings = check_embedding(settings, site)
    marks = {True: "ok  ", False: "FAIL", None: "?   "}
    for finding in findings:
        print(f"{marks[finding.passed]} {finding.subject}: {finding.text}")
    if any(finding.passed is False for finding in findings):
        return Exit.WRONG_USE
    return Exit.PARTLY if any(finding.passed is None for finding in findings) else Exit.DONE
