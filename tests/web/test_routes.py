"""Which routes, hosts and sites are let in, and what every response tells the browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, compile_path

from event_loops import run_apart
from host_sites import HostSite, hosting
from keeping import kept
from partnerbot.addresses import normal_origins, origin_of, public_address
from partnerbot.errors import ConfigurationError
from partnerbot.passwords import hashed
from partnerbot.records import EMBEDDERS, Records
from partnerbot.settings import load_settings
from partnerbot.web.app import create_app
from partnerbot.web.embed_check import check_embedding
from partnerbot.web.headers import SecurityHeaders
from partnerbot.web.limits.entrance import MOST_OF_ONE
from partnerbot.web.page_texts import languages, texts_of, written_date
from partnerbot.web.routes import LONGEST_CONVERSATION, OF_A_CHAT
from scripted_bot import ScriptedBot
from serving import api_of, free_port, serving

ALLOWED = "https://www.example.org"
STRANGER = "https://stranger.example"
HERE = "http://127.0.0.1"
DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text("utf-8")


def _bot(folder: Path, **settings: object) -> ScriptedBot:
    return ScriptedBot(folder / "bot", **settings)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    bot = _bot(tmp_path_factory.mktemp("routes"), allowed_origins=ALLOWED)
    with TestClient(create_app(bot), HERE, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def prefixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """An application that visitors reach at https://www.example.org/chat."""
    bot = _bot(tmp_path_factory.mktemp("prefixed"), public_url="https://www.example.org/chat")
    app = create_app(bot, chats=["fr"])
    with TestClient(app, HERE, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


# ---- Routes --------------------------------------------------------------------------------------


OWN = """
    GET / /static/gradio/{name} /static/{path:path} /appearance/{name} /documents/{source:path} /partnerships
        /api/partnerships /api/challenge /api/openapi.json /health /ready /widget.js /embed /embed/preview
        /privacy /legal /accessibility /privacy/{language} /legal/{language} /accessibility/{language}
        /{language} /{language}/
    HEAD /static/gradio/{name} /static/{path:path} /documents/{source:path} /api/openapi.json
    POST /api/ask /api/challenge /api/feedback
"""
OF_STAFF = """
    GET /staff /staff/reply /staff/answer /staff/{file}
    POST /staff /staff/leave /staff/reply /staff/answer
"""
ON_DEMAND = """
    GET /v1/models
    POST /v1/chat/completions /mcp
"""


def _inventory(listed: str) -> set[tuple[str, str]]:
    """Read a list of routes: those of a language stand for that of each."""
    found, method = set(), ""
    for word in listed.split():
        if word.isupper():
            method = word
            continue
        found |= {(method, word.replace("{language}", language)) for language in languages()}
    return found


def _all_routes(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of an application but for those of what is mounted in it."""
    for route in routes:
        included: Any = getattr(route, "original_router", None)
        if included is not None:
            yield from _all_routes(included.routes)
        elif not isinstance(route, Mount):
            for method in getattr(route, "methods", None) or ():
                yield method, getattr(route, "path", "")


def test_every_route_is_in_the_inventory(client: TestClient, tmp_path: Path) -> None:
    """Those that are always open, those of staff where there is a password, those that an owner opens."""
    app: Any = client.app
    assert set(_all_routes(app.routes)) == _inventory(OWN)
    bot = _bot(tmp_path, staff_password_hash=SecretStr(hashed("mot")), completions=True, mcp=True)
    every = set(_all_routes(create_app(bot).routes))
    assert every == _inventory(OWN + OF_STAFF + ON_DEMAND)


def test_every_route_of_gradios_that_is_not_listed_is_closed(client: TestClient) -> None:
    """Of all that Gradio serves, the list decides; nothing else is reached by any method."""
    app: Any = client.app
    for mount in (route for route in app.routes if isinstance(route, Mount)):
        opened: Any = mount.app
        assert {route.path: route.methods - {"HEAD"} for route in opened.routes} == {
            path: {method} for path, method in OF_A_CHAT.items()
        }
        gradios = list(_all_routes(opened.routes[0].app.routes))
        assert len(gradios) > 60
        for method, path in gradios:
            address = mount.path + re.sub(r"\{\w+(:path)?\}", "x", path)
            if OF_A_CHAT.get(path) != (method if method != "HEAD" else "GET"):
                answered = client.request(method, address).status_code
                assert answered in (404, 405), (method, address)


@pytest.mark.parametrize(
    "path",
    [
        "/fr/gradio_api/upload",
        "/fr/gradio_api/file=/etc/passwd",
        "/fr/gradio_api/proxy=https://stranger.example/",
        "/fr/monitoring/summary",
        "/fr/config",
        "/fr/gradio_api/openapi.json",
        "/fr/gradio_api/heartbeat/x",
        "/fr/manifest.json",
        "//fr/gradio_api/upload",
        "/fr//gradio_api/upload",
        "/fr/assets/..%2f..%2fgradio_api/upload",
        "/static/..%2f..%2f..%2fsettings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/documents/..%2f..%2fsecret.txt",
        "/documents/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/.env",
        "/admin",
    ],
)
def test_closed_paths_lead_nowhere(client: TestClient, path: str) -> None:
    """However a path is written, there is no file and no route of Gradio behind it."""
    for response in (client.get(path), client.post(path)):
        assert response.status_code in (403, 404, 405)
        assert "hors du dossier" not in response.text
        assert "class Settings" not in response.text


def test_another_method_is_told_which_ones_there_are(client: TestClient) -> None:
    """405 with Allow, in the form of the API's errors and the visitor's language."""
    response = client.request("DELETE", "/api/ask", headers={"Accept-Language": "ja"})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["error"]["reason"] == "wrong_method"
    assert "受け付けていません" in response.json()["error"]["message"]


def _told(headers: httpx.Headers) -> dict[str, str]:
    own = ("date", "content-length", "x-request-id")
    return {name: value for name, value in headers.items() if name not in own}


def test_head_is_answered_as_get_without_the_body(client: TestClient) -> None:
    """On every page, as monitors and link checkers ask: the same headers, and nothing after them."""
    for path in PAGES:
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content, _told(head.headers)) == (
            whole.status_code,
            b"",
            _told(whole.headers),
        ), path
        if path not in ("/ready",):  # which tells the time
            assert head.headers.get("content-length") == whole.headers.get("content-length"), path


def test_a_document_is_sent_as_it_lies_there(tmp_path: Path) -> None:
    """A PDF is packed already: no second packing, so that a browser knows how much is to come."""
    bot = _bot(tmp_path)
    content = (bot.settings.documents / "rapport.pdf").read_bytes()
    with serving(bot, chats=()) as address:
        response = httpx.get(f"{address}/documents/rapport.pdf", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert (response.headers["content-length"], response.content) == (str(len(content)), content)


def test_head_reads_no_document(tmp_path: Path) -> None:
    """Its headers are known without: a connection goes on at once after a file that takes minutes to read."""
    bot = _bot(tmp_path)
    size = 64 * 1024**3
    with (bot.settings.documents / "rapport.pdf").open("r+b") as file:
        file.truncate(size)  # a hole, that takes no place on the disk
    with serving(bot, chats=()) as address, httpx.Client(base_url=address, timeout=20) as client:
        response = client.head("/documents/rapport.pdf")
        assert client.get("/health").status_code == 200
    assert (response.status_code, response.headers["content-length"]) == (200, str(size))


def test_head_asks_for_no_answer(client: TestClient) -> None:
    """Neither the chat's stream nor what is only sent to has one."""
    for path in ("/fr/gradio_api/queue/data?session_hash=x", "/api/ask", "/fr/gradio_api/queue/join"):
        response = client.head(path)
        assert response.status_code == 405
        assert response.headers["allow"] in ("GET", "POST")


def test_a_connection_goes_on_after_head(tmp_path: Path) -> None:
    """No body comes that would be read as the next answer, of pages and files alike."""
    with serving(_bot(tmp_path), chats=["fr"]) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        for path in ("/fr", "/documents/rapport.pdf", "/static/style.css", "/widget.js", "/api/openapi.json"):
            for method in ("HEAD", "GET"):
                connection.request(method, path)
                response = connection.getresponse()
                assert (response.status, bool(response.read())) == (200, method == "GET"), (method, path)
        connection.close()


def test_large_bodies_are_refused_on_every_route(client: TestClient) -> None:
    """30 MB to the upload of a text chat: there is none. 1 MiB and more to the chat itself: 413."""
    upload = client.post("/fr/gradio_api/upload", files={"files": ("big.bin", b"0" * 30_000_000)})
    assert upload.status_code == 413
    body = json.dumps({"data": ["x" * LONGEST_CONVERSATION]}).encode()
    for path in ("/fr/gradio_api/queue/join", "/ja/gradio_api/run/predict", "/api/ask"):
        assert client.post(path, content=body).status_code == 413


# ---- Hosts and sites -----------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "[::1]:7860", "localhost", "chat:7860"])
def test_numbers_and_names_without_a_dot_are_answered(client: TestClient, host: str) -> None:
    """As probes, containers and a developer's browser use them."""
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["stranger.example", "127.0.0.1.stranger.example", "a@127.0.0.1", "127.0.0.1/x", "", "::1", "a b"]
)
def test_a_strangers_name_is_refused(client: TestClient, host: str) -> None:
    """A domain that was pointed to this machine reaches nothing (DNS rebinding)."""
    response = client.get("/health", headers={"Host": host, "Accept-Language": "en"})
    assert response.status_code == 421
    assert "PARTNERBOT_PUBLIC_URL" in response.json()["error"]["message"]


def test_headers_that_proxies_add_change_nothing(client: TestClient) -> None:
    """Neither the page nor Gradio's configuration in it believes a visitor's forwarding headers."""
    headers = {
        "X-Forwarded-Host": "stranger.example",
        "X-Forwarded-Proto": "https",
        "X-Gradio-Server": "https://stranger.example",
        "Forwarded": "host=stranger.example",
    }
    page = client.get("/fr", headers=headers).text
    assert "stranger.example" not in page
    assert page == client.get("/fr").text


@pytest.mark.parametrize("path", ["/api/ask", "/fr/gradio_api/queue/join", "/fr/gradio_api/run/predict"])
@pytest.mark.parametrize(
    "origin", [STRANGER, "null", f"{ALLOWED}.stranger.example", "https://example.org", "http://["]
)
def test_a_page_of_a_stranger_can_not_send(client: TestClient, path: str, origin: str) -> None:
    """Nor a page without an origin, nor one whose name only resembles an allowed one."""
    response = client.post(path, json={"question": "Vitagora?"}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_an_allowed_site_may_use_the_api_and_nothing_else(client: TestClient) -> None:
    """Its pages can send a question and read the answer, without credentials."""
    asked = client.post("/api/ask", json={"question": "Vitagora?"}, headers={"Origin": ALLOWED})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, ALLOWED)
    assert "access-control-allow-credentials" not in asked.headers
    assert client.post("/fr/gradio_api/queue/join", json={}, headers={"Origin": ALLOWED}).status_code == 403
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert client.options("/api/ask", headers={"Origin": ALLOWED, **wish}).status_code == 200
    refused = client.options("/api/ask", headers={"Origin": STRANGER, **wish})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


def test_the_own_page_and_programs_may_send(client: TestClient) -> None:
    """The chat's page has the server's own origin; a program has none."""
    for headers in ({"Origin": HERE}, {}):
        assert client.post("/api/ask", json={"question": "Vitagora?"}, headers=headers).status_code == 200


def test_an_allowed_site_can_read_why_it_was_refused(tmp_path: Path) -> None:
    """Whatever refuses: its page reads why, and when to ask again, not only that it was no success."""
    app = api_of(_bot(tmp_path, allowed_origins=ALLOWED, questions_per_minute=1, requests_per_minute=110))

    async def scene() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=("203.0.113.7", 1234))
        async with httpx.AsyncClient(transport=transport, base_url=HERE, headers={"Origin": ALLOWED}) as site:
            refused = [
                await site.post("/api/ask", json={}, headers={"Host": "stranger.example"}),
                await site.post("/api/nowhere", json={}),
                await site.delete("/api/ask"),
                await site.post("/fr/gradio_api/queue/join", json={}),
                await site.post("/api/ask", content=b"x" * 300_000),
            ]
            begun = asyncio.Semaphore(0)
            end = asyncio.Event()

            async def slowly() -> AsyncIterator[bytes]:
                begun.release()
                await end.wait()
                yield b"{}"

            held = [asyncio.create_task(site.post("/api/ask", content=slowly())) for _ in range(MOST_OF_ONE)]
            for _ in held:
                await begun.acquire()
            refused.append(await site.get("/api/openapi.json"))
            end.set()
            await asyncio.gather(*held)
            question = {"question": "Vitagora?"}
            assert (await site.post("/api/ask", json=question)).status_code == 200
            refused.append(await site.post("/api/ask", json=question))
            while (last := await site.get("/api/openapi.json")).status_code == 200:
                pass
            return [*refused, last, await site.get("/fr", headers={"Origin": STRANGER})]

    *refused, told_to_a_stranger = run_apart(asyncio.wait_for(scene(), 60))
    statuses = [response.status_code for response in refused]
    assert statuses == [421, 404, 405, 403, 413, 429, 429, 429]
    reasons = [response.json()["error"]["reason"] for response in refused[-3:]]
    assert reasons == ["too_many_at_once", "too_many_questions", "too_many_questions"]
    for response in refused:
        assert response.headers["access-control-allow-origin"] == ALLOWED, response.status_code
        assert response.headers["access-control-expose-headers"] == "Retry-After"
    assert all("retry-after" in response.headers for response in refused[-3:])
    assert told_to_a_stranger.status_code == 429
    assert "access-control-allow-origin" not in told_to_a_stranger.headers


