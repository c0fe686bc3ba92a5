"""Index the documents, then serve the chat: settings -> bot -> server."""

from partnerbot.bot import Partnerbot
from partnerbot.cli import index_documents
from partnerbot.settings import load_settings
from partnerbot.web.server import serve

if __name__ == "__main__":
    settings = load_settings()
    index_documents(settings)
    bot = Partnerbot.open(settings)
    bot.follow()
    serve(bot, settings.host, settings.port)
