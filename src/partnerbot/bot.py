"""The composition root: settings -> model, index and reader -> answers."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.answering.compose import compose
from partnerbot.answering.confidence import threshold
from partnerbot.answering.evidence import Evidence, find_evidence
from partnerbot.answering.question import Question, understand
from partnerbot.answering.reader import Reader, Reading, load_reader
from partnerbot.errors import ConfigurationError
from partnerbot.indexing import generations
from partnerbot.indexing.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.indexing.index import Candidate, Index
from partnerbot.settings import Settings

RELATED_SCORE = 3.0
"""Standard deviations of ordinary text from which a document is worth naming as related."""


@dataclass(frozen=True)
class Readiness:
    """What the bot answers from; `languages` counts documents."""

    documents: int
    passages: int
    model: str
    languages: dict[str, int]
    generation: str
    built_at: str


@dataclass(frozen=True)
class Investigation:
    """What was found for a question, before it is decided whether that answers.

    `candidates` and `evidence` are likeliest first, whatever their probability; `related` are
    the documents to name if nothing answers.
    """

    question: Question
    candidates: list[Candidate]
    evidence: list[Evidence]
    related: list[Document]
    timings_ms: dict[str, float]


class Partnerbot:
    """Answers questions from an index. Safe to use from several threads."""

    def __init__(self, settings: Settings, model: EmbeddingModel, reader: Reader) -> None:
        self.settings = settings
        self._model = model
        self._reader = reader
        self._opening = threading.Lock()
        self._index: Index | None = None
        self._examples: tuple[str, dict[str, list[str]]] | None = None

    @classmethod
    def open(cls, settings: Settings) -> Partnerbot:
        """Load the models and open the index.

        Raises: ModelUnavailable; IndexUnavailable if there is no index or another model's.
        """
        bot = cls(settings, load_embedding_model(settings.embedding_model), load_reader())
        bot.ready()
        bot.investigate("Kumamoto")  # the first question pays for loading otherwise
        return bot

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
    ) -> Answer:
        """Answer a question: the last event of `stream`, which says what is raised."""
        *_, answer = self.stream(question, history, language, interface_language)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
    ) -> Iterator[Token | Answer]:
        """Yield the answer's text as it comes, then the complete Answer.

        `history`: earlier turns, oldest first. `language`: the language to answer in; None or
        "auto" goes by the question, and by `interface_language` where its words don't tell.

        Raises: QuestionRejected; IndexUnavailable or ModelUnavailable if there is nothing to
            answer from.
        """
        yield from self.conclude(self.investigate(question, history, language, interface_language))

    def investigate(
        self,
        question: str,
        history: Sequence[Turn] = (),
        language: str | None = None,
        interface_language: str | None = None,
        within: Collection[str] | None = None,
    ) -> Investigation:
        """Find what may answer a question; arguments as for `stream`, which says what is raised.

        `within`: the sources to look in; None for all.
        """
        started = time.perf_counter()
        asked = understand(question, history, language, interface_language or "en")
        understood = time.perf_counter()
        index = self._current_index()
        vector = self._model.query_vector(asked.search_text)
        candidates = index.search(asked.search_text, vector, within)
        retrieved = time.perf_counter()
        evidence = find_evidence(asked, candidates, index, self._reader)
        read = time.perf_counter()
        timings_ms = {
            "understand": _milliseconds(started, understood),
            "retrieve": _milliseconds(understood, retrieved),
            "read": _milliseconds(retrieved, read),
            "total": _milliseconds(started, read),
        }
        return Investigation(asked, candidates, evidence, _related(candidates, index), timings_ms)

    def conclude(self, found: Investigation) -> Iterator[Token | Answer]:
        """Yield, as `stream` does, the answer that an investigation allows, or that there is none."""
        answer = compose(
            found.question,
            found.evidence,
            found.related,
            threshold(),
            self.settings.contact,
            found.timings_ms,
        )
        yield Token(text=answer.answer)
        yield answer

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read passages, as (title, text), for a question: for calibration, which needs them all."""
        return self._reader.read(question, passages)

    def ready(self) -> Readiness:
        """Say what is answered from. Raises: IndexUnavailable if there is nothing."""
        index = self._current_index()
        manifest = index.manifest
        return Readiness(
            documents=manifest.documents,
            passages=manifest.passages,
            model=manifest.model,
            languages=manifest.languages,
            generation=index.folder.name,
            built_at=manifest.built_at,
        )

    def document_text(self, source: str) -> Document:
        """Return a cleaned document with its metadata. Raises: KeyError if it isn't in the index."""
        return self._current_index().document(source)

    def example_questions(self, language: str) -> list[str]:
        """Return the owner's example questions in a language, those only that this index answers."""
        generation = self._current_index().folder.name
        if self._examples is None or self._examples[0] != generation:
            self._examples = generation, self._answerable_examples()
        return self._examples[1].get(language, [])

    def _answerable_examples(self) -> dict[str, list[str]]:
        return {
            language: [text for text in questions if self.ask(text, language=language).status == "answered"]
            for language, questions in _read_examples(self.settings.examples).items()
        }

    def _current_index(self) -> Index:
        """Return the index, reopened if another generation has become current meanwhile."""
        folder = generations.current(self.settings.index)
        index = self._index
        if index is not None and index.folder == folder:
            return index
        with self._opening:
            if self._index is None or self._index.folder != folder:
                # The generation before is let go when the last request that reads it ends.
                self._index = Index.open(self.settings.index, self._model)
            return self._index


def _related(candidates: Sequence[Candidate], index: Index) -> list[Document]:
    sources = dict.fromkeys(
        candidate.passage.source for candidate in candidates if candidate.score >= RELATED_SCORE
    )
    return [index.document(source) for source in sources]


def _milliseconds(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)


def _read_examples(path: Path) -> dict[str, list[str]]:
    """Read questions by language from a TOML file; none if the file doesn't exist.

    Raises: ConfigurationError if the file isn't lists of text by language.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The examples in {path} can't be read: {error}") from error
    for language, questions in content.items():
        if not isinstance(questions, list) or not all(isinstance(text, str) for text in questions):
            raise ConfigurationError(f'In {path}, {language} must be a list of questions: {language} = ["…"]')
    return content
