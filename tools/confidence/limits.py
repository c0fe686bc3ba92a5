"""Print what the limits of replies are worth: what is shown, what is set large, and what is said to disagree.

    python tools/confidence/limits.py DATASET...

DATASET: as for `partnerbot evaluate`. Of every question that stands alone:

- passages: how far their use (confidence.worth_showing) tells apart what the documents answer and what they
  don't, and what limits (thresholds_of_passages in calibration.json, decision 015) around the
  present ones would answer falsely and refuse;
- values: how many right and wrong ones a limit for the sum of their probability and of their passage's
  relevance (compose.py) would set large, names apart from dates and numbers;
- disagreement: the probabilities of what is said to disagree (compose.py).

Nothing is written: the limits are chosen by hand from this, for all sets together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from platformdirs import user_cache_path
from sklearn.metrics import roc_auc_score

from partnerbot.answering.compose import says_otherwise
from partnerbot.answering.confidence import log_odds
from partnerbot.answering.evidence import overlap
from partnerbot.answering.investigation import Investigation, certainty_for, use_of_passages
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import OWN, Query, read_data_set
from partnerbot.evaluation.matching import occurs
from partnerbot.settings import load_settings

SHIFTS = (-0.6, -0.3, 0.0, 0.3, 0.6)
"""Log-odds that are added to the present limits of passages."""

SUMS = (0.0, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)


def rows(place: str) -> Iterator[dict[str, Any]]:
    """Yield what is found for each question of a data set, with what is right."""
    settings = load_settings()
    data_set = read_data_set(place, settings.documents)
    folder = user_cache_path("partnerbot") / "evaluation"
    corpus = open_corpus(data_set, settings, folder, mined=place in OWN)
    for query in data_set.queries:
        if query.dialogue or query.candidates is not None:
            continue
        found = corpus.bot.investigate(query.question)
        if not found.candidates:
            continue  # conversation
        least = certainty_for(found, settings.strictness).passages
        yield {
            "set": data_set.name,
            "answerable": bool(query.relevant),
            "use": log_odds(use_of_passages(found)) - log_odds(least),
            **value(found, query),
        }


def value(found: Investigation, query: Query) -> dict[str, Any]:
    """Return the likeliest value, its sum, and the probability of what disagrees with it, if any."""
    if not found.evidence or found.evidence[0].short_answer is None or not found.intent.asks_one_value:
        return {}
    first = found.evidence[0]
    relevance = max((point.probability for point in found.points if overlap(point, first)), default=0.0)
    gold = [answer for answers in query.answers.values() for answer in answers]
    other = says_otherwise(found.evidence, first)
    return {
        "asked": "name" if found.question.asks_name else "figure",
        "right": bool(query.relevant) and occurs(first.short_answer or "", gold),
        "gold": bool(gold) or not query.relevant,
        "sum": first.probability + relevance,
        "disagrees": None if other is None else other.probability,
    }


def print_passages(found: pd.DataFrame) -> None:
    for name, own in found.groupby("set"):
        asked, other = own[own["answerable"]]["use"], own[~own["answerable"]]["use"]
        apart = roc_auc_score(own["answerable"], own["use"]) if len(asked) and len(other) else np.nan
        at = " ".join(
            f"{shift:+.1f}: {np.mean(other >= shift):.1%}/{np.mean(asked < shift):.1%}" for shift in SHIFTS
        )
        print(f"  {name}: AUROC {apart:.3f}; answered falsely/refused at {at}")


def print_values(found: pd.DataFrame) -> None:
    if "sum" not in found:
        return
    known = found[found["gold"] == True]  # noqa: E712 - missing where no value was found
    for asked, own in known.groupby("asked"):
        right, wrong = own[own["right"] == True]["sum"], own[own["right"] == False]["sum"]  # noqa: E712
        at = " ".join(f"{least}: {(right >= least).sum()}/{(wrong >= least).sum()}" for least in SUMS)
        print(f"  {asked}s, right/wrong ones from a sum of {at}")


def main(data_sets: Sequence[str]) -> None:
    found = pd.DataFrame([row for place in data_sets for row in rows(place)])
    print("passages")
    print_passages(found)
    print("values")
    print_values(found)
    if "disagrees" in found:
        print("disagreement", sorted(found["disagrees"].dropna().round(2)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_sets", nargs="+", help="folders, or 'sample' and 'broad'")
    main(parser.parse_args().data_sets)
