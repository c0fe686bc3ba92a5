"""What one document states of partnerships: candidates from the names of its sentences, judged by the reader.

In a sentence that may speak of partnerships each two authorities of different countries are a candidate: the
reader says how well it supports that the two are partners, and whom it names when it is asked for the partner
of each. A logistic layer weighs that with how the names stand and what is told of them (training/register).
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.values import PartialDate, Value, find_dates, resolved
from partnerbot.documents.metadata import PUBLISHED, TITLE
from partnerbot.documents.normal_forms import fold
from partnerbot.index.passages import Passage
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.reader import Seen, Span, TrainedReader, load_reader
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.partnerships import (
    ANNIVERSARY,
    FIELD_WORDS,
    KIND_WEIGHTS,
    KIND_WORDS,
    LOCATIVE,
    PARTNER_OF,
    SINCE,
    SPEAKING,
    STATED_SINCE,
    SUPPORTED,
    TELLING_WORDS,
)
from partnerbot.register.rows import Authority, Cell, Partnership, Sentence

_LOOKED_BACK = 2
"""Passages before one in which a partner may be named."""

_WIDEST = 700
"""Characters of the sentences that name both."""

_MOST_NAMED = 12
"""Authorities of a sentence: one with more is a list of participants."""

_FROM_AFAR = 0.6
"""Log-odds that a pair loses whose names don't stand in one sentence."""

_UNNAMED = 1.0
"""Log-odds more that a date needs beside which neither is named."""

_USUAL_SUPPORT = -1.6
"""What stands for the support of a pair that has no rivals."""

_BESIDE = 15
"""Characters from the beginning of a date to that of its year."""

_TITLED = -2.5
"""Log-odds that a date needs where the title names one of the two: the reader misses that name, too."""

