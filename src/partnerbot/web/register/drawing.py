"""Where everything stands in the two pictures of the register: the map and the timeline.

Both are drawn twice, for a wide page and for a narrow one, in units of about a pixel. No two names lie over
each other: one for which there is no room is seen when its place is pointed at, and stands in the table.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import copysign, cos, radians

from partnerbot.documents.scripts import width
from partnerbot.register.rows import Authority

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom: units of a picture, or degrees of longitude and, upside down, of latitude."""

LETTER, LINE = 7.9, 15.0
"""Half the width of a full-width character, and the height of a line, at the size of the names."""
DOT = 4.0
FARTHER = (14.0, 26.0, 40.0, 56.0, 74.0, 95.0)
"""How much farther from its dot a name may be than others, where there is no room nearer."""
MOST_OFF = 60
"""Places of a map whose names may; with more of them, their lines would cover it."""
LANE, AXIS, TICK = 21.0, 26.0, 24.0
"""Of the timeline: the height of a lane, that of the years below, and half the width of one."""
MOST_LANES = 20
"""Lanes of a timeline with names; with more of them, there are dots only."""


@dataclass(frozen=True)
class Label:
    """A name beside its dot: `anchor` as SVG has it. `fits`: it lies over nothing else. `room`: the width it
    must be narrowed to, if any. `line`: where a line from the dot to a name that is farther off ends."""

    text: str
    x: float
    y: float
    anchor: str
    fits: bool
    room: float | None = None
    line: Point | None = None


@dataclass(frozen=True)
class Dot:
    """A dot with its name: a place on the map, or a partnership on the timeline. `number`: its own there."""

    number: int
    key: str
    at: Point
    name: Label


@dataclass(frozen=True)
class Link:
    path: str
    ends: tuple[str, str]


@dataclass(frozen=True)
class MapPart:
    """A part of the world, in its frame of the map: degrees are as wide as in the middle of its window."""

    frame: Box
    window: Box

    def at(self, place: Point) -> Point:
        """Return where on the map a place stands, given in degrees."""
        (left, top, right, bottom), (west, north, east, south) = self.frame, self.window
        x = left + (place[0] - west) / (east - west) * (right - left)
        return round(x, 1), round(top + (place[1] - north) / (south - north) * (bottom - top), 1)


@dataclass(frozen=True)
class Picture:
    """The map: its size, its parts, and what it shows in them; marks by the keys of places."""

    size: Point
    parts: tuple[MapPart, ...]
    links: tuple[Link, ...]
    marks: Mapping[str, Dot]

    def links_of(self, mark: Dot) -> list[tuple[int, Dot]]:
        """Return the numbers of a place's links, each with the mark at its other end."""
        return [
            (number, self.marks[link.ends[link.ends[0] == mark.key]])
            for number, link in enumerate(self.links)
            if mark.key in link.ends
        ]


@dataclass(frozen=True)
class Timeline:
    """Its size, the years that are written with where they stand, and its marks."""

    size: Point
    years: tuple[tuple[int, float], ...]
    marks: tuple[Dot, ...]


@dataclass(frozen=True)
class _Region:
    """What a part of the map may show, and shows at least, in degrees; an inset is shown if it has places."""

    most: Box
    least: Box
    frames: Mapping[str, Box]
    inset: bool = False


SIZES = {"wide": (960.0, 560.0), "narrow": (360.0, 760.0)}

_REGIONS = (
    _Region(
        (-15.5, -65.5, 35.5, -28.5),
        (-4.8, -51.1, 9.6, -41.3),
        {"wide": (0, 0, 440, 560), "narrow": (0, 0, 360, 350)},
    ),
    _Region(
        (128.6, -45.7, 146, -29.9),
        (129.5, -45.6, 145.9, -30.9),
        {"wide": (520, 0, 960, 560), "narrow": (0, 400, 360, 760)},
    ),
    # Okinawa, where Japanese maps put it.
    _Region(
        (122.9, -29.8, 131, -24),
        (126.2, -28.4, 130.2, -25.8),
        {"wide": (530, 10, 680, 120), "narrow": (10, 410, 120, 490)},
        inset=True,
    ),
)


