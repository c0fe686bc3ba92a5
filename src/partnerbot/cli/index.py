"""`partnerbot index`: brings the index up to date, and says what was done and what to do."""

from __future__ import annotations

import gc
import sys
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer

from partnerbot.cli.terminal import DocumentsOption, Exit, IndexOption, say
from partnerbot.errors import ConfigurationError, PartnerbotError
from partnerbot.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnerbot.bot import Partnerbot
    from partnerbot.documents.reading import OnProgress
    from partnerbot.index.build import BuildReport
    from partnerbot.index.search import Index
    from partnerbot.index.verify import Judge
    from partnerbot.models.embeddings import EmbeddingModel


_NAMED = 20
"""Pages or parts of a document that are named one by one."""


def index(
    documents: DocumentsOption = None,
    index: IndexOption = None,
    full: Annotated[bool, typer.Option("--full", help="Read and embed everything from the start.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Answer from the generation before.")] = False,
    confirm_removal: Annotated[
        bool, typer.Option("--confirm-removal", help="Most documents are gone, and are meant to be.")
    ] = False,
) -> None:
    """Index the documents. Run it again whenever they change; unchanged ones cost nothing."""
    settings = load_settings(documents=documents, index=index)
    if rollback and full:
        raise ConfigurationError("--rollback goes with no other choice. Leave --full out.")
    if not rollback:
        sys.exit(index_documents(settings, full=full, confirm_removal=confirm_removal))
    from partnerbot.models.embeddings import load_embedding_model

    go_back(settings, load_embedding_model(settings.embedding_model))


def index_documents(settings: Settings, *, full: bool = False, confirm_removal: bool = False) -> Exit:
    """Index with progress and a summary on stderr; PARTLY if a file had to be skipped.

    Raises: as `build_index` and `publish`.
    """
    from partnerbot.cli.progress import progress
    from partnerbot.index.build import build_index
    from partnerbot.index.reports import recorded
    from partnerbot.models.embeddings import load_embedding_model
    from partnerbot.register.mining import mine_all

    # A large index is read as hundreds of thousands of small tuples, none of them in a cycle: looking for
    # cycles among them takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(100_000)
    with recorded(settings.index):  # as of what fails later
        model = load_embedding_model(settings.embedding_model)
        judge = _judge(settings, model)
    with progress() as show:
        report = build_index(
            settings.documents,
            settings.index,
            model,
            show,
            full=full,
            confirm_removal=confirm_removal,
            synced=settings.synced,
            judge=judge,
            derive=mine_all,
            on_notice=say,
            ocr=settings.ocr,
        )
        sent = _send(settings, show)
    _tell(report, settings, model)
    if sent:
        say(f"Generation {report.generation} answers on {settings.index_url} too.")
    gc.freeze()  # all is written and closed: what is still in memory ends with the process, uncollected
    return Exit.PARTLY if report.skipped else Exit.DONE


def _judge(settings: Settings, model: EmbeddingModel) -> Judge | None:
    from partnerbot.evaluation.golden import read_golden
    from partnerbot.evaluation.marks import asked_again, marked
    from partnerbot.records import Records

    questions = [*read_golden(settings.golden), *marked(Records(settings), right=True)]
    if not questions:
        return None

    @cache
    def quoting() -> Partnerbot:
        from partnerbot.bot import Partnerbot

        return Partnerbot.of(settings, model, writes=False)

    def judge(index: Index) -> dict[str, bool]:
        bot = quoting().on(index)
        return {one.name: one.fits(asked_again(bot, one)) for one in questions}

    return judge


def _tell(report: BuildReport, settings: Settings, model: EmbeddingModel) -> None:
    for file in report.skipped:
        say(f"Skipped {file.source}: {file.reason}", "yellow")
    for file in report.excluded:
        say(f"Left out {file.source}: {file.reason}")
    for source, copies in report.manifest.copies.items():
        say(f"{source}: {copies_told(source, copies)}", "yellow")
    for source, parts in report.manifest.withheld.items():
        say(f"{source}: {orders_told(parts)}", "yellow")
    for source, pages in report.manifest.unread.items():
        say(f"{source}: {unread_told(pages)}", "yellow")
    for told in _remarks(settings, model) if report.rebuilt else ():
        say(told, "yellow")
    left_out = f"{len(report.excluded)} left out, " if report.excluded else ""
    what = "Indexed" if report.rebuilt else "Nothing has changed since the last run:"
    say(
        f"{what} {report.manifest.documents} documents, {report.manifest.passages} passages, "
        f"{len(report.skipped)} skipped, {left_out}{report.seconds:.1f} seconds.",
    )
    if report.rebuilt:
        changes = report.changes
        say(
            f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.removed)} removed, "
            f"{len(changes.unchanged)} unchanged. Generation {report.generation} answers now."
        )


def _remarks(settings: Settings, model: EmbeddingModel) -> list[str]:
    """Say which corrections of staff's can't be used, and where they and the documents disagree."""
    from partnerbot.answering.from_register import remarks_of
    from partnerbot.index.search import Index

    try:
        return remarks_of(Index.open(settings.index, model), settings)
    except PartnerbotError as error:
        return [str(error)]


def copies_told(source: str, copies: Sequence[str]) -> str:
    says = "say" if copies[1:] else "says"
    return (
        f"{_first(copies)} {says} the same, word for word. Answers cite {source} alone. "
        "Remove what is there twice."
    )


def orders_told(parts: Sequence[str]) -> str:
    return (
        f"{_first([f'“{part}”' for part in parts])} is never quoted, as an order to a machine that reads it. "
        "Look who wrote it; if it is none, put it in other words."
    )


def unread_told(pages: Sequence[int]) -> str:
    return (
        f"page {_first(pages)} could not be read by text recognition (OCR) and is not indexed. "
        "Scan it again, upright and with 300 dots per inch."
    )


def _first(items: Sequence[object]) -> str:
    others = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return ", ".join(map(str, items[:_NAMED])) + others


def go_back(settings: Settings, model: EmbeddingModel) -> None:
    """Make the generation before the current one current again, on the Chroma server, too.

    Raises: as `roll_back` and `publish`. If the server was away, it follows when this is done again.
    """
    from partnerbot.index.build import roll_back
    from partnerbot.index.generations import current, went_back

    if settings.index_url and went_back(settings.index) and _send(settings):
        folder = current(settings.index)
    else:
        folder = roll_back(settings.index, model)
        say(
            f"Generation {folder.name} answers again. The next run of partnerbot index takes up what its "
            "documents say then.",
        )
        _send(settings)
    if settings.index_url:
        say(f"Generation {folder.name} answers on {settings.index_url} again.")


def _send(settings: Settings, on_progress: OnProgress = lambda *_: None) -> bool:
    """Bring the Chroma server up to date, if there is one. Raises as `publish`."""
    if not settings.index_url:
        return False
    from partnerbot.index.server import ChromaServer, publish

    server = ChromaServer(settings.index_url, settings.index_token.get_secret_value())
    return publish(settings.index, server, on_progress)
