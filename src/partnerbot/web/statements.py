"""The pages that French law wants: privacy, legal notice, accessibility.

What happens to a visitor's data, by whom and why, and who publishes the service, from the settings the server
runs with and the owner's appearance.toml; how accessible it is, from the last run of the tests.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from partnerbot.appearance import Appearance, Legal, read_appearance
from partnerbot.settings import Settings
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import text_page
from partnerbot.web.visitor_language import written_date

RESULTS = Path(str(files("partnerbot.web").joinpath("accessibility.json")))
"""Written by `make accessibility`."""


class TestResults(BaseModel):
    """What was tested, with what, and how many violations it found."""

    __test__ = False  # no test, whatever its name begins with
    model_config = ConfigDict(frozen=True)

    tested: date
    axe: str
    chromium: str
    states: int
    violations: int


def statement_pages(settings: Settings) -> APIRouter:
    """Return the routes /privacy/<language>, /legal/<language> and /accessibility/<language>."""
    router = APIRouter()
    appearance = read_appearance(settings.appearance)
    results = TestResults.model_validate_json(RESULTS.read_text("utf-8"))
    for language, render in Renderer.of_all(settings).items():
        for name, html in (
            ("privacy", _privacy(render, settings, appearance)),
            ("legal", _legal(render, appearance.legal)),
            ("accessibility", _accessibility(render, results)),
        ):
            router.add_api_route(
                f"/{name}/{language}", partial(text_page, html, 200), include_in_schema=False
            )
    return router


def _privacy(render: Renderer, settings: Settings, appearance: Appearance) -> str:
    texts, legal = render.texts.privacy, appearance.legal
    institution = appearance.institution.get(render.language)
    days = settings.keep_questions_days
    kept = [texts.kept.format(days=days), texts.kept_with] if days else [texts.not_kept]
    counted = texts.address_in_memory if settings.limits_store == "memory" else texts.address_in_store
    if settings.has_staff_page:
        kept += [texts.kept_marked, texts.counting] if days else [texts.counting]
    answering = texts.answering_by_model.format(model=settings.llm) if settings.llm else texts.answering
    sections = {texts.questions: [*kept, answering]}
    if settings.feedback:
        told = (texts.feedback_without, texts.feedback_with_negative, texts.feedback_with)
        with_it = told[len(settings.feedback_with_question)]
        sections[texts.feedback] = [with_it, texts.feedback_kept.format(days=settings.feedback_days)]
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
    return render.from_template(
        "statement.html", heading=texts.title, introduction=introduction, sections=sections
    )


def _legal(render: Renderer, legal: Legal) -> str:
    texts = render.texts.legal
    stated = {texts.publisher: legal.publisher, texts.director: legal.director, texts.host: legal.host}
    sections = {heading: [text.strip() or texts.unset] for heading, text in stated.items()}
    sections[texts.contact] = [render.contact]
    return render.from_template("statement.html", heading=texts.title, sections=sections)


def _accessibility(render: Renderer, results: TestResults) -> str:
    texts = render.texts
    t = texts.accessibility
    tested = written_date(results.tested.isoformat(), texts)
    figures = t.tests.format(
        date=tested,
        states=results.states,
        axe=results.axe,
        chromium=results.chromium,
        violations=t.counted("violations", results.violations, texts.locale),
    )
    return render.from_template(
        "statement.html",
        heading=t.title,
        introduction=[t.introduction],
        sections={
            t.state_heading: [t.state],
            t.tests_heading: [figures, t.by_hand],
            t.limits_heading: [t.limits],
            t.technologies_heading: ["HTML, CSS, JavaScript, WAI-ARIA, SVG"],
            t.contact_heading: [render.ending_in_contact(t.contact)],
            t.remedy_heading: [t.remedy],
        },
        established=t.established.format(date=tested),
    )