@cache
def outlines() -> Mapping[str, str]:
    """Return the outlines of countries as SVG paths; see tools/outlines/make.py."""
    known = files("partnerbot.web.register").joinpath("outlines.json").read_text("utf-8")
    return dict(json.loads(known))


def drawn_map(
    layout: str, places: Mapping[str, tuple[Authority, str]], pairs: Sequence[tuple[str, str]]
) -> Picture:
    """Draw pairs of places, given by their keys; `places` has each with its name for the reader.

    Pairs are left out of which one place lies elsewhere in the world, or nobody knows where.
    """
    where = {
        place.key: (place.longitude, -place.latitude)
        for place, _ in places.values()
        if place.longitude is not None and place.latitude is not None
    }
    shown: dict[str, Point] = {}
    parts: list[MapPart] = []
    for region in _REGIONS:
        west, north, east, south = region.most
        within = {key: at for key, at in where.items() if west < at[0] < east and north < at[1] < south}
        if within or not region.inset:
            parts.append(_part(region, layout, within.values()))
            shown |= {key: parts[-1].at(at) for key, at in within.items()}
    links = [
        Link(_curve(shown[a], shown[b], across=layout == "wide"), (a, b))
        for a, b in pairs
        if a in shown and b in shown
    ]
    linked = Counter(end for link in links for end in link.ends)
    # What has most links is named first.
    order = sorted(linked, key=lambda key: (-linked[key], shown[key]))
    names = _named([(places[key][1], shown[key]) for key in order], SIZES[layout])
    marks = {
        key: Dot(n, key, shown[key], name) for n, (key, name) in enumerate(zip(order, names, strict=True))
    }
    return Picture(SIZES[layout], tuple(parts), tuple(links), marks)


def _part(region: _Region, layout: str, places: Iterable[Point]) -> MapPart:
    """Show what the region shows at least and all of its places, as large as the frame allows."""
    left, top, right, bottom = region.frames[layout]
    west, north, east, south = region.least
    for x, y in places:
        west, north, east, south = min(west, x - 1), min(north, y - 1), max(east, x + 1), max(south, y + 1)
    x, y = (west + east) / 2, (north + south) / 2
    narrower = cos(radians(y))
    scale = min((right - left) / (east - west) / narrower, (bottom - top) / (south - north))
    beside, above = (right - left) / scale / narrower / 2, (bottom - top) / scale / 2
    return MapPart(region.frames[layout], (x - beside, y - above, x + beside, y + above))


def _curve(a: Point, b: Point, *, across: bool) -> str:
    """Return a curve that leaves both places in the direction of the other part of the map."""
    if across:
        middle = (a[0] + b[0]) / 2
        return f"M{a[0]} {a[1]}C{middle:.1f} {a[1]} {middle:.1f} {b[1]} {b[0]} {b[1]}"
    middle = (a[1] + b[1]) / 2
    return f"M{a[0]} {a[1]}C{a[0]} {middle:.1f} {b[0]} {middle:.1f} {b[0]} {b[1]}"


def _named(places: Sequence[tuple[str, Point]], size: Point) -> list[Label]:
    """Put each name beside its dot, where it lies over no dot and no name before it; else to its right."""
    taken = [(x - DOT, y - DOT, x + DOT, y + DOT) for _, (x, y) in places]
    names = []
    for text, at in places:
        ways = [
            (name, box)
            for name, box in _ways(text, at, FARTHER if len(places) <= MOST_OFF else ())
            if min(box) >= 0 and box[2] <= size[0] and box[3] <= size[1]
        ]
        for name, box in ways:
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                names.append(name)
                break
        else:
            nearest = ways[0][0] if ways else Label(text, *at, "middle", fits=True)
            names.append(replace(nearest, fits=False))
    return names


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ways(text: str, at: Point, farther: Sequence[float]) -> Iterator[tuple[Label, Box]]:
    """Yield where a name may stand, the best place first: beside its dot, then off it with a line."""
    x, y = at
    wide, gap = width(text) * LETTER, DOT + 3
    for far, downs in ((0.0, (0.0, -LINE * 0.6, LINE * 0.6)), *((far, (-far, far, 0.0)) for far in farther)):
        for down in downs:
            top, bottom, off = y + down - LINE / 2, y + down + LINE / 2, gap + far
            for side, anchor, left in ((off, "start", x + off), (-off, "end", x - off - wide)):
                line = (round(x + side - copysign(2, side), 1), round(y + down, 1)) if far else None
                yield (
                    Label(text, x + side, y + down, anchor, fits=True, line=line),
                    (left, top, left + wide, bottom),
                )
        for down in (-gap - far - LINE / 2, gap + far + LINE / 2):
            box = (x - wide / 2, y + down - LINE / 2, x + wide / 2, y + down + LINE / 2)
            line = (x, round(y + down - copysign(LINE / 2, down), 1)) if far else None
            yield Label(text, x, y + down, "middle", fits=True, line=line), box


