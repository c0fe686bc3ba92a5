"""Candidates for a partnership: pairs of authorities that a document names together, or under one head."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from partnerbot.documents.scripts import ends_sentence
from partnerbot.index.passages import Passage
from partnerbot.register.authorities import Named, authorities_in
from partnerbot.register.partnerships import LEAST_FAR, has_word, may_tell, tables

_MOST_NAMED = 12
"""Authorities of a sentence: one with more is a list of participants."""

_HEADING = re.compile(r"#|[■◆●【◇□]|(?![-*・|•]).{2,80}[:：]$|(?![-*・|•])[^.!?。！？:：]{2,60}$")
"""A line that stands over those after it: marked, or short and without the end of a sentence."""

_LINE = re.compile(r"([^\n]++)(\n?)")

Keys = tuple[str, str]


@dataclass(frozen=True)
class Head:
    """What stands over a passage: a heading, the line that opens a list, or the title of all.

    `topics`: the one authority that it names, or a title's two that may be partners. `speaks`: it tells of
    partnerships: what follows needn't.
    """

    line: str
    topics: tuple[Named, ...]
    speaks: bool


@dataclass(frozen=True)
class Candidate:
    """Two authorities that text[start:end] of a document names, or its head; `row` is the passage at its end.

    `head`: what is read before the text, if that alone doesn't say enough. `after`: the sentence with which
    its paragraph goes on, if that names no others: there an offer may be refused. `told`: a word of the text,
    or of the line over an item of a list, tells of ties.
    """

    a: Named
    b: Named
    row: int
    start: int
    end: int
    head: str = ""
    after: str = ""
    told: bool = True

    @property
    def keys(self) -> Keys:
        """The keys of the two."""
        return self.a.authority.key, self.b.authority.key

    @property
    def headed(self) -> list[Named]:
        """Those of the two that only the head names."""
        return [one for one in (self.a, self.b) if not self.start <= one.start < self.end]


View = tuple[str, Sequence[Candidate], Sequence[Named]]
"""A text, its candidates, and all authorities that it names; places are of the text."""


def candidates_in(
    text: str, title: str, language: str, passages: Sequence[Passage], named: Sequence[Named]
) -> Iterator[Candidate]:
    """Yield the pairs of authorities that may be partners, passage by passage."""
    by_passage = [[one for one in named if p.start <= one.start and one.end <= p.end] for p in passages]
    speaks = [may_tell(one.text, language) for one in passages]
    for row, head in enumerate(_heads(text, title, language, passages, named)):
        end, topics = passages[row].end, head.topics
        following: tuple[str, Sequence[Named]] = "", ()
        if row + 1 < len(passages) and "\n\n" not in text[end : passages[row + 1].start]:
            following = text[end : passages[row + 1].end], by_passage[row + 1]
        known: set[frozenset[str]] = set()
        for first in (row, row - 1, row - 2):
            start = passages[max(first, 0)].start
            if first < row and (first < 0 or "\n\n" in text[passages[first].end : passages[row].start]):
                break  # another paragraph
            near = by_passage[first : row + 1]
            within = _distinct([one for inside in near for one in inside])
            if len(within) > _MOST_NAMED:
                break
            topic = topics[0] if len(topics) == 1 else None
            # Where all may be partners of the one that it is about, they are none of one another.
            about = topic is not None and all(
                one.authority.key == topic.authority.key or _may_be_partners(one, topic) for one in within
            )
            pairs = [
                (a, b)
                for a, b in combinations(within, 2)
                if not (about and topic and topic.authority.key not in (a.authority.key, b.authority.key))
                and not any(_has_own(one, other, near) for one, other in ((a, b), (b, a)))
            ]
            # A sentence or row that names another of the topic's country has its own two.
            if topic is not None and first == row and all(_may_be_partners(topic, each) for each in within):
                pairs += [(topic, each) for each in within]
            told = speaks[row] or (head.speaks and _is_item(passages[row : row + 2]))
            for a, b in pairs:
                keys = frozenset((a.authority.key, b.authority.key))
                if keys in known or not _may_be_partners(a, b):
                    continue
                known.add(keys)
                headed = min(a.start, b.start) < 0
                if not told and not (headed and head.speaks) and not _may_go_untold(a, b):
                    continue
                others = {one.authority.key for one in following[1]} - keys
                line = head.line if headed or not speaks[row] else ""
                yield Candidate(
                    *_french_first(a, b), row, start, end, line, "" if others else following[0], told
                )
        titled = {one.authority.key for one in topics}
        speaking = head.speaks and speaks[row]
        if (
            not known
            and len(titled) == 2
            and (speaking or has_word(passages[row].text, language, tables().telling["both"]))
            and {o.authority.key for o in by_passage[row]} < titled
        ):
            yield Candidate(*_french_first(*topics), row, passages[row].start, end, head.line, told=speaking)


def _is_item(passages: Sequence[Passage]) -> bool:
    """True if the first of two passages is an item of a list; a bare line over a sentence is a heading."""
    first, *after = (one.text for one in passages)
    return not ends_sentence(first) and not any(map(ends_sentence, after))


def _heads(
    text: str, title: str, language: str, passages: Sequence[Passage], named: Sequence[Named]
) -> Iterator[Head]:
    """Yield what stands over each passage."""
    topics = tuple(Named(-1, -1, one.authority) for one in _distinct(authorities_in(title, language)))
    if not (len(topics) == 1 or _are_two_partners(topics)):
        topics = ()
    whole = head = Head(title, topics, may_tell(title, language))
    for passage in passages:
        yield head
        for found in _LINE.finditer(text, passage.start, min(passage.end + 1, len(text))):
            if found[2] and _HEADING.match(found[1]):
                inside = _distinct([one for one in named if found.start() <= one.start < found.end()])
                own = tuple(inside) if len(inside) == 1 or _are_two_partners(inside) else ()
                line = found[1] if inside or not whole.topics else f"{whole.line}\n{found[1]}"
                head = Head(
                    line, own if inside else whole.topics, whole.speaks or may_tell(found[1], language)
                )


def is_only_where(text: str, one: Named, language: str) -> bool:
    """True if something happens in a place: à Paris, パリで."""
    where = tables().only_where
    if language == "ja":
        return bool(re.compile(where["ja"]).match(text, one.end))
    return bool(re.search(where.get(language, where["en"]), text[max(0, one.start - 4) : one.start]))


def _has_own(one: Named, other: Named, by_passage: Sequence[Sequence[Named]]) -> bool:
    """True if the sentence that names the one has a partner for it, and doesn't name the other."""
    return any(
        one in sentence and other not in sentence and any(_may_be_partners(one, near) for near in sentence)
        for sentence in by_passage
    )


