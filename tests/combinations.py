"""Which combinations of a test's parameters run by default, and which only in `make test-thorough`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import product
from typing import Any

import pytest


def combinations(*axes: Iterable[Any]) -> list[Any]:
    """Return every combination of the axes' values; by default a diagonal runs, the others are thorough.

    On the diagonal every value of every axis is met: with 3, 2 and 2 values, by 3 tests instead of 12.
    """
    values = [list(axis) for axis in axes]
    diagonal = {tuple(axis[n % len(axis)] for axis in values) for n in range(max(map(len, values)))}
    return [
        pytest.param(*each, marks=() if each in diagonal else pytest.mark.thorough)
        for each in product(*values)
    ]


def one_of(values: Iterable[Any], by_default: Any) -> list[Any]:
    """Return the values; by default one of them runs, where the others tell little more."""
    return [pytest.param(each, marks=() if each == by_default else pytest.mark.thorough) for each in values]


def first_of_each(
    cases: Iterable[tuple[Any, ...]], group: Callable[[tuple[Any, ...]], Hashable]
) -> list[Any]:
    """Return the cases; by default the first of each group runs, where a network judges every one."""
    met: set[Hashable] = set()
    parameters = []
    for case in cases:
        marks = pytest.mark.thorough if group(case) in met else ()
        met.add(group(case))
        parameters.append(pytest.param(*case, marks=marks))
    return parameters
