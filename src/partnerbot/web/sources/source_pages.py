"""Serves the documents the bot answers from, and nothing else.

One address per document. With a passage (`start`, `end`) it shows that passage where it stands: in
the text, or for a PDF on the picture of its page. `view=panel` is the same without a page around it,
for the chat to show beside the answer; `view=picture` is the picture itself.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from partnerbot.bot import Partnerbot
from partnerbot.documents.formats.picture import ENDINGS as PICTURES
from partnerbot.errors import PartnerbotError
from partnerbot.web.api import client_of
from partnerbot.web.limits.client_store import ClientStore
from partnerbot.web.links import passage_of
from partnerbot.web.refusals import with_contact
from partnerbot.web.render import Renderer
from partnerbot.web.sources.pdf_pages import PdfPage, PdfPages
from partnerbot.web.visitor_language import preferred_language

log = logging.getLogger(__name__)

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""A source page is text and our stylesheet: no script runs in it."""

_FILE_POLICY = "frame-ancestors 'self'"
"""A PDF is shown by the browser's viewer, which a stricter policy would keep from working."""


def source_pages(bot: Partnerbot, clients: ClientStore) -> APIRouter:
    """Return the route /documents/<source>, for sources of `bot`'s index; `clients` names who asks."""
    router = APIRouter()
    renderers = Renderer.of_all(bot.settings)
    pdf_pages = PdfPages()

    @router.api_route("/documents/{source:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def document(
        request: Request,
        source: str,
        start: Annotated[str, Query()] = "",
        end: Annotated[str, Query()] = "",
        first: Annotated[str, Query(alias="from")] = "",
        last: Annotated[str, Query(alias="to")] = "",
        view: Annotated[str, Query()] = "",
        lang: Annotated[str, Query()] = "",
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Show a document: a passage of it marked, else a PDF as the file it is and the rest as text."""
        render = renderers.get(lang) or renderers[preferred_language(accept_language, tuple(renderers))]
        texts = render.texts
        in_panel = view == "panel"
        try:
            found = await run_in_threadpool(bot.document_text, source)
        except KeyError:
            heading, message = texts.document.not_found_heading, texts.document.not_found
            return text_page(render.document_message(heading, message, in_panel=in_panel), 404)
        except PartnerbotError as error:
            log.error("A document could not be shown: %s", error)
            heading = texts.document.unavailable_heading
            message = with_contact(texts.errors.unavailable, bot.settings.contact, texts)
            return text_page(render.document_message(heading, message, in_panel=in_panel), 503)
        file = _file_within(bot.settings.documents, source)
        ending = "" if file is None else file.suffix.lower()
        pdf = file if ending == ".pdf" else None
        passage = passage_of(len(found.page_content), start, end, first, last)
        drawn = None
        if file is not None and passage is not None and ending in (".pdf", *PICTURES):
            drawn = await pdf_pages.page(file, found, passage, clients.own.names(client_of(request)))
        if view == "picture":
            return _picture(drawn)
        if pdf is not None and passage is None and not in_panel:
            return FileResponse(
                pdf,
                media_type="application/pdf",
                filename=pdf.name,
                content_disposition_type="inline",
                headers={"Content-Security-Policy": _FILE_POLICY},
            )
        html = await run_in_threadpool(
            render.document, found, passage, drawn, has_file=pdf is not None, in_panel=in_panel
        )
        return text_page(html, 200)

    return router


def _picture(drawn: PdfPage | None) -> Response:
    if drawn is None:
        return Response(status_code=404)
    # The address names the passage only: the file behind it may change.
    return Response(drawn.picture, media_type="image/webp", headers={"Cache-Control": "private, max-age=300"})


def text_page(html: str, status: int) -> HTMLResponse:
    """Return a page of text and our stylesheet, in which no script runs."""
    return HTMLResponse(html, status, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"})


def _file_within(folder: Path, source: str) -> Path | None:
    """Return the file of a source if it still exists inside the folder, links followed."""
    folder = folder.resolve()
    file = (folder / source).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None
