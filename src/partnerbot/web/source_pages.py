"""Serves the documents the bot answers from, and nothing else."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import FileResponse, HTMLResponse, Response

from partnerbot.errors import PartnerbotError
from partnerbot.web.language import preferred_language
from partnerbot.web.protocol import Bot
from partnerbot.web.render import Renderer
from partnerbot.web.texts import languages

log = logging.getLogger(__name__)

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""A source page is text and our stylesheet: no script runs in it."""

_FILE_POLICY = "frame-ancestors 'self'"
"""A PDF is shown by the browser's viewer, which a stricter policy would keep from working."""


def source_pages(bot: Bot) -> APIRouter:
    """Return the route /documents/<source>, for sources of `bot`'s index."""
    router = APIRouter()
    contact, prefix = bot.settings.contact, bot.settings.prefix
    renderers = {language: Renderer(language, contact, prefix) for language in languages()}

    @router.get("/documents/{source:path}", include_in_schema=False)
    def document(
        source: str,
        start: Annotated[str, Query()] = "",
        end: Annotated[str, Query()] = "",
        lang: Annotated[str, Query()] = "",
        accept_language: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Show a document: a PDF as the file it is, anything else as text with [start, end) marked."""
        render = renderers.get(lang) or renderers[preferred_language(accept_language)]
        texts = render.texts
        try:
            found = bot.document_text(source)
        except KeyError:
            return _page(
                render.document_message(texts.document.not_found_heading, texts.document.not_found), 404
            )
        except PartnerbotError as error:
            log.error("A document could not be shown: %s", error)
            message = f"{texts.errors.unavailable} {bot.settings.contact}"
            return _page(render.document_message(texts.document.unavailable_heading, message), 503)
        file = _file_within(bot.settings.documents, source)
        if file is not None and file.suffix.lower() == ".pdf":
            return FileResponse(
                file,
                media_type="application/pdf",
                filename=file.name,
                content_disposition_type="inline",
                headers={"Content-Security-Policy": _FILE_POLICY},
            )
        return _page(render.document(found, _offset(start), _offset(end)), 200)

    return router


def _page(html: str, status: int) -> HTMLResponse:
    return HTMLResponse(html, status, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"})


def _file_within(folder: Path, source: str) -> Path | None:
    """Return the file of a source if it still exists inside the folder, links followed."""
    folder = folder.resolve()
    file = (folder / source).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


def _offset(value: str) -> int | None:
    """Read an offset from an address; one that is no number marks nothing, rather than failing the page."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
