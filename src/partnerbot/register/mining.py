"""What one document states of partnerships: candidates from the names of its sentences, judged by the reader.

Each two authorities of different countries that a sentence or a few name together are a candidate. Of these a
layer over words drops what can't be, and the judge reads the others (training/register).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from partnerbot.answering.quoting import quotable
from partnerbot.answering.values import ValueKind, find_numbers
from partnerbot.documents.metadata import PUBLISHED, TITLE
from partnerbot.index.passages import Passage
from partnerbot.index.texts import IndexedDocument, Texts
from partnerbot.models.reader import load_reader
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.candidates import Candidate, Keys, View, candidates_in, together, view
from partnerbot.register.dating import UNKNOWN, Dated, StatedDate, said_dates, stated_dates
from partnerbot.register.judging import judge_of_dates, judge_of_pairs, plain, reach, read, tie_of, weights_of
from partnerbot.register.partnerships import (
    CLAUSE_END,
    KIND_WEIGHTS,
    PART_END,
    SENTENCE_END,
    bounds,
    has_word,
    may_tell,
    tables,
)
from partnerbot.register.rows import Authority, Cell, Partnership, Sentence, is_named

LEAST_PLAIN, LEAST_PAIR, LEAST_UNTOLD, LEAST_SINCE = -3.0, 0.5, 2.2, -0.3
"""Log-odds from which a pair is read; is one of partners; is one where no word tells of ties, as is rarer in
articles than in the texts of training/register (by the sample, plain_words, and six sets from held_out to
unseen_3); from which a date is right."""

_LEAST_TOTAL, _MORE_THAN = -1.9, 10
"""Log-odds that a passage answers how many there are, from which it tells a total; what steps and conditions
are numbered by at most. Set on the sample, and fresh and held_out (training/register), which tell none."""
_COUNTED = re.compile(r"\s*[^\W\d_ぁ-ん]")
"""A word behind a number; Japanese particles are none."""

_AS_LIKELY = 1.5
"""Log-odds by which a later date may be likelier than the first of a document: a renewal is signed, too."""


def mine_all(texts: Texts, before: str) -> str:
    """Return what the documents of a generation state, as JSON by source.

    before: what this returned for the generation before, or empty; of the same document it is taken over.
    """
    known = json.loads(before) if before else {}
    for source, one in texts.documents.items():
        if known.get(source, {}).get("digest") != one.digest:
            rows = [{"strength": round(strength, 2), **row.to_json()} for row, strength in mine(one)]
            told = [asdict(sentence) for sentence in totals(one)]
            known[source] = {"digest": one.digest, "rows": rows, "totals": told}
    return json.dumps({source: known[source] for source in texts.documents}, ensure_ascii=False)


def mine(document: IndexedDocument) -> list[tuple[Partnership, float]]:
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
        for pair, seen in _likeliest(placed, language):
            least = LEAST_PAIR if pair.told else LEAST_UNTOLD
            if (logit := judge_of_pairs()(tie_of(*seen, language))) >= least:
                stated.setdefault(pair.keys, []).append((logit, pair))
    mined = MinedDocument(document, named)
    return [(mined.row(told, len(stated)), max(logit for logit, _ in told)) for told in stated.values()]


def _likeliest(
    placed: Sequence[tuple[Candidate, tuple[View, Candidate]]], language: str
) -> Sequence[tuple[Candidate, tuple[View, Candidate]]]:
    """Return each pair where it is likeliest by the words alone, if that is worth reading.

    That is one text with a word that tells of ties, and one without.
    """
    if not placed:
        return ()
    chances = likelihood(np.array([plain(*one, language) for _, one in placed], np.float32))
    best: dict[tuple[Keys, bool], float] = {}
    for (pair, _), chance in zip(placed, chances.tolist(), strict=True):
        own = pair.keys, pair.told
        best[own] = max(chance, best.get(own, LEAST_PLAIN))
    return [
        one for one, chance in zip(placed, chances, strict=True) if chance >= best[one[0].keys, one[0].told]
    ]


def likelihood(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the log-odds of rows of features, by a row of tanh units that training/register has fitted."""
    layer = weights_of("plain")
    inside = np.tanh(rows @ layer["inner"] + layer["inner_bias"])
    return np.asarray(inside @ layer["outer"] + layer["outer_bias"])


def totals(document: IndexedDocument) -> list[Sentence]:
    """Return the sentences that tell how many partnerships there are altogether: no count of rows does.

    They name no authority, whose own number it would be.
    """
    language, text = document.language, document.document.page_content
    question = tables().total.get(language)
    if question is None:
        return []
    counting = [
        (
            one,
            [
                value
                for value in find_numbers(one.text, language)
                if value.kind is ValueKind.NUMBER
                and value.number is not None
                and value.number > _MORE_THAN
                and _counts_partnerships(one.text[value.end :], language)
            ],
        )
        for one in document.passages
        if has_word(one.text, language, tables().counted) and not authorities_in(one.text, language)
    ]
    found = []
    for one, values in ((one, values) for one, values in counting if values):
        seen = load_reader(threads=2).answer(read(question, one.text))
        picked = any(value.start < seen.end and seen.start < value.end for value in values)
        if picked and seen.score >= _LEAST_TOTAL:
            start, end = quotable(text, one.start, one.end)
            found.append(Sentence(document.source, start, end, text[start:end], language))
    return found


def _counts_partnerships(after: str, language: str) -> bool:
    """False for "71 members of the committee": what a number counts stands behind it, if anything does."""
    clause = CLAUSE_END.split(after)[0]
    return not _COUNTED.match(clause) or has_word(clause, language, tables().counted)


