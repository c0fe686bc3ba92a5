"""The chat: one Gradio application per language, its words from that language's texts."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import gradio as gr

from partnerbot.answering.answer import Answer, Token
from partnerbot.errors import NotAdmitted, QuestionRejected
from partnerbot.logs import request_id
from partnerbot.web.api import LONGEST_HISTORY, client_of
from partnerbot.web.chat.gradio_page import laid_out
from partnerbot.web.chat.transcript import (
    Exchange,
    Outcome,
    Place,
    UnderWay,
    read,
    read_conversation,
    turns,
    written,
)
from partnerbot.web.example_questions import Suggestion, Suggestions
from partnerbot.web.metrics import REQUEST_ID
from partnerbot.web.reception import Asked, Reception
from partnerbot.web.refusals import told
from partnerbot.web.render import Renderer

Event = TypeVar("Event")

Message = dict[str, Any]
"""One message as the chat component has it: role, and content that is HTML from render.py."""

_PAUSE_SECONDS = 0.5
"""Gradio notices that a page was closed when the next update is to be sent: so one comes this often,
which changes nothing."""

_EXAMPLES = 3
"""Questions that a conversational reply offers."""

Update = tuple[Any, ...]
"""New values for what `Chat.blocks` calls `shown`, in that order."""


class Chat:
    """One language's chat page: its layout, and what its controls do."""

    def __init__(self, reception: Reception, suggestions: Suggestions, render: Renderer) -> None:
        self._reception = reception
        self._suggestions = suggestions
        self._render = render
        self._language = render.language
        self._under_way: Counter[str] = Counter()
        self._stopped: set[str] = set()

    def blocks(self) -> gr.Blocks:
        return laid_out(self._blocks)

    def _blocks(self) -> gr.Blocks:
        texts, title = self._render.texts.chat, self._render.texts.page.title
        blocks: gr.Blocks
        with gr.Blocks(title=title, analytics_enabled=False, fill_height=True, elem_id="chat") as blocks:
            conversation = gr.Chatbot(
                elem_id="conversation",
                label=texts.conversation,
                show_label=False,
                container=False,
                scale=1,
                height="100%",
                buttons=[],
                feedback_options=None,
                latex_delimiters=[],
                # The page scrolls: to the question, so that the answer is read from its beginning.
                autoscroll=False,
                allow_tags=False,
                group_consecutive_messages=False,
                layout="bubble",
            )
            # The conversation as data, which the page keeps; one that the page brings; what is being
            # answered, which the page needs where that is broken off; and, for a question that takes the
            # place of an earlier one, that place.
            brought, saved, under_way, place = (
                gr.Textbox(elem_id=name, visible="hidden", container=False, show_label=False)
                for name in ("brought", "saved", "under-way", "place")
            )
            with gr.Row(elem_id="composer"):
                question = gr.Textbox(
                    elem_id="question",
                    label=texts.question,
                    show_label=False,
                    container=False,
                    placeholder=texts.placeholder,
                    lines=1,
                    max_lines=6,
                    autofocus=False,
                    scale=1,
                )
                send = gr.Button(texts.send, variant="primary", scale=0, min_width=88, elem_id="send")
                stop = gr.Button(
                    texts.stop, variant="secondary", scale=0, min_width=88, visible=False, elem_id="stop"
                )

            shown = [conversation, saved, under_way, question, send, stop, place]
            event: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
            asking: dict[str, Any] = {**event, "outputs": shown, "concurrency_limit": None}
            # Gradio ends an event a moment after its last update: a question sent in between is asked then,
            # not dropped.
            sent: dict[str, Any] = {**asking, "trigger_mode": "always_last"}
            running = gr.on([question.submit, send.click], self.ask, [question, saved, place], **sent)
            stop.click(self.stopped, [saved, under_way], shown, cancels=[running], queue=False, **event)
            brought.change(self.restored, [brought], shown, queue=False, **event)
        return blocks

    def restored(self, brought: str) -> Update:
        """Draw a conversation that the page brings: this tab's from before, a link's, or an empty one."""
        return self._idle(read_conversation(brought))

    async def ask(
        self, question: str, saved: str, place: str, request: gr.Request
    ) -> AsyncGenerator[Update, None]:
        """Answer a question after the conversation so far, showing each step as it comes.

        One that is edited or asked again takes its `place` in the conversation.
        """
        before, at = await asyncio.to_thread(read_conversation, saved), read(Place, place)
        before = before if at is None else before[: at.after]
        # Into the page's language, whatever the question's own is.
        translated = at is not None and at.translated
        if request.request is not None:
            # Gradio calls this after it has answered the request.
            request_id.set(request.request.scope.get(REQUEST_ID, ""))
        question = (question or "").encode("utf-8", "replace").decode()
        reply_in = self._language if translated else None
        to_answer = Asked(question, lambda: turns(before, LONGEST_HISTORY), reply_in, self._language)
        session = request.session_hash or ""
        self._stopped.discard(session)
        self._under_way[session] += 1
        text = ""
        earlier: list[Message] = []

        async def ended(exchange: Exchange, question: str | None = None) -> Update:
            return await asyncio.to_thread(self._idle, [*before, exchange], question)

        try:
            if question.strip():
                earlier = await asyncio.to_thread(self._drawn, before)
                yield self._busy(earlier, len(before), question, text, box="")
            answering = self._reception.stream(client_of(request.request), to_answer)
            async with aclosing(_with_pauses(answering, _PAUSE_SECONDS)) as events:
                async for event in events:
                    # Gradio takes a moment to end this, and an update until then would undo the stop.
                    if session in self._stopped:
                        yield await ended(Exchange(question=question, outcome="stopped", text=text))
                        return
                    if event is None:
                        yield _update()
                    elif isinstance(event, Token):
                        text += event.text
                        yield self._busy(earlier, len(before), question, text)
                    else:
                        asked = {event.question, *(exchange.question for exchange in before)}
                        suggested = await asyncio.to_thread(self._suggested, event, asked)
                        yield await ended(
                            Exchange(
                                question=event.question,
                                outcome="answered",
                                answer=event,
                                suggested=suggested,
                                translated=translated,
                            )
                        )
        except Exception as error:  # a visitor is never left waiting for an answer that broke
            failure = told(error, self._render.texts)
            outcome: Outcome = "failed" if failure.by_contact else "rejected"
            # The words of what wasn't taken stay in the box, to be mended or sent again.
            box = question if isinstance(error, QuestionRejected | NotAdmitted) else None
            yield await ended(Exchange(question=question, outcome=outcome, text=failure.message), box)
        finally:
            self._under_way[session] -= 1
            if not self._under_way[session]:
                del self._under_way[session]
            self._stopped.discard(session)

    def stopped(self, saved: str, under_way: str, request: gr.Request) -> Update:
        """Keep what had come when the visitor stopped the answer, and say that it is not whole."""
        session = request.session_hash or ""
        if session in self._under_way:
            self._stopped.add(session)
        exchanges, broken_off = read_conversation(saved), read(UnderWay, under_way)
        if broken_off is not None:
            exchanges = [*exchanges[: broken_off.after], broken_off.exchange]
        return self._idle(exchanges)

    def _suggested(self, answer: Answer, asked: Collection[str]) -> list[Suggestion]:
        if answer.kind == "conversation":
            return self._suggestions.to_start(answer.language)[:_EXAMPLES]
        return self._suggestions.after(answer, self._language, asked)

    def _drawn(self, exchanges: Sequence[Exchange]) -> list[Message]:
        return [message for n, exchange in enumerate(exchanges) for message in self._messages(exchange, n)]

    def _messages(self, exchange: Exchange, number: int) -> list[Message]:
        """Draw one exchange, `number` of them being before it."""
        render, key, answer = self._render, f"turn-{number}", exchange.answer
        if exchange.outcome == "carried":
            return [_message("user", render.message("carried", exchange.question, key))]
        if answer is not None:
            reply = render.answer(answer, key=f"source-{number}", suggested=exchange.suggested)
        else:  # a page may bring anything, "answered" without an answer, too
            name = "stopped" if exchange.outcome == "answered" else exchange.outcome
            reply = render.message(name, exchange.text)
        # An empty bubble would only clutter the conversation.
        if not exchange.question.strip():
            return [_message("assistant", reply)]
        language = None if answer is None or exchange.translated else answer.language
        asked = render.message("question", exchange.question, language, key)
        return [_message("user", asked), _message("assistant", reply)]

    def _busy(
        self, earlier: list[Message], after: int, question: str, text: str, box: str | None = None
    ) -> Update:
        """Show what has come of an answer; `box`: what is in the box from now on, None to leave it."""
        message = self._render.message
        asked = message("question", question, None, f"turn-{after}")
        shown = message("partial", text) if text else message("searching")
        if_stopped = Exchange(question=question, outcome="stopped", text=text)
        return _update(
            messages=[*earlier, _message("user", asked), _message("assistant", shown)],
            under_way=UnderWay(after=after, exchange=if_stopped).model_dump_json(),
            box=box,
            busy=True,
        )

    def _idle(self, exchanges: Sequence[Exchange], box: str | None = None) -> Update:
        kept, saved = written(exchanges)
        return _update(messages=self._drawn(kept), saved=saved, under_way="", box=box, busy=False)


