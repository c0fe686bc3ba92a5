"""Tries each regular expression of the package on texts made to be slow for it, and measures how time grows.

The texts are derived from the expression: for each repeat what precedes it, then over and over what it may
repeat, or what leads up to it, then something that doesn't fit. Processor time is measured, not the clock:
other work on the machine doesn't count.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from re import _compiler, _parser  # type: ignore[attr-defined]
from re import _constants as op  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import partnerbot

FEW, MANY = (1_000, 250), (4_000, 1_000)
"""Characters of a text, by the power of its length that a time may grow with: of any text, of short ones."""

_NOTHING_SECONDS = 0.005
"""What takes no longer with many characters is not looked at further."""

_PATIENCE_SECONDS = 1.0
_OFTEN = 10
"""A repeat that may go on for longer is one that may be pumped."""

_ALWAYS_TRIED = "a0 \n-.,(<あ漢ァé"
_MISFIT = "\x00"
_LANGUAGES = ("fr", "ja", "en", "de")
_OURS_ALONE = ("evaluation/", "web/chat/")
"""They read our own files and those of Gradio."""
_SEARCHING = {"search", "sub", "subn", "split", "findall", "finditer"}


@dataclass(frozen=True)
class Expression:
    """An expression, where it stands, and by which methods it is used."""

    where: str
    pattern: re.Pattern[str]
    methods: frozenset[str]


class _TooSlow(Exception):
    pass


# ---- Where they stand --------------------------------------------------------------------------


def modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    """Yield every module of the package that has an expression for texts of others, with its source."""
    package = Path(partnerbot.__file__).parent
    for file in sorted(package.rglob("*.py")):
        if file.relative_to(package).as_posix().startswith(_OURS_ALONE):
            continue
        tree = ast.parse(file.read_text("utf-8"))
        if any(isinstance(node, ast.Import) and node.names[0].name == "re" for node in tree.body):
            parts = file.relative_to(package.parent).with_suffix("").parts
            yield importlib.import_module(".".join(parts)), tree


@cache
def expressions() -> list[Expression]:
    """Return every expression: those with a name, those within functions, those made for a language."""
    found: dict[tuple[str, int], Expression] = {}
    for module, tree in modules():
        for where, pattern, methods in [*_named(module, tree), *_inside(module, tree)]:
            if isinstance(pattern.pattern, str):
                place = f"{module.__name__.removeprefix('partnerbot.')}: {where}"
                key = (pattern.pattern, pattern.flags)
                known = found.get(key)
                found[key] = Expression(
                    known.where if known else place,
                    pattern,
                    methods | (known.methods if known else frozenset()),
                )
    return list(found.values())


def _named(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, re.Pattern[str], frozenset[str]]]:
    used = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used[node.value.id].add(node.attr)
    for name, value in vars(module).items():
        if callable(value) and value.__module__ != module.__name__:
            continue
        methods = frozenset(used[name])
        for pattern in _within(value):
            yield name, pattern, methods
        if hasattr(value, "cache_info"):
            for pattern in _made_by(value):
                yield name, pattern, frozenset()


def _made_by(cached: Callable[..., Any]) -> Iterator[re.Pattern[str]]:
    """Yield the expressions that a cached function makes, for our languages if it is asked for one."""
    parameters = list(inspect.signature(cached).parameters)
    if parameters == ["language"]:
        for language in _LANGUAGES:
            with suppress(FileNotFoundError, KeyError):  # not every language has texts, or such words
                yield from _within(cached(language))
    elif not parameters:
        yield from _within(cached())


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _within(tuple(value.values()))
    elif isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            yield from _within(one)


def _inside(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, re.Pattern[str], frozenset[str]]]:
    """Yield the expressions that are written where they are used, but for those made of what is there."""
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "re"
            and node.func.attr in {*_SEARCHING, "match", "fullmatch", "compile"}
        ):
            continue
        flags = [*node.args[{"sub": 4, "split": 3, "compile": 1}.get(node.func.attr, 2) :]]
        flags += [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
        with suppress(NameError):
            text, *given = (
                eval(compile(ast.Expression(part), "", "eval"), vars(module))
                for part in [node.args[0], *flags]
            )
            if isinstance(text, str):
                methods = frozenset() if node.func.attr == "compile" else frozenset({node.func.attr})
                yield f"line {node.lineno}", re.compile(text, *given), methods


# ---- Texts that are slow for them --------------------------------------------------------------


def slow_texts(pattern: re.Pattern[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what comes first, what is repeated, and what ends it."""
    flags = pattern.flags & ~re.DEBUG
    tree = _parser.parse(pattern.pattern, flags)
    atoms = list(_atoms(tree, False))
    letters = list(dict.fromkeys([*_ALWAYS_TRIED, *(c for atom, _ in atoms for c in _samples(atom))]))
    repeated = [atom for atom, is_repeated in atoms if is_repeated]
    # What many repeats take is what they may fight for.
    fitting = {c: sum(_fits(atom, c, flags) for atom in repeated) for c in letters}
    best = sorted((c for c in letters if fitting[c]), key=lambda c: -fitting[c])
    # The end of a text is one too, where there are repeats that a misfit doesn't end.
    misfits = (_MISFIT, "") if any(_fits(atom, _MISFIT, flags) for atom in repeated) else (_MISFIT,)
    seen = set()
    for before, body in _repeats(tree, []):
        first = _example(before, best, flags, 0)
        taken = [c for c in best if any(_fits(atom, c, flags) for atom, _ in _atoms([body], False))]
        bodies = [*taken[:3], *(_example([body], best, flags, choice) for choice in (0, 1))]
        leading = [first, _example([*before, body], best, flags, 1)]
        for (start, pump), misfit in product([*product([first], bodies), *product([""], leading)], misfits):
            if pump and (start, pump, misfit) not in seen:
                seen.add((start, pump, misfit))
                yield start, pump, misfit


