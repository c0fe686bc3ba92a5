"""A conversation as data: what the chat's page keeps, sends with each question, and is drawn from.

It comes back from the visitor's browser and may be anything: what hasn't this form is no conversation.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field, RootModel, ValidationError

from partnerbot.answering.answer import Answer, Turn
from partnerbot.web.example_questions import Suggestion

LONGEST_BYTES = 400 * 1024
"""Of JSON: some hundred answers with their sources. In a request, where it is a string of JSON in JSON, it
stays below what routes.py allows."""

MOST_EXCHANGES = 100
"""A conversation of hours; all of it is drawn again with each question."""

Form = TypeVar("Form", bound=BaseModel)

Outcome = Literal["answered", "stopped", "rejected", "failed", "carried"]
"""What became of a question. "carried": it came with a shared link, before the one that the link brings."""


class Exchange(BaseModel, frozen=True, extra="forbid"):
    """One question and what was said to it.

    `text`: what had come of an answer that was stopped, or why there is none. `suggested`: questions to go
    on with. `translated`: the answer is in the page's language, and not in the question's.
    """

    question: str
    outcome: Outcome
    answer: Answer | None = None
    text: str = ""
    suggested: list[Suggestion] = []
    translated: bool = False


class UnderWay(BaseModel, frozen=True, extra="forbid"):
    """The question that is being answered, as it stands in the conversation if it is stopped now.

    `after`: how many exchanges stay before it.
    """

    after: int
    exchange: Exchange


class Place(BaseModel, frozen=True, extra="forbid"):
    """Where a question stands that is edited or asked again: `after` so many exchanges.

    `translated`: it is to be answered in the page's language, whatever its own is.
    """

    after: Annotated[int, Field(ge=0, le=MOST_EXCHANGES)]
    translated: bool = False


class _Conversation(RootModel[list[Exchange]]):
    root: Annotated[list[Exchange], Field(max_length=MOST_EXCHANGES)]


def read_conversation(saved: str) -> list[Exchange]:
    """Return what a page keeps; an empty conversation if it is none, or longer than we write one."""
    kept = read(_Conversation, saved)
    return kept.root if kept else []


def read(form: type[Form], saved: str) -> Form | None:
    """Return what a page sends, if it has that form."""
    if not saved or len(saved) > LONGEST_BYTES:
        return None
    try:
        return form.model_validate_json(saved.encode("utf-8", "replace"))
    except ValidationError:
        return None


def written(exchanges: Sequence[Exchange]) -> tuple[list[Exchange], str]:
    """Return what is kept of a conversation, and that as a page keeps it ("" for nothing).

    The oldest exchanges go when it is too long.
    """
    kept = list(exchanges[-MOST_EXCHANGES:])
    while len(saved := _Conversation(kept).model_dump_json().encode()) > LONGEST_BYTES:
        del kept[0]
    return kept, saved.decode() if kept else ""


def turns(exchanges: Iterable[Exchange], at_most: int) -> list[Turn]:
    """Return the end of a conversation as the bot reads it, without errors and their questions."""
    said: list[Turn] = []
    for exchange in exchanges:
        asked = Turn(role="user", content=exchange.question)
        if exchange.outcome == "carried":
            said.append(asked)
        elif exchange.answer is not None and exchange.answer.status != "failed":
            said += [asked, _reply(exchange.answer)]
        elif exchange.outcome == "stopped" and exchange.text:
            said += [asked, Turn(role="assistant", content=exchange.text)]
    return said[-at_most:]


def _reply(answer: Answer) -> Turn:
    sources = list(dict.fromkeys(citation.source for citation in answer.citations))
    return Turn(role="assistant", content=answer.answer, sources=sources)
