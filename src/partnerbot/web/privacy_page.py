"""The page that says what happens to a visitor's data, made from the settings the server runs with."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from partnerbot.settings import Settings
from partnerbot.web.render import Renderer
from partnerbot.web.texts import languages

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""Text and our stylesheet."""


def privacy_pages(settings: Settings) -> APIRouter:
    """Return the route /privacy/<language>."""
    router = APIRouter()
    pages = {language: _page(Renderer.of(language, settings), settings) for language in languages()}

    @router.get("/privacy/{language}", include_in_schema=False)
    def privacy(language: str) -> Response:
        """Show the page; 404 for a language that there are no texts for."""
        page = pages.get(language)
        headers = {"Content-Security-Policy": _POLICY}
        return HTMLResponse(page, headers=headers) if page is not None else HTMLResponse("", 404)

    return router


def _page(render: Renderer, settings: Settings) -> str:
    texts = render.texts.privacy
    days = settings.keep_questions_days
    kept = [texts.kept.format(days=days), texts.kept_with] if days else [texts.not_kept]
    counted = texts.address_in_memory if settings.limits_store == "memory" else texts.address_in_store
    answering = texts.answering_by_model.format(model=settings.llm) if settings.llm else texts.answering
    sections = {texts.questions: [*kept, answering]}
    if settings.feedback_folder is not None:
        with_it = texts.feedback_with if settings.feedback_questions else texts.feedback_without
        sections[texts.feedback] = [with_it, texts.feedback_kept.format(days=settings.keep_feedback_days)]
    sections[texts.address] = [counted]
    return render.privacy(
        [texts.introduction, texts.automatic, texts.browser, texts.third_parties, texts.sources],
        sections,
        settings.embedders,
    )
