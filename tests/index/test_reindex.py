"""Indexing again: what is kept, what is said, what is refused, and the way back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from combinations import combinations
from flipped_bits import flip
from hostile_files import valid_pdf
from indexed_site import CHARTER, TEA, Site
from indexer_process import whole
from partnerbot.documents.loading import MAX_FILE_BYTES
from partnerbot.errors import (
    ConfigurationError,
    IndexBusy,
    IndexNotWritten,
    IndexUnavailable,
    SyncFailed,
    VerificationFailed,
)
from partnerbot.index import generations
from partnerbot.index.build import build_index, roll_back
from partnerbot.index.generations import Manifest
from partnerbot.index.intake import Intake
from partnerbot.index.known_vectors import embedded
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.sites.cache import RECORDS, Page, PageCache
from partnerbot.sites.fetching import Version
from toy_model import WordVectors, toy_model


class Counting(WordVectors):
    """Counts the texts it embeds, and can break down before one of them."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.embedded = 0
        self._left = breaks_after

    def encode_document(self, texts: list[str], **more: object) -> Any:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        self.embedded += len(texts)
        return super().encode_document(texts, **more)

    encode_query = encode_document


def test_a_renamed_file_keeps_its_vectors(site: Site) -> None:
    """Nothing is embedded, and it is found by its new name only."""
    (site.documents / "charte.md").rename(site.documents / "charter.md")
    report = site.build()
    assert (report.embedded, report.changes.added, report.changes.removed) == (
        0,
        ["charter.md"],
        ["charte.md"],
    )
    assert site.sources() == ["ashiyu.md", "charter.md"]


def test_a_file_renamed_to_what_it_is_not_is_gone(site: Site) -> None:
    """It can't be read under its new name: it is removed, and the new one is skipped."""
    (site.documents / "charte.md").rename(site.documents / "charte.pdf")
    report = site.build()
    assert (report.changes.added, report.changes.removed) == ([], ["charte.md"])
    assert [file.source for file in report.skipped] == ["charte.pdf"]
    assert site.sources() == ["ashiyu.md"]


@pytest.mark.parametrize(
    ("name", "of", "broken"),
    [
        ("tea.md", str.encode, b"\0" * 9),
        # Eight processes that read a PDF.
        pytest.param("tea.pdf", valid_pdf, b"%PDF-1.4 ", marks=pytest.mark.system),
    ],
)
def test_a_file_that_cant_be_read_any_more_leaves_the_version_before(
    site: Site, name: str, of: Callable[[str], bytes], broken: bytes
) -> None:
    """It goes on answering, and that is said, until the file can be read again or is gone."""
    document, good = site.documents / name, of("The tea master Aoki Rin has 75 guests.")
    document.write_bytes(good)
    site.build()
    document.write_bytes(broken)
    report = site.build()
    assert (report.embedded, report.changes.unchanged) == (0, ["ashiyu.md", "charte.md", name])
    assert (report.changes.changed, report.changes.removed) == ([], [])
    (skipped,) = report.skipped
    assert skipped.source == name
    assert skipped.reason.endswith("Its version before goes on answering.")
    assert site.sources() == ["ashiyu.md", "charte.md", name]

    assert not site.build().rebuilt
    site.write("late.md", CHARTER.replace("2009", "2010"))
    report = site.build()
    assert (report.changes.added, report.skipped) == (["late.md"], [skipped])
    for more in ({}, {"full": True}):
        assert site.build(**more).skipped == [skipped]
        assert site.sources() == ["ashiyu.md", "charte.md", "late.md", name]

    document.write_bytes(of("The tea master Aoki Rin has 80 guests."))
    report = site.build()
    assert (report.changes.changed, report.skipped) == ([name], [])
    assert "80" in site.open().document(name).page_content

    document.write_bytes(broken)
    assert site.build().skipped == [skipped]
    document.unlink()
    report = site.build()
    assert (report.changes.removed, report.skipped) == ([name], [])
    assert site.sources() == ["ashiyu.md", "charte.md", "late.md"]


