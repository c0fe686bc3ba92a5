"""Questions to start with and to go on with: the owner's and the documents' own, each checked.

They are found in the background, once for each generation of the index, so that neither the start nor
an answer waits for them. A question is shown only if this index answers it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from partnerbot.answering.answer import Answer
from partnerbot.answering.suggestions import questions_about
from partnerbot.documents import metadata
from partnerbot.errors import PartnerbotError
from partnerbot.web.protocol import Bot
from partnerbot.web.texts import languages

log = logging.getLogger(__name__)

AT_START, AFTER_ANSWER = 4, 3
"""Questions shown: what a phone shows without scrolling, and one line on a desk."""

DOCUMENTS_AT_MOST = 200
"""Documents that questions are drawn from, spread over the index."""

POOL = 40
"""Checked questions in a language with which looking for more ends."""

FIRST_WAIT_SECONDS = 4.0
"""How long the page of the first visitor after a start waits for the owner's questions."""

_READ_BY_MOST = "en"
"""Where the index answers no question in a reader's language, one in this language is the next best."""


_Generation = tuple[str, str]
"""Name, and when it was built: an index that was deleted and built anew counts from 1 again."""


@dataclass(frozen=True)
class Suggestion:
    """A question in some language that the index answers, and the documents it answers it from."""

    question: str
    language: str
    sources: tuple[str, ...] = ()


class Suggestions:
    """What can be asked. Safe to use from several threads."""

    def __init__(self, bot: Bot) -> None:
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
        """Return questions to go on with, those about the documents of the answer first.

        `language`: of the page, for when there are none in the answer's. `asked`: what not to repeat.
        """
        near = {reference.source for reference in (*answer.citations, *answer.related)}
        with self._lock:
            pools = (self._pool.get(read) for read in (answer.language, language, _READ_BY_MOST))
            pool = list(next(filter(None, pools), []))
        random.shuffle(pool)
        pool.sort(key=lambda suggestion: near.isdisjoint(suggestion.sources))
        return [each for each in pool if each.question not in asked][:AFTER_ANSWER]

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
            owners = {
                language: [
                    Suggestion(question, language) for question in self._bot.example_questions(language)
                ]
                for language in languages()
            }
            with self._lock:
                self._owners = owners
            self._owners_ready.set()
            for each in chain.from_iterable(owners.values()):
                self._check(each.question, each.language, generation)
            for document in self._bot.documents(DOCUMENTS_AT_MOST):
                language = document.metadata[metadata.LANGUAGE]
                source = document.metadata[metadata.SOURCE]
                for question in questions_about(self._bot.document_text(source).page_content, language):
                    self._check(question, language, generation, source)
        except (PartnerbotError, KeyError) as error:
            log.warning("No more questions to suggest: %s", error)
        finally:
            self._owners_ready.set()

    def _check(
        self, question: str, language: str, generation: _Generation, source: str | None = None
    ) -> None:
        """Keep a question if it is answered, and, for one made from a document, from that document."""
        with self._lock:
            pool = self._pool.setdefault(language, [])
            known = any(suggestion.question == question for suggestion in pool)
            if generation != self._generation or len(pool) >= POOL or known:
                return
        started = time.perf_counter()
        try:
            sources = self._bot.quoted_sources(question, language)
        except PartnerbotError as error:
            log.warning("A question to suggest could not be checked: %s", error)
            return
        if sources and (source is None or source in sources):
            with self._lock:
                pool.append(Suggestion(question, language, tuple(sources)))
        # Visitors' questions come first: this takes at most half of a processor.
        time.sleep(time.perf_counter() - started)
