"""Backups: what is in them, back to where it was, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sqlite3
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from keeping import keep_question, kept
from partnerbot.answering.answer import Answer
from partnerbot.backup import names_in, opened, restore, write_backup
from partnerbot.cli import main
from partnerbot.errors import ConfigurationError
from partnerbot.index import generations
from partnerbot.index.files import digests
from partnerbot.index.generations import FORMAT, MANIFEST
from partnerbot.index.reports import last_report
from partnerbot.records import QUESTIONS, Records
from partnerbot.settings import Settings
from partnerbot.web.records.questions import Ended, keep

SECRET = "sk-0123456789"

ANSWER = {
    "question": "足湯は？",
    "language": "ja",
    "status": "not_in_documents",
    "kind": "fact",
    "answer": "資料にはありません。",
    "short_answer": None,
    "citations": [],
    "related": [],
    "generator": "extractive",
    "warnings": [],
    "timings_ms": {},
}

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a folder; returns its exit code and what it said."""

    def _run(folder: Path, *arguments: str | Path) -> tuple[int, str]:
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["partnerbot", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), " ".join(capsys.readouterr().err.split())

    return _run


@pytest.fixture
def office(tmp_path: Path, small_settings: Settings) -> Path:
    """The folder of an office, with all that a backup takes in and some things that it doesn't."""
    folder = tmp_path / "office"
    shutil.copytree(small_settings.index, folder / "index")
    shutil.copytree(small_settings.documents, folder / "documents")
    for name, text in {
        ".env": f"PARTNERBOT_LLM_API_KEY={SECRET}\n",
        "appearance.toml": 'logo = "logo.svg"\n',
        "logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "register.csv": "a,b\n",
        "glossary.yaml": "- [Clairmoulin]\n",
        "curated.toml": "# written by staff\n",
        "state/paused.json": '{"message": ""}',
        "notes.txt": "none of partnerbot's",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    answer = Answer.model_validate(ANSWER)
    keep_question(at(folder), answer, datetime.now(UTC))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def at(folder: Path) -> Settings:
    """Return settings whose every file lies in a folder."""
    names = ("index", "documents", "synced", "state", "appearance", "sources", "register_file", "glossary")
    given = {
        name: folder / str(Settings.model_fields[name].default) for name in (*names, "golden", "curated")
    }
    return Settings(**given, keep_questions_days=9)


def packed(file: Path, members: dict[str, bytes], link: str = "") -> Path:
    """Write what looks like a backup, with any names."""
    with tarfile.open(file, "w:gz") as archive:
        for name, content in {"partnerbot-backup-1": b"", **members}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("state/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return file


def test_a_backup_comes_back(office: Path, tmp_path: Path, run: Run) -> None:
    """In an empty folder: lists, records and an index that answers; no secret, no document, no pause."""
    file = tmp_path / "backup.tar.gz"
    code, told = run(office, "backup", file)
    assert code == 0
    assert "index (" in told
    assert ".env, with keys and passwords, is not in it" in told
    assert file.stat().st_mode & 0o077 == 0
    assert SECRET.encode() not in gzip.decompress(file.read_bytes())
    assert run(tmp_path / "new", "restore", file)[0] == 0
    before, after = files(office), files(tmp_path / "new")
    there = {name for name in after if not name.startswith("index/")}
    assert there == {
        "appearance.toml", "logo.svg", "register.csv", "curated.toml", "glossary.yaml",
        "state/records.sqlite",
    }  # fmt: skip
    plain = there - {"state/records.sqlite"}
    assert {name: after[name] for name in plain} == {name: before[name] for name in plain}
    assert [row["question"] for row in kept(at(tmp_path / "new"), QUESTIONS)] == ["足湯は？"]
    old, new = (generations.current(folder / "index") for folder in (office, tmp_path / "new"))
    assert digests(old) == digests(new)
    assert run(tmp_path / "new", "ask", "How many guests attended the tea ceremony?")[0] == 0
    assert (last_report(tmp_path / "new" / "index") or {})["outcome"] == "restored from a backup"
    assert "without a report" not in run(tmp_path / "new", "doctor")[1]


def test_records_come_back_to_a_running_server(office: Path, tmp_path: Path, run: Run) -> None:
    """What it kept since is gone, and it goes on in the file that was restored."""
    file, running, answer = tmp_path / "backup.tar.gz", Records(at(office)), Answer.model_validate(ANSWER)

    def ask(question: str) -> None:
        asked = answer.model_copy(update={"question": question})
        keep(running, Ended("not_in_documents", 1.0, "ja", asked), datetime.now(UTC))

    run(office, "backup", file)
    ask("since")
    assert len(running.rows(select(QUESTIONS))) == 2
    assert run(office, "restore", file, "--force")[0] == 0
    ask("after")
    for records in (running, Records(at(office))):
        assert [row.question for row in records.rows(select(QUESTIONS))] == ["足湯は？", "after"]


def test_documents_come_along_if_asked_for(office: Path, tmp_path: Path) -> None:
    """With the pages of sites, whose database is copied whole while it is written to; nothing beside them."""
    settings = at(office)
    settings.synced.mkdir()
    with closing(sqlite3.connect(settings.synced / ".pages.sqlite", isolation_level=None)) as pages:
        pages.execute("PRAGMA journal_mode=WAL")
        pages.execute("CREATE TABLE page (address TEXT)")
        pages.execute("INSERT INTO page VALUES ('https://www.clairmoulin.example/')")
        write_backup(settings, tmp_path / "backup.tar.gz", documents=True)
    parts = "appearance curated documents glossary index logo register_file state synced"
    with opened(tmp_path / "backup.tar.gz") as backup:
        assert {name.partition("/")[0] for name in names_in(backup)} == {*parts.split()}
        assert [name for name in names_in(backup) if name.startswith("logo/")] == ["logo/logo.svg"]
        restore(backup, at(tmp_path / "new"))
    assert files(tmp_path / "new" / "documents") == files(office / "documents")
    with closing(sqlite3.connect(tmp_path / "new" / "synced" / ".pages.sqlite")) as pages:
        assert pages.execute("SELECT * FROM page").fetchall() == [("https://www.clairmoulin.example/",)]


def test_what_is_there_is_replaced_only_by_force(office: Path, tmp_path: Path, run: Run) -> None:
    """Without it nothing changes at all; with it the index can be gone back from."""
    file = tmp_path / "backup.tar.gz"
    run(office, "backup", file)
    (office / "glossary.yaml").write_text("- [Kirisawa]\n", "utf-8")
    (office / "register.csv").unlink()
    before = files(office)
    code, told = run(office, "restore", file)
    assert (code, "glossary.yaml" in told, "--force" in told) == (2, True, True)
    assert files(office) == before
    assert run(office, "restore", file, "--force")[0] == 0
    assert (office / "glossary.yaml").read_text("utf-8") == "- [Clairmoulin]\n"
    assert [row["question"] for row in kept(at(office), QUESTIONS)] == ["足湯は？"]
    restored = {"glossary.yaml": b"- [Clairmoulin]\n", "register.csv": b"a,b\n"}
    # A copy of a database has another count of its changes.
    before, after = (
        {name: content for name, content in found.items() if not name.startswith("state/records.")}
        for found in (before | restored, files(office))
    )
    assert before == after


def test_an_older_backup_is_replaced_only_by_force(office: Path, tmp_path: Path, run: Run) -> None:
    """It may have the documents, or be the only one of its day."""
    file = tmp_path / "backup.tar.gz"
    assert run(office, "backup", file, "--with-documents")[0] == 0
    older = file.read_bytes()
    code, told = run(office, "backup", file)
    assert (code, "backup.tar.gz is there already" in told, file.read_bytes()) == (2, True, older)
    assert run(office, "backup", file, "--force")[0] == 0
    assert len(file.read_bytes()) < len(older)


def test_another_index_is_kept_as_the_one_before(office: Path, tmp_path: Path) -> None:
    """A restored index is a generation of its own."""
    write_backup(at(office), tmp_path / "backup.tar.gz")
    generation = generations.current(office / "index")
    kept, manifest = digests(generation), json.loads((generation / MANIFEST).read_text("utf-8"))
    other = generations.begin(office / "index")
    shutil.copytree(generation, other, dirs_exist_ok=True)
    (other / MANIFEST).write_text(json.dumps({**manifest, "format": FORMAT - 1}), "utf-8")
    generations.publish(office / "index", other)
    with opened(tmp_path / "backup.tar.gz") as backup:
        with pytest.raises(ConfigurationError, match=MANIFEST):
            restore(backup, at(office))
        restore(backup, at(office), force=True)
    assert digests(generations.current(office / "index")) == kept
    assert generations.previous(office / "index") == other


def test_an_index_of_another_version_is_rebuilt(office: Path, tmp_path: Path, run: Run) -> None:
    """It is restored as it is; the next run of `index` makes it one that answers, without being told to."""
    manifest = generations.current(office / "index") / MANIFEST
    told = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**told, "format": FORMAT - 1, "checksum": ""}), "utf-8")
    run(office, "backup", tmp_path / "backup.tar.gz", "--with-documents")
    new = tmp_path / "new"
    assert run(new, "restore", tmp_path / "backup.tar.gz")[0] == 0
    question = "How many guests attended the tea ceremony?"
    assert run(new, "ask", question)[0] == 2
    assert run(new, "index")[0] == 0
    assert run(new, "ask", question)[0] == 0


