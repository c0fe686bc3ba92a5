"""All that goes beyond what Gradio offers: how its page begins, which files it loads, what its routes take.

Gradio is built for many uses and this chat is one, so a few things are done otherwise. Where a patch doesn't
fit the installed build, it is left out with a warning, and Gradio's own way is what there is: heavier, and
whole. `tests/web/test_gradio_page.py` tells which one no longer fits. In the browser, static/early.js and
static/connection.js know its addresses. What each patch buys was measured with Gradio 6.31.0 on 2 cores of
AMD EPYC with other work, 2026-11-29:

- No application for each layout (`laid_out`): 2.0 s until a server for four languages is made, not 8.4.
- Files packed once, by Brotli (`gradio_file_routes`): 188 kB on a first visit; by gzip, at each request, 218.
- Files named in the page, styles as one (`startup_files`): scripts would find one another in eight journeys
  to the server, and styles come in 16 files.
- Our page around Gradio's start (`mount_chat`): its own says lang="en" whatever it shows, names itself to
  link previews, and has neither notice nor box before its scripts have run.
- Events that no page sends are refused (`_only_our_events`): Gradio would print their words into the log.
- Few pages are remembered (`REMEMBERED_SESSIONS`): Gradio keeps 10,000 a language, at 50 kB each.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import tomllib
from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

import gradio as gr
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from gradio import __version__ as gradio_version
from gradio.routes import App
from httpx import ASGITransport, AsyncClient
from markupsafe import escape
from pydantic import TypeAdapter, ValidationError
from starlette.routing import Mount

from partnerbot.web.assets import Asset
from partnerbot.web.headers import policy
from partnerbot.web.refusals import ErrorHandlers
from partnerbot.web.render import Renderer
from partnerbot.web.routes import only_open

log = logging.getLogger(__name__)

REMEMBERED_SESSIONS = 50
"""Chat pages whose contents Gradio keeps, for each language. Nothing of ours needs them: a page sends its
conversation with each question."""

LONGEST_SESSION = 64
"""Characters of the name that a chat page gives itself, `session_hash`: Gradio's own have eleven, and it
remembers the names of thousands."""


@cache
def _left_out(patch: str, why: str) -> None:
    log.warning(
        "The chat works, without %s: Gradio %s is not the version that constraints.txt names. %s",
        patch,
        gradio_version,
        why,
    )


# ---- Layout and mounting -------------------------------------------------------------------------


def laid_out(lay_out: Callable[[], gr.Blocks]) -> gr.Blocks:
    """Return a layout, for which Gradio makes no web application: only the one that mounting makes is served.

    It would make two, at the beginning and at the end of each layout.
    """
    make = App.create_app
    App.create_app = staticmethod(lambda *_, **__: None)  # type: ignore[method-assign, assignment]
    try:
        return lay_out()
    except AttributeError as unfit:
        _left_out("its quick start", str(unfit))
    finally:
        App.create_app = staticmethod(make)  # type: ignore[method-assign]
    return lay_out()


def mount_chat(
    app: FastAPI,
    blocks: gr.Blocks,
    renderer: Renderer,
    own_page: Callable[[str, StartupFiles], str],
    embedders: tuple[str, ...],
    handlers: ErrorHandlers,
) -> StartupFiles:
    """Serve a layout at /<language>, in our page; return the files that this begins with.

    `own_page`: makes it of Gradio's inline scripts and those files; it may wait for the index. `embedders`:
    the origins of other sites that may show the chat in a frame. `handlers`: of errors in Gradio's routes.
    """
    path = f"/{renderer.language}"
    begun_with = startup_files(renderer.language)

    @app.get(path, include_in_schema=False)
    @app.get(f"{path}/", include_in_schema=False)
    async def chat(request: Request) -> Response:
        status, gradios = await _gradio_page(mount, path, request)
        if status != 200:
            return HTMLResponse(gradios, status)
        scripts = startup_scripts(gradios)
        if scripts is None or not begun_with.styles:
            page = _gradios_own(gradios, renderer, request.scope.get("root_path", ""))
            policy = chat_policy(gradios, embedders, plain=True)
        else:
            page = await asyncio.to_thread(own_page, scripts, begun_with)
            policy = chat_policy(scripts, embedders)
        return HTMLResponse(page, headers={"Cache-Control": "no-cache", "Content-Security-Policy": policy})

    blocks.state_session_capacity = REMEMBERED_SESSIONS
    gr.mount_gradio_app(
        app,
        blocks,
        path,
        theme=theme(),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        allowed_paths=[],
        app_kwargs={
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
            "exception_handlers": handlers,
            "dependencies": [Depends(_only_our_events(blocks))],
        },
    )
    mount = cast(Mount, app.routes[-1])
    mount.app = only_open(mount.app)
    return begun_with


_TEXTS = TypeAdapter(list[str | None])
"""What an event takes: the contents of text boxes. A conversation, too, is a text."""


def _only_our_events(blocks: gr.Blocks) -> Callable[[Request], Any]:
    """Return a dependency of Gradio's routes that refuses, before Gradio reads it, what no page sends.

    It is one of the routes' own, so that a body is read once, and as Gradio reads it.
    """
    events = getattr(blocks, "fns", {})
    known = bool(events) and all(
        hasattr(event, "fn") and hasattr(event, "inputs") for event in events.values()
    )
    if not known:
        _left_out("refusing what no page sends", "Its events have another form.")

    async def only_our_events(request: Request) -> None:
        """Raises: RequestValidationError, without what was sent."""
        if request.method != "POST":
            return
        try:
            body = await request.json()
        except ValueError:  # the route refuses it
            return
        if not isinstance(body, dict):
            return
        session = body.get("session_hash")
        if isinstance(session, str) and len(session) > LONGEST_SESSION:
            told = f"String should have at most {LONGEST_SESSION} characters"
            raise RequestValidationError([{"loc": ("body", "session_hash"), "msg": told}])
        if known and "data" in body and not _is_ours(body, events):
            raise RequestValidationError([{"loc": ("body", "data"), "msg": "Not an event of this page"}])

    return only_our_events


def _is_ours(body: dict[str, Any], events: dict[int, Any]) -> bool:
    number, data = body.get("fn_index"), body["data"]
    event = events.get(number) if isinstance(number, int) else None
    # Without a function of its own it only ends others, which the page does by another route.
    if event is None or event.fn is None or not isinstance(data, list) or len(data) != len(event.inputs):
        return False
    try:
        _TEXTS.validate_python(data, strict=True)
    except ValidationError:
        return False
    return True


# ---- The page ------------------------------------------------------------------------------------

_CONFIGURATION = re.compile(r"<script>window\.gradio_config = .*?</script>", re.DOTALL)
_ENDPOINTS = re.compile(r"<script>window\.gradio_api_info = .*?</script>", re.DOTALL)
"""What Gradio's scripts need from its page. Without the second they ask the server for it."""

