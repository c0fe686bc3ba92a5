"""Whatever a language model's server does, the visitor has an answer within the deadline."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from chat_server import FAULTS, ChatHandler, chat_server, closed_port, saying
from combinations import combinations
from event_loops import run_apart
from partnerbot.answering.answer import Answer, Token
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.phrases import phrases
from partnerbot.bot import Partnerbot
from partnerbot.errors import ConfigurationError, VisitorLeft
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.asking import ChatAsker, Lines, NoAnswerFromModel, Patience, seconds_to_a_word
from partnerbot.writing.prompts import word_prompt
from partnerbot.writing.provider import open_chat_model
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.writer import Writer
from serving import serving, serving_process
from waiting import PATIENCE_SECONDS, wait_until

_APP = Path(__file__).parents[2] / "app.py"
KEY = "sk-never-to-be-seen"

QUESTIONS = {
    "fr": "Quand la charte d’amitié a-t-elle été signée ?",
    "ja": "足湯はいつ開業しましたか？",
    "en": "When was the friendship charter signed?",
}

_WAIT, _WHOLE = 1.0, 2.0


class Asked:
    """The investigations of the three questions, made once, and a bot to conclude them with a writer."""

    def __init__(self, settings: Settings, model: EmbeddingModel) -> None:
        self.settings, self.model, self.reader = settings, model, load_reader()
        bot = Partnerbot(settings, model, self.reader)
        self.found: dict[str, Investigation] = {
            language: bot.investigate(question) for language, question in QUESTIONS.items()
        }
        self.extractive = {language: _answer(bot, found) for language, found in self.found.items()}

    def bot(self, address: str, **more: object) -> Partnerbot:
        """Return a bot whose answers are written by the server at an address."""
        settings = self.settings.model_copy(
            update={
                "llm": "openai:test-model",
                "llm_base_url": address,
                "llm_first_token_seconds": _WAIT,
                "llm_answer_seconds": _WHOLE,
                **more,
            }
        )
        writer = Writer.open(settings, self.model)
        return Partnerbot(settings, self.model, self.reader, writer=writer)


@pytest.fixture(scope="module")
def asked(small_settings: Settings, model: EmbeddingModel) -> Asked:
    settings = Settings.model_validate(small_settings.model_dump() | {"llm_api_key": KEY})
    asked = Asked(settings, model)
    with chat_server(saying("NOT_IN_DOCUMENTS")) as server:
        # The client's package is loaded once, whatever that takes.
        bot = asked.bot(server.address, llm_first_token_seconds=30.0, llm_answer_seconds=30.0)
        _answer(bot, asked.found["en"])
    return asked


def _answer(bot: Partnerbot, found: Investigation) -> Answer:
    *tokens, answer = bot.conclude(found)
    assert isinstance(answer, Answer)
    assert "".join(token.text for token in tokens if isinstance(token, Token)) == answer.answer
    return answer


@pytest.mark.parametrize(("fault", "language"), combinations(["refused", *FAULTS], QUESTIONS))
def test_fault_leaves_the_quoted_answer(
    asked: Asked, fault: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The extractive answer with its sources and a note in the asker's language; a log line; a figure."""
    found, expected = asked.found[language], asked.extractive[language]
    with chat_server(FAULTS.get(fault, saying(""))) as server, closed_port() as nobody:
        bot = asked.bot(server.address if fault in FAULTS else nobody)
        with caplog.at_level(logging.INFO):
            answer = _answer(bot, found)
        assert not server.outwaited.is_set()
    assert answer.status == "answered"
    assert (answer.answer, answer.citations) == (expected.answer, expected.citations)
    assert answer.generator == "extractive"
    assert phrases(language).quoted_instead in answer.warnings
    assert any("language model" in line or "Answer by" in line for line in caplog.messages)
    assert bot.writer is not None
    assert sum(count for name, count in bot.writer.figures.items() if name != "tokens_today") >= 1
    assert KEY not in caplog.text
    assert "sk-secret" not in caplog.text
    assert KEY not in answer.model_dump_json()


