"""Fit what tells whether a question follows the one before it (src/partnerbot/answering/following.py).

    python training/following.py

Of each dialogue in questions/follow_ups.jsonl, in one of its languages, two questions follow the one before,
and two don't: the first and another question of another dialogue. Prints the weights of a logistic
regression on the layer's log-odds (kinds.py), whether a question names nothing, or several things, and the
score of the nearest passage to it as it stands; and how many are told right, by cross-validation. The layer
has learnt from these dialogues itself: beside it the other weights are worth more than printed.
"""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import numpy as np
from articles import LANGUAGES, QUESTIONS, Articles
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from partnerbot.answering.confidence import log_odds
from partnerbot.answering.following import SURE
from partnerbot.answering.kinds import Classifier
from partnerbot.answering.mentions import Known, names_in
from partnerbot.index.search import Index
from partnerbot.models.embeddings import load_embedding_model

DIALOGUES, SEED, PENALTY = 90, 9, 10.0
NAMES = ("points back", "names nothing", "names several", "nearest passage")


def main() -> None:
    rng = random.Random(SEED)
    dialogues = [
        json.loads(line) for line in (QUESTIONS / "follow_ups.jsonl").read_text("utf-8").splitlines()
    ]
    facts = [json.loads(line) for line in (QUESTIONS / "invented.jsonl").read_text("utf-8").splitlines()]
    rng.shuffle(dialogues)
    seen: list[list[float]] = []
    follow: list[bool] = []
    with tempfile.TemporaryDirectory() as folder:
        settings, _ = Articles().indexed(Path(folder))
        model = load_embedding_model(settings.embedding_model)
        index, classifier = Index.open(settings.index, model), Classifier(model)
        known = Known(index.lexical.spellings)
        for number, dialogue in enumerate(dialogues[:DIALOGUES]):
            language = rng.choice(LANGUAGES)
            other = dialogues[(number + 1) % len(dialogues)]
            fact = facts[rng.choice(other["follow_ups"])["fact"]]
            asked = [(one[language], True) for one in rng.sample(dialogue["follow_ups"], 2)]
            asked += [(other["before"][language], False), (fact[language], False)]
            for text, follows in asked:
                nearest = index.search(text, model.query_vector(text))[0].score
                points_back = classifier.intent(text, language).points_back
                named = len(names_in(text, language, known)) or len(index.lexical.spellings.names_in(text))
                seen.append([log_odds(points_back, *SURE), float(named == 0), float(named > 1), nearest])
                follow.append(follows)
    layer = LogisticRegression(C=PENALTY, max_iter=500)
    told = cross_val_predict(layer, seen, follow, cv=10)
    layer.fit(seen, follow)
    first = float(layer.coef_[0, 0])
    print(f"{np.mean(told == np.array(follow)):.3f} of {len(follow)} told right")
    print({name: round(float(one) / first, 2) for name, one in zip(NAMES, layer.coef_[0], strict=True)})
    print(f"at zero: {float(layer.intercept_[0]) / first:.2f}")


if __name__ == "__main__":
    main()
