"""The chat on other sites: /widget.js, and /embed, where staff choose how it looks and copy the line."""

import hashlib
import json
import logging
from datetime import UTC, date, datetime
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import insert, select, update

from partnerbot.errors import RecordsUnavailable
from partnerbot.records import EMBEDDERS, Records
from partnerbot.settings import Settings
from partnerbot.web.assets import Asset
from partnerbot.web.headers import policy
from partnerbot.web.page_texts import Texts, wanted
from partnerbot.web.render import Renderer

log = logging.getLogger(__name__)

_KINDS = ("bubble", "inline", "element", "frame")

_OPTIONS = ("language", "position", "accent", "title", "scheme", "open")
"""Options of the script and the element, in the order they are offered."""


def _words(texts: Texts) -> dict[str, str]:
    return {
        **vars(texts.widget),
        "title": texts.page.title,
        "notice": texts.page.notice,
        "loading": texts.page.loading,
        "question": texts.chat.question,
        "placeholder": texts.chat.placeholder,
    }


def _keep_site(origin: str, day: date, records: Records) -> None:
    try:
        # Changed where it is there, since several replicas may do so at once.
        if not records.change(update(EMBEDDERS).where(EMBEDDERS.c.origin == origin).values(day=day)):
            records.change(insert(EMBEDDERS).values(origin=origin, day=day))
    except RecordsUnavailable as error:
        log.error("That %s embeds the chat isn't kept: %s", origin, error)


def _sites(records: Records) -> dict[str, date]:
    """Return when a page of each site last loaded the chat; none where that can't be read."""
    try:
        return {row.origin: row.day for row in records.rows(select(EMBEDDERS))}
    except RecordsUnavailable as error:
        log.error("Which sites embed the chat isn't known: %s", error)
        return {}


def embedding_pages(settings: Settings, records: Records) -> APIRouter:
    """Return the routes /widget.js, /embed and /embed/preview."""
    router = APIRouter()
    renderers = Renderer.of_all(settings)
    seen: dict[str, date] = {}  # by this process, so that each day is written once
    # The function in static/widget.js, called with the owner's words and colour.
    function = files("partnerbot.web").joinpath("static", "widget.js").read_text(encoding="utf-8").rstrip()
    words = {language: _words(render.texts) for language, render in renderers.items()}
    accent = next(iter(renderers.values())).accent
    script = f"{function}({json.dumps(words, ensure_ascii=False)}, {json.dumps(accent)});\n".encode()
    packed, tag = Asset.of("widget.js", script), f'"{hashlib.sha256(script).hexdigest()[:16]}"'

    @router.get("/widget.js", include_in_schema=False)
    def widget(request: Request) -> Response:
        """Serve the script to any page; whether a page may show the chat is for its frame to say."""
        page, today = f"{request.headers.get('referer', '')}/", datetime.now(UTC).date()
        for origin in settings.embedders:
            if page.startswith(f"{origin}/") and seen.get(origin) != today:
                seen[origin] = today
                _keep_site(origin, today, records)
        unchanged = request.headers.get("if-none-match") == tag
        response = Response(status_code=304) if unchanged else packed.response(request, lasts=False)
        # An hour: a new version reaches every page within it, and asking again costs a few bytes.
        response.headers.update(
            {
                "Cache-Control": "public, max-age=3600",
                "ETag": tag,
                "Vary": "Accept-Encoding",
                "Cross-Origin-Resource-Policy": "cross-origin",
            }
        )
        return response

    @router.get("/embed", include_in_schema=False)
    def embed(request: Request) -> HTMLResponse:
        render = wanted(request, renderers)
        page = render.from_template(
            "embed.html",
            in_languages=render.addresses({}),
            home=f"{request.url.scheme}://{request.url.netloc}{settings.prefix}",
            seen=_sites(records),
        )
        return _page(page, "'none'")

    @router.get("/embed/preview", include_in_schema=False)
    def preview(request: Request) -> HTMLResponse:
        """Show a page of an invented site, in the language `page`, with the chat as the query says."""
        query = request.query_params
        page_language = query.get("page", "")
        shown = page_language if page_language in renderers else next(iter(renderers))
        options = {name: query[name] for name in _OPTIONS if name in query}
        if options.get("language") not in renderers:
            # It becomes an address, which is to be a chat's.
            options.pop("language", None)
        page = renderers[shown].from_template(
            "embed_preview.html",
            kind=query.get("kind") if query.get("kind") in _KINDS else _KINDS[0],
            options=options,
        )
        return _page(page, "'self'")

    return router


def _page(html: str, framed_by: str) -> HTMLResponse:
    # What a host page with a strict policy of its own would say: the preview proves that it is enough.
    granted = "script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; frame-ancestors "
    stated = {"Content-Security-Policy": policy(granted + framed_by)}
    return HTMLResponse(html, headers=stated | {"Cache-Control": "no-cache", "Vary": "Accept-Language"})