def test_a_failure_is_tried_once_more(asked: Asked) -> None:
    """One error before the first token is forgiven; the visitor doesn't notice."""
    failures = iter([FAULTS["500"]])
    good = saying("The charter was signed on 12 April 2009 [1].")
    with chat_server(lambda handler: next(failures, good)(handler)) as server:
        answer = _answer(asked.bot(server.address), asked.found["en"])
        prompts = [body["messages"][0]["content"] for body, _ in server.requests]
    assert len([prompt for prompt in prompts if not prompt.startswith("Translate")]) == 2
    assert answer.generator == "openai:test-model"
    assert "12 April 2009" in answer.answer


def test_a_dead_server_is_left_alone(asked: Asked) -> None:
    """After failures in a row the server isn't asked for a while."""
    with chat_server(FAULTS["500"]) as server:
        bot = asked.bot(server.address)
        for _ in range(3):
            _answer(bot, asked.found["en"])
        requests = len(server.requests)
        answer = _answer(bot, asked.found["en"])
        assert len(server.requests) == requests
    assert phrases("en").quoted_instead in answer.warnings


def test_what_was_verified_stays_when_the_rest_does_not_come(asked: Asked) -> None:
    """A stall after a true sentence leaves the sentence, its source and a note."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        handler.say("The charter was signed on 12 April 2009 [1]. It was ")
        handler.hang()

    with chat_server(behave) as server:
        answer = _answer(asked.bot(server.address), asked.found["en"])
    assert answer.answer == "The charter was signed on 12 April 2009 [1]."
    assert answer.citations
    assert answer.warnings == [phrases("en").cut_short]


def test_an_answer_that_time_cuts_says_so(asked: Asked) -> None:
    """A server that still writes when the time is over leaves what was verified, and a note."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        handler.say("The charter was signed on 12 April 2009 [1]. ")
        while not handler.server.released.is_set():
            handler.say("word ")
            time.sleep(0.05)

    with chat_server(behave) as server:
        bot = asked.bot(server.address)
        answer = _answer(bot, asked.found["en"])
    assert answer.answer == "The charter was signed on 12 April 2009 [1]."
    assert answer.warnings == [phrases("en").cut_short]
    assert bot.writer is not None
    assert bot.writer.figures["late"] == 1


@pytest.mark.parametrize("llm", ["openai:test-model", "ollama:test-model"])
def test_an_answer_that_the_cap_on_tokens_cuts_says_so(asked: Asked, llm: str) -> None:
    """What the model had no tokens left to finish isn't shown, and a note tells that the answer was cut."""
    text = "The charter was signed on 12 April 2009 [1]. Clairmoulin and Kirisawa signed a charter [1]"
    with chat_server(saying(text, "length")) as server:
        address = server.root if llm.startswith("ollama") else server.address
        bot = asked.bot(address, llm=llm, llm_first_token_seconds=20.0, llm_answer_seconds=20.0)
        answer = _answer(bot, asked.found["en"])
        whole = saying(text)
        server.behave = whole
        assert "signed a charter" in _answer(bot, asked.found["en"]).answer
    assert answer.answer == "The charter was signed on 12 April 2009 [1]."
    assert answer.warnings == [phrases("en").cut_short]
    assert bot.writer is not None
    assert bot.writer.figures["cut"] == 1


