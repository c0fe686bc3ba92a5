"""One application for every surface, and the server that runs it."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import RedirectResponse
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from partnerbot import __version__
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, PartnerbotError
from partnerbot.settings import Settings
from partnerbot.web.address import AddressCheck
from partnerbot.web.api import api_router
from partnerbot.web.assets import asset_routes
from partnerbot.web.chat.blocks import Chat
from partnerbot.web.chat.gradio_page import StartupFiles, gradio_file_routes, mount_chat
from partnerbot.web.completions import completion_routes
from partnerbot.web.contrast import hard_to_read
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.headers import SecurityHeaders
from partnerbot.web.limits.entrance import Entrance
from partnerbot.web.metrics import Metrics
from partnerbot.web.page_texts import wanted
from partnerbot.web.reception import Reception
from partnerbot.web.records.feedback import feedback_route
from partnerbot.web.refusals import error_handlers
from partnerbot.web.register.pages import register_pages
from partnerbot.web.render import Renderer
from partnerbot.web.routes import Gate
from partnerbot.web.sources.source_pages import source_pages, text_page
from partnerbot.web.staff.pages import staff_pages
from partnerbot.web.statements import statement_pages
from partnerbot.web.widget import embedding_pages

_PACKED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf")
"""What packing makes no smaller: of 50 MB it would hold the event loop for two seconds."""


def create_app(
    bot: Partnerbot, chats: Sequence[str] | None = None, metrics: Metrics | None = None
) -> FastAPI:
    """Return the application: the API, the sources, and chat pages.

    `chats`: the languages that have a chat page, all by default; Gradio takes half a second for each.
    """
    reception = Reception(bot, metrics)
    settings, renderers = bot.settings, Renderer.of_all(bot.settings)
    suggestions = Suggestions(bot)
    handlers = error_handlers(
        {code: partial(text_page, render.not_found(), 404) for code, render in renderers.items()}
    )

    @asynccontextmanager
    async def while_serving(_app: FastAPI) -> AsyncIterator[None]:
        purging = asyncio.create_task(reception.purge_in_time())
        if startups:
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
        exception_handlers=handlers,
        redirect_slashes=False,
    )
    app.state.reception = reception
    app.include_router(api_router(bot, reception))
    app.include_router(source_pages(bot, reception.clients))
    if settings.owner.partnerships:
        app.include_router(register_pages(bot))
    app.include_router(statement_pages(settings))
    app.include_router(feedback_route(bot, reception.clients, reception.records))
    app.include_router(embedding_pages(settings, reception.records))
    if settings.has_staff_page:
        app.include_router(staff_pages(bot, reception.clients, reception.records))
    if settings.completions:
        app.include_router(completion_routes(bot, reception))

    @app.get("/", include_in_schema=False)
    def home(request: Request) -> RedirectResponse:
        """Send a visitor to the chat in the language their browser asks for."""
        language = wanted(request, renderers).language
        return RedirectResponse(f"{settings.prefix}/{language}", 302, headers={"Vary": "Accept-Language"})

    if settings.mcp:
        # The protocol's library is there for those who want it.
        from partnerbot.web.mcp import mcp_routes, mcp_server

        app.include_router(mcp_routes(mcp_server(bot, reception)))

    startups = []
    for renderer in map(renderers.__getitem__, renderers if chats is None else chats):
        blocks = Chat(reception, suggestions, renderer).blocks()
        own_page = partial(_page, bot, suggestions, renderer)
        startups.append(mount_chat(app, blocks, renderer, own_page, settings.embedders, handlers))
    # Before the files of our own, whose address takes any path.
    app.include_router(gradio_file_routes(startups))
    app.include_router(asset_routes(settings))
    # The last that is added is the first that a request meets.
    # Pages; files are compressed already, and streams of events are left alone.
    app.add_middleware(GZipMiddleware, minimum_size=1000, exclude_content_types=_PACKED_ALREADY)
    app.add_middleware(Gate, embedders=settings.embedders)
    per_minute = settings.requests_per_minute
    app.add_middleware(Entrance, clients=reception.clients, requests_per_minute=per_minute)
    public = settings.public_address
    app.add_middleware(AddressCheck, public=public, proxies=settings.trusted_proxies)
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
    app.add_middleware(SecurityHeaders, over_tls=over_tls, contact=settings.contact, metrics=metrics)
    if settings.trusted_proxies:  # from anyone else X-Forwarded-For is only a claim
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def _page(
    bot: Partnerbot, suggestions: Suggestions, render: Renderer, scripts: str, files: StartupFiles
) -> str:
    """Return the page around the chat, with what there is to answer from: nothing without an index."""
    examples = suggestions.to_start(render.language)
    try:
        return render.page(scripts, files, examples, bot.ready().languages, bool(bot.register().partnerships))
    except PartnerbotError:
        return render.page(scripts, files, examples, {}, partnerships=False)


# ---- The server that runs it -------------------------------------------------------------------


BOUNDED_HEADS: dict[str, Any] = {"http": "h11", "h11_max_incomplete_event_size": 64 * 1024}
"""uvicorn's parser that keeps no more of an address and headers, eight times what nginx lets through by
default, and reads no request before the one ahead of it is answered."""

log = logging.getLogger(__name__)

ENDING_SECONDS = 20.0
"""How long a server that is told to end still answers, beside the time that a language model is given: a full
waiting room takes half of it."""


class _Server(uvicorn.Server):
    """A server that says where it listens once it does, and ends when it has answered who had asked."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self._reception: Reception = app.state.reception
        self._settings = settings

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            told = f"partnerbot answers at http://{host}:{port}/"
            if self._settings.log == "json":
                log.info(told)
            else:
                print(told, file=sys.stderr, flush=True)

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Take no more connections, let the answers under way end, then close what is open."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        clock = asyncio.get_running_loop().time
        until = clock() + ENDING_SECONDS + (self._settings.llm_answer_seconds if self._settings.llm else 0)
        while self._reception.under_way and not self.force_exit and clock() < until:
            await asyncio.sleep(0.1)
        await super().shutdown(sockets)