_APP_MODE = '<script>window.__gradio_mode__ = "app";</script>'

_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

ICON_STYLE = ".cls-1 {\n\t\t\t\tfill: none;\n\t\t\t}"
"""The one style element that Gradio writes into a page of ours: inside the picture of its stop button."""


def startup_scripts(gradio_page: str) -> str | None:
    """Return the inline scripts of Gradio's page that it starts from; None if it has none that we know."""
    configuration, endpoints = (pattern.search(gradio_page) for pattern in (_CONFIGURATION, _ENDPOINTS))
    if configuration is None or "<gradio-app" not in gradio_page:
        _left_out("a page of our own", "Its page has another form.")
        return None
    return "\n".join([_APP_MODE, configuration[0], *([endpoints[0]] if endpoints else [])])


def chat_policy(markup: str, embedders: tuple[str, ...], *, plain: bool = False) -> str:
    """Return the Content-Security-Policy of a chat page with the inline scripts of `markup`.

    Scripts are this server's files and, each by its hash, those. No other inline script can run, however it
    came into the page. `plain`: the page is Gradio's own, which has style elements too.
    """
    style = "'unsafe-inline'" if plain else _hash(ICON_STYLE)
    scripts = " ".join(map(_hash, _INLINE_SCRIPT.findall(markup)))
    # Gradio's notices (a lost connection) have style attributes, whose texts vary. They can load nothing:
    # pictures and fonts come from this server only.
    return policy(
        f"script-src 'self' {scripts}; style-src 'self' {style}; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; "
        f"frame-ancestors 'self' {' '.join(embedders)}"
    )


def _hash(inline: str) -> str:
    """Return the source that allows one inline text and no other."""
    return f"'sha256-{b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


async def _gradio_page(mount: Mount, path: str, request: Request) -> tuple[int, str]:
    whole = f"{request.scope.get('root_path', '')}{path}"
    asked = ASGITransport(mount.app, root_path=whole, client=request.client or ("", 0))
    async with AsyncClient(transport=asked, base_url=str(request.base_url.replace(path=""))) as client:
        page = await client.get(f"{whole}/", headers={"Accept-Encoding": "identity"})
    return page.status_code, page.text


def _gradios_own(page: str, renderer: Renderer, root: str) -> str:
    """Return Gradio's page with our colours, and with what visitors must read before they ask."""
    # Its files are named relative to an address that ends with a slash. The first base counts.
    base = f'<head><base href="{root}/{renderer.language}/">'
    style = f'<link rel="stylesheet" href="{root}/static/style.css"></head>'
    notice = f'<p class="pb-notice" lang="{renderer.language}">{escape(renderer.texts.page.notice)}</p>'
    page = page.replace("<head>", base, 1).replace("</head>", style, 1)
    return re.sub("<body[^>]*>", lambda body: body[0] + notice, page, count=1)


