"""No library sends anything or leaves anything behind: as the system saw it, whatever a library says."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hostile_files import valid_docx, valid_pdf
from local_site import Served, running_site
from small_corpus import write_corpus
from traced import Trace, command_of, traced, tracing

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where documents of every format wait to be indexed, and whose home is empty."""
    folder = tmp_path_factory.mktemp("silence")
    documents = write_corpus(folder / "documents")
    (documents / "register.pdf").write_bytes(valid_pdf())
    (documents / "register.docx").write_bytes(valid_docx())
    return folder


def assert_silent(trace: Trace, place: Path) -> None:
    assert {one for one in trace.addresses if not ipaddress.ip_address(one).is_loopback} == set()
    ours = trace.home / ".cache" / "partnerbot"
    folders = [place / name for name in ("index", "state", "synced", "tmp")]
    assert trace.outside(*folders, ours) <= {ours.parent, ours}
    assert {path.name for path in trace.home.iterdir()} <= {".cache"}
    assert {path.name for path in (trace.home / ".cache").glob("*")} <= {"partnerbot"}


def test_a_trace_sees_what_is_sent_and_written(tmp_path: Path) -> None:
    """The tests below could fail: a connection and a file outside are seen, also of a child."""
    deed = (
        "import socket, pathlib; pathlib.Path.home().joinpath('x').write_text('x'); "
        "socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {deed!r}])"
    trace = traced(tmp_path, [sys.executable, "-c", parent])
    assert "192.0.2.1" in trace.addresses
    assert trace.outside() == {trace.home / "x"}
    with pytest.raises(AssertionError):
        assert_silent(trace, tmp_path)


def test_indexing_and_asking_are_silent(place: Path) -> None:
    """The model is prepared, documents of every format are indexed and asked, the installation checked."""
    assert_silent(traced(place, command_of("index")), place)
    assert_silent(traced(place, command_of("ask", "When did the tea ceremony take place?")), place)
    assert_silent(traced(place, command_of("doctor")), place)


def test_serving_is_silent(place: Path) -> None:
    """A visitor reads the chat's page and asks; then the server ends."""
    with tracing(place, command_of("serve", "--port", "0")) as (process, trace):
        assert process.stdout is not None
        address = next(line.split()[-1] for line in process.stdout if "answers at" in line)
        assert httpx.get(f"{address}fr", timeout=60).status_code == 200
        asked = {"question": "Combien de coureurs la course a-t-elle réunis ?"}
        assert httpx.post(f"{address}api/ask", json=asked, timeout=60).json()["status"] == "answered"
        _end(process)
    assert_silent(trace, place)


def test_evaluating_is_silent(place: Path) -> None:
    """A data set is indexed and asked."""
    text = "The mill burnt down in 1887. It was rebuilt in stone by the people of the valley."
    data = place / "data"
    data.mkdir()
    document = {"doc_id": "mill", "lang": "en", "title": "The mill", "text": text}
    query = {"qid": "1", "lang": "en", "question": "When did the mill burn down?", "answers": ["1887"]}
    (data / "docs.jsonl").write_text(json.dumps(document), "utf-8")
    (data / "queries.jsonl").write_text(json.dumps({**query, "doc_ids": ["mill"]}), "utf-8")
    assert_silent(traced(place, command_of("evaluate", data)), place)


def test_a_sync_connects_to_its_site_alone(place: Path) -> None:
    """What it fetches lies in its folder; the site was asked, and nobody else."""
    with running_site() as site:
        site.pages["/mill"] = Served(b"<html><body><p>The mill burnt down in 1887.</p></body></html>")
        host, page = site.host, site.at("/mill")
        listed = f'delay_seconds = 0\nprivate_hosts = ["{host}"]\n[[source]]\npages = ["{page}"]'
        (place / "sources.toml").write_text(listed, "utf-8")
        trace = traced(place, command_of("sync"))
        assert site.paths() == ["/mill"]
    (place / "sources.toml").unlink()
    assert_silent(trace, place)


def _end(process: subprocess.Popen[str]) -> None:
    """End the traced program as Ctrl-C does, and wait for it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
    os.kill(int(children.split()[0]), signal.SIGINT)
    process.communicate(timeout=60)