def _distinct(named: Sequence[Named]) -> list[Named]:
    return list({one.authority.key: one for one in reversed(named)}.values())[::-1]


def _may_be_partners(a: Named, b: Named) -> bool:
    return a.authority.country != b.authority.country


def _are_two_partners(named: Sequence[Named]) -> bool:
    return len(named) == 2 and _may_be_partners(*named)


def _may_go_untold(a: Named, b: Named) -> bool:
    """True for two of the countries that documents are about."""
    return {a.authority.country, b.authority.country} == set(LEAST_FAR)


def _french_first(a: Named, b: Named) -> tuple[Named, Named]:
    return (
        (b, a) if (a.authority.country == "JP", a.start) > (b.authority.country == "JP", b.start) else (a, b)
    )


def view(text: str, pairs: Sequence[Candidate], named: Sequence[Named]) -> View:
    """Return what is read of the text of some pairs, with them and all names as they stand there.

    Their head stands before the text; of one that names authorities, those come first.
    """
    start, end = pairs[0].start, pairs[0].end
    head = f"{pairs[0].head}\n" if pairs[0].head else ""
    topics: dict[str, Named] = {}
    before = ""
    for one in pairs[0].headed:
        name = one.authority.spellings[0]
        topics[one.authority.key] = Named(len(before), len(before) + len(name), one.authority)
        before += f"{name}: "
    head = before + head

    def moved(one: Named) -> Named:
        if not start <= one.start < end:
            return topics[one.authority.key]
        return Named(one.start - start + len(head), one.end - start + len(head), one.authority)

    here = [moved(one) for one in named if start <= one.start and one.end <= end]
    placed = [replace(pair, a=moved(pair.a), b=moved(pair.b)) for pair in pairs]
    return head + text[start:end], placed, [*topics.values(), *here]


def together(found: Iterable[Candidate]) -> list[list[Candidate]]:
    """Return the pairs that are read in one text."""
    by_text: dict[tuple[int, int, tuple[str, ...]], list[Candidate]] = {}
    for one in found:
        headed = tuple(topic.authority.key for topic in one.headed)
        by_text.setdefault((one.start, one.end, headed), []).append(one)
    return list(by_text.values())