def test_what_is_cut_or_garbled_is_refused(office: Path, tmp_path: Path) -> None:
    """Before anything is written: at its end, in its middle, in its checksum, or no backup at all."""
    whole = tmp_path / "whole.tar.gz"
    write_backup(at(office), whole)
    content = whole.read_bytes()
    middle = len(content) // 2
    for damaged in (
        content[:-4],
        content[:middle],
        content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        content[:-8] + bytes(8),
        gzip.compress(b"something else"),
        b"",
    ):
        (tmp_path / "backup.tar.gz").write_bytes(damaged)
        with (
            pytest.raises(ConfigurationError, match=r"backup\.tar\.gz is"),
            opened(tmp_path / "backup.tar.gz"),
        ):
            pass


@pytest.mark.parametrize(
    "name", ["state/../../evil", "state//etc/../../evil", "logo/../../evil", "index/../../x"]
)
def test_no_name_leads_out_of_its_folder(tmp_path: Path, run: Run, name: str) -> None:
    """Nor is anything else of that backup written."""
    file = packed(tmp_path / "b.tar.gz", {"glossary": b"", "index/manifest.json": b"{}", name: b"evil"})
    code, told = run(tmp_path / "new", "restore", file, "--force")
    assert (code, "is no file inside of it" in told) == (2, True)
    assert not files(tmp_path / "new")
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "x").exists()


