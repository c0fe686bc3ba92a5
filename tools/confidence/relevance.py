"""Fit what a passage is read and shown for, on questions whose vital facts are known.

    python tools/confidence/relevance.py DATASET...

DATASET: as for `partnerbot evaluate`. Of the candidates of every question that stands alone, one is right if
its context has a vital fact, or a gold answer. Two logistic models are fitted, in which each question counts
the same, and each set:

- what is read (points.TO_READ), on how far all candidates are from their question's mean: for sets left
  out, the share of vital facts in the passages read so, in those of the present weights, and in as many of
  the highest score;
- what is shown (points.TO_SHOW), on twice as many as are read: for sets left out, the area under the ROC
  curve, and the present one.

Nothing is written: the weights are rounded by hand, for all sets together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from platformdirs import user_cache_path
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from partnerbot.answering.evidence import distinct_candidates
from partnerbot.answering.investigation import Investigation
from partnerbot.answering.points import READ_AT_MOST, TO_READ, TO_SHOW, WORST, to_read, worth_of
from partnerbot.answering.readings import Readings
from partnerbot.documents.metadata import EDITION, SOURCE
from partnerbot.evaluation.corpus import open_corpus
from partnerbot.evaluation.datasets import OWN, Query, read_data_set
from partnerbot.evaluation.matching import occurs
from partnerbot.index.search import Candidate
from partnerbot.models.reader import load_reader
from partnerbot.settings import load_settings


def rows(place: str) -> Iterator[dict[str, Any]]:
    """Yield each distinct candidate of a data set's questions, with what speaks for it and what it has."""
    settings = load_settings()
    data_set = read_data_set(place, settings.documents)
    folder = user_cache_path("partnerbot") / "evaluation"
    corpus = open_corpus(data_set, settings, folder, mined=place in OWN)
    for query in data_set.queries:
        asked = vital(query)
        if query.dialogue or query.candidates is not None or not asked:
            continue
        found = corpus.bot.investigate(query.question)
        readings = Readings(load_reader(), found.question, found.index)
        distinct = distinct_candidates(found.candidates)
        read = to_read(distinct, 2 * READ_AT_MOST)
        relevance = dict(zip(read, np.maximum(readings.relevance(read), WORST), strict=True))
        editions = [edition(one, found) for one in read]
        document = dict(
            zip(editions, pd.Series(relevance.values()).groupby(editions).max()[editions], strict=True)
        )
        for one, worth in zip(distinct, worth_of(distinct), strict=True):
            told = [occurs(one.passage.context, spellings) for spellings in asked]
            yield {
                "set": data_set.name,
                "question": query.id,
                "told": told,
                "right": any(told),
                "relevance": relevance.get(one),
                "document": document.get(edition(one, found)),
                **worth,
            }


def edition(candidate: Candidate, found: Investigation) -> str:
    """Return what a candidate's document and its translations have in common."""
    metadata = found.index.document(candidate.passage.source).metadata
    return str(metadata.get(EDITION, metadata[SOURCE]))


def vital(query: Query) -> list[list[str]]:
    """Return the facts that a reply needs, each in any of its spellings."""
    if query.expected is not None:
        return [nugget.any for nugget in query.expected.nuggets if nugget.vital]
    gold = [answer for answers in query.answers.values() for answer in answers]
    return [gold] if gold else []


def centred(found: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return what speaks for each passage, less its question's mean."""
    return found[list(names)] - found.groupby(["set", "question"])[list(names)].transform("mean")


def fit(found: pd.DataFrame, names: Sequence[str]) -> dict[str, float]:
    """Return the weights of what speaks for a passage, and the intercept, in log-odds."""
    each = 1 / found.groupby(["set", "question"])["right"].transform("size")
    weights = len(found) / found["set"].nunique() * each / each.groupby(found["set"]).transform("sum")
    model = LogisticRegression(max_iter=1000).fit(found[list(names)], found["right"], sample_weight=weights)
    return {
        "intercept": float(model.intercept_[0]),
        **dict(zip(names, map(float, model.coef_[0]), strict=True)),
    }


def logit(found: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Return what the weights make of each passage."""
    return sum(
        (weights[name] * found[name] for name in weights if name != "intercept"), pd.Series(0.0, found.index)
    )


def share_read(found: pd.DataFrame, likely: pd.Series) -> float:
    """Return the mean share of a question's vital facts that the likeliest passages have."""
    place = likely.groupby([found["set"], found["question"]]).rank(ascending=False, method="first")
    read = found[place <= READ_AT_MOST]
    told = read.groupby(["set", "question"])["told"].agg(lambda facts: np.mean(np.any(list(facts), axis=0)))
    return float(told.mean())


def main(data_sets: Sequence[str]) -> None:
    found = pd.DataFrame([row for place in data_sets for row in rows(place)])
    names = {"read": list(TO_READ), "shown": [name for name in TO_SHOW if name != "intercept"]}
    apart = found.assign(**centred(found, names["read"]))
    for name, own in found.groupby("set"):
        others = found[found["set"] != name] if found["set"].nunique() > 1 else own
        fitted = logit(own, fit(apart.loc[others.index], names["read"]))
        shares = [share_read(own, likely) for likely in (fitted, logit(own, TO_READ), own["score"])]
        read = own.dropna()
        fitted = logit(read, fit(others.dropna(), names["shown"]))
        areas = [roc_auc_score(read["right"], likely) for likely in (fitted, logit(read, TO_SHOW))]
        print(f"{name}: {own['question'].nunique()} questions")
        print("  vital facts read: fitted on the others {:.1%}, now {:.1%}, by score {:.1%}".format(*shares))
        print("  AUROC of what is shown: fitted on the others {:.3f}, now {:.3f}".format(*areas))
    for part, rows_of_it in (("read", apart), ("shown", found.dropna())):
        fitted = fit(rows_of_it, names[part])
        print(part, {name: round(weight, 3) for name, weight in fitted.items()})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data_sets", nargs="+", help="folders, or 'sample' and 'broad'")
    main(parser.parse_args().data_sets)
