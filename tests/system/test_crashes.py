"""Whatever ends a run of the indexer: a whole generation answers, and the next run ends well."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from crashes import Indexer, can_count_steps, indexer

pytestmark = pytest.mark.system

counted = pytest.mark.skipif(not can_count_steps(), reason="needs Linux and a C compiler")

OLD = {
    "charte.md": "La charte de Clairmoulin et de Kirisawa a été signée en avril 2009.",
    "ashiyu.md": "霧沢駅前の足湯は、2021年6月5日に開業した。利用は無料で、毎日開いている。",
    "tea.md": "The tea master Aoki Rin held a ceremony for 75 guests. The mill was full that day.",
}
NEW = {
    "charter.md": OLD["charte.md"],
    "ashiyu.md": OLD["ashiyu.md"].replace("2021", "2022"),
    "bridge.md": "The bridge of Kirisawa was closed for repairs in 1998. It opened again a year later.",
}


PARTS = 12
"""In which the writes of a run are gone through."""


@dataclass(frozen=True)
class Place:
    """Documents and an index built from what they were before; both may be spoilt."""

    documents: Path
    index: Path


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexer]:
    """An indexer in a process of its own."""
    with indexer(tmp_path_factory.mktemp("indexer")) as started:
        yield started


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, apart: Indexer) -> Place:
    """An index of OLD beside documents that are NEW."""
    folder = tmp_path_factory.mktemp("begun")
    place = Place(folder / "documents", folder / "index")
    write(place.documents, OLD)
    assert apart.do("index", place.documents, place.index)["rebuilt"]
    write(place.documents, NEW)
    return place


def write(folder: Path, documents: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")


def copy_of(begun: Place, folder: Path, number: int) -> Place:
    place = Place(begun.documents, folder / str(number))
    shutil.copytree(begun.index, place.index)
    return place


def is_whole(apart: Indexer, place: Place, allowed: Sequence[dict[str, str]]) -> None:
    """Check that what the index holds is one of these, every passage finding itself."""
    found = apart.do("check", place.documents, place.index)
    assert found.get("documents") in allowed, found


def counted_in_a_run(apart: Indexer, begun: Place, folder: Path, what: str) -> int:
    """How many "steps" or "writes" a run takes that isn't disturbed."""
    place = copy_of(begun, folder, 0)
    count: int = apart.do("index", place.documents, place.index)[what]
    shutil.rmtree(place.index)
    return count


def spread(steps: int, points: int) -> list[int]:
    # Two runs differ by a few steps at their very end, when the report has been written.
    return [int(step) for step in np.linspace(1, steps - 10, points)]


def killed_at(apart: Indexer, begun: Place, folder: Path, points: int) -> None:
    for step in spread(counted_in_a_run(apart, begun, folder, "steps"), points):
        place = copy_of(begun, folder, step)
        ended = apart.do("index", place.documents, place.index, die_at=step)
        assert ended == {"killed": signal.SIGKILL}, step
        is_whole(apart, place, [OLD, NEW])
        ends_well(apart, place)
        assert len(list((place.index / "generations").iterdir())) <= 2
        shutil.rmtree(place.index)


def ends_well(apart: Indexer, place: Place) -> None:
    """Check that the next run does what this one could not."""
    ended = apart.do("index", place.documents, place.index)
    assert "error" not in ended, ended
    is_whole(apart, place, [NEW])


def filled_at(apart: Indexer, begun: Place, folder: Path, writes: Sequence[int]) -> None:
    for write in writes:
        place = copy_of(begun, folder, write)
        ended = apart.do("index", place.documents, place.index, fail_at=write, errno=errno.ENOSPC)
        # Past the swap only the report of the run is lost, which is no failure.
        assert ended.get("error", "IndexNotWritten") in ("IndexNotWritten", "VerificationFailed"), ended
        is_whole(apart, place, [OLD] if "error" in ended else [NEW])
        ends_well(apart, place)
        shutil.rmtree(place.index)


