"""Sentences that give orders to whoever reads them, in place of telling something.

An instruction planted in a document stands there word for word, so that a model which repeats it
can cite it. Such sentences are neither shown to a model nor taken from it. This is one of several
layers, and tells only the usual wordings; a document of an institution loses nothing by it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


def gives_orders(text: str) -> bool:
    """True if the text tells its reader what to do, as injected instructions do."""
    return bool(_orders().search(text))


@cache
def _orders() -> re.Pattern[str]:
    """The wordings of orders.txt: a pattern a line, and comments."""
    text = resources.files(__package__).joinpath("orders.txt").read_text("utf-8")
    patterns = [line for line in text.splitlines() if line and not line.startswith("# ")]
    return re.compile("|".join(patterns), re.IGNORECASE)