@pytest.mark.parametrize("llm", ["openai:test-model", "ollama:test-model", "mistralai:test-model"])
def test_json_is_asked_for_and_read_like_plain_text(asked: Asked, llm: str) -> None:
    """By a schema, in each provider's protocol: sentence by sentence as it comes, up to where it is cut."""
    said = ["The charter was signed on 12 April 2009 [1].", "Clairmoulin and Kirisawa signed a charter [1]."]
    written = json.dumps({"lines": said})
    with chat_server(saying(written)) as server:
        address = server.root if llm.startswith("ollama") else server.address
        bot = asked.bot(address, llm=llm, llm_first_token_seconds=20.0, llm_answer_seconds=20.0)
        *tokens, answer = bot.conclude(asked.found["en"])
        server.behave = saying(written[:-9], "length")
        cut = _answer(bot, asked.found["en"])
        asked_for = [body.get("format") or body["response_format"] for body, _ in server.requests]
    assert isinstance(answer, Answer)
    assert [token.text for token in tokens if isinstance(token, Token)] == [said[0], f" {said[1]}"]
    assert (answer.answer, answer.warnings) == (" ".join(said), [])
    assert (cut.answer, cut.warnings) == (said[0], [phrases("en").cut_short])
    assert all("lines" in json.dumps(one) for one in asked_for)


@pytest.mark.parametrize(("status", "is_refusal"), [(400, True), (422, True), (500, False)])
def test_a_server_that_takes_no_schema_is_asked_for_plain_text(
    asked: Asked, status: int, is_refusal: bool
) -> None:
    """No visitor notices; who refuses the schema is asked for JSON once, an error may be a passing one."""

    def behave(handler: ChatHandler) -> None:
        if "response_format" in handler.server.requests[-1][0]:
            handler.fail(status, '{"error": {"message": "response_format is not supported"}}')
        else:
            saying("The charter was signed on 12 April 2009 [1].")(handler)

    with chat_server(behave) as server:
        bot = asked.bot(server.address)
        for _ in range(2):
            assert _answer(bot, asked.found["en"]).answer == "The charter was signed on 12 April 2009 [1]."
        assert (sum("response_format" in body for body, _ in server.requests) == 1) is is_refusal


@pytest.mark.parametrize("pieces", [1, 5, 200])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_may_be_cut_anywhere(pieces: int, ascii_only: bool) -> None:
    """Within an escape, a pair of surrogates, a quoted mark: lines come whole, each character once."""
    said = ['Un "mot" à l’été \\ et 覚書 \U0001f600 [1].', "{Un autre}."]
    written = json.dumps({"lines": said}, ensure_ascii=ascii_only)

    lines = Lines()
    got = "".join(lines.add(written[i : i + pieces]) for i in range(0, len(written), pieces))
    assert got == "\n".join(said)


