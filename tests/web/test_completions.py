"""What programs that speak OpenAI's protocol meet: its official client, and Open WebUI's way of asking."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import openai
import pytest
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt
from markupsafe import escape
from pydantic import SecretStr

from partnerbot.answering.answer import Answer
from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from partnerbot.web.completions import MODEL
from scripted_bot import ScriptedBot
from serving import api_of
from small_corpus import CHARTER

VITAGORA = "When did Vitagora open its Kumamoto office?"
HERE = "http://127.0.0.1"


def _bot(folder: Path, **settings: object) -> ScriptedBot:
    return ScriptedBot(folder / "bot", **{"completions": True, **settings})


def _client(web: TestClient, key: str = "none") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{web.base_url}/v1", api_key=key, http_client=web, max_retries=0)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> ScriptedBot:
    return _bot(tmp_path_factory.mktemp("completions"))


@pytest.fixture(scope="module")
def web(bot: ScriptedBot) -> Iterator[TestClient]:
    with TestClient(api_of(bot), HERE, raise_server_exceptions=False) as web:
        yield web


@pytest.fixture(scope="module")
def client(web: TestClient) -> openai.OpenAI:
    return _client(web)


def _asked(client: openai.OpenAI, *said: str) -> str:
    """Return the reply to what was said by turns, the user first."""
    roles = ["user", "assistant"] * len(said)
    messages = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    completion = client.chat.completions.create(model=MODEL, messages=messages)  # type: ignore[arg-type]
    return completion.choices[0].message.content or ""


def test_an_answer_cites_by_numbered_links(client: openai.OpenAI) -> None:
    """Each link is also an annotation, at its place in the message; a quote follows it."""
    (model,) = client.models.list().data
    said = [{"type": "text", "text": VITAGORA}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": said}]
    (choice,) = client.chat.completions.create(model=model.id, messages=messages).choices  # type: ignore[arg-type]
    text = choice.message.content or ""
    assert choice.finish_reason == "stop"
    assert text.startswith("According to documents in French and Japanese, it opened in 2020 [1] [2].")
    assert "> Par la suite, en 2020, Vitagora a ouvert son bureau" in text
    first, second = (one.url_citation for one in choice.message.annotations or [])
    assert first.title == "Une coopération entre Kumamoto et Dijon"
    assert first.url.startswith("https://www.clairparis.org/fr/dijon-kumamoto#:~:text=")
    assert unquote(second.url).startswith(f"{HERE}/documents/articles/熊本 交流.md?start=")
    for number, cited in enumerate((first, second), 1):
        assert text[: cited.start_index].endswith(f"\n[{number}] ")
        assert text[cited.start_index : cited.end_index].startswith(f"[{cited.title}]({cited.url} ")


def test_our_own_page_opens_at_the_link(client: openai.OpenAI, web: TestClient) -> None:
    """What has no public address is shown here, with the quote marked."""
    completion = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": VITAGORA}])
    *_, last = completion.choices[0].message.annotations or []
    assert "<mark" in web.get(last.url_citation.url).text


def test_behind_a_proxy_links_lead_to_the_public_address(tmp_path: Path) -> None:
    """With the path below which visitors reach the chat."""
    bot = _bot(tmp_path, public_url="https://www.example.org/chat")
    body = {"model": MODEL, "messages": [{"role": "user", "content": VITAGORA}]}
    with TestClient(api_of(bot), "https://www.example.org") as web:
        said = web.post("/chat/v1/chat/completions", json=body).json()["choices"][0]["message"]
    assert said["annotations"][1]["url_citation"]["url"].startswith("https://www.example.org/chat/documents/")


def test_a_stream_adds_up_to_the_same_message(client: openai.OpenAI) -> None:
    """The words come as they are made; the annotations with the end."""
    messages = [{"role": "user", "content": VITAGORA}]
    *chunks, last = client.chat.completions.create(model=MODEL, messages=messages, stream=True)  # type: ignore[call-overload]
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert (deltas[0].role, last.choices[0].finish_reason) == ("assistant", "stop")
    assert len(deltas) > 2
    assert "".join(delta.content for delta in deltas) == _asked(client, VITAGORA)
    assert [one["type"] for one in deltas[-1].annotations] == ["url_citation"] * 2
    assert len({chunk.id for chunk in (*chunks, last)}) == 1


def test_earlier_turns_are_the_conversation(client: openai.OpenAI, bot: ScriptedBot) -> None:
    """With the documents that our reply named in its links: a follow-up looks there first."""
    reply = _asked(client, VITAGORA)
    _asked(client, VITAGORA, reply, "When was the agreement signed last year?")
    user, assistant = bot.histories[-1]
    assert (user.role, user.content) == ("user", VITAGORA)
    assert (assistant.role, assistant.sources) == ("assistant", ["dijon.fr.md", "articles/熊本 交流.md"])


def test_points_and_nearby_documents_are_lists(client: openai.OpenAI) -> None:
    """A quote that is a point is not repeated; where nothing answers, what may help is linked."""
    compared = _asked(client, "compare Dijon and Shizuoka")
    assert "**Shizuoka**\n\n- La prochaine édition" in compared
    assert compared.count("La prochaine édition") == 1
    assert "- [Une coopération entre Kumamoto et Dijon](https://" in _asked(client, "Where is the moon?")


EVIL = "[x](http://evil.example) ![y](http://evil.example) \\[z](http://evil.example) <b> [1](http://evil.example)"


class Hostile(ScriptedBot):
    """Its documents, and so its answers, hold Markdown of a stranger's."""

    def _answer(self, question: str, language: str) -> Answer:
        found = super()._answer(question, language)
        cited = found.citations[0].model_copy(update={"title": EVIL, "quote": EVIL, "source": "a.md"})
        return found.model_copy(update={"answer": f"{EVIL} [1]", "citations": [cited], "warnings": [EVIL]})


