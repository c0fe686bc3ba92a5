"""What one document states of partnerships: candidates from the names of its sentences, judged by the reader.

In a sentence that may speak of partnerships each two authorities of different countries are a candidate: the
reader says how well it supports that the two are partners, and whom it names when it is asked for the partner
of each. A logistic layer weighs that with how the names stand and what is told of them (training/register).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from itertools import combinations, product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.values import PartialDate, Value, ValueKind, find_dates, resolved
from partnerbot.documents.metadata import PUBLISHED, TITLE
from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import ends_sentence
from partnerbot.index.passages import Passage
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.reader import Seen, Span, TrainedReader, load_reader
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.partnerships import (
    ANNIVERSARY,
    FIELD_WORDS,
    FROM_THEN,
    KIND_WEIGHTS,
    KIND_WORDS,
    LOCATIVE,
    PARTNER_OF,
    SINCE,
    SPEAKING,
    SUPPORTED,
    TELLING_WORDS,
    WITH,
)
from partnerbot.register.rows import Cell, Partnership, Sentence

_LOOKED_BACK = 2
"""Passages before one in which a partner may be named."""

_WIDEST = 700
"""Characters of the sentences that name both."""

_MOST_NAMED = 12
"""Authorities of a sentence: one with more is a list of participants."""

_MOST_READ = 3
"""Texts in which each pair is read, the likeliest first: more would only say it again."""

_NAMES_OWN, _NAMES_OTHERS = 7, 8
"""Features of a date: its sentence names one of the two; another authority."""

_USUAL_SUPPORT = -1.6
"""What stands for the support of a pair that has no rivals."""

_SENTENCE_LONG = 150
"""Characters within which two names stand in one sentence."""

_BESIDE = 15
"""Characters from the beginning of a date to that of its year."""

_HEADING = re.compile(r"#|[■◆●【◇□]|(?![-*・|•]).{2,80}[:：]$|(?![-*・|•])[^.!?。！？:：]{2,60}$")
"""A line that stands over those after it: marked, or short and without the end of a sentence."""

_LINE = re.compile(r"([^\n]+)\n")

_SENTENCE = re.compile(r"[.!?;](?=\s)|[。！？；\n]")
_CLAUSE = re.compile(r"[.!?;:,](?=\s)|[。！？；：、\n]| [–—] ")

Matrix = NDArray[np.float32]


Keys = tuple[str, str]


@dataclass(frozen=True)
class Head:
    """What stands over a passage: a heading, the line that opens a list, or the title of all.

    `topic`: the one authority that it names. `speaks`: it tells of partnerships: what follows needn't.
    """

    line: str
    topic: Named | None
    speaks: bool


@dataclass(frozen=True)
class Candidate:
    """Two authorities that text[start:end] of a document names, or its head; `row` is the passage at its end.

    `head`: what is read before the text, if that alone doesn't say enough.
    """

    a: Named
    b: Named
    row: int
    start: int
    end: int
    head: str = ""

    @property
    def keys(self) -> Keys:
        """The keys of the two."""
        return self.a.authority.key, self.b.authority.key

    @property
    def headed(self) -> Named | None:
        """The one of the two that only the head names."""
        return next((one for one in (self.a, self.b) if not self.start <= one.start < self.end), None)


def candidates_in(
    text: str, title: str, language: str, passages: Sequence[Passage], named: Sequence[Named]
) -> Iterator[Candidate]:
    """Yield the pairs of authorities that may be partners, passage by passage."""
    named = [one for one in named if not _is_elsewhere(text, one, named, language)]
    by_passage = [[one for one in named if p.start <= one.start and one.end <= p.end] for p in passages]
    speaks = [_speaks(one.text, language) for one in passages]
    for row, head in enumerate(_heads(text, title, language, passages, named)):
        end, topic = passages[row].end, head.topic
        if not (speaks[row] or (head.speaks and not ends_sentence(passages[row].text))):
            continue  # but for the items of a list
        for first in range(row, max(-1, row - 1 - _LOOKED_BACK), -1):
            start = passages[first].start
            if first < row and (
                not speaks[row] or "\n\n" in text[passages[first].end : passages[first + 1].start]
            ):
                break  # another paragraph
            within = _distinct([one for near in by_passage[first : row + 1] for one in near])
            if not within:
                continue
            if end - start > _WIDEST or len(within) > _MOST_NAMED:
                break
            if topic is not None and all(_may_be_partners(one, topic) for one in within):
                pairs, line = [(topic, one) for one in within], head.line
            else:
                pairs = [
                    (a, b)
                    for a, b in combinations(within, 2)
                    if _may_be_partners(a, b)
                    and not _in_two_items(text, a, b)
                    and not any(
                        _has_own(one, other, by_passage[first : row + 1]) for one, other in ((a, b), (b, a))
                    )
                ]
                line = head.line if head.speaks and not speaks[row] else ""
            for a, b in pairs:
                yield Candidate(*_french_first(a, b), row, start, end, line)
            if pairs:
                break


def _heads(
    text: str, title: str, language: str, passages: Sequence[Passage], named: Sequence[Named]
) -> Iterator[Head]:
    """Yield what stands over each passage."""
    # What the text calls it is more than the title may.
    fuller = {one.authority.key: one.authority for one in reversed(named)}
    titled = {
        key: fuller.get(key, one.authority)
        for one in authorities_in(title, language)
        if (key := one.authority.key)
    }
    topic = Named(-1, -1, *titled.values()) if len(titled) == 1 else None
    whole = head = Head(title, topic, _speaks(title, language))
    for passage in passages:
        yield head
        for found in _LINE.finditer(text, passage.start, min(passage.end + 1, len(text))):
            if _HEADING.match(found[1]):
                inside = _distinct([one for one in named if found.start() <= one.start < found.end()])
                topic = inside[0] if len(inside) == 1 else whole.topic if not inside else None
                head = Head(found[1], topic, _speaks(found[1], language) or whole.speaks)


def _is_elsewhere(text: str, one: Named, named: Sequence[Named], language: str) -> bool:
    """True if something only happens there, and others of its country are named: a ceremony in Paris."""
    if not _is_only_where(text, one, language):
        return False
    others = [
        other.start
        for other in named
        if other.authority.country == one.authority.country
        and other.authority.key != one.authority.key
        and not _is_only_where(text, other, language)
    ]
    # « jumelée à » says with whom, unless another of its country stands beside it.
    bound = has_word(text[max(0, one.start - _BESIDE) : one.start], language, TELLING_WORDS["bound"])
    return any(abs(start - one.start) < _SENTENCE_LONG for start in others) or bool(others and not bound)


def _has_own(one: Named, other: Named, by_passage: Sequence[Sequence[Named]]) -> bool:
    """True if the sentence that names the one has a partner for it, and doesn't name the other."""
    return any(
        one in sentence and other not in sentence and any(_may_be_partners(one, near) for near in sentence)
        for sentence in by_passage
    )


