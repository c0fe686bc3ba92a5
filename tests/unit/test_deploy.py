"""What deploys partnerbot (image, services, units of systemd, Caddy) keeps to the code and to itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pytest
import typer
import yaml
from pydantic import SecretStr

from partnerbot.bot import Partnerbot
from partnerbot.cli import app
from partnerbot.errors import ConfigurationError
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.records import Records
from partnerbot.settings import EMBEDDED, Settings
from partnerbot.web.metrics import Metrics
from partnerbot.web.routes import PROBES
from partnerbot.writing.provider import open_chat_model

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNITS = ROOT / "deploy" / "systemd"
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
OLLAMA = Settings(llm="ollama:gemma3:12b")
FOR_DEVELOPERS = {"test", "lint", "train"}
SETTINGS = {f"PARTNERBOT_{name.upper()}" for name in Settings.model_fields}


def commands_in(text: str) -> set[str]:
    """Return what is said after `partnerbot` where that is run, not where it is a name or a path."""
    return set(re.findall(r"(?:^|[ /\"'])partnerbot\"?,? \"?([a-z]+)", text, re.MULTILINE))


def test_the_image_is_made_of_what_is_there() -> None:
    """Every file that is copied exists and is let through, and every extra and setting has its name."""
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.+)", DOCKERFILE, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (extras,) = re.findall(r"^ARG EXTRAS=(.+)", DOCKERFILE, re.MULTILINE)
    wanted = project["optional-dependencies"].keys() - FOR_DEVELOPERS
    assert {*extras.split(","), "llm", "sentence-transformers"} == wanted
    manual = (ROOT / "docs" / "install.md").read_text("utf-8").partition("## Extras")[2].partition("\n## ")[0]
    assert {extra for extra in wanted if f"`{extra}`" not in manual} == set()
    assert set(re.findall(r"PARTNERBOT_\w+", DOCKERFILE)) <= SETTINGS
    assert commands_in(DOCKERFILE) == {"serve"}
    assert re.findall(r":7860(/\w+)", DOCKERFILE) == [PROBES[1]]


@pytest.mark.parametrize(
    ("module", "extra", "begin"),
    [
        ("mcp.server", "mcp", lambda: import_module("partnerbot.web.mcp")),
        ("prometheus_client", "metrics", lambda: Metrics(cast("Partnerbot", None))),
        (
            "onnx",
            "ollama",
            lambda: Partnerbot.of(OLLAMA, load_embedding_model(EMBEDDED), writes=True),
        ),
        ("langchain_ollama", "ollama", lambda: open_chat_model(OLLAMA)),
        ("psycopg", "postgresql", lambda: Records(Settings(records=SecretStr("postgresql://a@b/c")))),
        ("sentence_transformers", "sentence-transformers", lambda: load_embedding_model("intfloat/e5")),
    ],
)
def test_an_extra_that_is_missing_is_told_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, module: str, extra: str, begin: Callable[[], object]
) -> None:
    """In the same words for all, which are those of docs/install.md."""
    for ours in ("web.mcp", "writing.writer", "writing.support", "writing.alignment"):
        monkeypatch.delitem(sys.modules, f"partnerbot.{ours}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=re.escape(f'-c constraints.txt -e ".[{extra}]"')):
        begin()


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    """A base by its version, and no root; the version of Python is one that partnerbot takes."""
    (python,) = re.findall(r"^ARG PYTHON=(\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"3\.1[123]-slim-\w+", python)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:${PYTHON}"}
    assert DOCKERFILE.index("\nUSER 10001\n") < DOCKERFILE.index("\nCMD ")
    assert not re.search("amd64|x86_64|aarch64|--platform", re.sub("#.*", "", DOCKERFILE))


def test_the_services_fit_together() -> None:
    """Volumes, networks and services that are named are declared; files that are mounted exist."""
    named = [volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])]
    volumes = {name for name in named if re.fullmatch(r"\w+", name)}
    assert volumes == COMPOSE["volumes"].keys()
    assert [name for name in named if name.startswith("./") and not (ROOT / name).exists()] == []
    assert {network for one in SERVICES.values() for network in one["networks"]} == COMPOSE["networks"].keys()
    assert {other for one in SERVICES.values() for other in one.get("depends_on", ())} <= SERVICES.keys()
    written = (ROOT / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"PARTNERBOT_\w+", written)) <= SETTINGS
    assert commands_in(written) <= COMMANDS
    (subnet,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert SERVICES["chat"]["environment"]["PARTNERBOT_TRUSTED_PROXIES"] == subnet["subnet"]


def test_the_services_are_pinned_and_confined() -> None:
    """No image is whatever is newest; the chat can write nothing but its volume and /tmp."""
    images = [one["image"] for name, one in SERVICES.items() if name not in ("chat", "index")]
    assert [image for image in images if not re.search(r":v?\d+\.\d+", image)] == []
    (chroma,) = re.findall(r"^chromadb==(.+)", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert SERVICES["chroma"]["image"] == f"chromadb/chroma:{chroma}"
    assert {profile for one in SERVICES.values() for profile in one.get("profiles", ())} == {
        "chroma",
        "redis",
        "postgresql",
        "ollama",
    }
    for name in ("chat", "index"):
        assert SERVICES[name]["read_only"]
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert [volume for volume in SERVICES[name]["volumes"] if not volume.endswith(":ro")] == [
            "data:/data"
        ]
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["caddy"]


def test_the_units_are_confined_alike() -> None:
    """Both services are told the same of what they may do, and run commands that exist."""
    services = [path.read_text("utf-8") for path in sorted(UNITS.glob("*.service"))]
    confined = [text[text.index("# It writes") :].partition("\n\n")[0].strip() for text in services]
    assert len(services) == 2
    assert confined[0] == confined[1]
    assert {*commands_in("".join(re.findall("^Exec.+\n", "".join(services), re.MULTILINE)))} <= COMMANDS


@pytest.mark.system
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Read by systemd itself, as if partnerbot were installed here."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("No systemd found")
    for unit in UNITS.iterdir():
        text = unit.read_text("utf-8").replace("/opt/partnerbot/.venv/bin/partnerbot", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
    )
    assert [line for line in told.stderr.splitlines() if "partnerbot" in line] == []


@pytest.mark.system
def test_caddy_takes_its_file() -> None:
    """Read by Caddy itself; it leads to the service and port of the chat."""
    if shutil.which("caddy") is None:
        pytest.skip("No Caddy found. Install it: sudo apt-get install -y caddy")
    adapted = subprocess.run(
        ["caddy", "adapt", "--validate", "--config", str(ROOT / "deploy" / "Caddyfile")],
        env={
            "PARTNERBOT_PUBLIC_URL": "https://chat.example.org",
            "HOME": "/nonexistent",
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
    )
    assert adapted.returncode == 0, adapted.stderr
    assert '"dial":"chat:7860"' in adapted.stdout
    assert '"chat.example.org"' in adapted.stdout


@pytest.mark.parametrize(
    ("there", "begun"),
    [
        (None, []),  # no folder: nothing runs in another one
        ([], ["index"]),
        (["sources.toml"], ["sync", "index"]),
    ],
)
def test_the_nightly_line_runs_in_its_folder_or_not_at_all(
    tmp_path: Path, there: list[str] | None, begun: list[str]
) -> None:
    """A site is fetched where one is named, and the index follows, whatever came of that."""
    text = (ROOT / "docs/documents.md").read_text("utf-8")
    (line,) = re.findall(r"```cron\n.*\n\S+ \S+ \S+ \S+ \S+ (.*)\n```", text)
    folder = tmp_path / "own"
    if there is not None:
        folder.mkdir()
        for name in there:
            (folder / name).touch()
    program = tmp_path / "partnerbot"
    program.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/begun\ntest "$1" = index\n')
    program.chmod(0o700)
    line = line.replace("/var/lib/partnerbot", str(folder))
    subprocess.run(["sh", "-c", line], cwd=tmp_path, env={"PARTNERBOT": str(program)}, check=False)
    told = tmp_path / "begun"
    assert (told.read_text().split() if told.exists() else []) == begun
