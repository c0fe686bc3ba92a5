"""Writes docs/settings.md and docs/layout.md from the code; with --check, fails if they are out of date."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from partnerbot.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "partnerbot"

FLOW = (
    "documents",
    "sites",
    "models",
    "indexing",
    "index",
    "answering",
    "writing",
    "web",
    "evaluation",
    "cli",
)
"""Rooms in the order in which data flows; others follow, by name."""

SETTINGS = """# Settings

Environment variables, or lines of a file `.env` in the folder in which `partnerbot` runs, read once at the
start; the environment wins. A wrong value is refused with the reason; an empty one counts as none. Names,
colours, contact and example questions are elsewhere: [appearance](appearance.md).

| variable | default | what it is |
|---|---|---|
{rows}

An index belongs to the embedding model it was built with: after a change of `PARTNERBOT_EMBEDDING_MODEL`, run
`partnerbot index`. A reader of your own has to be calibrated, or the chat answers nearly everything or nearly
nothing ([how](reader.md)). Models of your own need [an extra](install.md#extras), `sentence-transformers`; a
hub id is downloaded once.
"""

LAYOUT = """# Layout

Each line is how a module describes itself. How the rooms depend on one another, and what flows between them:
[architecture](architecture.md).

```
{tree}
```
"""


def settings_page() -> str:
    """Return the settings with their defaults and meanings, in the order of the code."""
    rows = [
        f"| `PARTNERBOT_{name.upper()}` | {_default(field.default)} | {_with_code(field.description or '')} |"
        for name, field in Settings.model_fields.items()
    ]
    return SETTINGS.format(rows="\n".join(rows))


def layout_page() -> str:
    """Return the tree of modules."""
    return LAYOUT.format(tree="\n".join(["src/partnerbot/", *_tree(PACKAGE, depth=1)]))


def _default(value: object) -> str:
    return "" if str(value) in ("", "None") else f"`{value}`"


def _with_code(description: str) -> str:
    return re.sub(r"(?<!\w)'([^']+)'(?!\w)", r"`\1`", description)


def _tree(folder: Path, depth: int) -> Iterator[str]:
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    rooms = sorted((path.parent for path in folder.glob("*/__init__.py")), key=_place_in_flow)
    for path in modules:
        yield _line(path, path.name, depth)
    for room in rooms:
        yield _line(room / "__init__.py", f"{room.name}/", depth)
        yield from _tree(room, depth + 1)


def _place_in_flow(room: Path) -> tuple[int, str]:
    return FLOW.index(room.name) if room.name in FLOW else len(FLOW), room.name


def _line(module: Path, name: str, depth: int) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    summary = " ".join(docstring.partition("\n\n")[0].split())
    return f"{'  ' * depth + name:<30} {summary}".rstrip()


def main() -> None:
    """Write the pages, or only compare them."""
    pages = {"settings.md": settings_page(), "layout.md": layout_page()}
    docs = ROOT / "docs"
    stale = [name for name, text in pages.items() if (docs / name).read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        if stale:
            raise SystemExit(f"docs/{', docs/'.join(stale)}: not what the code says. Run: make docs")
        return
    for name in stale:
        (docs / name).write_text(pages[name], "utf-8")


if __name__ == "__main__":
    main()
