"""Embedding models: the embedded one, or any sentence-transformers model."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from partnerbot.errors import ModelUnavailable, first_line, needing
from partnerbot.models import embedded_model
from partnerbot.settings import EMBEDDED

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 8
"""Texts a batch when indexing: each is padded to the longest of them, and more are no faster on 2 cores
(docs/decisions/002-embedding-route.md). With 32, the 40 texts of one article took half as long again."""


_QUESTIONS_KEPT = 8
"""One is asked for several times in a row, with and without its names: what sort of reply does it want, and
what is it about?"""


Encoder = Any
"""What has some of sentence-transformers' methods: `encode_query`, `encode_document`, `prompts` …"""


class EmbeddingModel:
    """A model with its own prefixes: the embedded one or any sentence-transformers model.

    Vectors are unit length, float32.

    The model is loaded on first use, so that what needs only its name starts at once.
    `fingerprint` changes whenever the same text could get another vector, so an index
    can refuse a model it was not built with.
    """

    def __init__(
        self,
        name: str,
        fingerprint: str,
        load: Callable[[], Encoder],
        prompts: Mapping[str, str] | None = None,
    ) -> None:
        """`prompts`: the prefixes, where they are known before the model is loaded."""
        self.name = name
        self.fingerprint = fingerprint
        self._load = load
        self._prompts = prompts
        self._loaded: Encoder | None = None
        self._loading = threading.Lock()
        self._lock = threading.Lock()
        self._query_vector = lru_cache(_QUESTIONS_KEPT)(self._embedded_question)

    @property
    def _model(self) -> Encoder:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def load(self) -> None:
        """Load the model now, so that the first text needn't wait for it."""
        _ = self._model

    @property
    def prompts(self) -> dict[str, str]:
        """The prefixes put before questions ("query") and passages ("document")."""
        known = self._model.prompts if self._prompts is None else self._prompts
        return {kind: text for kind in ("query", "document") if (text := known.get(kind))}

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    def query_vector(self, question: str) -> NDArray[np.float32]:
        """Embed a question. Returns: float32 [dimension], unit length, read-only."""
        return self._query_vector(question)

    def _embedded_question(self, question: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._encode([question], query=True)[0]
        vector.setflags(write=False)
        return vector

    def document_vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed passages. Returns: float32 [len(texts), dimension], rows of unit length, same order."""
        return self._encode(texts, query=False)

    def _encode(self, texts: Sequence[str], *, query: bool) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        encode = self._model.encode_query if query else self._model.encode_document
        cleaned = [embedded_model.clean_for_tokenizer(text) for text in texts]
        with self._lock:  # one batch at a time: two would share the cores and both be late
            vectors = encode(cleaned, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def load_embedding_model(name: str) -> EmbeddingModel:
    """Load the embedded model, or the sentence-transformers model with that hub id or folder.

    Raises: ModelUnavailable, or ConfigurationError if it needs an extra, saying why and what to do.
    """
    if name != EMBEDDED:
        return _load_from_hub_or_folder(name)
    embedded_model.weights_file()  # is it there at all?
    return EmbeddingModel(
        embedded_model.MODEL_NAME, embedded_model.FINGERPRINT, embedded_model.encoder, embedded_model.PROMPTS
    )


SAFETENSORS = {"use_safetensors": True}
"""Neither a model's code nor its pickles are run."""


@contextmanager
def loading(what: str, name: str, setting: str, kind: str = "") -> Iterator[None]:
    """Import what an owner's model needs, and load it. `kind`: what else the setting may be.

    Raises: ModelUnavailable, or ConfigurationError if the extra is missing, saying why and what to do.
    """
    with needing("sentence-transformers", f"{setting}={name}"):
        try:
            yield
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelUnavailable(
                f"The {what} '{name}' can't be loaded: {first_line(error)} Check {setting}: {kind}a hub id "
                "(needs a network once) or a local folder."
            ) from error


def _load_from_hub_or_folder(name: str) -> EmbeddingModel:
    with loading("embedding model", name, "PARTNERBOT_EMBEDDING_MODEL"):
        from sentence_transformers import SentenceTransformer

        # Not typed: its overloads for pictures and sounds fit no narrower type.
        model: Any = SentenceTransformer(name, trust_remote_code=False, model_kwargs=SAFETENSORS)
    if "e5" in name.lower() and not any(model.prompts.values()):
        # Exports of E5 often come without the prefixes it was trained with.
        model.prompts = dict(embedded_model.PROMPTS)
    return EmbeddingModel(name, _fingerprint(name, model), lambda: model)


def _fingerprint(name: str, model: SentenceTransformer) -> str:
    """Name the weights by what they answer: the vector of a probe, rounded, and the prefixes."""
    probe: Any = model.encode_document(["2020年 Kumamoto, bureau."], normalize_embeddings=True)
    digest = hashlib.sha256(np.round(np.asarray(probe, np.float64), 2).tobytes())
    digest.update(repr(sorted(model.prompts.items())).encode())
    return f"{Path(name).name}-{digest.hexdigest()[:16]}"
