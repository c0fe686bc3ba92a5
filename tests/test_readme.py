"""The README and docs keep to the code: layout, settings and commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from partnerbot.cli import app
from partnerbot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
LAYOUT = (ROOT / "docs" / "layout.md").read_text("utf-8")


def tree_of_modules(text: str) -> set[str]:
    """Return the paths of the .py files in the layout's tree, relative to src/partnerbot."""
    tree = text.split("src/partnerbot/\n", 1)[1].split("\ntests/", 1)[0]
    folders: dict[int, str] = {0: ""}
    found = set()
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        above = folders[depth - 1]
        if name.endswith("/"):
            folders[depth] = f"{above}{name}"
        elif name.endswith(".py"):
            found.add(f"{above}{name}")
    return found


def test_the_layout_names_every_module_and_no_other() -> None:
    """Someone who looks for the room of a change finds it in the layout."""
    package = ROOT / "src" / "partnerbot"
    modules = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    assert tree_of_modules(LAYOUT) == {path for path in modules if not path.endswith("__init__.py")}


def test_the_settings_table_has_every_setting_with_its_default() -> None:
    """The table is the settings: names, defaults and descriptions."""
    rows = re.findall(r"^\| `(PARTNERBOT_\w+)` \| `(.*?)` \| (.*?) \|$", README, re.MULTILINE)
    told = [(name, default, text.replace("`", "'").replace("''", "'")) for name, default, text in rows]
    assert told == [
        (f"PARTNERBOT_{name.upper()}", str(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_shown(command: str) -> None:
    """Each command of the command line has a line in the README."""
    assert f"partnerbot {command}" in README


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    """Every relative link in the documentation is to a file of the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
