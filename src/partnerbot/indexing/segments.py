"""Which vectors of a new generation stay where they lie, and which are written into a new segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partnerbot.indexing.known_vectors import KnownVectors
from partnerbot.indexing.vectors import VIEWS, Living, Segment, Stored, Vectors, View, find_living

_MERGED_UP_TO = 4
"""A segment is written anew with the new passages if it has at most so many times as many: so there
are few segments to search, and each passage is written anew only a few times in its life."""

_SMALL = 200
"""A segment of so few passages is always written anew with the new ones: that takes no time."""

_MOST_DEAD = 0.3
"""Share of a segment that may be passages nobody reads, before it is written anew without them."""


@dataclass(frozen=True)
class Arrangement:
    """`kept`: segments that stay, oldest first. `merged`: what to write anew, by language, of others.

    `new`: places of the passages whose vectors no segment has.
    """

    kept: list[Segment]
    merged: list[tuple[Segment, dict[str, Living]]]
    new: NDArray[np.intp]


def arrange(
    segments: Sequence[Segment], ids: Sequence[str], languages: Sequence[str], keys: NDArray[np.uint64]
) -> Arrangement:
    """Decide where the vectors of a generation's passages are to lie.

    `segments`: those of the generation before, oldest first. `ids`, `languages`, `keys`
    [passages, 4]: of every passage of the new one. A segment has a passage's vectors if it is
    the newest one that names the passage, in that language and under those keys.
    """
    place = {id: number for number, id in enumerate(ids)}
    spoken = np.array(languages)
    unfound, new = np.ones(len(ids), bool), np.ones(len(ids), bool)
    living: list[dict[str, Living]] = [{} for _ in segments]
    for number in range(len(segments) - 1, -1, -1):
        for language, stored in segments[number].ids.items():
            found = find_living(stored, place, unfound & (spoken == language))
            unfound[found.places] = False
            own = np.hstack([segments[number].keys(language, view) for view in VIEWS])
            same = (own[found.rows] == keys[found.places]).all(axis=1)
            new[found.places[same]] = False
            if same.any():
                living[number][language] = Living(found.places[same], found.rows[same])
    total = int(new.sum())
    leaving: set[int] = set()
    counts = [sum(len(found.rows) for found in by_language.values()) for by_language in living]
    for number in sorted(range(len(segments)), key=counts.__getitem__):
        count, stored_count = counts[number], sum(segments[number].counts.values())
        small = bool(total) and count <= max(_SMALL, _MERGED_UP_TO * total)
        if small or count < (1 - _MOST_DEAD) * stored_count:
            leaving.add(number)
            total += count
    return Arrangement(
        kept=[segment for number, segment in enumerate(segments) if number not in leaving],
        merged=[(segments[number], living[number]) for number in sorted(leaving) if living[number]],
        new=np.flatnonzero(new),
    )


def contents(
    arrangement: Arrangement,
    ids: Sequence[str],
    languages: Sequence[str],
    keys: NDArray[np.uint64],
    known: KnownVectors,
) -> dict[str, Stored]:
    """Return what the new segment is to hold, by language; empty if there need not be one."""
    new: dict[str, list[int]] = {}
    for place in arrangement.new.tolist():
        new.setdefault(languages[place], []).append(place)
    spoken = {*new, *(language for _, living in arrangement.merged for language in living)}
    found: dict[str, Stored] = {}
    for language in sorted(spoken):
        added = np.array(new.get(language, []), np.intp)
        moved = [(segment, living[language]) for segment, living in arrangement.merged if language in living]
        places = np.concatenate([added, *(living.places for _, living in moved)])
        own_keys: dict[View, list[bytes]] = {
            view: [row.tobytes() for row in keys[places, 2 * number : 2 * number + 2]]
            for number, view in enumerate(VIEWS)
        }
        vectors: dict[View, Vectors] = {}
        for view in VIEWS:
            parts = [known.of(own_keys[view][: len(added)])] if len(added) else []
            parts += [segment.array(language, view)[living.rows] for segment, living in moved]
            vectors[view] = np.concatenate(parts)
        found[language] = Stored([ids[place] for place in places], vectors, own_keys)
    return found
