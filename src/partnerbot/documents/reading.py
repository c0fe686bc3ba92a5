"""Reads documents within limits, and outlives those that break what reads them."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from langchain_core.documents import Document
from pydantic import TypeAdapter

import partnerbot
from partnerbot.documents.formats.extracted import Extracted
from partnerbot.documents.formats.page_links import PageLinks
from partnerbot.documents.limits import DEFAULT_LIMITS, Limits
from partnerbot.documents.loading import MARKUP_AND_BINARY, SkippedFile, load_document, survey
from partnerbot.documents.recognised import UNREAD, KeptPages, RecognisedPage
from partnerbot.errors import DocumentRejected

_log = logging.getLogger(__name__)

MAX_BYTES_READ_HERE = 32 * 1024
"""Text and Markdown up to this are read in this process: quicker than starting another one, which takes half
a second. Reading takes time in proportion to their length."""

_CHILD = "partnerbot.documents.reading_child"
_BROKEN = "it breaks the program that reads it. Save it again, or in another format."


@dataclass(frozen=True)
class Page:
    """A web page: its article, and the addresses it states (None if nothing in it is markup)."""

    extracted: Extracted
    links: PageLinks | None


_PAGE = TypeAdapter(Page)


@dataclass(frozen=True)
class LoadedDocuments:
    """The documents that could be read, and the files that could not, each in order of source."""

    documents: list[Document]
    skipped: list[SkippedFile]


def load_documents(root: Path, on_file: Callable[[int, int, str], None] | None = None) -> LoadedDocuments:
    """Read every document below `root`, one Document a file, cleaned and with its metadata.

    `on_file` is called as each file is done, with the number done, the number of all
    files, and the file's source.

    Raises: ConfigurationError if `root` is not a folder. A file that can't be read raises
        nothing; it is among the skipped.
    """
    found = survey(root)
    skipped = list(found.skipped)
    documents: list[Document] = []
    with Reading() as reading:
        for done, (source, path) in enumerate(found.files.items(), start=1):
            try:
                documents.append(reading.document(path, source))
            except DocumentRejected as reason:
                skipped.append(SkippedFile(source, str(reason)))
            if on_file is not None:
                on_file(done, len(found.files), source)
    return LoadedDocuments(documents, sorted(skipped, key=lambda file: file.source))


class Reading:
    """Reads documents one after the other, all but short texts in a child process that has limits.

    The child is started when first needed, and again after a document that ended it: such a document is
    refused like any other that can't be read. Close it, or use it as a context manager. For one thread.
    """

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        recognised: Path | None = None,
        on_page: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        """`recognised`: a folder in which pages that are pictures are kept once they were read by text
        recognition; None to leave them unread. `on_page` is called as each of a document is done, with the
        number done and the number of all."""
        self._limits = limits
        self._recognised = recognised
        self._on_page = on_page
        self._child: _Child | None = None

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child process, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def document(self, path: Path, source: str) -> Document:
        """Read one file, cleaned and with its metadata. Raises: DocumentRejected saying why it can't be."""
        if _is_short_text(path):
            return load_document(path, source, self._limits)
        wish = {"do": "document", "path": str(path.absolute()), "source": source}
        read = self._ask({**wish, "recognised": {} if self._recognised is None else None})
        if "without_text" in read and self._recognised is not None:
            kept = KeptPages(self._recognised, path)
            self._recognise(path, read["without_text"], kept)
            read = self._ask({**wish, "recognised": kept.pages})
        return Document(page_content=read["text"], metadata=read["metadata"])

    def page(self, markup: str, address: str | None = None) -> Page:
        """Read a web page. `address`: where it was found. Raises: DocumentRejected if it can't be read."""
        read = self._ask({"do": "page", "markup": markup, "address": address})
        return _PAGE.validate_python(read)

    def _recognise(self, path: Path, pages: list[int], kept: KeptPages) -> None:
        end = time.monotonic() + self._limits.recognition_seconds
        for done, page in enumerate(pages, start=1):
            is_within = done <= self._limits.recognised_pages and time.monotonic() < end
            if page not in kept.pages and is_within:
                try:
                    read = self._ask({"do": "recognise", "path": str(path.absolute()), "page": page})
                    kept.keep(page, RecognisedPage.of(read["page"]))
                except DocumentRejected:  # this page may take too much, and the others not
                    kept.keep(page, UNREAD)
            kept.pages.setdefault(page, UNREAD)
            self._on_page(done, len(pages))

    def _ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        while True:
            if self._child is None:
                self._child = _Child(self._limits)
            is_first = self._child.is_new
            answer = self._child.ask(wish)
            if answer.get("ended"):
                self.close()
                # What those before it left behind may have been too much: it has a second try.
                if answer["ended"] != self._limits.too_much_time and not is_first:
                    continue
                raise DocumentRejected(answer["ended"])
            for remark in answer["remarks"]:
                _log.warning("%s", remark)
            if "refused" in answer:
                raise DocumentRejected(answer["refused"])
            return answer


class _Child:
    """The process that reads, and the lines to and from it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.is_new = True
        above = str(Path(partnerbot.__file__).parents[1])
        paths = [above, *filter(None, [os.environ.get("PYTHONPATH")])]
        # One thread for each core would take address space for each, of what the documents may have.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            # -P: the folder this is started in may hold modules with names of the standard library's.
            [sys.executable, "-P", "-m", _CHILD, json.dumps(asdict(limits))],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Return the answer; `ended` is the reason if there is none, or none is to be asked for any more."""
        self.is_new = False
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            self._process.kill()

        clock = threading.Timer(self._limits.wall_seconds, end)
        clock.daemon = True
        clock.start()
        try:
            line = self._exchange(json.dumps(wish).encode() + b"\n")
        finally:
            clock.cancel()
        if not line.endswith(b"\n"):
            return {"ended": self._limits.too_much_time if is_late.is_set() else self._why_it_ended()}
        answer: dict[str, Any] = json.loads(line)
        return {"ended": self._limits.too_much_memory} if "out_of_memory" in answer else answer

    def _exchange(self, line: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            return self._process.stdout.readline()
        except BrokenPipeError:
            return b""

    def _why_it_ended(self) -> str:
        returncode = self._process.wait()
        if _ended_by("SIGXCPU", returncode):
            return self._limits.too_much_time
        # The system kills what takes memory that there isn't.
        return self._limits.too_much_memory if _ended_by("SIGKILL", returncode) else _BROKEN

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


def _is_short_text(path: Path) -> bool:
    try:
        return path.suffix.lower() not in MARKUP_AND_BINARY and path.stat().st_size <= MAX_BYTES_READ_HERE
    except OSError:  # which reading it will name
        return True


def _ended_by(signal_name: str, returncode: int) -> bool:
    number = getattr(signal, signal_name, None)  # Windows has neither
    return number is not None and returncode == -number