def _in_two_items(text: str, a: Named, b: Named) -> bool:
    """True if two names stand in different lines of a list or a table, and neither over the other."""
    first, second = sorted((a, b), key=lambda one: one.start)
    line = text[text.rfind("\n", 0, first.start) + 1 :].split("\n", 1)[0]
    return "\n" in text[first.end : second.start] and not _HEADING.match(line)


def _distinct(named: Sequence[Named]) -> list[Named]:
    return list({one.authority.key: one for one in reversed(named)}.values())[::-1]


def _may_be_partners(a: Named, b: Named) -> bool:
    return a.authority.country != b.authority.country


def _french_first(a: Named, b: Named) -> tuple[Named, Named]:
    return (
        (b, a) if (a.authority.country == "JP", a.start) > (b.authority.country == "JP", b.start) else (a, b)
    )


def view(text: str, pairs: Sequence[Candidate], named: Sequence[Named]) -> View:
    """Return what is read of the text of some pairs, with them and all names as they stand there.

    Their head stands before the text; of one that names an authority, that comes first.
    """
    start, end = pairs[0].start, pairs[0].end
    topic = next((one for pair in pairs if (one := pair.headed) is not None), None)
    head = f"{pairs[0].head}\n" if pairs[0].head else ""
    if topic is not None:
        head = f"{topic.authority.spellings[0]}: {head}"

    def moved(one: Named) -> Named:
        if not start <= one.start < end:
            return Named(0, len(one.authority.spellings[0]), one.authority)
        return Named(one.start - start + len(head), one.end - start + len(head), one.authority)

    here = [moved(one) for one in named if start <= one.start and one.end <= end]
    if topic is not None:
        here.insert(0, moved(topic))
    placed = [replace(pair, a=moved(pair.a), b=moved(pair.b)) for pair in pairs]
    return head + text[start:end], placed, here


