"""What operators see and do: the log, figures for Prometheus, and a server that is told to end."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from partnerbot.errors import ConfigurationError
from partnerbot.logs import JsonLines, request_id
from partnerbot.settings import Settings
from partnerbot.web.app import create_app
from partnerbot.web.chat.blocks import Chat
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.metrics import Metrics
from partnerbot.web.reception import Reception
from partnerbot.web.render import Renderer
from scripted_bot import ScriptedBot
from serving import free_port, serving, serving_process
from waiting import wait_until

SCRIPTED = (str(Path(__file__).parents[1] / "scripted_server.py"),)
QUESTIONS = "partnerbot_questions_total"
VITAGORA = "When did Vitagora open its Kumamoto office?"


def figures(port: int) -> dict[tuple[str, ...], float]:
    """Return what Prometheus would read: the name and the labels' values, in their order, with the value."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(sample.name, *dict(sorted(sample.labels.items())).values()): sample.value for sample in samples}


def test_prometheus_reads_how_questions_ended(tmp_path: Path) -> None:
    """Every outcome and status is counted, on a port of its own, and no word of a visitor is told."""
    bot, port = ScriptedBot(tmp_path), free_port()
    metrics = Metrics(bot)
    metrics.serve("127.0.0.1", port)
    client = TestClient(create_app(bot, (), metrics), base_url="http://localhost")
    for question in (VITAGORA, VITAGORA, "What of Oslo?", "", "broken", "offline"):
        client.post("/api/ask", json={"question": question})
    client.get("/Vitagora?q=Vitagora")
    assert client.get("/metrics").status_code == 404
    told = figures(port)
    assert {labels[1:]: value for labels, value in told.items() if labels[0] == QUESTIONS} == {
        ("scripted", "fact", "en", "answered"): 2,
        ("scripted", "fact", "en", "not_in_documents"): 1,
        ("", "", "", "empty"): 1,
        ("", "", "", "failed"): 2,
    }
    assert told["partnerbot_http_requests_total", "POST", "200"] == 3
    assert told["partnerbot_http_requests_total", "POST", "503"] == 1
    assert told["partnerbot_http_requests_total", "GET", "404"] == 2
    assert told["partnerbot_question_seconds_count", "answered"] == 2
    assert told["partnerbot_stage_seconds_sum", "total"] == pytest.approx(0.003)
    assert told["partnerbot_index_info", "000007", "scripted"] == 1
    assert (told["partnerbot_ready",], told["partnerbot_index_age_seconds",]) == (1, 3600)
    assert "Vitagora" not in httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_a_limit_that_was_hit_is_counted(tmp_path: Path) -> None:
    """By its reason, as the visitor was told it."""
    port = free_port()
    bot = ScriptedBot(tmp_path, index_ready=False, questions_per_minute=1)
    metrics = Metrics(bot)
    metrics.serve("127.0.0.1", port)
    client = TestClient(create_app(bot, (), metrics), base_url="http://localhost")
    for _ in range(3):
        client.post("/api/ask", json={"question": VITAGORA})
    told = figures(port)
    assert told[QUESTIONS, "", "", "", "too_many_questions"] == 2
    assert told["partnerbot_ready",] == 0


def test_a_port_for_prometheus_that_is_taken_is_told(tmp_path: Path) -> None:
    """By the setting to change."""
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as taken,
        pytest.raises(ConfigurationError, match="PARTNERBOT_METRICS_PORT"),
    ):
        Metrics(ScriptedBot(tmp_path)).serve("127.0.0.1", taken.getsockname()[1])


def test_an_error_is_logged_by_kind_and_place() -> None:
    """Its text may have a visitor's words, and so may that of the error that it came from."""
    try:
        try:
            raise KeyError("what the visitor wrote")
        except KeyError as error:
            raise ValueError("and wrote again") from error
    except ValueError as error:
        exc_info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("partnerbot.web.api", logging.ERROR, __file__, 1, "It failed", None, exc_info)
    named = request_id.set("0123456789abcdef")
    line = JsonLines().format(record)
    request_id.reset(named)
    told = json.loads(line)
    assert (told["level"], told["message"], told["request"]) == ("error", "It failed", "0123456789abcdef")
    assert [error["kind"] for error in told["errors"]] == ["ValueError", "KeyError"]
    assert "test_an_error_is_logged_by_kind_and_place" in told["errors"][0]["at"][0]
    assert "wrote" not in line


