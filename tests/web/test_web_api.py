"""The HTTP surfaces other than the chat itself, through a real application and a scripted bot."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from langchain_core.documents import Document
from lxml.html import fromstring
from starlette.types import ASGIApp, Message

from event_loops import run_apart
from partnerbot.answering.answer import Answer, Citation, Point
from partnerbot.appearance import Appearance
from partnerbot.documents.metadata import SOURCE, TITLE
from partnerbot.settings import Settings
from partnerbot.web.api import LONGEST_HISTORY
from partnerbot.web.app import create_app
from partnerbot.web.chat.transcript import MOST_EXCHANGES, Exchange, read_conversation, turns, written
from partnerbot.web.example_questions import Suggestion
from partnerbot.web.links import contact_link, public_url, source_link
from partnerbot.web.page_texts import languages, texts_of
from partnerbot.web.render import Renderer
from partnerbot.web.routes import LONGEST_BODY, LONGEST_CONVERSATION
from scripted_bot import ScriptedBot
from serving import api_of

VITAGORA = "When did Vitagora open its Kumamoto office?"


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> ScriptedBot:
    return ScriptedBot(tmp_path_factory.mktemp("bot"))


@pytest.fixture(scope="module")
def client(bot: ScriptedBot) -> Iterator[TestClient]:
    with TestClient(
        create_app(bot), "http://127.0.0.1", follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client


@pytest.fixture(scope="module")
def client_without_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    bot = ScriptedBot(tmp_path_factory.mktemp("bot"), index_ready=False)
    with TestClient(api_of(bot), "http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def rendering(
    language: str,
    contact: str = "https://x.org/",
    appearance: Appearance = Appearance(),  # noqa: B008
    feedback: bool = False,
) -> Renderer:
    return Renderer(language, Settings(contact=contact, feedback=feedback), appearance)


def _events(response: httpx.Response) -> list[tuple[str, dict[str, object]]]:
    events = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


# ---- Questions ---------------------------------------------------------------------------------


def test_a_question_is_answered_as_json(client: TestClient) -> None:
    """The body is one Answer in its stable form."""
    response = client.post("/api/ask", json={"question": VITAGORA})
    assert response.status_code == 200
    answer = Answer.model_validate(response.json())
    assert (answer.status, answer.language, answer.short_answer) == ("answered", "en", "2020")
    assert answer.citations[0].quote[slice(*answer.citations[0].highlight or ())] == "2020"


def test_history_and_language_reach_the_bot(client: TestClient, bot: ScriptedBot) -> None:
    """Turns arrive in order; "auto" means that the bot detects the language."""
    history = [
        {"role": "user", "content": "Kumamoto ?", "sources": []},
        {"role": "assistant", "content": "Un département.", "sources": ["dijon.fr.md"]},
    ]
    body = {"question": VITAGORA, "history": history, "language": "ja"}
    assert client.post("/api/ask", json=body).json()["language"] == "ja"
    assert [turn.model_dump() for turn in bot.histories[-1]] == history
    client.post(
        "/api/ask", json={"question": VITAGORA, "language": "auto"}, headers={"Accept-Language": "ja"}
    )
    assert bot.asked[-1] == (VITAGORA, None, "ja")


def test_a_stream_has_tokens_then_the_whole_answer(client: TestClient) -> None:
    """The tokens joined are the answer's text, and the last event is the Answer."""
    response = client.post("/api/ask", json={"question": VITAGORA}, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    *tokens, (last, answer) = _events(response)
    assert last == "answer"
    assert {name for name, _ in tokens} == {"token"}
    assert "".join(str(data["text"]) for _, data in tokens) == answer["answer"]


def test_a_stream_that_fails_midway_ends_with_an_error(client: TestClient) -> None:
    """What has been sent stays sent; the error says what to do, in the visitor's language."""
    headers = {"Accept": "text/event-stream", "Accept-Language": "en"}
    events = _events(client.post("/api/ask", json={"question": "half an answer"}, headers=headers))
    assert [name for name, _ in events] == ["token", "token", "error"]
    error = events[-1][1]["error"]
    assert isinstance(error, dict)
    assert error["reason"] == "unavailable"
    assert "Try again" in error["message"]
    assert "clairparis.org" in error["message"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(
    ("question", "reason", "french"),
    [
        ("", "empty", "Écrivez une question"),
        ("  \n\t ", "empty", "Écrivez une question"),
        ("x" * 1001, "too_long", "trop longue"),
        ("🙂🙂 !!", "no_words", "ou un nom"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    client: TestClient, accept: str, question: str, reason: str, french: str
) -> None:
    """It is a 422 with a word for programs and a sentence for people, also for a stream."""
    response = client.post("/api/ask", json={"question": question}, headers={"Accept": accept})
    assert response.status_code == 422
    assert response.json()["error"]["reason"] == reason
    assert french in response.json()["error"]["message"]


def test_messages_are_in_the_bodys_language_before_the_headers(client: TestClient) -> None:
    """Without either they are in French."""
    body = {"question": "", "language": "ja"}
    response = client.post("/api/ask", json=body, headers={"Accept-Language": "en"})
    assert response.json()["error"]["message"] == "質問を入力してから送信してください。"
    response = client.post("/api/ask", json={"question": ""}, headers={"Accept-Language": "en"})
    assert response.json()["error"]["message"] == "Write a question, then send it."
    assert "Accept-Language" in response.headers["vary"]


def test_a_missing_index_is_a_503_that_tells_visitors_no_internals(client_without_index: TestClient) -> None:
    """The operator's message is for /ready and the log; visitors get plain words."""
    response = client_without_index.post("/api/ask", json={"question": VITAGORA})
    assert response.status_code == 503
    assert response.json()["error"]["reason"] == "unavailable"
    assert "partnerbot index" not in response.text


def test_a_defect_is_a_500_without_a_traceback(client: TestClient) -> None:
    """An unexpected exception is told in plain words."""
    response = client.post("/api/ask", json={"question": "broken"})
    assert response.status_code == 500
    assert response.json()["error"]["reason"] == "unexpected"
    assert "ZeroDivisionError" not in response.text


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b'{"question": 3}',
        b'{"question": null}',
        b'{"history": []}',
        b'{"question": "x", "language": "klingon"}',
        b'{"question": "x", "history": [{"role": "system", "content": "x"}]}',
        b"\xff\xfe",
    ],
)
def test_malformed_requests_are_refused_clearly(client: TestClient, content: bytes) -> None:
    """Each is a 4xx in the API's error form that says what was expected."""
    response = client.post("/api/ask", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["error"]["reason"] == "invalid_request"
    assert "JSON" in response.json()["error"]["message"]


def test_a_field_that_nothing_is_called_is_named(client: TestClient, bot: ScriptedBot) -> None:
    """In the asker's language, and briefly, whatever it is made of; what turns have more is passed over."""
    asked = len(bot.asked)
    body = {"question": VITAGORA, "lang": "fr"}
    refused = client.post("/api/ask", json=body, headers={"Accept-Language": "fr"})
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        {"reason": "invalid_request", "message": "La demande a des champs inconnus (lang)"},
    )
    strange = json.dumps({"question": "x", "\0\n" + "a" * 999: 1, **dict.fromkeys("bcdefgh", 1)})
    headers = {"Accept-Language": "en", "Content-Type": "application/json"}
    message = client.post("/api/ask", content=strange, headers=headers).json()["error"]["message"]
    assert message == f"The request has unknown fields ({'a' * 40}, b, c, d, e)"
    assert len(bot.asked) == asked
    turn = {"role": "user", "content": "x", "id": "1"}
    assert client.post("/api/ask", json={"question": VITAGORA, "history": [turn]}).status_code == 200


def test_a_body_that_does_not_say_that_it_is_json_is_told_so(client: TestClient) -> None:
    """As curl sends it without a header."""
    for headers in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
        refused = client.post("/api/ask", content=b'{"question": "x"}', headers=headers)
        assert refused.status_code == 422
        assert refused.json()["error"]["message"].endswith("(Content-Type: application/json)")


def test_a_conversation_has_its_end(client: TestClient, bot: ScriptedBot) -> None:
    """As many turns as the description says reach the bot; one more is refused before it."""
    turn = {"role": "user", "content": "x"}
    whole = {"question": "Vitagora?", "history": [turn] * LONGEST_HISTORY}
    assert client.post("/api/ask", json=whole).status_code == 200
    assert len(bot.histories[-1]) == LONGEST_HISTORY
    asked = len(bot.asked)
    refused = client.post("/api/ask", json=whole | {"history": [turn] * (LONGEST_HISTORY + 1)})
    assert (refused.status_code, refused.json()["error"]["reason"]) == (422, "invalid_request")
    assert len(bot.asked) == asked


def _post_in_pieces(app: ASGIApp, pieces: list[bytes], headers: dict[str, str]) -> tuple[int, bytes]:
    """Post a body as a server passes it on: piece by piece. Return the status and the answer."""
    waiting, sent = list(pieces), []

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/ask",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in (headers | {"Host": "127.0.0.1"}).items()
        ],
    }
    run_apart(app(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_body_that_is_too_long_is_refused(client: TestClient, bot: ScriptedBot) -> None:
    """By its header before it is read, or by counting when there is none; the bot never sees it."""
    before = len(bot.asked)
    long = json.dumps({"question": "x" * LONGEST_BODY}).encode()
    pieces = [long[start : start + 4096] for start in range(0, len(long), 4096)]
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    announced = {**headers, "Content-Length": str(len(long))}
    for status, body in (
        _post_in_pieces(client.app, pieces, headers),
        _post_in_pieces(client.app, [b""], announced),
    ):
        assert status == 413
        assert json.loads(body)["error"]["reason"] == "too_large"
        assert b"too large" in body
    assert len(bot.asked) == before


def test_a_long_body_within_the_limit_is_read_whole(client: TestClient, bot: ScriptedBot) -> None:
    """A long conversation arrives complete."""
    history = [{"role": "user", "content": "問" * 1000}] * 40
    response = client.post("/api/ask", json={"question": VITAGORA, "history": history})
    assert response.status_code == 200
    assert len(bot.histories[-1]) == 40


# ---- Probes and languages ----------------------------------------------------------------


def test_health_is_about_the_server_and_ready_about_the_index(
    client: TestClient, client_without_index: TestClient
) -> None:
    """Without an index the server is alive but not ready, and says what to run."""
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json()["documents"] == 4
    assert client_without_index.get("/health").status_code == 200
    response = client_without_index.get("/ready")
    assert response.status_code == 503
    assert "partnerbot index" in response.json()["error"]["message"]


@pytest.mark.parametrize(("header", "target"), [("ja,en;q=0.5", "/ja"), ("en-GB", "/en"), ("de", "/fr")])
def test_the_front_door_leads_to_the_visitors_language(client: TestClient, header: str, target: str) -> None:
    """Caches keep one redirect for each Accept-Language."""
    response = client.get("/", headers={"Accept-Language": header})
    assert (response.status_code, response.headers["location"]) == (302, target)
    assert "Accept-Language" in response.headers["vary"]


@pytest.mark.parametrize("path", ["/{}", "/{}/", "/{}?q=x"])
@pytest.mark.parametrize(
    ("language", "title", "notice"),
    [
        ("fr", "Questions sur nos articles", "système automatique"),
        ("ja", "資料についての質問", "自動システム"),
        ("en", "Questions about our articles", "automatic system"),
    ],
)
def test_chat_pages_are_in_their_language_before_any_script(
    client: TestClient, path: str, language: str, title: str, notice: str
) -> None:
    """lang, title and notice are in the HTML itself; nothing in it points to another host."""
    response = client.get(path.format(language))
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    assert f"<title>{title}</title>" in response.text
    assert notice in response.text
    loaded = re.findall(r'(?:src|href)="(https?://[^"]+)"', response.text)
    assert loaded == ["https://www.clairparis.org/"]  # the contact, for visitors without scripts
    assert "gradio.app" not in response.text.split("window.gradio_config")[0]


def test_pages_for_developers_are_not_published(client: TestClient) -> None:
    """The API's own description is at /api/openapi.json; the interactive pages load foreign scripts."""
    for path in ("/docs", "/redoc", "/openapi.json", "/fr/docs", "/fr/openapi.json", "/fr/monitoring"):
        assert client.get(path).status_code == 404, path
    assert client.get("/api/openapi.json").json()["paths"].keys() == {
        "/api/ask", "/api/challenge", "/api/partnerships", "/health", "/ready",
    }  # fmt: skip


# ---- Sources -----------------------------------------------------------------------------------


def test_a_source_is_shown_as_text_with_the_quote_marked(client: TestClient) -> None:
    """The mark holds exactly the quote and is where #quote leads; the text is in its own language."""
    citation = client.post("/api/ask", json={"question": "昨年の協定はいつ？"}).json()["citations"][0]
    response = client.get(
        "/documents/dijon.fr.md", params={"start": citation["start"], "end": citation["end"], "lang": "ja"}
    )
    assert response.status_code == 200
    assert '<html lang="ja">' in response.text
    assert '<div class="pb-text" lang="fr">' in response.text
    assert "2024年7月1日公開" in response.text
    marked = re.search(r'<mark id="quote">(?:<span[^>]*>[^<]*</span>)?([^<]*)</mark>', response.text)
    assert marked is not None
    assert marked[1] == citation["quote"]
    assert "script-src" not in response.headers["content-security-policy"]


def test_a_quote_across_lines_is_marked_in_each(client: TestClient) -> None:
    """Only its first part carries the id, which must be unique."""
    response = client.get("/documents/dijon.fr.md", params={"start": "45", "end": "260"})
    assert response.text.count("<mark") == 2
    assert response.text.count('id="quote"') == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start=5",
        "start=9&end=3",
        "start=-1&end=4",
        "start=0&end=99999999",
        "start=a&end=b",
        "start=" + "9" * 40,
    ],
)
def test_offsets_that_mean_nothing_mark_nothing(client: TestClient, query: str) -> None:
    """The page is shown without a mark."""
    response = client.get(f"/documents/dijon.fr.md?{query}")
    assert response.status_code == 200
    assert "<mark" not in response.text


