"""The page for staff as it is asked for: /staff, its sign-in, and its tables as CSV and XLSX."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import SecretStr

from partnerbot.answering.values.cldr import decimal_comma
from partnerbot.bot import Partnerbot
from partnerbot.documents import metadata
from partnerbot.errors import NotAdmitted, PartnerbotError
from partnerbot.evaluation.marks import Mark, keep_mark
from partnerbot.passwords import is_password
from partnerbot.records import MARKED, Records
from partnerbot.spreadsheets import as_xlsx, for_spreadsheets
from partnerbot.web.api import client_of
from partnerbot.web.headers import policy
from partnerbot.web.limits.client_store import Allowance, ClientStore
from partnerbot.web.page_texts import in_time, wanted
from partnerbot.web.render import Renderer
from partnerbot.web.staff.answers import Told, answer_page, form_asked_for, keep_answer, reply_page, tried
from partnerbot.web.staff.figures import OUTCOMES, Chosen, Figures
from partnerbot.web.staff.tables import Table, tables

log = logging.getLogger(__name__)

COOKIE = "partnerbot_staff"
_HEADERS = {
    "Content-Security-Policy": policy(
        "style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # With "no-referrer" a browser would send forms without the origin that they are checked by.
    "Referrer-Policy": "same-origin",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EVERY_DOCUMENT = 10**9


def staff_pages(bot: Partnerbot, clients: ClientStore, records: Records) -> APIRouter:
    """Return the routes below /staff, for owners who have stated a password for it."""
    router, settings = APIRouter(include_in_schema=False), bot.settings
    renderers = Renderer.of_all(settings)
    sessions = Sessions(settings.staff_password_hash, clients)
    home = f"{settings.prefix}/staff"

    def sign_in_page(render: Renderer, status: int, told: str = "") -> Response:
        html = render.from_template(
            "staff_sign_in.html",
            heading=render.texts.staff.title,
            told=told,
            in_languages=render.addresses({}, "/staff"),
        )
        return HTMLResponse(html, status, _HEADERS)

    def answered(
        request: Request, make: Callable[[Renderer], Response | str | None], unknown: int = 403
    ) -> Response:
        """Return what is made for staff, a page or a response; None where there is nothing.

        `unknown`: the status for strangers.
        """
        render = wanted(request, renderers)
        if not sessions.knows(request.cookies.get(COOKIE, "")):
            return sign_in_page(render, unknown)
        try:
            made = make(render)
        except PartnerbotError as error:
            log.error("The page for staff could not be shown: %s", error)
            return HTMLResponse(render.unavailable(), 503, _HEADERS)
        if isinstance(made, Response):
            return made
        return HTMLResponse(*((render.not_found(), 404) if made is None else (made, 200)), _HEADERS)

    def counted(request: Request, render: Renderer) -> tuple[Figures, dict[str, Table]]:
        chosen = Chosen.of(request.query_params, datetime.now(UTC).date())
        figures = Figures(records, settings, chosen, bot.answered_by)
        return figures, {table.name: table for table in tables(figures, _titles(bot), render.texts)}

    @router.get("/staff")
    def page(request: Request) -> Response:
        return answered(
            request, lambda render: _page(render, *counted(request, render), request.query_params), 200
        )

    @router.get("/staff/reply")
    def reply(request: Request) -> Response:
        return answered(request, partial(reply_page, bot, records, request.query_params), 200)

    @router.post("/staff/reply")
    def mark(request: Request, said: Annotated[Mark, Form()]) -> Response:
        def made(_: Renderer) -> Response:
            if records.days[MARKED]:
                keep_mark(records, said)
            return _to(f"{home}?{urlencode(request.query_params)}#marked")

        return answered(request, made)

    @router.get("/staff/answer")
    def answer(request: Request) -> Response:
        query = request.query_params

        def made(render: Renderer) -> str | None:
            told = form_asked_for(records, query)
            return None if told is None else answer_page(told, query, render)

        return answered(request, made, 200)

    @router.post("/staff/answer")
    def write(request: Request, told: Annotated[Told, Form()]) -> Response:
        """Keep what staff wrote, or show the form again: what isn't right, or what it would answer."""

        def made(render: Renderer) -> Response | str:
            answer = told.answer()
            if told.attempt and not isinstance(answer, str):
                return answer_page(told, {}, render, tried=tried(bot, records, answer))
            if wrong := keep_answer(records, settings, told):
                return HTMLResponse(answer_page(told, {}, render, wrong), 422, _HEADERS)
            done = "removed" if told.remove else "saved"
            return _to(f"{home}?lang={render.language}&done={done}#answers")

        return answered(request, made)

    @router.get("/staff/{file}")
    def download(request: Request, file: str) -> Response:
        """Send a table as CSV, or all of them as a workbook."""
        return answered(request, lambda render: _file(file, render, *counted(request, render)))

    @router.post("/staff")
    async def sign_in(request: Request, password: Annotated[str, Form()] = "") -> Response:
        render = wanted(request, renderers)
        texts = render.texts
        try:
            session = await sessions.begin(client_of(request), password)
        except NotAdmitted as locked:
            told = texts.staff.locked.format(when=in_time(locked.retry_after_seconds, texts.locale))
            response = sign_in_page(render, 429, told)
            response.headers["Retry-After"] = str(locked.retry_after_seconds)
            return response
        if session is None:
            return sign_in_page(render, 403, texts.staff.wrong)
        response = _to(f"{home}?lang={render.language}")
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, session, SESSION_SECONDS, path=home, secure=secure, httponly=True, samesite="strict"
        )
        return response

    @router.post("/staff/leave")
    def leave(request: Request) -> Response:
        sessions.end(request.cookies.get(COOKIE, ""))
        response = _to(f"{home}?lang={wanted(request, renderers).language}")
        response.delete_cookie(COOKIE, path=home)
        return response

    return router


