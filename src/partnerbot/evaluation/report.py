"""From data sets to a report, and what has changed since an earlier one."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from partnerbot import __version__
from partnerbot.bot import Partnerbot
from partnerbot.documents.reading import OnProgress
from partnerbot.errors import ConfigurationError, cause
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import MARKED, Record, read_data_set
from partnerbot.evaluation.marks import Case, cases
from partnerbot.evaluation.measures import Estimate, differences, groups, measure
from partnerbot.evaluation.outcomes import Outcome, ask_all
from partnerbot.evaluation.register import QUESTIONS, PartnershipScores, read_gold, scores
from partnerbot.records import Records
from partnerbot.settings import Settings

TOGETHER = "all data sets"


class Latency(Record):
    p50: float
    p95: float


class Figures(Record):
    """Of one data set, or all. `groups` are those of `measures.groups`, with the measures by name."""

    data_set: str
    questions: int
    groups: dict[str, dict[str, Estimate]]


class Section(Figures):
    latency_ms: Latency


class IndexedDocuments(Record):
    data_set: str
    model: str
    documents: int
    passages: int
    skipped: list[str]
    partnerships: PartnershipScores | None = None


class Comparison(Record):
    """This report against an earlier one, on the questions that both asked."""

    before: str
    """When the earlier report was made, ISO date and time, UTC."""

    only_before: int
    only_after: int
    """Questions that only one of the two asked."""

    changes: list[Figures]
    """Differences of the measures, after minus before."""


class Report(Record):
    software: str
    made_at: str
    indexed: list[IndexedDocuments]
    sections: list[Section]
    comparison: Comparison | None
    outcomes: list[Outcome]
    cases: list[Case] | None = None
    """Replies that staff marked as wrong; None if they weren't asked for."""


def run(
    places: Sequence[str],
    settings: Settings,
    cache: Path,
    previous: Path | None = None,
    limit: int | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> Report:
    """Index each data set's documents, ask its questions, and report.

    `places`: as for `read_data_set`; and MARKED, which is asked of the settings' own index.
    `cache`: the folder that indexes are kept in.
    `previous`: an earlier report to compare with. `limit`: at most as many questions of each data set.

    Raises: ConfigurationError if a data set or the earlier report can't be read; what
        `open_corpus` and `cases` raise.
    """
    marked = cases(Records(settings), Partnerbot.open(settings)) if MARKED in places else None
    places = [place for place in places if place != MARKED]
    earlier = None if previous is None else read_report(previous)
    data_sets = [read_data_set(place, settings.documents, limit) for place in places]
    names = Counter(data_set.name for data_set in data_sets)
    for name, count in names.items():
        if count > 1:
            raise ConfigurationError(f"Two of the data sets are named {name}. Rename a folder.")
    outcomes: list[Outcome] = []
    indexed: list[IndexedDocuments] = []
    for place, data_set in zip(places, data_sets, strict=True):
        gold = read_gold(place)
        corpus = open_corpus(data_set, settings, cache, on_progress, mined=gold is not None)
        outcomes += ask_all(data_set.name, data_set.queries, corpus, on_progress)
        indexed.append(
            IndexedDocuments(
                data_set=data_set.name,
                model=corpus.bot.ready().model,
                documents=corpus.built.manifest.documents,
                passages=corpus.built.manifest.passages,
                partnerships=None if gold is None else scores(corpus.bot, gold, read_gold(place, QUESTIONS)),
                skipped=[f"{corpus.id(file.source)}: {file.reason}" for file in corpus.built.skipped],
            )
        )
    return make_report(indexed, outcomes, earlier, marked)


def make_report(
    indexed: Sequence[IndexedDocuments],
    outcomes: Sequence[Outcome],
    previous: Report | None = None,
    marked: list[Case] | None = None,
) -> Report:
    return Report(
        software=f"partnerbot {__version__}",
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        indexed=list(indexed),
        sections=[_section(name, part) for name, part in _by_data_set(outcomes).items()],
        comparison=None if previous is None else compare(previous, outcomes),
        outcomes=list(outcomes),
        cases=marked,
    )


def read_report(path: Path) -> Report:
    """Read a report written with --json. Raises: ConfigurationError if it is none."""
    try:
        return Report.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The report {path} can't be read: {cause(error)}") from error
    except ValidationError as error:
        raise ConfigurationError(
            f"{path} is no report of this version's `partnerbot evaluate --json` "
            f"({error.error_count()} values are missing or wrong)."
        ) from error


def compare(previous: Report, outcomes: Sequence[Outcome]) -> Comparison:
    """Compare on the questions that both reports asked.

    Raises: ConfigurationError if there is none.
    """
    before = {(outcome.data_set, outcome.id): outcome for outcome in previous.outcomes}
    after = {(outcome.data_set, outcome.id): outcome for outcome in outcomes}
    shared = [outcome for key, outcome in after.items() if key in before]
    if not shared:
        raise ConfigurationError(
            "The earlier report asked none of these questions: there is nothing to compare."
        )
    changes = [
        Figures(
            data_set=name,
            questions=len(part),
            groups={
                group: differences([before[outcome.data_set, outcome.id] for outcome in members], members)
                for group, members in groups(part).items()
            },
        )
        for name, part in _by_data_set(shared).items()
    ]
    return Comparison(
        before=previous.made_at,
        only_before=len(before) - len(shared),
        only_after=len(after) - len(shared),
        changes=changes,
    )


def _by_data_set(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.data_set, []).append(outcome)
    return found | {TOGETHER: list(outcomes)} if len(found) > 1 else found


def _section(name: str, outcomes: Sequence[Outcome]) -> Section:
    p50, p95 = np.percentile([outcome.milliseconds for outcome in outcomes], [50, 95])
    return Section(
        data_set=name,
        questions=len(outcomes),
        groups={group: measure(members) for group, members in groups(outcomes).items()},
        latency_ms=Latency(p50=round(float(p50), 1), p95=round(float(p95), 1)),
    )