def together(found: Iterable[Candidate]) -> list[list[Candidate]]:
    """Return the pairs that are read in one text."""
    by_text: dict[tuple[int, int, bool], list[Candidate]] = {}
    for one in found:
        by_text.setdefault((one.start, one.end, one.headed is None), []).append(one)
    return list(by_text.values())


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


def promising(view: View, language: str) -> list[float]:
    """Return of each candidate the log-odds that the two are partners, before anything is read."""
    rows = np.array([_plain(view, pair, language) for pair in view[1]], np.float32)
    return [float(one) for one in weights().plain(rows)]


def _plain(view: View, pair: Candidate, language: str) -> list[float]:
    text, pairs, here = view
    first, second = sorted(_nearest(pair, here), key=lambda one: one.start)
    clause = _clause(text, first.start, second.end)
    between = text[first.end : second.start]
    return [
        float(np.log(len(pairs))),
        *_places(text, *_nearest(pair, here), here, language),
        *(
            float(has_word(said, language, words))
            for said in (text, clause)
            for words in TELLING_WORDS.values()
        ),
        *(float(has_word(between, language, TELLING_WORDS[kind])) for kind in SPEAKING),
        float(has_word(between, language, WITH)),
        float(bool(find_dates(clause, language))),
        float(first.start == 0 and bool(pair.head)),
    ]


def _clause(text: str, start: int, end: int, marks: re.Pattern[str] = _CLAUSE) -> str:
    """Return text[start:end] with what stands beside it between two marks."""
    return text[slice(*_bounds(text, start, end, marks))]


def _bounds(text: str, start: int, end: int, marks: re.Pattern[str]) -> tuple[int, int]:
    before = max((mark.end() for mark in marks.finditer(text, 0, start)), default=0)
    after = marks.search(text, end)
    return before, after.start() if after else len(text)


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


def _nearest(pair: Candidate, here: Sequence[Named]) -> tuple[Named, Named]:
    """Return the mentions of two authorities that stand nearest to one another."""
    sides = [[one for one in here if one.authority.key == own.authority.key] for own in (pair.a, pair.b)]
    return min(product(sides[0], sides[1]), key=lambda both: _gap(*both))


def _places(text: str, first: Named, second: Named, here: Sequence[Named], language: str) -> list[float]:
    """Return how two mentions stand to one another and to the other authorities."""
    a, b = first.authority, second.authority
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
    stated: dict[Keys, list[tuple[float, Candidate]]] = {}
    found = list(candidates_in(text, document.document.metadata[TITLE], language, passages, named))
    near = [one for one in found if one.start == passages[one.row].start and not one.headed]
    for chosen in (near, [one for one in found if one not in near]):
        # What one sentence states need not be sought in several.
        texts = together(one for one in chosen if one.keys not in stated)
        views = [view(text, pairs, named) for pairs in texts]
        by_keys = [{pair.keys: pair for pair in pairs} for pairs in texts]
        likely = _likeliest(views, language)
        read = [
            n for n, chances in enumerate(likely) if chances and min(chances.values()) < weights().sure_plain
        ]
        seen = yield from features([_only(views[n], likely[n]) for n in read], language)
        for n, matrix in zip(read, seen, strict=True):
            likely[n] = dict(zip(likely[n], weights().pair(matrix).tolist(), strict=True))
        for n, chances in enumerate(likely):
            for keys, logit in chances.items():
                if logit >= weights().least_pair:
                    stated.setdefault(keys, []).append((logit, by_keys[n][keys]))
    mined = MinedDocument(document, named)
    rows = []
    for told in stated.values():
        row = yield from mined.row(told, len(stated))
        rows.append((row, max(logit for logit, _ in told)))
    return rows


def _likeliest(views: Sequence[View], language: str) -> list[dict[Keys, float]]:
    """Return of each view the pairs that are worth reading there, with their log-odds before that."""
    chances = [
        dict(zip([pair.keys for pair in one[1]], promising(one, language), strict=True)) for one in views
    ]
    best: dict[Keys, list[float]] = {}
    for keys, chance in (pair for of_one in chances for pair in of_one.items()):
        best.setdefault(keys, []).append(chance)
    least = {
        keys: max(weights().least_plain, *sorted(found)[-_MOST_READ:][:1]) for keys, found in best.items()
    }
    return [{keys: chance for keys, chance in one.items() if chance >= least[keys]} for one in chances]


