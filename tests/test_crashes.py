"""Whatever ends a run of the indexer: a whole generation answers, and the next run ends well."""

from __future__ import annotations

import errno
import shutil
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from crashes import Indexer, can_count_steps, indexer

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


def steps_of_a_run(apart: Indexer, begun: Place, folder: Path) -> int:
    place = copy_of(begun, folder, 0)
    steps: int = apart.do("index", place.documents, place.index)["steps"]
    assert steps > 60
    return steps


def spread(steps: int, points: int) -> list[int]:
    # Two runs differ by a few steps at their very end, when the report has been written.
    return [int(step) for step in np.linspace(1, steps - 10, min(points, steps - 10))]


def killed_at(apart: Indexer, begun: Place, folder: Path, points: int) -> None:
    for step in spread(steps_of_a_run(apart, begun, folder), points):
        place = copy_of(begun, folder, step)
        ended = apart.do("index", place.documents, place.index, die_at=step)
        assert ended == {"killed": signal.SIGKILL}, step
        is_whole(apart, place, [OLD, NEW])
        ended = apart.do("index", place.documents, place.index)
        assert "error" not in ended, (step, ended)
        is_whole(apart, place, [NEW])
        assert len(list((place.index / "generations").iterdir())) <= 2
        shutil.rmtree(place.index)


def filled_at(apart: Indexer, begun: Place, folder: Path, points: int) -> None:
    for step in spread(steps_of_a_run(apart, begun, folder), points):
        place = copy_of(begun, folder, step)
        ended = apart.do("index", place.documents, place.index, fail_at=step, errno=errno.ENOSPC)
        # Past the swap only the report of the run is lost, which is no failure.
        assert ended.get("error", "IndexNotWritten") in ("IndexNotWritten", "VerificationFailed"), ended
        is_whole(apart, place, [OLD] if "error" in ended else [NEW])
        ended = apart.do("index", place.documents, place.index)
        assert "error" not in ended, (step, ended)
        is_whole(apart, place, [NEW])
        shutil.rmtree(place.index)


@counted
def test_killed_at_any_step(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """kill -9 leaves the old generation or the new one, whole; the next run ends well."""
    killed_at(apart, begun, tmp_path, 8)


@counted
@pytest.mark.thorough
def test_killed_at_sixty_steps(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """The same, at sixty points spread over a run."""
    killed_at(apart, begun, tmp_path, 60)


@counted
def test_the_disk_fills_up_at_any_step(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """From some write on there is no room: the old generation answers, and the run says so in one line."""
    filled_at(apart, begun, tmp_path, 6)


@counted
@pytest.mark.thorough
def test_the_disk_fills_up_at_every_step(apart: Indexer, begun: Place, tmp_path: Path) -> None:
    """The same at every write of a run."""
    filled_at(apart, begun, tmp_path, 10_000)


@counted
@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_can_only_be_read(apart: Indexer, begun: Place, tmp_path: Path, number: int) -> None:
    """Nothing can be written: the run says so, and what is there goes on answering."""
    place = copy_of(begun, tmp_path, 0)
    ended = apart.do("index", place.documents, place.index, fail_at=1, errno=number)
    assert ended["error"] == "IndexNotWritten"
    assert "permissions" in ended["message"]
    is_whole(apart, place, [OLD])


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
