"""The invented articles and pages that networks are trained with, cut as an index cuts them; their pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from langchain_core.documents import Document

from partnerbot.documents.formats.tables import BETWEEN_CELLS
from partnerbot.documents.metadata import LANGUAGE, SOURCE, TITLE
from partnerbot.evaluation.corpus import write_documents
from partnerbot.evaluation.datasets import WrittenDocument
from partnerbot.index.build import build_index
from partnerbot.index.passages import Passage
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import Settings

QUESTIONS = Path(__file__).parent / "questions"
LANGUAGES = ("fr", "ja", "en")


class Pair(NamedTuple):
    """A question with a passage. `group`: what the three languages of a question have in common."""

    group: str
    question: str
    title: str
    text: str
    tells: bool


def paired(group: str, question: str, passage: Passage, tells: bool) -> Pair:
    """Return a question with a passage as answering/readings.py gives them to the network."""
    return Pair(group, question, passage.headings, passage.context.replace(BETWEEN_CELLS, ",  "), tells)


class Articles:
    """The invented articles, and pages of invented institutions, with their passages."""

    def __init__(self) -> None:
        files = [QUESTIONS / folder / "docs.jsonl" for folder in ("invented", "pages")]
        lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
        self.articles: dict[str, dict[str, str]] = {one["doc_id"]: one for one in map(json.loads, lines)}
        self._passages: dict[str, Sequence[Passage]] = {}

    def passages(self, name: str) -> Sequence[Passage]:
        if name not in self._passages:
            one = self.articles[name]
            metadata = {SOURCE: name, LANGUAGE: one["lang"], TITLE: one["title"]}
            document = Document(page_content=one["text"], metadata=metadata)
            self._passages[name] = split_into_passages(document).passages
        return self._passages[name]

    def indexed(self, folder: Path) -> tuple[Settings, dict[str, str]]:
        """Index the articles in a folder, as an owner's documents would be.

        Returns: settings that name the index, and each source's article.
        """
        written = [
            WrittenDocument(id=id, language=one["lang"], title=one["title"], text=one["text"])
            for id, one in self.articles.items()
        ]
        ids = {source: id for id, source in write_documents(written, folder / "documents").items()}
        settings = Settings(documents=folder / "documents", index=folder / "index")
        build_index(settings.documents, settings.index, load_embedding_model(settings.embedding_model))
        return settings, ids