def _only(view: View, keys: Collection[Keys]) -> View:
    return view[0], [pair for pair in view[1] if pair.keys in keys], view[2]


class Layer:
    """A small network over features as they come: a row of tanh units, and their sum as log-odds."""

    def __init__(self, known: Mapping[str, Sequence[float]]) -> None:
        self._weights = {name: np.array(values, np.float32) for name, values in known.items()}

    def __call__(self, rows: Matrix) -> NDArray[np.float32]:
        """Return the log-odds of each row of features."""
        known = self._weights
        return np.asarray(
            np.tanh(rows @ known["inner"] + known["inner_bias"]) @ known["outer"] + known["outer_bias"]
        )


@dataclass(frozen=True)
class Weights:
    """Layers, and log-odds from which one believes them; from `sure_plain` on nothing is read.

    `plain`: over what needs no reader; `pair`: over `features`; `since`: over those of `MinedDocument.dates`.
    """

    plain: Layer
    pair: Layer
    since: Layer
    least_plain: float
    sure_plain: float
    least_pair: float
    least_since: float


@cache
def weights() -> Weights:
    """Return what training/register has fitted."""
    found: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("mining.json").read_text("utf-8")
    )
    layers: dict[str, Any] = {name: Layer(found.pop(name)) for name in ("plain", "pair", "since")}
    return Weights(**layers, **found)


@dataclass(frozen=True)
class StatedDate:
    """A date that may be that of a beginning: ISO, the text that has it, and what is seen of it there."""

    iso: str
    window: tuple[int, int]
    features: list[float]


