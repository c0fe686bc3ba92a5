"""The pages that French law wants: privacy, legal notice, accessibility.

What happens to a visitor's data, by whom and why, and who publishes the service, from the settings the server
runs with and the owner's appearance.toml; how accessible it is, from the last run of the tests.
"""

from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel

from partnerbot.appearance import read_appearance
from partnerbot.settings import Settings
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import text_page
from partnerbot.web.visitor_language import written_date

RESULTS = Path(str(files("partnerbot.web").joinpath("accessibility.json")))
"""Written by `make accessibility`."""


class TestResults(BaseModel, frozen=True):
    """What was tested, with what, and how many violations it found."""

    __test__ = False  # no test, whatever its name begins with

    tested: date
    axe: str
    chromium: str
    states: int
    violations: int


def statement_pages(settings: Settings) -> APIRouter:
    """Return the routes /privacy/<language>, /legal/<language> and /accessibility/<language>."""
    router = APIRouter()
    legal = read_appearance(settings.appearance).legal
    results = TestResults.model_validate_json(RESULTS.read_text("utf-8"))
    for language, render in Renderer.of_all(settings).items():
        texts = render.texts
        stated = {
            "settings": settings,
            "embedders": settings.embedders,
            "legal": legal,
            "contact": render.contact,
            "results": results,
            "tested": written_date(results.tested.isoformat(), texts),
            "violations": texts.accessibility.counted("violations", results.violations, texts.locale),
        }
        for name in ("privacy", "legal", "accessibility"):
            heading = getattr(texts, name).title
            html = render.from_template(f"{name}.html", heading=heading, **stated)
            shown = partial(text_page, html, 200)
            router.add_api_route(f"/{name}/{language}", shown, include_in_schema=False)
    return router
