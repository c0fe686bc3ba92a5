"""Questions to start with and to go on with: the owner's and the documents' own, each checked.

They are found in the background, once for each generation of the index, so that neither the start nor
an answer waits for them. A question is shown only if this index answers it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

from partnerbot.answering.answer import Answer
from partnerbot.answering.suggestions import Made, questions_about
from partnerbot.bot import Partnerbot
from partnerbot.documents import metadata
from partnerbot.documents.normal_forms import normal_form
from partnerbot.errors import PartnerbotError
from partnerbot.web.page_texts import languages

log = logging.getLogger(__name__)

AT_START, AFTER_ANSWER = 4, 3
"""Questions shown: what a phone shows without scrolling, and one line on a desk."""

DOCUMENTS_AT_MOST = 200
"""Documents that questions are drawn from, spread over the index."""

POOL = 100
"""Checked questions in a language with which looking for more ends."""

OF_A_DOCUMENT = 4
"""Questions made from one document that are looked at: as many as an answer offers, and one that it was."""

FIRST_WAIT_SECONDS = 4.0
"""How long the page of the first visitor after a start waits for the owner's questions."""

_READ_BY_MOST = "en"
"""Where the index answers no question in a reader's language, one in this language is the next best."""


_Generation = tuple[str, str]
"""Name, and when it was built: an index that was deleted and built again counts from 1 again."""


@dataclass(frozen=True)
class Suggestion:
    """A question in some language that the index answers, the documents it answers it from, and the value it
    answers with, if it is one."""

    question: str
    language: str
    sources: tuple[str, ...] = ()
    value: str | None = None


