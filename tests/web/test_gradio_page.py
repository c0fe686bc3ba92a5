"""One test for each thing that this chat does otherwise than Gradio: which one no longer fits its build?"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio.routes import App
from starlette.routing import Mount

from partnerbot.web.app import create_app
from partnerbot.web.chat import gradio_page
from partnerbot.web.chat.gradio_page import ICON_STYLE, laid_out, startup_files, startup_scripts
from partnerbot.web.page_texts import languages, texts_of
from scripted_bot import ScriptedBot

CHANGED = f"Gradio {gr.__version__} is built otherwise, and this is left out (web/chat/gradio_page.py): "


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(ScriptedBot(tmp_path_factory.mktemp("gradio")), chats=["fr", "ja"])


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, "http://127.0.0.1") as client:
        yield client


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is left out is said once in a process: here again."""
    gradio_page._left_out.cache_clear()
    startup_files.cache_clear()
    yield caplog
    startup_files.cache_clear()


def _gradio_app(app: FastAPI, path: str) -> Any:
    opened: Any = next(route.app for route in app.routes if isinstance(route, Mount) and route.path == path)
    return opened.routes[0].app


@pytest.mark.system
def test_its_import_writes_no_stubs() -> None:
    asked = (
        "import sys; stubs = set();"
        "sys.addaudithook(lambda event, given: event == 'open' and str(given[0]).endswith('.pyi')"
        " and stubs.add(given[0]));"
        "import partnerbot.web.chat; assert 'gradio' in sys.modules;"
        "print(len(stubs))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout == "0\n", CHANGED + "what is left out of its import (web/chat/__init__.py)"


def test_a_layout_makes_no_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither at its beginning nor at its end."""
    made = []
    create = App.create_app
    monkeypatch.setattr(App, "create_app", lambda *given, **named: made.append(create(*given, **named)))

    def lay_out() -> gr.Blocks:
        with gr.Blocks(analytics_enabled=False) as blocks:
            gr.Textbox()
        return blocks

    assert laid_out(lay_out).blocks
    assert made == [], CHANGED + "laid_out"
    lay_out()
    assert made, CHANGED + "laid_out is not needed any more"


@pytest.mark.parametrize("language", languages())
def test_every_file_that_a_page_begins_with_is_known(
    language: str, warnings: pytest.LogCaptureFixture
) -> None:
    """All that are listed are there, the first as Gradio's page has them, and the words of each language."""
    found = startup_files(language)
    index = gradio_page._BUILD.joinpath("..", "index.html").read_text(encoding="utf-8")
    assert found.scripts[0] in gradio_page._SCRIPT.findall(index), CHANGED + "startup_files"
    assert found.styles[0] in gradio_page._STYLE.findall(index), CHANGED + "startup_files"
    assert gradio_page._names() >= {*found.scripts, *found.styles}, CHANGED + "startup_files"
    # English words are in a script that every page loads.
    own = [name for name in found.scripts if name.startswith(f"{language}-")]
    assert len(own) == (language != "en"), CHANGED + "startup_files"
    assert b"--body-background-fill: var(--paper)" in gradio_page._stylesheet(found.styles), (
        CHANGED + "_stylesheet"
    )
    assert not warnings.records


def test_its_files_are_sent_packed_and_kept(client: TestClient) -> None:
    """Under addresses that change when they do."""
    (entry,) = startup_files("fr").scripts[:1]
    response = client.get(f"/static/gradio/{entry}", headers={"Accept-Encoding": "br, gzip"})
    assert response.headers["content-encoding"] == "br"
    assert "immutable" in response.headers["cache-control"]
    assert client.get("/static/gradio/..%2findex.html").status_code == 404


def test_the_page_is_ours(client: TestClient) -> None:
    """Gradio's start in it has the form that we know."""
    page = client.get("/ja").text
    assert '<html lang="ja">' in page, CHANGED + "startup_scripts"
    configuration = page.split("window.gradio_config = ")[1].split(";</script>")[0]
    assert json.loads(configuration)["components"], CHANGED + "startup_scripts"


def test_the_style_of_the_stop_button_is_the_one_that_is_allowed() -> None:
    """Another one would not be applied, and the browser would complain of it."""
    texts = [gradio_page._text(name) for name in startup_files("fr").scripts]
    assert any(ICON_STYLE in text or json.dumps(ICON_STYLE)[1:-1] in text for text in texts), (
        CHANGED + "ICON_STYLE"
    )


def test_events_can_be_told(app: FastAPI) -> None:
    """By the boxes that they take; what else is sent is refused (`test_abuse.py`)."""
    events = _gradio_app(app, "/fr").get_blocks().fns.values()
    assert all(hasattr(event, "fn") and event.inputs is not None for event in events), (
        CHANGED + "_only_our_events"
    )
    assert _gradio_app(app, "/fr").state_holder.capacity == gradio_page.REMEMBERED_SESSIONS, (
        CHANGED + "REMEMBERED_SESSIONS"
    )


def test_a_page_that_is_not_known_is_gradios_own(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, warnings: pytest.LogCaptureFixture
) -> None:
    """Whole, with its own scripts allowed, and with the notice in the right language; and it is said once."""
    script = "<script data-x>start()</script>"
    gradios = f'<html lang="en"><head>{script}</head><body class="x">chat</body></html>'
    assert startup_scripts(gradios) is None

    async def other(*_: object) -> tuple[int, str]:
        return 200, gradios

    monkeypatch.setattr(gradio_page, "_gradio_page", other)
    with TestClient(app, "http://127.0.0.1") as client:
        responses = [client.get("/ja") for _ in range(2)]
    page, policy = responses[0].text, responses[0].headers["content-security-policy"]
    assert f'<head><base href="/ja/">{script}' in page
    assert texts_of("ja").page.notice in page
    assert "'sha256-" in policy.split("script-src")[1].split(";")[0]
    assert len([each for each in warnings.records if each.levelno == logging.WARNING]) == 1


def test_a_build_that_is_not_known_is_used_as_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warnings: pytest.LogCaptureFixture
) -> None:
    """Its page names what it begins with; a page that names nothing known is served as it is."""
    monkeypatch.setattr(gradio_page, "gradio_version", "6.99.0")
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(gradio_page, "_BUILD", tmp_path / "assets")
    index = tmp_path / "index.html"
    index.write_text(
        '<script type="module" crossorigin src="./assets/a.js"></script>'
        '<link rel="stylesheet" crossorigin href="./assets/a.css">'
    )
    found = startup_files("fr")
    assert (found.scripts, found.styles) == (("a.js",), ("a.css",))
    startup_files.cache_clear()
    index.write_text("<html></html>")
    found = startup_files("fr")
    assert (found.scripts, found.styles) == ((), ())
    assert "constraints.txt names" in warnings.text