def test_markup_in_a_document_is_shown_and_never_obeyed(client: TestClient) -> None:
    """An HTML source is text; its javascript: address does not become a link."""
    response = client.get("/documents/markup.html")
    assert response.headers["content-type"].startswith("text/html")
    assert "&lt;script&gt;" in response.text
    assert "<script" not in response.text
    assert "javascript:" not in response.text
    assert "&lt;b&gt;Titre&lt;/b&gt;" in response.text


def test_no_document_is_kept_for_good(bot: ScriptedBot, client: TestClient) -> None:
    """Whatever its folder is called; unlike the chat's own files, it changes under the same name."""
    bot.add("assets/style.md", bot.document_text("dijon.fr.md"))
    response = client.get("/documents/assets/style.md")
    assert response.status_code == 200
    assert "immutable" not in response.headers.get("cache-control", "")


def test_a_pdf_is_served_as_it_is(client: TestClient, bot: ScriptedBot) -> None:
    """Inline, so that #page=3 opens in the browser's viewer."""
    response = client.get("/documents/rapport.pdf")
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"].startswith("inline")
    assert response.content == (bot.settings.documents / "rapport.pdf").read_bytes()


def test_a_pdf_that_has_gone_is_shown_from_the_index(tmp_path: Path) -> None:
    """The text that was indexed is still there to check the quote against."""
    bot = ScriptedBot(tmp_path)
    (bot.settings.documents / "rapport.pdf").unlink()
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        response = client.get("/documents/rapport.pdf")
    assert response.headers["content-type"].startswith("text/html")
    assert "Shizuoka" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "not-indexed.md",
        "../secret.txt",
        "..%2Fsecret.txt",
        "%2e%2e/secret.txt",
        "articles/../../secret.txt",
        "articles/..%2f..%2fsecret.txt",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "dijon.fr.md%00",
        "./dijon.fr.md%2F",
        "",
        "....//secret.txt",
        "..\\secret.txt",
    ],
)
def test_only_indexed_documents_are_served(client: TestClient, path: str) -> None:
    """Neither files beside them nor files outside, however the path is written."""
    response = client.get(f"/documents/{path}")
    assert response.status_code == 404
    assert "confidentiel" not in response.text
    assert "hors du dossier" not in response.text
    assert "root:" not in response.text


