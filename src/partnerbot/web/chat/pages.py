"""Serves the chat's pages: Gradio's start-up markup inside a page of our own.

Gradio's own page says lang="en" whatever it shows, names itself to link previews,
asks for files that a chat doesn't need, and shows nothing until its scripts have
run. Ours has the right language, title, notice and links from its first byte, and a
box to write the question in, whose text the chat takes over when it is there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from partnerbot.web.chat.gradio_files import StartupFiles
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.headers import chat_policy
from partnerbot.web.render import Renderer

_CONFIGURATION = re.compile(r"<script>window\.gradio_config = .*?</script>", re.DOTALL)
_ENDPOINTS = re.compile(r"<script>window\.gradio_api_info = .*?</script>", re.DOTALL)
"""What Gradio's scripts need from its page. Without the second they ask the server for it."""

_APP_MODE = '<script>window.__gradio_mode__ = "app";</script>'


def startup_scripts(gradio_page: str) -> str:
    """Return the inline scripts of Gradio's page that it starts from.

    Raises: RuntimeError if the page has none that we know (another Gradio version).
    """
    configuration, endpoints = (pattern.search(gradio_page) for pattern in (_CONFIGURATION, _ENDPOINTS))
    if configuration is None:
        raise RuntimeError(
            "Gradio's page has changed and the chat can't start in it. "
            "Install the Gradio version that constraints.txt names."
        )
    return "\n".join([_APP_MODE, configuration[0], *([endpoints[0]] if endpoints else [])])


class ChatPages:
    """ASGI middleware that answers GET /<language> with our page around Gradio's start-up markup."""

    def __init__(
        self,
        app: ASGIApp,
        renderers: Mapping[str, Renderer],
        startups: Mapping[str, StartupFiles],
        suggestions: Suggestions,
        embedders: tuple[str, ...] = (),
    ) -> None:
        """`startups`: the files of Gradio that each language's page begins with.

        `suggestions`: where the questions to start with come from. `embedders`: the origins of other
        sites that may show the chat in a frame.
        """
        self._app = app
        self._suggestions = suggestions
        self._embedders = embedders
        self._by_path = {
            f"/{language}": (renderer, startups[language]) for language, renderer in renderers.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        found = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = self._by_path.get(scope["path"].removeprefix(root).rstrip("/"))
        if found is None:
            await self._app(scope, receive, send)
            return
        status, body = await self._gradio_page(scope, receive)
        if status != 200:
            await HTMLResponse(body, status)(scope, receive, send)
            return
        renderer, files = found
        scripts = startup_scripts(body.decode("utf-8"))
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": chat_policy(scripts, self._embedders),
        }
        # Its first call waits for the index.
        examples = await asyncio.to_thread(self._suggestions.to_start, renderer.language)
        page = renderer.page(scripts, files, examples, root)
        await HTMLResponse(page, headers=headers)(scope, receive, send)

    async def _gradio_page(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        """Ask the mounted Gradio application for its page, uncompressed and whole."""
        path = scope["path"].rstrip("/") + "/"
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        status, chunks = 500, []

        async def collect(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        inner = {**scope, "method": "GET", "path": path, "raw_path": path.encode(), "headers": headers}
        await self._app(inner, receive, collect)
        return status, b"".join(chunks)