@counted
def test_killed_at_any_step(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """kill -9 leaves the old generation or the new one, whole; the next run ends well."""
    killed_at(apart, begun, tmp_path, 6)


@counted
@pytest.mark.thorough
def test_killed_at_sixty_steps(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """The same, at sixty points spread over a run."""
    killed_at(apart, begun, tmp_path, 60)


@counted
def test_a_backup_is_whole_or_not_there(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """kill -9 at any step leaves the file of the backup before; the next one ends well."""
    folder = tmp_path / "backups"
    folder.mkdir()
    told = {"file": str(folder / "backup.tar.gz"), "watched": str(folder)}
    steps = apart.do("back up", begun.documents, begun.index, **told)["steps"]
    before = (folder / "backup.tar.gz").read_bytes()
    for step in range(1, steps):
        ended = apart.do("back up", begun.documents, begun.index, **told, die_at=step)
        assert ended == {"killed": signal.SIGKILL}, step
        assert (folder / "backup.tar.gz").read_bytes() == before or step == steps - 1
    assert apart.do("back up", begun.documents, begun.index, **told)["names"]
    assert [path.name for path in folder.iterdir()] == ["backup.tar.gz"]


@counted
def test_a_restore_that_was_cut_off_is_run_again(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """kill -9 at any step leaves no index or the whole one; the same command brings all, without --force."""
    office = copy_of(begun, tmp_path / "office", 0)
    (office.index.parent / "state").mkdir()
    (office.index.parent / "state" / "2026-11-28.jsonl").write_text("{}\n", "utf-8")
    file = {"file": str(tmp_path / "backup.tar.gz")}
    assert apart.do("back up", office.documents, office.index, **file)["names"]
    whole = tmp_path / "whole"
    told = file | {"watched": str(whole)}
    whole.mkdir()
    steps = apart.do("restore", begun.documents, whole / "index", **told)["steps"]
    for step in spread(steps, 12):
        place = Place(begun.documents, tmp_path / str(step) / "index")
        place.index.parent.mkdir()
        told = file | {"watched": str(place.index.parent)}
        ended = apart.do("restore", begun.documents, place.index, **told, die_at=step)
        assert ended == {"killed": signal.SIGKILL}, step
        if (place.index / "current.json").exists():
            is_whole(apart, place, [OLD])
        assert "error" not in apart.do("restore", begun.documents, place.index, **file)
        is_whole(apart, place, [OLD])
        assert (place.index.parent / "state" / "2026-11-28.jsonl").read_text("utf-8") == "{}\n"


@counted
def test_the_disk_fills_up_at_any_write(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """From some write on there is no room: the old generation answers, and the run says so in one line."""
    writes = counted_in_a_run(apart, begun, tmp_path, "writes")
    filled_at(apart, begun, tmp_path, spread(writes, 5))


@counted
@pytest.mark.thorough
@pytest.mark.parametrize("part", range(PARTS))
def test_the_disk_fills_up_at_every_write(apart: Indexer, begun: Place, tmp_path: Path, part: int) -> None:
    """The same at every single write of a run, in parts of some minutes each."""
    writes = counted_in_a_run(apart, begun, tmp_path, "writes")
    assert writes > 50
    filled_at(apart, begun, tmp_path, range(1 + part, writes + 1, PARTS))


@pytest.fixture
def small_disk(begun: Place, tmp_path: Path) -> Iterator[Place]:
    """An index of OLD on a file system of its own, which a test makes too small or read-only."""
    place = Place(begun.documents, tmp_path / "disk" / "index")
    place.index.parent.mkdir()
    disk = str(place.index.parent)
    tried = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "index", disk], capture_output=True)
    if tried.returncode:
        pytest.skip("mounting needs root; there, faults are injected only")
    try:
        shutil.copytree(begun.index, place.index)
        yield place
    finally:
        subprocess.run(["umount", disk], check=True)


def remount(place: Place, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place.index.parent)], check=True)


@pytest.mark.parametrize("kilobytes", [0, 50, 400])
def test_a_disk_that_is_full(apart: Indexer, small_disk: Place, kilobytes: int) -> None:
    """A real file system with hardly any room: the old generation answers; given more, a run ends well."""
    used = shutil.disk_usage(small_disk.index).used // 1024
    remount(small_disk, f"size={used + kilobytes}k")
    ended = apart.do("index", small_disk.documents, small_disk.index)
    assert ended["error"] in ("IndexNotWritten", "VerificationFailed"), ended
    is_whole(apart, small_disk, [OLD])
    remount(small_disk, "size=64m")
    ends_well(apart, small_disk)


def test_a_disk_that_can_only_be_read(apart: Indexer, small_disk: Place) -> None:
    """A real read-only file system: the index on it answers; the run says so, and ends well once it may."""
    remount(small_disk, "ro")
    ended = apart.do("index", small_disk.documents, small_disk.index)
    assert ended["error"] == "IndexNotWritten", ended
    assert "permissions" in ended["message"]
    is_whole(apart, small_disk, [OLD])
    remount(small_disk, "rw")
    ends_well(apart, small_disk)


@counted
@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_can_only_be_read(apart: Indexer, begun: Place, tmp_path: Path, number: int) -> None:
    """Nothing can be written: the run says so, and what is there goes on answering."""
    place = copy_of(begun, tmp_path, 0)
    ended = apart.do("index", place.documents, place.index, fail_at=1, errno=number)
    assert ended["error"] == "IndexNotWritten"
    assert "permissions" in ended["message"]
    is_whole(apart, place, [OLD])
    ends_well(apart, place)


@counted
def test_a_file_that_may_not_be_read(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """It is named with what to do, the rest is indexed; once it may be read, the next run takes it in."""
    place = copy_of(begun, tmp_path, 0)
    ended = apart.do("index", place.documents, place.index, locked="bridge.md")
    assert list(ended["skipped"]) == ["bridge.md"], ended
    assert "Allow reading it" in ended["skipped"]["bridge.md"]
    is_whole(apart, place, [{name: text for name, text in NEW.items() if name != "bridge.md"}])
    ends_well(apart, place)


@counted
@pytest.mark.parametrize("full", [False, True])
def test_a_folder_that_cant_be_listed_loses_no_document(apart: Indexer, tmp_path: Path, full: bool) -> None:
    """What is indexed of it goes on answering, also when all is read anew; the folder is named."""
    place = Place(tmp_path / "documents", tmp_path / "index")
    write(place.documents, OLD)
    (place.documents / "fr" / "2009").mkdir(parents=True)
    (place.documents / "charte.md").rename(place.documents / "fr" / "2009" / "charte.md")
    (place.documents / "fr" / "empty.md").touch()
    apart.do("index", place.documents, place.index)
    before = apart.do("check", place.documents, place.index)["documents"]
    assert "fr/2009/charte.md" in before
    (place.documents / "ashiyu.md").unlink()

    ended = apart.do("index", place.documents, place.index, locked="fr", full=full)
    assert "goes on answering" in ended["skipped"]["fr"], ended
    del before["ashiyu.md"]
    is_whole(apart, place, [before])

    shutil.rmtree(place.documents / "fr")
    assert apart.do("index", place.documents, place.index)["skipped"] == {}
    is_whole(apart, place, [{"tea.md": OLD["tea.md"]}])


@counted
def test_an_index_that_cant_be_opened_is_kept(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """A disk that fails for a moment: the run ends badly, and all is there once it can be read again."""
    place = copy_of(begun, tmp_path, 0)
    kept = sorted(place.index.glob("generations/**/*"))
    for _ in range(2):
        assert "error" in apart.do("index", place.documents, place.index, locked="manifest.json")
    assert sorted(place.index.glob("generations/**/*")) == kept
    is_whole(apart, place, [OLD])
    ends_well(apart, place)


def twice_at_once(apart: Indexer, begun: Place, folder: Path, times: int) -> None:
    for number in range(times):
        place = copy_of(begun, folder, number)
        ended = apart.do_at_once(["index", "index"], place.documents, place.index)
        rebuilt = [one for one in ended if one.get("rebuilt")]
        others = [one for one in ended if not one.get("rebuilt")]
        assert len(rebuilt) == 1, ended
        for other in others:
            assert other.get("error", "IndexBusy") == "IndexBusy", other
            if "error" in other:
                assert "Another process is indexing" in other["message"]
        is_whole(apart, place, [NEW])
        shutil.rmtree(place.index)


def test_two_indexers_at_once(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """One does it; the other is refused, or comes late and finds nothing to do. Nothing is lost."""
    twice_at_once(apart, begun, tmp_path, 4)


@pytest.mark.thorough
def test_two_indexers_at_once_twenty_times(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """The same, twenty times."""
    twice_at_once(apart, begun, tmp_path, 20)
