"""Composes questions: every template (templates.tsv) with subjects of its sort (subjects.tsv), and whether an
institution has, offers or sells everyday things (things.tsv), in the wordings of have_you.tsv.

Some lines are then roughened as visitors type: a greeting, no question mark, no capitals, no accents,
two letters swapped. Seeded: the same tables make the same questions. `template` is the line of the template
in its table, so that a split for measuring can keep the lines of one template together.
"""

from __future__ import annotations

import csv
import itertools
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PER_LANGUAGE = {
    "fact": 180, "overview": 185, "list": 195, "count": 115, "explanation": 105, "howto": 90,
    "comparison": 100, "latest": 110, "name": 80, "multi": 125, "follow_up": 75, "yes_no": 40,
}  # fmt: skip
ANY = ("place", "event", "group", "project", "thing", "person", "town")

GREETINGS = {
    "en": ("Hello, ", "Good morning. ", "Hi! ", "Excuse me, "),
    "fr": ("Bonjour, ", "Bonsoir. ", "Bonjour ! ", "Excusez-moi, "),
    "ja": ("こんにちは。", "はじめまして。", "おはようございます。", "すみません、"),
}

WORDINGS_OF_EACH = 3
"""Of the wordings of have_you.tsv, for each thing in each language."""


def composed() -> Iterator[dict[str, Any]]:
    """Yield the questions: `text`, `language`, `kind`, `template` and, of facts, `value`."""
    rng = random.Random(17)
    subjects = list(csv.DictReader((HERE / "subjects.tsv").open(encoding="utf-8"), dialect="excel-tab"))
    templates = list(csv.DictReader((HERE / "templates.tsv").open(encoding="utf-8"), dialect="excel-tab"))
    for kind, language in itertools.product(PER_LANGUAGE, ("en", "fr", "ja")):
        rows = [
            (number, row)
            for number, row in enumerate(templates, start=2)
            if (row["kind"], row["language"]) == (kind, language)
        ]
        seen: set[str] = set()
        for number, row in itertools.islice(itertools.cycle(rows), 20 * PER_LANGUAGE[kind]):
            text = filled(row, subjects, rng)
            if text.casefold() in seen:
                continue
            seen.add(text.casefold())
            line = {"text": roughened(text, row, rng), "language": language, "kind": kind}
            line |= {"value": row["value"]} if row["value"] else {}
            yield line | {"template": number}
            if len(seen) == PER_LANGUAGE[kind]:
                break


def have_you() -> Iterator[dict[str, Any]]:
    """Yield questions for everyday things: `text`, `language`, `kind`, `thing`.

    A thing that is kept aside is asked for in trained wordings and in such that are kept aside, too; `aside`
    says which: "thing" or "thing and wording".
    """
    rng = random.Random(29)
    things = list(csv.DictReader((HERE / "things.tsv").open(encoding="utf-8"), dialect="excel-tab"))
    wordings = list(csv.DictReader((HERE / "have_you.tsv").open(encoding="utf-8"), dialect="excel-tab"))
    for thing, language in itertools.product(things, ("en", "fr", "ja", "ko")):
        fitting = [
            row for row in wordings if row["language"] == language and row["sort"] in ("any", thing["sort"])
        ]
        trained = rng.sample([row for row in fitting if not row["aside"]], WORDINGS_OF_EACH)
        asked = [(row, "thing" if thing["aside"] else "") for row in trained]
        if thing["aside"]:
            new = [row for row in fitting if row["aside"]]
            asked += [(row, "thing and wording") for row in rng.sample(new, min(len(new), WORDINGS_OF_EACH))]
        for row, aside in asked:
            name = thing[language]
            text = row["text"].format(x=name, Is="Are" if is_plural(name) else "Is")
            if not aside and language in GREETINGS:
                text = roughened(text, row | {"kind": "yes_no"}, rng)
            yield {"text": text, "language": language, "kind": "yes_no", "thing": thing["en"], "aside": aside}


def is_plural(name: str) -> bool:
    """True for an English name of several things, as things.tsv has them."""
    return name.endswith("s") and not name.startswith(("a ", "an "))


def filled(row: dict[str, str], subjects: list[dict[str, str]], rng: random.Random) -> str:
    """Return the template with a subject, other towns and a year put in, contractions made."""
    language = row["language"]
    sorts = ANY if row["subject"] == "any" else row["subject"].split()
    year = str(rng.randint(1985, 2024))
    if sorts == ["year"]:
        return row["text"].format(y=year)
    sort = rng.choice(sorts)
    subject = rng.choice([s for s in subjects if s["class"] == sort])
    name = subject[language]
    towns = rng.sample([s[language] for s in subjects if s["class"] == "town" and s[language] != name], 2)
    feminine, name = name.startswith("f:"), re.sub("^[mf]:", "", name)
    first, _, second = name.partition("|")
    text = row["text"].format(
        x=name, t=towns[0], t2=towns[1], y=year, a=first, b=second, c=subject["counter"],
        bare=re.sub(r"^(the |le |la |l')", "", name),
        e="e" if feminine else "", te="te" if feminine else "", ne="ne" if feminine else "",
        il="elle" if feminine else "il", celui="celle" if feminine else "celui",
        Quels="Quelles" if feminine else "Quels",
    )  # fmt: skip
    if language == "fr":
        text = contracted(text)
    return text[0].upper() + text[1:] if row["text"].startswith("{") and row["kind"] != "name" else text


def contracted(text: str) -> str:
    """Return French text with de + le, à + le, de and que before a vowel written as they should be."""
    for pattern, by in (
        (r"\b([Dd])e le ", r"\1u "),
        (r"\b([Dd])e les ", r"\1es "),
        (r"\bà le ", "au "),
        (r"\b(d|D|qu)e (?=[aeéèêiîoôuAEÉIOU])", r"\1'"),
    ):
        text = re.sub(pattern, by, text)
    return text


def roughened(text: str, row: dict[str, str], rng: random.Random) -> str:
    """Return the text as it is, or as someone in a hurry types it."""
    if row["kind"] not in ("name", "follow_up") and rng.random() < 0.05:
        greeting = rng.choice(GREETINGS[row["language"]])
        if greeting.endswith(", ") and not row["text"].startswith(("{", "I ")):
            text = text[0].lower() + text[1:]
        text = greeting + text
    if row["kind"] != "name" and rng.random() < 0.2:
        text = re.sub(r"\s*[?.。？]$", "", text)
    if rng.random() < (0.35 if row["kind"] == "name" else 0.12):
        text = text.lower()
    if row["language"] == "fr" and rng.random() < 0.1:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    if row["language"] != "ja" and rng.random() < 0.06:
        text = with_typo(text, rng)
    return text


def with_typo(text: str, rng: random.Random) -> str:
    """Return the text with two neighbouring letters inside one of its longer words swapped."""
    places = [m.start() + 1 for m in re.finditer(r"(?<=\w)\w{2}(?=\w{2})", text)]
    if not places:
        return text
    at = rng.choice(places)
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
