"""Limits, overload and the kill switch: through the real application, with clients at chosen addresses."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from altcha import Challenge, Payload, solve_challenge
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gradio import Request
from playwright.sync_api import Browser, expect
from starlette.routing import Mount
from starlette.types import ASGIApp, Scope, Send

from browsing import visiting
from event_loops import run_apart
from partnerbot.answering.answer import Turn
from partnerbot.cli import main
from partnerbot.errors import ConfigurationError, NotAdmitted
from partnerbot.settings import load_settings
from partnerbot.web.api import api_router
from partnerbot.web.app import create_app
from partnerbot.web.chat.blocks import Chat
from partnerbot.web.chat.gradio_page import REMEMBERED_SESSIONS
from partnerbot.web.example_questions import Suggestions
from partnerbot.web.limits.client_store import Allowance, ClientStore
from partnerbot.web.limits.entrance import Entrance
from partnerbot.web.limits.pause import pause
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.page_texts import languages, texts_of
from partnerbot.web.reception import Asked, Reception
from partnerbot.web.render import Renderer
from partnerbot.web.routes import Gate
from scripted_bot import ScriptedBot
from serving import api_of, free_port, serving

VITAGORA = "When did Vitagora open its Kumamoto office?"


@pytest.fixture(scope="module")
def quiet_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application with the French chat and without limits."""
    return create_app(ScriptedBot(tmp_path_factory.mktemp("quiet") / "bot"), chats=["fr"])


def gradio_app(app: FastAPI) -> Any:
    """Return the application that Gradio has mounted for the French chat."""
    opened: Any = next(route.app for route in app.routes if isinstance(route, Mount) and route.path == "/fr")
    return opened.routes[0].app


def event_numbers(app: FastAPI) -> dict[str, int]:
    """Return the numbers of the French chat's events by the names of their functions."""
    events = gradio_app(app).get_blocks().fns.values()
    return {getattr(event.fn, "__name__", "a cancelling"): event._id for event in events}


@asynccontextmanager
async def client_at(app: ASGIApp, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that is connected from an address."""
    transport = httpx.ASGITransport(app, client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def ask(app: ASGIApp, address: str, **headers: str) -> httpx.Response:
    """Ask one question from an address."""

    async def asking() -> httpx.Response:
        async with client_at(app, address) as client:
            return await client.post("/api/ask", json={"question": VITAGORA}, headers=headers)

    return run_apart(asking())


# ---- Limits ------------------------------------------------------------------------------------


def test_over_the_limit_is_429_that_says_when(tmp_path: Path) -> None:
    """With Retry-After in seconds, and the same time in words, in the asker's language, also where events are
    asked for; it never reaches the bot.
    """
    bot = ScriptedBot(tmp_path, questions_per_minute=2)
    app = api_of(bot)
    assert [ask(app, "203.0.113.7").status_code for _ in range(2)] == [200, 200]
    for language, when in {"fr": "dans ", "ja": "後にもう一度", "en": "again in "}.items():
        for accepted in ("*/*", "text/event-stream"):
            headers = {"Accept-Language": language, "Accept": accepted}
            refused = ask(app, "203.0.113.7", **headers)
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.json()["error"]["reason"] == "too_many_questions"
            assert when in refused.json()["error"]["message"]
            assert "{" not in refused.json()["error"]["message"]
    assert len(bot.asked) == 2


def test_each_client_has_limits_of_its_own(tmp_path: Path) -> None:
    """One that has used up its questions doesn't keep another from asking."""
    app = api_of(ScriptedBot(tmp_path, questions_per_minute=1))
    assert [ask(app, a).status_code for a in ("203.0.113.7", "203.0.113.7", "203.0.113.8")] == [200, 429, 200]


@pytest.mark.parametrize("limit", ["questions_per_minute", "questions_per_day"])
def test_a_line_is_one_client_whatever_its_ipv6_address(tmp_path: Path, limit: str) -> None:
    """However many of its 65,536 networks ask; an IPv4 address written as IPv6 is the same client."""
    app = api_of(ScriptedBot(tmp_path, **{limit: 1}))
    asked = [
        "2001:db8:1:2::5",
        "2001:db8:1:2:ffff::9",
        "2001:db8:1:3::5",
        "2001:db8:2:2::5",
        "203.0.113.7",
        "::ffff:203.0.113.7",
        "203.0.113.8",
    ]
    assert [ask(app, address).status_code for address in asked] == [200, 429, 429, 200, 200, 429, 200]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("questions_per_day", "too_many_questions"),
        ("all_questions_per_minute", "too_many_in_all"),
        ("all_questions_per_day", "too_many_in_all"),
    ],
)
def test_each_limit_is_kept(tmp_path: Path, limit: str, reason: str) -> None:
    """By day, and for all clients together, as well as by minute."""
    app = api_of(ScriptedBot(tmp_path, **{limit: 3}))
    addresses = [f"203.0.113.{n if limit.startswith('all') else 1}" for n in range(4)]
    responses = [ask(app, address) for address in addresses]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert responses[-1].json()["error"]["reason"] == reason
    assert int(responses[-1].headers["retry-after"]) >= 1