def _to(address: str) -> Response:
    return RedirectResponse(address, 303, headers=_HEADERS)


def _titles(bot: Partnerbot) -> dict[str, str]:
    """Return the titles of the index's documents; none while there is no index."""
    try:
        known = bot.documents(_EVERY_DOCUMENT)
    except PartnerbotError as error:
        log.error("The documents could not be listed: %s", error)
        return {}
    return {each.metadata[metadata.SOURCE]: each.metadata[metadata.TITLE] for each in known}


def _file(name: str, render: Renderer, figures: Figures, every: Mapping[str, Table]) -> Response | None:
    table = every.get(name.removesuffix(".csv"))
    if name == "figures.xlsx":
        content: str | bytes = as_xlsx({one.heading: (one.columns, one.rows) for one in every.values()})
    elif name.endswith(".csv") and table is not None:
        content = for_spreadsheets(table.columns, table.rows, decimal_comma(render.language))
    else:
        return None
    kept = f"{figures.chosen.since}_{figures.chosen.until}_{name}"
    kind = _XLSX if isinstance(content, bytes) else "text/csv; charset=utf-8"
    named = {"Content-Disposition": f'attachment; filename="{kept}"'}
    return Response(content, media_type=kind, headers=_HEADERS | named)


def _page(render: Renderer, figures: Figures, every: Mapping[str, Table], query: Mapping[str, str]) -> str:
    stated = {name: str(value) for name, value in asdict(figures.chosen).items()}
    cited = every["documents"].rows if "documents" in every else []
    return render.from_template(
        "staff.html",
        heading=render.texts.staff.title,
        stated=stated,
        in_languages=render.addresses(stated, "/staff"),
        ignored=Chosen.ignores(query),
        done=query["done"] if query.get("done") in ("saved", "removed") else None,
        languages=dict.fromkeys([*render.offered, *figures.languages]),
        outcomes=OUTCOMES,
        tables=every,
        titles={source: title for _, title, source in cited},
        figures=figures,
    )


# ---- How staff sign in: one password, slow to check; a session in memory ------------------------

SESSION_SECONDS = 8 * 3600
"""A day at work."""

WRONG_PASSWORDS, LOCKED_MINUTES = 5, 15
"""So many from one client, in so many minutes; then none of its passwords is looked at, right or wrong."""


class Sessions:
    """Who is signed in. A session ends with its time, when it is left, and with the process."""

    def __init__(self, password_hash: SecretStr, clients: ClientStore) -> None:
        """`clients`: where it is counted who gave wrong passwords."""
        self._password_hash = password_hash
        self._clients = clients
        self._wrong = Allowance("locked", WRONG_PASSWORDS, minutes=LOCKED_MINUTES)
        self._ends: dict[str, float] = {}
        # One check at a time: each takes 16 MB, and who sends many at once isn't counted too late.
        self._turn = asyncio.Lock()

    async def begin(self, client: str, password: str) -> str | None:
        """Return the name of a new session, None if the password is wrong. Raises: NotAdmitted ("locked")."""
        async with self._turn:
            if not await asyncio.to_thread(self._checked, client, password):
                return None
        now = time.monotonic()
        session = secrets.token_urlsafe(32)
        self._ends = {name: end for name, end in self._ends.items() if end > now} | {
            session: now + SESSION_SECONDS
        }
        return session

    def knows(self, session: str) -> bool:
        return self._ends.get(session, 0) > time.monotonic()

    def end(self, session: str) -> None:
        self._ends.pop(session, None)

    def _checked(self, client: str, password: str) -> bool:
        self._clients.counting(lambda counts: self._wrong.check(counts, client))
        if is_password(password, self._password_hash):
            return True
        self._clients.counting(lambda counts: self._wrong.take(counts, client))
        return False
