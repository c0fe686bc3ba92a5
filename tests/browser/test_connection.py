"""The chat over a network that fails: every wait ends in an answer or in words, and the box works again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from browsing import Visitor, visiting
from cable import Cable, cable
from partnerbot.web.page_texts import texts_of
from scripted_bot import ScriptedBot
from serving import serving, serving_process

pytestmark = pytest.mark.browser

PATIENCE_MILLISECONDS = 15_000
VITAGORA = "When did Vitagora open its Kumamoto office?"
CONNECTION = texts_of("en").connection


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(ScriptedBot(tmp_path_factory.mktemp("bot"))) as address:
        yield address


@pytest.fixture
def line(browser: Browser, address: str) -> Iterator[tuple[Visitor, Cable]]:
    """A visitor who has had an answer, and the cable between their browser and the server."""
    with cable(address) as network, visiting(browser, network.address) as visitor:
        visitor.open("en")
        visitor.ask(VITAGORA)
        yield visitor, network
        visitor.complaints.clear()  # the browser's own, of the network


def send(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def is_told(page: Page, words: str) -> None:
    told = page.locator("#connection", has_text=words)
    expect(told).to_be_visible(timeout=PATIENCE_MILLISECONDS)


def goes_on(visitor: Visitor, answers: int = 2) -> None:
    """What was answered is there still, and the next question is answered."""
    page = visitor.page
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator(".pb-answered")).to_have_count(answers - 1)
    visitor.ask(VITAGORA)
    expect(page.locator(".pb-answered")).to_have_count(answers)
    expect(page.locator("#connection")).to_be_hidden()


def test_a_question_sent_offline_is_sent_again_online(line: tuple[Visitor, Cable]) -> None:
    """The words stay in the box; when the network is back, Enter sends them."""
    visitor, _ = line
    page = visitor.page
    page.context.set_offline(True)
    send(page, VITAGORA)
    is_told(page, CONNECTION.offline)
    expect(page.locator("#question textarea")).to_have_value(VITAGORA)
    expect(page.locator("#question textarea")).to_be_editable()
    page.context.set_offline(False)
    is_told(page, CONNECTION.online)
    expect(page.locator("#question textarea")).to_have_value(VITAGORA)
    goes_on(visitor)


def test_a_button_pressed_offline_works_online(line: tuple[Visitor, Cable]) -> None:
    """A new conversation: it is said that it failed, nothing is lost, and it goes on."""
    visitor, _ = line
    page = visitor.page
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):  # that one is offline is told before
        page.locator("#clear").click()
    is_told(page, CONNECTION.offline)
    page.context.set_offline(False)
    goes_on(visitor)


def test_a_server_that_is_away_when_a_question_is_sent(line: tuple[Visitor, Cable], address: str) -> None:
    """Nothing listens, as while a server is restarted."""
    visitor, network = line
    network.server = "http://127.0.0.1:9"
    network.pull()
    send(visitor.page, VITAGORA)
    is_told(visitor.page, CONNECTION.lost)
    expect(visitor.page.locator("#question textarea")).to_have_value(VITAGORA)
    network.server = address
    goes_on(visitor)


@pytest.mark.system
def test_a_server_killed_in_mid_answer(browser: Browser, tmp_path: Path) -> None:
    """The answer is kept as broken off; the other process answers the next question."""
    program = (str(Path(__file__).parents[1] / "scripted_server.py"),)
    with ExitStack() as running:
        first, process = running.enter_context(serving_process(tmp_path / "first", program))
        network = running.enter_context(cable(first))
        visitor = running.enter_context(visiting(browser, network.address))
        page = visitor.open("en")
        visitor.ask(VITAGORA)
        send(page, "slow Vitagora?")
        expect(page.locator(".pb-partial .pb-said")).to_be_visible()
        process.kill()
        process.wait()
        is_told(page, CONNECTION.lost)
        second, _ = running.enter_context(serving_process(tmp_path / "second", program))
        network.server = second
        expect(page.locator(".pb-stopped")).to_contain_text(texts_of("en").chat.stopped)
        goes_on(visitor)
        visitor.complaints.clear()


def test_a_server_restarted_before_it_answers(line: tuple[Visitor, Cable]) -> None:
    """The one that took the question is gone, and the other doesn't know it."""
    visitor, _ = line
    page = visitor.page

    def taken_elsewhere(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps({"event_id": "0" * 32}))

    page.route("**/gradio_api/queue/join*", taken_elsewhere)
    with page.expect_event("load"):
        send(page, VITAGORA)
        is_told(page, CONNECTION.lost)
        page.unroute("**/gradio_api/queue/join*")
    expect(page.locator("#question textarea")).to_have_value(VITAGORA)
    goes_on(visitor)


