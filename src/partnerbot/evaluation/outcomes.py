"""What the bot made of each question, and what a visitor reads of it: what every measure is computed from."""

import re
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate

from partnerbot.answering.answer import Answer, Turn
from partnerbot.answering.investigation import Investigation
from partnerbot.bot import Partnerbot
from partnerbot.documents.language import detect_language
from partnerbot.documents.reading import OnProgress
from partnerbot.documents.scripts import is_mainly_unspaced, is_unspaced
from partnerbot.errors import QuestionRejected
from partnerbot.evaluation.corpus import Corpus
from partnerbot.evaluation.datasets import CONVERSATION, Expected, Query, Record

READ_AT_MOST = {"list": 2400, "count": 1000, "multi": 1000} | dict.fromkeys(
    ("overview", "compare", "howto", "timeline"), 1400
)
"""How much of a reply counts, in Latin letters, by the kind of question: listing everything gains nothing."""
READ_AT_MOST_OF_OTHERS = 700
LETTERS_OF_A_CHARACTER = 2.5
"""A Japanese character says about as much as so many Latin letters."""

_SHORTEST_PHRASE = 3  # words; fewer are names and figures, which are of every language
_NOT_OWN = re.compile(r"«.*?»|“.*?”|\".*?\"|「.*?」|『.*?』|\[\d+\]|https?://\S+|\S+@\S+", re.DOTALL)
_PHRASE_END = re.compile(r"[.!?:;\n。！？：；]+")


def own_words(answer: Answer) -> str:
    """Return what a reply says itself: without quotes, citation marks and addresses."""
    said = "\n".join([answer.answer, answer.short_answer or "", *(point.text for point in answer.points)])
    for citation in answer.citations:
        said = said.replace(citation.quote, " ")
    return _NOT_OWN.sub(" ", said).strip()


def read_first(answer: Answer, kind: str) -> str:
    """Return as much of a reply as counts for a question of that kind: what it says, then what it quotes."""
    text = "\n".join([own_words(answer), answer.answer, *(citation.quote for citation in answer.citations)])
    letters = accumulate(LETTERS_OF_A_CHARACTER if is_unspaced(character) else 1 for character in text)
    return text[: bisect_right(list(letters), READ_AT_MOST.get(kind, READ_AT_MOST_OF_OTHERS))]


def is_readable(words: str, language: str) -> bool:
    """Tell whether every phrase is in the language; a name or figure is, in the language's own script."""
    return all(
        detect_language(phrase, default=language) == language
        for phrase in _PHRASE_END.split(words)
        if len(phrase.split()) >= _SHORTEST_PHRASE or is_mainly_unspaced(phrase)
    )


RANKED_AT_MOST = 10
"""Documents kept of a ranking: no measure looks further."""


class Cited(Record):
    """One citation: the document's id in its data set, its language, and the quote."""

    document: str
    language: str
    quote: str


class Read(Record):
    """What a visitor reads of the reply to a broad question.

    `language`: the reply's own, as it states it. `own_words`: what it says itself. `first`: that
    and its quotes, as far as counts for a question of this kind.
    """

    language: str
    own_words: str
    first: str


class Outcome(Record):
    """One question, what is right to reply, and what the bot did.

    `relevant` maps the ids of the documents that answer to their languages; empty if the right
    reply is to abstain. `gold` are the answers by language, under "" for languages it doesn't
    name. `ranking`: ids of the documents found, best first, each by its best candidate.
    `probability`: the first piece of evidence's, also if the bot abstained; 0 without any.
    """

    data_set: str
    id: str
    group: str
    language: str
    question: str
    relevant: dict[str, str]
    gold: dict[str, list[str]]
    ranking: list[str]
    answered: bool
    cited: list[Cited]
    short_answer: str | None
    probability: float
    milliseconds: float
    written: str | None = None
    """What is shown of a language model's text, empty if that is quoted; None where none was asked."""
    expected: Expected | None = None
    read: Read | None = None
    """Both None where one fact is asked for."""

    @property
    def answerable(self) -> bool:
        return bool(self.relevant)

    @property
    def unanswerable(self) -> bool:
        """Whether it is right to abstain: no document answers, and it is no greeting or the like."""
        return not self.relevant and (self.expected is None or self.expected.kind != CONVERSATION)

    @property
    def document_language(self) -> str | None:
        """The language to find the answer in: the question's own if a document has it, else all that do."""
        if not self.relevant:
            return None
        languages = set(self.relevant.values())
        return self.language if self.language in languages else "+".join(sorted(languages))

    def gold_in(self, language: str) -> list[str]:
        return self.gold.get(language) or self.gold.get("", [])


