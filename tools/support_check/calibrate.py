"""Fit the support check on statements of ours, and say what it and the whole verification let through.

    python tools/support_check/calibrate.py [--write]

sentences.tsv has statements about the sample documents, true ones and false ones of several kinds.
Five-fold cross-validation over documents, so that none is judged by weights that have seen it.
--write puts weights and threshold into src/partnerbot/answering/writing/support.json.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from partnerbot.answering.reader import load_reader
from partnerbot.answering.writing.excerpts import Excerpt
from partnerbot.answering.writing.mentions import Known
from partnerbot.answering.writing.support import Likeness, SupportJudge
from partnerbot.answering.writing.verification import Shown, Verifier
from partnerbot.documents.loading import load_documents
from partnerbot.indexing.embeddings import EMBEDDED, load_embedding_model
from partnerbot.indexing.passages import split_into_passages
from partnerbot.indexing.spellings import Spellings, given_twice

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_WEIGHTS = _ROOT / "src/partnerbot/answering/writing/support.json"
_BY_MEANING = ("true", "unsupported", "half")
"""The kinds that meaning alone tells; values, negation and changed places are the facts' business."""

_FALSE_LET_THROUGH = 0.10
"""Of the false statements that meaning alone must tell, as many at most."""
_FOLDS = 5


def main() -> None:
    """Compute the likenesses, fit, and report."""
    documents = {d.metadata["source"]: d for d in load_documents(_ROOT / "documents").documents}
    texts = [(d.page_content, d.metadata["language"]) for d in documents.values()]
    known = Known.mined(Spellings(given_twice(text for text, _ in texts)), texts)
    verifier = Verifier(SupportJudge(load_embedding_model(EMBEDDED), load_reader()))
    rows = [line.split("\t") for line in (_HERE / "sentences.tsv").read_text("utf-8").splitlines()]
    likenesses: list[Likeness] = []
    reasons: list[str | None] = []
    desks: dict[str, Shown] = {}
    for source, language, _, statement in rows:
        if source not in desks:
            spans = tuple((p.start, p.end) for p in split_into_passages(documents[source]))
            desks[source] = Shown([Excerpt(1, documents[source], spans)], verifier.judge)
        shown = desks[source]
        likeness, reason = verifier.examine(statement, language, shown, shown.excerpts[0], known)
        likenesses.append(likeness)
        reasons.append(reason)
    kinds = [kind for _, _, kind, _ in rows]
    features = np.array([list(asdict(one).values()) for one in likenesses])
    groups = np.array([hash_of(source) % _FOLDS for source, *_ in rows])
    out_of_fold = np.zeros(len(rows))
    judged = np.array([kind in _BY_MEANING for kind in kinds])
    true = np.array([kind == "true" for kind in kinds])
    for fold in range(_FOLDS):
        train = judged & (groups != fold)
        model = _fitted(features[train], true[train])
        out_of_fold[groups == fold] = model.predict_proba(features[groups == fold])[:, 1]
    passed_facts = np.array([reason is None for reason in reasons])
    lies = out_of_fold[judged & ~true & passed_facts]
    threshold = float(np.quantile(lies, 1 - _FALSE_LET_THROUGH)) if len(lies) else 0.5
    shown_ = passed_facts & (out_of_fold >= threshold)
    print(f"threshold {threshold:.3f}")
    for kind in sorted(set(kinds)):
        of_kind = np.array([k == kind for k in kinds])
        print(
            f"{kind:12} {of_kind.sum():3} statements, {(of_kind & ~passed_facts).sum():3} stopped by facts, "
            f"{(of_kind & passed_facts & ~shown_).sum():3} by meaning, {(of_kind & shown_).sum():3} shown"
        )
    precision = (true & shown_).sum() / max(1, shown_.sum())
    print(f"precision {precision:.3f}, recall {(true & shown_).sum() / true.sum():.3f}")
    print(Counter(reason for reason, is_true in zip(reasons, true, strict=True) if is_true and reason))
    for (source, language, kind, statement), let, reason, p in zip(
        rows, shown_, reasons, out_of_fold, strict=True
    ):
        if (kind == "true") != bool(let):
            print(
                f"{'dropped' if kind == 'true' else 'SHOWN'} {kind} {language} {p:.2f} {reason} "
                f"{source}: {statement}"
            )
    for let in (0.3, 0.4, 0.5, 0.6, 0.7):
        passed = passed_facts & (out_of_fold >= let)
        print(f"at {let}: {(true & passed).sum()} true and {(~true & passed).sum()} false shown")
    if "--write" in sys.argv:
        model = _fitted(features[judged], true[judged])
        weights = dict(zip(asdict(likenesses[0]), model.coef_[0].tolist(), strict=True))
        record = weights | {"intercept": float(model.intercept_[0]), "threshold": threshold}
        _WEIGHTS.write_text(json.dumps({k: round(v, 4) for k, v in record.items()}, indent=1) + "\n", "utf-8")


def _fitted(features: np.ndarray, true: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1.0, class_weight="balanced", max_iter=1000).fit(features, true)


def hash_of(source: str) -> int:
    """Return a number that depends on the source alone."""
    return sum(source.encode())


if __name__ == "__main__":
    main()
