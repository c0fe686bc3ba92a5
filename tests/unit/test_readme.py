"""The README and docs keep to the code: commands and links. `make lint` compares settings and layout."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from partnerbot.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
API = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_the_readme_is_short() -> None:
    """Ten minutes of reading; the rest is in docs/."""
    assert len(README.encode()) < 10_000


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_shown(command: str) -> None:
    """Each command of the command line has its place in the documentation."""
    assert f"partnerbot {command}" in API


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    """Every relative link in the documentation is to a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
