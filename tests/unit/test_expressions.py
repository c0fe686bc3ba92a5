"""No text, whoever wrote it, keeps a regular expression of ours busy for longer than it is long."""

from __future__ import annotations

import re

import pytest

from partnerbot.writing.cited_sentences import CitedSentence, SentenceCutter
from pumping import Expression, captures_without_giving_back, expressions, growth

OF_SHORT_TEXTS = ("answering.", "writing.")
"""They read a question, a passage or a sentence, of at most some 2,000 characters: there the square of the
length is milliseconds."""


def used(pattern: str, *methods: str) -> Expression:
    return Expression("here", re.compile(pattern), frozenset(methods))


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a+)+b", "match"),
        (r"\[(?:\s*\d+\s*[,、;]?)+\]", "search"),
        (r"\s+$", "sub"),
        (r"[\w.]+@", "search"),
        (r"\(.*?\)", "findall"),
        (r"(?:[^\W_]+-?)*!", "fullmatch"),
        (r"a.*b.*c", "match"),
    ],
)
def test_slow_expressions_are_found(pattern: str, method: str) -> None:
    """Those whose time grows with the square of a text, or worse."""
    assert growth(used(pattern, method), 1) is not None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        (r"(a++)+b", "match"),
        (r"\[(?:\s*+\d++\s*+[,、;]?+)++\]", "search"),
        (r"(?<!\s)\s++$", "sub"),
        (r"[\w.]{1,64}@", "search"),
        (r"\s+", "sub"),
        (r"[^\W_]+-?", "fullmatch"),
    ],
)
def test_even_ones_are_not(pattern: str, method: str) -> None:
    """Those that look at a text once, or at few characters of it again."""
    assert growth(used(pattern, method), 1) is None


@pytest.mark.system  # every expression on some twenty texts: as long as a hundred other tests
def test_no_expression_takes_longer_than_its_text_is_long() -> None:
    """Of those that read what others write: its time grows evenly, or by the square where texts are short."""
    uneven = []
    for expression in expressions():
        found = growth(expression, 2 if expression.where.startswith(OF_SHORT_TEXTS) else 1)
        if found is not None:
            uneven.append(f"{expression.where}: {found[0]:.0f} times with {found[1]}")
    assert uneven == []


def test_no_group_captures_where_nothing_is_given_back() -> None:
    """Python 3.11 fails there with a SystemError, on a few texts among many: "12-05-2024 14:30" was one."""
    assert captures_without_giving_back(used(r"(?:(a)b)++"))
    assert captures_without_giving_back(used(r"(?>(a)|b)"))
    assert not captures_without_giving_back(used(r"((?:ab)++)(c)"))
    assert [one.where for one in expressions() if captures_without_giving_back(one)] == []


@pytest.mark.parametrize("years", [10, 100, 1_000])
def test_years_in_brackets_are_no_citation_and_no_trap(years: int) -> None:
    """A model may write such a list; the sentence is what it says."""
    listed = ", ".join(map(str, range(2009, 2009 + years)))
    cutter = SentenceCutter("fr")
    said = [*cutter.add(f"Il y en eut [{listed} et 2019] en tout. Puis rien [1, 2]."), *cutter.finish()]
    assert said[0].numbers == ()
    assert f"[{listed} et 2019]" in said[0].text
    assert said[1] == CitedSentence("Puis rien.", (1, 2))
    (long,) = SentenceCutter("fr").add(f"Voilà [{'1' * 5_000}]. Et puis") or [None]
    assert long is None or long.text == "Voilà."
