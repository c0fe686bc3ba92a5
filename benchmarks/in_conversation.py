"""What earlier questions do to one: to one that is complete, to a follow-up, to one that nothing treats.

    python benchmarks/in_conversation.py

Each of our broad questions is asked alone and after the beginnings of three dialogues on other documents:
its reply should stay the same. What follows in those dialogues should have its vital facts. What visitors
ask of a library or a town hall (training/kinds/everyday.jsonl) has no answer in the sample, asked in a
dialogue or alone. Takes a quarter of an hour.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path

from partnerbot.answering.answer import Answer, Turn
from partnerbot.bot import Partnerbot
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import CONVERSATION, Query, read_data_set
from partnerbot.evaluation.matching import occurs
from partnerbot.evaluation.outcomes import read_first
from partnerbot.settings import load_settings

_EVERYDAY = Path(__file__).parents[1] / "training" / "kinds" / "everyday.jsonl"
_DIALOGUES, _TURNS, _SEED = 3, (1, 3), 45
"""Dialogues that a complete question is asked in, and their questions before it, fewest and most."""


class _Begun(NamedTuple):
    """The beginning of a dialogue, and the documents that it is about."""

    turns: list[Turn]
    sources: set[str]


def main() -> None:
    """Ask everything, and print what came of it."""
    rng = random.Random(_SEED)
    settings = load_settings()
    data_set = read_data_set("broad", settings.documents)
    bot = open_corpus(data_set, settings, user_cache_path("partnerbot") / "evaluation", mined=True).bot
    asked = [query for query in data_set.queries if query.expected and query.expected.kind != CONVERSATION]
    begun = _print_dialogues(bot, [query for query in asked if query.dialogue], rng)
    _print_complete(bot, [query for query in asked if not query.dialogue], begun, rng)
    _print_everyday(bot, begun, rng)


def _print_dialogues(bot: Partnerbot, asked: list[Query], rng: random.Random) -> dict[str, list[_Begun]]:
    """Print how many vital facts follow-ups get, and return each dialogue's beginning by its language."""
    begun: defaultdict[str, list[_Begun]] = defaultdict(list)
    shares = []
    for _, queries in groupby(asked, lambda query: query.dialogue):
        turns: list[Turn] = []
        sources: set[str] = set()
        length = rng.randint(*_TURNS)
        for position, query in enumerate(queries):
            answer = bot.ask(query.question, turns)
            if position and query.relevant:
                shares.append(_vital(query, answer))
            turns = [*turns, *_said(query.question, answer)]
            sources |= {*query.relevant}
            if position + 1 == length:
                begun[query.language].append(_Begun(turns, {*sources}))
    print(f"{len(shares)} follow-ups: {sum(shares) / len(shares):.1%} of the vital facts")
    return begun


def _print_complete(
    bot: Partnerbot, asked: list[Query], begun: dict[str, list[_Begun]], rng: random.Random
) -> None:
    compared = []
    for query in asked:
        alone = bot.ask(query.question)
        others = [one.turns for one in begun[query.language] if one.sources.isdisjoint(query.relevant)]
        for turns in rng.sample(others, min(_DIALOGUES, len(others))):
            after = bot.ask(query.question, turns)
            compared.append((_shown(after) == _shown(alone), _vital(query, after) - _vital(query, alone)))
    same = sum(is_same for is_same, _ in compared) / len(compared)
    worse = sum(more < 0 for _, more in compared) / len(compared)
    better = sum(more > 0 for _, more in compared) / len(compared)
    print(f"{len(asked)} complete questions, each in {_DIALOGUES} dialogues or fewer:")
    print(f"  {same:.1%} the same reply, {worse:.1%} fewer vital facts, {better:.1%} more")


def _print_everyday(bot: Partnerbot, begun: dict[str, list[_Begun]], rng: random.Random) -> None:
    rows = [json.loads(line) for line in _EVERYDAY.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["language"] in begun]
    alone = [bool(bot.ask(row["text"]).citations) for row in rows]
    after = [bool(bot.ask(row["text"], rng.choice(begun[row["language"]]).turns).citations) for row in rows]
    print(f"{len(rows)} everyday questions: {sum(alone)} shown something, {sum(after)} in a dialogue")


def _said(question: str, answer: Answer) -> list[Turn]:
    sources = [citation.source for citation in answer.citations]
    return [
        Turn(role="user", content=question),
        Turn(role="assistant", content=answer.answer, sources=sources),
    ]


def _shown(answer: Answer) -> tuple[object, ...]:
    quotes = [(citation.source, citation.quote) for citation in answer.citations]
    return answer.status, answer.kind, answer.short_answer, quotes


def _vital(query: Query, answer: Answer) -> float:
    """Return the share of the vital facts that a reply tells; 1 for one that rightly finds nothing."""
    assert query.expected is not None
    if not query.relevant:
        return float(answer.status == "not_in_documents")
    read = read_first(answer, query.expected.kind) if answer.status == "answered" else ""
    nuggets = [nugget for nugget in query.expected.nuggets if nugget.vital] or query.expected.nuggets
    return sum(occurs(read, nugget.any) for nugget in nuggets) / len(nuggets) if nuggets else bool(read)


if __name__ == "__main__":
    main()