async def _with_pauses(
    events: AsyncGenerator[Event, None], seconds: float
) -> AsyncGenerator[Event | None, None]:
    """Yield what comes, and None whenever nothing has come for a while; the events end with it."""
    async with aclosing(events):
        while True:
            coming = asyncio.ensure_future(anext(events))
            try:
                while not (await asyncio.wait({coming}, timeout=seconds))[0]:
                    yield None
            finally:
                await _ended(coming)
            try:
                event = coming.result()
            except StopAsyncIteration:
                return
            yield event


async def _ended(task: asyncio.Future[Event]) -> None:
    """Cancel a task and wait for its end, also where the wait itself is cancelled.

    A visitor's "stop" and the end of Gradio's request may each cancel, one while the other is carried out.
    """
    task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _update(
    *,
    messages: list[Message] | None = None,
    saved: str | None = None,
    under_way: str | None = None,
    box: str | None = None,
    busy: bool | None = None,
) -> Update:
    """Return new values for `shown`; what is None stays, as what the visitor writes meanwhile does."""
    values = [gr.skip() if value is None else value for value in (messages, saved, under_way, box)]
    if busy is None:
        return (*values, *[gr.skip()] * 3)
    return (*values, gr.update(visible=not busy), gr.update(visible=busy), "")


def _message(role: str, html: str) -> Message:
    return {"role": role, "content": html}