def test_a_sentence_that_cannot_be_judged_is_left_out(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    """An error of ours in judging costs the visitor that sentence; the log has its kind, not the words."""
    with chat_server(saying("The charter was signed on 12 April 2009 [1].")) as server:
        bot = asked.bot(server.address)
        assert bot.writer is not None
        bot.writer._judge = _Broken(asked.model, asked.reader)
        answer = _answer(bot, asked.found["en"])
    assert answer.answer == asked.extractive["en"].answer
    assert bot.writer.figures["dropped_error"] == 1
    assert "ValueError" in caplog.text
    assert "12 April" not in caplog.text


class _Broken(SupportJudge):
    """Breaks at every text, with the text in its error."""

    def words(self, text: str, _: str) -> TokenStates:
        raise ValueError(text)


def test_raised_figures_are_no_hour(asked: Asked) -> None:
    """ "²" is a digit to Python and no number: a sentence about "30 m² h" is judged like any other."""
    text = "The charter was signed on 12 April 2009 [1]. The room has 30 m ² h [1]."
    with chat_server(saying(text)) as server:
        bot = asked.bot(server.address)
        assert "12 April 2009" in _answer(bot, asked.found["en"]).answer
    assert bot.writer is not None
    assert "dropped_error" not in bot.writer.figures


def test_visitors_without_time_break_no_server(asked: Asked) -> None:
    """A wait shorter than a first word may take tells nothing of the server; text, that it is well."""
    with chat_server(lambda handler: handler.hang()) as server:
        settings = asked.settings.model_copy(
            update={
                "llm": "openai:test-model",
                "llm_base_url": server.address,
                "llm_first_token_seconds": 1.5,
            }
        )
        asker = ChatAsker(open_chat_model(settings), settings)
        for _ in range(3):
            with pytest.raises(NoAnswerFromModel, match="slow"):
                asker.text(word_prompt(), Patience(time.monotonic() + 0.1))
        server.behave = _writes_on
        for _ in range(3):
            with pytest.raises(NoAnswerFromModel, match="late"):
                asker.text(word_prompt(), Patience(time.monotonic() + 1.6))
        server.behave = lambda handler: handler.hang()
        for reason in ("slow", "slow", "slow", "paused"):
            with pytest.raises(NoAnswerFromModel, match=reason):
                asker.text(word_prompt(), Patience(time.monotonic() + 20))


def _writes_on(handler: ChatHandler) -> None:
    handler.begin()
    while not handler.server.released.is_set():
        handler.say("word ")
        time.sleep(0.05)


def test_no_translation_is_begun_without_time_for_it(asked: Asked) -> None:
    """Where less is left than a first word may take, the answer is given as it is."""
    with chat_server(saying("The charter was signed on 12 April 2009 [1].")) as server:
        bot = asked.bot(server.address, llm_first_token_seconds=20.0, llm_answer_seconds=19.0)
        answer = _answer(bot, asked.found["en"])
        assert len(server.requests) == 1
    assert answer.citations[0].language == "fr"


def test_blank_text_is_no_first_token(asked: Asked) -> None:
    """A server that sends line ends is given up when its time for the first token is over."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        while not handler.server.released.is_set():
            handler.say("\n")
            time.sleep(0.02)

    with chat_server(behave) as server:
        bot = asked.bot(server.address, llm_answer_seconds=4.0)
        answer = _answer(bot, asked.found["en"])
    assert phrases("en").quoted_instead in answer.warnings
    assert bot.writer is not None
    assert bot.writer.figures["slow"] == 1


def test_a_server_is_waited_for_longer_than_its_client_would(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LangChain's own limit between two pieces of a text ends no request that ours allow."""
    monkeypatch.setenv("LANGCHAIN_OPENAI_STREAM_CHUNK_TIMEOUT_S", "0.1")

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        time.sleep(0.4)
        handler.say("The charter was signed on 12 April 2009 [1].")
        handler.end()

    with chat_server(behave) as server:
        bot = asked.bot(server.address, llm_first_token_seconds=20.0, llm_answer_seconds=60.0)
        assert _answer(bot, asked.found["en"]).generator == "openai:test-model"


def test_the_quoted_answer_does_not_wait_for_its_translation(asked: Asked) -> None:
    """It is there to be read before its quotes are sent to be translated."""
    with chat_server(saying("NOT_IN_DOCUMENTS")) as server:
        events = asked.bot(server.address, llm_answer_seconds=20.0).conclude(asked.found["en"])
        first = next(events)
        assert len(server.requests) == 1
        *_, answer = events
        assert len(server.requests) == 2
    assert isinstance(first, Token)
    assert isinstance(answer, Answer)
    assert first.text == answer.answer


def test_an_answer_that_is_enough_ends_a_row_of_failures(asked: Asked) -> None:
    """A stream that we end, since no more is needed, shows that the server is well."""
    with chat_server(FAULTS["500"]) as server:
        bot = asked.bot(server.address)
        for _ in range(2):
            _answer(bot, asked.found["en"])
        server.behave = saying("NOT_IN_DOCUMENTS. This and more is written by the model. It goes on.")
        _answer(bot, asked.found["fr"])  # whose quote needs no translation
        server.behave = FAULTS["500"]
        _answer(bot, asked.found["en"])
        server.behave = saying("The charter was signed on 12 April 2009 [1].")
        assert _answer(bot, asked.found["en"]).generator == "openai:test-model"


def test_a_server_that_fails_costs_no_tokens(asked: Asked) -> None:
    """What was refused is not counted as spent."""
    with chat_server(FAULTS["500"]) as server:
        bot = asked.bot(server.address)
        _answer(bot, asked.found["en"])
        assert len(server.requests) == 2
    assert bot.writer is not None
    assert bot.writer.figures["tokens_today"] == 0


def test_the_days_tokens_are_set_aside_before_they_are_spent(asked: Asked) -> None:
    """Of two visitors at once, the second isn't let in on what the first may still spend."""
    with chat_server(_only_begins) as server, ThreadPoolExecutor(1) as thread:
        bot = asked.bot(
            server.address,
            llm_answer_tokens=5_000,
            llm_daily_tokens=9_000,
            llm_first_token_seconds=20.0,
            llm_answer_seconds=20.0,
        )
        left = threading.Event()
        first = thread.submit(lambda: list(bot.conclude(asked.found["en"], left)))
        assert server.waited_for.wait(PATIENCE_SECONDS)
        answer = _answer(bot, asked.found["ja"])
        assert len(server.requests) == 1
        left.set()
        with pytest.raises(VisitorLeft):
            first.result(PATIENCE_SECONDS)
    assert answer.generator == "extractive"
    assert bot.writer is not None
    assert bot.writer.figures["spent"] == 1


def test_the_days_tokens_are_spent_once(asked: Asked) -> None:
    """Beyond the daily cap the model isn't asked."""
    with chat_server(saying("The charter was signed on 12 April 2009 [1].")) as server:
        bot = asked.bot(server.address, llm_daily_tokens=1)
        answer = _answer(bot, asked.found["en"])
        assert server.requests == []
    assert answer.generator == "extractive"


def test_a_visitor_who_leaves_ends_the_request(asked: Asked) -> None:
    """Closing the stream stops the reading of a long answer, and frees the place."""

    def behave(handler: ChatHandler) -> None:
        handler.begin()
        handler.say("The charter was signed on 12 April 2009 [1]. ")
        while not handler.server.released.is_set():
            handler.say("word ")
            time.sleep(0.01)

    with chat_server(behave) as server:
        bot = asked.bot(server.address, llm_concurrent=1, llm_answer_seconds=20.0, llm_answer_tokens=5_000)
        events = bot.conclude(asked.found["en"])
        assert isinstance(next(events), Token)
        events.close()  # type: ignore[attr-defined]
        server.behave = saying("The charter was signed on 12 April 2009 [1].")
        answer = _answer(bot, asked.found["en"])
    assert answer.generator == "openai:test-model"
    assert bot.writer is not None
    assert (bot.writer.figures["left"], bot.writer.figures["written"]) == (1, 1)


_NOTICED_SECONDS = 15.0
"""Within which the server is to see its request ended."""


def _says_nothing(handler: ChatHandler) -> None:
    handler.wait_for_the_end()


def _only_begins(handler: ChatHandler) -> None:
    handler.begin()
    handler.wait_for_the_end()


def _says_half(handler: ChatHandler) -> None:
    handler.begin()
    handler.say("The charter was ")
    handler.wait_for_the_end()


def _never_translates(handler: ChatHandler) -> None:
    if handler.prompt.startswith("Translate"):
        _says_half(handler)
    else:
        saying("NOT_IN_DOCUMENTS")(handler)


@pytest.mark.parametrize(
    "behave",
    [_says_nothing, _only_begins, _says_half, _never_translates],
    ids=["says nothing", "only begins", "says half a sentence", "translates"],
)
def test_a_visitor_who_leaves_before_the_first_sentence_ends_the_request(
    asked: Asked, behave: Callable[[ChatHandler], None]
) -> None:
    """Whatever the model was at: its server sees the connection closed, and nothing more is yielded."""
    with chat_server(behave) as server, ThreadPoolExecutor(1) as thread:
        bot = asked.bot(server.address, llm_first_token_seconds=20.0, llm_answer_seconds=60.0)
        left = threading.Event()
        answering = thread.submit(lambda: list(bot.conclude(asked.found["en"], left)))
        assert server.waited_for.wait(PATIENCE_SECONDS)
        left.set()
        assert server.left.wait(_NOTICED_SECONDS)
        with pytest.raises(VisitorLeft):
            answering.result(_NOTICED_SECONDS)
        assert bot.writer is not None
        server.behave = saying("The charter was signed on 12 April 2009 [1].")
        assert _answer(bot, asked.found["en"]).generator == "openai:test-model"


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_a_client_of_the_api_who_leaves_before_the_first_event_ends_the_request(
    asked: Asked, accept: str
) -> None:
    """Over HTTP too, as a stream or as one answer; and the next client is answered."""
    with chat_server(_only_begins) as server:
        bot = asked.bot(server.address, llm_first_token_seconds=20.0, llm_answer_seconds=60.0)

        async def leave() -> None:
            async with httpx.AsyncClient(base_url=address, headers={"Accept": accept}) as client:
                asking = asyncio.create_task(client.post("/api/ask", json={"question": QUESTIONS["en"]}))
                assert await asyncio.to_thread(server.waited_for.wait, PATIENCE_SECONDS)
                asking.cancel()
                await asyncio.wait({asking})

        with serving(bot, chats=()) as address:
            run_apart(leave())
            assert server.left.wait(_NOTICED_SECONDS)
            server.behave = saying("The charter was signed on 12 April 2009 [1].")
            answer = httpx.post(f"{address}/api/ask", json={"question": QUESTIONS["en"]}, timeout=30).json()
        assert answer["generator"] == "openai:test-model"


@pytest.mark.system
@pytest.mark.parametrize("program", [("-m", "partnerbot.cli", "serve"), (str(_APP),)], ids=["serve", "app"])
def test_the_operator_reads_how_each_answer_ended(
    small_settings: Settings, tmp_path: Path, program: tuple[str, ...]
) -> None:
    """In the log of a server as it is run: a warning for each failure, a line for each answer, the counts."""
    with chat_server(FAULTS["500"]) as server:
        told = {"LLM": "openai:test-model", "LLM_BASE_URL": server.address, "LLM_API_KEY": KEY}
        told["DOCUMENTS"] = str(small_settings.documents)
        with serving_process(tmp_path, program, INDEX=small_settings.index, **told) as (address, _):
            question = {"question": QUESTIONS["en"]}
            for _ in range(2):
                server.behave = FAULTS["500"]
                assert httpx.post(f"{address}/api/ask", json=question, timeout=60).json()["warnings"]
            server.behave = saying("The charter was signed on 12 April 2009 [1].")
            assert httpx.post(f"{address}/api/ask", json=question, timeout=60).status_code == 200
            outcomes = httpx.get(f"{address}/ready", timeout=10).json()["language_model"]
        assert (outcomes["failed"], outcomes["written"]) == (2, 1)
        log = (tmp_path / "log").read_text("utf-8")
    lines = [line for line in log.splitlines() if "Answer by openai:test-model" in line]
    assert len(lines) == 3
    assert log.count("WARNING partnerbot.writing.writer: The language model gave no answer") >= 2
    assert "failed 2" in lines[-1]
    assert "written 1" in lines[-1]
    assert "charter" not in log
    assert KEY not in log


def test_request_keeps_its_limits_and_its_key(asked: Asked) -> None:
    """The server is asked for a stream of few tokens, with the owner's key and nobody else's."""
    with chat_server(saying("NOT_IN_DOCUMENTS")) as server:
        _answer(asked.bot(server.address), asked.found["en"])
        body, headers = server.requests[0]
    assert body["stream"] is True
    assert body["model"] == "test-model"
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 500
    assert {name.lower(): value for name, value in headers.items()}["authorization"] == f"Bearer {KEY}"


_KEY_VARIABLES = "OPENAI_API_KEY", "MISTRAL_API_KEY", "OLLAMA_API_KEY"


@pytest.mark.parametrize("provider", ["openai", "mistralai", "ollama"])
@pytest.mark.parametrize("key", [KEY, None])
def test_every_provider_writes_an_answer_and_gets_no_other_key(
    asked: Asked, provider: str, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the owner's address the provider's own variable isn't sent; limits are, and tokens are counted."""
    for variable in _KEY_VARIABLES:
        monkeypatch.setenv(variable, "sk-of-another-server")
    with chat_server(saying("The charter was signed on 12 April 2009 [1].")) as server:
        address = server.root if provider == "ollama" else server.address
        found = asked.found["en"]
        bot = asked.bot(
            address,
            llm=f"{provider}:test-model",
            llm_api_key=key and SecretStr(key),
            llm_first_token_seconds=20.0,
            llm_answer_seconds=20.0,
        )
        answer = _answer(bot, found)
        body, headers = server.requests[0]
    assert answer.generator == f"{provider}:test-model"
    assert "12 April 2009" in answer.answer
    sent = str(sorted(headers.items()))
    assert "sk-of-another-server" not in sent
    assert (KEY in sent) == (key is not None)
    limits = body["options"] if provider == "ollama" else body
    assert 500 in limits.values()
    assert provider != "ollama" or limits["num_ctx"] > 500
    assert bot.writer is not None
    assert bot.writer.figures["tokens_today"] > 0


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("not JSON", "wrong language")])
def test_a_fault_of_ollama_leaves_the_quoted_answer(asked: Asked, fault: str) -> None:
    """In its protocol, too, within the deadline."""
    with chat_server(FAULTS[fault]) as server:
        answer = _answer(asked.bot(server.root, llm="ollama:test-model"), asked.found["en"])
        assert not server.outwaited.is_set()
    assert answer.generator == "extractive"
    assert phrases("en").quoted_instead in answer.warnings