# ---- Its files -----------------------------------------------------------------------------------

_BUILD = files("gradio").joinpath("templates", "frontend", "assets")

_SCRIPT = re.compile(r'<script type="module"[^>]* src="\./assets/([\w.-]+)"')
_STYLE = re.compile(r'<link rel="stylesheet"[^>]* href="\./assets/([\w.-]+)"')


@dataclass(frozen=True)
class StartupFiles:
    """What a chat page begins with: scripts and styles by name, in the order they are needed.

    The first of each are those that Gradio's own page names.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]

    @property
    def stylesheet(self) -> str:
        """The name of the one file that has all the styles, and Gradio's theme."""
        return f"chat-{hashlib.sha256(_stylesheet(self.styles)).hexdigest()[:12]}.css"


@cache
def startup_files(language: str) -> StartupFiles:
    """Return the files that a page asks for before it can be used.

    Of another Gradio than gradio_files.toml was written for, only those that its own page names: its scripts
    find the others, one after the other.
    """
    listed = tomllib.loads(files("partnerbot.web.chat").joinpath("gradio_files.toml").read_text("utf-8"))
    if listed["gradio"] == gradio_version:
        words = filter(None, [listed["words"].get(language)])
        return StartupFiles((*listed["scripts"], *words), tuple(listed["styles"]))
    _left_out("naming all its files at once", "Run tools/gradio_files/record.py.")
    index = _BUILD.joinpath("..", "index.html").read_text(encoding="utf-8")
    return StartupFiles(tuple(_SCRIPT.findall(index)), tuple(_STYLE.findall(index)))


def _text(name: str) -> str:
    return _BUILD.joinpath(name).read_text(encoding="utf-8")


@cache
def _stylesheet(styles: tuple[str, ...]) -> bytes:
    of_theme = getattr(theme(), "_get_theme_css", None)
    if of_theme is None:
        _left_out("its colours from the first moment on", "Its theme has another form.")
    return "\n".join([*map(_text, styles), of_theme() if of_theme else ""]).encode()


@cache
def _names() -> frozenset[str]:
    """Return the names of Gradio's files, so that no address can lead elsewhere."""
    return frozenset(entry.name for entry in _BUILD.iterdir() if entry.is_file())


def gradio_file_routes(startups: Collection[StartupFiles]) -> APIRouter:
    """Return the route /static/gradio/<name>, where each file's name changes with its content."""
    router = APIRouter()
    stylesheets = {begun.stylesheet: begun.styles for begun in startups}

    @cache
    def asset(name: str) -> Asset:
        styles = stylesheets.get(name)
        return Asset.of(name, _BUILD.joinpath(name).read_bytes() if styles is None else _stylesheet(styles))

    @router.api_route("/static/gradio/{name}", methods=["GET", "HEAD"], include_in_schema=False)
    def gradio_file(name: str, request: Request) -> Response:
        if name not in stylesheets and name not in _names():
            return Response(status_code=404)
        return asset(name).response(request, lasts=True)

    return router


# ---- Its theme ---------------------------------------------------------------------------------


_TOKENS = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--ink-soft)",
    "background_fill_primary": "var(--paper)",
    "background_fill_secondary": "var(--paper)",
    "block_background_fill": "transparent",
    "border_color_primary": "var(--line)",
    "color_accent_soft": "var(--tint)",
    "input_background_fill": "var(--card)",
    "input_border_color": "var(--line-strong)",
    "input_border_color_focus": "var(--accent)",
    "input_placeholder_color": "var(--ink-soft)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent-deep)",
    "button_primary_text_color": "var(--on-accent)",
    "button_primary_text_color_hover": "var(--on-accent)",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--tint)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_text_color_hover": "var(--ink)",
    "link_text_color": "var(--accent)",
    "link_text_color_hover": "var(--accent-deep)",
    "link_text_color_visited": "var(--accent)",
    "link_text_color_active": "var(--accent-deep)",
}


def theme() -> gr.themes.Base:
    """Return the theme, which follows the tokens of static/style.css: these change from light to dark.

    No font is loaded: the visitor's system has better ones for Japanese.
    """
    base = gr.themes.Base(font="var(--sans)", font_mono="ui-monospace", radius_size="sm")
    # A variant that a theme does not have is refused, so only the dark ones that exist are set.
    dark = {f"{name}_dark": value for name, value in _TOKENS.items() if hasattr(base, f"{name}_dark")}
    return base.set(**_TOKENS, **dark)
