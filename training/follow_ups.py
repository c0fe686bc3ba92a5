"""Questions that follow others (questions/follow_ups.jsonl), with passages that answer them or don't.

Each line has an article, a question about it that names what it is about, and facts of
questions/invented.jsonl as they would be asked next, without naming that again. A passage answers where it
has the fact's answer. Others don't: of the same article, and those of other subjects that are most like the
bare words of what follows, which only its names tell apart.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from articles import LANGUAGES, QUESTIONS, Articles, Pair, paired

from partnerbot.answering.following import asked_after
from partnerbot.answering.mentions import Known, names_in
from partnerbot.answering.question import Question
from partnerbot.index.search import Index
from partnerbot.models.embeddings import load_embedding_model

LACKING = 0.6
"""Share of the answered questions that are paired with a passage of their article that lacks the answer."""
NEAREST, ELSEWHERE = 7, 2
"""Of so many passages of other articles, nearest first, how many are taken."""


def follow_up_pairs(articles: Articles, rng: random.Random) -> Iterator[Pair]:
    """Yield what follows other questions as it is read, with passages."""
    facts = (QUESTIONS / "invented.jsonl").read_text("utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        settings, ids = articles.indexed(Path(folder))
        model = load_embedding_model(settings.embedding_model)
        index = Index.open(settings.index, model)
        known = Known(index.lexical.spellings)
        for dialogue in map(json.loads, (QUESTIONS / "follow_ups.jsonl").read_text("utf-8").splitlines()):
            name = dialogue["doc_id"]
            for language in LANGUAGES:
                before = dialogue["before"][language]
                names = [before[one.start : one.end] for one in names_in(before, language, known)]
                for asked in dialogue["follow_ups"]:
                    text, answer = asked[language], json.loads(facts[asked["fact"]])["answer"]
                    question = Question(text, text, text, language, language)
                    read = asked_after(before, question, index).read_text
                    having = [one for one in articles.passages(name) if answer and answer in one.text]
                    lacking = [
                        one for one in articles.passages(name) if not answer or answer not in one.context
                    ]
                    if having:
                        yield paired(name, read, rng.choice(having), True)
                    if lacking and (not having or rng.random() < LACKING):
                        yield paired(name, read, rng.choice(lacking), False)
                    others = [
                        one
                        for one in index.search(text, model.query_vector(text))[: 2 * NEAREST]
                        if ids[one.passage.source] != name
                        and not any(each in one.passage.context for each in names)
                    ]
                    for one in rng.sample(others[:NEAREST], min(ELSEWHERE, len(others[:NEAREST]))):
                        yield paired(name, read, one.passage, False)
