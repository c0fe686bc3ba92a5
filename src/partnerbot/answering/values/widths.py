"""One form for figures and their punctuation, whatever their width, without moving any character."""

from __future__ import annotations

import re

_TABLE = str.maketrans("０１２３４５６７８９％－／（）：\u3000", "0123456789%-/(): ")
# Between words a full-width comma is punctuation; only inside a figure does it belong to it.
_SEPARATOR = re.compile(r"(?<=[0-9])[，．](?=[0-9])")


def half_width(text: str) -> str:
    """Return the text with full-width figures as ASCII; every offset stays what it was."""
    return _SEPARATOR.sub(lambda match: "," if match[0] == "，" else ".", text.translate(_TABLE))