def test_a_document_can_not_put_links_or_html_into_a_message(tmp_path: Path) -> None:
    """What is live in Markdown is shown as it is written: no link but ours, no picture, no HTML."""
    bot = Hostile(tmp_path / "bot", completions=True)
    with TestClient(api_of(bot), HERE) as web:
        shown = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
            _asked(_client(web), VITAGORA)
        )
    assert re.findall(r'href="([^#"]+)', shown) == ["https://www.clairparis.org/fr/dijon-kumamoto"]
    assert "<img" not in shown
    assert "<b>" not in shown
    assert shown.count(escape(EVIL)) == 3  # the answer, the title and the warning


def test_errors_have_the_form_of_openai(client: openai.OpenAI, tmp_path: Path) -> None:
    """The client raises its own error for each; the message is for people."""
    with pytest.raises(openai.NotFoundError, match="only model"):
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": VITAGORA}])
    with pytest.raises(openai.BadRequestError, match="Écrivez une question") as empty:
        _asked(client, " ")
    assert (empty.value.code, empty.value.type) == ("empty", "invalid_request_error")
    with pytest.raises(openai.BadRequestError, match="messages"):
        client.chat.completions.create(model=MODEL, messages=[])
    with pytest.raises(openai.InternalServerError) as away:
        _asked(client, "offline")
    assert (away.value.code, away.value.type) == ("unavailable", "server_error")
    stream = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "half an answer"}], stream=True
    )
    with pytest.raises(openai.APIError, match="Réessayez"):
        list(stream)
    few = _bot(tmp_path, questions_per_minute=1)
    with TestClient(api_of(few), HERE) as web:
        _asked(_client(web), VITAGORA)
        with pytest.raises(openai.RateLimitError) as refused:
            _asked(_client(web), VITAGORA)
        assert (refused.value.type, refused.value.code) == ("rate_limit_error", "too_many_questions")
        assert int(refused.value.response.headers["Retry-After"]) > 0
        # The same minute is everybody's, whatever they speak.
        assert web.post("/api/ask", json={"question": VITAGORA}).status_code == 429


def test_where_there_are_keys_one_must_be_shown(tmp_path: Path) -> None:
    """A key may be stated as itself or as its SHA-256; no response tells one."""
    hashed = f"sha256:{hashlib.sha256(b'second').hexdigest()}"
    bot = _bot(tmp_path, completions_keys=SecretStr(f"first, {hashed}"))
    with TestClient(api_of(bot), HERE) as web:
        for key in ("first", "second"):
            assert _client(web, key).models.list().data
            assert _asked(_client(web, key), VITAGORA)
        for key in ("third", hashed, " "):
            with pytest.raises(openai.AuthenticationError, match="Show a key"):
                _client(web, key).models.list()
            with pytest.raises(openai.AuthenticationError):
                _asked(_client(web, key), VITAGORA)
        assert web.get("/v1/models").status_code == 401


def test_it_is_closed_unless_opened(tmp_path: Path) -> None:
    """By default there is nothing at these addresses."""
    with TestClient(api_of(_bot(tmp_path, completions=False)), HERE) as web:
        assert web.get("/v1/models").status_code == 404
        assert web.post("/v1/chat/completions", json={}).status_code == 404


def test_no_page_of_a_stranger_may_ask(web: TestClient) -> None:
    """A browser says whose page sends: it is refused before anything is read."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": VITAGORA}]}
    asked = web.post("/v1/chat/completions", json=body, headers={"Origin": "https://stranger.example"})
    assert asked.status_code == 403


@pytest.mark.parametrize("stream", [True, False])
def test_as_open_webui_asks(web: TestClient, bot: ScriptedBot, stream: bool) -> None:
    """It lists the models, streams the answer, then asks the same model for a title, tags and more."""
    model = web.get("/v1/models", headers={"Authorization": "Bearer "}).json()["data"][0]["id"]
    body = {"model": model, "messages": [{"role": "user", "content": VITAGORA}], "stream": True}
    body |= {"stream_options": {"include_usage": True}, "temperature": 0.7, "max_tokens": 200}
    lines = [line for line in web.post("/v1/chat/completions", json=body).text.split("\n") if line]
    assert lines[-1] == "data: [DONE]"
    deltas = [json.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in lines[:-1]]
    assert any(delta.get("annotations") for delta in deltas)

    asked = len(bot.asked)
    task = (
        '### Task:\nGenerate a concise, 3-5 word title.\n### Output:\nJSON format: { "title": "…" }\n'
        f"### Chat History:\n<chat_history>\nUSER: {VITAGORA}\nASSISTANT: 2020\n</chat_history>"
    )
    told = web.post(
        "/v1/chat/completions",
        json={"model": model, "messages": [{"role": "user", "content": task}], "stream": stream},
    )
    assert json.loads(told.json()["choices"][0]["message"]["content"])["title"] == VITAGORA
    assert len(bot.asked) == asked  # nobody worked on it


def test_the_real_bot_answers(small_settings: Settings, model: EmbeddingModel) -> None:
    """From the index, with a quote that stands in the document."""
    bot = Partnerbot.of(small_settings.model_copy(update={"completions": True}), model, writes=False)
    with TestClient(api_of(bot), HERE) as web:
        text = _asked(_client(web), "When was the friendship charter signed?")
        assert text.startswith("12 April 2009 [1]")
        assert f'"{CHARTER}")' in text
        assert "ont signé leur charte d’amitié le 12 avril 2009" in text
