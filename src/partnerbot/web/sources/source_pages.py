"""Serves the documents the bot answers from, as text and as pictures of their pages, and nothing else.

One address per document. With a passage (`start`, `end`) it shows that passage where it stands: in
the text, or for a PDF on the picture of its page. `view=panel` is the same without a page around it,
for the chat to show beside the answer.
"""

import json
import logging
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from langchain_core.documents import Document
from starlette.concurrency import run_in_threadpool

from partnerbot.bot import Partnerbot
from partnerbot.documents.formats.picture import ENDINGS as PICTURES
from partnerbot.documents.formats.tables import without_headings
from partnerbot.documents.metadata import PAGE_STARTS, page_at
from partnerbot.documents.recognised import recognised_lines
from partnerbot.errors import NotAdmitted, PartnerbotError
from partnerbot.web.api import client_of
from partnerbot.web.headers import policy
from partnerbot.web.limits.client_store import ClientStore
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.links import QuotedSpan, passage_of
from partnerbot.web.page_texts import wanted
from partnerbot.web.render import Renderer
from partnerbot.web.sources import pdf_page_child

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

Rectangle = Sequence[float]
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

    @property
    def address(self) -> str:
        return f"data:image/webp;base64,{b64encode(self.picture).decode()}"


async def page_of(
    room: WaitingRoom, file: Path, document: Document, passage: QuotedSpan, client: str
) -> PdfPage | None:
    """Draw the page on which a passage of a document begins, for a client that asks; the last ones are kept.

    None if the page can't be drawn (the log has why), or if too many are being drawn, for all or for
    that client; the passage can be shown as text.
    """
    start, end = passage.start, passage.end
    number = page_at(document.metadata, start)
    if number is None:
        return None
    starts = json.loads(str(document.metadata[PAGE_STARTS]))
    text = document.page_content
    quote, cells = text[start:end], without_headings(text[start:end])
    before = without_headings(text[starts[number - 1] : start])
    # The headings of a row stand once on the page, somewhere above it.
    first, bare, whole = (len(pdf_page_child.letters(one)[0]) for one in (before, cells, quote))
    asked = {
        "quote": quote,
        "cells": cells,
        "lines": recognised_lines(document.metadata, number),
        "highlight": passage.highlight,
        "expected": first + whole - bare,
    }
    try:
        await room.enter(client)
    except NotAdmitted:
        return None
    try:
        return await run_in_threadpool(
            _drawn, file, file.stat().st_mtime_ns, number, json.dumps(asked).encode("ascii")
        )
    except subprocess.SubprocessError as error:
        log.warning("Page %s of %s can't be drawn: %s", number, file, error)
        return None
    finally:
        room.leave(client)


@lru_cache(maxsize=KEPT)
def _drawn(file: Path, _changed: int, number: int, asked: bytes) -> PdfPage:
    """Draw a page of a file as it was changed last. Raises: SubprocessError."""
    # -P: the child's folder holds modules with names that other packages use, such as language.
    command = [sys.executable, "-P", pdf_page_child.__file__, str(file), str(number)]
    command += [str(MEMORY_BYTES), str(CPU_SECONDS)]
    child = subprocess.run(command, input=asked, capture_output=True, timeout=WALL_SECONDS, check=False)
    if child.returncode:
        reason = child.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise subprocess.SubprocessError(reason or child.returncode)
    about, _, picture = child.stdout.partition(b"\n")
    return PdfPage(number, picture, **json.loads(about))


log = logging.getLogger(__name__)

_POLICY = policy("style-src 'self'; img-src 'self' data:")
"""A source page is text and our stylesheet: no script runs in it."""

_FILE_POLICY = "frame-ancestors 'self'"
"""A PDF is shown by the browser's viewer, which a stricter policy would keep from working."""


def source_pages(bot: Partnerbot, clients: ClientStore) -> APIRouter:
    """Return the route /documents/<source>, for sources of `bot`'s index; `clients` names who asks."""
    router = APIRouter()
    renderers = Renderer.of_all(bot.settings)
    room = WaitingRoom(AT_ONCE, WAITING)

    @router.api_route("/documents/{source:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def document(request: Request, source: str) -> Response:
        """Show a document: a passage of it marked, else a PDF as the file it is and the rest as text.

        `view`: "panel" for the panel beside the chat, "text" for that without the page, which takes a while.
        """
        render = wanted(request, renderers)
        texts = render.texts
        view = request.query_params.get("view")
        in_panel = view in ("panel", "text")
        try:
            found = await run_in_threadpool(bot.document_text, source)
        except KeyError:
            heading, message = texts.document.not_found_heading, texts.document.not_found
            return text_page(render.document_message(heading, message, in_panel=in_panel), 404)
        except PartnerbotError as error:
            log.error("A document could not be shown: %s", error)
            return text_page(render.unavailable(texts.document.unavailable_heading, in_panel=in_panel), 503)
        file = _file_within(bot.settings.documents, source)
        ending = "" if file is None else file.suffix.lower()
        pdf = file if ending == ".pdf" else None
        passage = passage_of(request.query_params, len(found.page_content))
        drawn, has_page = None, passage is not None and ending in (".pdf", *PICTURES)
        if file is not None and passage is not None and has_page and view != "text":
            drawn = await page_of(room, file, found, passage, clients.own.client(client_of(request)))
        if pdf is not None and passage is None and not in_panel:
            return FileResponse(
                pdf,
                media_type="application/pdf",
                filename=pdf.name,
                content_disposition_type="inline",
                headers={"Content-Security-Policy": _FILE_POLICY},
            )
        html = await run_in_threadpool(
            render.document,
            found,
            passage,
            drawn,
            has_page=has_page and view == "text",
            has_file=pdf is not None,
            in_panel=in_panel,
            query=request.query_params,
        )
        return text_page(html, 200)

    return router


def text_page(html: str, status: int) -> HTMLResponse:
    """Return a page of text and our stylesheet, in which no script runs."""
    return HTMLResponse(html, status, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"})


def _file_within(folder: Path, source: str) -> Path | None:
    """Return the file of a source if it still exists inside the folder, links followed."""
    folder = folder.resolve()
    file = (folder / source).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None