def test_the_version_before_outlives_damaged_graphs(site: Site) -> None:
    """Its text is kept where all vectors have to be made anew."""
    site.write("charte.md", "")
    site.build()
    lose_a_vector(generations.current(site.index) / "chroma/chroma.sqlite3")
    told: list[str] = []
    assert [file.source for file in site.build(on_notice=told.append).skipped] == ["charte.md"]
    assert "is damaged" in told[0]
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_a_document_that_comes_back_costs_nothing(site: Site) -> None:
    """Its vectors are still with the generation before."""
    (site.documents / "charte.md").unlink()
    assert site.build().embedded == 0
    site.write("charte.md", CHARTER)
    assert site.build().embedded == 0
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_the_same_text_is_embedded_once(site: Site) -> None:
    """A copy under another name has the vectors of its original, and both are found."""
    site.write("copy.md", CHARTER)
    assert site.build().embedded == 0
    assert site.sources() == ["ashiyu.md", "charte.md", "copy.md"]


def test_everything_can_be_done_anew(site: Site) -> None:
    """--full embeds every passage again, and says beforehand that it will."""
    said: list[str] = []
    report = site.build(full=True, on_notice=said.append)
    assert report.rebuilt
    assert report.embedded > report.manifest.passages
    assert len(said) == 1
    assert "2 files are indexed anew" in said[0]


@pytest.mark.parametrize("changed", ["model_fingerprint", "prompts", "splitter", "format"])
def test_another_model_prefix_or_splitter_is_said_beforehand(site: Site, changed: str) -> None:
    """And everything is indexed anew."""
    manifest = generations.current(site.index) / "manifest.json"
    other: dict[str, object] = {"prompts": {"document": "text: "}, "format": 1}
    known = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**known, changed: other.get(changed, "another")}), "utf-8")
    said: list[str] = []
    report = site.build(on_notice=said.append)
    assert report.rebuilt
    assert report.changes.added == ["ashiyu.md", "charte.md"]
    assert "indexed anew" in said[0]
    assert site.sources() == ["ashiyu.md", "charte.md"]


