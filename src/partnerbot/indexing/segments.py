"""Which vectors of a new generation stay where they lie, and which are written into a new segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from partnerbot.indexing.known_vectors import KnownVectors
from partnerbot.indexing.texts import Keys
from partnerbot.indexing.vectors import VIEWS, Segment, Stored, Vectors, View, by_language

_MERGED_UP_TO = 4
"""A segment is written anew with the new passages if it has at most so many times as many: so there
are few segments to search, and each passage is written anew only a few times in its life."""

_SMALL = 200
"""A segment of so few passages is always written anew with the new ones: that takes no time."""

_MOST_DEAD = 0.3
"""Share of a segment that may be passages nobody reads, before it is written anew without them."""


@dataclass(frozen=True)
class Arrangement:
    """`kept`: segments that stay, oldest first. `merged`: ids to write anew, by the segment they lie in.

    `new`: passages whose vectors no segment has.
    """

    kept: list[Segment]
    merged: list[tuple[Segment, list[str]]]
    new: list[str]


def arrange(
    segments: Sequence[Segment], keys: Mapping[str, Keys], languages: Mapping[str, str]
) -> Arrangement:
    """Decide where the vectors of a generation's passages are to lie.

    `segments`: those of the generation before, oldest first. `keys`, `languages`: of every
    passage of the new one, by id. A segment has a passage's vectors if it is the newest one
    that names the passage, in that language and under those keys.
    """
    known_keys = [_keys_by_id(segment) for segment in segments]
    living: list[list[str]] = [[] for _ in segments]
    new: list[str] = []
    for id, own in keys.items():
        for number in range(len(segments) - 1, -1, -1):
            place = segments[number].rows.get(id)
            if place is not None and place[0] == languages[id]:
                (living[number] if known_keys[number][id] == own else new).append(id)
                break
        else:
            new.append(id)
    total = len(new)
    leaving: set[int] = set()
    for number in sorted(range(len(segments)), key=lambda number: len(living[number])):
        count, stored = len(living[number]), sum(segments[number].counts.values())
        small = bool(total) and count <= max(_SMALL, _MERGED_UP_TO * total)
        if small or count < (1 - _MOST_DEAD) * stored:
            leaving.add(number)
            total += count
    return Arrangement(
        kept=[segment for number, segment in enumerate(segments) if number not in leaving],
        merged=[(segments[number], living[number]) for number in sorted(leaving) if living[number]],
        new=new,
    )


def contents(
    arrangement: Arrangement,
    keys: Mapping[str, Keys],
    languages: Mapping[str, str],
    known: KnownVectors,
) -> dict[str, Stored]:
    """Return what the new segment is to hold, by language; empty if there need not be one."""
    found: dict[str, Stored] = {}
    ids = [*arrangement.new, *(id for _, moved in arrangement.merged for id in moved)]
    for language, rows in by_language([languages[id] for id in ids]):
        own = [ids[row] for row in rows]
        own_keys: dict[View, list[bytes]] = {
            "sentence": [keys[id].sentence for id in own],
            "context": [keys[id].context for id in own],
        }
        new = [id for id in arrangement.new if languages[id] == language]
        vectors: dict[View, Vectors] = {}
        for view in VIEWS:
            parts = [known.of(own_keys[view][: len(new)])] if new else []
            for segment, moved in arrangement.merged:
                places = [segment.rows[id][1] for id in moved if languages[id] == language]
                if places:
                    parts.append(segment.array(language, view)[places])
            vectors[view] = np.concatenate(parts)
        found[language] = Stored(own, vectors, own_keys)
    return found


def _keys_by_id(segment: Segment) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for language, ids in segment.ids.items():
        of_language = (segment.keys(language, view) for view in VIEWS)
        found.update(zip(ids, map(Keys, *of_language), strict=True))
    return found