def _children(kind: Any, value: Any) -> list[Any]:
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.BRANCH:
        return list(value[1])
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    if kind is op.GROUPREF_EXISTS:
        return [part for part in value[1:] if part is not None]
    return []


def _is_long(kind: Any, value: Any) -> bool:
    return kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[1] > _OFTEN


def _atoms(tree: Iterable[Any], is_repeated: bool) -> Iterator[tuple[Any, bool]]:
    for kind, value in tree:
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            yield (kind, value), is_repeated
        for child in _children(kind, value):
            yield from _atoms(child, is_repeated or _is_long(kind, value))


def _repeats(tree: Iterable[Any], before: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    """Yield each long repeat's body, and what stands before it."""
    before = list(before)
    for kind, value in tree:
        if _is_long(kind, value):
            yield before, (op.SUBPATTERN, (None, 0, 0, value[2]))
        for child in _children(kind, value):
            yield from _repeats(child, before)
        before = [*before, (kind, value)]


def _samples(atom: Any) -> list[str]:
    kind, value = atom
    if kind is op.LITERAL:
        return [chr(value), chr(value).lower(), chr(value).upper()[:1]]
    if kind is op.IN:
        return [c for part in value if part[0] is not op.NEGATE for c in _samples(part)]
    if kind is op.RANGE:
        return [chr(value[0]), chr((value[0] + value[1]) // 2)]
    return []


_ALONE: dict[tuple[str, int], re.Pattern[str]] = {}
"""Expressions of one character, by how they are written and their flags."""


def _fits(atom: Any, character: str, flags: int) -> bool:
    key = repr(atom), flags
    if key not in _ALONE:
        _ALONE[key] = _compiler.compile(_parser.SubPattern(_parser.State(), [atom]), flags)
    return _ALONE[key].fullmatch(character) is not None


def _example(tree: Iterable[Any], best: list[str], flags: int, choice: int) -> str:
    """Return a text that fits, by the letters that may be repeated where they do; another for each choice."""
    made = ""
    for kind, value in tree:
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            letters = [
                c for c in [*best, *_samples((kind, value)), *_ALWAYS_TRIED] if _fits((kind, value), c, flags)
            ]
            made += letters[choice % len(letters)] if letters else ""
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least = value[0] or (choice > 0 and 1)
            made += _example(value[2], best, flags, choice) * min(least, 20)
        elif kind is op.BRANCH:
            made += _example(value[1][choice % len(value[1])], best, flags, choice)
        elif kind not in (op.ASSERT, op.ASSERT_NOT):
            for child in _children(kind, value)[:1]:
                made += _example(child, best, flags, choice)
    return made


def captures_without_giving_back(expression: Expression) -> bool:
    """Return whether a group that captures stands in a possessive repeat or an atomic group."""

    def captures(tree: Iterable[Any], inside: bool) -> bool:
        return any(
            (inside and kind is op.SUBPATTERN and value[0] is not None)
            or any(
                captures(child, inside or kind in (op.POSSESSIVE_REPEAT, op.ATOMIC_GROUP))
                for child in _children(kind, value)
            )
            for kind, value in tree
        )

    return captures(_parser.parse(expression.pattern.pattern, expression.pattern.flags & ~re.DEBUG), False)


# ---- How long they take ------------------------------------------------------------------------


def growth(expression: Expression, power: int) -> tuple[float, str] | None:
    """Return how many times longer four times a text takes, and the text; None if none takes too long.

    `power`: of the length that the time may grow with: 1, or 2 for expressions that read short texts.
    """
    few, many = FEW[power - 1], MANY[power - 1]
    for start, pump, misfit in slow_texts(expression.pattern):

        def seconds(length: int, start: str = start, pump: str = pump, misfit: str = misfit) -> float:
            return _seconds(expression, start + pump * (length // len(pump) + 1) + misfit)

        shown = f"{start!r} + {pump!r} * n + {misfit!r}"
        took = seconds(many)
        if took == float("inf"):
            return took, shown
        # The least of three, as something else may have come between.
        if took > _NOTHING_SECONDS and (took := min(seconds(many) for _ in range(3))) > _NOTHING_SECONDS:
            grown = took / min(seconds(few) for _ in range(3))
            if grown > 2 * (many // few) ** power:
                return grown, shown
    return None


def _seconds(expression: Expression, text: str) -> float:
    """Return the processor time of an expression on a text, infinite if it is more than our patience."""
    signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE_SECONDS)
    try:
        began = time.thread_time()
        if not expression.methods or expression.methods & _SEARCHING:
            for _ in expression.pattern.finditer(text):
                pass
        else:
            expression.pattern.match(text)
            expression.pattern.fullmatch(text)
        return time.thread_time() - began
    except _TooSlow:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _give_up(*_: object) -> None:
    raise _TooSlow
