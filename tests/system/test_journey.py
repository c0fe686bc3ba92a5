"""From a file on disk to a cited answer on screen, with nothing replaced."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from playwright.sync_api import Browser, expect

from browsing import visiting
from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.index.generations import writing
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from serving import serving, serving_process
from small_corpus import CHARTER, FOOTBATH, TEA

pytestmark = pytest.mark.system

APP = Path(__file__).parents[2] / "app.py"

PAGE = """<!doctype html><html lang="fr"><head><title>Une école de lutherie</title>
<meta property="article:published_time" content="2021-09-12"></head><body>
<nav><a href="/">Accueil</a><a href="/villes">Villes</a></nav>
<article><h1>Une école de lutherie</h1>
<p>L'école de lutherie de Clairmoulin a ouvert ses portes le 3 septembre 2021, dans l'ancienne gare. Elle
accueille des élèves de Kirisawa pour des stages de six mois.</p>
<p>Les instruments sont faits d'épicéa des forêts voisines, coupé en hiver et séché pendant dix ans.</p>
</article>
<footer>Mentions légales</footer></body></html>"""
SENTENCE = "L'école de lutherie de Clairmoulin a ouvert ses portes le 3 septembre 2021, dans l'ancienne gare."


@pytest.fixture(scope="module")
def address(small_bot: Partnerbot) -> Iterator[str]:
    with serving(small_bot) as address:
        yield address


def test_a_file_becomes_a_cited_answer(tmp_path: Path, model: EmbeddingModel) -> None:
    """An HTML file is indexed, the bot opened as the server opens it, and asked over HTTP, both ways."""
    # Lenient: one short page gives the probability little to go by, and the way is what is tested.
    settings = Settings(documents=tmp_path / "documents", index=tmp_path / "index", strictness="lenient")
    settings.documents.mkdir()
    (settings.documents / "lutherie.html").write_text(PAGE, "utf-8")
    build_index(settings.documents, settings.index, model)
    question = {"question": "When did the violin making school in Clairmoulin open its doors?"}
    with serving(Partnerbot.open(settings)) as address:
        assert httpx.get(f"{address}/ready").json()["documents"] == 1
        answer = httpx.post(f"{address}/api/ask", json=question, timeout=60).json()
        streamed = httpx.post(
            f"{address}/api/ask", json=question, headers={"Accept": "text/event-stream"}, timeout=60
        )
    assert (answer["status"], answer["language"]) == ("answered", "en")
    assert answer["short_answer"] == "3 September 2021"
    (citation,) = answer["citations"]
    assert (citation["title"], citation["source"]) == ("Une école de lutherie", "lutherie.html")
    assert (citation["language"], citation["published"]) == ("fr", "2021-09-12")
    assert SENTENCE in citation["quote"]
    assert citation["quote"][slice(*citation["highlight"])] == "3 septembre 2021"
    events = [block.split("\n") for block in streamed.text.strip().split("\n\n")]
    assert [event[0] for event in events] == ["event: token"] * (len(events) - 1) + ["event: answer"]
    assert json.loads(events[-1][1].removeprefix("data: ")) | {"timings_ms": {}} == answer | {
        "timings_ms": {}
    }


@pytest.mark.parametrize("why", ["Another process is indexing", "can be indexed", "is damaged"])
def test_an_index_that_cannot_be_renewed_is_answered_from(
    tmp_path: Path, small_settings: Settings, why: str
) -> None:
    """`make run` says why not, and serves what is there: beside a run at work, without any document, or with
    pages of sites of which nothing is known any more."""
    index, none_left = tmp_path / "index", tmp_path / "documents"
    shutil.copytree(small_settings.index, index)
    none_left.mkdir()
    at_work = why.startswith("Another")
    documents = none_left if why == "can be indexed" else small_settings.documents
    if why == "is damaged":
        (tmp_path / "synced").mkdir()
        (tmp_path / "synced/.addresses.sqlite").write_bytes(b"cut off" * 1000)
    with (
        writing(index) if at_work else nullcontext(),
        serving_process(tmp_path, [str(APP)], DOCUMENTS=documents) as (address, _),
    ):
        assert httpx.get(f"{address}/ready").json()["documents"] == 10
    assert why in (tmp_path / "log").read_text("utf-8")


@pytest.mark.parametrize(("setting", "value"), [("PORT", "taken"), ("STRICTNESS", "sometimes")])
def test_a_start_that_fails_is_told_in_one_line(
    tmp_path: Path, small_settings: Settings, setting: str, value: str
) -> None:
    """A port that is taken, a setting that is wrong: without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = {
            "DOCUMENTS": small_settings.documents,
            "INDEX": small_settings.index,
            setting: taken.getsockname()[1] if value == "taken" else value,
        }
        ended = subprocess.run(
            [sys.executable, APP],
            env={**os.environ, **{f"PARTNERBOT_{name}": str(value) for name, value in told.items()}},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("partnerbot: ")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "question", "short_answer", "mark", "source", "off_topic"),
    [
        (
            "fr",
            "Quand la charte d’amitié a-t-elle été signée ?",
            "12 avril 2009",
            "12 avril 2009",
            CHARTER,
            "Quel temps fera-t-il demain à Oslo ?",
        ),
        (
            "ja",
            "足湯はいつ開業しましたか？",
            "2021年6月5日",
            "2021年6月5日",
            FOOTBATH,
            "ブラジルの首都はどこですか？",
        ),
        (
            "en",
            "How many guests attended the tea ceremony?",
            "75",
            "75",
            TEA,
            "What is the boiling point of mercury?",
        ),
    ],
)
def test_a_visitor_reads_the_answer_and_opens_its_source(
    browser: Browser,
    address: str,
    language: str,
    question: str,
    short_answer: str,
    mark: str,
    source: str,
    off_topic: str,
) -> None:
    """The short answer, the marked sentence, the document behind the link; and an honest "not here"."""
    with visiting(browser, address, "phone") as visitor:
        page = visitor.open(language)
        visitor.ask(question)
        assert page.locator(".pb-short").inner_text().startswith(short_answer)
        card = page.locator(".pb-source").first
        assert card.locator("mark").inner_text() == mark
        see = card.locator(".pb-see")
        see.click()
        answering = page.locator("#evidence mark.pb-answering")
        expect(answering).to_have_text(mark)
        expect(answering).to_be_in_viewport()
        page.locator(".pb-panel-close").click()
        with page.context.expect_page() as opened:
            see.click(modifiers=["ControlOrMeta"])
        opened.value.wait_for_url(lambda url: source in unquote(url))  # about:blank at first
        expect(opened.value.locator("mark.pb-answering")).to_have_text(mark)
        expect(opened.value.locator("mark.pb-answering")).to_be_in_viewport()
        opened.value.close()
        page.bring_to_front()
        visitor.ask(off_topic)
        expect(page.locator(".pb-absent")).to_contain_text("contact@clairmoulin.example")
