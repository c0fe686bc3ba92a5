"""Fit the support check on statements of ours, and say what it lets through.

    python tools/support_check/calibrate.py [--write] [--evaluation DIR]

Statements: sentences.tsv, tests/judged/sample_tuned.txt and answers_tuned.txt about the sample documents,
tuned.txt about invented ones; true ones and false ones of several kinds. Five-fold cross-validation over
documents, so that none is judged by weights that have seen it. --write puts weights and threshold into
src/partnerbot/writing/support.json.

--evaluation: a folder of data sets as `partnerbot evaluate` takes them. Each question with its answer stands
for a statement: true of a document that answers it, false of the most similar one that doesn't.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from langchain_core.documents import Document
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from partnerbot.answering.mentions import Known
from partnerbot.evaluation.datasets import DataSet, WrittenDocument, read_data_set
from partnerbot.index.spellings import Spellings
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import Likeness, SupportJudge, chance, threshold
from partnerbot.writing.verdicts import Verifier

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_WEIGHTS = _ROOT / "src/partnerbot/writing/support.json"
sys.path.insert(0, str(_ROOT / "tests"))
from judged_statements import JUDGED, TRUE, Desk, Statement, read_statements  # noqa: E402

_BY_MEANING = (TRUE, "unsupported", "plausible", "half")
"""The kinds that meaning alone tells; values, negation and changed places are the facts' business."""

_FALSE_LET_THROUGH = 0.05
"""Of all false statements as many are shown at most, by weights that have not seen them."""

_FOLDS = 5
_QUESTIONS_A_SET = 30
_TEXT_CHARACTERS = 1_500
_NO_NAMES = Known(Spellings([]))


@dataclass
class Examined:
    """A statement, how like its document's best sentence it is, and what is wrong with its facts."""

    statement: Statement
    likeness: Likeness
    reason: str | None


