"""A running chat and an indexer in another process: visitors notice nothing but new answers."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from crashes import Indexer, indexer
from partnerbot.bot import Partnerbot
from partnerbot.index.current import Readiness
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import load_reader
from partnerbot.settings import Settings
from partnerbot.web.example_questions import Suggestions
from scripted_bot import ScriptedBot
from serving import serving_process
from waiting import wait_until

pytestmark = pytest.mark.system

QUESTION = "In which year did the old paper mill of Clairmoulin open?"
FOLLOWED_WITHIN_SECONDS = 5.0


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexer]:
    """An indexer in a process of its own, with the embedded model."""
    with indexer(tmp_path_factory.mktemp("indexer"), embedded=True) as started:
        yield started


def write(documents: Path, year: int) -> None:
    documents.mkdir(exist_ok=True)
    (documents / "mill.md").write_text(
        f"# The mill\n\nThe old paper mill of Clairmoulin opened in {year}. It stands by the river.", "utf-8"
    )
    (documents / "moulin.md").write_text(
        f"# Le moulin\n\nLe vieux moulin à papier de Clairmoulin a ouvert en {year}. Il borde la rivière.",
        "utf-8",
    )


def years(answer: dict[str, object]) -> set[str]:
    """Return every year that an answer or its quotes name."""
    words = str([answer["answer"], answer["citations"]]).replace(".", " ").split()
    return {word for word in words if word.isdigit() and len(word) == 4}


def test_no_question_fails_while_the_index_changes(apart: Indexer, tmp_path: Path) -> None:
    """Ten re-indexes change a served answer: none fails or mixes two generations, each is followed in time.

    Then the index folder is deleted: the last answer stays.
    """
    documents, index = tmp_path / "documents", tmp_path / "index"
    write(documents, 1900)
    assert apart.do("index", documents, index)["rebuilt"]
    answers: list[tuple[int, set[str]]] = []
    over = threading.Event()
    with serving_process(tmp_path, DOCUMENTS=documents) as (address, _):

        def ask(client: httpx.Client) -> None:
            response = client.post("/api/ask", json={"question": QUESTION})
            answers.append((response.status_code, years(response.json()) if response.is_success else set()))

        def keep_asking() -> None:
            with httpx.Client(base_url=address, timeout=120) as client:
                while not over.is_set():
                    ask(client)

        asking = [threading.Thread(target=keep_asking) for _ in range(2)]
        for thread in asking:
            thread.start()
        try:
            for year in range(1901, 1911):
                write(documents, year)
                generation = apart.do("index", documents, index)["generation"]

                def follows(made: str = generation) -> bool:
                    return bool(httpx.get(f"{address}/ready", timeout=60).json()["generation"] == made)

                wait_until(follows, "the new generation is taken over", FOLLOWED_WITHIN_SECONDS)
            shutil.rmtree(index)
        finally:
            over.set()
            for thread in asking:
                thread.join(60)
        with httpx.Client(base_url=address, timeout=120) as client:
            ask(client)
    assert {status for status, _ in answers} == {200}
    assert all(len(named) == 1 for _, named in answers), [named for _, named in answers if len(named) != 1]
    assert len(set.union(*(named for _, named in answers))) > 1
    assert answers[-1][1] == {"1910"}


def test_suggestions_are_looked_for_anew_where_an_index_was_built_anew(tmp_path: Path) -> None:
    """Though it has the same name, what could be asked of the one before is forgotten."""

    class Rebuilt(ScriptedBot):
        built_at = "2026-11-01T02:00:00+00:00"

        def ready(self) -> Readiness:
            return replace(super().ready(), built_at=self.built_at)

        def example_questions(self, language: str) -> list[str]:
            return [f"Shizuoka in {self.built_at}?"] if language == "en" else []

    bot = Rebuilt(tmp_path)
    suggestions = Suggestions(bot)
    assert [one.question for one in suggestions.to_start("en")][:1] == [f"Shizuoka in {bot.built_at}?"]
    bot.built_at = "2026-11-02T02:00:00+00:00"
    assert [one.question for one in suggestions.to_start("en")][:1] == [f"Shizuoka in {bot.built_at}?"]


def test_the_chat_outlives_its_index(apart: Indexer, model: EmbeddingModel, tmp_path: Path) -> None:
    """The folder is deleted while the chat runs: it goes on answering, and takes over the next index."""
    settings = Settings(documents=tmp_path / "documents", index=tmp_path / "index")
    write(settings.documents, 1900)
    apart.do("index", settings.documents, settings.index)
    bot = Partnerbot(settings, model, load_reader())
    before = bot.ready().generation
    shutil.rmtree(settings.index)
    assert years(bot.ask(QUESTION).model_dump(mode="json")) == {"1900"}
    assert bot.ready().generation == before
    write(settings.documents, 1907)
    apart.do("index", settings.documents, settings.index)
    assert years(bot.ask(QUESTION).model_dump(mode="json")) == {"1907"}
