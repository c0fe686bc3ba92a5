"""Does a statement deny what the quote affirms, or say the opposite of one of its words?

A sentence often denies one thing and affirms another ("no food, but drinks are allowed"), so each clause
of the statement is compared with the clause of the quote that most of its words are matched by.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np

from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.said import Said

Span = tuple[int, int]

_DENIALS = {
    "fr": r"\bn(?:e\s|['’])(?:\w+['’]?\s?){1,4}?(?:pas|jamais|plus|aucun\w*|rien|point|personne)\b|\bsans\b"
    r"|\baucun\w*|\bpersonne ne\b|\bplus personne\b|\bni\b|(?<!\w)et non\b"
    r"|(?<!\ble )(?<!\bun )(?<!\bau )(?<!\bde )(?<!\bà )(?<!\bpremier )(?<!\bdeux )"
    r"(?<!\bses )\bpas\b(?! à pas)",
    "en": r"\b(?:not|cannot)\b(?!.{0,60}\buntil\b)|\b(?:never|no longer|none|nobody|without|neither|nor)\b"
    r"|n['’]t\b|\bno\s(?!\d|less|fewer|doubt)",
    "ja": r"ません|ない(?:[。、でとのうかしこ]|$)|なかった|なく(?:て|、)|ず(?:に|、)|無い|ぬ。"
    r"|不要|不明|未(?=定|公開|完成|実施|解決|使用)|非(?=公開|課税|対応)|無(?=休|期限|断|制限)",
    "de": r"\b(?:nicht|nie|niemals|kein\w*|ohne)\b",
    "es": r"\b(?:no|nunca|jamás|sin|ningun\w*|ningún)\b",
    "it": r"\b(?:non|mai|senza|nessun\w*)\b",
    "pt": r"\b(?:não|nunca|jamais|sem|nenhum\w*)\b",
    "ko": r"않|없|못|아니",
    "zh": r"没有|沒有|不曾|从未|從未|並非|并非|不(?!仅|僅|同|少|断|斷)|未(?!来|來)",
}
"""Words that turn a statement round. CLDR has none, so they are ours."""

_NOT_ONLY = re.compile(
    r"\bnon (?:seulement|solo)\b|\bpas seulement\b|\bnot (?:only|just)\b|だけで(?:は)?なく"
    r"|のみ(?:ならず|で(?:は)?なく)"
    r"|\bnicht nur\b|\bno s[oó]lo\b|\bnão só\b"
    r"|\bsans (?:précédent|doute|cesse|pareil|égale?s?)\b|\bwithout (?:precedent|doubt|fail)\b"
    r"|間違いなく|限りなく|にもかかわらず|かもしれ(?:ない|ません)|(?:なければ|なくては)なら(?:ない|ず|ません)",
    re.IGNORECASE,
)
"""What denies nothing, though it has a word that does."""

_MAIN_SHARE = 0.45
"""Share of a clause's matched weight from which a clause of the quote is what it speaks of."""

_PAUSE = re.compile(
    r"[,;:、，；：]\s*|(?<=が)、|\s(?=(?:but|and|while|although|mais|et|tandis|alors que|ni|nor)\s)",
    re.IGNORECASE,
)


def denies(text: str, language: str) -> bool:
    """True if the text turns a statement round: not, never, without."""
    pattern = _DENIALS.get(language)
    return bool(pattern and re.search(pattern, _NOT_ONLY.sub(" ", text), re.IGNORECASE))


def says_otherwise(statement: Said, quote: Said) -> str | None:
    """Return "negation" or "opposite" if one denies what the other affirms, or says the opposite, or None.

    Of words that exclude each other, what is denied counts as the other one: "not allowed" is forbidden.
    """
    mine, theirs = (_said(one.text, one.language) for one in (statement, quote))
    denied_by_its_word = False
    for name in mine.keys() & theirs.keys():
        meanings = mine[name].keys() & theirs[name].keys()
        if not meanings:
            return "opposite"
        words = [set[str]().union(*said[name].values()) for said in (mine, theirs)]
        denied_by_its_word |= not words[0] & words[1]
    return "negation" if not denied_by_its_word and _differs(statement, quote) else None


def _differs(statement: Said, quote: Said) -> bool:
    """True if a clause denies what its counterpart in the quote affirms, or the other way round."""
    similar = statement.words.vectors @ quote.words.vectors.T
    theirs = _clauses(quote.text)
    for start, end in _clauses(statement.text):
        mine = statement.words.between(start, end)
        if not mine:
            continue
        share = _shares(similar[mine], statement.words.weights[mine], quote.words, theirs)
        said = statement.text[start:end]
        main = [i for i, one in enumerate(share) if one >= _MAIN_SHARE] or [int(np.argmax(share))]
        spoken_of = " ".join(quote.text[slice(*theirs[i])] for i in main)
        if denies(said, statement.language) != denies(spoken_of, quote.language):
            return True
    return False


def _shares(
    similar: np.ndarray, weights: np.ndarray, quoted: TokenStates, clauses: list[Span]
) -> list[float]:
    """How much of a clause's weight is matched best in each clause of the quote."""
    nearest, strength = similar.argmax(axis=1), similar.max(axis=1).clip(0) ** 2 * weights
    found = []
    for start, end in clauses:
        inside = set(quoted.between(start, end))
        found.append(float(strength[[near in inside for near in nearest.tolist()]].sum()))
    total = sum(found) or 1.0
    return [one / total for one in found]


def _clauses(quote: str) -> list[Span]:
    """Return where a text's clauses stand, however short."""
    cuts = [0, *(match.end() for match in _PAUSE.finditer(quote)), len(quote)]
    return [(a, b) for a, b in pairwise(cuts) if quote[a:b].strip()]


def _said(text: str, language: str) -> dict[str, dict[str, set[str]]]:
    """By set: what its words mean in the text, and by which members that is said."""
    found: dict[str, dict[str, set[str]]] = {}
    for name, members in _sets().items():
        for member, patterns in members.items():
            for match in patterns[language].finditer(text) if language in patterns else ():
                meaning = member
                if members.keys() == {"yes", "no"} and denies(_clause_at(text, match.start()), language):
                    meaning = "no" if member == "yes" else "yes"
                found.setdefault(name, {}).setdefault(meaning, set()).add(member)
    return found


def _clause_at(text: str, position: int) -> str:
    return next(text[a:b] for a, b in _clauses(text) if a <= position < b)


@cache
def _sets() -> dict[str, dict[str, dict[str, re.Pattern[str]]]]:
    text = resources.files(__package__).joinpath("opposites.toml").read_text("utf-8")
    return {
        name: {
            member: {
                language: re.compile(pattern if language == "ja" else rf"(?<!\w)(?:{pattern})", re.IGNORECASE)
                for language, pattern in patterns.items()
            }
            for member, patterns in members.items()
        }
        for name, members in tomllib.loads(text).items()
    }
