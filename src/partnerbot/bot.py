"""The composition root: settings -> model, index and reader -> answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.answering.compose import quoted, saying_what_was_taken
from partnerbot.answering.curated import Curated, CuratedAnswer
from partnerbot.answering.following import said_in
from partnerbot.answering.from_register import answered_from_register, register_of, remarks_of, with_rows
from partnerbot.answering.investigation import Investigation, Investigator, milliseconds
from partnerbot.index.current import CurrentIndex, Readiness
from partnerbot.index.search import Candidate, Index
from partnerbot.index.spellings import Names, read_glossary
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.models.owner_models import Reranker, load_reader_named, load_reranker
from partnerbot.models.reader import Reader
from partnerbot.register.rows import Register
from partnerbot.settings import Settings
from partnerbot.writing import open_writer

if TYPE_CHECKING:
    from partnerbot.writing.writer import Writer


class Partnerbot:
    """Answers questions from an index. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        model: EmbeddingModel,
        reader: Reader,
        reranker: Reranker | None = None,
        glossary: Names = (),
        writer: Writer | None = None,
        index: Index | None = None,
        curated: Curated | None = None,
    ) -> None:
        """writer: has a language model write the answers; without one they are quoted. index: to answer from;
        without one, what is current where the settings say. curated: what staff wrote."""
        self.settings = settings
        self._curated = curated
        self.writer = writer
        self._with = model, reader, reranker
        self._glossary = glossary
        self._investigator = Investigator(model, reader, reranker, settings)
        token = settings.index_token.get_secret_value()
        self._one = index
        self._current = CurrentIndex(settings.index, model, glossary, settings.index_url, token)

    @classmethod
    def of(cls, settings: Settings, model: EmbeddingModel, *, writes: bool) -> Partnerbot:
        """Return a bot with the reader, reranker and glossary that the settings name.

        `writes`: and with the language model, if they name one.

        Raises: ModelUnavailable; ConfigurationError if the glossary or the curated answers can't be used.
        """
        glossary = read_glossary(settings.glossary)
        reader = load_reader_named(settings.reader_model)
        writer = open_writer(settings, model, reader) if writes else None
        reranker, curated = load_reranker(settings.reranker_model), Curated.open(settings)
        return cls(settings, model, reader, reranker, glossary, writer, curated=curated)

    @classmethod
    def open(cls, settings: Settings) -> Partnerbot:
        """Load the models and open the index.

        Raises: ModelUnavailable; IndexUnavailable if there is no index or another model's;
            ConfigurationError if the glossary or the curated answers can't be used.
        """
        bot = cls.of(settings, load_embedding_model(settings.embedding_model), writes=True)
        bot.ready()
        return bot

    def await_visitors(self) -> None:
        """Load what the first question needs, and from now on each new generation before one has to wait."""
        self.investigate("Kumamoto")
        if self._one is None:
            self._current.follow()

    def on(self, index: Index) -> Partnerbot:
        """Return a bot with the same models and glossary that quotes from this one generation."""
        return Partnerbot(self.settings, *self._with, index=index.knowing(self._glossary))

    def _index(self) -> Index:
        return self._one or self._current.get()

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
        left: threading.Event | None = None,
    ) -> Iterator[Token | Answer]:
        """Yield the answer's text as it comes, then the complete Answer.

        `history`: earlier turns, oldest first. `language`: the language to answer in; None or
        "auto" goes by the question, and by `interface_language` where its words don't tell.
        `left`: to be set, from another thread, once nobody waits for the answer any more.

        Raises: QuestionRejected; IndexUnavailable or ModelUnavailable if there is nothing to
            answer from; VisitorLeft soon after `left` is set, while a language model is at work.
        """
        yield from self.conclude(self.investigate(question, history, language, interface_language), left)

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
        asked = self._investigator.understand(question, language, interface_language)
        index = self._index()
        understood_ms = milliseconds(started, time.perf_counter())
        written = self.writer is not None
        found = self._investigator.investigate(
            asked, history, index, within, understood_ms=understood_ms, written=written
        )
        # What a letter itself tells first is none of the earlier questions.
        earlier = {said_in(turn) for turn in history}
        return replace(found, follows=[question for question in found.follows if question in earlier])

    def conclude(self, found: Investigation, left: threading.Event | None = None) -> Iterator[Token | Answer]:
        """Yield, as `stream` does, the answer that an investigation allows, or that there is none.

        Raises: VisitorLeft, as `stream`.
        """
        answer = self.without_model(found)
        writer = None if answer.kind in ("conversation", "curated") else self.writer
        if writer is None or not writer.is_worth_asking(found, answer):
            yield Token(text=answer.answer)
            yield answer
            return
        yield from writer.conclude(found, answer, left or threading.Event())

    def retrieve(self, question: str, at_most: int) -> list[tuple[Candidate, Document]]:
        """Return the passages likeliest to answer, best first, each with its document, without reading them.

        Raises: QuestionRejected; IndexUnavailable.
        """
        return self._investigator.retrieve(question, self._index(), at_most)

    def ready(self) -> Readiness:
        """Say what is answered from. Raises: IndexUnavailable if there is nothing."""
        written = None if self.writer is None else self.writer.outcomes
        return replace(Readiness.of(self._index()), written=written)

    def document_text(self, source: str) -> Document:
        """Return a cleaned document with its metadata. Raises: KeyError if it isn't in the index."""
        return self._index().document(source)

    def register(self) -> Register:
        """Return who is partner of whom, as the documents state and staff have corrected.

        Raises: IndexUnavailable; ConfigurationError if the corrections can't be used.
        """
        return register_of(self._index(), self.settings)

    def remarks(self) -> list[str]:
        """Say which corrections don't count or are for nothing known, and where documents disagree.

        Raises: as `register`.
        """
        return remarks_of(self._index(), self.settings)

    def documents(self, at_most: int) -> list[Document]:
        """Return documents without their text, spread evenly over the index if it has more."""
        every = list(self._index().texts.documents.values())
        chosen = every[:: -(-len(every) // at_most) or 1]
        return [Document(page_content="", metadata=dict(one.document.metadata)) for one in chosen]

    def quoted_answer(self, question: str, language: str) -> Answer:
        """Return the answer that quotes give to a question, without an LLM. Raises: as `stream`.

        It is for questions that are suggested, never a visitor's own: what was found is kept with the index.
        """
        found = self.investigate(question, language=language)
        asked = self._investigator.understand(question, language, None)
        self._investigator.keep(asked, self.writer is not None, found)
        return self.without_model(found)

    def without_model(self, found: Investigation) -> Answer:
        """Return the reply to what was found: as staff wrote it, from the register, or quoted."""
        curated = None if self._curated is None else self._curated.answer(found)
        if curated is not None:
            return curated
        listed = answered_from_register(found, self.settings)
        answer = listed or with_rows(quoted(found, self.settings), found, self.settings)
        return saying_what_was_taken(answer, found)

    def answered_by(
        self, answer: CuratedAnswer, questions: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Return those of the questions, each with its language, to which staff's answer would be given.

        Raises: IndexUnavailable; ModelUnavailable.
        """
        alone, spellings = Curated(lambda: [answer]), self._index().lexical.spellings
        return [one for one in questions if alone.matched(*one, spellings) is not None]

    def question_of_staff(self, answer: Answer) -> tuple[str, str] | None:
        """Return a question that staff answered, with its language, if the one without a value may be it.

        Raises: IndexUnavailable; ModelUnavailable.
        """
        asks = answer.kind in ("passages", "nearest") or answer.act == "contact"
        if self._curated is None or not asks or answer.follows:
            return None
        return self._curated.near(answer.question, answer.language, self._index().lexical.spellings)

    def example_questions(self, language: str) -> list[str]:
        """Return the owner's example questions in a language, whether this index answers them or not."""
        return self.settings.owner.examples.get(language, [])
