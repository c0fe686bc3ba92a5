"""Pages of PDFs and picture files as pictures, with the boxes of the words that an answer quotes."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from starlette.concurrency import run_in_threadpool

from partnerbot.documents.formats.tables import without_headings
from partnerbot.documents.metadata import PAGE_STARTS
from partnerbot.documents.pages import page_at
from partnerbot.documents.recognised import recognised_lines
from partnerbot.errors import NotAdmitted
from partnerbot.web.limits.client_store import ClientNames
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.links import QuotedSpan
from partnerbot.web.sources import pdf_page_child

log = logging.getLogger(__name__)

MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space for drawing one page; libraries alone take some 200 MB of it."""

CPU_SECONDS = 20
WALL_SECONDS = 30
"""Drawing a page of text takes well under a second; pictures and maps take more."""

KEPT = 64
"""Drawn pages kept in memory, some 100 kB each."""

AT_ONCE = 2
WAITING = 8
"""Requests that wait for that, two of one client at most; further ones get text."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the picture."""


@dataclass(frozen=True)
class PdfPage:
    """A page as WebP, its size in pixels, and where on it the quote and the answer in it stand.

    Both lists are empty if the words were not found on the page.
    """

    number: int
    picture: bytes
    width: int
    height: int
    quote: list[Rectangle]
    answer: list[Rectangle]


class PdfPages:
    """Draws pages, few at a time, and keeps the last ones; for one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], PdfPage] = OrderedDict()
        self._room = WaitingRoom(AT_ONCE, WAITING)

    async def page(
        self, file: Path, document: Document, passage: QuotedSpan, client: ClientNames
    ) -> PdfPage | None:
        """Return the page on which a passage of a document begins, for a client that asks.

        None if the page can't be drawn (the log has why), or if too many are being drawn, for all or for
        that client; the passage can be shown as text.
        """
        start, end = passage.start, passage.end
        number = page_at(document.metadata, start)
        if number is None:
            return None
        key = (file, file.stat().st_mtime_ns, start, end, passage.highlight)
        if (kept := self._kept_page(key)) is not None:
            return kept
        starts = json.loads(str(document.metadata[PAGE_STARTS]))
        text = document.page_content
        quote, cells = text[start:end], without_headings(text[start:end])
        before = without_headings(text[starts[number - 1] : start])
        # The headings of a row stand once on the page, somewhere above it.
        first, bare, whole = (len(pdf_page_child.letters(one)[0]) for one in (before, cells, quote))
        asked: dict[str, object] = {
            "quote": quote,
            "cells": cells,
            "lines": recognised_lines(document.metadata, number),
            "highlight": passage.highlight,
            "expected": first + whole - bare,
        }
        try:
            await self._room.enter(client)
        except NotAdmitted:
            return None
        try:
            # Two windows of one visitor may have asked for the same.
            drawn = self._kept_page(key) or await run_in_threadpool(_draw, file, number, asked)
        finally:
            self._room.leave(client)
        if drawn is not None:
            self._kept[key] = drawn
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return drawn

    def _kept_page(self, key: tuple[object, ...]) -> PdfPage | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)


def _draw(file: Path, number: int, asked: dict[str, object]) -> PdfPage | None:
    # -P: the child's folder holds modules with names that other packages use, such as language.
    command = [sys.executable, "-P", pdf_page_child.__file__, str(file), str(number)]
    command += [str(MEMORY_BYTES), str(CPU_SECONDS)]
    try:
        child = subprocess.run(
            command,
            input=json.dumps(asked).encode("ascii"),
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        log.warning("Page %s of %s took too long to draw", number, file)
        return None
    if child.returncode:
        reason = child.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        log.warning("Page %s of %s can't be drawn: %s", number, file, reason or child.returncode)
        return None
    about, _, picture = child.stdout.partition(b"\n")
    found = json.loads(about)
    return PdfPage(
        number,
        picture,
        found["width"],
        found["height"],
        [tuple(box) for box in found["quote"]],
        [tuple(box) for box in found["answer"]],
    )
