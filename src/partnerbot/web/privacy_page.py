"""The pages that French law wants, from the settings the server runs with and the owner's appearance.toml.

What happens to a visitor's data, by whom and why; and who publishes the service.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from partnerbot.appearance import Appearance, Legal, read_appearance
from partnerbot.settings import Settings
from partnerbot.web.page_texts import languages
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import text_page


def privacy_pages(settings: Settings) -> APIRouter:
    """Return the routes /privacy/<language> and /legal/<language>."""
    router = APIRouter()
    appearance = read_appearance(settings.appearance)
    renderers = [Renderer.of(language, settings) for language in languages()]
    pages = {
        "privacy": {render.language: _privacy(render, settings, appearance) for render in renderers},
        "legal": {render.language: _notice(render, appearance.legal) for render in renderers},
    }
    for path, by_language in pages.items():
        _add(router, path, by_language)
    return router


def _add(router: APIRouter, path: str, by_language: Mapping[str, str]) -> None:
    @router.get(f"/{path}/{{language}}", include_in_schema=False)
    def page(language: str) -> Response:
        """Show the page; 404 for a language that there are no texts for."""
        html = by_language.get(language)
        return text_page(html, 200) if html is not None else Response(status_code=404)


def _privacy(render: Renderer, settings: Settings, appearance: Appearance) -> str:
    texts, legal = render.texts.privacy, appearance.legal
    institution = appearance.institution.get(render.language)
    days = settings.keep_questions_days
    kept = [texts.kept.format(days=days), texts.kept_with] if days else [texts.not_kept]
    counted = texts.address_in_memory if settings.limits_store == "memory" else texts.address_in_store
    answering = texts.answering_by_model.format(model=settings.llm) if settings.llm else texts.answering
    sections = {texts.questions: [*kept, answering]}
    if settings.feedback_folder is not None:
        with_it = texts.feedback_with if settings.feedback_questions else texts.feedback_without
        sections[texts.feedback] = [with_it, texts.feedback_kept.format(days=settings.keep_feedback_days)]
    responsible = legal.controller or legal.publisher or institution or render.texts.legal.unset
    sections |= {
        texts.address: [counted],
        texts.responsible: [responsible],
        texts.basis_heading: [getattr(texts, legal.basis)],
        texts.rights_heading: [
            render.ending_in_contact(texts.rights),
            texts.complaint.format(authority=legal.authority),
        ],
    }
    introduction = [texts.introduction, texts.automatic, texts.browser, texts.third_parties, texts.sources]
    if settings.embedders:
        introduction.append(f"{texts.sites} {', '.join(settings.embedders)}")
    return render.statement(texts.title, introduction, sections)


def _notice(render: Renderer, legal: Legal) -> str:
    texts = render.texts.legal
    stated = {texts.publisher: legal.publisher, texts.director: legal.director, texts.host: legal.host}
    sections = {heading: [text.strip() or texts.unset] for heading, text in stated.items()}
    return render.statement(texts.title, [], {**sections, texts.contact: [render.contact]})