def main() -> None:
    """Compute the likenesses, fit, and report."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--write", action="store_true", help="Put the weights into support.json.")
    arguments.add_argument("--evaluation", type=Path, help="A folder of data sets.")
    given = arguments.parse_args()
    model = load_embedding_model(EMBEDDED)
    examined = [*_on_sample(model), *_on_invented(model)]
    kinds = np.array([one.statement.kind for one in examined])
    features = np.array([list(asdict(one.likeness).values()) for one in examined])
    folds = np.array([sum(one.statement.source.encode()) % _FOLDS for one in examined])
    sound = np.array([one.reason is None for one in examined])
    # What the facts let pass is what meaning has to judge; kinds of its own teach it in any case.
    judged, true = np.isin(kinds, _BY_MEANING) | sound, kinds == TRUE
    chances = np.zeros(len(examined))
    for fold in range(_FOLDS):
        fitted = _fitted(features[judged & (folds != fold)], true[judged & (folds != fold)])
        chances[folds == fold] = fitted.predict_proba(features[folds == fold])[:, 1]
    passing = np.sort(chances[~true & sound])[::-1]
    allowed = int(_FALSE_LET_THROUGH * (~true).sum())
    # At least as likely as not, and more than that if too much passes.
    least = max(0.5, float(passing[allowed]) + 1e-4 if allowed < len(passing) else 0.0)
    _report(examined, chances, sound, judged, true, least)
    if given.write:
        fitted = _fitted(features[judged], true[judged])
        weights = dict(zip(asdict(examined[0].likeness), fitted.coef_[0].tolist(), strict=True))
        record = weights | {"intercept": float(fitted.intercept_[0]), "threshold": least}
        _WEIGHTS.write_text(json.dumps({k: round(v, 4) for k, v in record.items()}, indent=1) + "\n", "utf-8")
    if given.evaluation:
        _on_data_sets(given.evaluation, model)


def _fitted(features: np.ndarray, true: np.ndarray) -> LogisticRegression:
    # The features are cosines, a few tenths apart: C=1 would hold their weights down.
    return LogisticRegression(C=10.0, class_weight="balanced", max_iter=5000).fit(features, true)


def _on_sample(model: EmbeddingModel) -> Iterator[Examined]:
    rows = [line.split("\t") for line in (_HERE / "sentences.tsv").read_text("utf-8").splitlines()]
    statements = [Statement(source, language, "", kind, text) for source, language, kind, text in rows]
    for name in ("sample_tuned.txt", "answers_tuned.txt"):
        statements += read_statements(JUDGED / name)
    yield from _examined(Desk(_ROOT / "documents", SupportJudge(model)), statements)


def _on_invented(model: EmbeddingModel) -> Iterator[Examined]:
    yield from _examined(
        Desk(JUDGED / "documents", SupportJudge(model)), read_statements(JUDGED / "tuned.txt")
    )


def _examined(desk: Desk, statements: Sequence[Statement]) -> Iterator[Examined]:
    for one in statements:
        excerpt = desk.verifier.excerpts[desk.numbers[one.source] - 1]
        yield Examined(one, *desk.verifier.examine(one.text, one.language, excerpt))


def _report(
    examined: Sequence[Examined],
    chances: np.ndarray,
    sound: np.ndarray,
    judged: np.ndarray,
    true: np.ndarray,
    least: float,
) -> None:
    kinds = np.array([one.statement.kind for one in examined])
    shown = sound & (chances >= least)
    print(f"threshold {least:.3f}, AUROC of meaning {roc_auc_score(true[judged], chances[judged]):.3f}")
    for kind in sorted(set(kinds)):
        of_kind = kinds == kind
        print(
            f"{kind:12} {of_kind.sum():3} statements, {(of_kind & ~sound).sum():3} stopped by facts, "
            f"{(of_kind & sound & ~shown).sum():3} by meaning, {(of_kind & shown).sum():3} shown"
        )
    for name, among in (("meaning", judged), ("all", np.ones_like(judged))):
        passed = among & (chances >= least if name == "meaning" else shown)
        precision = (true & passed).sum() / max(1, passed.sum())
        recall = (true & passed).sum() / true.sum()
        print(f"{name}: precision {precision:.3f}, recall {recall:.3f}, of {among.sum()} statements")
    for one, chance_, let in zip(examined, chances, shown, strict=True):
        if (one.statement.kind == TRUE) != bool(let):
            said = "dropped" if one.statement.kind == TRUE else "SHOWN"
            print(
                f"{said} {one.statement.kind} {chance_:.2f} {one.reason or 'meaning'}: {one.statement.text}"
            )
    for at in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        passed = sound & (chances >= at)
        print(f"at {at}: {(true & passed).sum()} true and {(~true & passed).sum()} false shown")


# --- public questions -----------------------------------------------------------------------


def _on_data_sets(folder: Path, model: EmbeddingModel) -> None:
    """Say precision and recall of meaning alone, with the shipped weights, on questions and answers."""
    for place in sorted(path for path in folder.iterdir() if (path / "queries.jsonl").is_file()):
        data_set = read_data_set(str(place), place, None)
        statements = list(_questions_with_answers(data_set, model))
        chances = np.array([chance(likeness) for likeness, _ in statements])
        true = np.array([is_true for _, is_true in statements])
        if not true.any() or true.all():
            continue
        passed = chances >= threshold()
        print(
            f"{data_set.name}: {true.sum()} true and {(~true).sum()} false, "
            f"AUROC {roc_auc_score(true, chances):.3f}, "
            f"precision {(true & passed).sum() / max(1, passed.sum()):.3f}, "
            f"recall {(true & passed).sum() / true.sum():.3f}"
        )


def _questions_with_answers(data_set: DataSet, model: EmbeddingModel) -> Iterator[tuple[Likeness, bool]]:
    """Each question with its answer, beside its document and beside the most similar other one."""
    assert not isinstance(data_set.documents, Path)
    documents = [one for one in data_set.documents if one.text.strip()]
    answerable = [query for query in data_set.queries if query.relevant]
    step = max(1, len(answerable) // _QUESTIONS_A_SET)
    vectors = model.document_vectors([f"{one.title}. {one.text[:300]}" for one in documents])
    judge = SupportJudge(model)
    for query in answerable[::step]:
        answers = query.answers.get(query.language) or query.answers.get("", [])
        statement = f"{query.question.rstrip('?？ ')} {answers[0] if answers else ''}".strip()
        similar = np.argsort(-(vectors @ model.query_vector(statement)))
        other = next(i for i in similar if documents[i].id not in query.relevant)
        own = next(i for i, one in enumerate(documents) if one.id in query.relevant)
        for i, is_true in ((own, True), (int(other), False)):
            excerpt = _as_excerpt(documents[i])
            verifier = Verifier([excerpt], judge, _NO_NAMES)
            yield verifier.examine(statement, query.language, excerpt)[0], is_true


def _as_excerpt(one: WrittenDocument) -> Excerpt:
    metadata = {"source": one.id, "title": one.title or "", "language": one.language}
    document = Document(page_content=one.text[:_TEXT_CHARACTERS], metadata=metadata)
    spans = tuple((passage.start, passage.end) for passage in split_into_passages(document).passages)
    return Excerpt(1, document, spans)


if __name__ == "__main__":
    main()
