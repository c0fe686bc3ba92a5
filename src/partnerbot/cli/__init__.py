"""The command line: `partnerbot --help` names its commands. Results on stdout, all else on stderr."""

from __future__ import annotations

import gc
import json
import logging
import platform
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from partnerbot import __version__
from partnerbot.appearance import read_appearance
from partnerbot.cli.evaluate import evaluate
from partnerbot.errors import (
    ConfigurationError,
    IndexNotWritten,
    PartnerbotError,
    SyncFailed,
)
from partnerbot.settings import Settings, load_settings

if TYPE_CHECKING:
    from partnerbot.answering.answer import Answer
    from partnerbot.bot import Partnerbot
    from partnerbot.index.generations import Writer
    from partnerbot.index.search import Index
    from partnerbot.index.verify import Judge
    from partnerbot.models.embeddings import EmbeddingModel

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
_screen = Console(stderr=True, highlight=False)

DocumentsOption = Annotated[Path | None, typer.Option("--documents", help="Folder of documents.")]
IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
LanguageOption = Annotated[str, typer.Option("--language", help="fr, ja, en …, or auto: the question's own.")]


_SKIPPED = "file not indexed"
_ORDERS = "orders in a document"
_NOT_FETCHED = "address not fetched"
_REMARKED = "site"
_UNSTATED = "not stated"
_MARKS = {_SKIPPED: "skip", _ORDERS: "look", _NOT_FETCHED: "skip", _REMARKED: "look", _UNSTATED: "look"}