def test_a_question_of_a_chat_page_has_the_name_of_its_request(tmp_path: Path) -> None:
    """Gradio answers the request first and the question later, elsewhere."""
    bot = ScriptedBot(tmp_path)
    blocks = Chat(Reception(bot), Suggestions(bot), Renderer.of_all(bot.settings)["en"]).blocks()
    asking = next(fn._id for fn in blocks.fns.values() if getattr(fn.fn, "__name__", "") == "ask")
    written, log = io.StringIO(), logging.getLogger("partnerbot")
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with serving(bot, ("en",)) as address:
            sent = {"data": [VITAGORA, "", ""], "fn_index": asking, "session_hash": "f3k2j1h0g9"}
            joined = httpx.post(f"{address}/en/gradio_api/queue/join", json=sent, timeout=60)
            wait_until(lambda: "outcome" in written.getvalue(), "the question ends")
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    (ended,) = [line for line in map(json.loads, written.getvalue().splitlines()) if "outcome" in line]
    assert (ended["request"], ended["outcome"]) == (joined.headers["x-request-id"], "answered")


@pytest.mark.system
def test_the_log_is_json_without_a_visitors_words(tmp_path: Path, small_settings: Settings) -> None:
    """Each line is an object; one says how a question ended, under the name that its response has."""
    question = "How many guests attended the tea ceremony?"
    with serving_process(tmp_path, INDEX=small_settings.index, LOG="json") as (address, _):
        answered = httpx.post(f"{address}/api/ask", json={"question": question}, timeout=60)
        refused = httpx.post(f"{address}/api/ask", json={"question": "😀"})
    written = (tmp_path / "log").read_text("utf-8")
    ended = {line["request"]: line for line in map(json.loads, written.splitlines()) if "outcome" in line}
    one = ended[answered.headers["x-request-id"]]
    assert (one["outcome"], one["kind"], one["language"]) == ("answered", "fact", "en")
    assert one["timings_ms"]["total"] > 0
    assert ended[refused.headers["x-request-id"]]["outcome"] == "no_words"
    assert not re.search("tea ceremony|guests|😀|127.0.0.1(?!:)", written)


@pytest.mark.system
def test_a_server_tells_of_colours_that_cant_be_read(tmp_path: Path, small_settings: Settings) -> None:
    """In one line: the first of them, how many more there are, and what names them all."""
    (tmp_path / "appearance.toml").write_text('[colours.light]\nink = "#cccccc"\n', "utf-8")
    with serving_process(tmp_path, INDEX=small_settings.index):
        told = (tmp_path / "log").read_text("utf-8")
    assert "Hard to read: light: ink #cccccc on paper" in told
    assert "needs 4.5; and 4 more. Change it in appearance.toml; all are named by: partnerbot doctor" in told
    assert told.count("Hard to read") == 1


@pytest.mark.system
def test_a_server_that_is_told_to_end_answers_first(tmp_path: Path) -> None:
    """Answers of eight seconds come whole, and that of who waits for a place; nobody else is let in."""
    heard: list[list[str]] = [[], [], []]

    def ask(address: str, visitor: int) -> None:
        headers = {"Accept": "text/event-stream", "X-Forwarded-For": f"203.0.113.{visitor}"}
        body = {"question": "slow"}
        with httpx.stream("POST", f"{address}/api/ask", json=body, headers=headers, timeout=60) as stream:
            heard[visitor].extend(stream.iter_lines())

    settings = {"TRUSTED_PROXIES": "127.0.0.1", "CONCURRENT_ANSWERS": 2}
    with serving_process(tmp_path, SCRIPTED, **settings) as (address, process), ThreadPoolExecutor() as tabs:
        asking = [tabs.submit(ask, address, visitor) for visitor in range(3)]
        wait_until(lambda: sum(lines.count("event: token") > 2 for lines in heard) == 2, "two are answered")
        process.terminate()
        for one in asking:
            one.result()
        assert all("event: answer" in lines for lines in heard)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/health")
        process.wait(30)


@pytest.mark.system
def test_a_connection_that_asks_nothing_does_not_keep_a_server(tmp_path: Path) -> None:
    """Such as that of a chat page which waits for its next answer."""
    with serving_process(tmp_path, SCRIPTED) as (address, process):
        page = f"{address}/en/gradio_api/queue/data?session_hash=f3k2j1h0g9"
        with httpx.stream("GET", page, timeout=60):
            process.terminate()
            process.wait(15)
