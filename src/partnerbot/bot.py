"""The composition root: settings -> model, index and reader -> answers."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import weakref
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.documents import Document

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.answering.compose import Certainty, asks_one_value, compose, conversation, spelled_right
from partnerbot.answering.confidence import Signals, passages_threshold, threshold, unheard_threshold
from partnerbot.answering.conversation import About, reply
from partnerbot.answering.entities import names_the_unheard_of
from partnerbot.answering.evidence import Evidence, all_signals, distinct_candidates, find_evidence
from partnerbot.answering.following import (
    Before,
    asked_after,
    asked_before,
    cited_last,
    favouring,
    follows,
    told_of_it,
)
from partnerbot.answering.kinds import Classifier, Intent
from partnerbot.answering.mentions import Known
from partnerbot.answering.points import ENOUGH_READ, READ_AT_MOST, best_relevance, find_points
from partnerbot.answering.question import Question, understand
from partnerbot.answering.readings import Readings
from partnerbot.answering.spelling import Spelling
from partnerbot.appearance import Contact, read_appearance
from partnerbot.documents.metadata import PUBLISHED
from partnerbot.errors import ConfigurationError, IndexDamaged, IndexUnavailable, IndexUnreachable
from partnerbot.index.library import library
from partnerbot.index.search import Candidate, Index
from partnerbot.index.spellings import Names, read_glossary
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.models.owner_reader import load_owner_reader
from partnerbot.models.reader import Reader, TrainedReader, load_reader
from partnerbot.models.reranker import Reranker, load_reranker
from partnerbot.settings import EMBEDDED, OFF, Settings

if TYPE_CHECKING:
    from partnerbot.writing.asking import NoAnswerFromModel, Patience
    from partnerbot.writing.writer import Writer

_log = logging.getLogger(__name__)

_FOLLOWED_EVERY_SECONDS = 1.0

_MINED_PASSAGES = 2_000

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
    age_seconds: int
    megabytes: float
    """What the generation occupies on the disk, in MB of 10^6 bytes."""
    written: dict[str, int] | None
    """How many answers of a language model ended how since the start; None without one."""


_ANSWERED_FROM = 3
"""Documents favoured for a follow-up where the client doesn't say which were cited."""

_MAY_ASK_ONE_VALUE = 0.3
"""Probability from which one value is looked for."""

_TRIED = 3
"""Passages read to tell whether a question follows the one before it."""


@dataclass(frozen=True)
class Investigation:
    """What was found for a question, before it is decided whether that answers.

    `candidates`, `evidence` (for one value) and `points` (for more than that) are likeliest first, whatever
    their probability; `related` are the documents to name if nothing answers. All are empty where the message
    is conversation. `index`: the generation that all of it is from. `spelled`: the question's misspelt words,
    and what they were taken for. `unheard_of`: it names something that no document has.
    """

    question: Question
    intent: Intent
    index: Index
    candidates: list[Candidate]
    evidence: list[Evidence]
    points: list[Evidence]
    related: list[Document]
    timings_ms: dict[str, float]
    spelled: tuple[tuple[str, str], ...] = ()
    unheard_of: bool = False