def test_a_site_that_holds_the_chat_and_may_embed_it_can_use_the_chat(tmp_path: Path) -> None:
    """With the chat below a path of the site, both settings name one origin: the chat's own page has it."""
    bot = _bot(tmp_path, allowed_origins=f"{ALLOWED} https://shop.example", public_url=f"{ALLOWED}/chat")
    with TestClient(create_app(bot, chats=["fr"]), HERE) as client:
        statuses = [
            client.post(f"/chat/fr/gradio_api/{path}", json={}, headers={"Origin": origin}).status_code
            for path in ("queue/join", "run/predict")
            for origin in (ALLOWED, "https://shop.example", STRANGER)
        ]
    assert statuses == [422, 403, 403] * 2  # 422: heard, and without a question


def test_no_page_of_a_stranger_can_read(client: TestClient) -> None:
    """Gradio, left alone, would let any origin read with credentials."""
    for path in ("/fr", "/fr/gradio_api/info", "/health", "/api/openapi.json"):
        headers = client.get(path, headers={"Origin": STRANGER}).headers
        assert "access-control-allow-origin" not in headers
        assert headers["cross-origin-resource-policy"] == "same-origin"


# ---- Headers -------------------------------------------------------------------------------------

PAGES = [
    "/", "/fr", "/ja", "/en", "/embed", "/embed/preview", "/documents/dijon.fr.md", "/documents/rapport.pdf",
    "/documents/none", "/widget.js", "/static/style.css", "/static/icon.svg", "/health", "/ready",
    "/api/openapi.json", "/api/challenge", "/privacy/fr", "/legal/fr", "/accessibility/fr", "/ko",
    "/privacy", "/legal", "/accessibility",
    "/appearance/logo", "/partnerships", "/api/partnerships",
    "/fr/", "/fr/theme.css", "/fr/assets/none.js", "/fr/gradio_api/info", "/fr/gradio_api/app_id", "/nowhere",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/nowhere", "/ja/nowhere", "/privacy/xx"])
def test_people_get_a_page_where_there_is_nothing(client: TestClient, path: str) -> None:
    """In the language of the address, or else of the browser; programs get JSON."""
    browser = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "ja"}
    page = client.get(path, headers=browser)
    errors = texts_of("ja").errors
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert errors.not_found in page.text
    assert 'href="/ja"' in page.text
    assert client.get(path, headers={"Accept-Language": "ja"}).json()["error"]["message"] == errors.not_found