_DENIED, _SUPPORTED = {"fr": -0.4, "en": -0.5, "ja": -0.9}, 0.3
"""How well a text must support a date of the beginning; the second if it tells of an anniversary."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Candidate:
    """Two authorities that text[start:end] of a document names; `row` is the passage that ends there."""

    a: Named
    b: Named
    row: int
    start: int
    end: int

    @property
    def by_title(self) -> bool:
        """True if one of the two is the document's topic, which the text itself doesn't name."""
        return min(self.a.start, self.b.start) < 0


def candidates(
    text: str,
    passages: Sequence[Passage],
    named: Sequence[Named],
    speaks: Sequence[bool],
    topic: Authority | None,
) -> Iterator[Candidate]:
    """Yield the pairs of authorities that may be partners, passage by passage.

    `speaks`: of each passage, whether it may speak of partnerships. `topic`: the one authority that the
    document's title names, of which a sentence may say something without naming it.
    """
    by_passage = [[one for one in named if p.start <= one.start and one.end <= p.end] for p in passages]
    for row, passage in enumerate(passages):
        if not speaks[row]:
            continue
        here = _distinct(by_passage[row])
        if topic is not None and all(one.authority.country != topic.country for one in here):
            if len(here) <= _MOST_NAMED:
                for one in here:
                    yield Candidate(
                        *_french_first(Named(-1, -1, topic), one), row, passage.start, passage.end
                    )
            continue
        for first in range(row, max(-1, row - 1 - _LOOKED_BACK), -1):
            if passage.end - passages[first].start > _WIDEST:
                break
            if first < row and "\n\n" in text[passages[first].end : passages[first + 1].start]:
                break  # another paragraph
            within = _distinct([one for near in by_passage[first : row + 1] for one in near])
            pairs = [(a, b) for a, b in combinations(within, 2) if _may_be_partners(a.authority, b.authority)]
            if pairs and len(within) <= _MOST_NAMED:
                for a, b in pairs:
                    yield Candidate(*_french_first(a, b), row, passages[first].start, passage.end)
            if pairs:
                break


def _distinct(named: Sequence[Named]) -> list[Named]:
    return list({one.authority.key: one for one in reversed(named)}.values())[::-1]


def _may_be_partners(a: Authority, b: Authority) -> bool:
    return a.country != b.country


def _french_first(a: Named, b: Named) -> tuple[Named, Named]:
    return (
        (b, a) if (a.authority.country == "JP", a.start) > (b.authority.country == "JP", b.start) else (a, b)
    )


def view(
    text: str, title: str, start: int, end: int, pairs: Sequence[Candidate], named: Sequence[Named]
) -> View:
    """Return what is read of text[start:end], with the pairs and names as they stand there.

    Where the title's authority is meant, its name stands before the sentence.
    """
    head = ""
    topic = next((one for pair in pairs if pair.by_title for one in (pair.a, pair.b) if one.start < 0), None)
    if topic is not None:
        head = f"{topic.authority.spellings[0]}: {title}\n"

    def moved(one: Named) -> Named:
        if one.start < 0:
            return Named(0, len(one.authority.spellings[0]), one.authority)
        return Named(one.start - start + len(head), one.end - start + len(head), one.authority)

    here = [moved(one) for one in named if start <= one.start and one.end <= end]
    if topic is not None:
        here.insert(0, moved(topic))
    placed = [Candidate(moved(one.a), moved(one.b), one.row, one.start, one.end) for one in pairs]
    return head + text[start:end], placed, here


T = TypeVar("T")
Asking = Generator[list[tuple[str, str]], list[Seen], T]
"""Work that asks the reader now and then: yields questions with texts, and is sent what is seen of them."""


def asked_together(work: Sequence[Asking[T]], reader: TrainedReader) -> list[T]:
    """Do several pieces of work, and return their results; what they ask at a time is read at once.

    Short texts are read in batches (`TrainedReader.seen`).
    """
    results: dict[int, T] = {}
    waiting: dict[int, list[tuple[str, str]]] = {}
    answers: dict[int, list[Seen] | None] = dict.fromkeys(range(len(work)))
    while answers:
        for number, seen in answers.items():
            try:
                waiting[number] = next(work[number]) if seen is None else work[number].send(seen)
            except StopIteration as end:
                results[number] = end.value
                waiting.pop(number, None)
        everything = iter(reader.seen([one for asked in waiting.values() for one in asked]))
        answers = {number: [next(everything) for _ in asked] for number, asked in waiting.items()}
    return [results[number] for number in range(len(work))]


View = tuple[str, Sequence[Candidate], Sequence[Named]]
"""A text, its candidates, and all authorities that it names; places are of the text."""


def features(views: Sequence[View], language: str) -> Asking[list[Matrix]]:
    """Return what is seen of the candidates of each view, float32 [candidates, features].

    How well the text supports that the two are partners, whether the reader names each as the other's
    partner, how the names stand (who is nearest to whom, and what lies between), and the telling words.
    """
    language = language if language in SUPPORTED else "en"
    asked: list[tuple[str, str]] = []
    for text, pairs, _ in views:
        if len(pairs) > 1:  # alone it tells little
            asked += [
                (SUPPORTED[language].format(a=_said(text, pair.a), b=_said(text, pair.b)), text)
                for pair in pairs
            ]
        asked += [(PARTNER_OF[language].format(a=_said(text, one)), text) for one in _both(pairs)]
    seen = iter((yield asked))
    return [
        _features(
            view,
            [next(seen).support for _ in view[1]] if len(view[1]) > 1 else [_USUAL_SUPPORT],
            [next(seen) for _ in _both(view[1])],
            language,
        )
        for view in views
    ]


def promising(view: View, language: str) -> list[Candidate]:
    """Return the candidates that may be partners by how their names stand and what is told: unread."""
    pairs = view[1]
    plain = np.array([_plain(view, pair, language) for pair in pairs], np.float32)
    likely = plain @ weights().plain[:-1] + weights().plain[-1]
    return [pair for pair, logit in zip(pairs, likely, strict=True) if logit >= weights().least_plain]


def _plain(view: View, pair: Candidate, language: str) -> list[float]:
    text, pairs, here = view
    telling = [float(has_word(text, language, words)) for words in TELLING_WORDS.values()]
    return [float(np.log(len(pairs))), *_places(text, pair, here, language), *telling]


def _said(text: str, one: Named) -> str:
    return text[one.start : one.end]


def _both(pairs: Sequence[Candidate]) -> list[Named]:
    """Return the authorities of pairs, each once."""
    return list({one.authority.key: one for pair in pairs for one in (pair.a, pair.b)}.values())


def _features(view: View, support: Sequence[float], answers: Sequence[Seen], language: str) -> Matrix:
    _, pairs, here = view
    asked = {
        one.authority.key: (
            {
                other.authority.key
                for other in here
                if other.start < seen.span.end and seen.span.start < other.end
            },
            seen.span,
        )
        for one, seen in zip(_both(pairs), answers, strict=True)
    }
    rows = []
    for pair, own in zip(pairs, support, strict=True):
        a, b = pair.a.authority.key, pair.b.authority.key
        rivals = [
            other
            for rival, other in zip(pairs, support, strict=True)
            if rival is not pair and {a, b} & {rival.a.authority.key, rival.b.authority.key}
        ]
        rows.append(
            [
                own,
                *_answer(*asked[a], b),
                *_answer(*asked[b], a),
                own - max(rivals) if rivals else 0.0,
                float(bool(rivals)),
                *_plain(view, pair, language),
            ]
        )
    return np.array(rows, np.float32)


def _places(text: str, pair: Candidate, here: Sequence[Named], language: str) -> list[float]:
    """Return how the nearest mentions of two authorities stand to one another and to the others."""
    sides: dict[str, list[Named]] = {}
    for one in here:
        sides.setdefault(one.authority.key, []).append(one)
    a, b = pair.a.authority, pair.b.authority
    first, second = min(((x, y) for x in sides[a.key] for y in sides[b.key]), key=lambda both: _gap(*both))
    gap = _gap(first, second)
    others = [one for one in here if one.authority.key not in (a.key, b.key)]
    nearer_a = any(_gap(first, one) < gap for one in others if one.authority.country == b.country)
    nearer_b = any(_gap(second, one) < gap for one in others if one.authority.country == a.country)
    low, high = sorted((first, second), key=lambda one: one.start)
    between = text[low.end : high.start]
    inside = [one for one in others if low.end <= one.start and one.end <= high.start]
    countries = [
        len({one.authority.key for one in here if one.authority.country == c}) for c in (a.country, b.country)
    ]
    return [
        float(nearer_a),
        float(nearer_b),
        float(nearer_a or nearer_b),
        float(len(inside) > 0),
        float(any(mark in between for mark in ".!?。\n")),
        float(any(mark in between for mark in ";；:")),
        min(gap, 200) / 50,
        float(_is_only_where(text, first, language)),
        float(_is_only_where(text, second, language)),
        float(countries[0] == countries[1] == 1),
        float(countries[0] == countries[1] > 1),
        float(min(countries) == 1 < max(countries)),
    ]


def _is_only_where(text: str, one: Named, language: str) -> bool:
    """True if something happens in a place: à Paris, パリで."""
    if language == "ja":
        return text.startswith(LOCATIVE["ja"], one.end)
    return bool(re.search(LOCATIVE[language], text[max(0, one.start - 4) : one.start]))


def _gap(one: Named, other: Named) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _answer(named: set[str], span: Span, wanted: str) -> tuple[float, float, float]:
    sign = 1 if wanted in named else -1
    return float(wanted in named), sign * span.over_null / 5, sign * span.answered / 5


class Miner:
    """Mines the documents of a generation; what has not changed since the one before is taken over."""

    def __call__(self, texts: Texts, before: str) -> str:
        """Return what the documents state, as JSON by source.

        before: what this returned for the generation before, or empty.
        """
        known = json.loads(before) if before else {}
        indexed = texts.indexed()
        new = [one for source, one in indexed.items() if known.get(source, {}).get("digest") != one.digest]
        mined = asked_together([mine(one) for one in new], load_reader(threads=2)) if new else []
        for one, rows in zip(new, mined, strict=True):
            stated = [{"strength": round(strength, 2), **row.to_json()} for row, strength in rows]
            known[one.source] = {"digest": one.digest, "rows": stated}
        return json.dumps({source: known[source] for source in indexed}, ensure_ascii=False)


def mine(document: IndexedDocument) -> Asking[list[tuple[Partnership, float]]]:
    """Return the partnerships that one document states, with the log-odds that it does.

    Each is a row that has this document alone.
    """
    text, language = document.document.page_content, document.language
    named = authorities_in(text, language)
    if len({one.authority.country for one in named}) < 2:
        return []
    passages = document.passages
    speaks = [_speaks(one.text, language) for one in passages]
    title = document.document.metadata[TITLE]
    headed = {one.authority.key: one.authority for one in authorities_in(title, language)}
    # What the text calls it is more than the title may.
    topics = [one.authority for one in named if one.authority.key in headed] if len(headed) == 1 else []
    topic = topics[0] if topics else None
    reading = _Document(document, named, passages)
    if topic is not None and _speaks(title, language):
        speaks = [True] * len(passages)  # a list of partners needn't say so again
    trained = weights()
    stated: dict[tuple[str, str], list[tuple[float, Candidate]]] = {}
    found = list(candidates(text, passages, named, speaks, topic))
    near = [one for one in found if one.start == passages[one.row].start and not one.by_title]
    for chosen in (near, [one for one in found if one not in near]):
        by_span: dict[tuple[int, int], list[Candidate]] = {}
        for one in chosen:
            # What one sentence states need not be sought in several.
            if (one.a.authority.key, one.b.authority.key) not in stated or one.by_title:
                by_span.setdefault((one.start, one.end), []).append(one)
        views = []
        for (start, end), pairs in by_span.items():
            seen_alone = view(text, title, start, end, pairs, named)
            kept = promising(seen_alone, language)
            by_span[start, end] = [
                pair for pair, own in zip(pairs, seen_alone[1], strict=True) if own in kept
            ]
            if kept:
                views.append((seen_alone[0], kept, seen_alone[2]))
        by_span = {span: pairs for span, pairs in by_span.items() if pairs}
        seen = yield from features(views, language)
        for pairs, matrix in zip(by_span.values(), seen, strict=True):
            for pair, logit in zip(pairs, matrix @ trained.pair[:-1] + trained.pair[-1], strict=True):
                if chosen is not near:
                    logit -= _FROM_AFAR
                if logit >= trained.least_pair:
                    keys = pair.a.authority.key, pair.b.authority.key
                    stated.setdefault(keys, []).append((float(logit), pair))
    rows = []
    for own in stated.values():
        row = yield from reading.row(own, len(stated))
        rows.append((row, max(logit for logit, _ in own)))
    return rows


@dataclass(frozen=True)
class Weights:
    """Logistic layers, the intercept last; `least_*`: log-odds from which one believes them.

    `plain`: over what needs no reader; `pair`: over `features`.
    """

    plain: Matrix
    pair: Matrix
    least_plain: float
    least_pair: float
    least_since: float


@cache
def weights() -> Weights:
    """Return what training/register has fitted."""
    found = json.loads(resources.files(__package__).joinpath("mining.json").read_text("utf-8"))
    return Weights(
        plain=np.array(found.pop("plain"), np.float32), pair=np.array(found.pop("pair"), np.float32), **found
    )


@dataclass(frozen=True)
class _Document:
    """A document whose partnerships are being written down."""

    indexed: IndexedDocument
    named: Sequence[Named]
    passages: Sequence[Passage]

    def row(self, found: Sequence[tuple[float, Candidate]], pairs: int) -> Asking[Partnership]:
        """Return a row. `found`: where the pair is stated; `pairs`: how many the document has."""
        ordered = [pair for _, pair in sorted(found, key=lambda one: -one[0])]
        a, b = ordered[0].a.authority, ordered[0].b.authority
        sentences = tuple(dict.fromkeys(self._sentence(one.start, one.end) for one in ordered))
        since = yield from self._since(ordered, alone=pairs == 1)
        return Partnership(
            key=f"{a.key}--{b.key}",
            a=a,
            b=b,
            kind=self._kinds(sentences),
            since=since,
            signed_where=(),
            fields=self._fields(self._about(ordered, alone=pairs == 1)),
            people=(),
            sentences=sentences,
            documents=(self.indexed.source,),
        )

    def _sentence(self, start: int, end: int) -> Sentence:
        text = self.indexed.document.page_content
        return Sentence(self.indexed.source, start, end, text[start:end], self.indexed.language)

    def _called(self, one: Named) -> str:
        return self.indexed.document.page_content[one.start : one.end] or one.authority.spellings[0]

    def _about(self, found: Sequence[Candidate], *, alone: bool) -> list[Sentence]:
        """Return the sentences that tell of a pair; `alone`: it is the only one of its document."""
        near = [self._sentence(one.start, one.end) for one in found]
        if alone:
            keys = {found[0].a.authority.key, found[0].b.authority.key}
            for passage in self.passages:
                others = {
                    one.authority.key
                    for one in self.named
                    if passage.start <= one.start and one.end <= passage.end
                }
                if others and others <= keys:
                    near.append(self._sentence(passage.start, passage.end))
        return list(dict.fromkeys(near))

    def _kinds(self, sentences: Sequence[Sentence]) -> tuple[Cell, ...]:
        found: dict[str, list[Sentence]] = {}
        for sentence in sentences:
            kinds = [
                kind for kind in KIND_WORDS if has_word(sentence.text, sentence.language, KIND_WORDS[kind])
            ]
            if kinds:
                found.setdefault(kinds[0], []).append(sentence)
        ordered = sorted(found, key=lambda kind: -len(found[kind]) * KIND_WEIGHTS[kind])
        if not ordered:
            return (Cell("cooperation", tuple(sentences[:1])),)
        return tuple(Cell(kind, tuple(found[kind])) for kind in ordered)

    def _fields(self, sentences: Sequence[Sentence]) -> tuple[Cell, ...]:
        return tuple(
            Cell(field, of_field)
            for field, words in FIELD_WORDS.items()
            if (of_field := tuple(one for one in sentences if has_word(one.text, one.language, words)))
        )

    def _since(self, found: Sequence[Candidate], *, alone: bool) -> Asking[tuple[Cell, ...]]:
        """Return when the partnership began, as the reader finds it where a date stands."""
        a, b = found[0].a.authority, found[0].b.authority
        keys = {a.key, b.key}
        windows = {(one.start, one.end) for one in found}
        for place, passage in enumerate(self.passages):
            here = {
                one.authority.key
                for one in self.named
                if passage.start <= one.start and one.end <= passage.end
            }
            if here <= keys:
                windows |= {(one.start, passage.end) for one in found if place == one.row + 1}
            if alone and here <= keys and _speaks(passage.text, self.indexed.language):
                windows.add((passage.start, passage.end))
        language = self.indexed.language if self.indexed.language in SINCE else "en"
        text, published = self.indexed.document.page_content, self.indexed.document.metadata.get(PUBLISHED)
        names = self._called(found[0].a), self._called(found[0].b)
        question = SINCE[language].format(a=names[0], b=names[1])
        head = f"{found[0].a.authority.name(language)} – {found[0].b.authority.name(language)}. "
        read: list[tuple[int, int, str]] = []  # a window, and what stands before it
        for start, end in sorted(windows):
            if find_dates(text[start:end], self.indexed.language):
                # What a sentence tells of them may name neither.
                names_them = any(start <= one.a.start and one.end <= end for one in found)
                read.append((start, end, "" if names_them else head))
        seen = yield [(question, before + text[start:end]) for start, end, before in read]
        told: list[tuple[str, Value, float, tuple[int, int], str]] = []
        for (start, end, before), one in zip(read, seen, strict=True):
            titled = any(pair.by_title and start <= self.passages[pair.row].start < end for pair in found)
            least = _TITLED if titled else weights().least_since + (_UNNAMED if before else 0)
            said = find_dates(text[start:end], self.indexed.language)
            span = one.span.start - len(before), one.span.end - len(before)
            date = next((date for date in said if date.start < span[1] and span[0] < date.end), None)
            if one.score >= least and date is not None:
                iso = _iso(resolved(date, published) if date.relative else _with_year(date, said))
                if iso is not None:
                    told.append((iso, date, one.score, (start, end), "titled" if titled else before))
        stated = yield [
            (
                STATED_SINCE[language].format(a=names[0], b=names[1], date=date.text),
                ("" if before == "titled" else before) + text[slice(*window)],
            )
            for _, date, _, window, before in told
        ]
        dates: dict[str, list[tuple[float, Sentence]]] = {}
        for (iso, _, score, window, before), one in zip(told, stated, strict=True):
            told_of = has_word(text[slice(*window)], language, ANNIVERSARY)
            if before == "titled" or one.support >= (_SUPPORTED if told_of else _DENIED[language]):
                dates.setdefault(iso, []).append((score, self._sentence(*window)))
        ordered = sorted(dates, key=lambda iso: -max(score for score, _ in dates[iso]))
        return tuple(Cell(iso, tuple(sentence for _, sentence in dates[iso])) for iso in ordered)


def _with_year(date: Value, said: Sequence[Value]) -> PartialDate | None:
    """Return a date with the year that stands beside it: "in 1961, on 2 July"."""
    if date.since is None or date.since.year is not None:
        return date.since
    beside = (one.since for one in said if one.since and abs(one.start - date.start) <= _BESIDE)
    year = next((one.year for one in beside if one.year is not None and one.month is None), None)
    return replace(date.since, year=year)


def _iso(date: PartialDate | None) -> str | None:
    if date is None or date.year is None:
        return None
    parts = [f"{date.year:04d}"]
    for part in (date.month, date.day):
        if part is None:
            break
        parts.append(f"{part:02d}")
    return "-".join(parts)


def _speaks(text: str, language: str) -> bool:
    return any(has_word(text, language, TELLING_WORDS[kind]) for kind in SPEAKING)


def has_word(text: str, language: str, words: Mapping[str, str]) -> bool:
    """True if a text has a word of its language that begins so."""
    stems = words.get(language, words["en"]).split()
    if language in ("ja", "zh"):
        return any(stem in text for stem in stems)
    return bool(word_pattern(tuple(stems)).search(fold(text)))


@cache
def word_pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![^\W_])(?:{'|'.join(re.escape(fold(stem).replace('_', ' ')) for stem in stems)})"
    )
