"""Another build of Gradio than the one that is known: the chat starts, plainer, and answers."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Browser, expect

from browsing import visiting
from partnerbot.web.page_texts import texts_of
from serving import serving_process

pytestmark = [pytest.mark.browser, pytest.mark.system]

PROGRAM = (str(Path(__file__).parents[1] / "scripted_server.py"),)
QUESTION = "Quand Vitagora a-t-il ouvert son bureau de Kumamoto ?"


def _other_gradio(folder: Path, changed: Path, known: str, other: str) -> str:
    """Return a PYTHONPATH with the installed Gradio, one file of which is written otherwise.

    `changed`: that file, below the package; it does the same, and all others are links.
    """
    installed, copy = Path(str(files("gradio"))), folder / "packages" / "gradio"
    for depth in range(len(changed.parts)):
        inner = Path(*changed.parts[:depth])
        (copy / inner).mkdir(parents=True)
        for entry in (installed / inner).iterdir():
            if entry.name != changed.parts[depth]:
                (copy / inner / entry.name).symlink_to(entry)
    written = (installed / changed).read_text("utf-8")
    assert known in written
    (copy / changed).write_text(written.replace(known, other), "utf-8")
    return os.pathsep.join(filter(None, [str(copy.parent), os.environ.get("PYTHONPATH", "")]))


def test_the_chat_answers_with_another_gradio(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another version: it says which one is known, once, and its scripts ask for files one by one."""
    known = f'"version": "{gr.__version__}"'
    path = _other_gradio(tmp_path, Path("package.json"), known, '"version": "6.99.0"')
    monkeypatch.setenv("PYTHONPATH", path)
    with (
        serving_process(tmp_path / "run", PROGRAM) as (address, _),
        visiting(browser, address) as visitor,
    ):
        page = visitor.open("fr")
        visitor.ask(QUESTION)
        expect(page.locator(".pb-answered .pb-short")).to_have_text("2020")
        page.locator("#clear").click()
        expect(page.locator(".pb-welcome")).to_be_visible()
    log = (tmp_path / "run" / "log").read_text("utf-8")
    assert log.count("constraints.txt names") == 1
    assert "Traceback" not in log


def test_the_chat_answers_in_gradios_own_page(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its page is another: with the notice, and it says so once."""
    index = Path("templates", "frontend", "index.html")
    path = _other_gradio(tmp_path, index, "window.gradio_config = {{", "window.gradio_config={{")
    monkeypatch.setenv("PYTHONPATH", path)
    with serving_process(tmp_path / "run", PROGRAM) as (address, _):
        context = browser.new_context(locale="de-DE")
        page = context.new_page()
        page.goto(f"{address}/fr")
        expect(page.locator(".pb-notice")).to_have_text(texts_of("fr").page.notice)
        page.locator("#question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".pb-answered .pb-short")).to_have_text("2020")
        context.close()
    log = (tmp_path / "run" / "log").read_text("utf-8")
    assert log.count("constraints.txt names") == 1
    assert "Traceback" not in log
