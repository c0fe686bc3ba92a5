"""Plain text files."""

from __future__ import annotations

from partnerbot.documents.formats.extracted import Extracted
from partnerbot.documents.lines import WRAP


def extract_plain_text(text: str) -> Extracted:
    """Return the text as it is; its title is for the reader of the clean text to find."""
    return Extracted(pages=(text.replace(WRAP, "\n"),))