def drawn_timeline(layout: str, moments: Iterable[tuple[str, str, str]]) -> Timeline | None:
    """Draw partnerships by the day, month or year since when they are: their keys, names and ISO dates.

    Names stand in lanes, the earliest ones at the bottom. None without any.
    """
    dated = sorted((_year(since), key, name) for key, name, since in moments)
    if not dated:
        return None
    wide = SIZES[layout][0]
    first, last, step = _scale(dated[0][0], dated[-1][0], wide)

    def x(year: float) -> float:
        return round(TICK + (year - first) / (last - first) * (wide - 2 * TICK), 1)

    names = [_dated_name(name, x(year), wide) for year, _, name in dated]
    lanes = _lanes([box for _, box in names])
    if max(lanes) >= MOST_LANES:
        # Each name in the same place, above all the dots, where it is seen when its dot is pointed at.
        lanes = _lanes([(x(year) - DOT - 1, x(year) + DOT + 1) for year, _, _ in dated])
        names = [
            (Label(name, wide / 2, LANE / 2, "middle", fits=False), box)
            for (_, _, name), (_, box) in zip(dated, names, strict=True)
        ]
    lane = LANE if names[0][0].fits else 2 * DOT + 2
    foot = (0 if names[0][0].fits else LANE) + (max(lanes) + 1) * lane
    points = [
        (x(year), round(foot - (number + 0.5) * lane, 1))
        for (year, _, _), number in zip(dated, lanes, strict=True)
    ]
    return Timeline(
        (wide, foot + AXIS),
        tuple((year, x(year)) for year in range(-(-first // step) * step, last + 1, step)),
        tuple(
            Dot(number, key, at, replace(name, y=at[1]) if name.fits else name)
            for number, ((_, key, _), at, (name, _)) in enumerate(zip(dated, points, names, strict=True))
        ),
    )


def _year(since: str) -> float:
    """Return an ISO date as a number of years; a date that is less exact as the middle of what it names."""
    year, *rest = (int(part) for part in since.split("-"))
    if not rest:
        return year + 0.5
    return year + (rest[0] - 1 + (rest[1] / 31 if len(rest) > 1 else 0.5)) / 12


def _scale(earliest: float, latest: float, wide: float) -> tuple[int, int, int]:
    """Return the first and the last year that are drawn, and the years between two marks."""
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    step = next(step for step in steps if (latest - earliest) / step <= wide / 70)
    first = int(earliest)
    return first, max(int(-(-latest // 1)), first + step), step


def _dated_name(text: str, x: float, wide: float) -> tuple[Label, tuple[float, float]]:
    """Return a name to the right of its dot, or to the left for want of room, and how far both reach."""
    gap, long = DOT + 4, width(text) * LETTER
    left, right = x - gap, wide - x - gap
    narrowed = max(left, right) if long > max(left, right) else None
    if long <= right or (narrowed and right >= left):
        return Label(text, x + gap, 0, "start", fits=True, room=narrowed), (x - DOT, x + gap + long + 8)
    return Label(text, x - gap, 0, "end", fits=True, room=narrowed), (x - gap - long, x + DOT + 8)


def _lanes(reaches: Iterable[tuple[float, float]]) -> list[int]:
    """Return the lowest lane for each in which it meets none before it."""
    lanes: list[list[tuple[float, float]]] = []
    found = []
    for left, right in reaches:
        free = (n for n, lane in enumerate(lanes) if all(right <= a or left >= b for a, b in lane))
        number = next(free, len(lanes))
        if number == len(lanes):
            lanes.append([])
        lanes[number].append((left, right))
        found.append(number)
    return found