def test_an_index_that_lies_about_a_source_opens_no_file_outside(tmp_path: Path) -> None:
    """A source that leads out of the folder is shown from the index, never from the disk."""
    bot = ScriptedBot(tmp_path)
    (tmp_path / "secret.pdf").write_bytes(b"%PDF secret")
    link = bot.settings.documents / "link.pdf"
    link.symlink_to(tmp_path / "secret.pdf")
    indexed = bot.document_text("rapport.pdf")
    for source in ("link.pdf", "../secret.pdf"):
        bot.add(source, indexed)
    with TestClient(api_of(bot), "http://127.0.0.1") as client:
        for source in ("link.pdf", "..%2Fsecret.pdf"):
            response = client.get(f"/documents/{source}")
            assert b"%PDF" not in response.content
            assert "Shizuoka" in response.text


def test_a_source_that_is_not_there_is_told_in_the_visitors_language(
    client: TestClient, client_without_index: TestClient
) -> None:
    """A page with a way back, also while there is no index."""
    response = client.get("/documents/none.md", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert "Article not found" in response.text
    assert 'href="/en"' in response.text
    response = client_without_index.get("/documents/dijon.fr.md", headers={"Accept-Language": "ja"})
    assert response.status_code == 503
    assert "資料を表示できません" in response.text


# ---- Links and messages ------------------------------------------------------------------------


def _citation(**changes: object) -> Citation:
    fields: dict[str, object] = {
        "title": "T",
        "url": None,
        "source": "a b/日本.md",
        "page": None,
        "language": "fr",
        "published": None,
        "number": 1,
        "quote": "Aix-en-Provence, ville jumelle & amie.",
        "start": 3,
        "end": 9,
        "highlight": None,
        "relevance": 1.0,
    }
    return Citation.model_validate({**fields, **changes})


def test_a_web_page_is_opened_at_the_quote() -> None:
    """The text fragment escapes what its syntax reserves, and an existing fragment is kept."""
    link = source_link(_citation(url="https://x.org/a"), "fr")
    assert link == "https://x.org/a#:~:text=Aix%2Den%2DProvence%2C%20ville%20jumelle%20%26%20amie."
    assert source_link(_citation(url="https://x.org/a#b"), "fr").startswith("https://x.org/a#b:~:text=")


@pytest.mark.parametrize(
    ("sentence", "ends"), [("Un mot de plus ici encore. ", 6), ("熊本県とディジョンは、協定を結んだ。", 1)]
)
def test_a_long_quote_is_named_by_its_two_ends(sentence: str, ends: int) -> None:
    """Both ends are whole words of the quote, cut where its language allows."""
    quote = (sentence * 20).strip()
    directive = source_link(_citation(url="https://x.org/", quote=quote), "fr").split("text=")[1]
    first, last = (unquote(part) for part in directive.split(","))
    assert quote.startswith(first)
    assert quote.endswith(last)
    assert len(first.split()) == ends
    assert len(directive) < len(quote)


def test_a_pdf_is_opened_at_its_page() -> None:
    """At its public address, else from us."""
    assert source_link(_citation(url="https://x.org/r.pdf#top", page=3), "fr") == "https://x.org/r.pdf#page=3"
    assert source_link(_citation(source="r.PDF", page=2), "fr") == "/documents/r.PDF#page=2"


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "//evil", "ftp://x/y", "https://", "http://[", "x"),
        *(
            "https://good.example@evil.example/",
            "https://@evil.example/",
            "https://good.example\\@evil.example/",
        ),
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    """Anything else is served by ourselves, at the quote, in the interface's language."""
    assert public_url(url) is None
    link = urlsplit(source_link(_citation(url=url), "ja"))
    assert unquote(link.path) == "/documents/a b/日本.md"
    assert parse_qs(link.query) == {"start": ["3"], "end": ["9"], "lang": ["ja"]}
    assert link.fragment == "quote"


