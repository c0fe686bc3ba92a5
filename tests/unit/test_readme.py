"""The README and docs keep to the code: commands and links. `make lint` compares settings and layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import typer

from partnerbot import errors
from partnerbot.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
API = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_the_readme_is_short() -> None:
    """Ten minutes of reading; the rest is in docs/."""
    assert len(README.encode()) < 10_000


def test_every_command_is_shown() -> None:
    """Each command of the command line has its place in the documentation."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [command for command in commands if f"partnerbot {command}" not in API] == []


def test_links_to_files_lead_somewhere() -> None:
    """Every relative link in the documentation is to a file of the repository."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = {page: re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")) for page in pages}
    assert [(page.name, to) for page in pages for to in links[page] if not (page.parent / to).exists()] == []


def test_the_tree_of_errors_is_whole() -> None:
    """Whoever catches one finds it, below what it is a kind of."""

    def drawn(kind: type, depth: int = 0) -> Iterator[tuple[int, str]]:
        yield depth, kind.__name__
        for below in kind.__subclasses__():
            if below.__module__ == errors.__name__:
                yield from drawn(below, depth + 1)

    told = re.findall(r"^    ([ │├└─]*)(\w+)", errors.__doc__ or "", re.MULTILINE)
    assert sorted((len(lines) // 4, name) for lines, name in told) == sorted(drawn(errors.PartnerbotError))
