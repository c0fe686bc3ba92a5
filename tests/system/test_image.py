"""The steps of the image in a clean root, run by a user who may write to its volume and nowhere else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from small_corpus import write_corpus

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
QUESTION = "How many guests attended the tea ceremony?"


@dataclass(frozen=True)
class Image:
    """What the Dockerfile makes, below a folder that stands for the root of the container."""

    root: Path
    environment: dict[str, str]

    def run(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a command as the container would: in /site, without rights, all else read-only."""
        program = shutil.which(command[0], path=self.environment["PATH"]) or command[0]
        return subprocess.Popen(
            [*_confined(self.root), program, *command[1:]],
            env=self.environment,
            cwd=self.root / "site",
            stderr=subprocess.PIPE,
            text=True,
        )


def _confined(root: Path) -> list[str]:
    """Return what confines a command; for who isn't root or may not mount, the files' modes have to do."""
    mounts = " && ".join(f"mount --bind {root}/{folder} {root}/{folder}" for folder in ("data", "tmp"))
    rights = "setpriv --inh-caps=-all --bounding-set=-all --no-new-privs"
    script = f'{mounts} && mount -o remount,bind,ro / && exec {rights} "$@"'
    confined = ["unshare", "--mount", "sh", "-c", script, "sh"]
    return confined if subprocess.run([*confined, "true"], capture_output=True).returncode == 0 else []


def instructions(name: str) -> list[str]:
    return re.findall(rf"^(?:HEALTHCHECK.* )?{name} (.+)", LINES, re.MULTILINE)


def in_root(text: str, root: Path) -> str:
    """Return a text whose paths of the container are below a folder."""
    return re.sub(r"(?<=[ =:])(/opt|/data|/tmp)\b", rf"{root}\1", f" {text}")[1:]


def built(root: Path, *, downloads: bool) -> Image:
    """Take the Dockerfile's steps below a folder.

    `downloads`: what is needed besides is downloaded, as for the image; else this Python's is taken.
    """
    for folder in ("opt", "data", "tmp", "site", "build"):
        (root / folder).mkdir()
    for line in instructions("COPY"):
        for name in line.split()[:-1] if not line.startswith("--from") else ():
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / "build" / name)
    variables = dict(line.split("=", 1) for line in instructions("ARG") if "=" in line)
    for step in instructions("RUN"):
        if step.startswith("useradd"):
            continue
        step = re.sub(r"^python ", f"{sys.executable} ", in_root(step, root))
        if not downloads and "/pip install" in step:
            wheel = [
                sys.executable,
                "-m",
                "pip",
                "wheel",
                "--quiet",
                "--no-deps",
                "--no-build-isolation",
                ".",
            ]
            subprocess.run(wheel, check=True, cwd=root / "build")
            step = f"{root}/opt/partnerbot/bin/pip install --quiet --no-deps *.whl"
        subprocess.run(step, shell=True, check=True, cwd=root / "build", env={**os.environ, **variables})
        if "-m venv" in step and not downloads:
            (packages,) = (root / "opt").glob("*/lib/python3*/site-packages")
            (packages / "here.pth").write_text(
                os.pathsep.join(path for path in sys.path if "site-pack" in path)
            )
    stated = dict(re.findall(r"(\w+)=(\S+)", in_root(instructions("ENV")[0], root)))
    stated |= {"PARTNERBOT_HOST": "127.0.0.1", "PARTNERBOT_PORT": "0", "TMPDIR": str(root / "tmp")}
    for folder in ("data", "tmp"):
        (root / folder).chmod(0o777)
    return Image(root, stated)


@pytest.fixture(
    params=[pytest.param(True, marks=pytest.mark.thorough), False], ids=["downloaded", "from here"]
)
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    """The image with an office's folder in it, which nobody but root can write to."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        image = built(Path(folder), downloads=request.param)
        write_corpus(image.root / "site" / "documents")
        (image.root / "site" / ".env").write_text("PARTNERBOT_CONTACT=contact@clairmoulin.example\n", "utf-8")
        subprocess.run(["chmod", "-R", "a-w,a+rX", image.root / "site", image.root / "opt"], check=True)
        try:
            yield image
        finally:
            subprocess.run(["chmod", "-R", "u+w", image.root], check=True)


def test_the_image_indexes_and_answers(image: Image) -> None:
    """By its own commands, from a wheel that has all it needs; it is healthy, and writes to its volume."""
    with image.run(["partnerbot", "index"]) as indexing:
        assert indexing.stderr is not None
        told = indexing.stderr.read()
    assert indexing.returncode == 0, told
    before = {path for path in image.root.rglob("*") if not path.is_relative_to(image.root / "tmp")}
    command = json.loads(instructions("CMD")[-1])
    health = json.loads(instructions("CMD")[0])
    with image.run(command) as server:
        try:
            assert server.stderr is not None
            address = next(
                found for line in server.stderr if (found := re.search(r"http://[\d.]+:(\d+)", line))
            )
            health[-1] = health[-1].replace("7860", address[1])
            answer = httpx.post(
                f"http://127.0.0.1:{address[1]}/api/ask", json={"question": QUESTION}, timeout=60
            ).json()
            assert answer["short_answer"] == "75"
            assert image.run(health).wait() == 0
            server.terminate()
            server.wait(60)
        finally:
            server.kill()
    assert image.run(health).wait() != 0
    after = {path for path in image.root.rglob("*") if not path.is_relative_to(image.root / "tmp")}
    assert {path for path in after - before if not path.is_relative_to(image.root / "data")} == set()
