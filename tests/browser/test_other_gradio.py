"""Another build of Gradio than the one that is known: the chat starts, plainer, and answers."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browsing import visiting
from serving import serving_process

pytestmark = pytest.mark.browser


def _linked(source: Path, target: Path, own: set[str]) -> None:
    """Make a folder whose entries are links to those of another, but for `own`, which are made anew."""
    target.mkdir()
    for entry in source.iterdir():
        if entry.name not in own:
            (target / entry.name).symlink_to(entry)


@pytest.fixture
def other_gradio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed Gradio, with a first script that is written differently and does the same."""
    known, other = Path(str(files("gradio"))), tmp_path / "packages" / "gradio"
    other.parent.mkdir()
    assets = known / "templates" / "frontend" / "assets"
    (entry,) = (path for path in assets.glob("index-*.js") if "Promise.all([" in path.read_text("utf-8"))
    for inner, own in (("", "templates"), ("templates", "frontend"), ("templates/frontend", "assets")):
        _linked(known / inner, other / inner, {own})
    _linked(assets, other / "templates" / "frontend" / "assets", {entry.name})
    written = entry.read_text("utf-8").replace("Promise.all([", "Promise.all( [")
    (other / "templates" / "frontend" / "assets" / entry.name).write_text(written, "utf-8")
    paths = [str(other.parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


@pytest.mark.system
@pytest.mark.usefixtures("other_gradio")
def test_the_chat_answers_with_another_gradio(browser: Browser, tmp_path: Path) -> None:
    """It says which version is known, once, and asks for the files one after the other."""
    program = (str(Path(__file__).parents[1] / "scripted_server.py"),)
    with (
        serving_process(tmp_path / "run", program) as (address, _),
        visiting(browser, address) as visitor,
    ):
        page = visitor.open("fr")
        visitor.ask("Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?")
        expect(page.locator(".pb-answered .pb-short")).to_have_text("2020")
        page.locator("#clear").click()
        expect(page.locator(".pb-welcome")).to_be_visible()
    log = (tmp_path / "run" / "log").read_text("utf-8")
    assert log.count("constraints.txt names") == 1
    assert "Traceback" not in log
