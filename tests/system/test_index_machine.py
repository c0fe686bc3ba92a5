"""Any sequence of changes, runs, crashes and ways back: what is found is what a plain model says."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crashes import Indexer, can_count_steps, indexer
from partnerbot.bot import Partnerbot
from partnerbot.errors import IndexUnavailable
from partnerbot.settings import Settings
from toy_model import toy_model

pytestmark = pytest.mark.system

NAMES = [f"{letter}.md" for letter in "abcd"]
TEXTS = [
    "La charte de Clairmoulin a été signée en avril 2009. Le maire était présent.",
    "霧沢駅前の足湯は、2021年6月5日に開業した。利用は無料で、毎日開いている。",
    "The tea master Aoki Rin held a ceremony for 75 guests. The mill was full that day.",
    "The bridge of Kirisawa was closed for repairs in 1998.",
]
ABOUT_ALL_STEPS = 1_300


class IndexMachine(RuleBasedStateMachine):
    """`files` is what the folder holds, `current` what must be found, `before` where a rollback leads.

    `running` is a bot that goes on running meanwhile, and follows.
    """

    apart: Indexer
    home: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.home))
        self.documents, self.index = self.folder / "documents", self.folder / "index"
        self.documents.mkdir()
        self.files: dict[str, str] = {}
        self.current: dict[str, str] | None = None
        self.before: dict[str, str] | None = None
        self.running = self.started()

    @rule(name=st.sampled_from(NAMES), text=st.sampled_from(TEXTS))
    def put(self, name: str, text: str) -> None:
        """Add a file, or change it."""
        self.files[name] = text
        (self.documents / name).write_text(text, "utf-8")

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        del self.files[name]
        (self.documents / name).unlink()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), new=st.sampled_from(NAMES))
    def rename(self, data: st.DataObject, new: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.files)))
        self.files[new] = self.files.pop(old)
        (self.documents / old).rename(self.documents / new)

    @rule(full=st.booleans())
    def reindex(self, full: bool) -> None:
        ended = self.apart.do("index", self.documents, self.index, full=full)
        if not self.files:
            assert ended["error"] == "ConfigurationError"
        else:
            assert "error" not in ended, ended
            assert ended["rebuilt"] == (full or self.files != self.current)
            if ended["rebuilt"]:
                self.published()

    @precondition(lambda self: can_count_steps() and self.files and self.files != self.current)
    @rule(step=st.integers(1, ABOUT_ALL_STEPS))
    def crash(self, step: int) -> None:
        """A run is killed at some step, or ends before that."""
        self.apart.do("index", self.documents, self.index, die_at=step)
        found = self.found()
        if found == self.files:
            self.published()
        else:
            assert found == self.current

    @rule()
    def roll_back(self) -> None:
        ended = self.apart.do("roll back", self.documents, self.index)
        if self.before is None:
            assert ended["error"] == "IndexUnavailable", ended
        else:
            assert "error" not in ended, ended
            self.current, self.before = self.before, None

    @rule()
    def restart(self) -> None:
        """The chat ends and is started again."""
        self.running = self.started()

    @invariant()
    def the_running_chat_has_followed(self) -> None:
        """What ran on while the index changed knows the documents of today, whole."""
        try:
            known = self.running.documents(at_most=len(NAMES))
        except IndexUnavailable:
            assert self.current is None
            return
        sources = [document.metadata["source"] for document in known]
        texts = {source: self.running.document_text(source).page_content for source in sources}
        assert texts == self.current

    @invariant()
    def what_is_found_is_what_was_published(self) -> None:
        """Asked of a fresh process each time: every passage finds itself, and nothing else is there."""
        assert self.found() == self.current

    def published(self) -> None:
        self.current, self.before = dict(self.files), self.current

    def started(self) -> Partnerbot:
        settings = Settings(documents=self.documents, index=self.index)
        return Partnerbot(settings, toy_model(), reader=None)

    def found(self) -> dict[str, str] | None:
        ended = self.apart.do("check", self.documents, self.index)
        if "error" in ended:
            assert ended["error"] == "IndexUnavailable", ended
            return None
        found: dict[str, str] = ended["documents"]
        return found

    def teardown(self) -> None:
        shutil.rmtree(self.folder)


def run_machine(folder: Path, examples: int, steps: int) -> None:
    with indexer(folder) as apart:
        machine = type("Machine", (IndexMachine,), {"apart": apart, "home": folder})
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize="CI" in os.environ,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_any_sequence(tmp_path: Path) -> None:
    """A few short sequences."""
    run_machine(tmp_path, examples=3, steps=8)


@pytest.mark.thorough
def test_many_long_sequences(tmp_path: Path) -> None:
    """Many, and longer."""
    run_machine(tmp_path, examples=60, steps=25)
