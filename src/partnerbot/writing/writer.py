"""A fluent answer, released sentence by sentence as each is verified; what isn't verified isn't shown."""

from __future__ import annotations

import logging
import re
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from partnerbot.answering.answer import Answer, Citation, Point, Token
from partnerbot.answering.compose import EXTRACTIVE, otherwise, reference, says_otherwise, what_was_taken
from partnerbot.answering.evidence import Evidence
from partnerbot.answering.from_register import REGISTER
from partnerbot.answering.investigation import Investigation, milliseconds
from partnerbot.answering.mentions import Known
from partnerbot.answering.phrases import dating_note, phrases
from partnerbot.answering.question import Question
from partnerbot.documents.scripts import is_mainly_unspaced
from partnerbot.errors import VisitorLeft
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from partnerbot.models.reader import TrainedReader
from partnerbot.settings import Settings
from partnerbot.writing.asking import ChatAsker, NoAnswerFromModel, Patience
from partnerbot.writing.cited_sentences import NOT_IN_DOCUMENTS, CitedSentence, SentenceCutter
from partnerbot.writing.excerpts import Excerpt, choose_excerpts, sentence_vectors
from partnerbot.writing.prompts import answer_prompt, fence
from partnerbot.writing.provider import open_chat_model
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.translating import translated
from partnerbot.writing.verdicts import Quote, Verdict, Verifier, judged

_log = logging.getLogger(__name__)

_MINED_PASSAGES = 2_000
_SENTENCES_AT_MOST = 8
"""Sentences released: a longer answer is cut, whatever the model goes on to write."""

_HOPE = 0.1
"""Probability that the best evidence answers from which the model is asked: a third of what an
extractive answer needs, since it may join what stands in several places."""

_TOLD_TOKENS = 1_000
"""Of a prompt, for what the model is told beside the excerpts' text: instructions, titles, the question."""

_MARK = re.compile(r"\[(\d+)\]")
_STOPS = "。．.!?！？…"

NOT_THERE, LEFT = "not_there", "left"


@dataclass
class Draft:
    """What has been released of one answer, and what came of the rest.

    `opening`: a line of ours before the first sentence, with its end; it may be empty.
    `dropped`: how many sentences were not shown, by reason. `outcome`: "written", or why not as a
    whole: the reason of NoAnswerFromModel, "nothing_verified", "not_there" or "left" (by the visitor).
    """

    sentences: list[str] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    outcome: str = "written"
    timings_ms: dict[str, float] = field(default_factory=dict)
    opening: str = ""

    @property
    def text(self) -> str:
        """The sentences, as the language parts them, after the opening."""
        return self.opening * bool(self.sentences) + "".join(
            one if i == 0 or is_mainly_unspaced(one) else f" {one}" for i, one in enumerate(self.sentences)
        )

    def number_of(self, quote: Quote) -> int:
        """Return a quote's number among the citations; it joins one that it overlaps or touches."""
        for i, other in enumerate(self.quotes):
            if other.excerpt.source == quote.excerpt.source and (
                quote.start <= other.end + 2 and other.start <= quote.end + 2
            ):
                start, end = min(other.start, quote.start), max(other.end, quote.end)
                self.quotes[i] = Quote(other.excerpt, start, end, max(other.chance, quote.chance))
                return i + 1
        self.quotes.append(quote)
        return len(self.quotes)


