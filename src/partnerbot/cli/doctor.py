"""`partnerbot doctor`: checks the installation, the model and the index, and says what to do."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence, Sized
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from babel.dates import format_timedelta

from partnerbot import __version__
from partnerbot.appearance import read_appearance
from partnerbot.cli.terminal import Exit, IndexOption
from partnerbot.errors import (
    ConfigurationError,
    IndexNotWritten,
    PartnerbotError,
    RecordsUnavailable,
    SyncFailed,
    needing,
)
from partnerbot.settings import Settings, load_settings

if TYPE_CHECKING:
    from partnerbot.index.generations import Holder
    from partnerbot.models.embeddings import EmbeddingModel

Check = tuple[str, str | PartnerbotError]

_MARKS = {
    "file not indexed": "skip",
    "said twice": "look",
    "orders in a document": "look",
    "colours": "look",
    "example without an answer": "look",
    "address not fetched": "skip",
    "not stated": "look",
    "site": "look",
}
"""What fails nothing, and yet is to be seen."""


def doctor(
    index: IndexOption = None,
    embed: Annotated[str | None, typer.Option(help="Address of a site: may it embed the chat?")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the chat that --embed asks.")] = None,
) -> None:
    """Check the installation and say what to do."""
    settings = load_settings(index=index, port=port)
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


def _checks(settings: Settings, *, with_documents: bool) -> Iterator[Check]:
    """Yield each check as it is done: what is looked at, and what was found or what is wrong with it.

    with_documents: an index that is named need not be that of the documents that the settings name.
    """
    from partnerbot.documents.recognition import tesseracts_languages
    from partnerbot.index.spellings import read_glossary
    from partnerbot.models.embeddings import load_embedding_model
    from partnerbot.models.owner_models import load_reader_named, load_reranker

    system = f"Python {platform.python_version()} on {platform.system()}"
    yield "installation", f"partnerbot {__version__}, {system}"
    if with_documents:
        yield _tried("documents", partial(_documents, settings))
    if settings.ocr == "tesseract":
        yield _tried("text recognition", lambda: f"tesseract, in {tesseracts_languages()}")
    yield from _presentation(settings)
    yield from _owners_lists(settings)
    yield _tried("records", partial(_records, settings))
    try:
        model = load_embedding_model(settings.embedding_model)
        yield "embedding model", f"{model.name} ({model.fingerprint}), {model.dimension} dimensions"
    except PartnerbotError as error:
        yield "embedding model", error
        return
    if settings.llm:
        yield "language model", _language_model(settings)
    yield _tried("reader", partial(_loaded, load_reader_named, settings.reader_model))
    if settings.reranker_model:
        yield _tried("reranker", partial(_loaded, load_reranker, settings.reranker_model))
    try:
        glossary = read_glossary(settings.glossary)
    except ConfigurationError:  # which is told already
        glossary = []
    yield from _index(settings, model, glossary)
    yield from _unanswered_examples(settings)
    yield from _last_sync(settings)
    yield from _last_run(settings)


def _tried(name: str, look: Callable[[], str]) -> Check:
    """Return what looking at something says, or how it fails."""
    try:
        return name, look()
    except PartnerbotError as error:
        return name, error


def _loaded(load: Callable[[str], object], name: str) -> str:
    load(name)
    return name


def _documents(settings: Settings) -> str:
    from partnerbot.documents.loading import survey

    folder = settings.documents
    files = len(survey(folder).files)
    if not files and not settings.sources.exists():
        raise ConfigurationError(
            f"no files in {folder}/. Put your documents there, or list pages to fetch in {settings.sources}."
        )
    return f"{files} files in {folder}/"


def _records(settings: Settings) -> str:
    from sqlalchemy import select

    from partnerbot.records import LINKS, Records

    if settings.records:
        Records(settings).rows(select(LINKS).limit(1))
        return "PostgreSQL keeps them"
    state = settings.state.absolute()
    # Nothing is made, which the server might not be allowed to write then.
    # Not Path.exists, which fails below a folder that may not be entered.
    there = next(place for place in (state, *state.parents) if os.access(place, os.F_OK))
    file = state / "records.sqlite"
    kept = [place for place in (there, file) if os.access(place, os.F_OK)]
    if not (there.is_dir() and all(os.access(place, os.W_OK) for place in kept)):
        raise RecordsUnavailable(
            f"{state}/ can't be written: no feedback is kept, nor anything else for staff. Allow writing to "
            "it, or set PARTNERBOT_STATE to another folder."
        )
    return f"kept in {settings.state}/"


def _counted(read: Callable[[Path], Sized], place: Path) -> str:
    return f"{len(read(place))} in {place}"


def _index(settings: Settings, model: EmbeddingModel, glossary: Sequence[tuple[str, ...]]) -> Iterator[Check]:
    from partnerbot.cli.index import copies_told, orders_told, unread_told
    from partnerbot.index.current import CurrentIndex, Readiness

    try:
        token = settings.index_token.get_secret_value()
        opened = CurrentIndex(settings.index, model, glossary, settings.index_url, token).get()
        ready = Readiness.of(opened)
        age = format_timedelta(ready.age_seconds, threshold=2, locale="en")
        languages = ", ".join(f"{language} {count}" for language, count in ready.languages.items())
        yield (
            "index",
            f"generation {ready.generation}, built at {ready.built_at}, {age} old, "
            f"{ready.megabytes:,} MB: {ready.documents:,} documents ({languages}), "
            f"{ready.passages:,} passages, by {ready.model}",
        )
        for file in opened.manifest.skipped:
            yield "file left out" if file.excluded else "file not indexed", f"{file.source}: {file.reason}"
        for source, copies in opened.manifest.copies.items():
            yield "said twice", f"{source}: {copies_told(source, copies)}"
        for source, parts in opened.manifest.withheld.items():
            yield "orders in a document", f"{source}: {orders_told(parts)}"
        for source, pages in opened.manifest.unread.items():
            yield "file not indexed", f"{source}: {unread_told(pages)}"
    except PartnerbotError as error:
        yield "index", error


def _last_sync(settings: Settings) -> Iterator[Check]:
    from partnerbot.index.reports import FAILED, last_report

    if (fetched := last_report(settings.index, of_sync=True)) is None:
        return
    ended = fetched["ended_at"]
    failed = fetched.get("outcome") == FAILED
    yield "last sync", SyncFailed(f"{ended}: {fetched['reason']}") if failed else ended
    for one in fetched.get("failed", ()):
        yield "address not fetched", f"{one['address']}: {one['reason']}"
    for one in fetched.get("remarks", ()):
        yield "site", f"{one['address']}: {one['reason']}"


def _last_run(settings: Settings) -> Iterator[Check]:
    from partnerbot.index.generations import last_holder
    from partnerbot.index.reports import FAILED, last_report

    last, holder = last_report(settings.index), last_holder(settings.index)
    if holder is not None and (last is None or last["ended_at"] < holder.since):
        yield "last run", _unreported(settings.index, holder)
    elif last is not None:
        ended, outcome = last["ended_at"], last["outcome"]
        failed = outcome == FAILED
        yield "last run", IndexNotWritten(f"{ended}: {last['reason']}") if failed else f"{ended}: {outcome}"


def _presentation(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name what visitors see in neutral words, because the owner hasn't stated it."""
    from partnerbot.web.contrast import hard_to_read
    from partnerbot.web.page_texts import offered_languages

    appearance = read_appearance(settings.appearance)
    unset = [f"name.{code}" for code in offered_languages(appearance) if code not in appearance.name]
    if not settings.contact:
        unset.insert(0, "contact")
    if not appearance.examples:
        unset.append("examples")
    if not appearance.institution:
        unset.append("institution")
    unset += [f"legal.{name}" for name in appearance.legal.unset]
    if unset:
        yield (
            "not stated",
            f"{', '.join(unset)}. Visitors see neutral words, or that it isn't stated; state it in "
            f"{settings.appearance}.",
        )
    else:
        yield "appearance", f"names, contact, examples and legal notice are stated in {settings.appearance}"
    yield from (("colours", told) for told in hard_to_read(appearance.colours))
    public = ("public_url", "trusted_proxies")
    if unset := [f"PARTNERBOT_{name.upper()}" for name in public if not getattr(settings, name)]:
        yield (
            "not stated",
            f"{', '.join(unset)}. A chat for the public needs them behind its proxy: docs/operate.md.",
        )


