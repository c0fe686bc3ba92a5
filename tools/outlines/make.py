"""Write src/partnerbot/web/register/outlines.json: the outlines of Japan, of France and its neighbours.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    pip install shapely==2.2.0
    python tools/outlines/make.py package/countries-50m.json

The data is Natural Earth's, 1:50m (https://www.naturalearthdata.com, in the public domain), as TopoJSON. Each
outline is an SVG path in hundredths of a degree: longitude to the right, latitude upside down.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import shapely

TARGET = Path("src/partnerbot/web/register/outlines.json")
OWN = {"FR": "250", "JP": "392"}
"""ISO 3166-1 numeric codes."""

EUROPE, JAPAN = (-14, 30, 34, 63), (122, 23, 147, 46)
"""West, south, east and north, in degrees."""

TOLERANCE, TOLERANCE_JAPAN = 0.15, 0.08
"""Degrees: the root of the largest area by which a simplified outline may differ."""
SMALLEST = 0.06
"""Square degrees: islands below this are left out."""


def countries(topology: dict, window: tuple[float, float, float, float]) -> dict[str, shapely.Geometry]:
    """The part of each country that lies in a window, by its numeric code."""
    (across, up), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * across + west, y * up + south))
        arcs.append(arc)

    def ring(numbers: list[int]) -> list[tuple[float, float]]:
        return [point for n in numbers for point in (arcs[n] if n >= 0 else arcs[~n][::-1])]

    found = {}
    for country in topology["objects"]["countries"]["geometries"]:
        polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        whole = shapely.MultiPolygon(
            [(ring(outer), [ring(hole) for hole in holes]) for outer, *holes in polygons]
        )
        part = shapely.make_valid(whole).intersection(shapely.box(*window))
        if not part.is_empty:
            found[country.get("id", country["properties"]["name"])] = part
    return found


def path(shape: shapely.Geometry) -> str:
    """An SVG path, with steps relative to the point before."""
    drawn = []
    for polygon in sorted(shapely.get_parts(shape), key=lambda part: -part.area):
        if polygon.geom_type != "Polygon" or polygon.area < SMALLEST:
            continue
        points = [(round(x * 100), round(-y * 100)) for x, y in polygon.exterior.coords[:-1]]
        x, y = points[0]
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
        drawn.append(f"M{x} {y}l" + " ".join(f"{dx} {dy}" for dx, dy in steps) + "z")
    return "".join(drawn).replace(" -", "-")


def main() -> None:
    topology = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    europe = countries(topology, EUROPE)
    # Together, so that neighbours go on sharing their borders.
    simpler = dict(zip(europe, shapely.coverage_simplify([*europe.values()], TOLERANCE), strict=True))
    japan = countries(topology, JAPAN)[OWN["JP"]]
    outlines = {
        "FR": path(simpler.pop(OWN["FR"])),
        "JP": path(shapely.coverage_simplify([japan], TOLERANCE_JAPAN)[0]),
        "around": "".join(map(path, simpler.values())),
    }
    TARGET.write_text(json.dumps(outlines, indent=1) + "\n", "utf-8")
    print(TARGET.stat().st_size, "bytes,", {name: len(drawn) for name, drawn in outlines.items()})


if __name__ == "__main__":
    main()
