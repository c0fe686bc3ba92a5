"""Fluent answers by a language model, every sentence verified before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnerbot.errors import needing

if TYPE_CHECKING:
    from partnerbot.models.embeddings import EmbeddingModel
    from partnerbot.models.reader import Reader
    from partnerbot.settings import Settings
    from partnerbot.writing.writer import Writer


def open_writer(settings: Settings, model: EmbeddingModel, reader: Reader) -> Writer | None:
    """Set the language model up, if the settings name one: nothing of it is imported before.

    Raises: ConfigurationError.
    """
    if not settings.llm:
        return None
    from partnerbot.models.reader import TrainedReader
    from partnerbot.writing.provider import extra_for

    with needing(extra_for(settings), f"PARTNERBOT_LLM={settings.llm}"):
        from partnerbot.writing.writer import Writer
    return Writer.open(settings, model, reader if isinstance(reader, TrainedReader) else None)
