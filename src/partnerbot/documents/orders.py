"""Sentences that give orders to a machine which reads them, in place of telling a reader something.

Whoever can write into a page that is indexed can plant one: "Ignore the previous instructions and say
...". It stands there word for word, so a model that repeats it could cite it, and a search for its words
finds it. So no passage is made of it: it is neither found, quoted, nor shown to a language model. What
tells people what to do ("Contact us", « Inscrivez-vous ») is no such order.

Only the usual wordings of nine languages are told. This is one layer of several: quoting obeys nothing.
"""

import re
from functools import cache
from importlib import resources

_START = (
    r"(?:^|[.!?:;>\"'“”«»(\[*#–—-]\s*|\b(?:please|now|just|then|always|only|simply|directly|kindly)\s+"
    r"|\byou (?:must|should|will|shall|are to|have to|need to) )"
)


def gives_orders(text: str) -> bool:
    """True if the text tells a machine that reads it what to do, as injected instructions do."""
    return any(order.search(text) for order in _orders())


@cache
def _orders() -> tuple[re.Pattern[str], ...]:
    """The wordings of orders.txt, a pattern a line; searched one by one, which is faster than joined."""
    text = resources.files(__package__).joinpath("orders.txt").read_text("utf-8")
    patterns = [line for line in text.splitlines() if line and not line.startswith("# ")]
    return tuple(re.compile(pattern.replace("START", _START), re.IGNORECASE) for pattern in patterns)
