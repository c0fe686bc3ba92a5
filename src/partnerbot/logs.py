"""The log as JSON, for programs that collect it, and the name of the request that a line belongs to."""

import json
import logging
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The name of the request that is being answered; empty outside of one."""


def new_request_id() -> str:
    """Return a name that no other request has, and that tells nothing of who asks."""
    return secrets.token_hex(8)


def log_as_json() -> None:
    """Write each record of the log as JSON from now on, and one for every question."""
    logging.captureWarnings(True)
    logging.getLogger("partnerbot").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines())


class JsonLines(logging.Formatter):
    """One JSON object a line. Of an exception it says kind and place: its text may have a visitor's."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; what stands in its `figures` is among the keys."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if name := request_id.get():
            line["request"] = name
        line |= getattr(record, "figures", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = _errors(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _errors(error: BaseException | None) -> list[dict[str, Any]]:
    """Tell of an exception and of those that it came from, the last one first."""
    told = []
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        told.append({"kind": type(error).__qualname__, "at": places})
        error = error.__cause__ or error.__context__
    return told