class Partnerbot:
    """Answers questions from an index. Safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        model: EmbeddingModel,
        reader: Reader | None,
        reranker: Reranker | None = None,
        glossary: Names = (),
        writer: Writer | None = None,
    ) -> None:
        """`writer`: has a language model write the answers; without one they are quoted."""
        self.settings = settings
        self.writer = writer
        self._model = model
        self._reader = reader
        self._reranker = reranker
        self._glossary = glossary
        self._classifier = Classifier(model)
        token = settings.index_token.get_secret_value()
        self._library = library(settings.index, settings.index_url, token)
        self._opening = threading.Lock()
        self._index: Index | None = None
        self._complained: str | None = None
        self._unreachable: IndexUnreachable | None = None
        self._examples: tuple[tuple[Path, int], dict[str, list[str]]] | None = None
        self._known: weakref.WeakKeyDictionary[Index, Known] = weakref.WeakKeyDictionary()
        self._spellings: weakref.WeakKeyDictionary[Index, Spelling] = weakref.WeakKeyDictionary()

    @classmethod
    def of(cls, settings: Settings, model: EmbeddingModel, *, writes: bool) -> Partnerbot:
        """Return a bot with the reader, reranker and glossary that the settings name.

        `writes`: and with the language model, if they name one.

        Raises: ModelUnavailable; ConfigurationError if the glossary isn't one.
        """
        glossary = read_glossary(settings.glossary)
        reader = reader_of(settings)
        writer = _open_writer(settings, model, reader) if writes else None
        return cls(settings, model, reader, reranker_of(settings), glossary, writer)

    @classmethod
    def open(cls, settings: Settings) -> Partnerbot:
        """Load the models and open the index.

        Raises: ModelUnavailable; IndexUnavailable if there is no index or another model's;
            ConfigurationError if the glossary isn't one.
        """
        bot = cls.of(settings, load_embedding_model(settings.embedding_model), writes=True)
        bot.ready()
        bot.investigate("Kumamoto")  # the first question pays for loading otherwise
        return bot

    def follow(self) -> None:
        """Take new generations of the index over as they come, for as long as the process lives.

        Questions find a new generation by themselves; this opens it before one has to wait for that.
        """
        threading.Thread(target=self._follow, name="index-follower", daemon=True).start()

    def on(self, index: Index) -> Partnerbot:
        """Return a bot with the same models and glossary that quotes from this one generation."""
        return _Fixed(self.settings, self._model, self._reader, self._reranker, index.knowing(self._glossary))

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
        left = left or threading.Event()
        started = time.perf_counter()
        patience = None if self.writer is None else self.writer.patience(left)
        asked = understand(question, language, interface_language or "en", self._classifier.language)
        # Once: what names the model is told of are those of the generation that it writes from.
        index = self._current_index()
        understood = time.perf_counter()
        standalone, failure = self._standalone(asked, history, index, patience)
        if standalone is not None:
            asked = replace(asked, search_text=standalone, read_text=standalone)
        rewritten = time.perf_counter()
        followed = history if standalone is None else ()
        found = self._investigated(asked, followed, index, None, _milliseconds(started, understood))
        if self.writer is not None and history:
            spent = _milliseconds(understood, rewritten)
            total = round(spent + found.timings_ms["total"], 1)
            found = replace(found, timings_ms={"rewrite": spent, **found.timings_ms, "total": total})
        yield from self._concluded(found, patience, failure)

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
        asked = understand(question, language, interface_language or "en", self._classifier.language)
        index = self._current_index()
        understood_ms = _milliseconds(started, time.perf_counter())
        return self._investigated(asked, history, index, within, understood_ms)

    def _investigated(
        self,
        asked: Question,
        history: Sequence[Turn],
        index: Index,
        within: Collection[str] | None,
        understood_ms: float,
    ) -> Investigation:
        started = time.perf_counter()
        intent = self._classifier.intent(asked.text, asked.asked_in)
        if intent.act is not None and not _is_about(asked.text, index):
            timings_ms = {"understand": round(understood_ms + _milliseconds(started, time.perf_counter()), 1)}
            return Investigation(
                asked, intent, index, [], [], [], [], timings_ms | {"total": timings_ms["understand"]}
            )
        correction = self._spelling_of(index).corrected(asked.search_text, asked.asked_in)
        if correction.spelled:
            asked = asked.searched_as(correction.text, correction.language)
            intent = self._classifier.intent(asked.search_text, asked.asked_in)
        unheard_of = names_the_unheard_of(asked.search_text, asked.asked_in, index.lexical)
        before = self._before(asked, history, index, within)
        alone = asked
        asked, candidates, readings = self._looked_for(alone, intent, before, index, within)
        retrieved = time.perf_counter()
        intent = intent.without_history()
        evidence: list[Evidence] = []
        if intent.one_value >= _MAY_ASK_ONE_VALUE or self.writer is not None:
            evidence = find_evidence(asked, candidates, index, readings)
            if before is not None and not _names_something(alone.search_text, index):
                evidence = told_of_it(evidence, before, candidates if asked is alone else None, index)
        points = find_points(
            asked, intent, candidates, index, readings, self._read_for_points(intent, evidence)
        )
        read = time.perf_counter()
        timings_ms = {
            "understand": understood_ms,
            "retrieve": _milliseconds(started, retrieved),
            "read": _milliseconds(retrieved, read),
            "total": round(understood_ms + _milliseconds(started, read), 1),
        }
        related = _related(candidates, index)
        return Investigation(
            asked,
            intent,
            index,
            candidates,
            evidence,
            points,
            related,
            timings_ms,
            correction.spelled,
            unheard_of,
        )

    def _read_for_points(self, intent: Intent, evidence: Sequence[Evidence]) -> int:
        """Return how many passages to read for points, those read for one value among them."""
        sure = bool(evidence) and evidence[0].probability >= self._certain
        # With a headline nothing more is shown.
        return ENOUGH_READ if sure and asks_one_value(intent) else READ_AT_MOST

    @property
    def _certain(self) -> float:
        return threshold(self.settings.strictness, with_reader=self._reader is not None)

    def _before(
        self, asked: Question, history: Sequence[Turn], index: Index, within: Collection[str] | None
    ) -> Before | None:
        """Return what a question may follow, or None if nothing was asked before it."""
        before = asked_before(
            history,
            lambda text: self._classifier.intent(text, asked.asked_in),
            lambda text: _names_something(text, index),
        )
        if before is None:
            return None
        return Before(before, cited_last(history) or self._nearest_to(before, index, within))

    def _looked_for(
        self,
        asked: Question,
        intent: Intent,
        before: Before | None,
        index: Index,
        within: Collection[str] | None,
    ) -> tuple[Question, list[Candidate], Readings | None]:
        """Look for a question alone, and with what was asked before it, and keep what was found better."""
        alone = self._candidates(asked, index, within), self._readings(asked, index)
        if before is None:
            return asked, *alone
        following = asked_after(before.asked, asked, index)
        candidates = favouring(self._candidates(following, index, within), before.cited)
        together = candidates, self._readings(following, index)
        found = [
            best_relevance(question, tried, index, readings, _TRIED)
            for question, (tried, readings) in ((asked, alone), (following, together))
        ]
        names = _names_something(asked.search_text, index)
        return (following, *together) if follows(intent, names, *found) else (asked, *alone)

    def _nearest_to(self, before: str, index: Index, within: Collection[str] | None) -> Collection[str]:
        """Return the documents that what was asked before is likely to have been answered from."""
        found = index.search(before, self._model.query_vector(before), within)
        return list(dict.fromkeys(one.passage.source for one in found))[:_ANSWERED_FROM]

    def _readings(self, asked: Question, index: Index) -> Readings | None:
        return None if self._reader is None else Readings(self._reader, asked, index)

    def conclude(self, found: Investigation, left: threading.Event | None = None) -> Iterator[Token | Answer]:
        """Yield, as `stream` does, the answer that an investigation allows, or that there is none.

        Raises: VisitorLeft, as `stream`.
        """
        patience = None if self.writer is None else self.writer.patience(left or threading.Event())
        yield from self._concluded(found, patience, None)

    def _concluded(
        self, found: Investigation, patience: Patience | None, failure: NoAnswerFromModel | None
    ) -> Iterator[Token | Answer]:
        """`patience`: None without a writer. `failure`: why the model isn't asked, if it has just failed."""
        answer = self._quoted(found)
        talks = answer.kind == "conversation"
        if (
            self.writer is None
            or patience is None
            or talks
            or not self.writer.is_worth_asking(found.evidence)
        ):
            yield Token(text=answer.answer)
            yield answer
        else:
            yield from self.writer.conclude(
                found.question,
                found.candidates,
                found.evidence,
                answer,
                found.index,
                self._names_of(found.index),
                patience,
                failure,
            )

    def _quoted(self, found: Investigation) -> Answer:
        """Return the reply without a language model."""
        language = found.question.language
        if found.intent.act is not None and not found.candidates:
            owner = read_appearance(self.settings.appearance)
            about = self._about(found.index, owner.name.get(language, ""), owner.contact)
            return conversation(
                found.question, reply(found.intent.act, language, about, owner.conversation), found.timings_ms
            )
        strictness = self.settings.strictness
        certainty = Certainty(self._certain, passages_threshold(strictness, found.intent.one_value))
        if found.unheard_of:
            certainty = Certainty(unheard_threshold(strictness), unheard_threshold(strictness))
        answer = compose(
            found.question,
            found.intent,
            found.evidence,
            found.points,
            found.related,
            certainty,
            found.index.lexical.spellings,
            self.settings.contact,
            found.timings_ms,
        )
        return spelled_right(answer, found.spelled)

    def _about(self, index: Index, name: str, details: Contact) -> About:
        manifest = index.manifest
        dates = [str(document.metadata.get(PUBLISHED) or "") for document in index.texts.documents()]
        return About(
            name=name,
            contact=self.settings.contact,
            details=details,
            languages=list(manifest.languages),
            documents=manifest.documents,
            newest=max(dates, default="") or None,
        )

    def _standalone(
        self,
        asked: Question,
        history: Sequence[Turn],
        index: Index,
        patience: Patience | None,
    ) -> tuple[str | None, NoAnswerFromModel | None]:
        """Have a follow-up written as a question of its own, where a model writes and there is a history.

        Returns: the question, or None; why the model isn't to be asked for the answer either, or None.
        """
        if self.writer is None or patience is None or not history:
            return None, None
        return self.writer.standalone(asked, history, self._names_of(index), patience)

    def _names_of(self, index: Index) -> Known:
        """Return what a generation's texts tell of names, read once and let go with it."""
        known = self._known.get(index)
        if known is None:
            known = self._known[index] = _names_in(index)
        return known

    def _spelling_of(self, index: Index) -> Spelling:
        """Return what puts questions right by a generation's words, made once and let go with it."""
        spelling = self._spellings.get(index)
        if spelling is None:
            spelling = self._spellings[index] = Spelling(index.lexical, index.texts)
        return spelling

    def signals(
        self, question: str, within: Collection[str] | None = None
    ) -> list[tuple[Candidate, Signals]]:
        """Read every candidate that may be read, without stopping early: for calibration."""
        asked, index = understand(question, language_of=self._classifier.language), self._current_index()
        return all_signals(asked, self._candidates(asked, index, within), index, self._readings(asked, index))

    def retrieve(self, question: str, at_most: int) -> list[tuple[Candidate, Document]]:
        """Return the passages likeliest to answer, best first, each with its document, without reading them.

        Raises: QuestionRejected; IndexUnavailable.
        """
        asked, index = understand(question, language_of=self._classifier.language), self._current_index()
        found = distinct_candidates(self._candidates(asked, index, None))[:at_most]
        return [(candidate, index.document(candidate.passage.source)) for candidate in found]

    def _candidates(self, asked: Question, index: Index, within: Collection[str] | None) -> list[Candidate]:
        vector = self._model.query_vector(asked.search_text)
        candidates = index.search(asked.search_text, vector, within)
        if self._reranker is None:
            return candidates
        return self._reranker.rerank(asked.search_text, candidates)

    def ready(self) -> Readiness:
        """Say what is answered from.

        Raises: IndexUnavailable if there is nothing; IndexUnreachable while the server that has the
            vectors is away, without which no question is answered.
        """
        index = self._current_index()
        if self._unreachable is not None:
            raise self._unreachable
        manifest = index.manifest
        built = datetime.fromisoformat(manifest.built_at)
        return Readiness(
            documents=manifest.documents,
            passages=manifest.passages,
            model=manifest.model,
            languages=manifest.languages,
            generation=index.folder.name,
            built_at=manifest.built_at,
            age_seconds=round((datetime.now(UTC) - built).total_seconds()),
            megabytes=round(index.size_bytes / 1e6, 1),
            written=None if self.writer is None else self.writer.outcomes,
        )

    def document_text(self, source: str) -> Document:
        """Return a cleaned document with its metadata. Raises: KeyError if it isn't in the index."""
        return self._current_index().document(source)

    def documents(self, at_most: int) -> list[Document]:
        """Return documents without their text, spread evenly over the index if it has more."""
        every = self._current_index().texts.documents()
        step = -(-len(every) // at_most) or 1
        return every[::step]

    def quoted_answer(self, question: str, language: str) -> Answer:
        """Return the answer that quotes give to a question, without an LLM.

        Raises: as `stream`.
        """
        return self._quoted(self.investigate(question, language=language))

    def example_questions(self, language: str) -> list[str]:
        """Return the owner's example questions in a language, those only that this index answers."""
        index = self._current_index()
        if self._examples is None or self._examples[0] != (index.folder, index.made):
            self._examples = (index.folder, index.made), self._answerable_examples(index)
        return self._examples[1].get(language, [])

    def _answerable_examples(self, index: Index) -> dict[str, list[str]]:
        # What a language model would write needs not be known, and costs tokens.
        bot = self.on(index)
        return {
            language: [text for text in questions if bot.ask(text, language=language).status == "answered"]
            for language, questions in read_appearance(self.settings.appearance).examples.items()
        }

    def _current_index(self) -> Index:
        """Return the index, reopened if another generation has become current meanwhile.

        What is open goes on answering while the next generation is being opened, or if it
        can't be: if the index folder is gone, say.
        """
        index = self._index
        try:
            if index is not None and self._library.is_current(index):
                self._unreachable = None
                return index
        except IndexUnavailable as error:
            return self._kept(error)
        except Exception as error:  # what a server has may be garbled in any way
            return self._kept(_not_openable(error), error)
        # Whoever comes second need not wait: a question that begins now may be answered as before.
        if not self._opening.acquire(blocking=index is None):
            assert index is not None
            return index
        try:
            return self._reopened()
        except IndexUnavailable as error:
            return self._kept(error)
        except Exception as error:
            return self._kept(_not_openable(error), error)
        finally:
            self._opening.release()

    def _reopened(self) -> Index:
        if self._index is None or not self._library.is_current(self._index):
            # The generation before is let go when the last request that reads it ends.
            self._index = self._library.open(self._model, self._glossary)
        self._complained = self._unreachable = None
        return self._index

    def _kept(self, error: IndexUnavailable, unforeseen: Exception | None = None) -> Index:
        """Go on with the index that is open; why is logged once, with where if it was `unforeseen`."""
        if self._index is None:
            raise error from unforeseen
        self._unreachable = error if isinstance(error, IndexUnreachable) else None
        if self._complained != str(error):
            self._complained = str(error)
            name = self._index.folder.name
            _log.error("Generation %s goes on answering, because: %s", name, error, exc_info=unforeseen)
        return self._index

    def _follow(self) -> None:
        while True:
            time.sleep(_FOLLOWED_EVERY_SECONDS)
            # While there is no index at all, whoever asks is told so.
            with contextlib.suppress(IndexUnavailable):
                self._current_index()


class _Fixed(Partnerbot):
    """Answers from one generation, current or not."""

    def __init__(
        self,
        settings: Settings,
        model: EmbeddingModel,
        reader: Reader | None,
        reranker: Reranker | None,
        index: Index,
    ) -> None:
        super().__init__(settings, model, reader, reranker)
        self._fixed = index

    def _current_index(self) -> Index:
        return self._fixed


def _not_openable(error: Exception) -> IndexDamaged:
    return IndexDamaged(
        f"The current generation can't be opened ({type(error).__name__}: {error}). Run: partnerbot index"
    )


def reader_of(settings: Settings) -> Reader | None:
    """Load the reader that the settings name; None if rules are to decide. Raises: as `Partnerbot.open`."""
    name = settings.reader_model
    if name == EMBEDDED:
        return load_reader()
    return None if name == OFF else load_owner_reader(name)


def reranker_of(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name, if they name one. Raises: as `Partnerbot.open`."""
    return load_reranker(settings.reranker_model) if settings.reranker_model else None


def _open_writer(settings: Settings, model: EmbeddingModel, reader: Reader | None) -> Writer | None:
    """Set the language model up, if the settings name one. Raises: ConfigurationError."""
    if not settings.llm:
        return None
    try:
        from partnerbot.writing.writer import Writer
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"PARTNERBOT_LLM={settings.llm} needs {error.name}, which is not installed. "
            "Run: pip install 'partnerbot[llm]' (or [openai], [ollama], [mistralai])"
        ) from error
    return Writer.open(settings, model, reader if isinstance(reader, TrainedReader) else None)


def _names_in(index: Index) -> Known:
    """What an index's texts tell of names; of a large one, evenly chosen passages do."""
    ids = index.texts.ids()
    chosen = ids[:: max(1, len(ids) // _MINED_PASSAGES)]
    texts = [(passage.text, passage.language) for passage in index.texts.passages(chosen).values()]
    return Known.mined(index.lexical.spellings, texts)


def _names_something(text: str, index: Index) -> bool:
    """True if a text names a place, a person or another thing that the documents name."""
    return bool(index.lexical.named(text).any())


def _is_about(text: str, index: Index) -> bool:
    """True if all that a message says stands in one passage, as does a bare name: no conversation, then."""
    return bool(index.lexical.coverage(text).max(initial=0.0) == 1.0)


def _related(candidates: Sequence[Candidate], index: Index) -> list[Document]:
    sources = dict.fromkeys(
        candidate.passage.source for candidate in candidates if candidate.score >= RELATED_SCORE
    )
    return [index.document(source) for source in sources]


def _milliseconds(start: float, end: float) -> float:
    return round((end - start) * 1000, 1)
