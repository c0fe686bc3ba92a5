"""What takes a second to load and is the same for every test."""

from __future__ import annotations

from functools import cache

from partnerbot.models.reader import TrainedReader, load_reader


@cache
def the_reader() -> TrainedReader:
    """Return the embedded reader, loaded once."""
    return load_reader()
