"""The accessibility statement, with the figures of the last run of the tests."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from partnerbot.settings import Settings
from partnerbot.web.page_texts import languages
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


def accessibility_pages(settings: Settings) -> APIRouter:
    """Return the route /accessibility/<language>."""
    router = APIRouter()
    results = TestResults.model_validate_json(RESULTS.read_text("utf-8"))
    pages = {language: _page(Renderer.of(language, settings), results) for language in languages()}

    @router.get("/accessibility/{language}", include_in_schema=False)
    def accessibility(language: str) -> Response:
        """Show the statement; 404 for a language that there are no texts for."""
        html = pages.get(language)
        return text_page(html, 200) if html is not None else Response(status_code=404)

    return router


def _page(render: Renderer, results: TestResults) -> str:
    texts = render.texts
    t = texts.accessibility
    tested = written_date(results.tested.isoformat(), texts)
    figures = t.tests.format(
        date=tested,
        states=results.states,
        axe=results.axe,
        chromium=results.chromium,
        violations=t.violations.of(results.violations, texts.locale),
    )
    return render.statement(
        t.title,
        [t.introduction],
        {
            t.state_heading: [t.state],
            t.tests_heading: [figures, t.by_hand],
            t.limits_heading: [t.limits],
            t.technologies_heading: ["HTML, CSS, JavaScript, WAI-ARIA, SVG"],
            t.contact_heading: [render.ending_in_contact(t.contact)],
            t.remedy_heading: [t.remedy],
        },
        t.established.format(date=tested),
    )
