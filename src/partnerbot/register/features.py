"""What is seen of a candidate without the reader: how the names stand, and which words tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from partnerbot.answering.values import find_dates
from partnerbot.register.authorities import Named
from partnerbot.register.candidates import Candidate, View, is_only_where
from partnerbot.register.partnerships import SPEAKING, clause, has_word, tables

_LARGE = frozenset({"region", "department", "prefecture", "metropole"})
"""Levels of which each is a partner of others rather than of a town."""

Placed = tuple[View, Candidate]
"""A candidate as it stands in a text that is read."""


def plain(view: View, pair: Candidate, language: str) -> list[float]:
    """Return what is seen of a candidate: how its names stand, and the telling words, in 56 numbers."""
    text, pairs, here = view
    first, second = sorted(_nearest(pair, here), key=lambda one: one.start)
    between = text[first.end : second.start]
    within = clause(text, first.start, second.end)
    head = len(text) - (pair.end - pair.start)
    own = text[slice(*reach(pair, first, second, here, (head, len(text))))]
    groups = [*tables().telling.values(), tables().kind["ended"]]
    return [
        float(np.log(len(pairs))),
        *_places(text, *_nearest(pair, here), here, language),
        *(
            float(has_word(said, language, words))
            for said in (text[:head], text[head:], within, own)
            for words in groups
        ),
        *(float(has_word(between, language, tables().telling[kind])) for kind in SPEAKING),
        float(has_word(between, language, tables().between)),
        float(bool(find_dates(within, language))),
        float(first.start == 0 and bool(pair.head)),
        float((pair.a.authority.level in _LARGE) == (pair.b.authority.level in _LARGE)),
    ]


def reach(
    pair: Candidate, first: Named, second: Named, here: Sequence[Named], within: tuple[int, int]
) -> tuple[int, int]:
    """Return [start, end) of what stands between the nearest other names before and after a pair's."""
    others = [one for one in here if one.authority.key not in pair.keys]
    return (
        max([within[0], *(one.end for one in others if one.end <= first.start)]),
        min([within[1], *(one.start for one in others if second.end <= one.start)]),
    )


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
        float(is_only_where(text, first, language)),
        float(is_only_where(text, second, language)),
        float(countries[0] == countries[1] == 1),
        float(countries[0] == countries[1] > 1),
        float(min(countries) == 1 < max(countries)),
    ]


def _gap(one: Named, other: Named) -> int:
    return max(one.start, other.start) - min(one.end, other.end)
