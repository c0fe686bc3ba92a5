"""Pages of PDFs as pictures, with the boxes of the words that an answer quotes."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from partnerbot.documents.metadata import PAGE_STARTS
from partnerbot.documents.pages import page_at
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
WAITING = 6
"""Requests that wait for that. Each holds one of the server's forty threads; further ones get text."""

OF_ONE = 3
"""Requests of one client among them, of which one is drawn at a time: the other place is for others."""

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
    """Draws pages, few at a time, and keeps the last ones. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], PdfPage] = OrderedDict()
        self._keeping = threading.Lock()
        self._turns = threading.Condition()
        self._seated: Counter[str] = Counter()
        self._drawing: set[str] = set()

    def page(
        self,
        file: Path,
        document: Document,
        start: int,
        end: int,
        highlight: tuple[int, int] | None,
        client: str = "",
    ) -> PdfPage | None:
        """Return the page on which the passage [start, end) of a document begins.

        `highlight`: the answer's span inside the passage. `client`: who asks. None if the page can't be
        drawn (the log has why), or if too many are being drawn, for all or for that client; the passage
        can be shown as text.
        """
        number = page_at(document.metadata, start)
        if number is None:
            return None
        key = (file, file.stat().st_mtime_ns, start, end, highlight)
        if (kept := self._kept_page(key)) is not None:
            return kept
        starts = json.loads(str(document.metadata[PAGE_STARTS]))
        before, _ = pdf_page_child.letters(document.page_content[starts[number - 1] : start])
        asked: dict[str, object] = {
            "quote": document.page_content[start:end],
            "highlight": highlight,
            "expected": len(before),
        }
        with self._turns:
            if self._seated.total() >= AT_ONCE + WAITING or self._seated[client] >= OF_ONE:
                return None
            self._seated[client] += 1
            self._turns.wait_for(lambda: len(self._drawing) < AT_ONCE and client not in self._drawing)
            self._drawing.add(client)
        try:
            # Two windows of one visitor may have asked for the same.
            drawn = self._kept_page(key) or _draw(file, number, asked)
        finally:
            with self._turns:
                self._drawing.remove(client)
                self._seated[client] -= 1
                if not self._seated[client]:
                    del self._seated[client]
                self._turns.notify_all()
        if drawn is not None:
            with self._keeping:
                self._kept[key] = drawn
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return drawn

    def _kept_page(self, key: tuple[object, ...]) -> PdfPage | None:
        with self._keeping:
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
