"""`partnerbot serve` and `mcp`: answers for visitors, programs and assistants; `pause` and `resume`."""

import gc
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Annotated

import typer

from partnerbot.cli.terminal import IndexOption, log_to_screen, say
from partnerbot.logs import log_as_json
from partnerbot.settings import load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat and the HTTP API."""
    gc.disable()  # while all is loaded: it would take a seventh of the time; the server enables it
    from partnerbot.bot import Partnerbot

    log_to_screen(answers=True)
    settings = load_settings(host=host, port=port, index=index)
    if settings.log == "json":
        log_as_json()
    with ThreadPoolExecutor(1) as aside:  # as app.py does
        web = aside.submit(import_module, "partnerbot.web.app")
        bot = Partnerbot.open(settings)
        bot.await_visitors()
    web.result().serve(bot, settings.host, settings.port)


def pause(
    message: Annotated[
        str, typer.Argument(help="What visitors are told; without it, a general sentence.")
    ] = "",
) -> None:
    """Stop answering questions until `partnerbot resume`."""
    from partnerbot.web.limits import pause

    pause.pause(load_settings().state, message)
    say("Paused. No question is answered until: partnerbot resume")


def resume() -> None:
    """Answer questions again."""
    from partnerbot.web.limits import pause

    ended = pause.resume(load_settings().state)
    say("Questions are answered again." if ended else "Nothing was paused.")


def mcp(index: IndexOption = None) -> None:
    """Serve an assistant on this machine by MCP, on stdin and stdout."""
    from partnerbot.bot import Partnerbot
    from partnerbot.web.mcp import mcp_server
    from partnerbot.web.reception import Reception

    # The one who asks is known, and no browser is there to solve anything.
    bot = Partnerbot.open(load_settings(index=index, challenge=False, limits_store="memory"))
    mcp_server(bot, Reception(bot)).run("stdio")
