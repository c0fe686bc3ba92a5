"""/widget.js: the script that puts the chat on another site's pages, with the words of every language."""

from __future__ import annotations

import gzip
import hashlib
import json
from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import Response

from partnerbot.web.texts import languages, texts_of


def widget_script() -> str:
    """Return the script: the function in static/widget.js, called with its words."""
    function = files("partnerbot.web").joinpath("static", "widget.js").read_text(encoding="utf-8")
    return f"{function.rstrip()}({json.dumps(_words(), ensure_ascii=False)});\n"


def _words() -> dict[str, dict[str, str]]:
    return {
        language: {
            **texts_of(language).widget.model_dump(),
            "title": texts_of(language).page.title,
            "notice": texts_of(language).page.notice,
            "loading": texts_of(language).page.loading,
            "placeholder": texts_of(language).chat.placeholder,
        }
        for language in languages()
    }


def widget_route() -> APIRouter:
    """Return the route /widget.js."""
    router = APIRouter()
    script = widget_script().encode("utf-8")
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