@dataclass(frozen=True)
class MinedDocument:
    """A document whose partnerships are being written down."""

    indexed: IndexedDocument
    named: Sequence[Named]

    def row(self, found: Sequence[tuple[float, Candidate]], pairs: int) -> Partnership:
        """Return a row. `found`: where the pair is stated; `pairs`: how many the document has."""
        ordered = [pair for _, pair in sorted(found, key=lambda one: -one[0])]
        a, b = ordered[0].a.authority, ordered[0].b.authority
        sentences = tuple(dict.fromkeys(self._sentence(one.start, one.end) for one in ordered))
        return Partnership(
            key=f"{a.key}--{b.key}",
            a=a,
            b=b,
            kind=self._kinds(ordered),
            since=self._since(ordered, alone=pairs == 1),
            fields=self._fields(ordered, alone=pairs == 1),
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

    def _fields(self, found: Sequence[Candidate], *, alone: bool) -> tuple[Cell, ...]:
        """Return the fields that a sentence tells of a pair, in the part of it that speaks of them.

        Where a document is about them, by its title, also what it goes on with.
        """
        own, language = (found[0].a.authority, found[0].b.authority), self.indexed.language
        told = {
            sentence: [
                part
                for part in PART_END.split(sentence.text)
                if may_tell(part, language) or any(is_named(one, part) for one in own)
            ]
            for sentence in (self._sentence(one.start, one.end) for one in found)
        }
        if alone and all(is_named(one, self.indexed.document.metadata[TITLE]) for one in own):
            more = [self._sentence(one.start, one.end) for one in self._of_these(set(found[0].keys))]
            told |= {sentence: [sentence.text] for sentence in more}
        return tuple(
            Cell(field, of_field)
            for field, words in tables().field.items()
            if (
                of_field := tuple(
                    sentence
                    for sentence, parts in told.items()
                    if any(has_word(part, language, words) for part in parts)
                )
            )
        )

    def _since(self, found: Sequence[Candidate], *, alone: bool) -> tuple[Cell, ...]:
        """Return when the partnership began, by the judge of dates.

        A document doesn't contradict itself: its other dates are those of something else. None is told where
        it may be that of "last year", and the document has no date.
        """
        told: dict[str, list[tuple[float, Sentence]]] = {}
        for one in self.dates(found, alone=alone):
            if (logit := judge_of_dates()(one.tie)) >= LEAST_SINCE:
                told.setdefault(one.iso, []).append((logit, self._sentence(*one.window)))
        surely = {iso: max(logit for logit, _ in stated) for iso, stated in told.items()}
        most = max(surely.values(), default=0.0)
        began = min((iso for iso, logit in surely.items() if logit >= most - _AS_LIKELY), default=UNKNOWN)
        if began == UNKNOWN:
            return ()
        return tuple(
            Cell(iso, tuple(sentence for _, sentence in told[iso]))
            for iso in sorted(told, key=len, reverse=True)
            if iso and (iso.startswith(began) or began.startswith(iso))
        )

    def dates(self, found: Sequence[Candidate], *, alone: bool) -> list[StatedDate]:
        """Return the dates beside a pair, with what is seen of each.

        alone: the document has no other pair, so that more of its sentences may tell of this one.
        """
        keys, language = frozenset(found[0].keys), self.indexed.language
        windows = {(self._named_from(one), one.end): one.head for one in found}
        windows |= {
            (self._named_from(one), after.end): one.head
            for one in found
            if (after := self._following(one)) is not None
        }
        if alone:
            telling = (one for one in self._of_these(set(keys)) if may_tell(one.text, language))
            windows = {(one.start, one.end): "" for one in telling} | windows
        text = self.indexed.document.page_content
        language = language if language in tables().since else "en"
        both = (found[0].a, found[0].b)
        called = (_short(both[0].authority, language), _short(both[1].authority, language))
        texts: list[Dated] = []
        known: set[int] = set()
        for (start, end), head in sorted(windows.items(), key=lambda one: (one[0][1] - one[0][0], one)):
            said = said_dates(text[start:end], self.indexed.language)
            places = {start + date.start for date in said}
            if places <= known:  # a longer text would only tell them again
                continue
            known |= places
            here = [
                Named(one.start - start, one.end - start, one.authority)
                for one in self.named
                if start <= one.start and one.end <= end
            ]
            own = head and f"{head}\n" if keys <= {one.authority.key for one in here} else None
            texts.append(Dated(text[start:end], (start, end), said, here, keys, called, own))
        question = tables().since[language].format(a=self._called(both[0]), b=self._called(both[1]))
        published = self.indexed.document.metadata.get(PUBLISHED)
        return stated_dates(texts, question, self.indexed.language, published)

    def _named_from(self, one: Candidate) -> int:
        """Return where the sentence begins that names the first of a pair."""
        text = self.indexed.document.page_content
        first = min(
            (each.start for each in (one.a, one.b) if one.start <= each.start < one.end), default=one.start
        )
        start = max(one.start, bounds(text, first, first, SENTENCE_END)[0])
        return start + len(text[start:first]) - len(text[start:first].lstrip())


def _short(one: Authority, language: str) -> str:
    """Return what the judge of dates has learnt to call an authority: 金沢, without 市."""
    name = one.name(language)
    return name[:-1] if one.country == "JP" and len(name) > 2 and name[-1] in "市町村区" else name


def _kind(text: str, language: str) -> str | None:
    return next((kind for kind, words in tables().kind.items() if has_word(text, language, words)), None)