def ask_all(
    name: str,
    queries: Sequence[Query],
    corpus: Corpus,
    on_progress: OnProgress = lambda *_: None,
) -> list[Outcome]:
    """Ask the bot every question as a visitor would: language unknown, no history but a dialogue's own."""
    outcomes = []
    said: defaultdict[str, list[Turn]] = defaultdict(list)
    for query in queries:
        outcomes.append(_ask(name, query, corpus, said[query.dialogue or query.id]))
        on_progress("ask", len(outcomes), len(queries))
    return outcomes


def _read(answer: Answer | None, kind: str) -> Read:
    if answer is None:
        return Read(language="", own_words="", first="")
    return Read(language=answer.language, own_words=own_words(answer), first=read_first(answer, kind))


def _ask(name: str, query: Query, corpus: Corpus, said: list[Turn]) -> Outcome:
    """Ask as the next turn of what was `said`, and add the turn and the reply to it."""
    within = None if query.candidates is None else [corpus.sources[id] for id in query.candidates]
    started = time.perf_counter()
    try:
        found, answer = _reply(corpus.bot, query, within, said)
    except QuestionRejected:
        found, answer = None, None
    milliseconds = (time.perf_counter() - started) * 1000
    ranked = dict.fromkeys(one.passage.source for one in (() if found is None else found.candidates))
    said.append(Turn(role="user", content=query.question))
    said.append(Turn(role="assistant", content="-" if answer is None else answer.answer))
    return Outcome(
        data_set=name,
        id=query.id,
        group=query.group,
        language=query.language,
        question=query.question,
        relevant={id: corpus.languages[id] for id in query.relevant},
        gold=dict(query.answers),
        ranking=[corpus.id(source) for source in ranked][:RANKED_AT_MOST],
        answered=answer is not None and answer.status == "answered",
        cited=[
            Cited(document=corpus.id(one.source), language=one.language, quote=one.quote)
            for one in (() if answer is None else answer.citations)
        ],
        short_answer=None if answer is None else answer.short_answer,
        probability=found.evidence[0].probability if found is not None and found.evidence else 0.0,
        milliseconds=round(milliseconds, 1),
        written=None if found is None or answer is None else _written(found, answer, corpus.bot),
        expected=query.expected,
        read=None if query.expected is None else _read(answer, query.expected.kind),
    )


def _reply(
    bot: Partnerbot, query: Query, within: list[str] | None, said: Sequence[Turn]
) -> tuple[Investigation | None, Answer]:
    """Return the reply; of a question for one fact, also what it was found in."""
    if query.expected is not None:
        return None, bot.ask(query.question, said)
    found = bot.investigate(query.question, within=within)
    *_, answer = bot.conclude(found)
    assert isinstance(answer, Answer)
    return found, answer


def _written(found: Investigation, answer: Answer, bot: Partnerbot) -> str | None:
    if bot.writer is None or "write" not in answer.timings_ms:
        return None
    if answer.generator != bot.writer.name:
        return ""
    # A sentence of the model has no line end: our own lines stand before and after.
    return _MARKS.sub("", answer.answer.split("\n")[bool(found.taken)])


_MARKS = re.compile(r"(?:\s?\[\d+\])+")
"""The citation marks that end a sentence."""
