"""Optional: candidates put in order by a cross-encoder that its owner plugs in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from partnerbot.errors import ModelUnavailable, first_line, needing

if TYPE_CHECKING:
    from partnerbot.index.search import Candidate

_RERANKED = 20
"""Candidates a cross-encoder looks at: the right document is among them in 98 of 100 questions."""


class Reranker:
    """Orders candidates by reading question and passage together. One instance serves all threads."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()

    def rerank(self, question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return all candidates, the first of them in the cross-encoder's order, likeliest first."""
        first, rest = list(candidates[:_RERANKED]), list(candidates[_RERANKED:])
        if not first:
            return rest
        pairs = [(question, candidate.passage.text_in_context) for candidate in first]
        with self._lock:
            scores = self._model.predict(pairs, show_progress_bar=False)
        order = sorted(range(len(first)), key=lambda place: -float(scores[place]))
        return [first[place] for place in order] + rest


def load_reranker(name: str) -> Reranker | None:
    """Load any sentence-transformers CrossEncoder with one score, by hub id or folder; None without a name.

    Raises: ModelUnavailable saying why and what to do.
    """
    if not name:
        return None
    with needing("sentence-transformers", f"PARTNERBOT_RERANKER_MODEL={name}"):
        from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(
            name, device="cpu", trust_remote_code=False, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnavailable(
            f"The reranker '{name}' can't be loaded: {first_line(error)} Check PARTNERBOT_RERANKER_MODEL: "
            "a hub id (needs a network once) or a local folder."
        ) from error
    if model.num_labels != 1:
        raise ModelUnavailable(
            f"The reranker '{name}' gives {model.num_labels} scores a pair, where one is needed. "
            "Set PARTNERBOT_RERANKER_MODEL to a cross-encoder for ranking."
        )
    return Reranker(model)