def test_a_refusal_is_not_tried_again(asked: Asked) -> None:
    """A wrong key stays wrong, and a server that is asked too much isn't asked more."""
    for fault in ("401", "429"):
        with chat_server(FAULTS[fault]) as server:
            _answer(asked.bot(server.address), asked.found["en"])
            assert len(server.requests) == 1


def test_one_request_tries_a_server_that_was_broken(asked: Asked) -> None:
    """When its time is over the first visitor's request finds out; the others don't wait for it."""
    with chat_server(FAULTS["500"]) as server:
        settings = asked.settings.model_copy(
            update={"llm": "openai:test-model", "llm_base_url": server.address}
        )
        asker = ChatAsker(open_chat_model(settings), settings, broken_seconds=0.5)
        for _ in range(3):
            assert _reason(asker) == "failed"
        assert _reason(asker) == "paused"
        server.behave = lambda handler: handler.hang()
        time.sleep(0.6)
        with ThreadPoolExecutor(1) as pool:
            trying = pool.submit(_reason, asker)
            wait_until(lambda: len(server.requests) == 7, "the seventh request: three before, each twice")
            assert _reason(asker) == "paused"
            server.behave = saying("yes")
            server.released.set()
            assert trying.result() == ""
        assert _reason(asker) == ""


def _reason(asker: ChatAsker) -> str:
    try:
        seconds_to_a_word(asker)
    except NoAnswerFromModel as error:
        return error.reason
    return ""


def test_who_finds_no_place_is_quoted(asked: Asked) -> None:
    """With one answer written at a time, the second visitor doesn't wait for the first."""
    with chat_server(lambda handler: handler.hang()) as server:
        bot = asked.bot(
            server.address, llm_concurrent=1, llm_first_token_seconds=20.0, llm_answer_seconds=20.0
        )
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(_answer, bot, asked.found["en"])
            wait_until(lambda: bool(server.requests), "the first visitor's request")
            second = _answer(bot, asked.found["fr"])
            assert bot.writer is not None
            assert bot.writer.figures["busy"] == 1
            server.released.set()
            first.result()
    assert second.answer == asked.extractive["fr"].answer
    assert second.generator == "extractive"


def test_provider_that_is_not_installed_is_named(small_settings: Settings, model: EmbeddingModel) -> None:
    """A provider without its package is refused at the start, with what to install."""
    settings = small_settings.model_copy(update={"llm": "perplexity:sonar"})
    with pytest.raises(ConfigurationError, match="perplexity"):
        Writer.open(settings, model)
