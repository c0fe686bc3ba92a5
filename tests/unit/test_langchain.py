"""What people who build with LangChain or in Python use: the standard tests, and the documented examples."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import (
    EmbeddingsIntegrationTests,
    RetrieversIntegrationTests,
    ToolsIntegrationTests,
)
from langchain_tests.unit_tests import EmbeddingsUnitTests, ToolsUnitTests

import partnerbot
from partnerbot.bot import Partnerbot
from partnerbot.index.build import build_index
from partnerbot.langchain import PartnerbotEmbeddings, PartnerbotRetriever, answering_tool
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from scripted_bot import simple_pdf
from small_corpus import CHARTER, PUPILS_FR

ROOT = Path(__file__).parents[2]
QUESTION = "When was the friendship charter signed?"


class _OfSmallBot:
    """Hands the standard tests, which make their own objects from properties, a bot."""

    @pytest.fixture(autouse=True)
    def given(self, small_bot: Partnerbot) -> None:
        self.bot = small_bot


class TestRetriever(_OfSmallBot, RetrieversIntegrationTests):
    """LangChain's standard tests of a retriever."""

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return PartnerbotRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"bot": self.bot}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


class _Tool(_OfSmallBot):
    @property
    def tool_constructor(self) -> BaseTool:
        return answering_tool(self.bot)

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        return {"question": QUESTION}


class TestTool(_Tool, ToolsUnitTests):
    """LangChain's standard tests of a tool: its form."""


class TestToolAtWork(_Tool, ToolsIntegrationTests):
    """The same: its calls."""


class _Embeddings:
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return PartnerbotEmbeddings


class TestEmbeddings(_Embeddings, EmbeddingsUnitTests):
    """LangChain's standard tests of embeddings: their form."""


class TestEmbeddingsAtWork(_Embeddings, EmbeddingsIntegrationTests):
    """The same: their vectors."""


def test_documents_say_where_they_stand(small_bot: Partnerbot) -> None:
    """Verbatim at `start_index`; metadata as the document has it, and nothing empty; best first."""
    found = PartnerbotRetriever(bot=small_bot, k=30).invoke(QUESTION)
    first = found[0]
    assert first.metadata["source"] == CHARTER
    assert "12 avril 2009" in first.page_content
    assert {"title", "language", "score"} <= first.metadata.keys()
    assert all(value not in (None, "") for one in found for value in one.metadata.values())
    scores = [one.metadata["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    for one in found:
        text = small_bot.document_text(one.metadata["source"]).page_content
        assert text[one.metadata["start_index"] :].startswith(one.page_content)


def test_what_is_known_of_a_document_is_in_the_metadata(small_bot: Partnerbot) -> None:
    """The date that the front matter states."""
    (found,) = PartnerbotRetriever(bot=small_bot, k=1).invoke("Combien de lycéens japonais ont été logés ?")
    assert found.metadata["source"] == PUPILS_FR
    assert found.metadata["published"] == "2023-11-20"
    assert found.metadata["language"] == "fr"


async def test_fewer_documents_asked_for_in_a_coroutine(small_bot: Partnerbot) -> None:
    """`ainvoke` takes `k` as `invoke` does."""
    retriever = PartnerbotRetriever(bot=small_bot)
    assert await retriever.ainvoke(QUESTION, k=2) == retriever.invoke(QUESTION, k=2)


def test_a_pdf_names_the_page(tmp_path: Path, model: EmbeddingModel) -> None:
    """`page` counts from 1, and is that on which the words stand."""
    documents = tmp_path / "documents"
    documents.mkdir()
    pages = [
        "Les rencontres ont eu lieu à Tours en 2014.",
        "Trois cents élus japonais sont venus.",
        "Le palais des congrès de Nancy accueillera les suivantes.",
    ]
    (documents / "bilan.pdf").write_bytes(simple_pdf(pages))
    build_index(documents, tmp_path / "index", model)
    bot = Partnerbot(Settings(documents=documents, index=tmp_path / "index"), model, load_reader())
    retriever = PartnerbotRetriever(bot=bot, k=1)
    assert [retriever.invoke(page)[0].metadata["page"] for page in pages] == [1, 2, 3]


def test_the_tool_answers_with_what_it_stands_on(small_bot: Partnerbot) -> None:
    """The model reads answer, quote and source; the program has the Answer."""
    call = {"name": "ask_documents", "args": {"question": QUESTION}, "id": "1", "type": "tool_call"}
    message = answering_tool(small_bot).invoke(call)
    assert "2009 [1]" in message.content
    assert "[1] “La commune de Clairmoulin" in message.content
    assert message.artifact.citations[0].source == CHARTER


def test_the_tool_tells_the_agent_what_is_no_question(small_bot: Partnerbot) -> None:
    """The reason comes back as the tool's message: an agent may ask otherwise."""
    call = {"name": "ask_documents", "args": {"question": "?"}, "id": "1", "type": "tool_call"}
    message = answering_tool(small_bot).invoke(call)
    assert message.status == "error"
    assert message.content


class Repeating(BaseChatModel):
    """Answers with what it was asked."""

    @property
    def _llm_type(self) -> str:
        return "repeating"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        text = "\n".join(str(message.content) for message in messages)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, model: EmbeddingModel) -> Path:
    """A folder as the examples expect it: some of the sample's documents, indexed."""
    folder = tmp_path_factory.mktemp("sample")
    for source in ("fr/dijon-kumamoto-protocole.md", "ja/kumamoto-dijon-oboegaki.md", "en/kanazawa-nancy.md"):
        (folder / "documents" / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "documents" / source, folder / "documents" / source)
    build_index(folder / "documents", folder / "index", model)
    return folder


def examples(page: str) -> list[str]:
    """Return the Python blocks of a page of the documentation."""
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_python_example_runs(
    sample: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints what its comments say."""
    monkeypatch.chdir(sample)
    (example,) = (text for text in examples("docs/api.md") if "from partnerbot import" in text)
    exec(example, {})
    promised = [line.partition("# ")[2] for line in example.splitlines() if "print(" in line]
    assert len(promised) == 2
    assert capsys.readouterr().out.splitlines() == promised


def test_the_chain_runs(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documented chain hands its model the passages, numbered and with their sources."""
    monkeypatch.chdir(sample)
    retriever, chain, tool = examples("docs/langchain.md")
    names: dict[str, Any] = {"model": Repeating()}
    exec(retriever, names)
    assert names["found"][0].metadata["source"] == "fr/dijon-kumamoto-protocole.md"
    exec(chain, names)
    assert "[1]" in names["answer"]
    assert "bureau pour le Japon" in names["answer"]
    assert "fr/dijon-kumamoto-protocole.md" in names["answer"]
    exec(tool, names)
    assert names["message"].artifact.short_answer == "2020"


@pytest.mark.system
def test_importing_partnerbot_is_light() -> None:
    """No library is loaded before a name is used; every public name is there."""
    heavy = "numpy langchain_core pydantic onnxruntime chromadb gradio"
    code = f"import partnerbot, sys; print([name for name in {heavy.split()} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert [getattr(partnerbot, name).__name__ for name in partnerbot.__all__] == partnerbot.__all__
