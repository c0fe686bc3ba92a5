"""What the chat page weighs and when it can be used, beside Gradio's bare ChatInterface in the same run.

    python benchmarks/page_weight.py

On a simulated slow 4G phone (Lighthouse's figures: 150 ms, 1.6 Mbit/s down, 750 kbit/s up, processor
four times slower), on a first visit and on a second one with the browser's cache. The visitor asks as
soon as there is a box to write in. Bytes and requests are those of the page, without the question's.
It answers from nothing: no model is loaded.

Needs what the tests need: Chromium and `pip install -e ".[test]"`.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from machine import describe
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsing import launched
from scripted_bot import ScriptedBot
from serving import serving

RUNS = 3
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
PROCESSOR_SLOWDOWN = 4
PATIENCE_MILLISECONDS = 120_000


@dataclass
class Visit:
    """One opening of a page: bytes over the network, requests, and seconds from the address to each step."""

    kilobytes: float
    requests: int
    text_seconds: float
    box_seconds: float
    answer_seconds: float


@dataclass(frozen=True)
class Chat:
    """A page, the box that its visitor writes in, and what an answer looks like."""

    address: str
    box: str
    answer: str


@contextmanager
def bare_gradio() -> Iterator[str]:
    """Serve a ChatInterface as it comes, without our page around it."""
    app = FastAPI()
    chat = gr.ChatInterface(lambda message, _history: message, analytics_enabled=False)
    gr.mount_gradio_app(app, chat, "/", ssr_mode=False)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join(10)


def visits(browser: Browser, chat: Chat) -> tuple[Visit, Visit]:
    """Open a page twice in one fresh context.

    Requests aren't routed: that would turn the browser's cache off.
    """
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR")
    found = (_visit(context.new_page(), chat), _visit(context.new_page(), chat))
    context.close()
    return found


def _visit(page: Any, chat: Chat) -> Visit:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR_SLOWDOWN})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    addresses: dict[str, str] = {}
    received: dict[str, float] = {}
    session.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: received.update({event["requestId"]: event["encodedDataLength"]}),
    )
    start = time.perf_counter()
    page.goto(chat.address, wait_until="commit")
    page.wait_for_function("() => document.body?.innerText.trim().length > 0", polling=50)
    text = time.perf_counter() - start
    page.locator(chat.box).first.wait_for()
    box = time.perf_counter() - start
    page.locator(chat.box).first.fill("Vitagora ?")
    page.keyboard.press("Enter")
    page.locator(chat.answer).first.wait_for()
    answer = time.perf_counter() - start
    page.wait_for_timeout(3000)
    page.close()
    sent = [size for key, size in received.items() if size > 0 and "/queue/" not in addresses.get(key, "")]
    return Visit(sum(sent) / 1000, len(sent), text, box, answer)


def report(name: str, runs: list[tuple[Visit, Visit]]) -> None:
    """Print the medians of some runs, each figure's own."""
    for number, which in enumerate(("first visit", "second visit")):
        kilobytes, requests, text, box, answer = (
            median(getattr(run[number], field.name) for run in runs) for field in fields(Visit)
        )
        print(
            f"{name:12} {which:13} {kilobytes:5.0f} kB {requests:3.0f} requests   "
            f"text {text:5.1f} s   box {box:5.1f} s   answer {answer:5.1f} s",
            flush=True,
        )


def main() -> None:
    """Measure both, in turn, so that what else the machine does meets both alike; print."""
    print(describe())
    with (
        tempfile.TemporaryDirectory() as folder,
        launched() as browser,
        bare_gradio() as bare,
        serving(ScriptedBot(Path(folder))) as ours,
    ):
        chats = {
            "bare Gradio": Chat(bare, "textarea", '[data-testid="bot"]'),
            "partnerbot": Chat(f"{ours}/fr", "#early textarea, #question textarea", ".pb-answered"),
        }
        runs: dict[str, list[tuple[Visit, Visit]]] = {name: [] for name in chats}
        for _ in range(RUNS):
            for name, chat in chats.items():
                runs[name].append(visits(browser, chat))
        for name, of_one in runs.items():
            report(name, of_one)


if __name__ == "__main__":
    main()
