"""300 hostile files: each ends within its limits and is read or named, and none keeps the others out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from folders import load_documents
from hostile_files import bombs, crafted, fuzzed, write_files
from partnerbot.documents import metadata

pytestmark = pytest.mark.system

GOOD = {f"good{number}.txt": b"The register of the town was opened in 2020." for number in range(5)}
LONGEST_SECONDS = 200
"""A PDF has 180 seconds before its child process is ended; everything else is far quicker."""


def read_all(folder: Path, files: dict[str, bytes]) -> None:
    """Read a folder of files and hold the outcome against what must be true of any."""
    write_files(folder, files | GOOD)
    times: list[tuple[float, str]] = []
    last = time.monotonic()

    def done(source: str) -> None:
        nonlocal last
        now = time.monotonic()
        times.append((now - last, source))
        last = now

    loaded = load_documents(folder, done)
    read = {document.metadata[metadata.SOURCE] for document in loaded.documents}
    skipped = {file.source for file in loaded.skipped}
    assert read | skipped == files.keys() | GOOD.keys()
    assert not read & skipped
    assert read >= GOOD.keys()
    for file in loaded.skipped:
        assert file.reason[-1] in ".)", file
        assert "Traceback" not in file.reason
    assert max(times)[0] < LONGEST_SECONDS, max(times)
    for document in loaded.documents:
        assert "root:" not in document.page_content
    for trace in ("partnerbot-ran", "partnerbot-climbed.txt"):
        assert not Path("/tmp", trace).exists()


def test_crafted_files_end_in_their_limits(tmp_path: Path) -> None:
    """Lies about length, loops, depth, entities, wrong types, code in front matter, paths that climb."""
    read_all(tmp_path / "files", crafted())


def test_a_sample_of_fuzzed_files(tmp_path: Path) -> None:
    """The first of those that the thorough run has in full."""
    read_all(tmp_path / "files", dict(fuzzed(25)))


@pytest.mark.thorough
def test_three_hundred_hostile_files(tmp_path: Path) -> None:
    """All crafted files, bombs among them, and fuzzed ones to 300."""
    files = crafted() | bombs()
    read_all(tmp_path / "files", files | dict(fuzzed(300 - len(files))))