def _warn_of_colours(settings: Settings) -> None:
    if hard := list(hard_to_read(settings.owner.colours)):
        more = f"; and {len(hard) - 1} more" if hard[1:] else ""
        change = f"Change it in {settings.appearance}; all are named by: partnerbot doctor"
        log.warning("Hard to read: %s%s. %s", hard[0], more, change)


def serve(bot: Partnerbot, host: str, port: int) -> None:
    """Serve until told to end; port 0 takes a free one. The address is told on stderr.

    Raises: ConfigurationError if the server can't listen there, or not where the settings have figures asked
        for, or what counts them is not installed.
    """
    settings = bot.settings
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except OSError as error:
        told = f"The server can't listen on {host}:{port} ({error.strerror}). Choose another: "
        raise ConfigurationError(f"{told}PARTNERBOT_HOST and PARTNERBOT_PORT, or --host, --port.") from error
    metrics = Metrics(bot) if settings.metrics_port else None
    if metrics is not None:
        metrics.serve(settings.metrics_host, settings.metrics_port)
    _warn_of_colours(settings)
    app = create_app(bot, metrics=metrics)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        **BOUNDED_HEADS,
        server_header=False,
        # The application believes proxies by its own settings.
        proxy_headers=False,
        # Visitors' addresses and questions are not to be written down.
        access_log=False,
        log_config=None,
        log_level="warning",
        # A chat page keeps a connection open; it must not keep the server from ending.
        timeout_graceful_shutdown=3,
    )
    server = _Server(config, app, settings)
    # What is loaded by now stays: looking through all of it would make some visitor wait.
    gc.freeze()
    gc.enable()
    with listening:
        server.run([listening])
