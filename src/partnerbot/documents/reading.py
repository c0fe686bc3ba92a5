"""Reads documents within limits, and outlives those that break what reads them."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from langchain_core.documents import Document

import partnerbot
from partnerbot.documents.formats import DEFAULT_LIMITS, Extracted, ReadingLimits
from partnerbot.documents.loading import MARKUP_AND_BINARY, load_document
from partnerbot.documents.recognised import UNREAD, KeptPages, RecognisedPage
from partnerbot.documents.recognition import tesseracts_languages
from partnerbot.errors import DocumentExcluded, DocumentRejected

_log = logging.getLogger(__name__)

OnProgress = Callable[[str, int, int], None]
"""Called with a stage (such as "read" or "embed"), what is done of it, and its total."""

MAX_BYTES_READ_HERE = 32 * 1024
"""Text and Markdown up to this are read in this process: quicker than starting another one, which takes half
a second. Reading takes time in proportion to their length."""

_CHILD = "partnerbot.documents.reading_child"
_BROKEN = "it breaks the program that reads it. Save it again, or in another format."


class DocumentReader:
    """Reads documents one after the other, all but short texts in a child process that has limits.

    The child is started when first needed, and again after a document that ended it: such a document is
    refused like any other that can't be read. Close it, or use it as a context manager. For one thread.
    """

    def __init__(
        self,
        limits: ReadingLimits = DEFAULT_LIMITS,
        recognised: Path | None = None,
        on_progress: OnProgress = lambda *_: None,
        *,
        by_tesseract: bool = False,
    ) -> None:
        """`recognised`: a folder in which pages that are pictures are kept once they were read by text
        recognition; None to leave them unread. `on_progress`: called for each such page of a document.

        Raises: ConfigurationError if they are to be read `by_tesseract`, and it is missing.
        """
        if by_tesseract:
            tesseracts_languages()
        self._by_tesseract = by_tesseract
        self._limits = limits
        self._recognised = recognised
        self._on_progress = on_progress
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def document(self, path: Path, source: str) -> Document:
        """Read one file, cleaned and with its metadata. Raises: DocumentRejected saying why it can't be."""
        if _is_short_text(path):
            return load_document(path, source, self._limits)
        wish = {"do": "document", "path": str(path.absolute()), "source": source}
        read = self._ask({**wish, "recognised": {} if self._recognised is None else None})
        if "without_text" in read and self._recognised is not None:
            kept = KeptPages(self._recognised, path)
            took_too_much = self._recognise(path, read["without_text"], kept)
            try:
                read = self._ask({**wish, "recognised": kept.pages})
            except DocumentRejected as error:
                raise took_too_much or error from error
        return Document(page_content=read["text"], metadata=read["metadata"])

    def page(self, markup: str, address: str | None = None) -> Extracted:
        """Read a web page. `address`: where it was found. Raises: DocumentRejected if it can't be read."""
        return Extracted(**self._ask({"do": "page", "markup": markup, "address": address}))

    def _recognise(self, path: Path, pages: list[int], kept: KeptPages) -> DocumentRejected | None:
        """Have pages read; return why one of them couldn't be, if it was too much and not hard to read."""
        took_too_much = None
        end = time.monotonic() + self._limits.recognition_seconds
        for done, page in enumerate(pages, start=1):
            is_within = done <= self._limits.recognised_pages and time.monotonic() < end
            if page not in kept.pages and is_within:
                try:
                    wish = {"path": str(path.absolute()), "page": page, "by_tesseract": self._by_tesseract}
                    read = self._ask({"do": "recognise", **wish})
                    kept.keep(page, RecognisedPage.of(read["page"]))
                except DocumentRejected as error:  # other pages may be read, and this one another time
                    took_too_much = error
            kept.pages.setdefault(page, UNREAD)
            self._on_progress("recognise", done, len(pages))
        return took_too_much

    def _ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        is_first = self._child is None
        if self._child is None:
            self._child = _started(self._limits)
        line, is_late = self._exchange(self._child, json.dumps(wish).encode() + b"\n")
        answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {}
        if not answer or "out_of_memory" in answer:
            why = self._limits.too_much_memory if answer else self._why_it_ended(self._child, is_late)
            self.close()
            # What those before it left behind may have been too much: it has a second try.
            if why != self._limits.too_much_time and not is_first:
                return self._ask(wish)
            raise DocumentRejected(why)
        for remark in answer.pop("remarks"):
            _log.warning("%s", remark)
        if "refused" in answer:
            raise (DocumentExcluded if answer.get("excluded") else DocumentRejected)(answer["refused"])
        return answer

    def _exchange(self, child: subprocess.Popen[bytes], wish: bytes) -> tuple[bytes, bool]:
        """Return the child's answer, which has no end if the child ended, and whether its time was up."""
        assert child.stdin is not None
        assert child.stdout is not None
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            child.kill()

        clock = threading.Timer(self._limits.wall_seconds, end)
        clock.daemon = True
        clock.start()
        try:
            child.stdin.write(wish)
            child.stdin.flush()
            return child.stdout.readline(), is_late.is_set()
        except BrokenPipeError:
            return b"", is_late.is_set()
        finally:
            clock.cancel()

    def _why_it_ended(self, child: subprocess.Popen[bytes], is_late: bool) -> str:
        returncode = child.wait()
        if is_late or returncode == -signal.SIGXCPU:
            return self._limits.too_much_time
        # The system kills what takes memory that there isn't.
        return self._limits.too_much_memory if returncode == -signal.SIGKILL else _BROKEN


def _started(limits: ReadingLimits) -> subprocess.Popen[bytes]:
    """Return a process that reads, by the lines to and from it."""
    above = str(Path(partnerbot.__file__).parents[1])
    paths = [above, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        # -P: the folder this is started in may hold modules with names of the standard library's.
        [sys.executable, "-P", "-m", _CHILD, json.dumps(asdict(limits))],
        # One thread for each core would take address space for each, of what the documents may have.
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _is_short_text(path: Path) -> bool:
    try:
        return path.suffix.lower() not in MARKUP_AND_BINARY and path.stat().st_size <= MAX_BYTES_READ_HERE
    except OSError:  # which reading it will name
        return True