def test_a_question_to_a_chat_that_is_gone(line: tuple[Visitor, Cable], address: str) -> None:
    """It is told as often as it is sent, and stays in the box until the server is there again."""
    visitor, network = line
    page = visitor.page

    def taken_by_the_last(route: Route) -> None:
        network.server = "http://127.0.0.1:9"
        network.pull()
        route.fulfill(content_type="application/json", body=json.dumps({"event_id": "0" * 32}))

    page.route("**/gradio_api/queue/join*", taken_by_the_last)
    send(page, VITAGORA)
    is_told(page, CONNECTION.lost)
    page.unroute("**/gradio_api/queue/join*")
    for way in ("Enter", "#send", "#clear"):
        page.locator("#connection button").click()
        expect(page.locator("#connection")).to_be_hidden()
        if way == "Enter":
            page.locator("#question textarea").press("Enter")
        else:
            page.locator(way).click()
        is_told(page, CONNECTION.lost)
    network.server = address
    with page.expect_event("load"):
        pass
    expect(page.locator("#question textarea")).to_have_value(VITAGORA)
    goes_on(visitor)


def test_an_answer_that_ends_without_an_end(line: tuple[Visitor, Cable]) -> None:
    """As where a server stops between two updates: the stream is over, and the chat would wait."""
    visitor, _ = line
    page = visitor.page
    event = {"event_id": "0" * 32}
    shown = {"__type__": "update", "visible": True}
    hidden = {"__type__": "update", "visible": False}
    begun = {"output": {"data": [[], "", "", "", hidden, shown, ""]}, "success": True}
    said = [
        {"msg": "process_generating", **event, **begun},
        {"msg": "unexpected_error", **event, "message": "Server stopped unexpectedly.", "success": False},
        {"msg": "close_stream", "event_id": None},
    ]
    stream = "".join(f"data: {json.dumps(message)}\n\n" for message in said)
    page.route("**/queue/join*", lambda route: route.fulfill(json=event))
    page.route("**/queue/data*", lambda route: route.fulfill(content_type="text/event-stream", body=stream))
    send(page, VITAGORA)
    expect(page.locator("#stop")).to_be_visible()
    is_told(page, CONNECTION.lost)
    page.unroute("**/queue/join*")
    page.unroute("**/queue/data*")
    expect(page.locator("#send")).to_be_visible()
    visitor.ask(VITAGORA)


def test_a_network_that_stalls_before_a_question(line: tuple[Visitor, Cable]) -> None:
    """Nothing breaks and nothing comes: the wait ends all the same."""
    visitor, network = line
    network.stall()
    send(visitor.page, VITAGORA)
    is_told(visitor.page, CONNECTION.lost)
    expect(visitor.page.locator("#question textarea")).to_be_editable()
    network.flow()
    goes_on(visitor)


def test_a_network_that_stalls_in_mid_answer(line: tuple[Visitor, Cable]) -> None:
    """What had come is kept as broken off."""
    visitor, network = line
    page = visitor.page
    send(page, "slow Vitagora?")
    expect(page.locator(".pb-partial .pb-said")).to_be_visible()
    network.stall()
    page.locator("#question textarea").fill("A draft")
    is_told(page, CONNECTION.lost)
    network.flow()
    expect(page.locator(".pb-stopped")).to_contain_text(texts_of("en").chat.stopped)
    expect(page.locator("#question textarea")).to_have_value("A draft")
    goes_on(visitor)


def test_a_source_that_stalls_is_told(line: tuple[Visitor, Cable]) -> None:
    """The panel says that it didn't come, and gets it when asked again."""
    visitor, network = line
    page = visitor.page
    network.stall()
    page.locator(".pb-cite").first.click()
    panel = page.locator("#evidence")
    expect(panel).to_contain_text(texts_of("en").panel.failed, timeout=PATIENCE_MILLISECONDS)
    network.flow()
    panel.locator(".pb-again").click()
    expect(panel.locator("mark").first).to_be_visible()
