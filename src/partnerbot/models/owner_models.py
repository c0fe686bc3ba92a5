"""Models that an owner plugs in: any extractive reader of transformers, any cross-encoder that ranks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from partnerbot.errors import ModelUnavailable
from partnerbot.models.embeddings import SAFETENSORS, loading
from partnerbot.models.reader import Reader, Reading, States, best_in, join, load_reader
from partnerbot.models.vocabulary import Pair
from partnerbot.settings import EMBEDDED

if TYPE_CHECKING:
    from partnerbot.index.search import Candidate

_MOST_TOKENS = 512
"""As many as a passage with its neighbours needs; a model that has places for fewer is given fewer."""
_QUESTION_SHARE = 4
"""At most one token in so many is the question's."""


class OwnerReader(Reader):
    """Reads with a transformers model. One instance serves all threads, one question at a time."""

    def __init__(self, tokenizer: Any, model: Any) -> None:
        self._tokenizer, self._model = tokenizer, model
        places = getattr(model.config, "max_position_embeddings", None) or _MOST_TOKENS
        self._most_tokens = min(_MOST_TOKENS, places, tokenizer.model_max_length)
        self._lock = threading.Lock()

    def states(self, question: str, title: str, text: str) -> States:
        import torch

        joined, shift = join(title, text)
        encoded = self._tokenizer(
            self._cut(question),
            joined,
            truncation="only_second",
            max_length=self._most_tokens,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = encoded.pop("offset_mapping")[0].tolist()
        parts = encoded.sequence_ids(0)
        with self._lock, torch.inference_mode():
            output = self._model(**encoded)
        logits = torch.stack([output.start_logits[0], output.end_logits[0]], dim=1).float().numpy()
        second = [place for place, part in enumerate(parts) if part == 1]
        pair = Pair([], second[0] if second else 0, [offsets[place] for place in second])
        return States(logits, pair, text, shift)

    def answer(self, states: States) -> Reading:
        return best_in(states, *states.values.T)

    def relevance(self, states: States) -> float:
        return self.answer(states).score  # such a model knows only whether a passage answers

    def _cut(self, question: str) -> str:
        """Leave room for the passage, which alone is cut to fit."""
        spans = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)[
            "offset_mapping"
        ]
        most = self._most_tokens // _QUESTION_SHARE
        return question if len(spans) <= most else question[: spans[most - 1][1]]


def load_owner_reader(name: str) -> OwnerReader:
    """Load a model by its hub id or folder; no code from the hub is run. Raises: as `loading`."""
    kinds = "'embedded', or an extractive question-answering model: "
    with loading("reader", name, "PARTNERBOT_READER_MODEL", kinds):
        import torch  # noqa: F401  # transformers goes without it, and then has no models
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        model = AutoModelForQuestionAnswering.from_pretrained(name, trust_remote_code=False, **SAFETENSORS)
    if not getattr(tokenizer, "is_fast", False):
        raise ModelUnavailable(
            f"The reader '{name}' has no fast tokenizer, so its answers can't be found in the text. "
            "Set PARTNERBOT_READER_MODEL to another model."
        )
    model.eval()
    return OwnerReader(tokenizer, model)


def load_reader_named(name: str) -> Reader:
    """Load the embedded reader, or an owner's by its hub id or folder. Raises: as `load_owner_reader`."""
    return load_reader() if name == EMBEDDED else load_owner_reader(name)


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

    Raises: as `load_owner_reader`.
    """
    if not name:
        return None
    with loading("reranker", name, "PARTNERBOT_RERANKER_MODEL"):
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(name, device="cpu", trust_remote_code=False, model_kwargs=SAFETENSORS)
    if model.num_labels != 1:
        raise ModelUnavailable(
            f"The reranker '{name}' gives {model.num_labels} scores a pair, where one is needed. "
            "Set PARTNERBOT_RERANKER_MODEL to a cross-encoder for ranking."
        )
    return Reranker(model)