class Exit(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    PARTLY = 1
    WRONG_USE = 2


def log_to_screen(answers: bool = False) -> None:
    """Write warnings to standard error.

    answers: a line for each answer that a language model writes as well: how it ended, never what was asked.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if answers:
        logging.getLogger("partnerbot.writing").setLevel(logging.INFO)


def main() -> None:
    """Run the command line; a PartnerbotError is shown as one line, never as a traceback."""
    log_to_screen()
    try:
        app()
    except PartnerbotError as error:
        _screen.print(f"partnerbot: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(Exit.WRONG_USE)


@app.command("index")
def index_command(
    documents: DocumentsOption = None,
    index: IndexOption = None,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything from the start.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Answer from the generation before.")] = False,
) -> None:
    """Index the documents. Run it again whenever they change; unchanged ones cost nothing."""
    settings = load_settings(documents=documents, index=index)
    if rollback and (full or dry_run):
        raise ConfigurationError("--rollback goes with no other choice. Leave --full and --dry-run out.")
    if not (rollback or dry_run):
        sys.exit(index_documents(settings, full=full))
    from partnerbot.cli.index import go_back, show_preview
    from partnerbot.models.embeddings import load_embedding_model

    model = load_embedding_model(settings.embedding_model)
    if rollback:
        go_back(settings, model, _screen)
    else:
        show_preview(settings, model, full=full)


def index_documents(settings: Settings, *, full: bool = False) -> Exit:
    """Index with progress and a summary on stderr; PARTLY if a file had to be skipped."""
    from partnerbot.cli.index import run_index
    from partnerbot.index.reports import Stages, record_failure
    from partnerbot.models.embeddings import load_embedding_model

    # A large index is read as hundreds of thousands of small tuples, none of them in a cycle: looking for
    # cycles among them takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000)
    stages = Stages()
    try:
        model = load_embedding_model(settings.embedding_model)
        judge = _judge(settings, model)
    except PartnerbotError as error:
        record_failure(settings.index, error, stages)  # as of what fails later
        raise
    report = run_index(settings, model, _screen, full=full, judge=judge)
    gc.freeze()  # all is written and closed: what is still in memory ends with the process, uncollected
    return Exit.PARTLY if report.skipped else Exit.DONE


def _judge(settings: Settings, model: EmbeddingModel) -> Judge | None:
    from partnerbot.evaluation.golden import answered_rightly, read_golden

    questions = read_golden(settings.golden)
    if not questions:
        return None

    @cache
    def quoting() -> Partnerbot:
        from partnerbot.bot import Partnerbot

        return Partnerbot.of(settings, model, writes=False)

    def judge(index: Index) -> dict[str, bool]:
        bot = quoting().on(index)
        return answered_rightly(questions, lambda question, language: bot.ask(question, language=language))

    return judge


@app.command("sync")
def sync_command(
    sources: Annotated[Path | None, typer.Option("--sources", help="The file that lists them.")] = None,
) -> None:
    """Fetch the pages of your site that sources.toml lists; only what has changed is transferred."""
    from partnerbot.cli.sync import run_sync

    report = run_sync(load_settings(sources=sources), _screen)
    sys.exit(Exit.PARTLY if report.skipped else Exit.DONE)


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

    try:
        language = _spoken(language)
    except ValueError as error:
        raise ConfigurationError(f"--language: {error}. Give a code such as fr, ja or en, or auto.") from None
    settings = load_settings(index=index)
    if batch is not None:
        lines = _batch_lines(batch)
        sys.exit(_ask_batch(Partnerbot.open(settings), lines, language))
    assert question is not None
    answer = Partnerbot.open(settings).ask(question, language=language)
    if as_json:
        print(answer.model_dump_json())
        return
    for line in _told(answer):
        print(line)


def _told(answer: Answer) -> Iterator[str]:
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
    from partnerbot.answering.answer import Turn

    id: Any = None
    asked = ""
    try:
        record = json.loads(line)
        id = record["id"]
        asked = record["question"]
        if not isinstance(asked, str):
            raise TypeError("the question is no text")
        history = [Turn.model_validate(turn) for turn in record.get("history") or []]
        spoken = _spoken(record.get("language") or language)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f'Line {number} is not a question like {{"id": 1, "question": "…"}}: {error!r}'
        return {"id": id, **_failed(asked, language, problem)}
    try:
        return {"id": id, **bot.ask(asked, history, spoken).model_dump(mode="json")}
    except PartnerbotError as error:
        return {"id": id, **_failed(asked, language, str(error))}


def _spoken(language: str) -> str:
    """The language to answer in, or "auto". Raises: ValueError if it is neither."""
    from partnerbot.answering.phrases import language_to_answer_in

    return language if language == "auto" else language_to_answer_in(language)


def _failed(asked: object, language: str, problem: str) -> dict[str, Any]:
    from partnerbot.answering.answer import Answer

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


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat and the HTTP API."""
    from partnerbot.bot import Partnerbot
    from partnerbot.web.app import serve as serve_bot

    log_to_screen(answers=True)
    settings = load_settings(host=host, port=port, index=index)
    bot = Partnerbot.open(settings)
    bot.follow()
    serve_bot(bot, settings.host, settings.port)


@app.command()
def pause(
    message: Annotated[
        str, typer.Argument(help="What visitors are told; without it, a general sentence.")
    ] = "",
) -> None:
    """Stop answering questions, at once and until `partnerbot resume`."""
    from partnerbot.web.limits.pause import Pause

    Pause(load_settings().state).begin(message)
    _screen.print("Paused. No question is answered until: partnerbot resume", soft_wrap=True)


@app.command()
def resume() -> None:
    """Answer questions again."""
    from partnerbot.web.limits.pause import Pause

    ended = Pause(load_settings().state).end()
    _screen.print("Questions are answered again." if ended else "Nothing was paused.", soft_wrap=True)


@app.command()
def questions(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of CSV.")] = False,
    purge: Annotated[
        bool, typer.Option(help="Delete what is older than may be kept; print nothing.")
    ] = False,
) -> None:
    """Print the questions that were kept, as a table for spreadsheets."""
    from partnerbot.web.records.question_log import QuestionLog, write_csv, write_json_lines

    settings = load_settings()
    kept = QuestionLog(settings.state, settings.keep_questions_days)
    if purge:
        _screen.print(f"{kept.purge()} days of questions deleted.")
    elif as_json:
        write_json_lines(kept.entries(), sys.stdout)
    else:
        write_csv(kept.entries(), sys.stdout)


app.command()(evaluate)


@app.command()
def doctor(
    index: IndexOption = None,
    embed: Annotated[str | None, typer.Option(help="Address of a site: may it embed the chat?")] = None,
) -> None:
    """Check the installation, the model and the index, and say what to do."""
    settings = load_settings(index=index)
    if embed is not None:
        sys.exit(_check_embedding(settings, embed))
    failures = 0
    for name, outcome in _checks(settings, with_documents=index is None):
        failed = isinstance(outcome, PartnerbotError)
        failures += failed
        mark = "FAIL" if failed else _MARKS.get(name, "ok  ")
        print(f"{mark} {name}: {outcome}")
    sys.exit(Exit.WRONG_USE if failures else Exit.DONE)


def _check_embedding(settings: Settings, site: str) -> Exit:
    """Print what decides whether a site may embed the chat; WRONG_USE if something forbids it."""
    from partnerbot.web.embed_check import check_embedding

    findings = check_embedding(settings, site)
    marks = {True: "ok  ", False: "FAIL", None: "?   "}
    for finding in findings:
        print(f"{marks[finding.passed]} {finding.subject}: {finding.text}")
    if any(finding.passed is False for finding in findings):
        return Exit.WRONG_USE
    return Exit.PARTLY if any(finding.passed is None for finding in findings) else Exit.DONE


def _checks(settings: Settings, *, with_documents: bool) -> Iterator[tuple[str, str | PartnerbotError]]:
    from partnerbot.cli.index import orders_told
    from partnerbot.documents.loading import find_files
    from partnerbot.index.current import CurrentIndex, Readiness
    from partnerbot.index.generations import last_writer
    from partnerbot.index.library import library
    from partnerbot.index.manifest import Manifest
    from partnerbot.index.reports import FAILED, last_run, last_sync
    from partnerbot.models.embeddings import load_embedding_model

    system = f"Python {platform.python_version()} on {platform.system()}"
    yield "installation", f"partnerbot {__version__}, {system}"
    if not with_documents:
        pass  # an index that is named need not be that of the documents that the settings name
    elif settings.documents.is_dir():
        yield "documents", f"{len(find_files(settings.documents))} files in {settings.documents}/"
    else:
        yield (
            "documents",
            ConfigurationError(f"There is no {settings.documents}/. Create it, or set PARTNERBOT_DOCUMENTS."),
        )
    yield from _presentation(settings)
    yield from _owners_lists(settings)
    try:
        model = load_embedding_model(settings.embedding_model)
        yield "embedding model", f"{model.name} ({model.fingerprint}), {model.dimension} dimensions"
    except PartnerbotError as error:
        yield "embedding model", error
        return
    if settings.llm:
        yield "language model", _language_model(settings)
    loaded: dict[str, Any] = {}
    for name, load, told in _loads(settings):
        try:
            loaded[name] = load()
            yield name, told(loaded[name])
        except PartnerbotError as error:
            yield name, error
    try:
        token = settings.index_token.get_secret_value()
        opened = library(settings.index, settings.index_url, token)
        ready = Readiness.of(CurrentIndex(opened, model, loaded.get("glossary", ())).reached())
        languages = ", ".join(f"{language} {count}" for language, count in ready.languages.items())
        yield (
            "index",
            f"generation {ready.generation}, built at {ready.built_at}, {_age(ready.age_seconds)} old, "
            f"{ready.megabytes:,} MB: {ready.documents:,} documents ({languages}), "
            f"{ready.passages:,} passages, by {ready.model}",
        )
        answering = library(settings.index, settings.index_url, settings.index_token.get_secret_value())
        manifest = Manifest.read(answering.current())
        for file in manifest.skipped:
            yield _SKIPPED, f"{file.source}: {file.reason}"
        for source, count in manifest.withheld.items():
            yield _ORDERS, f"{source}: {orders_told(count)}"
    except PartnerbotError as error:
        yield "index", error
    if (fetched := last_sync(settings.index)) is not None:
        ended = fetched["ended_at"]
        failed = fetched.get("outcome") == FAILED
        yield "last sync", SyncFailed(f"{ended}: {fetched['reason']}") if failed else ended
        for one in fetched.get("failed", ()):
            yield _NOT_FETCHED, f"{one['address']}: {one['reason']}"
        for one in fetched.get("remarks", ()):
            yield _REMARKED, f"{one['address']}: {one['reason']}"
    last, writer = last_run(settings.index), last_writer(settings.index)
    if writer is not None and (last is None or last["ended_at"] < writer.since):
        yield "last run", _unreported(settings.index, writer)
    elif last is not None:
        ended, outcome = last["ended_at"], last["outcome"]
        failed = outcome == FAILED
        yield "last run", IndexNotWritten(f"{ended}: {last['reason']}") if failed else f"{ended}: {outcome}"


def _presentation(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name what visitors see in neutral words, because the owner hasn't stated it."""
    from partnerbot.web.page_texts import languages

    appearance = read_appearance(settings.appearance)
    unset = [f"name.{language}" for language in languages() if language not in appearance.name]
    if not settings.contact:
        unset.insert(0, "contact")
    if not appearance.examples:
        unset.append("examples")
    unset += [f"legal.{name}" for name in appearance.legal.unset]
    if unset:
        yield (
            _UNSTATED,
            f"{', '.join(unset)}. Visitors see neutral words, or that it isn't stated; state it in "
            f"{settings.appearance}.",
        )
    else:
        yield "appearance", f"name, contact, examples and legal notice are stated in {settings.appearance}"


def _owners_lists(settings: Settings) -> Iterator[tuple[str, str | PartnerbotError]]:
    """Check what the owner may list: golden questions and the pages of sites."""
    from partnerbot.evaluation.golden import read_golden
    from partnerbot.sites.sources import read_sources

    try:
        if questions := read_golden(settings.golden):
            yield "golden questions", f"{len(questions)} in {settings.golden}"
    except ConfigurationError as error:
        yield "golden questions", error
    try:
        if settings.sources.exists():
            yield "sources", f"{len(read_sources(settings.sources).source)} in {settings.sources}"
    except ConfigurationError as error:
        yield "sources", error


def _loads(settings: Settings) -> Iterator[tuple[str, Callable[[], Any], Callable[[Any], str]]]:
    """Yield what answers are made with beside the embedding model: its name, how to load it, what to say."""
    from partnerbot.bot import reader_of, reranker_of
    from partnerbot.index.spellings import read_glossary

    yield (
        "glossary",
        lambda: read_glossary(settings.glossary),
        lambda names: f"{len(names)} names in {settings.glossary}",
    )
    yield "reader", lambda: reader_of(settings), lambda _: settings.reader_model
    if settings.reranker_model:
        yield "reranker", lambda: reranker_of(settings), lambda _: settings.reranker_model


def _unreported(index: Path, writer: Writer) -> str | PartnerbotError:
    """Say of a run without a report that it goes on, or how it ended."""
    from partnerbot.index.generations import what_answers

    if not writer.has_ended():
        return f"begun at {writer.since}, not ended yet (process {writer.process} on {writer.computer})"
    return IndexNotWritten(
        f"begun at {writer.since}, it ended without a report: it was killed, or the disk was full. "
        f"{what_answers(index)} Run again: partnerbot index"
    )


def _age(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"


def _language_model(settings: Settings) -> str | PartnerbotError:
    """Ask the language model for one word."""
    try:
        from partnerbot.writing.asking import ChatAsker, seconds_to_a_word

        return f"{settings.llm} answers, after {seconds_to_a_word(ChatAsker.open(settings)):.1f} seconds"
    except ModuleNotFoundError as error:
        return ConfigurationError(f"{error.name} is not installed. Run: pip install 'partnerbot[llm]'")
    except PartnerbotError as error:
        return error


if __name__ == "__main__":
    main()