def test_links_are_refused(tmp_path: Path) -> None:
    """A backup has files only."""
    file = packed(tmp_path / "b.tar.gz", {}, link="/etc")
    with pytest.raises(ConfigurationError, match="is no file"), opened(file):
        pass


def test_what_cannot_be_written_is_told(office: Path, tmp_path: Path) -> None:
    """In one line, and nothing is left behind."""
    with pytest.raises(ConfigurationError, match="can't be written"):
        write_backup(at(office), tmp_path / "missing" / "backup.tar.gz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigurationError, match="can't be written"):
        write_backup(at(office), tmp_path / "folder")
    with pytest.raises(ConfigurationError, match=r"can't be written: Not a directory\. .*name another place"):
        write_backup(at(office), office / "notes.txt" / "backup.tar.gz")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_place_is_told(office: Path, tmp_path: Path, run: Run) -> None:
    """In one line, and nothing is left behind."""
    (tmp_path / ".backup.tar.gz.new").symlink_to("/dev/full")
    code, told = run(office, "backup", tmp_path / "backup.tar.gz")
    advice = "Free space on its disk, or name another place."
    assert (code, f"can't be written: No space left on device. {advice}" in told) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["office"]


def test_records_that_cannot_be_copied_are_told(office: Path, tmp_path: Path) -> None:
    """Of a damaged database the words are SQLite's; the backup before stays as it was."""
    write_backup(at(office), tmp_path / "backup.tar.gz")
    before = (tmp_path / "backup.tar.gz").read_bytes()
    for part in (office / "state").glob("records.sqlite*"):
        part.write_bytes(b"no database" * 99)
    with pytest.raises(ConfigurationError, match=r"records\.sqlite can't be copied into .*not a database"):
        write_backup(at(office), tmp_path / "backup.tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar.gz", "office"]
    assert (tmp_path / "backup.tar.gz").read_bytes() == before


def test_a_backup_is_whole_while_the_index_is_renewed(office: Path, tmp_path: Path) -> None:
    """Two new generations remove the one that is being copied: then the newest is copied."""
    index, made = office / "index", 0

    def renew() -> None:
        for _ in range(8):
            old, new = generations.current(index), generations.begin(index)
            shutil.copytree(old, new, dirs_exist_ok=True)
            generations.publish(index, new)

    renewing = threading.Thread(target=renew)
    renewing.start()
    while renewing.is_alive():
        write_backup(at(office), tmp_path / f"{made}.tar.gz")
        made += 1
    renewing.join()
    for number in range(made):
        with opened(tmp_path / f"{number}.tar.gz") as backup:
            restore(backup, at(tmp_path / str(number)))
        assert digests(generations.current(tmp_path / str(number) / "index"))