@pytest.mark.parametrize("language", languages())
def test_an_institution_that_states_nothing_is_not_called_by_anothers_name(
    tmp_path: Path, language: str
) -> None:
    """Title and contact are neutral words, and no sentence ends in a colon with nothing after it."""
    bot = ScriptedBot(tmp_path, contact=Settings().contact, appearance=tmp_path / "no")
    operator = texts_of(language).page.operator
    with TestClient(
        create_app(bot, chats=[language]), "http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        pages = [client.get(f"/{page}{language}").text for page in ("", "privacy/", "accessibility/")]
        headers = {"Accept-Language": language}
        failed = client.post("/api/ask", json={"question": "offline"}, headers=headers).json()
    for page in pages:
        assert operator in page
        shown = page.partition("<h1")[0] + page.partition("<h1")[2].partition("</h1>")[0]
        for name in ("CLAIR", "clairparis", "franco-japonais", "日仏", "French–Japanese", "프랑스·일본"):
            assert name not in shown
        assert "clairparis" not in page.replace("https://www.clairparis.org/fr/dijon-kumamoto", "")
    assert failed["error"]["message"].endswith(operator)


def test_the_contact_may_be_an_address_or_an_e_mail() -> None:
    """Anything else is shown as text."""
    assert contact_link("https://x.org/c") == "https://x.org/c"
    assert contact_link("contact@x.org") == "mailto:contact@x.org"
    assert contact_link("+33 (0)1 23 45 67 89") == "tel:+33123456789"
    assert contact_link("1 place de la Mairie, 21000 Clairmoulin") is None
    assert contact_link('a@x.org"onclick=') is None


def test_markup_in_an_answer_is_escaped_and_stays_on_one_line(bot: ScriptedBot) -> None:
    """Whatever a document, title or address holds, no tag of theirs reaches the chat."""
    html = rendering("fr").answer(bot.ask("markup"), key="k")
    assert "\n" not in html
    assert not re.search(r"<(script|img|h1|i|b)\b", html)
    assert "javascript:" not in html
    assert "<mark>*étoile*</mark>" in html


def test_a_page_that_is_opened_cannot_reach_back(bot: ScriptedBot, client: TestClient) -> None:
    """Each link that opens a tab says noopener, before any browser or Gradio adds it."""
    render = rendering("fr")
    said_by_us = [
        render.answer(bot.ask(question), key="k") for question in ("Vitagora", "Shizuoka", "trains")
    ]
    said_by_us += [render.message("failed", "x"), client.get("/fr").text, client.get("/embed").text]
    said_by_us += [
        client.get(f"/documents/dijon.fr.md?start=0&end=9&view={view}").text for view in ("", "panel")
    ]
    links = re.findall(r"<a [^>]*>", "".join(said_by_us))
    opening = [link for link in links if "target=" in link]
    assert len(opening) > 10
    assert [link for link in opening if 'target="_blank" rel="noopener"' not in link] == []


def test_a_short_answer_that_says_it_all_is_not_repeated(bot: ScriptedBot) -> None:
    """ "Shizuoka [1]" with the short answer "Shizuoka" is one large line with its citation."""
    html = rendering("fr").answer(bot.ask("Shizuoka"), key="k")
    assert "pb-body" not in html
    assert re.sub("<[^>]*>", "", html).startswith("Shizuoka [1]")


def test_a_word_taken_for_a_misspelt_one_is_said_first(bot: ScriptedBot) -> None:
    """Above the short answer, which is not said twice."""
    answer = bot.ask("Shizuoka")
    taken = answer.model_copy(update={"answer": f"Résultats pour « Shizuoka »\n{answer.answer}"})
    shown = fromstring(rendering("fr").answer(taken, key="k"))
    assert [part.text_content() for part in shown.find_class("pb-said")] == [
        "Résultats pour « Shizuoka »",
        "Shizuoka [1]",
    ]
    assert [part.text_content() for part in shown.find_class("pb-short")] == ["Shizuoka [1]"]


ROWS = "Ville hôte: Nancy | Année: 2008\nVille hôte: Kanazawa | Année: 2010"


def test_a_row_of_a_table_is_shown_by_its_cells_and_copied_as_it_stands(
    bot: ScriptedBot, client: TestClient
) -> None:
    """In a reply and in its document: each heading apart from its value, the answer marked in its cell."""
    citation = bot.ask("Shizuoka").citations[0]
    at = ROWS.index("2010")
    citation = citation.model_copy(
        update={"quote": ROWS, "source": "table.md", "start": 0, "end": len(ROWS), "highlight": (at, at + 4)}
    )
    answer = bot.ask("Shizuoka").model_copy(update={"citations": [citation]})
    bot.add(
        "table.md", Document(ROWS, metadata=bot.document_text("dijon.fr.md").metadata | {SOURCE: "table.md"})
    )
    reply = fromstring(rendering("fr").answer(answer, key="k"))
    panel = fromstring(client.get(f"/documents/table.md?start=0&end={len(ROWS)}&view=panel").text)
    for shown, place in ((reply, ".//blockquote"), (panel, ".//*[@class='pb-text']")):
        (quote,) = shown.findall(place)
        headings = [part.text_content().strip() for part in quote.find_class("pb-heading")]
        assert [heading.rpartition("– ")[2] for heading in headings] == ["Ville hôte:", "Année:"] * 2
        assert [part.text_content() for part in quote.find_class("pb-parting")] == [" | ", " | "]
        assert " ".join(quote.text_content().split()).endswith(" ".join(ROWS.split()))
        assert [part.text_content() for part in quote.find_class("pb-colon")] == [": "] * 4
    assert [mark.text_content() for mark in reply.iter("mark")] == ["2010"]


def test_a_mark_stays_in_the_line_of_its_word_and_the_text_as_it_is(
    bot: ScriptedBot, client: TestClient
) -> None:
    """In a quote, in its document and in titles, where French sets it off by a space that may break."""
    text = "Un & deux : « trois » ; \u202equatre ? \u202fcinq\u202f!"
    about = bot.document_text("dijon.fr.md").metadata | {SOURCE: "marks.md", TITLE: "Deux : trois"}
    bot.add("marks.md", Document(text, metadata=about))
    answer = bot.ask("Shizuoka")
    update = {"quote": text, "title": "Deux : trois", "source": "marks.md", "start": 0, "end": len(text)}
    citation = answer.citations[0].model_copy(update={**update, "highlight": None})
    answer = answer.model_copy(update={"citations": [citation]})
    reply = fromstring(rendering("fr").answer(answer, key="k"))
    panel = fromstring(client.get(f"/documents/marks.md?start=0&end={len(text)}&view=panel").text)
    whole = ["x :", "« t", "s » ;", "e ?"]
    for shown, place, title in (
        (reply, ".//blockquote", ".//h3"),
        (panel, ".//*[@class='pb-text']//p", ".//h2"),
    ):
        (quote,) = shown.findall(place)
        assert quote.text_content().endswith(text.replace("\u202e", ""))
        assert [part.text_content() for part in quote.find_class("pb-unbroken")] == whole
        assert [part.text_content() for part in shown.find(title).find_class("pb-unbroken")] == ["x :"]
    asked = fromstring(rendering("fr").message("question", "Quel prix ?", None, "k"))
    assert [part.text_content() for part in asked.find_class("pb-unbroken")] == ["x ?"]


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        ("en", "What partnership is there?", "Articles in French and Japanese are quoted as they stand."),
        ("fr", "Parlez-moi du partenariat", None),
    ],
)
def test_most_quotes_in_other_languages_are_announced(
    bot: ScriptedBot, language: str, question: str, said: str | None
) -> None:
    """Once, before them; not where most are in the language of the reply."""
    answer = bot.ask(question, language=language)
    shown = fromstring(rendering(language).answer(answer, key="k"))
    assert [part.text_content() for part in shown.find_class("pb-quoted-in")] == [said] * bool(said)


