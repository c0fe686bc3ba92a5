"""Questions to start with and to go on with: the owner's, and on partnerships and titles, each checked.

None is made of a document's sentences: few can be asked about without changing a word, and those read badly
("When was the page updated?"). They are found in the background, once for each generation of the index, so
that neither the start nor an answer waits for them. A question is shown only if this index answers it.
"""

import logging
import random
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from partnerbot.answering.answer import Answer
from partnerbot.bot import Partnerbot
from partnerbot.documents import metadata
from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.orders import gives_orders
from partnerbot.errors import PartnerbotError
from partnerbot.index.passages import display_width
from partnerbot.register.corrections import Corrections, read_corrections
from partnerbot.web.page_texts import languages, texts_of

log = logging.getLogger(__name__)

AT_START, AFTER_ANSWER = 4, 3
"""Questions shown: what a phone shows without scrolling, and one line on a desk."""

DOCUMENTS_AT_MOST = 200
"""Documents that questions are drawn from, spread over the index."""

POOL = 100
"""Checked questions in a language with which looking for more ends."""

OF_A_DOCUMENT = 4
"""Questions on one document that are looked at: as many as an answer offers, and one that it was."""

SHORTEST_TITLE, LONGEST_TITLE = 15, 80
"""Width in Latin letters of a title that is asked about. Shorter ones are mostly names of files ("budget
2024"), longer ones no pleasure to read on a button; set by hand, looking at our sample's and a town's."""

FIRST_WAIT_SECONDS = 4.0
"""How long the page of the first visitor after a start waits for the owner's questions."""

_READ_BY_MOST = "en"
"""Where the index answers no question in a reader's language, one in this language is the next best."""


_Generation = tuple[str, str, Corrections]
"""Name, and when it was built: an index that was deleted and built again counts from 1 again. And what staff
correct: a pair that they hide isn't asked about any more."""


@dataclass(frozen=True)
class Suggestion:
    """A question in some language that the index answers.

    `sources`: the documents that do. `value`: the answer, if it is one. `of_title`: it asks what a document
    is about, which nobody would ask first.
    """

    question: str
    language: str
    sources: tuple[str, ...] = ()
    value: str | None = None
    of_title: bool = False

    def rank(self, shown: Sequence[str]) -> int:
        """Return which of these documents is the first that answers it; their number if none does."""
        return min((shown.index(source) for source in self.sources if source in shown), default=len(shown))


