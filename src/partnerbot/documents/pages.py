"""Which page of a PDF a place in its text is on."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping

from partnerbot.documents.metadata import PAGE_STARTS


def page_at(metadata: Mapping[str, object], offset: int) -> int | None:
    """Return the page, counted from 1, of character `offset` of the document with this metadata.

    None for a document without pages.

    >>> page_at({"page_starts": "[0, 120, 120, 300]"}, 120)
    3
    """
    starts = metadata.get(PAGE_STARTS)
    if not starts:
        return None
    return max(1, bisect_right(json.loads(str(starts)), offset))
