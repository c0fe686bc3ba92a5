"""Documents are read within limits, whatever their format; one that breaks its reader leaves the others."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from folders import write
from hostile_files import valid_docx
from partnerbot.documents.formats import ReadingLimits
from partnerbot.documents.reading import MAX_BYTES_READ_HERE, DocumentReader
from partnerbot.errors import ContentRefused, DocumentRejected
from partnerbot.sites.fetching import Response, Version
from partnerbot.sites.listings import Entry
from partnerbot.sites.pages import fetched_document

pytestmark = pytest.mark.system

GOOD = "<html><body><article><p>The register of the town was opened in 2020.</p></article></body></html>"
SENTENCE = "La ville signe un accord avec le département pour former des jeunes au travail du bois en 2019. "
LONG = 200_000
"""Characters. Reading so many takes a tenth of BUSY_SECONDS; taking the square of their number, minutes."""

BUSY_SECONDS = 10


@pytest.fixture(scope="module")
def reading() -> Iterator[DocumentReader]:
    with DocumentReader(ReadingLimits(cpu_seconds=BUSY_SECONDS)) as within_limits:
        yield within_limits


def refusal(reading: DocumentReader, path: Path) -> str:
    """Return why a document is refused."""
    with pytest.raises(DocumentRejected) as caught:
        reading.document(path, path.name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wrapped.txt", textwrap.fill(SENTENCE * (LONG // len(SENTENCE)), 80)),
        ("wrapped.md", textwrap.fill(SENTENCE * (LONG // len(SENTENCE)), 80)),
        ("japanese.txt", "岩森県とヴァルモン都市圏は昨年の五月に協定を締\n" * (LONG // 25)),
        ("breaks.html", f"<html><body><p>{'a<br>' * (LONG // 20)}</p></body></html>"),
        ("spaces.html", f"<html><body><pre>x{' ' * LONG}y</pre></body></html>"),
        ("spaces.txt", f"text size{' ' * LONG}x"),
        ("addresses.txt", "www.a" * (LONG // 5) + " x"),
        ("figures.txt", f"p{'1' * LONG}-"),
        ("joiners.txt", "\u0e01" + "\u200d" * LONG + "\u0e01"),
        ("empty-cells.html", f"<table><tr>{'<td>' * (LONG // 40)}x</tr></table>"),
        ("headings.html", f"<title>{'a' * (LONG // 2)}b</title>{'<h1>aaaab</h1>' * (LONG // 28)}"),
        ("withdrawn.html", f"<html><body><p>{'a<del>b</del>' * (LONG // 26)}</p></body></html>"),
        ("hidden.md", "<div hidden>\n\n" * (LONG // 140) + "a\n\n</div>\n\n" * (LONG // 140)),
        ("word.docx", valid_docx("<w:p><w:r><w:t>Un</w:t><w:br/></w:r></w:p>" * (LONG // 200))),
    ],
)
def test_reading_takes_time_in_proportion_to_length(
    reading: DocumentReader, tmp_path: Path, name: str, content: str | bytes
) -> None:
    """A long paragraph, or any other run of the same, is gone through a fixed number of times."""
    path = write(tmp_path / name, content)
    try:
        assert reading.document(path, name).page_content
    except DocumentRejected as refused:
        assert "no text" in str(refused)  # noqa: PT017


def test_a_text_that_never_settles_is_left_after_some_looks(reading: DocumentReader, tmp_path: Path) -> None:
    """Each look at it joins one line more: it is looked at some times, not once for each line."""
    path = write(tmp_path / "open.txt", "(A\n" * 3_000 + "B)" + " " * MAX_BYTES_READ_HERE)
    assert "B)" in reading.document(path, "open.txt").page_content


@pytest.mark.parametrize("name", ["a.md", "a.docx"])
def test_every_format_has_a_limit_on_time(tmp_path: Path, name: str) -> None:
    """What takes more is refused with the limit that it was; pages of a site, too, are below."""
    docx = valid_docx("<w:p><w:r><w:t>Un mot</w:t></w:r></w:p>" * 200_000)
    content = docx if name == "a.docx" else "Un mot\n\n" * 200_000
    with DocumentReader(ReadingLimits(cpu_seconds=1)) as reading:
        assert "more than 1 seconds of processor time" in refusal(reading, write(tmp_path / name, content))


def test_a_page_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    """Also after others that left memory enough; the next one is read."""
    path = write(tmp_path / "a.html", "<p>" * 1_500_000)
    good = write(tmp_path / "good.html", GOOD)
    with DocumentReader(ReadingLimits(memory_bytes=500 * 1024 * 1024)) as reading:
        assert "more than 500 MB of memory" in refusal(reading, path)
        assert "2020" in reading.document(good, "good.html").page_content


def test_a_document_with_too_much_text_is_refused(tmp_path: Path) -> None:
    """Whatever its format; the figure is in the reason."""
    path = write(tmp_path / "a.html", GOOD)
    with DocumentReader(ReadingLimits(characters=10)) as reading:
        assert "more than 10 characters of text" in refusal(reading, path)
        with pytest.raises(DocumentRejected, match="more than 10 characters of text"):
            reading.page(GOOD)


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for the child process in /proc")
def test_a_child_process_that_was_ended_is_started_anew(tmp_path: Path) -> None:
    """Somebody ends it between two documents, as a system without memory does: nothing is lost."""
    path = write(tmp_path / "a.html", GOOD)
    before = set(children())
    with DocumentReader() as reading:
        reading.document(path, "a.html")
        (child,) = set(children()) - before
        os.kill(child, signal.SIGKILL)
        assert "2020" in reading.document(path, "a.html").page_content
        (other,) = set(children()) - before
        assert other != child
    assert set(children()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for the child process in /proc")
def test_short_texts_need_no_other_process(tmp_path: Path) -> None:
    """A folder of Markdown files is read at once; a long one has its limits."""
    short = write(tmp_path / "a.md", "La ville a signé.")
    long = write(tmp_path / "b.md", "La ville a signé.\n\n" * (MAX_BYTES_READ_HERE // 18))
    before = len(children())
    with DocumentReader() as reading:
        reading.document(short, "a.md")
        assert len(children()) == before
        reading.document(long, "b.md")
        assert len(children()) == before + 1


def children() -> list[int]:
    """Return the processes that this one has started to read documents."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (folder / "cmdline").read_text(), (folder / "stat").read_text()
        except OSError:
            continue
        if "documents.reading_child" in command and int(status.rpartition(")")[2].split()[1]) == os.getpid():
            found.append(int(folder.name))
    return found


def test_warnings_reach_who_reads_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is odd in a document is said where all else is said, though another process found it."""
    path = write(tmp_path / "a.html", f"---\nlanguage: elvish\n---\n{GOOD}")
    with DocumentReader() as reading:
        reading.document(path, "a.html")
    assert "'elvish' in its front matter" in caplog.text


def test_a_fetched_page_has_the_same_limits() -> None:
    """A site's page that takes too long is refused like any other, and named by the sync."""
    address = "https://example.org/a"
    markup = "<html><body>" + "<p>Un mot</p>" * 200_000 + "</body></html>"
    response = Response(200, Version(address), markup.encode(), "text/html", "utf-8")
    with (
        DocumentReader(ReadingLimits(cpu_seconds=1)) as reading,
        pytest.raises(ContentRefused, match="processor time"),
    ):
        fetched_document(response, Entry(address), reading, ["example.org"])
