"""What one document states of partnerships: candidates from the names of its sentences, judged by the reader.

Each two authorities of different countries that a sentence or a few name together are a candidate. Of these a
layer over words drops what can't be, and the judge reads the others (training/register).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.quoting import quotable
from partnerbot.answering.values import PartialDate, Value, ValueKind, find_dates, resolved
from partnerbot.documents.metadata import PUBLISHED, TITLE
from partnerbot.index.passages import Passage
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.reader import Seen, load_reader
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.candidates import Candidate, Keys, candidates_in, together, view
from partnerbot.register.features import Asking, Placed, asked_together, plain, reach
from partnerbot.register.judging import judge, ties
from partnerbot.register.partnerships import (
    KIND_WEIGHTS,
    SENTENCE_END,
    SPEAKING,
    bounds,
    clause,
    has_word,
    may_tell,
    tables,
)
from partnerbot.register.rows import Cell, Partnership, Sentence

_NAMES_OWN, _NAMES_OTHERS = 7, 8
"""Features of a date: its sentence names one of the two; another authority."""

_AT_ONCE = 64
"""Documents whose texts are read together: the states of all that is read at a time are held in memory."""

_BESIDE = 15
"""Characters from the beginning of a date to that of its year."""


class Miner:
    """Mines the documents of a generation; what the same weights mined of the same document is taken over."""

    def __call__(self, texts: Texts, before: str) -> str:
        """Return what the documents state, as JSON by source.

        before: what this returned for the generation before, or empty.
        """
        known = json.loads(before) if before else {}
        indexed = texts.indexed()
        digests = {source: f"{one.digest} {_weights_digest()}" for source, one in indexed.items()}
        new = [
            one for source, one in indexed.items() if known.get(source, {}).get("digest") != digests[source]
        ]
        mined = [
            rows
            for start in range(0, len(new), _AT_ONCE)
            for rows in asked_together(
                [mine(one) for one in new[start : start + _AT_ONCE]], load_reader(threads=2)
            )
        ]
        for one, rows in zip(new, mined, strict=True):
            stated = [{"strength": round(strength, 2), **row.to_json()} for row, strength in rows]
            known[one.source] = {"digest": digests[one.source], "rows": stated}
        return json.dumps({source: known[source] for source in indexed}, ensure_ascii=False)


def mine(document: IndexedDocument) -> Asking[list[tuple[Partnership, float]]]:
    """Return the partnerships that one document states, with the log-odds that it does.

    Each is a row that has this document alone.
    """
    text, language = document.document.page_content, document.language
    named = authorities_in(text, language)
    passages = document.passages
    stated: dict[Keys, list[tuple[float, Candidate]]] = {}
    found = list(candidates_in(text, document.document.metadata[TITLE], language, passages, named))
    near = [one for one in found if one.start == passages[one.row].start and not one.headed]
    for chosen in (near, [one for one in found if one not in near]):
        # What one sentence states need not be sought in several.
        texts = together(one for one in chosen if one.keys not in stated)
        views = [(view(text, pairs, named), pairs) for pairs in texts]
        placed = [
            (pair, (one, moved)) for one, pairs in views for pair, moved in zip(pairs, one[1], strict=True)
        ]
        read = _likeliest(placed, language)
        for (pair, _), tie in zip(read, (yield from ties([one for _, one in read], language)), strict=True):
            least = weights().least_pair if pair.told else weights().least_untold
            if (logit := judge()(tie)) >= least:
                stated.setdefault(pair.keys, []).append((logit, pair))
    mined = MinedDocument(document, named)
    rows = []
    for told in stated.values():
        row = yield from mined.row(told, len(stated))
        rows.append((row, max(logit for logit, _ in told)))
    return rows


def _likeliest(
    placed: Sequence[tuple[Candidate, Placed]], language: str
) -> Sequence[tuple[Candidate, Placed]]:
    """Return each pair where it is likeliest by the words alone, if that is worth reading."""
    if not placed:
        return ()
    chances = weights().plain(np.array([plain(*one, language) for _, one in placed], np.float32))
    best: dict[Keys, float] = {}
    for (pair, _), chance in zip(placed, chances.tolist(), strict=True):
        best[pair.keys] = max(chance, best.get(pair.keys, weights().least_plain))
    return [one for one, chance in zip(placed, chances, strict=True) if chance >= best[one[0].keys]]


class Layer:
    """A small network over features as they come: a row of tanh units, and their sum as log-odds."""

    def __init__(self, known: Mapping[str, Sequence[float]]) -> None:
        self._weights = {name: np.array(values, np.float32) for name, values in known.items()}

    def __call__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the log-odds of each row of features."""
        known = self._weights
        return np.asarray(
            np.tanh(rows @ known["inner"] + known["inner_bias"]) @ known["outer"] + known["outer_bias"]
        )