def _unanswered_examples(settings: Settings) -> Iterator[Check]:
    """Name the owner's examples that the index doesn't answer: visitors see others in their place."""
    from partnerbot.bot import Partnerbot

    if not (examples := settings.owner.examples):
        return
    try:
        bot = Partnerbot.open(settings)
        for language, questions in examples.items():
            for question in questions:
                if bot.quoted_answer(question, language).status != "answered":
                    yield "example without an answer", f"{language}: {question}"
    except PartnerbotError:  # which is told already
        return


def _owners_lists(settings: Settings) -> Iterator[Check]:
    from partnerbot.answering.curated import read_curated
    from partnerbot.evaluation.golden import read_golden
    from partnerbot.index.spellings import read_glossary
    from partnerbot.register.corrections import read_corrections
    from partnerbot.sites.sources import read_sources

    def all_corrections(file: Path) -> Sized:
        corrections = read_corrections(file)
        if corrections.unusable:
            raise ConfigurationError(
                f"{' '.join(corrections.unusable)} {len(corrections.lines)} others count."
            )
        return corrections.lines

    lists: tuple[tuple[str, Path, Callable[[Path], Sized]], ...] = (
        ("golden questions", settings.golden, read_golden),
        ("sources", settings.sources, lambda file: read_sources(file).source),
        ("glossary", settings.glossary, read_glossary),
        ("corrections", settings.register_file, all_corrections),
        ("curated answers", settings.curated, read_curated),
    )
    for name, file, read in lists:
        if file.exists():
            yield _tried(name, partial(_counted, read, file))


def _unreported(index: Path, holder: Holder) -> str | PartnerbotError:
    """Say of a run without a report that it goes on, or how it ended."""
    from partnerbot.index.generations import what_answers

    if not holder.has_ended():
        return f"begun at {holder.since}, not ended yet (process {holder.process} on {holder.computer})"
    return IndexNotWritten(
        f"begun at {holder.since}, it ended without a report: it was killed, or the disk was full. "
        f"{what_answers(index)} Run again: partnerbot index"
    )


def _language_model(settings: Settings) -> str | PartnerbotError:
    try:
        from partnerbot.writing.provider import extra_for, open_chat_model

        with needing(extra_for(settings), f"PARTNERBOT_LLM={settings.llm}"):
            from partnerbot.writing.asking import ChatAsker, seconds_to_a_word

        asker = ChatAsker(open_chat_model(settings), settings)
        return f"{settings.llm} answers, after {seconds_to_a_word(asker):.1f} seconds"
    except PartnerbotError as error:
        return error
