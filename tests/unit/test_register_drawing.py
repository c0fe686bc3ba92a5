"""Where places, names and years stand in the pictures of the register."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerbot.register.rows import Authority
from partnerbot.web.register.drawing import LINE, SIZES, Label, drawn_map, drawn_timeline

TOWNS = {
    "Brest": (48.39, -4.49),
    "Strasbourg": (48.58, 7.75),
    "Sapporo": (43.06, 141.35),
    "Kagoshima": (31.6, 130.56),
    "Naha": (26.21, 127.68),
    "Faaa": (-17.56, -149.6),
}


def place(name: str) -> Authority:
    latitude, longitude = TOWNS.get(name, (None, None))
    return Authority(name, "city", "FR", {"en": name}, latitude=latitude, longitude=longitude)


def places(*names: str) -> dict[str, tuple[Authority, str]]:
    return {name: (place(name), name) for name in names}


@pytest.mark.parametrize("layout", SIZES)
def test_places_lie_as_on_a_map(layout: str) -> None:
    """North is up and east is right, in both parts; Okinawa has a frame of its own in the corner."""
    drawn = drawn_map(
        layout, places(*TOWNS), [("Brest", "Sapporo"), ("Strasbourg", "Kagoshima"), ("Brest", "Naha")]
    )
    at = {key: mark.at for key, mark in drawn.marks.items()}
    assert at["Brest"][0] < at["Strasbourg"][0]
    assert at["Sapporo"][1] < at["Kagoshima"][1]
    assert at["Kagoshima"][0] < at["Sapporo"][0]
    inset = drawn.parts[2].frame
    assert inset[0] < at["Naha"][0] < inset[2]
    assert inset[1] < at["Naha"][1] < inset[3]
    assert all(0 <= x <= drawn.size[0] and 0 <= y <= drawn.size[1] for x, y in at.values())


def test_names_of_places_near_each_other_are_all_seen() -> None:
    """Over no other name; from one that isn't beside its dot, a line leads there."""
    crowd = {f"Ville {n}": (35.6 + n // 3 * 0.05, 139.6 + n % 3 * 0.05) for n in range(9)}
    towns = {
        name: (Authority(name, "city", "JP", {"en": name}, latitude=at[0], longitude=at[1]), name)
        for name, at in crowd.items()
    }
    drawn = drawn_map("narrow", places("Brest") | towns, [("Brest", name) for name in towns])
    names = [mark.name for mark in drawn.marks.values()]
    assert all(name.fits for name in names)
    for one, other in combinations(names, 2):
        assert abs(one.y - other.y) >= LINE or _apart(one, other)
    assert drawn.marks["Brest"].name.line is None
    assert any(name.line for name in names)


def test_pairs_of_which_a_place_is_elsewhere_or_unknown_are_left_out() -> None:
    """The list has them all the same."""
    drawn = drawn_map(
        "wide",
        places("Brest", "Sapporo", "Faaa", "Ys"),
        [("Brest", "Faaa"), ("Ys", "Sapporo"), ("Brest", "Sapporo")],
    )
    assert [link.ends for link in drawn.links] == [("Brest", "Sapporo")]
    assert set(drawn.marks) == {"Brest", "Sapporo"}
    assert len(drawn.parts) == 2, "nothing lies in Okinawa"
    ((number, end),) = drawn.links_of(drawn.marks["Brest"])
    assert (number, end.key) == (0, "Sapporo")


@given(
    st.lists(
        st.tuples(st.integers(1900, 2030), st.text("aあ", min_size=1, max_size=12)), min_size=1, max_size=60
    )
)
def test_on_the_timeline_earlier_is_further_left_and_no_name_lies_over_another(
    dated: list[tuple[int, str]],
) -> None:
    """However many there are, and whatever they are called."""
    drawn = drawn_timeline("narrow", [(str(n), name, str(year)) for n, (year, name) in enumerate(dated)])
    assert drawn is not None
    years = {str(n): year for n, (year, _) in enumerate(dated)}
    by_year = sorted(drawn.marks, key=lambda mark: years[mark.key])
    assert [mark.at[0] for mark in by_year] == sorted(mark.at[0] for mark in drawn.marks)
    assert len({mark.at for mark in drawn.marks}) == len(dated), "dots lie over each other"
    for one, other in combinations((mark.name for mark in drawn.marks if mark.name.fits), 2):
        assert one.y != other.y or _apart(one, other)


def _apart(one: Label, other: Label) -> bool:
    (_, end), (beginning, _) = sorted(_reach(name) for name in (one, other))
    return end <= beginning


def _reach(name: Label) -> tuple[float, float]:
    long = sum(13 if character == "あ" else 7 for character in name.text)
    left = name.x - long * {"start": 0, "middle": 0.5, "end": 1}[name.anchor]
    return left, left + long


def test_dates_are_as_exact_as_they_are_stated() -> None:
    """A month and a day later are further right; nothing without dates has no timeline."""
    drawn = drawn_timeline("wide", [("a", "", "1970-03"), ("b", "", "1970-11-26"), ("c", "", "1970-11-02")])
    assert drawn is not None
    assert [mark.key for mark in drawn.marks] == ["a", "c", "b"]
    assert drawn_timeline("wide", []) is None