class Suggestions:
    """What can be asked. Safe to use from several threads."""

    def __init__(self, bot: Partnerbot) -> None:
        self._bot = bot
        self._lock = threading.Lock()
        self._generation: _Generation | None = None
        self._owners: dict[str, list[Suggestion]] = {}
        self._pool: dict[str, list[Suggestion]] = {}
        self._owners_ready = threading.Event()

    def look_ahead(self) -> None:
        """Begin to look for questions before the first visitor comes; without an index, that waits."""
        try:
            self._fill()
        except PartnerbotError as error:
            log.warning("No questions to suggest yet: %s", error)

    def to_start(self, language: str) -> list[Suggestion]:
        """Return questions for an empty conversation: the owner's, then some of the documents'.

        There are none while there is nothing to answer from.
        """
        try:
            self._fill()
        except PartnerbotError as error:
            log.warning("No questions to begin with: %s", error)
            return []
        self._owners_ready.wait(FIRST_WAIT_SECONDS)
        for read in (language, _READ_BY_MOST):
            with self._lock:
                owners, drawn = self._owners.get(read, []), list(self._pool.get(read, []))
            random.shuffle(drawn)
            # By question: the owner's are among the drawn ones, too.
            found = {each.question: each for each in [*owners, *drawn]}
            if found:
                return list(found.values())[:AT_START]
        return []

    def after(self, answer: Answer, language: str, asked: Collection[str]) -> list[Suggestion]:
        """Return questions to go on with, which the documents of the answer answer too, in their order.

        Where nothing was found, those of the documents that come near it; without any, what can be asked
        at all. `language`: of the page, for when there are none in the answer's. `asked`: what not to
        repeat.
        """
        sources = dict.fromkeys(one.source for one in answer.citations or answer.related)
        near = {source: place for place, source in enumerate(sources)}
        with self._lock:
            pools = (self._pool.get(read) for read in (answer.language, language, _READ_BY_MOST))
            pool = list(next(filter(None, pools), []))
        random.shuffle(pool)
        repeated = set(map(_words, asked))
        new = [each for each in pool if _words(each.question) not in repeated]
        if not near and answer.status == "not_in_documents":
            return new[:AFTER_ANSWER]
        found = [
            each
            for each in new
            # What has the same value, from the same document, is the same question in other words.
            if not near.keys().isdisjoint(each.sources)
            and (each.value is None or each.value != answer.short_answer)
        ]
        found.sort(key=lambda each: min(near[source] for source in each.sources if source in near))
        return found[:AFTER_ANSWER]

    def _fill(self) -> None:
        """Begin to look for questions, unless that was begun for this generation."""
        ready = self._bot.ready()
        generation = ready.generation, ready.built_at
        with self._lock:
            if generation == self._generation:
                return
            self._generation = generation
            self._pool = {}
        self._owners_ready.clear()
        threading.Thread(target=self._look, args=(generation,), name="suggestions", daemon=True).start()

    def _look(self, generation: _Generation) -> None:
        try:
            owners: dict[str, list[Suggestion]] = {}
            for language in languages():
                for question in self._bot.example_questions(language):
                    answer = self._bot.quoted_answer(question, language)
                    if answer.status == "answered":
                        owners.setdefault(language, []).append(Suggestion(question, language))
                        self._keep(Made(question), answer, language, generation)
            with self._lock:
                self._owners = owners
            self._owners_ready.set()
            # One of each document, then a second: whatever an answer cites, there is something to go on with.
            for round_ in zip_longest(*self._made()):
                for made, language, source in filter(None, round_):
                    with _at_half_speed():
                        self._check(made, language, generation, source)
        except (PartnerbotError, KeyError) as error:
            log.warning("No more questions to suggest: %s", error)
        finally:
            self._owners_ready.set()

    def _made(self) -> list[list[tuple[Made, str, str]]]:
        """Return, for each document, questions made from it, with its language and its source."""
        every = []
        for about in self._bot.documents(DOCUMENTS_AT_MOST):
            with _at_half_speed():
                document = self._bot.document_text(about.metadata[metadata.SOURCE])
                language, title = document.metadata[metadata.LANGUAGE], document.metadata[metadata.TITLE]
                questions = questions_about(document.page_content, language, title)[:OF_A_DOCUMENT]
                every.append([(made, language, about.metadata[metadata.SOURCE]) for made in questions])
        return every

    def _check(self, made: Made, language: str, generation: _Generation, source: str) -> None:
        """Keep a question made from a document if that answers it."""
        with self._lock:
            pool = self._pool.get(language, [])
            known = any(_words(each.question) == _words(made.question) for each in pool)
            if generation != self._generation or len(pool) >= POOL or known:
                return
        try:
            answer = self._bot.quoted_answer(made.question, language)
        except PartnerbotError as error:
            log.warning("A question to suggest could not be checked: %s", error)
            return
        if any(citation.source == source for citation in answer.citations):
            self._keep(made, answer, language, generation)

    def _keep(self, made: Made, answer: Answer, language: str, generation: _Generation) -> None:
        """Keep a question if its reply is good."""
        # Who asks what something is about is misled by one value of it.
        misled = made.open and answer.short_answer is not None
        if misled or not _can_be_read(answer, language):
            return
        sources = tuple(dict.fromkeys(citation.source for citation in answer.citations))
        with self._lock:
            if generation == self._generation:
                pool = self._pool.setdefault(language, [])
                pool.append(Suggestion(made.question, language, sources, answer.short_answer))


def _can_be_read(answer: Answer, language: str) -> bool:
    """Whether an answer tells something to who reads this language alone: quotes in it, or a value.

    A value in the words of a quote in another language is none.
    """
    foreign = [citation.quote for citation in answer.citations if citation.language != language]
    value = answer.short_answer
    if not answer.citations or (foreign and value is None):
        return False
    return value is None or not any(map(str.isalpha, value)) or not any(value in quote for quote in foreign)


def _words(question: str) -> str:
    """Return what two spellings of one question share: case, spaces and punctuation aside."""
    written = normal_form("NFKC", question).casefold()
    return "".join(character for character in written if character.isalnum())


@contextmanager
def _at_half_speed() -> Iterator[None]:
    """Rest as long as the block took: visitors' questions come first."""
    started = time.perf_counter()
    try:
        yield
    finally:
        time.sleep(time.perf_counter() - started)