def test_documents_told_after_a_page_lead_to_it_and_say_so(bot: ScriptedBot) -> None:
    """It doesn't say the quoted words: the link names no place in it."""
    answer = bot.ask("Vitagora en quelle année ?")
    told_after = rendering("fr", appearance=Appearance(told_after=True))
    html = told_after.answer(answer, key="k")
    assert told_after.texts.answer.told_after in html
    assert told_after.texts.answer.open not in html
    assert 'href="https://www.clairparis.org/fr/dijon-kumamoto"' in html
    assert ":~:text=" not in html
    assert ":~:text=" in rendering("fr").answer(answer, key="k")


def test_the_contact_is_a_link_once(bot: ScriptedBot) -> None:
    """Where the sentence names it, there; else as a button after the sentence."""
    absent = bot.ask("What about trains?")
    render = rendering("en", "https://x.org/ask")
    assert render.answer(absent, key="k").count('href="https://x.org/ask"') == 1
    naming = absent.model_copy(update={"answer": "Nothing <here>. Write to https://x.org/ask."})
    html = render.answer(naming, key="k")
    assert html.count('href="https://x.org/ask"') == 1
    assert "pb-contact" not in html
    assert "Nothing &lt;here&gt;. Write to " in html
    assert ">x.org/ask</a>.</p>" in html