def test_every_kind_of_page_is_looked_at() -> None:
    """The list above has an address for each open route that is read, but for the stream of answers."""
    read = [path for method, path in _inventory(OWN) if method == "GET" and "/static/gradio/" not in path]
    read += [f"/fr{path}" for path, method in OF_A_CHAT.items() if method == "GET"]
    unseen = {path for path in read if not any(map(compile_path(path)[0].fullmatch, PAGES))}
    of_others = {path for path in unseen if path.split("/")[-1] in languages() or path[1:-1] in languages()}
    assert unseen - of_others == {"/fr/gradio_api/queue/data"}


@pytest.mark.parametrize(
    ("media_type", "said"), [("text/event-stream; charset=utf-8", "no"), ("text/html", None)]
)
def test_a_proxy_is_told_to_let_events_through(media_type: str, said: str | None) -> None:
    """Those of the chat are Gradio's, and a page that hears nothing for 12 seconds gives up."""

    def stream(_: Request) -> Response:
        return Response("data: 1\n\n", media_type=media_type)

    app = SecurityHeaders(Starlette(routes=[Route("/", stream)]), over_tls=False, contact="")
    assert TestClient(app).get("/").headers.get("X-Accel-Buffering") == said


def test_every_response_is_contained(client: TestClient) -> None:
    """Each says what it may load and who may frame it, and names no server and no cookie."""
    for path in PAGES:
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors" in policy, path
        assert "unsafe-eval" not in policy, path
        assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", ""), path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin", path
        assert "camera=()" in headers["permissions-policy"], path
        reach = "cross-origin" if path == "/widget.js" else "same-origin"
        assert headers["cross-origin-resource-policy"] == reach, path
        assert not {"server", "set-cookie", "x-powered-by", "strict-transport-security"} & set(headers), path


