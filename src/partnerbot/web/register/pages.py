"""The register as visitors and programs ask for it: /partnerships and /api/partnerships."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import AfterValidator, BaseModel, Field

from partnerbot.bot import Partnerbot
from partnerbot.errors import PartnerbotError
from partnerbot.register.corrections import log_unusable, read_corrections
from partnerbot.register.partnerships import tables
from partnerbot.register.published import as_json, as_table
from partnerbot.register.rows import Partnership, Register, is_called, select
from partnerbot.web.headers import policy
from partnerbot.web.page_texts import wanted
from partnerbot.web.refusals import ErrorResponse, error_response, failure
from partnerbot.web.register.drawing import drawn_map, drawn_timeline, outlines
from partnerbot.web.register.listing import SORTED_BY, Listing, since_of
from partnerbot.web.render import Renderer
from partnerbot.web.sources.source_pages import text_page

log = logging.getLogger(__name__)

_POLICY = policy(
    "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"
)

_DATE = r"^(\d{4}(-\d{2}){0,2})?$"
_FILTERS = ("place", "region", "country", "kind", "field", "since_from", "since_to")
_LAYOUTS = ("wide", "narrow")

Text = Annotated[str, Field(max_length=200)]
Day = Annotated[str, Field(pattern=_DATE, description="An ISO date: YYYY, YYYY-MM or YYYY-MM-DD.")]
Country = Annotated[str, Field(pattern="^([A-Z]{2})?$", description="An ISO 3166 code: FR, JP …")]


def _known(stated: str, among: Iterable[str]) -> str:
    if stated and stated not in among:
        raise ValueError(f"one of {', '.join(among)}")
    return stated


Kind = Annotated[str, AfterValidator(lambda kind: _known(kind, tables().kinds))]
FieldOfPartnership = Annotated[str, AfterValidator(lambda field: _known(field, tables().fields))]


class _Asked(BaseModel):
    place: Text = ""
    region: Text = ""
    country: Country = ""
    kind: Kind = ""
    field: FieldOfPartnership = ""
    since_from: Day = ""
    since_to: Day = ""
    format: Literal["json", "csv"] = "json"
    lang: Annotated[str, Field(description="Of the names in the CSV.")] = ""


def register_pages(bot: Partnerbot) -> APIRouter:
    """Return the routes /partnerships and /api/partnerships, of the register of `bot`'s index."""
    router = APIRouter()
    renderers = Renderer.of_all(bot.settings)

    @router.get("/partnerships", include_in_schema=False)
    def partnerships(request: Request) -> Response:
        """Show the partnerships that the query wants, as a map, a timeline and a table."""
        render = wanted(request, renderers)
        try:
            register = _register(bot)
        except PartnerbotError as error:
            log.error("The register could not be shown: %s", error)
            return text_page(render.unavailable(), 503)
        if not register.partnerships:
            return text_page(render.not_found(), 404)
        html = _page(render, bot, register, {**request.query_params, "lang": render.language})
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept-Language"})

    @router.get(
        "/api/partnerships",
        response_model=dict[str, Any],
        responses={
            200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
            **{status: {"model": ErrorResponse} for status in (422, 429, 503)},
        },
    )
    def data(request: Request, asked: Annotated[_Asked, Query()]) -> Response:
        """Partnerships that the documents state, with the sentences that state them; as JSON or CSV."""
        render = wanted(request, renderers)
        try:
            register = _register(bot)
            rows = select(register, **_filters(asked.model_dump()))
            if asked.format == "csv":
                return _table(rows, render.language)
            found = [as_json(row, bot.document_text) for row in rows]
        except PartnerbotError as error:
            return error_response(*failure(error, render.language, bot.settings.contact))
        return JSONResponse({"count": len(found), "partnerships": found})

    return router


def _register(bot: Partnerbot) -> Register:
    log_unusable(read_corrections(bot.settings.register_file))
    return bot.register()


def _table(rows: Sequence[Partnership], language: str) -> Response:
    return Response(
        as_table(rows, language),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="partnerships.csv"', "Vary": "Accept-Language"},
    )


def _filters(query: Mapping[str, str]) -> dict[str, str]:
    """Return the filters that a query states: those left empty, and dates that are none, filter nothing."""
    stated = {name: query[name].strip() for name in _FILTERS if query.get(name, "").strip()}
    return {
        name: value
        for name, value in stated.items()
        if not name.startswith("since") or re.fullmatch(_DATE, value)
    }


def _page(render: Renderer, bot: Partnerbot, register: Register, query: Mapping[str, str]) -> str:
    filters = _filters(query)
    sort = query.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTED_BY else SORTED_BY[0]
    every = register.partnerships
    listing = Listing(render.language, render.texts, bot.document_text, every)
    rows = listing.rows(select(register, **filters), sort)
    partners = {place.key: place for row in every for place in (row.a, row.b)}
    called = [key for key, place in partners.items() if is_called(place, filters.get("place", ""))]
    # A name that only one partner has is that partner; another stays as it is stated.
    chosen = filters | ({"place": called[0]} if len(called) == 1 else {})

    def address(path: str = "", **changed: str) -> str:
        """Return the page's own address, but for what has changed."""
        stated = {"lang": render.language, **filters, **({"sort": sort} if "sort" in query else {})}
        return f"{path}?{urlencode(stated | changed)}"

    return render.from_template(
        "partnerships.html",
        heading=render.texts.register.title,
        listing=listing,
        rows=rows,
        by_key={row.key: row for row in rows},
        wanted=chosen,
        sort=sort,
        sorted_by=SORTED_BY,
        places=listing.places(),
        regions=listing.regions(),
        countries=listing.countries(),
        kinds=listing.words(
            tables().kinds, [filters.get("kind", ""), *(row.kind[0].value for row in every if row.kind)]
        ),
        fields=listing.words(
            tables().fields, [filters.get("field", ""), *(cell.value for row in every for cell in row.fields)]
        ),
        address=address,
        in_languages={code: address(lang=code) for code in render.offered},
        outlines=outlines(),
        **_pictures(rows, listing),
    )


def _pictures(rows: Sequence[Partnership], listing: Listing) -> dict[str, object]:
    places = {place.key: (place, listing.name(place)) for row in rows for place in (row.a, row.b)}
    pairs = [(row.a.key, row.b.key) for row in rows]
    maps = {layout: drawn_map(layout, places, pairs) for layout in _LAYOUTS}
    shown = maps["wide"].marks.keys()
    dated = [
        (row.key, listing.title(row), since_of(row))
        for row in rows
        if row.since and re.fullmatch(_DATE, since_of(row))
    ]
    return {
        "maps": maps,
        "timelines": {layout: drawn_timeline(layout, dated) for layout in _LAYOUTS},
        "off_map": [row for row in rows if not {row.a.key, row.b.key} <= shown],
    }
