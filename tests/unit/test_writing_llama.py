"""A real llama.cpp server, with a tiny model of random weights, at the other end of the protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from partnerbot.answering.answer import Answer, Token
from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from partnerbot.writing.asking import ChatAsker, NoAnswerFromModel, Patience
from partnerbot.writing.provider import open_chat_model
from partnerbot.writing.writer import Writer
from tiny_gguf import write_tiny_gguf

xllamacpp = pytest.importorskip("xllamacpp")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server answers; it ends with the module."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf"))
    parameters.n_ctx = 16384
    parameters.n_parallel = 2
    parameters.warmup = False
    parameters.fit_params = False
    parameters.cpuparams.n_threads = 1
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


class _WithoutSchemas(ChatOpenAI):
    def with_structured_output(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def test_text_streams_from_a_real_server(address: str) -> None:
    """Text comes piece by piece until the cap on tokens, which is told; the server's count is kept."""
    assert httpx.get(address.removesuffix("/v1") + "/health").status_code == 200
    model = _WithoutSchemas(
        model="tiny",
        base_url=address,
        api_key=SecretStr("none"),
        max_completion_tokens=60,
        stream_usage=True,
        # Random weights may also say that the text has ended.
        extra_body={"ignore_eos": True},
    )
    asker = ChatAsker(model, Settings(llm_first_token_seconds=20, llm_answer_tokens=60))
    question = [HumanMessage("When was the charter signed?")]
    pieces: list[str] = []
    with pytest.raises(NoAnswerFromModel) as cut:
        pieces.extend(asker.stream(question, Patience(time.monotonic() + 30)))
    assert cut.value.reason == "cut"
    assert len(pieces) > 1
    assert asker.tokens_today > 0


def test_lines_of_json_come_from_a_real_server(address: str) -> None:
    """It takes the schema: of random words, no brace of JSON comes through, and the count is kept."""
    settings = Settings(
        llm="openai:tiny", llm_base_url=address, llm_first_token_seconds=20, llm_answer_tokens=60
    )
    asker = ChatAsker(open_chat_model(settings), settings)
    written, _ = asker.text([HumanMessage("When was the charter signed?")], Patience(time.monotonic() + 30))
    assert not written.lstrip().startswith("{")
    assert asker.tokens_today > 0


def test_nonsense_from_a_real_server_is_not_shown(
    address: str, small_settings: Settings, model: EmbeddingModel
) -> None:
    """Random words over the real protocol: the visitor has the quoted answer, whole and with its source."""
    settings = small_settings.model_copy(
        update={"llm": "openai:tiny", "llm_base_url": address, "llm_answer_tokens": 60}
    )
    reader = load_reader()
    bot = Partnerbot(settings, model, reader, writer=Writer.open(settings, model))
    *tokens, answer = bot.stream("When was the friendship charter signed?")
    assert isinstance(answer, Answer)
    assert "".join(token.text for token in tokens if isinstance(token, Token)) == answer.answer
    assert answer.generator == "extractive"
    assert answer.citations


def test_ten_visitors_at_once_and_one_who_leaves(
    address: str, small_settings: Settings, model: EmbeddingModel
) -> None:
    """Ten answers over the real protocol, some without a place at the model: all whole, none nonsense."""
    settings = small_settings.model_copy(
        update={"llm": "openai:tiny", "llm_base_url": address, "llm_answer_tokens": 50}
    )
    bot = Partnerbot(settings, model, load_reader(), writer=Writer.open(settings, model))
    found = bot.investigate("When was the friendship charter signed?")
    leaving = bot.conclude(found)
    next(leaving)
    leaving.close()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(10) as visitors:
        answers = list(visitors.map(lambda _: list(bot.conclude(found))[-1], range(10)))
    assert {answer.generator for answer in answers if isinstance(answer, Answer)} == {"extractive"}
    assert len({answer.answer for answer in answers if isinstance(answer, Answer)}) == 1