def test_only_chat_pages_may_be_framed_and_only_by_allowed_sites(client: TestClient) -> None:
    """The site is named on each chat; the page for staff can't be framed at all."""
    for path in PAGES:
        ancestors = re.search(r"frame-ancestors ([^;]*)", client.get(path).headers["content-security-policy"])
        assert ancestors is not None
        expected = {"/embed": "'none'"}.get(path, "'self'")
        assert ancestors[1] == (
            f"'self' {ALLOWED}" if path in ("/fr", "/fr/", "/ja", "/en", "/ko") else expected
        )


def test_by_default_only_the_own_site_may_show_the_chat(tmp_path: Path) -> None:
    """And no other may read or send."""
    client = TestClient(create_app(_bot(tmp_path), chats=["fr"]), HERE)
    page = client.get("/fr", headers={"Origin": ALLOWED})
    assert "frame-ancestors 'self';" in page.headers["content-security-policy"]
    assert "access-control-allow-origin" not in page.headers
    assert client.post("/api/ask", json={"question": "x"}, headers={"Origin": ALLOWED}).status_code == 403


def test_refusals_are_contained_too(client: TestClient) -> None:
    """What is turned away before it reaches a page says the same of itself."""
    refused = [
        client.get("/fr", headers={"Host": "stranger.example"}),
        client.post("/api/ask", json={}, headers={"Origin": STRANGER}),
        client.post("/api/ask", content=b"x" * 300_000),
        client.post("/api/ask", json={"question": 1}),
        client.delete("/api/ask"),
    ]
    assert [response.status_code for response in refused] == [421, 403, 413, 422, 405]
    for response in refused:
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
        assert response.headers["x-content-type-options"] == "nosniff"
        assert not {"server", "set-cookie"} & set(response.headers)


def test_a_defect_is_contained_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of any route: told in the visitor's language, with the contact; the log has why."""
    bot = _bot(tmp_path)
    bot.ready = lambda: {}["broken"]  # type: ignore[method-assign]
    response = TestClient(api_of(bot), HERE).get("/ready", headers={"Accept-Language": "fr"})
    assert (response.status_code, response.json()["error"]["reason"]) == (500, "unexpected")
    assert response.json()["error"]["message"].endswith(bot.settings.contact)
    assert "broken" not in response.text
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert "broken" in caplog.text


