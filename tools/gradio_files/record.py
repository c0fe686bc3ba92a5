"""Writes which files a chat page of the installed Gradio begins with: web/chat/gradio_files.toml.

Gradio's own page, with our layout, is opened in a real browser; what it asks for is listed in that order.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from browsing import launched
from partnerbot.web.chat.blocks import Chat
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.page_texts import languages
from partnerbot.web.reception import Reception
from partnerbot.web.render import Renderer
from scripted_bot import ScriptedBot
from serving import free_port

LISTED = Path(__file__).parents[2] / "src" / "partnerbot" / "web" / "chat" / "gradio_files.toml"

HEAD = """\
# What a chat page of this Gradio asks for before it can be used, in the order in which it does, and its words
# by language. Written by tools/gradio_files/record.py from what a browser loaded; for another, run it again.
"""


def main() -> None:
    """Open the page in each language, and write the list."""
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        bot = ScriptedBot(Path(folder) / "bot")
        render = Renderer.of_all(bot.settings)["fr"]
        blocks = Chat(Reception(bot), Suggestions(bot), render).blocks()
        port = free_port()
        app = gr.mount_gradio_app(FastAPI(), blocks, "/", run_history=False, footer_links=[], ssr_mode=False)
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        loaded: dict[str, list[str]] = {}
        for language in languages():
            context = browser.new_context(locale=language)
            page, names = context.new_page(), loaded.setdefault(language, [])
            page.on("request", lambda request, names=names: names.extend(_names(request.url)))
            page.goto(f"http://127.0.0.1:{port}/", wait_until="networkidle")
            page.locator("#question textarea").wait_for()
            context.close()
        server.should_exit = True
    words = {code: name for code, names in loaded.items() for name in names if name.startswith(f"{code}-")}
    every = [name for name in dict.fromkeys(loaded["fr"]) if name not in words.values()]
    lines = [f'gradio = "{gr.__version__}"']
    for kind in ("scripts", "styles"):
        ending = {"scripts": ".js", "styles": ".css"}[kind]
        lines += [f"{kind} = [", *(f'    "{name}",' for name in every if name.endswith(ending)), "]"]
    lines += ["", "[words]", *(f'{code} = "{name}"' for code, name in words.items())]
    LISTED.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


def _names(address: str) -> list[str]:
    return re.findall(r"/assets/([\w.-]+\.(?:js|css))$", address)


if __name__ == "__main__":
    main()
