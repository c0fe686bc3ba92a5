"""One application for every surface, and the server that runs it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from inspect import signature
from typing import Any

import gradio as gr
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import RedirectResponse, Response
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES

from partnerbot import __version__
from partnerbot.errors import ConfigurationError
from partnerbot.web.accessibility import accessibility_pages
from partnerbot.web.address import AddressCheck
from partnerbot.web.api import ERROR_HANDLERS, api_router
from partnerbot.web.assets import LastingFiles, asset_routes
from partnerbot.web.chat.blocks import Chat
from partnerbot.web.chat.events import refuse_other_events
from partnerbot.web.chat.gradio_files import gradio_file_routes, startup_files
from partnerbot.web.chat.pages import ChatPages
from partnerbot.web.chat.theme import theme
from partnerbot.web.embedding import embedding_pages
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.headers import SecurityHeaders
from partnerbot.web.limits.body_limit import BodyLimit, refuse_long_session
from partnerbot.web.limits.client_address import ClientAddress
from partnerbot.web.limits.open_requests import OpenRequests, allow_open_files
from partnerbot.web.limits.request_heads import BoundedHeads
from partnerbot.web.limits.turned_away import TurnedAway
from partnerbot.web.origins import OriginCheck
from partnerbot.web.page_texts import languages
from partnerbot.web.privacy_page import privacy_pages
from partnerbot.web.protocol import Bot
from partnerbot.web.reception import Reception
from partnerbot.web.records.feedback import feedback_route
from partnerbot.web.render import Renderer
from partnerbot.web.routes import OpenRoutes
from partnerbot.web.sources.source_pages import source_pages, text_page
from partnerbot.web.visitor_language import preferred_language
from partnerbot.web.widget import widget_route

LONGEST_CONVERSATION = 1024 * 1024
"""Bytes: the chat page sends its conversation back, some 4 kB of JSON for each answer (conversation.py)."""

_PACKED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf")
"""What packing makes no smaller: of 50 MB it would hold the event loop for two seconds."""

REMEMBERED_SESSIONS = 50
"""Chat pages whose contents Gradio keeps, for each language, at 50 kB and their conversation: 10,000 unless
it is told otherwise. Nothing of ours needs them: a page sends its conversation with each question.
"""

_WITHOUT: dict[str, Any] = {
    "footer_links": [],
    "run_history": False,
    "enable_monitoring": False,
    "show_error": False,
    "ssr_mode": False,
    "pwa": False,
    "mcp_server": False,
    "allowed_paths": [],
}
"""What of Gradio no chat has."""

_KNOWN_TO_GRADIO = {
    name: value for name, value in _WITHOUT.items() if name in signature(gr.mount_gradio_app).parameters
}
"""Earlier versions of Gradio 6 don't have all of it."""


