"""`partnerbot mcp`: the documents as tools of an assistant on this machine, which starts it."""

from __future__ import annotations

from partnerbot.cli.terminal import IndexOption
from partnerbot.settings import load_settings


def mcp(index: IndexOption = None) -> None:
    """Serve an assistant on this machine by the Model Context Protocol, on stdin and stdout."""
    from partnerbot.bot import Partnerbot
    from partnerbot.web.mcp import mcp_server
    from partnerbot.web.reception import Reception

    # The one who asks is known, and no browser is there to solve anything.
    bot = Partnerbot.open(load_settings(index=index, challenge=False, limits_store="memory"))
    mcp_server(bot, Reception(bot)).run("stdio")