def test_the_language_of_a_source_is_named_when_it_differs_from_the_questions(bot: ScriptedBot) -> None:
    """A French source of a French question needs no label, whatever the interface's language."""
    render = rendering("ja")
    assert "フランス語の資料" not in render.answer(bot.ask("Vitagora en quelle année ?"), key="k")
    assert "フランス語の資料" in render.answer(bot.ask("ヴィタゴラ"), key="k")


def test_the_button_of_a_question_is_in_the_pages_language() -> None:
    """A screen reader doesn't read it in the question's."""
    html = rendering("fr").message("question", "ヴィタゴラはいつ？", "ja", "turn-0")
    assert 'class="pb-question" id="turn-0" lang="ja"' in html
    assert re.search(r'<button class="pb-edit"[^>]* lang="fr"', html)


def test_an_answer_is_as_of_the_source_that_is_quoted_first(bot: ScriptedBot) -> None:
    """Another's date would say what is not known of the first."""
    render, answer = rendering("en"), bot.ask("Vitagora")
    first, second = answer.citations
    # What a quote dates itself is not known as of the day of its document.
    assert "From an article" not in render.answer(answer, key="k")
    first = first.model_copy(
        update={"quote": "Le bureau de Vitagora compte trois personnes.", "highlight": None}
    )
    answer = answer.model_copy(update={"citations": [first, second]})
    assert "From an article published on 1 July 2024" in render.answer(answer, key="k")
    undated = answer.model_copy(update={"citations": [first.model_copy(update={"published": None}), second]})
    assert "From an article" not in render.answer(undated, key="k")


