"""What assistants that speak the Model Context Protocol meet, by its client: over HTTP and on stdio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi.testclient import TestClient
from mcp import Client, StdioServerParameters

from event_loops import run_apart
from partnerbot.settings import Settings
from scripted_bot import FRENCH, ScriptedBot
from serving import api_of, serving
from small_corpus import CHARTER
from twin_towns import list_twin_towns

VITAGORA = "When did Vitagora open its Kumamoto office?"


def _bot(folder: Path, **settings: object) -> ScriptedBot:
    return ScriptedBot(folder / "bot", **{"mcp": True, **settings})


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Where a server of the scripted bot listens, whose documents tell of 40 partnerships."""
    bot = _bot(tmp_path_factory.mktemp("mcp"))
    list_twin_towns(bot, 40)
    with serving(bot, chats=()) as address:
        yield address


def _with_client(
    server: str | StdioServerParameters, act: Callable[[Client], Awaitable[Any]], **how: Any
) -> Any:
    """Return what `act` returns, of the official client connected to the server."""

    async def connected() -> Any:
        async with Client(server, **how) as client:
            return await act(client)

    return run_apart(connected())


def _called(address: str, tool: str, **arguments: object) -> Any:
    """Return the typed result of a tool."""
    result = _with_client(f"{address}/mcp", lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result.content
    return result.structured_content


def _refused(address: str, tool: str, **arguments: object) -> str:
    """Return what an assistant is told instead of a result."""
    result = _with_client(f"{address}/mcp", lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    return str(result.content[0].text)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_tools_read_and_say_what_they_return(address: str, mode: str) -> None:
    """By the protocol of today and by that of yesterday."""
    listed = _with_client(f"{address}/mcp", lambda client: client.list_tools(), mode=mode)
    tools = {tool.name: tool for tool in listed.tools}
    assert set(tools) == {"ask", "search", "read_document", "partnerships"}
    for tool in tools.values():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description
        assert "context" not in tool.input_schema["properties"]
        assert tool.output_schema
    assert "citations" in tools["ask"].output_schema["properties"]


def test_without_a_register_there_are_three_tools(tmp_path: Path) -> None:
    """Where the owner wants no partnerships."""
    (tmp_path / "appearance.toml").write_text("partnerships = false\n", "utf-8")
    with serving(_bot(tmp_path, appearance=tmp_path / "appearance.toml"), chats=()) as address:
        listed = _with_client(f"{address}/mcp", lambda client: client.list_tools())
    assert {tool.name for tool in listed.tools} == {"ask", "search", "read_document"}


def test_an_answer_has_quotes_and_links(address: str) -> None:
    """A document without a public address is linked to its page here, where its quote is marked."""
    answer = _called(address, "ask", question=VITAGORA, language="fr")
    assert (answer["status"], answer["language"], answer["short_answer"]) == ("answered", "fr", "2020")
    french, japanese = answer["citations"]
    assert FRENCH[french["start"] : french["end"]] == french["quote"]
    assert french["url"] == "https://www.clairparis.org/fr/dijon-kumamoto"
    assert unquote(japanese["url"]).startswith(f"{address}/documents/articles/熊本 交流.md?start=")
    assert "<mark" in httpx.get(japanese["url"]).text


def test_a_document_is_read_a_part_at_a_time(tmp_path: Path) -> None:
    """`end` is where the next part starts."""
    bot = _bot(tmp_path)
    long = "Il y a un mot. " * 3_000
    document = bot.document_text("dijon.fr.md")
    bot.add("long.md", document.model_copy(update={"page_content": long}))
    with serving(bot, chats=()) as address:
        first = _called(address, "read_document", source="long.md")
        text, part = first["text"], first
        while part["end"] < part["length"]:
            part = _called(address, "read_document", source="long.md", start=part["end"])
            text += part["text"]
        assert text == long
        assert len(first["text"]) < len(long)
        assert "No document has the source" in _refused(address, "read_document", source="../secret.txt")


def test_partnerships_are_chosen_and_come_some_at_a_time(address: str) -> None:
    """As at /api/partnerships, each with the sentences that state it."""
    of_france = _called(address, "partnerships", country="FR")
    more = _called(address, "partnerships", country="FR", start=20)
    assert of_france["count"] == more["count"] == 30
    keys = [row["key"] for page in (of_france, more) for row in page["partnerships"]]
    assert len(set(keys)) == 30
    (row,) = _called(address, "partnerships", place="Autun")["partnerships"]
    assert (row["b"]["name"]["ja"], row["kind"]) == ("川越市", "friendship")
    assert row["citations"][0]["quote"]
    assert row["citations"][0]["url"].startswith("http")
    assert _called(address, "partnerships", place="Atlantis") == {"count": 0, "partnerships": []}
    assert _called(address, "partnerships", kind="friendship", field="")["count"] > 0
    # "None" would be a wrong answer to what nothing could be.
    assert "sister_cities, friendship" in _refused(address, "partnerships", kind="nope")
    assert "education" in _refused(address, "partnerships", field="nope")
    assert "country" in _refused(address, "partnerships", country="France")


def test_what_can_not_be_asked_is_told_in_words(address: str) -> None:
    """And nothing of what broke: that is for the log."""
    assert "Write a question" in _refused(address, "ask", question=" ")
    assert "language" in _refused(address, "ask", question=VITAGORA, language="xx")
    assert "Try again" in _refused(address, "ask", question="offline")
    broken = _refused(address, "ask", question="broken")
    assert "went wrong" in broken
    assert "defect" not in broken


def test_the_limits_are_those_of_all_questions(tmp_path: Path) -> None:
    """What an assistant asks and looks up counts in its client's minute, whatever the surface."""
    with serving(_bot(tmp_path, questions_per_minute=2), chats=()) as address:
        _called(address, "ask", question=VITAGORA)
        _called(address, "read_document", source="dijon.fr.md")
        assert "many questions" in _refused(address, "partnerships")
        asked = httpx.post(f"{address}/api/ask", json={"question": VITAGORA})
        assert asked.status_code == 429


def test_the_way_in_is_as_narrow_as_for_all(address: str, tmp_path: Path) -> None:
    """No stream, no session, no stranger's page or name; by default, nothing at all."""
    mcp = f"{address}/mcp"
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx.get(mcp, headers={"Accept": "text/event-stream"}).status_code == 405
    assert httpx.delete(mcp).status_code == 405
    assert httpx.post(mcp, json=body, headers={"Origin": "https://stranger.example"}).status_code == 403
    assert httpx.post(mcp, json=body, headers={"Host": "stranger.example"}).status_code == 421
    assert httpx.post(mcp, json={**body, "params": {"x": "y" * 300_000}}).status_code == 413
    with TestClient(api_of(_bot(tmp_path, mcp=False)), "http://127.0.0.1") as web:
        assert web.post("/mcp", json=body).status_code == 404


def test_behind_a_proxy_links_lead_to_the_public_address(tmp_path: Path) -> None:
    """With the path below which visitors reach the chat."""
    bot = _bot(tmp_path, public_url="https://www.example.org/chat")
    call = {"name": "ask", "arguments": {"question": VITAGORA}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    accept = {"Accept": "application/json, text/event-stream"}
    with TestClient(api_of(bot), "https://www.example.org") as web:
        answer = web.post("/chat/mcp", json=body, headers=accept).json()["result"]["structuredContent"]
    assert answer["citations"][1]["url"].startswith("https://www.example.org/chat/documents/")


@pytest.mark.system
def test_an_assistant_on_this_machine_starts_it(small_settings: Settings, tmp_path: Path) -> None:
    """`partnerbot mcp`: the real bot answers, finds passages and reads documents, on stdin and stdout."""
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "partnerbot.cli", "mcp", "--index", str(small_settings.index)],
        env={
            "PYTHONPATH": ":".join(sys.path),
            "PARTNERBOT_STATE": str(tmp_path),
            "PARTNERBOT_CHALLENGE": "1",
        },
        cwd=tmp_path,
    )

    async def journey(client: Client) -> list[Any]:
        question = "When was the friendship charter signed?"
        asked = await client.call_tool("ask", {"question": question})
        found = await client.call_tool("search", {"query": "amitié Kirisawa", "at_most": 3})
        source = found.structured_content["passages"][0]["source"]
        read = await client.call_tool("read_document", {"source": source})
        both = await asyncio.gather(*(client.call_tool("ask", {"question": question}) for _ in range(2)))
        assert [one.structured_content["short_answer"] for one in both] == ["12 April 2009"] * 2
        return [one.structured_content for one in (asked, found, read)]

    answer, found, read = _with_client(started, journey)
    assert answer["short_answer"] == "12 April 2009"
    assert answer["citations"][0]["source"] == CHARTER
    assert answer["citations"][0]["url"] is None
    first = found["passages"][0]
    assert len(found["passages"]) == 3
    assert first["text"] == read["text"][first["start"] : first["start"] + len(first["text"])]
    assert read["end"] == read["length"]