def test_over_tls_browsers_are_told_to_stay_there(prefixed: TestClient) -> None:
    """HSTS and the isolation of windows, which browsers take from https pages only."""
    for path in PAGES:
        headers = prefixed.get(f"/chat{path}").headers
        assert headers["strict-transport-security"] == "max-age=31536000", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path


def test_no_response_holds_a_secret(tmp_path: Path) -> None:
    """Neither the model's key nor the index server's token is in any page, script or answer, nor printed."""
    secret = "of-the-owner-alone"
    settings = {
        "llm": "openai:some-model",
        "llm_api_key": SecretStr(secret),
        "index_token": SecretStr(secret),
    }
    bot = _bot(tmp_path, **settings)
    with TestClient(create_app(bot, chats=["fr"]), HERE, raise_server_exceptions=False) as client:
        told = [client.get(path).text for path in PAGES]
        told += [
            client.post("/api/ask", json={"question": word}).text
            for word in ("Vitagora?", "broken", "offline")
        ]
    assert "some-model" in "".join(told)  # the privacy page names it
    assert secret not in "".join(
        [*told, repr(bot.settings), str(bot.settings), bot.settings.model_dump_json()]
    )


# ---- Behind a proxy ------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", ["", "/chat"])
def test_a_prefix_may_be_passed_on_or_cut_off(prefixed: TestClient, cut: str) -> None:
    """Every link of a page is below it, and Gradio's configuration has the public address."""
    for path in (
        "/fr",
        "/fr/",
        "/widget.js",
        "/embed",
        "/health",
        "/documents/dijon.fr.md",
        "/static/chat.js",
    ):
        assert prefixed.get(f"{cut}{path}", headers={"Host": "www.example.org"}).status_code == 200
    assert prefixed.get(f"{cut}/").headers["location"] == "/chat/fr"
    page = prefixed.get(f"{cut}/fr").text
    assert "https://www.example.org/chat/fr" in page
    for html in (page, prefixed.get(f"{cut}/embed").text, prefixed.get(f"{cut}/documents/dijon.fr.md").text):
        inside = re.findall(r'(?:src|href)="(/[^"]*)"', html)
        assert inside
        assert all(link.startswith("/chat/") for link in inside), inside
    assert prefixed.get(f"{cut}/fr/gradio_api/upload").status_code == 404
    assert prefixed.get(f"{cut}/fr", headers={"Host": "stranger.example"}).status_code == 421


def _snippet(language: str) -> str:
    return DOCUMENTATION.split(f"```{language}\n", 1)[1].split("```", 1)[0]


@contextmanager
def _proxy(command: list[str], port: int) -> Iterator[None]:
    """Run a proxy until the block ends."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 20
            while True:
                if process.poll() is not None:
                    pytest.fail(f"{command[0]} ended: {process.stderr.read() if process.stderr else ''}")
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, f"{command[0]} did not listen"
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def _behind_nginx(upstream: str, port: int, folder: Path, keepalive: bool = False) -> Iterator[None]:
    named = (
        f"upstream chat {{ server {upstream.removeprefix('http://')}; keepalive 1; }}" if keepalive else ""
    )
    location = _snippet("nginx").replace("http://127.0.0.1:7860", "http://chat" if keepalive else upstream)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}} "
        f"http {{ access_log off; {temporary} {named} "
        # It runs as nobody, who may write no file there.
        "client_body_buffer_size 1m; "
        # The port is part of the public address here; at home it is 443 and nowhere seen.
        f"server {{ listen 127.0.0.1:{port}; {location.replace('$host', '$http_host')} }} }}",
        "utf-8",
    )
    with _proxy([_nginx(), "-c", str(folder / "nginx.conf"), "-p", str(folder)], port):
        yield


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        pytest.skip("No nginx found. Install it: sudo apt-get install -y nginx")
    return found


@contextmanager
def _behind_caddy(upstream: str, port: int, folder: Path) -> Iterator[None]:
    found = shutil.which("caddy")
    if found is None:
        pytest.skip("No Caddy found. Install it: sudo apt-get install -y caddy")
    site = _snippet("caddy").replace("127.0.0.1:7860", upstream.removeprefix("http://"))
    site = site.replace("www.example.org {", f"http://127.0.0.1:{port} {{", 1)
    (folder / "Caddyfile").write_text(f"{{\nadmin off\nauto_https off\n}}\n{site}", "utf-8")
    with _proxy([found, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], port):
        yield


@pytest.mark.system
@pytest.mark.parametrize("behind", [_behind_nginx, _behind_caddy], ids=["nginx", "caddy"])
def test_the_documented_proxies_work(behind: Any, tmp_path: Path) -> None:
    """The snippet of the documentation, in a real proxy: pages, probes, and a stream that isn't held back."""
    port = free_port()
    public = f"http://127.0.0.1:{port}/chat"
    bot = _bot(tmp_path, public_url=public)
    with serving(bot, chats=["fr"]) as upstream, behind(upstream, port, tmp_path):
        assert httpx.get(f"{public}/health").json() == {"status": "ok"}
        page = httpx.get(f"{public}/fr").text
        assert f"{public}/fr" in page
        assert httpx.get(f"{public}/fr/theme.css").status_code == 200
        assert httpx.get(f"{public}/fr/gradio_api/upload").status_code == 404
        ask = f"{public}/api/ask"
        own = {"Origin": f"http://127.0.0.1:{port}"}
        assert httpx.post(ask, json={"question": "Vitagora?"}, headers=own).json()["status"] == "answered"
        assert httpx.post(ask, json={"question": "x"}, headers={"Origin": STRANGER}).status_code == 403
        started = time.monotonic()
        events = {"Accept": "text/event-stream"}
        with httpx.stream("POST", ask, json={"question": "slow"}, headers=events, timeout=30) as stream:
            first = next(stream.iter_text())
            assert "event: token" in first
            assert "event: answer" not in first
            assert time.monotonic() - started < 5  # the whole answer takes eight seconds


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """Those of a chat, and of an nginx before it that sends all visitors' requests over one connection."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    bot = _bot(folder, public_url=f"http://127.0.0.1:{port}/chat")
    with serving(bot, chats=["fr"]) as upstream, _behind_nginx(upstream, port, folder, keepalive=True):
        yield {"uvicorn": int(upstream.rpartition(":")[2]), "nginx": port}


SMUGGLED = b"GET /fr/gradio_api/info HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def _exchanged(port: int, sent: bytes) -> bytes:
    """Send on a connection of its own, and return all that comes until the other side ends it."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def _statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", received)]


