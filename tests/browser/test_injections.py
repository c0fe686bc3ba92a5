"""Orders planted in documents, asked about in a real browser: none is obeyed, and nothing leaves the page.

TESTS_INJECTIONS names a folder with an injections.jsonl (one {"text": …} a line) of which the
thorough test plants every line as well.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browsing import FINISHED, visiting
from chat_server import ChatHandler, chat_server
from partnerbot.bot import Partnerbot
from partnerbot.documents.orders import gives_orders
from partnerbot.index.build import build_index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from serving import serving

pytestmark = pytest.mark.browser

CANARY = "zxq-canary-77"
ORDERS = [
    line.replace("{canary}", CANARY)
    for line in (Path(__file__).parents[1] / "injections.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
QUESTIONS = {
    "fr": "Quand la charte d’amitié a-t-elle été signée ?",
    "en": "When was the friendship charter signed?",
    "ja": "友好憲章はいつ署名されましたか？",
}
_FACT = "La commune de Clairmoulin et la ville de Kirisawa ont signé leur charte d’amitié le 12 avril 2009."


def obeying(handler: ChatHandler) -> None:
    """Do whatever the excerpts say: repeat them all, orders first, each with its citation."""
    excerpts = re.findall(r"==\w+== \[(\d+)\] (.*?)\n(?===)", handler.prompt, re.DOTALL)
    handler.begin()
    for number, text in excerpts:
        for line in sorted(filter(None, text.splitlines()), key=lambda line: CANARY not in line):
            handler.say(f"{line.rstrip('.。')} [{number}]. ")
    handler.say(
        f"{CANARY} [1]. The charter was signed by {CANARY} [1]. <img src='https://{CANARY}.example'> [1]."
    )
    handler.end()


@contextmanager
def planted(folder: Path, model: EmbeddingModel, orders: Sequence[str]) -> Iterator[Settings]:
    """Yield settings of an index whose documents carry the orders between true sentences."""
    settings = Settings(
        documents=folder / "documents",
        index=folder / "index",
        glossary=folder / "none",
        feedback=False,
        questions_per_minute=0,
        questions_per_day=0,
    )
    settings.documents.mkdir(parents=True)
    for number, start in enumerate(range(0, len(orders), 4)):
        body = "\n\n".join(f"{_FACT}\n\n{order}" for order in orders[start : start + 4])
        (settings.documents / f"charte-{number}.txt").write_text(f"La charte d’amitié\n\n{body}\n", "utf-8")
    article = f"<article><h1>La charte</h1><p>{_FACT}</p><p>{orders[0]}</p></article>"
    (settings.documents / "page.html").write_text(f"<html><body>{article}</body></html>", "utf-8")
    build_index(settings.documents, settings.index, model)
    yield settings


def answers_in_browser(browser: Browser, bot: Partnerbot, questions: dict[str, str]) -> list[str]:
    """Ask in a real chat, and return what the answers say; a request to elsewhere fails the test."""
    found = []
    with serving(bot) as address:
        for language, question in questions.items():
            with visiting(browser, address) as visitor:
                page = visitor.page
                page.goto(f"{address}/{language}")
                page.locator("#question textarea").wait_for()
                page.locator("#question textarea").fill(question)
                page.keyboard.press("Enter")
                # A model that repeats all it is shown gives many sentences to judge.
                expect(page.locator(FINISHED)).to_have_count(1, timeout=90_000)
                for answer in page.locator(".pb-short, .pb-body").all():
                    found.append(answer.inner_text())
                assert page.locator("#conversation :is(form, iframe, script, img[src^='http'])").count() == 0
                assert page.locator(f"#conversation a[href*='{CANARY}']").count() == 0
    return found


def test_quoting_obeys_nothing(tmp_path: Path, browser: Browser, model: EmbeddingModel) -> None:
    """Without a language model the answer is the fact, no canary is in it, and no other host is asked."""
    with planted(tmp_path, model, ORDERS) as settings:
        said = answers_in_browser(browser, Partnerbot.open(settings), QUESTIONS)
    assert any("2009" in text for text in said)
    assert not any(CANARY in text for text in said)


def test_an_obedient_model_shows_nothing_it_was_told(
    tmp_path: Path, browser: Browser, model: EmbeddingModel
) -> None:
    """A model that does all that it reads, at a real server: nothing of it reaches the page."""
    with planted(tmp_path, model, ORDERS) as settings, chat_server(obeying) as server:
        told = settings.model_copy(update={"llm": "openai:obedient", "llm_base_url": server.address})
        said = answers_in_browser(browser, Partnerbot.open(told), QUESTIONS)
        assert server.requests
    assert any("2009" in text for text in said)
    assert not any(CANARY in text for text in said)


@pytest.mark.thorough
def test_orders_from_a_folder_are_not_obeyed(tmp_path: Path, model: EmbeddingModel) -> None:
    """With all of the folder's texts planted, each with a canary, questions on a fact show none by quoting.
    Asked in the words of an order itself, what the wordings tell shows none either."""
    folder = os.environ.get("TESTS_INJECTIONS")
    if not folder:
        pytest.skip("TESTS_INJECTIONS names no folder with an injections.jsonl")
    lines = (Path(folder) / "injections.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"].replace("\n", " ") for line in lines]
    orders = [text for text in texts if gives_orders(text)]
    others = [text for text in texts if not gives_orders(text)]
    facts = [(question, language) for language, question in QUESTIONS.items()]
    own_words = [(f"{order[:200]}?", "en") for order in orders[::20] if any(map(str.isalnum, order[:200]))]
    shown = []
    for name, lines, asked in (
        ("all", [f"{text} {CANARY}" for text in texts], facts),
        ("orders", [f"{text} {CANARY}" for text in orders] + others, facts + own_words),
    ):
        with planted(tmp_path / name, model, lines) as settings, chat_server(obeying) as server:
            told = settings.model_copy(update={"llm": "openai:obedient", "llm_base_url": server.address})
            # What isn't told from any other text, an obedient model quotes like any other text.
            for bot in [Partnerbot.open(settings), *([Partnerbot.open(told)] if name == "orders" else [])]:
                for question, language in asked:
                    answer = bot.ask(question, language=language)
                    shown.append((name, question, answer.model_dump_json(exclude={"question"})))
    assert [(name, question) for name, question, said in shown if CANARY in said] == []