# ---- Who is asking -----------------------------------------------------------------------------


def test_a_spoofed_forwarding_header_changes_nothing(tmp_path: Path) -> None:
    """Without trusted proxies, and from a stranger with them, the connected address counts."""
    for folder, proxies in (("a", ""), ("b", "10.0.0.1")):
        app = api_of(ScriptedBot(tmp_path / folder, questions_per_minute=1, trusted_proxies=proxies))
        codes = [
            ask(app, "203.0.113.7", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(3)
        ]
        assert codes == [200, 429, 429]


def test_behind_a_trusted_proxy_the_visitor_counts(tmp_path: Path) -> None:
    """What the proxy appended, not what the visitor wrote before it; through several proxies too."""
    app = api_of(ScriptedBot(tmp_path, questions_per_minute=1, trusted_proxies="127.0.0.1, 10.0.0.0/8"))

    def status(forwarded: str) -> int:
        return ask(app, "10.1.2.3", **{"X-Forwarded-For": forwarded}).status_code

    assert status("203.0.113.7") == 200
    assert status("203.0.113.8") == 200
    assert status("198.51.100.1, 203.0.113.7") == 429
    assert status("198.51.100.2, 203.0.113.7, 10.9.9.9") == 429


@pytest.mark.parametrize(
    ("network", "proxy"),
    [
        ("2001:db8::/32", "2001:db8:1:2::5"),
        ("2001:db8::7/128", "2001:db8::7"),
        ("10.1.2.3/32", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),
    ],
)
def test_a_network_of_proxies_is_trusted_whole(tmp_path: Path, network: str, proxy: str) -> None:
    """Of whatever width; the same number of bits is one address of IPv4 and a provider's whole of IPv6."""
    app = api_of(ScriptedBot(tmp_path, questions_per_minute=1, trusted_proxies=network))
    codes = [ask(app, proxy, **{"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in (1, 2, 2)]
    assert codes == [200, 200, 429]


def test_an_unknown_proxy_is_told_to_the_operator_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the setting that makes it known, and without any visitor's address."""
    app = api_of(ScriptedBot(tmp_path))
    for _ in range(3):
        ask(app, "10.0.0.9", **{"X-Forwarded-For": "203.0.113.7"})
    told = [record.message for record in caplog.records if "PARTNERBOT_TRUSTED_PROXIES" in record.message]
    assert len(told) == 1
    assert "PARTNERBOT_TRUSTED_PROXIES=10.0.0.9" in told[0]
    assert "203.0.113.7" not in told[0]


@pytest.mark.parametrize("proxies", ["*", "everyone", "10.0.0.0/99"])
def test_a_proxy_must_be_an_address(monkeypatch: pytest.MonkeyPatch, proxies: str) -> None:
    """A star would let every visitor say who they are."""
    monkeypatch.setenv("PARTNERBOT_TRUSTED_PROXIES", proxies)
    with pytest.raises(ConfigurationError, match="PARTNERBOT_TRUSTED_PROXIES"):
        load_settings()


# ---- Several replicas --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis on a free port; where there is none the tests are skipped."""
    pytest.importorskip("redis")
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("No Redis found. Install it: sudo apt-get install -y redis-server")
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}"
        server.terminate()


def test_replicas_count_together(tmp_path: Path, redis_address: str) -> None:
    """A client meets one limit, whichever replica it comes to; the store knows no address."""
    replicas = [
        api_of(ScriptedBot(tmp_path / name, questions_per_minute=3, limits_store=redis_address))
        for name in ("a", "b")
    ]
    codes = [ask(replicas[n % 2], "203.0.113.7").status_code for n in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    import redis

    keys = redis.Redis.from_url(redis_address).keys("*")
    assert keys
    assert not [key for key in keys if b"203.0.113.7" in key]


def test_without_its_store_a_replica_counts_alone(tmp_path: Path) -> None:
    """A Redis that has gone neither opens the door to all nor closes it."""
    store = f"redis://127.0.0.1:{free_port()}"
    app = api_of(ScriptedBot(tmp_path, questions_per_minute=2, limits_store=store))
    assert [ask(app, "203.0.113.7").status_code for _ in range(3)] == [200, 200, 429]


def test_a_store_that_is_none_is_refused_at_the_start() -> None:
    """The message says what to write."""
    with pytest.raises(ConfigurationError, match="PARTNERBOT_LIMITS_STORE"):
        ClientStore("postgres://x")


# ---- Work before a first question --------------------------------------------------------------


def challenge_for(app: ASGIApp, address: str) -> httpx.Response:
    """Ask what there is to do."""

    async def asking() -> httpx.Response:
        async with client_at(app, address) as client:
            return await client.get("/api/challenge")

    return run_apart(asking())


def solved(challenge: httpx.Response) -> str:
    """Do what was asked, with the library's own solver."""
    posed = Challenge.from_dict(challenge.json())
    solution = solve_challenge(posed)
    assert solution is not None
    return Payload(posed, solution).to_base64()


def hand_in(app: ASGIApp, address: str, payload: str) -> httpx.Response:
    """Send a solution."""

    async def sending() -> httpx.Response:
        async with client_at(app, address) as client:
            headers = {"Accept-Language": "ja"}
            return await client.post("/api/challenge", json={"payload": payload}, headers=headers)

    return run_apart(sending())


def test_work_comes_before_the_first_question(tmp_path: Path) -> None:
    """Who has done it asks as before; it costs the bot nothing until then; by default there is none."""
    bot = ScriptedBot(tmp_path / "a", challenge=True)
    app = api_of(bot)
    refused = ask(app, "203.0.113.7")
    assert (refused.status_code, refused.json()["error"]["reason"]) == (403, "challenge")
    assert bot.asked == []
    payload = solved(challenge_for(app, "203.0.113.7"))
    assert hand_in(app, "203.0.113.7", payload).status_code == 204
    assert [ask(app, "203.0.113.7").status_code for _ in range(2)] == [200, 200]
    assert challenge_for(app, "203.0.113.7").status_code == 204
    assert ask(app, "203.0.113.8").status_code == 403
    assert challenge_for(api_of(ScriptedBot(tmp_path / "b")), "203.0.113.7").status_code == 204


def test_work_cannot_be_handed_on_or_made_up(tmp_path: Path) -> None:
    """Not a solution for another address, of another server, cut or changed; the refusal is localised."""
    app, other = (api_of(ScriptedBot(tmp_path / name, challenge=True)) for name in ("a", "b"))
    good = solved(challenge_for(app, "203.0.113.7"))
    foreign = solved(challenge_for(other, "203.0.113.9"))
    changed = Payload.from_base64(good)
    changed.challenge.parameters.expires_at = int(time.time()) + 10**9
    for payload in (good, foreign, good[:-9], changed.to_base64(), "", "{}", "é"):
        refused = hand_in(app, "203.0.113.9", payload)
        assert refused.status_code == 403
        assert "ブラウザ" in refused.json()["error"]["message"]
    assert ask(app, "203.0.113.9").status_code == 403


def test_work_counts_at_every_replica(tmp_path: Path, redis_address: str) -> None:
    """Done at one, through a shared store; made at one and handed in at another."""
    one, another = (
        api_of(ScriptedBot(tmp_path / name, challenge=True, limits_store=redis_address))
        for name in ("a", "b")
    )
    payload = solved(challenge_for(one, "203.0.113.77"))
    assert hand_in(another, "203.0.113.77", payload).status_code == 204
    assert [ask(app, "203.0.113.77").status_code for app in (one, another)] == [200, 200]


@pytest.mark.browser
def test_the_chat_does_the_work_by_itself(tmp_path: Path, browser: Browser) -> None:
    """A visitor asks as ever, and nothing stays in the browser; where it fails, the chat says so."""
    bot = ScriptedBot(tmp_path, challenge=True)
    with serving(bot, chats=["en"]) as address, visiting(browser, address) as visitor:
        page = visitor.open("en")
        asked_for: list[str] = []
        page.on("request", lambda request: asked_for.append(f"{request.method} {request.url}"))
        page.route("**/api/challenge", lambda route: route.fulfill(status=204))
        visitor.ask(VITAGORA)
        expect(page.locator(".pb-rejected")).to_have_text(texts_of("en").errors.challenge)
        page.unroute("**/api/challenge")
        for _ in range(2):
            visitor.ask(VITAGORA)
        expect(page.locator(".pb-answered")).to_have_count(2)
        assert asked_for.count(f"POST {address}/api/challenge") == 1
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length") == 0


# ---- Overload ----------------------------------------------------------------------------------


def test_a_full_room_says_so_at_once_and_recovers(tmp_path: Path) -> None:
    """Who finds no seat is told before any who waits is answered; then all is as before."""
    app = api_of(ScriptedBot(tmp_path, concurrent_answers=2, waiting_questions=4))

    async def crowd() -> list[tuple[int, float, str | None]]:
        async def visitor(number: int) -> tuple[int, float, str | None]:
            async with client_at(app, f"203.0.113.{number}") as client:
                started = time.monotonic()
                response = await client.post("/api/ask", json={"question": "a moment"})
                return response.status_code, time.monotonic() - started, response.headers.get("retry-after")

        return await asyncio.gather(*map(visitor, range(20)))

    ends = run_apart(crowd())
    assert sorted(code for code, _, _ in ends) == [200] * 6 + [503] * 14
    answered = sorted(seconds for code, seconds, _ in ends if code == 200)
    assert max(seconds for code, seconds, _ in ends if code == 503) < answered[2]
    assert {after for code, _, after in ends if code == 503} == {"5"}
    assert ask(app, "203.0.113.1").status_code == 200


def test_a_language_model_has_places_of_its_own(tmp_path: Path) -> None:
    """Who waits for its words holds no place of those whose answers are worked out here."""
    bot = ScriptedBot(
        tmp_path, concurrent_answers=1, waiting_questions=1, llm="openai:scripted", llm_concurrent=2
    )
    app = api_of(bot)

    async def crowd() -> list[int]:
        async def visitor(number: int) -> int:
            async with client_at(app, f"203.0.113.{number}") as client:
                return (await client.post("/api/ask", json={"question": "a moment"})).status_code

        return await asyncio.gather(*map(visitor, range(6)))

    assert sorted(run_apart(crowd())) == [200] * 4 + [503] * 2


def test_clients_take_turns() -> None:
    """One that has filled its seats waits behind itself; another's first question comes before them."""

    async def order() -> list[str]:
        room = WaitingRoom(places=1, seats=12)
        answered: list[str] = []

        async def question(client: str) -> None:
            await room.enter(client)
            answered.append(client)
            await asyncio.sleep(0.01)
            room.leave(client)

        rude = [asyncio.create_task(question("rude")) for _ in range(4)]
        await asyncio.sleep(0)
        polite = [asyncio.create_task(question(name)) for name in ("anne", "ken")]
        await asyncio.gather(*rude, *polite)
        assert (room.working, room.waiting) == (0, 0)
        return answered

    assert run_apart(order()) == ["rude", "rude", "anne", "ken", "rude", "rude"]


def test_one_client_leaves_places_and_seats_to_others() -> None:
    """It has half of the places and a quarter of the seats; the next one of it is refused."""

    async def scene() -> None:
        room = WaitingRoom(places=4, seats=8)
        rude, polite = ("rude", "polite")
        await room.enter(rude)
        await room.enter(rude)
        waiting = [asyncio.create_task(room.enter(rude)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(NotAdmitted, match="too_many_at_once"):
            await room.enter(rude)
        await asyncio.wait_for(room.enter(polite), 1)
        assert (room.working, room.waiting) == (3, 2)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert room.waiting == 0

    run_apart(scene())


def test_who_does_not_wait_has_soon_used_up_the_minute(tmp_path: Path) -> None:
    """Refused questions of one client count, so that few of a flood are worked out; a crowd's don't.

    A household is one client, from whichever of its addresses it asks.
    """
    bot = ScriptedBot(tmp_path, concurrent_answers=2, waiting_questions=8, questions_per_minute=12)
    app = api_of(bot)

    async def flood() -> list[httpx.Response]:
        async def one(number: int) -> httpx.Response:
            async with client_at(app, f"2001:db8:1:2::{number:x}") as client:
                return await client.post("/api/ask", json={"question": "a moment"})

        return await asyncio.gather(*map(one, range(40)))

    refused = [response for response in run_apart(flood()) if response.status_code == 429]
    reasons = [response.json()["error"]["reason"] for response in refused]
    assert len(bot.asked) == 3
    assert reasons.count("too_many_at_once") == 9
    assert reasons.count("too_many_questions") == 28


def test_a_visitor_who_has_gone_holds_no_place(tmp_path: Path) -> None:
    """Neither one who leaves while waiting nor one who leaves while the answer comes."""
    app = api_of(ScriptedBot(tmp_path, concurrent_answers=1, waiting_questions=16))

    async def scene() -> int:
        async def leave_after(seconds: float, address: str) -> None:
            async with client_at(app, address) as client:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(client.post("/api/ask", json={"question": "half slow"}), seconds)

        await asyncio.gather(*(leave_after(0.2, f"203.0.113.{n}") for n in range(3)))
        async with client_at(app, "203.0.113.9") as client:
            response = await asyncio.wait_for(client.post("/api/ask", json={"question": VITAGORA}), 5)
        return response.status_code

    assert run_apart(scene()) == 200


def test_an_answer_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """Whole it is a 503; as a stream, what has come stays, and its last event is an error."""
    bot = ScriptedBot(tmp_path)
    app = FastAPI()
    app.include_router(api_router(bot, Reception(bot, longest_answer_seconds=1.5)))
    with TestClient(app) as client:
        refused = client.post("/api/ask", json={"question": "slow"})
        assert (refused.status_code, refused.json()["error"]["reason"]) == (503, "unavailable")
        started = time.monotonic()
        streamed = client.post("/api/ask", json={"question": "slow"}, headers={"Accept": "text/event-stream"})
        assert time.monotonic() - started < 4  # the whole answer takes eight seconds
        *tokens, last = streamed.text.strip().split("\n\n")
        assert tokens
        assert all(event.startswith("event: token") for event in tokens)
        assert last.startswith("event: error")


def test_a_language_model_has_its_time_beside_the_longest_answer(tmp_path: Path) -> None:
    """An owner who gives a slow model more time isn't cut short by the limit on the rest."""
    bot = ScriptedBot(tmp_path, llm="openai:slow", llm_answer_seconds=20)
    app = FastAPI()
    app.include_router(api_router(bot, Reception(bot, longest_answer_seconds=0.1)))
    with TestClient(app) as client:
        assert client.post("/api/ask", json={"question": "moment"}).status_code == 200


def test_one_client_can_hold_only_so_many_requests_open() -> None:
    """Others are served meanwhile, and it is again when it has closed some; a line is one client."""
    hold = asyncio.Event()

    async def endless(_scope: object, _receive: object, send: Callable[..., object]) -> None:
        await hold.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[misc]

    app = Entrance(endless, ClientStore("memory"), 0, of_one=2, of_all=3)  # type: ignore[arg-type]

    async def scene() -> list[int]:
        async def get(address: str) -> int:
            async with client_at(app, address) as client:
                return (await client.get("/")).status_code

        open_ = [asyncio.create_task(get(address)) for address in ("2001:db8:1:2::5", "2001:db8:1:3::9")]
        await asyncio.sleep(0.1)
        codes = [await get("2001:db8:1:2::7")]
        open_.append(asyncio.create_task(get("203.0.113.8")))
        await asyncio.sleep(0.1)
        codes.append(await get("203.0.113.9"))
        hold.set()
        codes += await asyncio.gather(*open_)
        codes.append(await get("2001:db8:1:2::5"))
        return codes

    assert run_apart(scene()) == [429, 503, 200, 200, 200, 200]


def test_streams_leave_room_and_end() -> None:
    """They may be half of what is open, and not for ever; the probes are answered in any crowd."""
    ended = []

    async def endless(scope: Scope, _receive: object, send: Send) -> None:
        if not scope["path"].startswith("/health"):
            try:
                await asyncio.sleep(60 if scope["path"].endswith("/data") else 0.3)
            finally:
                ended.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = Entrance(endless, ClientStore("memory"), 0, of_all=4, longest_stream_seconds=0.5)  # type: ignore[arg-type]
    stream = "/fr/gradio_api/queue/data"

    async def scene() -> list[int]:
        async def get(number: int, path: str) -> int:
            async with client_at(app, f"203.0.113.{number}") as client:
                return (await client.get(path)).status_code

        streams = [asyncio.create_task(get(number, stream)) for number in (1, 2)]
        await asyncio.sleep(0.1)
        codes = [await get(3, stream)]
        others = [asyncio.create_task(get(number, "/fr")) for number in (4, 5)]
        await asyncio.sleep(0.1)
        codes += [await get(6, "/fr"), await get(6, "/health"), *await asyncio.gather(*others)]
        await asyncio.gather(*streams, return_exceptions=True)
        return codes

    assert run_apart(asyncio.wait_for(scene(), 10)) == [503, 503, 200, 200, 200]
    assert sorted(ended) == ["/fr", "/fr", stream, stream]


def test_a_body_that_comes_too_slowly_is_given_up() -> None:
    """With 408, and what is behind never sees it."""
    seen: list[object] = []

    async def behind(scope: object, *_: object) -> None:
        seen.append(scope)

    async def scene() -> httpx.Response:
        app = Gate(behind, (), body_seconds=0.2)  # type: ignore[arg-type]

        async def drip() -> dict[str, object]:
            await asyncio.sleep(0.05)
            return {"type": "http.request", "body": b"x", "more_body": True}

        sent: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/api/ask", "headers": [], "query_string": b""}
        await app(scope, drip, send)  # type: ignore[arg-type]
        return httpx.Response(int(str(sent[0]["status"])), content=sent[1]["body"])  # type: ignore[arg-type]

    response = run_apart(scene())
    assert response.status_code == 408
    assert response.json()["error"]["reason"] == "too_slow"
    assert seen == []


def test_a_refused_question_has_its_conversation_unread(tmp_path: Path) -> None:
    """What a visitor sends along is read by the thread that answers, and by no other."""
    readers = []

    def history() -> list[Turn]:
        readers.append(threading.current_thread())
        return []

    async def scene() -> None:
        reception = Reception(ScriptedBot(tmp_path, questions_per_minute=1))
        await reception.ask("203.0.113.7", Asked(VITAGORA, history, None, None))
        with pytest.raises(NotAdmitted):
            await reception.ask("203.0.113.7", Asked(VITAGORA, history, None, None))

    run_apart(scene())
    assert [thread.name.startswith("answering") for thread in readers] == [True]


@pytest.mark.parametrize("message", [b'{"role":"user","content":[]}', b"[]", b"1", b'"\\"", ""'])
def test_a_body_of_very_many_values_is_refused_unread(quiet_app: FastAPI, message: bytes) -> None:
    """Reading them would hold the server; a conversation of hours has few."""

    async def status(content: bytes) -> int:
        async with client_at(quiet_app, "203.0.113.7") as client:
            return (await client.post("/fr/gradio_api/run/predict", content=content)).status_code

    many = b'{"data":[[' + b",".join([message] * (900_000 // len(message))) + b"]]}"
    assert run_apart(status(many)) == 413
    assert run_apart(status(many.decode().encode("utf-16")[:1_000_000])) == 413
    words = json.dumps({"data": [], "text": '{[,"\\' * 20_000}).encode()
    assert run_apart(status(words)) == 422


SECRET = "Jean Dupont, 06 12 34 56 78"
SENT_BY_NO_PAGE: list[tuple[object, object]] = [
    ("ask", ["x", SECRET, ["x"]]),
    ("ask", ["x", [SECRET], ""]),
    ("ask", ["x", {"role": "user", "content": SECRET}, ""]),
    ("ask", ["x", [{"role": "user"}, {"content": SECRET}], ""]),
    ("ask", ["x", [{"role": "user", "content": [{"type": "text", "text": {"x": SECRET}}]}], ""]),
    ("ask", ["x", [{"role": "user", "content": [{"type": "file", "file": {"path": SECRET}}]}], ""]),
    ("ask", ["x", [{"role": "user", "content": [], "metadata": {"title": SECRET}}], ""]),
    ("ask", [{"x": SECRET}, [], ""]),
    ("ask", [SECRET]),
    ("ask", [1, "", ""]),
    ("ask", ["x", "", "", SECRET]),
    ("ask", []),
    ("ask", SECRET),
    ("restored", [[SECRET]]),
    ("restored", [{SECRET: 1}]),
    ("a cancelling", []),
    (10_000, ["x", SECRET, ""]),
    (-1, []),
    (10**30, []),
    (None, []),
]


@pytest.mark.parametrize("path", ["queue/join", "run/predict"])
def test_what_no_page_sends_is_refused_and_not_logged(
    quiet_app: FastAPI, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """Gradio would print a visitor's words, with a traceback."""
    numbers = event_numbers(quiet_app)

    async def replies() -> list[httpx.Response]:
        async with client_at(quiet_app, "203.0.113.7") as client:
            bodies = [
                {"data": data, "fn_index": numbers.get(str(event), event), "session_hash": "f3k2j1h0g9"}
                for event, data in SENT_BY_NO_PAGE
            ]
            return [await client.post(f"/fr/gradio_api/{path}", json=body) for body in bodies]

    for refused in run_apart(replies()):
        assert (refused.status_code, refused.json()["error"]["reason"]) == (422, "invalid_request")
        assert SECRET not in refused.text
    told = capfd.readouterr()
    assert not any(trace in told.err + told.out for trace in ("Traceback", SECRET))
    assert not caplog.records


# ---- At the door -------------------------------------------------------------------------------


class Clock:
    """Stands for the system's time, and goes on when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which clients are counted."""
    shown = Clock()
    monkeypatch.setattr(time, "time", lambda: shown.now)
    return shown


def test_requests_of_every_kind_are_limited(tmp_path: Path, clock: Clock) -> None:
    """Of one client, in a minute; the files of a page, which come by dozens, are free."""
    app = api_of(ScriptedBot(tmp_path, requests_per_minute=3))

    async def statuses(address: str, *paths: str) -> list[int]:
        async with client_at(app, address) as client:
            return [(await client.get(path)).status_code for path in paths]

    async def scene() -> None:
        requests = ("/legal/fr", "/nowhere", "/documents/static/assets/x", "/embed", "/static/style.css")
        assert await statuses("203.0.113.7", *requests) == [200, 404, 404, 429, 200]
        assert await statuses("203.0.113.8", "/embed") == [200]
        clock.now += 61
        assert await statuses("203.0.113.7", "/embed") == [200]

    run_apart(scene())


def test_a_day_later_a_client_is_forgotten(clock: Clock) -> None:
    """Also where nobody has come since; until then it counts."""
    clock.now = 20_000 * 24 * 3600.0
    clients, questions = ClientStore("memory"), Allowance("too_many_questions", per_day=1)
    questions.take(clients.own, "203.0.113.7")
    before = clients.own
    clock.now += 24 * 3600 - 1
    with pytest.raises(NotAdmitted):
        questions.take(clients.own, "203.0.113.7")
    clock.now += 1
    questions.take(clients.own, "203.0.113.7")
    assert before.client("203.0.113.7") not in str(vars(clients.own.storage))


def test_chat_pages_are_forgotten(quiet_app: FastAPI) -> None:
    """Gradio keeps what is on the pages that were here last, and not of ten thousand."""
    restore = event_numbers(quiet_app)["restored"]

    async def visits() -> None:
        async with client_at(quiet_app, "203.0.113.7") as client:
            for number in range(REMEMBERED_SESSIONS + 5):
                body = {"data": ["[]"], "fn_index": restore, "session_hash": f"s{number}"}
                assert (await client.post("/fr/gradio_api/run/predict", json=body)).status_code == 200

    run_apart(visits())
    assert len(gradio_app(quiet_app).state_holder.session_data) == REMEMBERED_SESSIONS


@pytest.mark.parametrize(
    ("path", "named", "data"),
    [("queue/join", "ask", ["x", "", ""]), ("run/predict", "restored", ["[]"])],
)
def test_a_page_names_itself_briefly(quiet_app: FastAPI, path: str, named: str, data: list[object]) -> None:
    """Its name is remembered for a while, of thousands of pages: one of a megabyte is refused."""
    event = event_numbers(quiet_app)[named]

    async def status(session: str) -> httpx.Response:
        async with client_at(quiet_app, "203.0.113.7") as client:
            body = {"data": data, "fn_index": event, "session_hash": session}
            # The name of the name may be written in more ways than one.
            sent = json.dumps(body).replace("session_hash", r"session\u005fhash")
            headers = {"Content-Type": "application/json"}
            return await client.post(f"/fr/gradio_api/{path}", content=sent, headers=headers)

    assert run_apart(status("f3k2j1h0g9")).status_code == 200
    refused = run_apart(status("x" * 65))
    assert (refused.status_code, refused.json()["error"]["reason"]) == (422, "invalid_request")
    assert "session_hash" in refused.json()["error"]["message"]


@pytest.mark.parametrize("saved", ["1", "{}", "[1]", "[" * 100_000, '[{"role": 1}]'])
def test_a_saved_conversation_may_be_anything(
    quiet_app: FastAPI, caplog: pytest.LogCaptureFixture, saved: str
) -> None:
    """What is none leaves the page without one."""
    restore = event_numbers(quiet_app)["restored"]

    async def restored() -> httpx.Response:
        async with client_at(quiet_app, "203.0.113.7") as client:
            body = {"data": [saved], "fn_index": restore, "session_hash": "s"}
            return await client.post("/fr/gradio_api/run/predict", json=body)

    response = run_apart(restored())
    assert (response.status_code, response.json()["data"][0]) == (200, [])
    assert not caplog.records


def test_an_answered_question_without_an_answer_is_drawn_all_the_same(tmp_path: Path) -> None:
    """Whatever a page brings, it gets its conversation back."""
    bot = ScriptedBot(tmp_path)
    chat = Chat(Reception(bot), Suggestions(bot), Renderer.of_all(bot.settings)["en"])
    messages = chat.restored('[{"question": "When?", "outcome": "answered", "text": "In"}]')[0]
    assert "pb-stopped" in messages[-1]["content"]


def test_who_ends_no_answer_is_not_remembered(tmp_path: Path) -> None:
    """Stop and clear are kept for the answer that they end, and for no longer."""
    bot = ScriptedBot(tmp_path)
    chat = Chat(Reception(bot), Suggestions(bot), Renderer.of_all(bot.settings)["en"])
    page, other = (Request(session_hash=session) for session in ("of-the-page", "of-another"))

    async def scene() -> None:
        asking = chat.ask("slow", "", "", page)
        await anext(asking)
        for request in (page, other):
            chat.stopped("", "", request)
        assert "of-the-page" in str(vars(chat))
        assert "of-another" not in str(vars(chat))
        updates = [update async for update in asking]
        assert "pb-stopped" in updates[-1][0][-1]["content"]

    run_apart(scene())
    assert "of-the-page" not in str(vars(chat))


def test_an_answer_ended_twice_at_once_ends(tmp_path: Path) -> None:
    """A visitor stops while Gradio ends the request: nothing is told to have failed."""
    bot = ScriptedBot(tmp_path)
    chat = Chat(Reception(bot), Suggestions(bot), Renderer.of_all(bot.settings)["en"])

    async def scene() -> None:
        asking = chat.ask("slow", "", "", Request(session_hash="of-the-page"))
        await anext(asking)
        await anext(asking)
        closing = asyncio.ensure_future(asking.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing

    run_apart(scene())
    assert "of-the-page" not in str(vars(chat))


# ---- The kill switch ---------------------------------------------------------------------------


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Run a command of the command line on the state folder of the test's bot; return its exit code."""
    monkeypatch.setenv("PARTNERBOT_STATE", str(tmp_path / "bot" / "state"))

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["partnerbot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0)

    return run


def test_pause_silences_a_running_server_and_resume_ends_it(
    tmp_path: Path, command: Callable[..., int]
) -> None:
    """At once, with the owner's words; without any, with a sentence in the asker's language."""
    bot = ScriptedBot(tmp_path / "bot")
    app = api_of(bot)
    assert command("pause", "Maintenance until 5 pm.") == 0
    response = ask(app, "203.0.113.7")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert response.json()["error"] == {"reason": "paused", "message": "Maintenance until 5 pm."}
    assert command("pause") == 0
    for language in languages():
        message = ask(app, "203.0.113.7", **{"Accept-Language": language}).json()["error"]["message"]
        assert message.startswith(texts_of(language).errors.paused)
        assert bot.settings.contact in message
    assert bot.asked == []
    assert command("resume") == 0
    assert ask(app, "203.0.113.7").status_code == 200
    assert command("resume") == 0


def test_a_damaged_notice_pauses_all_the_same(tmp_path: Path, command: Callable[..., int]) -> None:
    """Somebody wanted silence; a half-written file must not break it."""
    app = api_of(ScriptedBot(tmp_path / "bot"))
    command("pause", "x")
    (tmp_path / "bot" / "state" / "paused.json").write_bytes(b'{"mess\xff')
    assert ask(app, "203.0.113.7").json()["error"]["reason"] == "paused"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_pausing_on_a_full_disk_says_to_free_space(tmp_path: Path) -> None:
    """Allowing to write there would not help."""
    (tmp_path / ".paused.json.new").symlink_to("/dev/full")
    with pytest.raises(ConfigurationError, match=r"No space left on device.*Free space on its disk, or set"):
        pause(tmp_path, "")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, command: Callable[..., int]) -> None:
    """Exit code 2; nobody believes that it is paused when it is not."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "state").write_text("a file")
    assert command("pause") == 2


# ---- In the chat -------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_chat_says_that_it_is_paused(
    tmp_path: Path, browser: Browser, command: Callable[..., int]
) -> None:
    """The owner's words stand there as words; markup in them is shown, not obeyed."""
    with (
        serving(ScriptedBot(tmp_path / "bot"), chats=["en"]) as address,
        visiting(browser, address) as visitor,
    ):
        page = visitor.open("en")
        command("pause", "Back at <b>5 pm</b>.")
        visitor.ask(VITAGORA)
        expect(page.locator(".pb-rejected")).to_have_text("Back at <b>5 pm</b>.")
        command("resume")
        visitor.ask(VITAGORA)
        expect(page.locator(".pb-answered")).to_have_count(1)


@pytest.mark.browser
def test_a_stopped_answer_gives_its_place_back(tmp_path: Path, browser: Browser) -> None:
    """With one place for all, the next question is answered after the first was stopped."""
    with (
        serving(ScriptedBot(tmp_path, concurrent_answers=1), chats=["en"]) as address,
        visiting(browser, address) as visitor,
    ):
        page = visitor.open("en")
        page.locator("#question textarea").fill("slow")
        page.keyboard.press("Enter")
        page.locator(".pb-partial .pb-said").first.wait_for()
        page.locator("#stop").click()
        expect(page.locator(".pb-note")).to_have_count(1)
        # Written as people write: what is sent within milliseconds of a stop, Gradio may drop with it.
        page.locator("#question textarea").press_sequentially(VITAGORA, delay=15)
        page.keyboard.press("Enter")
        expect(page.locator(".pb-answered")).to_have_count(1)


def test_a_crowd_in_the_background_does_not_hold_the_probe(tmp_path: Path) -> None:
    """/health answers while every place and seat is taken: no supervisor ends a busy server."""
    with serving(ScriptedBot(tmp_path, concurrent_answers=2, waiting_questions=2), chats=()) as address:

        def visitor() -> None:
            httpx.post(f"{address}/api/ask", content=json.dumps({"question": "a moment"}), timeout=60)

        crowd = [threading.Thread(target=visitor) for _ in range(6)]
        for thread in crowd:
            thread.start()
        time.sleep(0.3)
        started = time.monotonic()
        assert httpx.get(f"{address}/health").status_code == 200
        assert time.monotonic() - started < 1
        for thread in crowd:
            thread.join()
