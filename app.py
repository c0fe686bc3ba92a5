"""Index the documents, then serve the chat: settings -> bot -> server."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from partnerbot.bot import Partnerbot
from partnerbot.cli.index import index_documents
from partnerbot.cli.terminal import log_to_screen
from partnerbot.errors import ConfigurationError, IndexUnavailable, PartnerbotError, SyncFailed
from partnerbot.settings import load_settings


def main() -> None:
    """Bring the index up to date and serve; what is there already is served where that fails."""
    log_to_screen(answers=True)
    settings = load_settings()
    try:
        index_documents(settings)
    except (ConfigurationError, IndexUnavailable, SyncFailed) as error:
        print(f"partnerbot: {error}", file=sys.stderr)
    gc.disable()  # while all is loaded: it would take a seventh of the time; serve enables it
    with ThreadPoolExecutor(1) as aside:
        # Opening models leaves Python free two thirds of the time; importing Gradio needs nothing else.
        web = aside.submit(import_module, "partnerbot.web.app")
        bot = Partnerbot.open(settings)
        bot.await_visitors()
    web.result().serve(bot, settings.host, settings.port)


if __name__ == "__main__":
    try:
        main()
    except PartnerbotError as error:
        sys.exit(f"partnerbot: {error}")