def create_app(bot: Bot) -> FastAPI:
    """Return the application: the API, the sources, and a chat page for each language."""
    reception = Reception(bot)
    suggestions = Suggestions(bot)

    @asynccontextmanager
    async def while_serving(_app: FastAPI) -> AsyncIterator[None]:
        purging = asyncio.create_task(reception.purge_in_time())
        suggestions.look_ahead()
        yield
        purging.cancel()

    app = FastAPI(
        title="partnerbot",
        version=__version__,
        # The documentation pages load scripts from another host.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=while_serving,
        exception_handlers=ERROR_HANDLERS,
    )
    app.include_router(api_router(bot, reception))
    app.include_router(source_pages(bot))
    app.include_router(privacy_pages(bot.settings))
    app.include_router(feedback_route(bot, reception.clients))
    app.include_router(widget_route(bot.settings))
    app.include_router(embedding_pages(bot))
    app.include_router(accessibility_pages(bot.settings))

    @app.get("/", include_in_schema=False)
    def home(request: Request) -> RedirectResponse:
        """Send a visitor to the chat in the language their browser asks for."""
        language = preferred_language(request.headers.get("accept-language"))
        root = request.scope.get("root_path", "")
        return RedirectResponse(f"{root}/{language}", 302, headers={"Vary": "Accept-Language"})

    startups = {}
    for language in languages():
        blocks = Chat(bot, reception, suggestions, language).blocks()
        blocks.state_session_capacity = REMEMBERED_SESSIONS
        components = frozenset(block.get_block_name() for block in blocks.blocks.values())
        startups[language] = startup_files(components, language)
        gr.mount_gradio_app(
            app,
            blocks,
            f"/{language}",
            theme=theme(),
            **_KNOWN_TO_GRADIO,
            app_kwargs={
                "docs_url": None,
                "redoc_url": None,
                "openapi_url": None,
                "exception_handlers": ERROR_HANDLERS,
                "dependencies": [Depends(refuse_long_session), Depends(refuse_other_events)],
            },
        )
    # Before the files of our own, whose address takes any path.
    app.include_router(gradio_file_routes(startups.values()))
    app.include_router(asset_routes(bot.settings))
    settings = bot.settings
    renderers = {language: Renderer.of(language, settings) for language in languages()}
    # The last that is added is the first that a request meets.
    app.add_middleware(
        ChatPages,
        renderers=renderers,
        startups=startups,
        suggestions=suggestions,
        embedders=settings.embedders,
    )
    app.add_middleware(LastingFiles)
    # Pages; files are compressed already, and streams of events are left alone.
    app.add_middleware(GZipMiddleware, minimum_size=1000, exclude_content_types=_PACKED_ALREADY)
    for language in languages():
        app.add_middleware(BodyLimit, path=f"/{language}/", longest=LONGEST_CONVERSATION)
    app.add_middleware(BodyLimit, path="/api/")
    app.add_middleware(OriginCheck, embedders=settings.embedders)
    app.add_middleware(OpenRoutes, languages=languages(), not_found=_not_found_pages(renderers))
    app.add_middleware(TurnedAway, door=reception.door)
    public = settings.public_address
    app.add_middleware(AddressCheck, public=public)
    app.add_middleware(OpenRequests)
    # Around all that refuses, so that a site that may ask can read why and when to ask again. Its presence
    # also keeps Gradio from sending headers of its own, which let any site read.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.embedders,
        allow_methods=["GET", "POST"],
        allow_headers=["Content-Type"],
        expose_headers=["Retry-After"],
    )
    over_tls = public is not None and public.scheme == "https"
    app.add_middleware(SecurityHeaders, over_tls=over_tls, contact=settings.contact)
    app.add_middleware(ClientAddress, proxies=settings.trusted_proxies)
    return app


def _not_found_pages(renderers: Mapping[str, Renderer]) -> dict[str, Response]:
    def page(render: Renderer) -> Response:
        errors = render.texts.errors
        return text_page(render.document_message(errors.not_found_heading, errors.not_found), 404)

    return {language: page(render) for language, render in renderers.items()}


class _AnnouncedServer(uvicorn.Server):
    """A server that says where it listens once it does."""

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            print(f"partnerbot answers at http://{host}:{port}/", file=sys.stderr, flush=True)


def serve(bot: Bot, host: str, port: int) -> None:
    """Serve until interrupted; port 0 takes a free one. The address is told on stderr.

    Raises: ConfigurationError if the server can't listen there.
    """
    refusal = f"The server can't listen on {host}:{port}. Choose another port: PARTNERBOT_PORT, or --port."
    try:
        # Looked at first: an application that has begun to read ahead can't be ended cleanly at once.
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise ConfigurationError(refusal) from error
    allow_open_files()
    config = uvicorn.Config(
        create_app(bot),
        host=host,
        port=port,
        http=BoundedHeads,
        server_header=False,
        # The application believes proxies by its own settings.
        proxy_headers=False,
        # Visitors' addresses and questions are not to be written down.
        access_log=False,
        log_level="warning",
        # A chat page keeps a connection open; it must not keep the server from ending.
        timeout_graceful_shutdown=3,
    )
    server = _AnnouncedServer(config)
    try:
        server.run()
    except SystemExit as stopped:
        raise ConfigurationError(refusal) from stopped