class Writer:
    """Has one model write answers, and verifies them. Safe to use from several threads."""

    def __init__(self, name: str, asker: ChatAsker, judge: SupportJudge) -> None:
        """`name`: the model's, for `Answer.generator`."""
        self.name = name
        self._asker = asker
        self._judge = judge
        self._counting = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._known: weakref.WeakKeyDictionary[Index, Known] = weakref.WeakKeyDictionary()

    @property
    def outcomes(self) -> dict[str, int]:
        """How many answers ended how since the start, and dropped sentences by reason."""
        with self._counting:
            return dict(self._outcomes)

    @property
    def figures(self) -> dict[str, int]:
        """The outcomes, and the tokens of today."""
        return self.outcomes | {"tokens_today": self._asker.tokens_today}

    @classmethod
    def open(cls, settings: Settings, model: EmbeddingModel, reader: TrainedReader | None = None) -> Writer:
        """Set up the model that the settings name. Raises: ConfigurationError, ModelUnavailable.

        reader: the embedded one, where it is loaded already.
        """
        asker = ChatAsker(open_chat_model(settings), settings)
        return cls(settings.llm, asker, SupportJudge(model, reader))

    def excerpts(self, found: Investigation, extractive: Answer) -> list[Excerpt]:
        """Return what the model is shown of a question's documents."""
        return choose_excerpts(found, extractive, self._asker.settings.llm_prompt_tokens - _TOLD_TOKENS)

    def is_worth_asking(self, found: Investigation, extractive: Answer) -> bool:
        """False where nothing that was found has a chance to answer: a model would only be tempted."""
        hopeful = any(piece.probability >= _HOPE for piece in found.evidence)
        return hopeful or bool(extractive.citations) or bool(found.points and not found.unheard_of)

    def conclude(
        self, found: Investigation, extractive: Answer, left: threading.Event
    ) -> Iterator[Token | Answer]:
        """Yield verified sentences as they come, then the Answer: the extractive one if none was.

        `left`: set once nobody waits any more. Raises: VisitorLeft, soon after.
        """
        started = time.perf_counter()
        question, excerpts = found.question, self.excerpts(found, extractive)
        known = self._names_of(found.index)
        draft = Draft(opening=what_was_taken(found))
        patience = Patience(time.monotonic() + self._asker.settings.llm_answer_seconds, left)
        if excerpts:
            verifier = Verifier(excerpts, self._judge, known, partial(sentence_vectors, found.index))
            for text in self._write(draft, question, verifier, patience):
                yield Token(text=text)
        else:
            draft.outcome = NOT_THERE
        wrote = milliseconds(started, time.perf_counter())
        timings_ms = {**extractive.timings_ms, **draft.timings_ms, "write": wrote}
        timings_ms["total"] = round(timings_ms.get("total", 0.0) + wrote, 1)
        answer = written_answer(draft, question, found.evidence, extractive, self.name, timings_ms)
        if answer.answer != draft.text:
            # The quoted answer, or what another document says after the written one.
            yield Token(text=answer.answer.removeprefix(draft.text))
        yield self._with_translations(answer, draft, known, patience)

    def _names_of(self, index: Index) -> Known:
        """Return what a generation's texts tell of names, read once and let go with it.

        Of a large one, evenly chosen passages tell.
        """
        known = self._known.get(index)
        if known is None:
            passages = list(index.texts.passages.values())
            chosen = passages[:: max(1, len(passages) // _MINED_PASSAGES)]
            texts = [(passage.text, passage.language) for passage in chosen]
            known = self._known[index] = Known.mined(index.lexical.spellings, texts)
        return known

    def _with_translations(self, answer: Answer, draft: Draft, known: Known, patience: Patience) -> Answer:
        """Have foreign quotes translated, unless the model has just failed or has no time to begin.

        Points aren't: whether a translation is faithful is checked for single sentences.
        """
        if (
            answer.points
            or draft.outcome not in ("written", "cut", "nothing_verified", NOT_THERE)
            or (time.monotonic() + self._asker.settings.llm_first_token_seconds > patience.until)
        ):
            return answer
        try:
            citations = translated(
                answer.citations, answer.language, known, self._asker, self._judge, patience
            )
        except NoAnswerFromModel as error:
            _log.warning("Quotes could not be translated: %s", error)
            return answer
        return answer.model_copy(update={"citations": citations})

    def _write(
        self, draft: Draft, question: Question, verifier: Verifier, patience: Patience
    ) -> Iterator[str]:
        """Put verified sentences into the draft, yielding each as it comes, and how it ended."""
        started = time.perf_counter()
        try:
            for sentence in self._sentences(question, verifier.excerpts, patience, draft):
                before = draft.text
                self._add(sentence, question, verifier, draft)
                if draft.text != before:
                    draft.timings_ms.setdefault("first_sentence", milliseconds(started, time.perf_counter()))
                    yield draft.text.removeprefix(before)
                if len(draft.sentences) == _SENTENCES_AT_MOST or draft.outcome == NOT_THERE:
                    break
            if draft.outcome == "written" and not draft.sentences:
                draft.outcome = "nothing_verified"
        except NoAnswerFromModel as error:
            draft.outcome = error.reason
            _log.warning("%s", error)
        except (VisitorLeft, GeneratorExit):
            draft.outcome = LEFT
            raise
        finally:
            self._note(draft)

    def _sentences(
        self, question: Question, excerpts: Sequence[Excerpt], patience: Patience, draft: Draft
    ) -> Iterator[CitedSentence]:
        cutter, started = SentenceCutter(question.language), time.perf_counter()
        prompt = answer_prompt(question, excerpts, fence())
        for piece in self._asker.stream(prompt, patience):
            draft.timings_ms.setdefault("first_token", milliseconds(started, time.perf_counter()))
            yield from cutter.add(piece)
        yield from cutter.finish()

    def _add(self, sentence: CitedSentence, question: Question, verifier: Verifier, draft: Draft) -> None:
        """Add a sentence to the draft if it is verified."""
        if NOT_IN_DOCUMENTS in sentence.text:
            if not draft.sentences:
                draft.outcome = NOT_THERE
            return
        verdict = judged(
            lambda: verifier.verify(sentence, question.language),
            Verdict(reason="error"),
        )
        if not verdict.quotes:
            draft.dropped[verdict.reason or ""] += 1
            return
        numbers = sorted({draft.number_of(quote) for quote in verdict.quotes})
        text = with_citations(sentence.text, numbers)
        if text not in draft.sentences:
            draft.sentences.append(text)

    def _note(self, draft: Draft) -> None:
        with self._counting:
            self._outcomes[draft.outcome] += 1
            self._outcomes["sentences_shown"] += len(draft.sentences)
            self._outcomes.update({f"dropped_{reason}": count for reason, count in draft.dropped.items()})
        _log.info(
            "Answer by %s: %s, %d sentences shown, dropped: %s. Since the start: %s",
            self.name,
            draft.outcome,
            len(draft.sentences),
            _listed(draft.dropped) or "none",
            _listed(self.figures),
        )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def with_citations(sentence: str, numbers: Sequence[int]) -> str:
    """Put citation marks before a sentence's full stop, as the language spaces them."""
    words = sentence.rstrip(_STOPS)
    stop = sentence[len(words) :]
    marks = [f"[{number}]" for number in numbers]
    if is_mainly_unspaced(sentence):
        return f"{words}{''.join(marks)}{stop}"
    return f"{words.rstrip()} {' '.join(marks)}{stop}"


def written_answer(
    draft: Draft,
    question: Question,
    evidence: Sequence[Evidence],
    extractive: Answer,
    generator: str,
    timings_ms: Mapping[str, float],
) -> Answer:
    """Make the Answer of what was released: the extractive one, with a note, if nothing was.

    The rows of a register stay below what is written: it may tell of some of them only.
    """
    texts = phrases(question.language)
    if not draft.sentences:
        notes = [] if draft.outcome == NOT_THERE else [texts.quoted_instead]
        if extractive.status != "answered" and draft.outcome == "nothing_verified":
            notes = []
        return extractive.model_copy(
            update={"warnings": [*notes, *extractive.warnings], "timings_ms": dict(timings_ms)}
        )
    text = draft.text
    citations = [_citation(number, quote, evidence) for number, quote in enumerate(draft.quotes, start=1)]
    other = _left_out(extractive, evidence, citations)
    if other is not None:
        said, citation = other
        citations.append(citation.model_copy(update={"number": len(citations) + 1}))
        text += "\n" + otherwise(said, citations[-1], citations[0], question.language)
    points = list[Point]()
    if extractive.generator == REGISTER:
        points, citations = _below(extractive, citations)
    return extractive.model_copy(
        update={
            "status": "answered",
            "answer": text,
            "short_answer": _short_answer(extractive, citations),
            "points": points,
            "citations": citations,
            "related": [],
            "generator": generator,
            "warnings": _warnings(draft, question),
            "timings_ms": dict(timings_ms),
        }
    )


def _below(listed: Answer, citations: Sequence[Citation]) -> tuple[list[Point], list[Citation]]:
    """Return a list's points, and its citations after those of the text above it, each once."""
    every = list(citations)
    numbers: dict[int, int] = {}
    for one in listed.citations:
        same = next((two for two in every if (two.source, two.quote) == (one.source, one.quote)), None)
        if same is None:
            same = one.model_copy(update={"number": len(every) + 1})
            every.append(same)
        numbers[one.number] = same.number
    points = [
        one.model_copy(update={"citations": [numbers[number] for number in one.citations]})
        for one in listed.points
    ]
    return points, every


def _left_out(
    extractive: Answer, evidence: Sequence[Evidence], citations: Sequence[Citation]
) -> tuple[str, Citation] | None:
    """What a document says that the written answer leaves out, where two disagree.

    The quoted answer then cites both: the first document's answer first, the other's last.
    """
    if extractive.generator != EXTRACTIVE or extractive.short_answer is None:
        return None
    one, other = extractive.citations[0], extractive.citations[-1]
    first = next(piece for piece in evidence if piece.source == one.source)
    rival = says_otherwise(evidence, first)
    if rival is None or rival.short_answer is None:
        return None
    cited = {citation.source for citation in citations}
    if other.source not in cited:
        return rival.short_answer, other
    if one.source not in cited:
        return extractive.short_answer, one
    return None


def _citation(number: int, quote: Quote, evidence: Sequence[Evidence]) -> Citation:
    return Citation(
        **reference(quote.excerpt.document, quote.start).model_dump(),
        number=number,
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        highlight=_highlight(quote, evidence),
        relevance=round(quote.chance, 3),
    )


def _highlight(quote: Quote, evidence: Sequence[Evidence]) -> tuple[int, int] | None:
    """Where the extractive answer stands in the quote, if it does."""
    for piece in evidence:
        if piece.source == quote.excerpt.source and piece.highlight is not None:
            start, end = (piece.start + offset - quote.start for offset in piece.highlight)
            if 0 <= start < end <= quote.end - quote.start:
                return start, end
    return None


def _short_answer(extractive: Answer, citations: Sequence[Citation]) -> str | None:
    """The extractive short answer, if what is written rests on the same place."""
    if extractive.status != "answered" or not extractive.citations:
        return None
    first = extractive.citations[0]
    same = any(
        one.source == first.source and one.start < first.end and first.start < one.end for one in citations
    )
    return extractive.short_answer if same else None


def _warnings(draft: Draft, question: Question) -> list[str]:
    texts = phrases(question.language)
    found = [texts.cut_short] if draft.outcome != "written" else []
    for sentence in draft.sentences:
        cited = draft.quotes[int(_MARK.findall(sentence)[0]) - 1].excerpt
        said = _MARK.sub("", sentence)
        note = dating_note(said, question.language, cited.published, question.language)
        if note is not None and note not in found:
            found.append(note)
    return found
