"""/embed: where staff choose how the chat looks on their site, see it, and copy the line for it."""

from __future__ import annotations

from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from partnerbot.appearance import read_appearance
from partnerbot.web.assets import version
from partnerbot.web.page_texts import languages
from partnerbot.web.protocol import Bot
from partnerbot.web.render import Renderer
from partnerbot.web.visitor_language import preferred_language

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_PREVIEW_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""What a host page with a strict policy of its own would say: the preview proves that it is enough."""

_KINDS = ("bubble", "inline", "element", "frame")

_OPTIONS = ("language", "position", "accent", "title", "scheme", "open")
"""Options of the script and the element, in the order they are offered."""


def embedding_pages(bot: Bot) -> APIRouter:
    """Return the routes /embed and /embed/preview."""
    router = APIRouter()
    settings = bot.settings
    appearance = read_appearance(settings.appearance)
    every = {language: Renderer.of(language, settings).texts for language in languages()}
    templates = Environment(loader=PackageLoader("partnerbot.web", "templates"), autoescape=True)
    templates.globals["version"] = version()
    mark = Markup(files("partnerbot.web").joinpath("static", "icon.svg").read_text(encoding="utf-8"))

    @router.get("/embed", include_in_schema=False)
    def embed(
        request: Request,
        lang: Annotated[str, Query()] = "",
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        """Show the options, the preview and the line to copy."""
        language = lang if lang in languages() else preferred_language(accept_language)
        page = templates.get_template("embed.html").render(
            t=every[language],
            page_language=language,
            root=settings.prefix,
            owner_style=appearance.stylesheet,
            owner_logo=appearance.logo,
            contact=settings.contact or every[language].page.operator,
            home=f"{request.url.scheme}://{request.url.netloc}{settings.prefix}",
            allowed=settings.embedders,
            mark=mark,
            others=[{"code": code, "name": texts.name} for code, texts in every.items()],
        )
        return _page(page, _PAGE_POLICY)

    @router.get("/embed/preview", include_in_schema=False)
    def preview(request: Request) -> HTMLResponse:
        """Show a page of an invented site, in the language `page`, with the chat as the query says."""
        query = request.query_params
        page_language = query.get("page", "")
        shown = page_language if page_language in languages() else languages()[0]
        options = {name: query[name] for name in _OPTIONS if name in query}
        if options.get("language") not in languages():
            # It becomes an address, which is to be a chat's.
            options.pop("language", None)
        page = templates.get_template("embed_preview.html").render(
            t=every[shown],
            page_language=shown,
            root=settings.prefix,
            kind=query.get("kind") if query.get("kind") in _KINDS else _KINDS[0],
            options=options,
        )
        return _page(page, _PREVIEW_POLICY)

    return router


def _page(html: str, policy: str) -> HTMLResponse:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(html, headers=headers)
