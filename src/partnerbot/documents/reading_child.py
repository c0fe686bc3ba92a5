"""Reads documents in a process of its own, one after the other: `python -m …reading_child LIMITS`.

A document from outside can make a parser use any amount of memory or time, or break it; here that ends this
process and nothing else. Each line of the input is a JSON object that says what to read; each is answered by
one line: what was read, or the reason why it is refused. `reading.py` is at the other end.
"""

import json
import logging
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

from partnerbot.documents.formats import ReadingLimits
from partnerbot.documents.formats.html import extract_html
from partnerbot.documents.loading import broken_down, load_document
from partnerbot.documents.recognised import PagesWithoutText, RecognisedPage
from partnerbot.errors import DocumentExcluded, DocumentRejected


def _document(asked: dict[str, Any], limits: ReadingLimits) -> dict[str, Any]:
    said = asked["recognised"]
    pages = None if said is None else {int(page): RecognisedPage.of(read) for page, read in said.items()}
    try:
        document = load_document(Path(asked["path"]), asked["source"], limits, pages)
    except PagesWithoutText as found:
        return {"without_text": found.pages}
    return {"text": document.page_content, "metadata": document.metadata}


def _recognise(asked: dict[str, Any], _: ReadingLimits) -> dict[str, Any]:
    from partnerbot.documents.recognition import recognise

    return {"page": recognise(Path(asked["path"]), asked["page"], by_tesseract=asked["by_tesseract"])}


def _page(asked: dict[str, Any], limits: ReadingLimits) -> dict[str, Any]:
    extracted = extract_html(asked["markup"], asked["address"])
    limits.check(sum(map(len, extracted.pages)))
    return asdict(extracted)


_DOES: dict[str, Callable[[dict[str, Any], ReadingLimits], dict[str, Any]]] = {
    "document": _document,
    "page": _page,
    "recognise": _recognise,
}


def _answer(asked: dict[str, Any], limits: ReadingLimits) -> dict[str, Any]:
    try:
        return _DOES[asked["do"]](asked, limits)
    except DocumentRejected as reason:
        return {"refused": str(reason), "excluded": isinstance(reason, DocumentExcluded)}
    except MemoryError:
        return {"out_of_memory": True}
    except Exception as error:  # of the many libraries at work, any may raise anything
        return {"refused": broken_down(error)}


def _limit(memory_bytes: int) -> None:
    for name, limit in (("RLIMIT_AS", memory_bytes), ("RLIMIT_CORE", 0)):
        with suppress(ValueError, OSError):  # macOS refuses a limit on address space
            resource.setrlimit(getattr(resource, name), (limit, limit))


def _limit_time(cpu_seconds: int) -> None:
    """Let this process be ended by a signal after so many more seconds of processor time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + cpu_seconds, hard))


def main() -> None:
    """Read what the lines of the input ask for, within the limits that the argument states."""
    limits = ReadingLimits(**json.loads(sys.argv[1]))
    # What a library prints is no answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    remarks = BufferingHandler(sys.maxsize)  # what the readers of ours warn of, for the process that asked
    remarks.setLevel(logging.WARNING)
    logging.getLogger("partnerbot").addHandler(remarks)
    _limit(limits.memory_bytes)
    for line in sys.stdin:
        _limit_time(limits.cpu_seconds)
        answer = _answer(json.loads(line), limits)
        said = [record.getMessage() for record in remarks.buffer]
        print(json.dumps({**answer, "remarks": said}), file=answers, flush=True)
        remarks.flush()


if __name__ == "__main__":
    main()