def _assert_next_answers_are_their_own(port: int) -> None:
    """What was left on a connection that requests share would be answered to somebody else."""
    for _ in range(3):
        answered = httpx.get(f"http://127.0.0.1:{port}/chat/health")
        assert (answered.status_code, answered.text) == (200, '{"status":"ok"}')


@pytest.mark.parametrize("way", ["uvicorn", "nginx"])
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 90\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Content-Length: +4\r\n",
    ],
)
def test_a_smuggled_request_is_not_answered(head: bytes, way: str, ports: dict[str, int]) -> None:
    """What can be read in two ways is refused, and its connection ends with all that stands behind it."""
    start = b"POST /chat/api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    received = _exchanged(ports[way], start + head + b"\r\n0\r\n\r\n" + SMUGGLED)
    assert _statuses(received) in ([400], [501])
    assert b"named_endpoints" not in received
    _assert_next_answers_are_their_own(ports["nginx"])


@pytest.mark.parametrize("way", ["uvicorn", "nginx"])
@pytest.mark.parametrize(
    ("status", "start"),
    [
        (404, b"POST /chat/nowhere HTTP/1.1\r\n"),
        (405, b"DELETE /chat/api/ask HTTP/1.1\r\n"),
        (403, b"POST /chat/api/ask HTTP/1.1\r\nOrigin: https://stranger.example\r\n"),
        (200, b"GET /chat/health HTTP/1.1\r\n"),
        (413, b"POST /chat/api/ask HTTP/1.1\r\n"),
    ],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_body_that_nobody_read_is_no_request(
    chunked: bool, status: int, start: bytes, way: str, ports: dict[str, int]
) -> None:
    """What is answered before its body is read leaves nothing of it on the connection."""
    body = SMUGGLED * (10_000 if status == 413 else 1)
    if chunked:
        head, body = b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        head = b"Content-Length: %d" % len(body)
    last = b"GET /chat/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    received = _exchanged(ports[way], start + b"Host: 127.0.0.1\r\n" + head + b"\r\n\r\n" + body + last)
    assert _statuses(received) == [status, 200]
    assert received.endswith(b'{"status":"ok"}')
    assert b"named_endpoints" not in received
    _assert_next_answers_are_their_own(ports["nginx"])


GET = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
WITHOUT_END = {
    "address": (b"GET /", b"x" * 65536),
    "header": (GET + b"X: ", b"x" * 65536),
    "headers": (GET, b"a:b\r\n" * 13_000),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"a:b\r\n" * 13_000),
    "chunk": (CHUNKED + b"2;", b"x" * 65536),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """That of a chat with nothing before it."""
    with serving(_bot(tmp_path_factory.mktemp("alone")), chats=()) as address:
        yield int(address.rpartition(":")[2])


@pytest.mark.parametrize("kind", WITHOUT_END)
def test_what_a_connection_makes_the_server_keep_is_bounded(kind: str, port: int) -> None:
    """Whatever has no end is ended by the server, long before it is dear."""
    start, more = WITHOUT_END[kind]
    ended = False
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(start)
            for _ in range(64):
                connection.sendall(more)
            while connection.recv(65536):
                pass
            ended = True
        except ConnectionError:
            ended = True
        except TimeoutError:
            pass
    assert ended
    assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200


def test_requests_that_are_not_answered_any_more_leave_no_trace_in_the_log(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Those before the one too many, and those of a client that sends several and goes."""
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    try:
        for sent in (GET + b"\r\n") * 3, (GET + b"\r\n") * 1_000:
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", port), 10) as connection:
                    connection.sendall(sent)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    finally:
        log.removeHandler(caplog.handler)
    assert not caplog.records


def test_headers_as_browsers_and_proxies_send_them_pass(port: int) -> None:
    """Cookies of other services on the same domain may be long, and a connection is used many times."""
    with httpx.Client() as client:
        for _ in range(20):
            headers = {"Cookie": "x" * 30_000, **{f"X-Proxy-{number}": "1" for number in range(80)}}
            assert client.get(f"http://127.0.0.1:{port}/health", headers=headers).status_code == 200


# ---- Settings and the doctor ---------------------------------------------------------------------


def test_origins_are_written_as_browsers_write_them() -> None:
    """Case, the scheme's own port, a final slash and international names make no other site."""
    listed = (
        "HTTPS://WWW.Example.ORG:443/, https://www.example.org http://127.0.0.1:8080,https://日仏.example"
    )
    assert normal_origins(listed) == (
        "https://www.example.org http://127.0.0.1:8080 https://xn--1mqr67c.example"
    )
    assert origin_of("https://[2001:DB8::1]:443/page") == "https://[2001:db8::1]"
    address = public_address("https://www.example.org:8443//chat/fr/")
    assert (address.host, address.prefix) == ("www.example.org:8443", "/chat/fr")


@pytest.mark.parametrize(
    "origins", ["*", "https://*.example.org", "www.example.org", "https://a.example/page", "ftp://a.example",
                "https://a.example;script-src", "https://user@a.example", "https://"],
)  # fmt: skip
def test_what_is_no_origin_stops_the_start(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    """A star would let everyone in, and a typing error would let nobody: both are named at once."""
    monkeypatch.setenv("PARTNERBOT_ALLOWED_ORIGINS", origins)
    with pytest.raises(ConfigurationError, match="PARTNERBOT_ALLOWED_ORIGINS"):
        load_settings()


def _findings(bot: ScriptedBot, site: str) -> dict[str, tuple[bool | None, str]]:
    return {
        finding.subject: (finding.passed, finding.text) for finding in check_embedding(bot.settings, site)
    }


def test_the_doctor_says_why_a_site_may_not_embed(tmp_path: Path) -> None:
    """Each cause has its own finding with what to do, from a running chat and a running site."""
    with hosting("127.0.0.2") as site:
        bot = _bot(tmp_path, allowed_origins=site.origin)
        with serving(bot, chats=["fr"]) as chat:
            bot.settings = bot.settings.model_copy(update={"public_url": chat})
            site.page("/open", "")
            site.page("/strict", "", policy="default-src 'self'; script-src 'self' https:")
            assert all(passed for passed, _ in _findings(bot, f"{site.origin}/open").values())
            passed, text = _findings(bot, f"{site.origin}/strict")["policy of the site"]
            assert passed is False
            assert text.endswith(f"needs: script-src {chat}; frame-src {chat}")
            stated = f'content="script-src {chat}; frame-src other.example"'
            site.page("/markup", "", head=f'<meta http-equiv="content-security-policy" {stated}>')
            passed, text = _findings(bot, f"{site.origin}/markup")["policy of the site"]
            assert (passed, text.partition(" needs: ")[2]) == (False, f"frame-src {chat}")
            site.page("/nonce", "", policy="script-src 'strict-dynamic' 'nonce-x' https: http:")
            passed, text = _findings(bot, f"{site.origin}/nonce")["policy of the site"]
            assert passed is None
            assert "nonce" in text
            site.redirects["/moved"] = f"{chat.replace('127.0.0.1', 'localhost')}/health"
            passed, text = _findings(bot, f"{site.origin}/moved")["settings"]
            assert passed is False
            assert "leads to http://localhost:" in text
            site.page("/isolated", "")
            site.pages["/isolated"][1]["Cross-Origin-Embedder-Policy"] = "require-corp"
            passed, text = _findings(bot, f"{site.origin}/isolated")["policy of the site"]
            assert passed is False
            assert "Cross-Origin-Embedder-Policy: require-corp" in text
            bot.settings = bot.settings.model_copy(update={"allowed_origins": "https://www.other.example"})
            passed, text = _findings(bot, f"{site.origin}/open")["settings"]
            assert passed is False
            assert f"PARTNERBOT_ALLOWED_ORIGINS='https://www.other.example, {site.origin}'" in text
            _missing_from_the_running_chat(bot, site)


def _missing_from_the_running_chat(bot: ScriptedBot, site: HostSite) -> None:
    """What the server was started with counts, not what the settings say now."""
    bot.settings = bot.settings.model_copy(update={"allowed_origins": "http://127.0.0.3:1"})
    passed, text = _findings(bot, "http://127.0.0.3:1/")["running chat"]
    assert passed is False
    assert f"frame-ancestors 'self' {site.origin}" in text
    insecure = _findings(bot, "https://127.0.0.3:1/")["https"]
    assert insecure[0] is False


def test_the_doctor_knows_www_for_another_site(tmp_path: Path) -> None:
    """The commonest cause is named; what can't be asked is neither passed nor failed."""
    bot = _bot(tmp_path, allowed_origins="https://example.invalid", port=str(free_port()))
    findings = _findings(bot, "https://www.example.invalid/")
    assert (
        "https://example.invalid is allowed, which browsers take for another site" in findings["settings"][1]
    )
    assert findings["running chat"][0] is None
    assert findings["policy of the site"][0] is None


# ---- The script ----------------------------------------------------------------------------------


def test_embedding_looks_as_the_owner_wishes(tmp_path: Path) -> None:
    """Name and notice in the script, name, colours and logo on the page for staff, and whom to write to."""
    appearance = tmp_path / "appearance.toml"
    appearance.write_text(
        'logo = "own.svg"\n[name]\nja = "窓口"\n[notice]\nja = "自動応答です。"\n'
        '[colours.light]\naccent = "#7a1f3d"\n',
        "utf-8",
    )
    (tmp_path / "own.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    bot = _bot(tmp_path, appearance=appearance, contact="staff@example.org")
    with TestClient(api_of(bot), HERE) as client:
        script = client.get("/widget.js").text
        page = client.get("/embed?lang=ja").text
    assert '"title": "窓口", "notice": "自動応答です。"' in script
    assert script.rstrip().endswith(', "#7a1f3d");')
    assert texts_of("fr").page.title in script
    assert "窓口</title>" in page
    assert "/appearance/colours.css" in page
    assert "/appearance/logo" in page
    assert texts_of("ja").page.no_script in page
    assert 'href="mailto:staff@example.org"' in page


def test_staff_see_which_sites_show_the_chat(tmp_path: Path, database: str) -> None:
    """Those that may, by the pages that asked for the script; a stranger's address is told nowhere.

    It is kept with the other records, and is gone when no site may embed the chat any more.
    """
    sites = ["https://www.example.org", "https://other.example.org"]
    bot = _bot(tmp_path, allowed_origins=" ".join(sites), records=database)
    days = {datetime.now(UTC).date()}
    with TestClient(api_of(bot), HERE) as client:
        for page in (f"{sites[0]}/fr/page?x=1", "https://stranger.example/", "http://[no address", ""):
            assert client.get("/widget.js", headers={"Referer": page}).status_code == 200
    with TestClient(api_of(bot), HERE) as client:  # another process
        shown = client.get("/embed?lang=ja").text
        (row,) = kept(bot.settings, EMBEDDERS)
        assert row.keys() == {"origin", "day"}
    days.add(datetime.now(UTC).date())  # midnight may have come
    texts = texts_of("ja")
    seen = [texts.embed.seen.format(date=written_date(day.isoformat(), texts)) for day in days]
    assert any(f"<code>{sites[0]}</code> – {each}" in shown for each in seen)
    assert f"<code>{sites[1]}</code> – {texts.embed.unseen}" in shown
    assert "stranger" not in shown
    assert Records(bot.settings.model_copy(update={"allowed_origins": ""})).purge() == 1


def test_replicas_see_a_site_at_once(tmp_path: Path, database: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each keeps what the others keep, too, without an error."""
    bot = _bot(tmp_path, allowed_origins=ALLOWED, records=database)
    kept_before = update(EMBEDDERS).values(day=date(2026, 1, 1))
    page, together = {"Referer": f"{ALLOWED}/page"}, Barrier(8)

    def visit(client: TestClient) -> None:
        together.wait()
        assert client.get("/widget.js", headers=page).status_code == 200

    with ExitStack() as stack:
        first, *replicas = [stack.enter_context(TestClient(api_of(bot), HERE)) for _ in range(9)]
        first.get("/widget.js", headers=page)
        assert Records(bot.settings).change(kept_before) >= 1
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(visit, replicas))
    assert [row["day"] for row in kept(bot.settings, EMBEDDERS) if row["origin"] == ALLOWED] > [
        date(2026, 1, 1)
    ]
    assert "isn't kept" not in caplog.text


@pytest.mark.parametrize("kind", ["bubble", "inline", "element", "frame"])
def test_the_preview_shows_a_chat_and_nothing_else(client: TestClient, kind: str) -> None:
    """In a language that there is; what else an address names is the page's own language."""
    query = {"kind": kind, "page": "ja", "language": "../documents/rapport.pdf"}
    page = client.get("/embed/preview", params=query).text
    assert "rapport" not in page
    assert ('src="/ja"' in page) == (kind == "frame")
    named = client.get("/embed/preview", params=query | {"language": "ko"}).text
    assert ('src="/ko"' if kind == "frame" else 'data-language="ko"') in named


def test_the_script_is_small_whole_and_cached(client: TestClient) -> None:
    """Under 15 kB compressed, with every language's words, no address of anyone, and a tag for caches."""
    with client.stream("GET", "/widget.js", headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join(response.iter_raw())
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["content-type"].startswith("text/javascript")
    assert len(packed) < 15_000
    script = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "Poser une question" in script.text
    assert "質問する" in script.text
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", script.text) == []
    again = client.get("/widget.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