def test_the_way_back(site: Site) -> None:
    """--rollback answers from the generation before, and is reported; a second one has nowhere to go."""
    before = generations.current(site.index)
    site.write("tea.md", TEA)
    site.build()
    assert roll_back(site.index, site.model) == before
    assert site.sources() == ["ashiyu.md", "charte.md"]
    told = site.reports()[-1]
    assert (told["outcome"], told["generation"]) == ("rolled back", before.name)
    held = generations.last_holder(site.index)
    with pytest.raises(IndexUnavailable, match=r"no generation before .* nothing was changed"):
        roll_back(site.index, site.model)
    # Else `doctor` would take it for a run that was killed.
    assert generations.last_holder(site.index) == held
    assert site.build().embedded == 0
    assert site.sources() == ["ashiyu.md", "charte.md", "tea.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_or_a_huge_file_is_refused_unopened(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would be waited for, with the index held; once refused, they change nothing."""
    os.mkfifo(site.documents / "pipe.md")
    with (site.documents / "disk.md").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    opened, open_as_ever = [], Path.open

    def note(path: Path, *how: Any, **more: Any) -> Any:
        opened.append(path.name)
        assert path.name != "pipe.md", "it would be waited for"
        return open_as_ever(path, *how, **more)

    monkeypatch.setattr(Path, "open", note)
    report = site.build()
    assert [file.source for file in report.skipped] == ["disk.md", "pipe.md"]
    assert "charte.md" in opened
    assert "disk.md" not in opened
    assert not site.build().rebuilt
    monkeypatch.undo()
    os.truncate(site.documents / "disk.md", 0)
    (site.documents / "pipe.md").unlink()
    site.write("pipe.md", TEA)
    report = site.build()
    assert [file.source for file in report.skipped] == ["disk.md"]
    assert site.sources() == ["ashiyu.md", "charte.md", "pipe.md"]


PAGE = "https://clairmoulin.example/tea"


def fetch(synced: Path) -> Path:
    """Keep a page of a site as `partnerbot sync` does; returns its document."""
    with PageCache.writing(synced) as cache:
        file = cache.file_for(PAGE, ".md")
        cache.write(file, TEA.encode())
        cache.keep(Page(PAGE, "site", PAGE, PAGE, file, Version(PAGE)))
    return synced / file


KILLED_SYNC = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")  # so that what isn't committed reaches the file
connection.execute("BEGIN IMMEDIATE")
connection.execute("DELETE FROM page")
connection.execute("CREATE TABLE more (what TEXT)")
connection.executemany("INSERT INTO more VALUES (?)", [("word " * 100,) for _ in range(1_000)])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.system
def test_pages_outlive_a_sync_that_was_killed(site: Site, tmp_path: Path) -> None:
    """What it had half written is taken back, and the pages are indexed as before."""
    fetch(tmp_path / "synced")
    site.build(synced=tmp_path / "synced")
    records = tmp_path / "synced" / RECORDS
    killed = subprocess.run([sys.executable, "-c", KILLED_SYNC, records], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert records.with_name(f"{RECORDS}-journal").stat().st_size
    report = site.build(synced=tmp_path / "synced")
    assert not report.rebuilt
    assert site.sources() == ["ashiyu.md", "charte.md", PAGE]


@pytest.mark.parametrize("left", ["nothing", "an empty file", "a garbled file"])
def test_fetched_pages_that_are_gone_stay_in_the_index(site: Site, tmp_path: Path, left: str) -> None:
    """The run says what to do: fetch them again, or have everything indexed without them."""
    synced = tmp_path / "synced"
    fetch(synced)
    site.build(synced=synced)
    before = generations.current(site.index)
    shutil.rmtree(synced)
    if left != "nothing":
        synced.mkdir()
        (synced / RECORDS).write_bytes(b"" if left == "an empty file" else b"garbled " * 99)
    (site.documents / "charte.md").unlink()
    for run in (site.build, lambda **more: Intake.of(site.documents, site.index, site.model, **more)):
        with pytest.raises(SyncFailed, match="run: partnerbot sync"):
            run(synced=synced)
    assert "run: partnerbot sync" in site.reports()[-1]["reason"]
    assert generations.current(site.index) == before
    (synced / RECORDS).unlink(missing_ok=True)
    site.build(synced=synced, full=True)
    assert site.sources() == ["ashiyu.md"]


def test_a_share_that_is_away_is_no_deletion(site: Site, tmp_path: Path) -> None:
    """Most files gone at once stop the run until that is said to be meant; files that moved don't."""
    synced, moved = tmp_path / "synced", site.documents / "moved"
    fetch(synced)
    for number in range(18):
        site.write(f"{number}.md", f"# Title {number}\n\nThe mill {number} was built by miller {number}.")
    site.build(synced=synced)
    moved.mkdir()
    for file in site.documents.glob("*.md"):
        file.rename(moved / file.name)
    assert site.build(synced=synced).embedded == 0
    before = generations.current(site.index)
    for number in range(12):
        (moved / f"{number}.md").unlink()
    for full in (False, True):
        with pytest.raises(ConfigurationError, match=r"^12 of the 20 .* partnerbot index --confirm-removal$"):
            site.build(synced=synced, full=full)
    assert generations.current(site.index) == before
    assert len(site.build(synced=synced, confirm_removal=True).changes.removed) == 12
    shutil.rmtree(moved)
    with pytest.raises(ConfigurationError, match=r"^8 of the 8 "):  # few, and all there were
        site.build(synced=synced)


@pytest.mark.parametrize("left", ["", "# A new one\n\nThe mill was built by miller 7."])
def test_one_other_file_is_no_sign_that_the_rest_was_removed(site: Site, left: str) -> None:
    """The share of documents that vanish counts, whether what is left says something or is empty."""
    site.write("tea.md", "# Tea\n\nThe tea master Aoki Rin has 75 guests.")
    site.build()
    before = generations.current(site.index)
    for file in site.documents.glob("*.md"):
        file.unlink()
    site.write("left.md", left)
    with pytest.raises(ConfigurationError, match=r"^3 of the 3 "):
        site.build()
    assert generations.current(site.index) == before
    (site.documents / "tea.md").write_text("# Tea\n\nThe tea master Aoki Rin has 75 guests.", "utf-8")
    with pytest.raises(ConfigurationError, match=r"^2 of the 3 "):
        site.build()


def test_a_fetched_page_whose_file_is_gone_goes_on_answering(site: Site, tmp_path: Path) -> None:
    """Until a sync has fetched it again, or forgotten it."""
    synced = tmp_path / "synced"
    document = fetch(synced)
    site.build(synced=synced)
    document.unlink()
    (skipped,) = site.build(synced=synced).skipped
    assert skipped.source == PAGE
    assert "partnerbot sync" in skipped.reason
    assert site.sources() == ["ashiyu.md", "charte.md", PAGE]
    with PageCache.writing(synced) as cache:
        cache.forget(cache.pages.all()[0])
    report = site.build(synced=synced)
    assert (report.changes.removed, report.skipped) == ([PAGE], [])


def test_a_killed_run_resumes_from_what_it_had_embedded(tmp_path: Path) -> None:
    """Nothing that was embedded before the kill is embedded again, and then the cache is gone."""
    site = Site.begun(tmp_path)
    for number in range(200):
        site.write(f"{number}.md", f"# Title {number}\n\nThe mill {number} was built by miller {number}.")
    broken, sound = Counting(breaks_after=1), Counting()
    with pytest.raises(KeyboardInterrupt):
        build_index(site.documents, site.index, EmbeddingModel("toy", "toy-1", lambda: broken))  # type: ignore[arg-type,return-value]
    with pytest.raises(IndexUnavailable):
        site.open()
    report = build_index(site.documents, site.index, EmbeddingModel("toy", "toy-1", lambda: sound))  # type: ignore[arg-type,return-value]
    assert report.embedded == 2 * report.manifest.passages - broken.embedded
    assert not list(site.index.glob("embedding-cache*"))
    assert len(site.sources()) == 200


def test_a_damaged_cache_is_begun_anew(tmp_path: Path) -> None:
    """It is only a cache: what is damaged in it is embedded again."""
    texts = {f"key{number}": f"word{number}" for number in range(300)}
    vectors, computed = embedded(texts, toy_model(), tmp_path, lambda *_: None)
    assert computed == texts.keys()
    again, computed = embedded(texts, toy_model(), tmp_path, lambda *_: None)
    assert not computed
    assert all(np.array_equal(again[key], vectors[key]) for key in texts)
    larger, _ = sorted((tmp_path / "embedding-cache").iterdir(), key=lambda file: -file.stat().st_size)
    larger.write_bytes(flip(larger.read_bytes(), 999))
    again, computed = embedded(texts, toy_model(), tmp_path, lambda *_: None)
    assert len(computed) == 256
    assert all(np.array_equal(again[key], vectors[key]) for key in texts)


def test_an_index_among_the_documents_is_none_of_them(tmp_path: Path) -> None:
    """Its own files are neither read nor named as skipped, and the next run has nothing to do."""
    (tmp_path / "tea.md").write_text(TEA, "utf-8")
    for rebuilt in (True, False):
        report = build_index(tmp_path, tmp_path / "index", toy_model())
        assert (report.rebuilt, report.manifest.documents, report.skipped) == (rebuilt, 1, [])


def test_fetched_pages_among_the_documents_are_indexed_once(tmp_path: Path) -> None:
    """By their public addresses, not as files beside the owner's own."""
    (tmp_path / "charte.md").write_text(CHARTER, "utf-8")
    fetch(tmp_path / "synced")
    build_index(tmp_path, tmp_path / "index", toy_model(), synced=tmp_path / "synced")
    index = Index.open(tmp_path / "index", toy_model())
    assert list(whole(index)) == ["charte.md", PAGE]


@pytest.mark.parametrize(
    ("stated_in", "of"),
    [
        ("charte.md", "---\npublished: false\n---\n{}"),
        # Read by a process of its own.
        pytest.param("charte.csv.yaml", "published: false", marks=pytest.mark.system),
    ],
)
def test_what_is_not_to_be_indexed_any_more_answers_no_more(site: Site, stated_in: str, of: str) -> None:
    """Of a file that can't be read the version before answers; of one that is withdrawn it doesn't."""
    name = stated_in.removesuffix(".yaml")
    (site.documents / "charte.md").rename(site.documents / name)
    site.build()
    site.write(stated_in, of.format(CHARTER))
    report = site.build()
    assert [file.source for file in report.excluded] == [name]
    assert (report.skipped, report.changes.removed, site.sources()) == ([], [name], ["ashiyu.md"])
    assert site.reports()[-1]["excluded"] == [name]
    assert not site.build().rebuilt
    site.write(stated_in, of.replace("false", "true").format(CHARTER))
    assert (site.build().excluded, site.sources()) == ([], ["ashiyu.md", name])


def test_every_run_leaves_a_report(site: Site) -> None:
    """What was done and how long it took; a failed run says why."""
    site.write("tea.md", TEA)
    site.write("empty.md", "")
    site.build()
    site.build()
    for path in site.documents.iterdir():
        path.unlink()
    with pytest.raises(Exception, match="Nothing in"):
        site.build()
    first, second, third, fourth = site.reports()
    assert (first["outcome"], first["added"]) == ("published", ["ashiyu.md", "charte.md"])
    assert (second["added"], second["unchanged"]) == (["tea.md"], 2)
    assert second["skipped"][0]["source"] == "empty.md"
    assert {"compare", "read", "embed", "store", "verify", "publish"} <= second["seconds_by_stage"].keys()
    assert second["passages_per_second"] > 0
    assert third["outcome"] == "nothing has changed"
    assert fourth["outcome"] == "failed"
    assert "left as it was" in fourth["reason"]


@pytest.mark.parametrize(
    ("ended", "told"),
    [(KeyboardInterrupt(), "It was interrupted."), (MemoryError("no room"), "MemoryError: no room")],
)
def test_a_run_that_is_cut_short_is_reported(site: Site, ended: BaseException, told: str) -> None:
    """Ctrl-C, or what nobody foresaw: the report says so, and the generation before answers."""

    def end(*_: object) -> None:
        raise ended

    site.write("tea.md", TEA)
    with pytest.raises(type(ended)):
        site.build(on_progress=end)
    report = site.reports()[-1]
    assert report["outcome"] == "failed"
    assert report["reason"].startswith(told)
    assert site.sources() == ["ashiyu.md", "charte.md"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """So many documents that a few are soon found to have changed. Not to be written to."""
    folder = tmp_path_factory.mktemp("begun")
    site = Site.begun(folder)
    for number in range(140):
        site.write(f"{number:03d}.md", f"The mill {number} was built by miller {number} in {1500 + number}.")
    site.build()
    return site


@pytest.fixture
def large(begun: Site, tmp_path: Path) -> Site:
    """A copy of it, with a document more that is not indexed yet."""
    site = begun.copied(tmp_path)
    site.write("tea.md", TEA)
    return site


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_a_vector(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM embeddings WHERE id IN (SELECT max(id) FROM embeddings)")


@pytest.mark.thorough
def test_a_damaged_graph_is_not_built_upon(tmp_path: Path) -> None:
    """The next run says it with its name, and makes it anew; nothing is embedded again for it."""
    site = Site.begun(tmp_path)
    site.write(
        "mills.md", "\n\n".join(f"Mill {n} was built by miller {n} of Kirisawa." for n in range(1_100))
    )
    site.build()
    flip_a_bit(next(generations.current(site.index).glob("chroma/*/data_level0.bin")))
    site.write("tea.md", TEA)
    told: list[str] = []
    assert site.build(on_notice=told.append).embedded == 2
    assert "data_level0.bin has changed" in told[0]


def test_a_defect_is_not_told_as_a_full_disk(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The error is named, in the report, too; where it happened is in the log."""

    def break_down(*_: object) -> str:
        raise ValueError("a defect")

    site.write("tea.md", TEA)
    with pytest.raises(IndexNotWritten, match=r"nobody foresaw \(ValueError: a defect\)"):
        site.build(derive=break_down)
    assert "ValueError: a defect" in site.reports()[-1]["reason"]
    assert "break_down" in caplog.text
    assert site.sources() == ["ashiyu.md", "charte.md"]


@pytest.mark.system
def test_a_flipped_bit_is_told_with_its_file(site: Site) -> None:
    """In whichever file it is: no wrong answer, no end of the process, and the message names the file."""
    command = [sys.executable, str(Path(__file__).parents[1] / "flipped_bits.py"), str(site.index)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert json.loads(ended.stdout) == []


@pytest.mark.parametrize(
    ("what", "full"),
    combinations(
        [
            "current.json",
            "generations/*/manifest.json",
            "generations/*/vectors.npy",
            "generations/*/lexical.npz",
            "generations/*/chroma/chroma.sqlite3",
        ],
        [False, True],
    ),
)
def test_a_flipped_bit_is_cured(site: Site, what: str, full: bool) -> None:
    """What the message says to run builds the index anew, though no file has changed, and says so beforehand.

    Only what is damaged is lost: vectors are taken over if their own file is sound, whatever else isn't.
    """
    damaged = next(site.index.glob(what))
    content = damaged.read_bytes()
    damaged.write_bytes(flip(content, len(content) // 3))
    told: list[str] = []
    report = site.build(full=full, on_notice=told.append)
    assert report.rebuilt
    assert full or damaged.name in told[0]
    has_vectors = damaged.name in ("current.json", "lexical.npz", "chroma.sqlite3")
    assert full or (report.embedded == 0) == has_vectors
    assert site.sources() == ["ashiyu.md", "charte.md"]
    for vectors in site.open().matrices.values():
        assert np.allclose((vectors * vectors).sum(axis=1), 1, atol=1e-4)


def test_vectors_taken_over_answer_as_those_built_anew(large: Site, tmp_path: Path) -> None:
    """Documents added, changed and gone beside others that stay: what scores rest on is the same."""
    large.write("000.md", TEA.replace("75", "80"))
    for number in range(100, 130):
        (large.documents / f"{number}.md").unlink()
    assert large.build().embedded == 4
    anew = Site(large.documents, tmp_path / "anew")
    anew.build()
    here, there = (one.open().backgrounds for one in (large, anew))
    assert here.keys() == there.keys()
    for part, background in here.items():
        assert np.abs(background.mean - there[part].mean).max() < 1e-6
        assert np.abs(background.covariance - there[part].covariance).max() < 1e-6
    for question in ("mill 7", "miller 200", "tea ceremony"):
        vector = large.model.query_vector(question)
        joined, built = (one.open().search(question, vector) for one in (large, anew))
        assert joined[0].passage == built[0].passage
        assert [one.passage.id for one in joined] == [one.passage.id for one in built]
        assert all(abs(one.score - other.score) < 1e-3 for one, other in zip(joined, built, strict=True))
    assert large.sources() == anew.sources()


def judge(index: Index) -> dict[str, bool]:
    """Golden questions of which each is answered by a document's being there."""
    sources = index.texts.documents.keys()
    return {f"Where is {name}?": name in sources for name in ("charte.md", "ashiyu.md", "tea.md")}


def test_golden_questions_must_do_no_worse(site: Site) -> None:
    """Fewer right answers than before: the old generation stays, and the lost question is named."""
    before = generations.current(site.index)
    site.write("tea.md", TEA)
    site.build(judge=judge)
    after = generations.current(site.index)
    assert after != before
    (site.documents / "charte.md").unlink()
    with pytest.raises(VerificationFailed, match=r"answers 2 of .* 3; lost: Where is charte\.md\?"):
        site.build(judge=judge)
    assert generations.current(site.index) == after
    assert site.sources() == ["ashiyu.md", "charte.md", "tea.md"]
    assert len(list((site.index / "generations").iterdir())) == 2


@pytest.mark.parametrize("changed", [{"model_fingerprint": "another"}, {"format": 1}])
def test_golden_questions_are_known_of_an_index_that_cant_be_asked(
    site: Site, changed: dict[str, object]
) -> None:
    """Another model or format: what the generation before answered was kept with it."""
    site.write("tea.md", TEA)
    site.build(judge=judge)
    before = generations.current(site.index)
    Manifest.read(before).model_copy(update=changed).write(before)
    (site.documents / "charte.md").unlink()
    with pytest.raises(VerificationFailed, match=r"answers 2 of .* 3; lost: Where is charte\.md\?"):
        site.build(judge=judge)
    assert generations.current(site.index) == before
    # A question that the owner has taken out counts no more.
    asked = ("Where is ashiyu.md?", "Where is tea.md?")
    site.build(judge=lambda index: {one: judge(index)[one] for one in asked})
    assert Manifest.read(generations.current(site.index)).golden == dict.fromkeys(asked, True)


def test_what_answers_is_kept_until_it_is_replaced(site: Site) -> None:
    """Where its manifest is damaged, a run that fails leaves it as it is; one that ends well replaces it."""
    before = generations.current(site.index)
    (before / "manifest.json").write_text("{", "utf-8")
    breaking = EmbeddingModel("toy", "toy-1", lambda: Counting(breaks_after=0))  # type: ignore[arg-type,return-value]
    with pytest.raises(KeyboardInterrupt):
        build_index(site.documents, site.index, breaking)
    assert generations.current(site.index) == before
    assert site.build().rebuilt
    assert len(list((site.index / "generations").iterdir())) == 1


def test_that_golden_questions_cant_be_compared_is_said(site: Site) -> None:
    """Where the generation before can't be asked, and was not when it was verified."""
    before = generations.current(site.index)
    Manifest.read(before).model_copy(update={"model_fingerprint": "another"}).write(before)
    told: list[str] = []
    assert site.build(judge=judge, on_notice=told.append).rebuilt
    assert "was not kept" in told[-1]


@pytest.mark.system
def test_the_holder_of_the_lock_is_named_and_its_death_frees_it(site: Site) -> None:
    """Which process on which computer since when; after kill -9 the next run just runs."""
    holding = (
        "import sys; from pathlib import Path; from partnerbot.index import generations\n"
        "with generations.writing(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holding, str(site.index)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(IndexBusy, match=rf"process {other.pid} on .+, since 20\d\d-\d\d-\d\dT"):
            site.build()
        os.kill(other.pid, signal.SIGKILL)
    site.write("tea.md", TEA)
    assert site.build().rebuilt


def test_many_small_changes_leave_an_index_of_its_size(site: Site) -> None:
    """What is removed stays in the graphs' files, until these are built anew without embedding anything."""
    forgotten = []
    for number in range(9):
        site.write(f"tea-{number}.md", TEA.replace("75", str(number)))
        if number > 2:
            (site.documents / f"tea-{number - 3}.md").unlink()
        assert site.build().embedded == 2
        forgotten.append(Manifest.read(generations.current(site.index)).forgotten)
    assert max(forgotten) > 0
    assert forgotten[-1] < max(forgotten)
    assert site.sources() == ["ashiyu.md", "charte.md", "tea-6.md", "tea-7.md", "tea-8.md"]


def test_a_first_run_that_fails_speaks_of_no_generation_before(tmp_path: Path) -> None:
    """There is none to go on answering."""
    site = Site.begun(tmp_path)
    site.write("tea.md", TEA)
    site.index.mkdir()
    (site.index / "generations").write_text("", "utf-8")
    with pytest.raises(IndexNotWritten, match="There is no index to answer from yet"):
        site.build()
