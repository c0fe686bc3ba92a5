"""The figures as tables in the reader's language: the same on the page, as CSV and in the workbook."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from partnerbot.answering.curated import CuratedAnswer, WrittenAnswer
from partnerbot.answering.phrases import language_name
from partnerbot.errors import Cause
from partnerbot.evaluation.golden import in_full
from partnerbot.spreadsheets import Cell
from partnerbot.web.page_texts import Texts
from partnerbot.web.staff.figures import OUTCOMES, Figures


def _written(answer: CuratedAnswer, in_file: str) -> str:
    return answer.day.isoformat() if isinstance(answer, WrittenAnswer) else in_file


class Table(NamedTuple):
    """A table by its name in addresses: heading, names of columns, and rows."""

    name: str
    heading: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def tables(figures: Figures, titles: Mapping[str, str], texts: Texts) -> Iterator[Table]:
    """Yield the tables; those of questions only where questions are kept.

    `titles`: of the documents, by their sources.

    Raises: RecordsUnavailable; ModelUnavailable; IndexUnavailable.
    """
    t = texts.staff

    def language(code: str) -> str:
        return language_name(code, texts.locale) if code else t.unknown

    def failure(kept: str) -> str:
        if kept.isdecimal():
            says = t.link_gone if kept in ("404", "410") else t.link_down if kept >= "500" else t.link_answers
            return says.format(status=kept)
        return getattr(t, f"link_{kept}") if kept in get_args(Cause) else f"{t.link_unreached} ({kept})"

    yield Table(
        "days",
        t.days,
        (t.day, t.questions, *(getattr(t, outcome) for outcome in OUTCOMES)),
        [
            (day.isoformat(), counted.total(), *(counted[outcome] for outcome in OUTCOMES))
            for day, counted in figures.by_day.items()
        ],
    )
    for name, say, heading in (
        ("outcome", lambda outcome: getattr(t, outcome), t.outcome),
        ("language", language, t.language),
        ("kind", lambda kind: getattr(t, f"kind_{kind}"), t.kind),
    ):
        rows = [(say(key), number) for key, number in figures.how_many(name)]
        yield Table(f"{name}s", heading, (heading, t.questions), rows)
    yield Table(
        "times",
        t.times,
        (t.share, t.seconds),
        [(f"{share} %", round(took / 1000, 2)) for share, took in figures.percentiles],
    )
    if figures.keeps_questions:
        yield Table(
            "unanswered",
            t.unanswered,
            (t.questions, t.question, t.wordings, t.language, t.last, t.kind_curated),
            [
                (
                    each.count,
                    each.asked[0].text,
                    "\n".join(f"{one.count} × {one.text}" for one in each.asked[1:]),
                    ", ".join(map(language, each.languages)),
                    each.last.isoformat(),
                    "" if each.answer is None else _written(each.answer, t.in_file),
                )
                for each in figures.unanswered
            ],
        )
        yield Table(
            "documents",
            t.cited,
            (t.citations, t.document, t.source),
            [(n, titles.get(source, source), source) for source, n in figures.cited(titles)],
        )
        yield Table(
            "asked",
            t.asked,
            (t.last, t.questions, t.question, t.language, t.outcome),
            [
                (
                    each.day.isoformat(),
                    each.times,
                    in_full(each.question, each.follows),
                    language(each.language),
                    getattr(t, each.outcome),
                )
                for each in figures.asked
            ],
        )
        yield Table(
            "marked",
            t.marked,
            (t.day, t.verdict, t.question, t.language, t.outcome, t.answer, t.source),
            [
                (
                    each.day.isoformat(),
                    t.right if each.right else t.false,
                    in_full(each.question, each.follows),
                    language(each.language),
                    getattr(t, each.outcome, each.outcome),
                    each.reply,
                    "; ".join(each.sources),
                )
                for each in figures.marked
            ],
        )
    yield Table(
        "answers",
        t.answers,
        (t.question, t.answer, t.source, t.last_day, t.written),
        [
            (
                "\n".join(each.questions),
                "\n".join(each.text.values()),
                each.source,
                "" if each.expires is None else each.expires.isoformat(),
                _written(each, t.in_file),
            )
            for each in figures.answers
        ],
    )
    yield Table(
        "links",
        t.links,
        (t.source, t.reason, t.day),
        [(each.address, failure(each.failure), each.day.isoformat()) for each in figures.dead_links],
    )
    yield Table(
        "feedback",
        t.feedback,
        (t.day, t.useful, t.reason, t.comment, t.outcome, t.language, t.question, t.answer, t.source),
        [
            (
                f"{each.time:%Y-%m-%d}",
                texts.feedback.useful if each.useful else texts.feedback.not_useful,
                getattr(texts.feedback, each.reason) if each.reason else "",
                each.comment or "",
                getattr(t, each.outcome, each.outcome),
                language(each.language),
                each.question or "",
                each.answer or "",
                "; ".join(each.sources),
            )
            for each in figures.said()
        ],
    )