class Suggestions:
    """What can be asked. Safe to use from several threads."""

    def __init__(self, bot: Partnerbot) -> None:
        self._bot = bot
        self._lock = threading.Lock()
        self._generation: _Generation | None = None
        self._owners: dict[str, list[Suggestion]] = {}
        self._pool: dict[str, list[Suggestion]] = {}
        self._owners_ready = threading.Event()

    def look_ahead(self) -> bool:
        """Begin to look for questions, unless that was begun for this generation of the index.

        False while there is nothing to answer from.
        """
        try:
            ready = self._bot.ready()
            corrections = read_corrections(self._bot.settings.register_file)
        except PartnerbotError as error:
            log.warning("No questions to suggest yet: %s", error)
            return False
        generation = ready.generation, ready.built_at, corrections
        with self._lock:
            if generation == self._generation:
                return True
            self._generation = generation
            self._pool = {}
        self._owners_ready.clear()
        threading.Thread(target=self._look, args=(generation,), name="suggestions", daemon=True).start()
        return True

    def to_start(self, language: str) -> list[Suggestion]:
        """Return questions for an empty conversation: the owner's, then some of the documents'.

        There are none while there is nothing to answer from.
        """
        if not self.look_ahead():
            return []
        self._owners_ready.wait(FIRST_WAIT_SECONDS)
        for read in (language, _READ_BY_MOST):
            # By question: the owner's are among the drawn ones, too.
            found = {each.question: each for each in [*self._owners.get(read, []), *self._drawn(read)]}
            if found:
                return list(found.values())[:AT_START]
        return []

    def _drawn(self, *languages: str) -> list[Suggestion]:
        """Return the checked questions in the first language that has any, in any order but titles last."""
        with self._lock:
            pool = list(next(filter(None, map(self._pool.get, languages)), []))
        random.shuffle(pool)
        return sorted(pool, key=lambda each: each.of_title)

    def after(self, answer: Answer, language: str, asked: Collection[str]) -> list[Suggestion]:
        """Return questions to go on with, which the documents of the answer answer too, in their order.

        Where nothing was found, those of the documents that come near it; without any, what can be asked
        at all. First stands the one that staff answered, if what was asked may be that. `language`: of the
        page, for when there are none in the answer's. `asked`: what not to repeat.
        """
        of_staff = self._bot.question_of_staff(answer)
        first = [Suggestion(*of_staff)] if of_staff is not None else []
        return [*first, *self._of_documents(answer, language, asked)][:AFTER_ANSWER]

    def _of_documents(self, answer: Answer, language: str, asked: Collection[str]) -> list[Suggestion]:
        shown = [one.source for one in answer.citations or answer.related]
        repeated = set(map(_words, asked))
        pool = self._drawn(answer.language, language, _READ_BY_MOST)
        new = [each for each in pool if _words(each.question) not in repeated]
        if not shown and answer.status == "not_in_documents":
            return new
        near = [
            each
            for each in sorted(new, key=lambda each: each.rank(shown))
            # What has the same value, from the same document, is the same question in other words.
            if each.rank(shown) < len(shown) and (each.value is None or each.value != answer.short_answer)
        ]
        return [each for each in near if not each.of_title] or near[:1]

    def _look(self, generation: _Generation) -> None:
        try:
            owners: dict[str, list[Suggestion]] = {}
            for language in languages():
                for question in self._bot.example_questions(language):
                    answer = self._bot.quoted_answer(question, language)
                    if answer.status == "answered":
                        one = Suggestion(question, language)
                        owners.setdefault(language, []).append(one)
                        if _can_be_read(answer, language):
                            self._keep(one, answer, generation)
            with self._lock:
                self._owners = owners
            self._owners_ready.set()
            # One of each document, then a second: whatever an answer cites, there is something to go on with.
            for round_ in zip_longest(*self._made()):
                for made in filter(None, round_):
                    started = time.perf_counter()
                    self._check(made, generation)
                    # As long a rest as it took: visitors' questions come first.
                    time.sleep(time.perf_counter() - started)
        except (PartnerbotError, KeyError) as error:
            log.warning("No more questions to suggest: %s", error)
        finally:
            self._owners_ready.set()

    def _made(self) -> list[list[Suggestion]]:
        """Return, for each document, questions about it: on its partnerships first, on its title last.

        Languages take turns: readers of each soon have some.
        """
        made = self._on_partnerships()
        every: dict[str, list[list[Suggestion]]] = defaultdict(list)
        for document in self._bot.documents(DOCUMENTS_AT_MOST):
            source, language, title = (
                document.metadata[key] for key in (metadata.SOURCE, metadata.LANGUAGE, metadata.TITLE)
            )
            made_of_it = made[source][: OF_A_DOCUMENT - 1]
            if language in languages() and _can_be_asked_about(title):
                question = texts_of(language).follow_up.about.format(title=title)
                made_of_it.append(Suggestion(question, language, (source,), of_title=True))
            every[language].append(made_of_it)
        return [one for row in zip_longest(*every.values()) for one in row if one]

    def _on_partnerships(self) -> dict[str, list[Suggestion]]:
        """Return a question on each partnership in each language that a document of it is in, by document.

        And in those that no document is in: their readers have nothing else.
        """
        found: dict[str, list[Suggestion]] = defaultdict(list)
        for row in self._bot.register().partnerships:
            sources = {sentence.language: sentence.document_id for sentence in reversed(row.sentences)}
            sources |= {
                language: row.sentences[0].document_id
                for language in languages()
                if row.sentences and self._is_foreign(language)
            }
            for language in sources.keys() & set(languages()):
                a, b = row.a.name(language), row.b.name(language)
                attesting = dict.fromkeys([sources[language], *(one.document_id for one in row.sentences)])
                question = texts_of(language).register.ask.format(a=a, b=b)
                found[sources[language]].append(Suggestion(question, language, tuple(attesting)))
        return found

    def _check(self, made: Suggestion, generation: _Generation) -> None:
        """Keep a question that was made if the document it was made of, its first, answers it well."""
        with self._lock:
            pool = self._pool.get(made.language, [])
            known = any(_words(each.question) == _words(made.question) for each in pool)
            if generation != self._generation or len(pool) >= POOL or known:
                return
        try:
            answer = self._bot.quoted_answer(made.question, made.language)
        except PartnerbotError as error:
            log.warning("A question to suggest could not be checked: %s", error)
            return
        can_be_read = self._is_foreign(made.language) or _can_be_read(answer, made.language)
        cites_it = any(citation.source == made.sources[0] for citation in answer.citations)
        # Who asks what there is to say of something is misled by one value of it.
        if cites_it and answer.short_answer is None and can_be_read:
            self._keep(made, answer, generation)

    def _is_foreign(self, language: str) -> bool:
        """True for a language that no document is in."""
        return language not in self._bot.ready().languages

    def _keep(self, one: Suggestion, answer: Answer, generation: _Generation) -> None:
        sources = one.sources or tuple(dict.fromkeys(citation.source for citation in answer.citations))
        with self._lock:
            if generation == self._generation:
                found = replace(one, sources=sources, value=answer.short_answer)
                self._pool.setdefault(one.language, []).append(found)


def _can_be_asked_about(title: str) -> bool:
    return SHORTEST_TITLE <= display_width(title) <= LONGEST_TITLE and not gives_orders(title)


def _can_be_read(answer: Answer, language: str) -> bool:
    """Whether an answer tells something to who reads this language alone: quotes in it, or a value.

    Quotes begin in it, and no more of them are in others. A value in the words of a quote in another language
    is none.
    """
    foreign = [citation.quote for citation in answer.citations if citation.language != language]
    value = answer.short_answer
    if value is None:
        first = answer.citations[0].language if answer.citations else None
        return first == language and 2 * len(foreign) <= len(answer.citations)
    return not any(map(str.isalpha, value)) or not any(value in quote for quote in foreign)


def _words(question: str) -> str:
    """Return what two spellings of one question share: case, spaces and punctuation aside."""
    written = normal_form("NFKC", question).casefold()
    return "".join(character for character in written if character.isalnum())
