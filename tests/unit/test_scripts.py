"""The scripts beside the package, which no test runs as a whole, still find what they take from it."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(file for room in ("benchmarks", "tools", "training") for file in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_a_script_imports_of_partnerbot_exists(script: Path) -> None:
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "partnerbot":
            module = importlib.import_module(str(node.module))
            for name in node.names:
                if not hasattr(module, name.name):
                    importlib.import_module(f"{node.module}.{name.name}")
