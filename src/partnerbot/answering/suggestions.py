"""Questions that a document can answer, made from its own sentences.

A sentence that says when something happened becomes the question when it did: the date goes out, the
question word comes in. Only sentences whose form allows this without changing another word are taken
(suggestions.toml), so the question is as well written as its document. One that names twin towns becomes the
question what joins them, and which town the other is. And a title can always be asked about. Whether it is
really answered is for the bot to check (web/example_questions.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from partnerbot.documents.orders import gives_orders
from partnerbot.index.sentences import sentence_spans

SHORTEST, LONGEST = 22, 95
"""Letters of a question in Latin script; half as many in Japanese. Shorter ones lack their subject,
longer ones are no pleasure to read on a button."""

_LONGEST_SENTENCE = 1_000
"""Characters: no longer one makes so short a question, and many expressions look at it."""

_SUBJECT_FR = re.compile(r"(?:[Ll][ea]s? |[Ll]['’]|[A-ZÉÈ][\w'’-]+ )")
_HAPPENED_FR = re.compile(r"\b(?:a|ont|est|sont|fut|furent)(?: été)? \w*(?:é|i|u|is|it|ert)e?s?\b")
"""Told in the past: a report in the present tense ("Shizuoka reçoit") makes no natural question."""


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("suggestions.toml").read_text("utf-8"))


@cache
def _expression(name: str, language: str) -> re.Pattern[str]:
    """Return one of suggestions.toml, with what it names in braces."""
    tables = _tables()
    pattern = tables[name][language].replace("{date}", tables["date"][language])
    pattern = pattern.replace("{month}", tables["months"].get(language, "")).replace(
        "{did}", "|".join(tables["did"])
    )
    return re.compile("".join(pattern.splitlines()))


class Made(NamedTuple):
    """A question; `open`: it asks what there is to say of something, and for no one value."""

    question: str
    open: bool = False


def questions_about(text: str, language: str, title: str) -> list[Made]:
    """Return questions in the document's language that its text seems to answer, in its order.

    The last is about its title. None for languages we have no forms for.
    """
    form = _FORMS.get(language)
    if form is None:
        return []
    found: dict[Made, None] = {}
    for start, end in sentence_spans(text, language):
        sentence = " ".join(text[start:end].split())
        if len(sentence) > _LONGEST_SENTENCE or gives_orders(sentence):
            continue
        found |= dict.fromkeys([*map(Made, form(sentence)), *_twins(sentence, language)])
    about = _tables()["about"][language].format(title=title)
    longest = LONGEST if language != "ja" else LONGEST // 2
    if len(about) <= longest and not gives_orders(title):
        found[Made(about, open=True)] = None
    return list(found)


def _french(sentence: str) -> Iterator[str]:
    clause = _clause(sentence, "fr")
    if clause is None or _expression("points_back", "fr").search(clause) or not _SUBJECT_FR.match(clause):
        return
    if not _HAPPENED_FR.search(clause):
        return
    clause = re.sub(r"^L(?=[ea]s? |['’])", "l", clause)
    opening = "Quand est-ce qu’" if re.match(r"[AEIOUYÉÈÊ]", clause) else "Quand est-ce que "
    question = f"{opening}{clause}\u202f?"
    if SHORTEST <= len(question) <= LONGEST:
        yield question


def _english(sentence: str) -> Iterator[str]:
    clause = _clause(sentence, "en")
    match = _expression("clause", "en").fullmatch(clause or "")
    if match is None or _expression("points_back", "en").search(sentence):
        return
    subject = re.sub(r"^The(?= )", "the", match["subject"])
    base = _tables()["did"].get(match["verb"])
    said = f"did {subject} {base}" if base else f"{match['verb']} {subject}"
    question = f"When {said} {match['rest']}?"
    if SHORTEST <= len(question) <= LONGEST:
        yield question


def _clause(sentence: str, language: str) -> str | None:
    """Return a sentence without its date and its stop; None if it has not one date where we expect it."""
    if len(_expression("dated", language).findall(sentence)) != 1:
        return None
    if match := _expression("first", language).fullmatch(sentence):
        return match["clause"] if match["clause"].count(",") <= 1 else None
    if match := _expression("last", language).fullmatch(sentence):
        return f"{match['clause']}{match['tail']}"
    return None


def _japanese(sentence: str) -> Iterator[str]:
    match = _expression("clause", "ja").fullmatch(sentence)
    if match is None or _expression("points_back", "ja").search(sentence):
        return
    if len(_expression("date", "ja").findall(sentence)) > 1:
        return
    end = "ましたか" if match["end"] == "ました" else "ていますか"
    question = f"{match['subject']}いつ{match['rest']}{end}？"
    if SHORTEST // 2 <= len(question) <= LONGEST // 2:
        yield question


def _twins(sentence: str, language: str) -> Iterator[Made]:
    joined, which = _tables()["joined"][language]
    for match in _expression("twins", language).finditer(sentence):
        yield Made(joined.format(**match.groupdict()), open=True)
        yield Made(which.format(**match.groupdict()))


_FORMS: dict[str, Callable[[str], Iterator[str]]] = {"fr": _french, "en": _english, "ja": _japanese}
