"""Where every visitor's question passes, from whatever surface: admitted, then answered by the bot."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from partnerbot.answering.answer import Answer, Token, Turn
from partnerbot.bot import Partnerbot
from partnerbot.errors import AnswerTooSlow, NotAdmitted, PartnerbotError, QuestionRejected, VisitorLeft
from partnerbot.records import Records
from partnerbot.web.limits.client_store import Allowance, Challenges, ClientStore, Counts
from partnerbot.web.limits.pause import pause_notice
from partnerbot.web.limits.waiting_room import WaitingRoom
from partnerbot.web.metrics import Metrics
from partnerbot.web.records.questions import Ended, keep

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PAUSED_RETRY_AFTER_SECONDS = 300

PURGED_EVERY_SECONDS = 600

LONGEST_ANSWER_SECONDS = 120.0
"""After this a visitor is told that it failed, whatever the bot still does; a language model's time comes on
top of it."""


@dataclass(frozen=True)
class Asked:
    """A question with what it needs to be answered; languages as `Partnerbot.stream` takes them.

    `history`: returns the earlier turns. It is called by the thread that answers: nothing is read for a
    question that is refused, and nothing while others wait.
    """

    question: str
    history: Callable[[], Sequence[Turn]]
    language: str | None
    interface_language: str | None


class Reception:
    """Admits questions by the owner's switch, the limits and the places to work."""

    def __init__(
        self,
        bot: Partnerbot,
        metrics: Metrics | None = None,
        longest_answer_seconds: float = LONGEST_ANSWER_SECONDS,
    ) -> None:
        """Open it as the bot's settings say. Raises: ConfigurationError.

        longest_answer_seconds: what an answer may take beside the time that a language model is given.
        """
        settings = bot.settings
        self.under_way = 0
        """Questions that are being answered, or wait for it."""
        self._bot = bot
        self._metrics = metrics
        self._longest_answer_seconds = longest_answer_seconds + (
            settings.llm_answer_seconds if settings.llm else 0
        )
        self.clients = ClientStore(settings.limits_store)
        self._questions = Allowance(
            "too_many_questions", settings.questions_per_minute, settings.questions_per_day
        )
        self._all_questions = Allowance(
            "too_many_in_all", settings.all_questions_per_minute, settings.all_questions_per_day
        )
        self.challenges = Challenges(self.clients) if settings.challenge else None
        # Who waits for a language model's words takes nothing from those whose answers are worked out here.
        places = settings.concurrent_answers + (settings.llm_concurrent if settings.llm else 0)
        self._room = WaitingRoom(places, settings.waiting_questions)
        self.records = Records(settings)
        self._threads = ThreadPoolExecutor(places, "answering")

    async def stream(self, client: str, asked: Asked) -> AsyncGenerator[Token | Answer, None]:
        """Yield what the bot yields for a question from the client at address `client`.

        A place is held for as long as the bot works, and no longer: a visitor who reads slowly or
        has gone holds none. The bot is told when nobody takes what comes any more.

        Raises: NotAdmitted; AnswerTooSlow; what `Partnerbot.stream` raises.
        """
        began, outcome, answer = time.perf_counter(), "left", None
        self.under_way += 1
        try:
            async with aclosing(self._events(client, asked)) as events:
                async for event in events:
                    if isinstance(event, Answer):
                        answer, outcome = event, event.status
                    yield event
        except Exception as error:
            outcome = _outcome(error)
            raise
        finally:
            self.under_way -= 1
            language = asked.language or asked.interface_language or ""
            ended = Ended(outcome, time.perf_counter() - began, language, answer)
            log.info("A question has ended", extra={"figures": ended.figures()})
            if self._metrics is not None:
                self._metrics.question(ended)
            # To its end, also for a visitor who has left.
            await asyncio.shield(asyncio.to_thread(keep, self.records, ended))

    async def _events(self, client: str, asked: Asked) -> AsyncGenerator[Token | Answer, None]:
        seat = await self._admitted(client)
        # Last comes the error that ended it, or None.
        events: asyncio.Queue[Token | Answer | BaseException | None] = asyncio.Queue()
        left = threading.Event()
        loop = asyncio.get_running_loop()

        def work() -> None:
            error: BaseException | None = None
            try:
                for event in self._bot.stream(
                    asked.question, asked.history(), asked.language, asked.interface_language, left
                ):
                    loop.call_soon_threadsafe(events.put_nowait, event)
                    if left.is_set():
                        break
            except BaseException as raised:  # it is raised again where the visitor waits
                error = raised
            loop.call_soon_threadsafe(end, error)

        def end(error: BaseException | None) -> None:
            self._room.leave(seat)
            events.put_nowait(error)

        self._threads.submit(copy_context().run, work)
        deadline = loop.time() + self._longest_answer_seconds
        try:
            while isinstance(
                event := await asyncio.wait_for(events.get(), deadline - loop.time()), Token | Answer
            ):
                yield event
        except TimeoutError as error:
            raise AnswerTooSlow(
                f"No answer after {self._longest_answer_seconds:.0f} seconds. Look at the machine's load."
            ) from error
        finally:
            left.set()
        if event is not None:
            raise event

    async def look_up(self, client: str, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, admitted, counted and worked out as a question of that client.

        Raises: NotAdmitted; what `work` raises.
        """
        seat, loop = await self._admitted(client), asyncio.get_running_loop()
        working = self._threads.submit(work)
        working.add_done_callback(lambda _: loop.call_soon_threadsafe(self._room.leave, seat))
        return await asyncio.wrap_future(working)

    async def _admitted(self, client: str) -> str:
        """Return the name under which the client has a place, to be given back. Raises: NotAdmitted."""
        seat = self.clients.own.client(client)
        if (notice := pause_notice(self._bot.settings.state)) is not None:
            raise NotAdmitted("paused", PAUSED_RETRY_AFTER_SECONDS, notice)
        if self.challenges is not None and not await self._counted(
            partial(self.challenges.has_passed, client)
        ):
            raise NotAdmitted("challenge", 0)
        try:
            # First, and without another thread: a crowd is told so while the machine is at its busiest.
            self._room.check(seat)
        except NotAdmitted as refused:
            if refused.reason == "too_many_at_once":
                # Who doesn't wait for answers has soon used up the minute, and leaves the others alone.
                await self._count(client)
            raise
        await self._count(client)
        await self._room.enter(seat)
        return seat

    async def _count(self, client: str) -> None:
        def take(counts: Counts) -> None:
            self._questions.take(counts, client)
            self._all_questions.take(counts, "all")

        await self._counted(partial(self.clients.counting, take))

    async def _counted(self, act: Callable[[], Result]) -> Result:
        """Return `act()`, in another thread if it waits for another machine."""
        return await asyncio.to_thread(act) if self.clients.waits else act()

    async def purge_in_time(self) -> None:
        """Delete kept questions and feedback in time, for as long as the server runs.

        What fails is logged, and tried again the next time.
        """
        while True:
            try:
                await asyncio.to_thread(self.records.purge)
            except PartnerbotError as error:
                log.error("%s", error)
            except Exception:
                log.exception("What is too old could not be deleted; it is tried again")
            await asyncio.sleep(PURGED_EVERY_SECONDS)

    async def ask(self, client: str, asked: Asked) -> Answer:
        """Return the whole answer: the last event of `stream`, which says what is raised."""
        *_, answer = [event async for event in self.stream(client, asked)]
        assert isinstance(answer, Answer)
        return answer


def _outcome(error: Exception) -> str:
    if isinstance(error, NotAdmitted | QuestionRejected):
        return error.reason
    if isinstance(error, AnswerTooSlow):
        return "too_slow"
    return "left" if isinstance(error, VisitorLeft) else "failed"
