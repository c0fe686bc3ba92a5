"""The pages that French law wants: privacy, legal notice, accessibility.

What happens to a visitor's data, by whom and why, and who publishes the service, from the settings the server
runs with and the owner's appearance.toml; how accessible it is, from the last run of the tests.
"""

import json
from datetime import date
from functools import partial
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from partnerbot.records import COUNTED_DAYS
from partnerbot.settings import Settings
from partnerbot.web.page_texts import wanted
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import text_page

RESULTS = Path(str(files("partnerbot.web").joinpath("accessibility.json")))
"""What was tested, with what, and how many violations it found; written by `make accessibility`."""

_NAMES = ("privacy", "legal", "accessibility")


def statement_pages(settings: Settings) -> APIRouter:
    """Return the routes /privacy/<language>, /legal/<language> and /accessibility/<language>.

    Without a language in the path, an address leads to the page in the one that the visitor wants.
    """
    router = APIRouter()
    renderers = Renderer.of_all(settings)

    def in_wanted_language(request: Request) -> RedirectResponse:
        path = request.url.path.rstrip("/").rpartition("/")[2]
        language = wanted(request, renderers).language
        return RedirectResponse(f"{settings.prefix}/{path}/{language}", headers={"Vary": "Accept-Language"})

    for name in _NAMES:
        router.add_api_route(f"/{name}", in_wanted_language, include_in_schema=False)
    results = json.loads(RESULTS.read_text("utf-8"))
    results["tested"] = date.fromisoformat(results["tested"])
    for language, render in renderers.items():
        for name in _NAMES:
            heading = getattr(render.texts, name).title
            in_languages = {code: f"{settings.prefix}/{name}/{code}" for code in render.offered}
            html = render.from_template(
                f"{name}.html",
                heading=heading,
                in_languages=in_languages,
                results=results,
                reached=render.reached,
                counted_days=COUNTED_DAYS,
            )
            shown = partial(text_page, html, 200)
            router.add_api_route(f"/{name}/{language}", shown, include_in_schema=False)
    return router
