"""Judge what a model wrote so that no fault of ours costs a visitor the answer."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")


def judged(judge: Callable[[], Outcome], otherwise: Outcome) -> Outcome:
    """Return what a judgement comes to, or `otherwise` if it breaks off: what isn't judged isn't shown.

    The log has the kind of error and its place, not its text, which may repeat the visitor's.
    """
    try:
        return judge()
    except Exception as error:  # a text of a model may hold anything
        place = traceback.extract_tb(error.__traceback__)[-1]
        _log.error(
            "What the model wrote could not be judged: %s at %s:%s",
            type(error).__name__,
            Path(place.filename).name,
            place.lineno,
        )
        return otherwise
