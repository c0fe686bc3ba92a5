"""From data sets to a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import DataSet, read_data_set
from partnerbot.evaluation.outcomes import Outcome, ask_all
from partnerbot.evaluation.partnerships import QUESTIONS, Gold, read_gold, scores, with_questions
from partnerbot.evaluation.report import IndexedDocuments, Report, make_report, read_report
from partnerbot.index.build import OnProgress
from partnerbot.settings import Settings


def run(
    places: Sequence[str],
    settings: Settings,
    cache: Path,
    previous: Path | None = None,
    limit: int | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> Report:
    """Index each data set's documents, ask its questions, and report.

    `places`: as for `read_data_set`. `cache`: the folder that indexes are kept in.
    `previous`: an earlier report to compare with. `limit`: at most as many questions of each data set.

    Raises: ConfigurationError if a data set or the earlier report can't be read; what
        `open_corpus` raises.
    """
    earlier = None if previous is None else read_report(previous)
    data_sets = [read_data_set(place, settings.documents, limit) for place in places]
    _check_names_differ(data_sets)
    outcomes: list[Outcome] = []
    indexed: list[IndexedDocuments] = []
    for place, data_set in zip(places, data_sets, strict=True):
        gold, questions = read_gold(place), read_gold(place, QUESTIONS)
        found, documents = _evaluate(data_set, gold, questions, settings, cache, on_progress)
        outcomes += found
        indexed.append(documents)
    return make_report(indexed, outcomes, earlier)


def _evaluate(
    data_set: DataSet,
    gold: Sequence[Gold] | None,
    questions: Sequence[Gold] | None,
    settings: Settings,
    cache: Path,
    on_progress: OnProgress,
) -> tuple[list[Outcome], IndexedDocuments]:
    corpus = open_corpus(data_set, settings, cache, on_progress, mined=gold is not None)
    asked = len(data_set.queries)
    outcomes = ask_all(data_set.name, data_set.queries, corpus, lambda done: on_progress("ask", done, asked))
    partnerships = None if gold is None else scores(corpus.bot.register(), gold)
    if partnerships is not None and gold is not None and questions:
        partnerships = with_questions(partnerships, corpus.bot, gold, questions)
    documents = IndexedDocuments(
        data_set=data_set.name,
        model=corpus.bot.ready().model,
        documents=corpus.built.documents,
        passages=corpus.built.passages,
        partnerships=partnerships,
        skipped=[f"{corpus.id(file.source)}: {file.reason}" for file in corpus.built.skipped],
    )
    return outcomes, documents


def _check_names_differ(data_sets: Sequence[DataSet]) -> None:
    names = [data_set.name for data_set in data_sets]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"Two of the data sets are named {name}. Rename a folder.")