@dataclass(frozen=True)
class Weights:
    """Layers, and log-odds from which one believes them, and the judge's; `least_plain`: it is worth reading.

    `plain`: over what needs no reader; `since`: over the features of `MinedDocument.dates`.
    """

    plain: Layer
    since: Layer
    least_plain: float
    least_pair: float
    least_untold: float
    least_since: float


@cache
def weights() -> Weights:
    """Return what training/register has fitted."""
    found: dict[str, Any] = json.loads(
        resources.files(__package__).joinpath("mining.json").read_text("utf-8")
    )
    layers: dict[str, Any] = {name: Layer(found.pop(name)) for name in ("plain", "since")}
    return Weights(**layers, **found)


@cache
def _weights_digest() -> str:
    files = (
        resources.files(__package__).joinpath(name).read_bytes() for name in ("mining.json", "judge.npz")
    )
    return hashlib.sha256(b"".join(files)).hexdigest()[:8]


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
            kind=self._kinds(ordered),
            since=since,
            fields=self._fields(self._about(ordered, alone=pairs == 1)),
            sentences=sentences,
            documents=(self.indexed.source,),
        )

    def _sentence(self, start: int, end: int) -> Sentence:
        """Return what is quoted from [start, end): without the headings that stand in it."""
        text = self.indexed.document.page_content
        start, end = quotable(text, start, end)
        return Sentence(self.indexed.source, start, end, text[start:end], self.indexed.language)

    def _called(self, one: Named) -> str:
        return self.indexed.document.page_content[one.start : one.end] or one.authority.spellings[0]

    def _about(self, found: Sequence[Candidate], *, alone: bool) -> list[Sentence]:
        """Return the sentences that tell of a pair; `alone`: it is the only one of its document."""
        near = [self._sentence(one.start, one.end) for one in found]
        if alone:
            near += [self._sentence(one.start, one.end) for one in self._of_these(set(found[0].keys))]
        return list(dict.fromkeys(near))

    def _of_these(self, keys: set[str]) -> Iterator[Passage]:
        """Yield the passages that name some of these authorities and no others, or go on about them."""
        last: set[str] = set()
        for passage in self.indexed.passages:
            last = self._named_in(passage) or last
            if last and last <= keys:
                yield passage

    def _kinds(self, found: Sequence[Candidate]) -> tuple[Cell, ...]:
        told: dict[str, list[Sentence]] = {}
        for one in found:
            sentence, language = self._sentence(one.start, one.end), self.indexed.language
            kind = _kind(self._own(one), language) or _kind(sentence.text, language)
            if kind in (None, "cooperation"):  # what stands over it may say more
                kind = _kind(found[0].head, language) or kind
            if kind is None and (after := self._following(one)) is not None:
                sentence = self._sentence(after.start, after.end)
                kind = _kind(sentence.text, language)
            if kind is not None:
                told.setdefault(kind, []).append(sentence)
        ordered = sorted(told, key=lambda kind: -len(told[kind]) * KIND_WEIGHTS[kind])
        if not ordered:
            return (Cell("cooperation", (self._sentence(found[0].start, found[0].end),)),)
        return tuple(Cell(kind, tuple(dict.fromkeys(told[kind]))) for kind in ordered)

    def _own(self, one: Candidate) -> str:
        """Return what stands between the names of others beside a pair; nothing if a head names one of it."""
        if one.headed:
            return ""
        first, second = sorted((one.a, one.b), key=lambda each: each.start)
        span = reach(one, first, second, self.named, (one.start, one.end))
        return self.indexed.document.page_content[slice(*span)]

    def _following(self, one: Candidate) -> Passage | None:
        """Return what follows the text of a pair, if that names no others."""
        for after in self.indexed.passages[one.row + 1 : one.row + 2]:
            if self._named_in(after) <= set(one.keys):
                return after
        return None

    def _named_in(self, passage: Passage) -> set[str]:
        return {
            one.authority.key for one in self.named if passage.start <= one.start and one.end <= passage.end
        }

    def _fields(self, sentences: Sequence[Sentence]) -> tuple[Cell, ...]:
        return tuple(
            Cell(field, of_field)
            for field, words in tables().field.items()
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
        windows = {(self._named_from(one), one.end): one.head for one in found}
        windows |= {
            (self._named_from(one), after.end): one.head
            for one in found
            if (after := self._following(one)) is not None
        }
        if alone:
            telling = (one for one in self._of_these(keys) if may_tell(one.text, self.indexed.language))
            windows = {(one.start, one.end): "" for one in telling} | windows
        language = self.indexed.language if self.indexed.language in tables().since else "en"
        text, published = self.indexed.document.page_content, self.indexed.document.metadata.get(PUBLISHED)
        question = tables().since[language].format(a=self._called(found[0].a), b=self._called(found[0].b))
        called = f"{found[0].a.authority.name(language)} – {found[0].b.authority.name(language)}. "
        read: list[tuple[tuple[int, int], str, list[Value]]] = []
        known: set[int] = set()
        for window, head in sorted(windows.items(), key=lambda one: (one[0][1] - one[0][0], one)):
            said = find_dates(text[slice(*window)], self.indexed.language)
            places = {window[0] + date.start for date in said}
            if not places <= known:  # a longer text would only tell them again
                known |= places
                here = {
                    one.authority.key for one in self.named if window[0] <= one.start and one.end <= window[1]
                }
                # What a sentence tells of them may name neither.
                read.append((window, head and f"{head}\n" if keys <= here else called, said))
        # Of one date alone the reader's answer tells no more than its words do.
        several = [(window, before) for window, before, said in read if len(said) > 1]
        answers = iter((yield [(question, before + text[slice(*window)]) for window, before in several]))
        dates: list[StatedDate] = []
        for window, before, said in read:
            told: list[StatedDate] = []
            one = load_reader(threads=2).seen(next(answers)) if len(said) > 1 else None
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

    def _named_from(self, one: Candidate) -> int:
        """Return where the sentence begins that names the first of a pair."""
        text = self.indexed.document.page_content
        first = min(
            (each.start for each in (one.a, one.b) if one.start <= each.start < one.end), default=one.start
        )
        start = max(one.start, bounds(text, first, first, SENTENCE_END)[0])
        return start + len(text[start:first]) - len(text[start:first].lstrip())

    def _of_date(
        self,
        window: tuple[int, int],
        before: str,
        date: Value,
        said: Sequence[Value],
        seen: Seen | None,
        keys: set[str],
    ) -> list[float]:
        """Return what is seen of a date that stands in a text: the features of the layer `since`.

        seen: what the reader says; None where it needn't be asked.
        """
        language = self.indexed.language
        text = self.indexed.document.page_content[slice(*window)]
        start, end = (
            (one - len(before) for one in (seen.span.start, seen.span.end)) if seen else (0, len(text))
        )
        picked, score = date.start < end and start < date.end, seen.score if seen else 0.0
        near = clause(text, date.start, date.end)
        first, last = bounds(text, date.start, date.end, SENTENCE_END)
        sentence = text[first:last]
        inside = [one for one in self.named if window[0] <= one.start and one.end <= window[1]]
        around = [
            (_far(one.start - window[0], one.end - window[0], date), one.authority.key in keys)
            for one in inside
        ]
        groups = [
            *(tables().telling[kind] for kind in (*SPEAKING, "near", "undone", "event")),
            tables().anniversary,
            tables().kind["ended"],
        ]
        return [
            float(picked),
            score * picked,
            score * (not picked),
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
            float(has_word(text[max(0, date.start - 12) : date.end + 4], language, tables().from_then)),
            *(float(has_word(part, language, words)) for part in (near, sentence) for words in groups),
        ]


def _kind(text: str, language: str) -> str | None:
    return next((kind for kind, words in tables().kind.items() if has_word(text, language, words)), None)


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
    month = f"-{date.month:02d}" if date.month else ""
    return f"{date.year:04d}{month}{f'-{date.day:02d}' if month and date.day else ''}"