def test_a_conversation_reaches_the_bot_with_the_documents_it_cited(bot: ScriptedBot) -> None:
    """Answers without their sources' words; errors and the questions that met them are left out."""
    vitagora, trains = bot.ask(VITAGORA), bot.ask("What about trains?")
    conversation = [
        Exchange(question="<b>1 < 2</b>\n*x*", outcome="carried"),
        Exchange(question=VITAGORA, outcome="answered", answer=vitagora),
        Exchange(question="!!!", outcome="rejected", text="no words"),
        Exchange(question="And then?", outcome="stopped", text="It"),
        Exchange(question="Where?", outcome="stopped"),
        Exchange(question=trains.question, outcome="answered", answer=trains),
    ]
    kept, saved = written(conversation)
    assert kept == conversation
    read = turns(read_conversation(saved), LONGEST_HISTORY)
    assert [(turn.role, turn.content, turn.sources) for turn in read] == [
        ("user", "<b>1 < 2</b>\n*x*", []),
        ("user", VITAGORA, []),
        ("assistant", vitagora.answer, ["dijon.fr.md", "articles/熊本 交流.md"]),
        ("user", "And then?", []),
        ("assistant", "It", []),
        ("user", "What about trains?", []),
        ("assistant", "Our documents say nothing about this.", []),
    ]


def test_of_a_long_conversation_the_end_is_kept(bot: ScriptedBot) -> None:
    """As much as a page may send back with a question, in whatever script."""
    answer = bot.ask("ヴィタゴラはいつ？")
    long = answer.model_copy(update={"answer": '"熊本"' * 2_000})
    conversation = [Exchange(question=f"{n}", outcome="answered", answer=long) for n in range(150)]
    kept, saved = written(conversation)
    assert kept[-1].question == "149"
    assert 10 < len(kept) < 100
    assert len(json.dumps({"data": ["?", saved, ""]}, ensure_ascii=False).encode()) < LONGEST_CONVERSATION
    short = [Exchange(question=f"{n}", outcome="answered", answer=answer) for n in range(150)]
    assert len(read_conversation(written(short)[1])) == MOST_EXCHANGES


@pytest.mark.parametrize(
    "saved",
    [
        "[",
        "{}",
        "null",
        '[{"question": "x"}]',
        '[{"question": "x", "outcome": "answered", "answer": {"answer": "y"}}]',
        '[{"question": "\ud800", "outcome": "told"}]',
        f"[{','.join(['{}'] * 100_000)}]",
        "[" * 200_000,
    ],
)
def test_what_is_no_conversation_is_none(saved: str) -> None:
    """It comes from a browser, and may be anything."""
    assert read_conversation(saved) == []


@pytest.mark.parametrize(
    "question", ["What partnership is there?", "What steps?", "Compare Dijon and Shizuoka"]
)
def test_a_reply_of_several_parts_shows_each_quote_once(bot: ScriptedBot, question: str) -> None:
    """Verbatim, with its source and a way to the very words; no headline, and no card that repeats it."""
    answer = bot.ask(question, language="en")
    html = rendering("en").answer(answer, key="k")
    assert "pb-short" not in html
    assert 'class="pb-source"' not in html
    assert "From an article" not in html
    assert re.findall(r'<blockquote [^>]*lang="(\w+)"', html) == ["fr", "ja", "fr"]
    assert re.findall(r'id="k-(\d)"', html) == ["1", "2", "3"]
    assert "[1]" not in html  # the numbers of all that follows say nothing
    assert html.count("in Japanese") == 1
    first = answer.citations[0]
    assert f"start={first.start}&amp;end={first.end}&amp;from=0&amp;to={len(answer.points[0].text)}" in html
    # A card has no other number than its sources', which a step might be taken for.
    numbers = [str(number) for point in answer.points for number in point.citations]
    assert [text for text in fromstring(html).xpath("//li//text()") if text.isdigit()] == numbers
    assert re.findall(r'class="pb-group">(\w+)<', html) == (
        ["Dijon", "Shizuoka"] if answer.kind == "comparison" else []
    )
    assert html.count('class="pb-open"') == 2  # the report has no public page


