"""What the chat page weighs and when it can be used, beside Gradio's bare ChatInterface in the same run.

    python benchmarks/page_weight.py

On a simulated slow 4G phone (Lighthouse's figures: 150 ms, 1.6 Mbit/s down, 750 kbit/s up, processor
four times slower), on a first visit and on a second one with the browser's cache. It answers from
nothing: no model is loaded. Needs what the tests need: Chromium and `pip install -e ".[test]"`.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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


@dataclass
class Visit:
    """One opening of a page: bytes over the network, requests, and seconds until one can type."""

    kilobytes: float
    requests: int
    text_seconds: float
    usable_seconds: float


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


def visits(browser: Browser, url: str, box: str) -> tuple[Visit, Visit]:
    """Open a page twice in one fresh context; `box` is what the visitor types into.

    Requests aren't routed: that would turn the browser's cache off.
    """
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="fr-FR")
    found = (_visit(context.new_page(), url, box), _visit(context.new_page(), url, box))
    context.close()
    return found


def _visit(page: Any, url: str, box: str) -> Visit:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR_SLOWDOWN})
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => document.body?.innerText.trim().length > 0", polling=50)
    text = time.perf_counter() - start
    page.locator(box).first.wait_for()
    usable = time.perf_counter() - start
    page.wait_for_timeout(3000)
    page.close()
    sent = [each for each in received if each > 0]
    return Visit(sum(sent) / 1000, len(sent), text, usable)


def report(name: str, measure: Callable[[], tuple[Visit, Visit]]) -> None:
    """Print the medians of some runs."""
    runs = [measure() for _ in range(RUNS)]
    for number, which in enumerate(("first visit", "second visit")):
        of_which = sorted((run[number] for run in runs), key=lambda visit: visit.usable_seconds)
        median = of_which[len(of_which) // 2]
        print(
            f"{name:14} {which:13} {median.kilobytes:7.0f} kB {median.requests:4} requests   "
            f"text {median.text_seconds:5.1f} s   usable {median.usable_seconds:5.1f} s"
        )


def main() -> None:
    """Measure both and print."""
    print(describe())
    with tempfile.TemporaryDirectory() as folder, launched() as browser, bare_gradio() as bare:
        report("bare Gradio", lambda: visits(browser, bare, "textarea"))
        with serving(ScriptedBot(Path(folder))) as ours:
            report("partnerbot", lambda: visits(browser, f"{ours}/fr", "#question textarea"))


if __name__ == "__main__":
    main()
