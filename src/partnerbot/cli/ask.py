"""`partnerbot ask`: answers a question, or a file of them, from the index."""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError

from partnerbot.answering.answer import Answer, Turn
from partnerbot.cli.terminal import Exit, IndexOption
from partnerbot.errors import ConfigurationError, PartnerbotError, cause, wrong_values
from partnerbot.settings import load_settings

LanguageOption = Annotated[str, typer.Option("--language", help="fr, ja, en …, or auto: the question's own.")]


def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    batch: Annotated[Path | None, typer.Option(help="Questions, one JSON a line; - for stdin.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    language: LanguageOption = "auto",
    index: IndexOption = None,
) -> None:
    """Answer a question, or a file of them, from the index."""
    if (question is None) == (batch is None):
        raise ConfigurationError(
            'Ask one question (partnerbot ask "…") or a file (partnerbot ask --batch FILE --json).'
        )
    from partnerbot.bot import Partnerbot

    try:
        language = _spoken(language)
    except ValueError as error:
        raise ConfigurationError(f"--language: {error}. Give a code such as fr, ja or en, or auto.") from None
    settings = load_settings(index=index)
    if batch is not None:
        lines, code = _batch_lines(batch), Exit.DONE
        for answered in answers_to(Partnerbot.open(settings), lines, language):
            code = Exit.PARTLY if answered["status"] == "failed" else code
            print(json.dumps(answered, ensure_ascii=False), flush=True)
        sys.exit(code)
    assert question is not None
    answer = Partnerbot.open(settings).ask(question, language=language)
    if as_json:
        print(answer.model_dump_json())
        return
    for line in as_text(answer):
        print(line)


def as_text(answer: Answer) -> Iterator[str]:
    """Yield an answer for reading in a terminal; a quote that is a point of it is not repeated."""
    yield answer.answer
    yield from answer.warnings
    for label, points in groupby(answer.points, lambda point: point.label):
        yield f"\n{label}" if label else ""
        for point in points:
            yield " ".join([f"- {point.text}", *(f"[{number}]" for number in point.citations)])
    said = {point.text for point in answer.points}
    for citation in answer.citations:
        page = f", p. {citation.page}" if citation.page else ""
        yield f"\n[{citation.number}] {citation.title}{page} ({citation.language})"
        if citation.quote not in said:
            yield f"    {citation.quote}"
        if citation.translation:
            yield f"    [machine translation] {citation.translation}"
        yield f"    {citation.url or citation.source}"
    for document in answer.related:
        yield f"  - {document.title} ({document.language}) {document.url or document.source}"


def _batch_lines(batch: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(batch) == "-" else batch.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The questions in {batch} can't be read: {cause(error)}") from error
    return [line for line in text.split("\n") if line.strip()]


def answers_to(bot: Any, lines: list[str], language: str) -> Iterator[dict[str, Any]]:
    """Yield the answer to each line, as JSON; of a line that can't be answered, why. The rest goes on."""
    return (_answer_line(bot, number, line, language) for number, line in enumerate(lines, start=1))


def _answer_line(bot: Any, number: int, line: str, language: str) -> dict[str, Any]:
    id: Any = None
    asked = ""
    try:
        record = json.loads(line)
        if isinstance(record, dict):
            id, asked = record.get("id"), record.get("question", "")
        stated = _Asked.model_validate(record)
        spoken = _spoken(stated.language or language)
    except ValueError as error:
        problem = f'Line {number} is not a question like {{"id": 1, "question": "…"}}: {_reason(error)}'
        return {"id": id, **_failed(asked, language, problem)}
    try:
        answer = bot.ask(stated.question, stated.history or [], spoken)
        return {"id": id, **answer.model_dump(mode="json")}
    except PartnerbotError as error:
        return {"id": id, **_failed(asked, language, str(error))}


class _Asked(BaseModel):
    """A line of a batch; other keys of it mean nothing."""

    id: Any
    question: str
    history: list[Turn] | None = None
    language: str | None = None


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return wrong_values(error)
    return "no JSON stands there" if isinstance(error, json.JSONDecodeError) else str(error)


def _spoken(language: str) -> str:
    """The language to answer in, or "auto". Raises: ValueError if it is neither."""
    from partnerbot.answering.phrases import language_to_answer_in

    return language if language == "auto" else language_to_answer_in(language)


def _failed(asked: object, language: str, problem: str) -> dict[str, Any]:
    return Answer(
        question=str(asked),
        language=language if language != "auto" else "en",
        status="failed",
        answer=problem,
        short_answer=None,
        citations=[],
        related=[],
        generator="extractive",
        warnings=[],
        timings_ms={},
    ).model_dump(mode="json")