def test_a_long_list_begins_with_its_names(bot: ScriptedBot) -> None:
    """Each with its quotes behind it; a short one shows all at once."""
    answer = bot.ask("What partnership is there?", language="en")
    first = answer.citations[0]

    def folded(names: int) -> list[str]:
        points = [Point(text=first.quote, citations=[1], label=f"Town {n}") for n in range(names)]
        reply = answer.model_copy(update={"points": points, "citations": [first]})
        shown = fromstring(rendering("en").answer(reply, key="k"))
        assert len(shown.findall(".//blockquote")) == names
        return [part.text_content() for part in shown.findall(".//details/summary")]

    assert folded(5) == []
    assert folded(6) == [f"Town {n}" for n in range(6)]


def test_a_document_that_points_stand_in_one_after_the_other_is_named_once(bot: ScriptedBot) -> None:
    """Who hears the page is told it with each quote; under a new label it is shown again."""
    answer = bot.ask("What partnership is there?", language="en")
    first = answer.citations[0]

    def names_shown(*labels: str | None) -> tuple[int, int]:
        points = [Point(text=first.quote, citations=[1], label=label) for label in labels]
        reply = answer.model_copy(update={"points": points, "citations": [first]})
        html = rendering("en", "https://x.org/").answer(reply, key="k")
        assert html.count("pb-see") == html.count(first.title) == len(labels)
        return html.count(f'<span class="pb-title" lang="fr">{first.title}'), html.count("Same article")

    assert names_shown(None, None, None) == (1, 2)
    assert names_shown("Dijon", "Dijon", "Shizuoka", None) == (2, 2)


def test_of_what_may_be_of_no_use_one_passage_is_open(bot: ScriptedBot) -> None:
    """The others are one tap away, and whom to ask is a link."""
    answer = bot.ask("What partnership is there?", language="en")
    points = [Point(text=one.quote, citations=[one.number]) for one in answer.citations]
    said = "I found no sure answer. Contact us: https://x.org/\nHere is what comes nearest: [1] [2] [3]"
    near = answer.model_copy(update={"kind": "nearest", "points": points, "answer": said})
    html = rendering("en", "https://x.org/").answer(near, key="k")
    shown, folded = html.split("<details")
    assert '<a href="https://x.org/"' in shown
    assert (shown.count("<blockquote"), folded.count("<blockquote")) == (1, 2)
    assert "2 other passages" in folded
    assert "<details" not in rendering("en").answer(near.model_copy(update={"kind": "passages"}), key="k")


def test_a_quote_that_no_part_names_is_a_card(bot: ScriptedBot) -> None:
    """And what a language model wrote is no quote."""
    answer = bot.ask("What partnership is there?", language="en")
    one = answer.model_copy(update={"points": [Point(text="It <i>opened</i> in 2020.", citations=[1])]})
    html = rendering("en").answer(one, key="k")
    assert '<p class="pb-point-text" lang="en">It &lt;i&gt;opened&lt;/i&gt; in 2020.</p>' in html
    assert re.findall(r'class="pb-source" id="k-(\d)"', html) == ["2", "3"]
    assert html.count("<blockquote") == 2


@pytest.mark.parametrize("language", ["fr", "ja", "en"])
def test_a_conversational_reply_is_only_that(bot: ScriptedBot, language: str) -> None:
    """Paragraphs whose addresses are links, and examples: nothing to judge, copy or share, no sources."""
    answer = bot.ask({"fr": "Bonjour", "ja": "こんにちは", "en": "Hello"}[language], language=language)
    render = rendering(language, "https://www.clairparis.org/", feedback=True)
    html = render.answer(answer, key="k", suggested=[Suggestion("When?", "en")])
    assert html.count("<p>") == 2
    assert re.findall(r'<a href="([^"]*)"', html) == [
        "mailto:contact@clairparis.org",
        f"https://www.clairparis.org/{language}/contact",
    ]
    assert re.findall(r"<button class=\"([\w-]+)", html) == ["pb-suggestion"]
    assert render.texts.chat.for_example in html
    assert "pb-actions" not in html
    assert "pb-absent" not in html


# ---- The server ---------------------------------------------------------------------------------


@pytest.mark.system
def test_the_server_tells_its_address_and_no_banner(small_settings: Settings) -> None:
    """`partnerbot serve`: port 0 takes a free one, told on stderr; without torch, in less than 1 GB."""
    command = [sys.executable, "-m", "partnerbot.cli", "serve", "--port", "0", "--index"]
    with subprocess.Popen([*command, small_settings.index], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            line = next(line for line in server.stderr if "http://" in line)
            address = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert address is not None
            response = httpx.get(f"{address[0]}health")
            assert response.status_code == 200
            assert "server" not in response.headers
            question = {"question": "How many guests attended the tea ceremony?"}
            answer = httpx.post(f"{address[0]}api/ask", json=question, timeout=60).json()
            assert answer["short_answer"] == "75"
            system = Path(f"/proc/{server.pid}")
            if system.is_dir():
                assert "onnxruntime" in (system / "maps").read_text()
                assert "libtorch" not in (system / "maps").read_text()
                resident = re.search(r"VmRSS:\s+(\d+) kB", (system / "status").read_text())
                assert resident is not None
                assert int(resident[1]) * 1024 < 1e9
        finally:
            server.terminate()
