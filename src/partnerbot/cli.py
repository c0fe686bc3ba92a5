"""The command line: index | ask | serve | evaluate | doctor. Results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import logging
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from partnerbot import __version__
from partnerbot.errors import ConfigurationError, IndexUnavailable, PartnerbotError, QuestionRejected
from partnerbot.evaluation.command import evaluate
from partnerbot.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
_screen = Console(stderr=True, highlight=False)

DocumentsOption = Annotated[Path | None, typer.Option("--documents", help="Folder of documents.")]
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
LanguageOption = Annotated[str, typer.Option("--language", help="fr, ja, en …, or auto: the question's own.")]


class Exit(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    PARTLY = 1
    WRONG_USE = 2


def main() -> None:
    """Run the command line; a PartnerbotError is shown as one line, never as a traceback."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        app()
    except PartnerbotError as error:
        _screen.print(f"partnerbot: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(Exit.WRONG_USE)


@app.command("index")
def index_command(documents: DocumentsOption = None, index: IndexOption = None) -> None:
    """Index the documents. Run it again whenever they change; unchanged ones cost nothing."""
    sys.exit(index_documents(load_settings(documents=documents, index=index)))


def index_documents(settings: Settings) -> Exit:
    """Index with a progress bar and a summary on stderr; PARTLY if a file had to be skipped."""
    from partnerbot.indexing.build import build_index
    from partnerbot.indexing.embeddings import load_embedding_model

    model = load_embedding_model(settings.embedding_model)
    stages = {"read": "Reading documents", "embed": "Embedding passages"}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_screen, transient=True, disable=not _screen.is_terminal) as progress:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stages[stage], total=total)
            progress.update(tasks[stage], completed=done, total=total)

        report = build_index(settings.documents, settings.index, model, show)
    for file in report.skipped:
        _screen.print(f"Skipped {file.source}: {file.reason}", style="yellow", markup=False, soft_wrap=True)
    what = "Indexed" if report.rebuilt else "Nothing has changed since the last run:"
    _screen.print(
        f"{what} {report.documents} documents, {report.passages} passages, {len(report.skipped)} skipped, "
        f"{report.seconds:.1f} seconds.",
        markup=False,
        soft_wrap=True,
    )
    return Exit.PARTLY if report.skipped else Exit.DONE


@app.command()
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

    settings = load_settings(index=index)
    if batch is not None:
        lines = _batch_lines(batch)
        sys.exit(_ask_batch(Partnerbot.open(settings), lines, language))
    assert question is not None
    answer = Partnerbot.open(settings).ask(question, language=language)
    if as_json:
        print(answer.model_dump_json())
        return
    print(answer.answer)
    for warning in answer.warnings:
        print(warning)
    for citation in answer.citations:
        page = f", p. {citation.page}" if citation.page else ""
        print(f"\n[{citation.number}] {citation.title}{page} ({citation.language})\n    {citation.quote}")
        print(f"    {citation.url or citation.source}")
    for document in answer.related:
        print(f"  - {document.title} ({document.language}) {document.url or document.source}")


def _batch_lines(batch: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(batch) == "-" else batch.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The questions in {batch} can't be read: {error}") from error
    return [line for line in text.split("\n") if line.strip()]


def _ask_batch(bot: Any, lines: list[str], language: str) -> Exit:
    """Print one answer a line, in order; a line that can't be answered says why and the rest goes on."""
    code = Exit.DONE
    for number, line in enumerate(lines, start=1):
        answer = _answer_line(bot, number, line, language)
        if answer["status"] == "failed":
            code = Exit.PARTLY
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return code


def _answer_line(bot: Any, number: int, line: str, language: str) -> dict[str, Any]:
    from partnerbot.answering.answer import Answer, Turn

    id: Any = None
    asked = ""
    try:
        record = json.loads(line)
        id = record["id"]
        asked = record["question"]
        history = [Turn.model_validate(turn) for turn in record.get("history") or []]
        answer = bot.ask(asked, history, record.get("language") or language)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f'Line {number} is not a question like {{"id": 1, "question": "…"}}: {error!r}'
    except QuestionRejected as error:
        problem = str(error)
    else:
        return {"id": id, **answer.model_dump(mode="json")}
    failed = Answer(
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
    )
    return {"id": id, **failed.model_dump(mode="json")}


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat and the HTTP API."""
    from partnerbot.bot import Partnerbot
    from partnerbot.web.server import serve as serve_bot

    settings = load_settings(host=host, port=port, index=index)
    serve_bot(Partnerbot.open(settings), settings.host, settings.port)


app.command()(evaluate)


@app.command()
def doctor(index: IndexOption = None) -> None:
    """Check the installation, the model and the index, and say what to do."""
    settings = load_settings(index=index)
    failures = 0
    for name, outcome in _checks(settings):
        failed = isinstance(outcome, PartnerbotError)
        failures += failed
        print(f"{'FAIL' if failed else 'ok  '} {name}: {outcome}")
    sys.exit(Exit.WRONG_USE if failures else Exit.DONE)


def _checks(settings: Settings) -> Iterator[tuple[str, str | PartnerbotError]]:
    from partnerbot.bot import Partnerbot
    from partnerbot.documents.loading import find_files
    from partnerbot.indexing.embeddings import load_embedding_model

    system = f"Python {platform.python_version()} on {platform.system()}"
    yield "installation", f"partnerbot {__version__}, {system}"
    if settings.documents.is_dir():
        yield "documents", f"{len(find_files(settings.documents))} files in {settings.documents}/"
    else:
        yield (
            "documents",
            ConfigurationError(f"There is no {settings.documents}/. Create it, or set PARTNERBOT_DOCUMENTS."),
        )
    try:
        model = load_embedding_model(settings.embedding_model)
        yield "embedding model", f"{model.name} ({model.fingerprint}), {model.dimension} dimensions"
    except PartnerbotError as error:
        yield "embedding model", error
        return
    try:
        ready = asdict(Partnerbot.open(settings).ready())
        yield "index", ", ".join(f"{key}: {value}" for key, value in ready.items())
    except IndexUnavailable as error:
        yield "index", error


if __name__ == "__main__":
    main()
