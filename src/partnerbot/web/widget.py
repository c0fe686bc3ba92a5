"""/widget.js: the script that puts the chat on another site's pages, with the words of every language."""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import Response

from partnerbot.settings import Settings
from partnerbot.web.page_texts import languages
from partnerbot.web.render import Renderer


def widget_script(settings: Settings) -> str:
    """Return the script: the function in static/widget.js, called with its words, the owner's among them."""
    function = files("partnerbot.web").joinpath("static", "widget.js").read_text(encoding="utf-8")
    return f"{function.rstrip()}({json.dumps(_words(settings), ensure_ascii=False)});\n"


def _words(settings: Settings) -> dict[str, dict[str, str]]:
    every = {language: Renderer.of(language, settings).texts for language in languages()}
    return {
        language: {
            **texts.widget.model_dump(),
            "title": texts.page.title,
            "notice": texts.page.notice,
            "loading": texts.page.loading,
            "placeholder": texts.chat.placeholder,
        }
        for language, texts in every.items()
    }


def widget_route(settings: Settings) -> APIRouter:
    """Return the route /widget.js."""
    router = APIRouter()
    script = widget_script(settings).encode("utf-8")
    packed = gzip.compress(script, mtime=0)
    tag = f'"{hashlib.sha256(script).hexdigest()[:16]}"'

    @router.get("/widget.js", include_in_schema=False)
    def widget(request: Request) -> Response:
        """Serve the script to any page; whether a page may show the chat is for its frame to say."""
        headers = {
            # An hour: a new version reaches every page within it, and asking again costs a few bytes.
            "Cache-Control": "public, max-age=3600",
            "ETag": tag,
            "Vary": "Accept-Encoding",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(packed, headers=headers, media_type="text/javascript; charset=utf-8")
        return Response(script, headers=headers, media_type="text/javascript; charset=utf-8")

    return router
