"""Does a statement deny what the quote affirms, or say the opposite of one of its words?

Which of two clauses is denied ("no food, but drinks are allowed") is left to the meaning to judge: looking at
clauses changed next to no verdict (docs/decisions/011-support-check.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from partnerbot.writing.said import Said

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


_OTHER = {"yes": "no", "no": "yes"}
"""What a member means where it is denied; in sets of more members that isn't told."""


def denies(text: str, language: str) -> bool:
    """True if the text turns a statement round: not, never, without."""
    pattern = _DENIALS.get(language)
    return bool(pattern and re.search(pattern, _NOT_ONLY.sub(" ", text), re.IGNORECASE))


def says_otherwise(statement: Said, quote: Said) -> str | None:
    """Return "negation" or "opposite" if one denies what the other affirms, or says the opposite, or None.

    Of words that exclude each other, what is denied counts as the other one: "not allowed" is forbidden.
    """
    denied = [denies(one.text, one.language) for one in (statement, quote)]
    by_other_words = False
    for members in _sets().values():
        words = [_words(one, members) for one in (statement, quote)]
        if all(words):
            meant = [
                {_OTHER.get(word, word) for word in said} if is_denied else said
                for said, is_denied in zip(words, denied, strict=True)
            ]
            if not meant[0] & meant[1]:
                return "opposite"
            by_other_words |= not words[0] & words[1]
    return None if by_other_words or denied[0] == denied[1] else "negation"


def _words(said: Said, members: Mapping[str, Mapping[str, re.Pattern[str]]]) -> set[str]:
    """The members of a set that a text says."""
    of_language = {name: patterns.get(said.language) for name, patterns in members.items()}
    return {name for name, pattern in of_language.items() if pattern and pattern.search(said.text)}


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