@dataclass(frozen=True)
class MinedDocument:
    """A document whose partnerships are being written down."""

    indexed: IndexedDocument
    named: Sequence[Named]

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
            kind=self._kinds(sentences, ordered[0].head),
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
            for passage in self.indexed.passages:
                others = {
                    one.authority.key
                    for one in self.named
                    if passage.start <= one.start and one.end <= passage.end
                }
                if others and others <= keys:
                    near.append(self._sentence(passage.start, passage.end))
        return list(dict.fromkeys(near))

    def _kinds(self, sentences: Sequence[Sentence], head: str) -> tuple[Cell, ...]:
        found: dict[str, list[Sentence]] = {}
        for sentence in sentences:
            kind = _kind(sentence.text, sentence.language)
            if kind in (None, "cooperation"):  # what stands over it may say more
                kind = _kind(head, sentence.language) or kind
            if kind is not None:
                found.setdefault(kind, []).append(sentence)
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
        """Return when the partnership began."""
        dates = yield from self.dates(found, alone=alone)
        if not dates:
            return ()
        told: dict[str, list[tuple[float, Sentence]]] = {}
        for one, logit in zip(
            dates, weights().since(np.array([one.features for one in dates], np.float32)), strict=True
        ):
            if logit >= weights().least_since:
                told.setdefault(one.iso, []).append((float(logit), self._sentence(*one.window)))
        ordered = sorted(told, key=lambda iso: -max(logit for logit, _ in told[iso]))
        return tuple(Cell(iso, tuple(sentence for _, sentence in told[iso])) for iso in ordered)

    def dates(self, found: Sequence[Candidate], *, alone: bool) -> Asking[list[StatedDate]]:
        """Return the dates beside a pair, with what tells whether it began then.

        alone: the document has no other pair, so that more of its sentences may tell of this one.
        """
        keys = {one.authority.key for one in (found[0].a, found[0].b)}
        windows = {(one.start, one.end): one.head for one in found}
        for place, passage in enumerate(self.indexed.passages):
            inside = [one for one in self.named if passage.start <= one.start and one.end <= passage.end]
            if {one.authority.key for one in inside} <= keys:
                windows |= {(one.start, passage.end): one.head for one in found if place == one.row + 1}
                if alone and _speaks(passage.text, self.indexed.language):
                    windows.setdefault((passage.start, passage.end), "")
        language = self.indexed.language if self.indexed.language in SINCE else "en"
        text, published = self.indexed.document.page_content, self.indexed.document.metadata.get(PUBLISHED)
        question = SINCE[language].format(a=self._called(found[0].a), b=self._called(found[0].b))
        called = f"{found[0].a.authority.name(language)} – {found[0].b.authority.name(language)}. "
        read: list[tuple[tuple[int, int], str, list[Value]]] = []
        for window, head in sorted(windows.items()):
            here = {
                one.authority.key for one in self.named if window[0] <= one.start and one.end <= window[1]
            }
            if said := find_dates(text[slice(*window)], self.indexed.language):
                # What a sentence tells of them may name neither.
                read.append((window, head and f"{head}\n" if keys <= here else called, said))
        seen = yield [(question, before + text[slice(*window)]) for window, before, _ in read]
        dates: list[StatedDate] = []
        for (window, before, said), one in zip(read, seen, strict=True):
            told: list[StatedDate] = []
            for date in (each for each in said if each.kind is ValueKind.DATE and each.until is None):
                iso = _iso(resolved(date, published) if date.relative else _with_year(date, said))
                # What is announced has not begun.
                if iso is not None and iso[: len(published or iso)] <= (published or iso):
                    features = self._of_date(window, before, date, said, one, keys)
                    told.append(StatedDate(iso, window, features))
            # Where a sentence dates them by name, one that names others dates those.
            named = any(each.features[_NAMES_OWN] for each in told)
            dates += [
                each
                for each in told
                if not named or each.features[_NAMES_OWN] >= each.features[_NAMES_OTHERS]
            ]
        return dates

    def _of_date(
        self,
        window: tuple[int, int],
        before: str,
        date: Value,
        said: Sequence[Value],
        seen: Seen,
        keys: set[str],
    ) -> list[float]:
        """Return what is seen of a date that stands in a text: the features of the layer `since`."""
        language = self.indexed.language
        text = self.indexed.document.page_content[slice(*window)]
        picked = date.start < seen.span.end - len(before) and seen.span.start - len(before) < date.end
        near = _clause(text, date.start, date.end)
        first, last = _bounds(text, date.start, date.end, _SENTENCE)
        sentence = text[first:last]
        inside = [one for one in self.named if window[0] <= one.start and one.end <= window[1]]
        around = [
            (_far(one.start - window[0], one.end - window[0], date), one.authority.key in keys)
            for one in inside
        ]
        groups = [
            *(TELLING_WORDS[kind] for kind in (*SPEAKING, "near", "undone", "event")),
            ANNIVERSARY,
            KIND_WORDS["ended"],
        ]
        return [
            float(picked),
            seen.score * picked,
            seen.score * (not picked),
            float(np.log(len(said))),
            float(not before),
            min((far for far, own in around if own), default=100) / 50,
            min((far for far, own in around if not own), default=100) / 50,
            float(any(first <= one.start - window[0] < last for one in inside if one.authority.key in keys)),
            float(
                any(first <= one.start - window[0] < last for one in inside if one.authority.key not in keys)
            ),
            float(not min(around, key=lambda one: (one[0], not one[1]), default=(0, True))[1]),
            float(bool(date.since and date.since.month)),
            float(text[: date.start].rstrip()[-1:] in ("(", "（", "|", ",", "、", ":")),
            float(has_word(text[max(0, date.start - 12) : date.end + 4], language, FROM_THEN)),
            *(float(has_word(part, language, words)) for part in (near, sentence) for words in groups),
        ]


def _kind(text: str, language: str) -> str | None:
    return next((kind for kind, words in KIND_WORDS.items() if has_word(text, language, words)), None)


def _far(start: int, end: int, date: Value) -> int:
    return min(100, max(start - date.end, date.start - end, 0))


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
    return any(has_word(text, language, TELLING_WORDS[kind]) for kind in (*SPEAKING, "near"))


def has_word(text: str, language: str, words: Mapping[str, str]) -> bool:
    """True if a text has a word of its language that begins so, or is so where a full stop ends it."""
    stems = words.get(language, words["en"])
    if language in ("ja", "zh"):
        return any(stem in text for stem in stems.split())
    return bool(word_pattern(tuple(stems.split())).search(_folded(text)))


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    return fold(text)


@cache
def word_pattern(stems: tuple[str, ...]) -> re.Pattern[str]:
    begins = (re.escape(fold(stem.rstrip(".")).replace("_", " ")) for stem in stems)
    ends = (r"(?![^\W_])" if stem.endswith(".") else "" for stem in stems)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(''.join, zip(begins, ends, strict=True)))})")
