"""What several test modules share: the real model, a small corpus, its index and a bot on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from langchain_core.documents import Document
from playwright.sync_api import Browser

from browsing import Visitor, launched, started, visiting
from folders import load_documents
from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.models.reader import load_reader
from partnerbot.settings import EMBEDDED, Settings
from postgresql_server import postgresql
from small_corpus import write_corpus

_IN_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 * 10**9
# An index synchronises hundreds of small files with the disk: tests need not wait for that.
if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))
    os.environ.setdefault("TMPDIR", str(_IN_MEMORY))  # where Chroma reads a copy of its database
    tempfile.tempdir = os.environ["TMPDIR"]

# No limit in milliseconds for an example: the machine may be busy.
hypothesis.settings.register_profile("partnerbot", deadline=None, max_examples=50)
hypothesis.settings.load_profile("partnerbot")

_STARTING = {"apart", "chroma", "ports", "redis_address", "tiny"}
"""Fixtures that start another program, or load torch."""

_HERE = Path(__file__).parent

_running: pytest.Item | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, starts another program or loads torch: `make test` leaves all out."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if "browser" in used:
            item.add_marker("browser")
        if used & _STARTING:
            item.add_marker("system")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Know which test runs."""
    global _running
    _running = item


def _refuse_unmarked(event: str, given: tuple[object, ...]) -> None:
    """Fail a test that starts a program by itself, or loads torch, and isn't marked so.

    What partnerbot starts is its own.
    """
    if event not in ("subprocess.Popen", "import"):
        return
    if _running is None or _running.get_closest_marker("system"):
        return
    if event == "import":
        assert given[0] != "torch", f"{_running.name} takes seconds to load torch: @pytest.mark.system"
        return
    frame = sys._getframe(1)
    while frame.f_code.co_filename == subprocess.__file__ and frame.f_back:
        frame = frame.f_back
    assert Path(frame.f_code.co_filename).parent != _HERE, f"Mark {_running.name}: @pytest.mark.system"


sys.addaudithook(_refuse_unmarked)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database for what is kept, as the setting takes it."""
    if request.param == "sqlite":
        yield ""
        return
    with postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def model() -> EmbeddingModel:
    """The embedded model, loaded once."""
    return load_embedding_model(EMBEDDED)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache other than the user's, for XDG_CACHE_HOME."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def sample_documents() -> list[Document]:
    """The sample's articles, read once."""
    return load_documents(_HERE.parent / "documents").documents


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Settings:
    """Settings whose documents are the small corpus, already indexed. Not to be written to."""
    folder = tmp_path_factory.mktemp("small")
    settings = Settings(
        documents=write_corpus(folder / "documents"),
        index=folder / "index",
        appearance=folder / "appearance.toml",
        contact="contact@clairmoulin.example",
    )
    settings.appearance.write_text(
        "[examples]\n"
        'fr = ["Quand la charte d’amitié a-t-elle été signée ?", "Quel temps fera-t-il demain à Oslo ?"]\n'
        'ja = ["足湯はいつ開業しましたか？"]\n'
        'en = ["When was the friendship charter signed?"]\n',
        "utf-8",
    )
    build_index(settings.documents, settings.index, model)
    return settings


@pytest.fixture(scope="session")
def small_bot(small_settings: Settings, model: EmbeddingModel) -> Partnerbot:
    """A bot on the small corpus."""
    return Partnerbot(small_settings, model, load_reader())


# Not for the session: while Playwright runs, no other test may start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for a module's tests; see `launched` for which, and for where there is none."""
    with launched(shell=True) as browser:
        yield browser


@pytest.fixture(scope="module")
def whole_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium with what is its own and not its engine's: in a private window frames keep nothing."""
    with started(browser.browser_type) as whole:
        yield whole


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    """Open a tab by size and colour scheme at the module's `address`, as `visiting` does."""
    with ExitStack() as open_tabs:

        def _visit(size: str = "desk", scheme: str = "light", address: str = address) -> Visitor:
            return open_tabs.enter_context(visiting(browser, address, size, scheme))

        yield _visit
