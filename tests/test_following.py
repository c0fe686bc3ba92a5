"""A running chat and an indexer in another process: visitors notice nothing but new answers."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crashes import Indexer, indexer
from partnerbot.answering.reader import load_reader
from partnerbot.bot import Partnerbot
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.settings import Settings
from serving import serving

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


def settings_for(folder: Path) -> Settings:
    unlimited = {
        "questions_per_minute": 0,
        "questions_per_day": 0,
        "all_questions_per_minute": 0,
        "all_questions_per_day": 0,
    }
    return Settings(documents=folder / "documents", index=folder / "index", **unlimited)


def test_no_question_fails_while_the_index_changes(
    apart: Indexer, model: EmbeddingModel, tmp_path: Path
) -> None:
    """Ten re-indexes change the right answer: none fails, none mixes two generations, each is followed."""
    settings = settings_for(tmp_path)
    write(settings.documents, 1900)
    assert apart.do("index", settings.documents, settings.index)["rebuilt"]
    bot = Partnerbot(settings, model, load_reader())
    bot.follow()
    answers: list[tuple[int, set[str]]] = []
    over = threading.Event()
    with serving(bot) as address:

        def ask() -> None:
            with httpx.Client(base_url=address, timeout=120) as client:
                while not over.is_set():
                    response = client.post("/api/ask", json={"question": QUESTION})
                    body = response.json()
                    answers.append((response.status_code, years(body) if response.is_success else set()))

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        try:
            for year in range(1901, 1911):
                write(settings.documents, year)
                generation = apart.do("index", settings.documents, settings.index)["generation"]
                deadline = time.monotonic() + FOLLOWED_WITHIN_SECONDS
                while httpx.get(f"{address}/ready", timeout=60).json()["generation"] != generation:
                    assert time.monotonic() < deadline, "the new generation was not taken over"
                    time.sleep(0.05)
        finally:
            over.set()
            for thread in asking:
                thread.join(60)
    assert {status for status, _ in answers} == {200}
    assert all(len(named) == 1 for _, named in answers), [named for _, named in answers if len(named) != 1]
    assert len(set.union(*(named for _, named in answers))) > 1


def test_the_chat_outlives_its_index(apart: Indexer, model: EmbeddingModel, tmp_path: Path) -> None:
    """The folder is deleted while the chat runs: it goes on answering, and takes over the next index."""
    settings = settings_for(tmp_path)
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
