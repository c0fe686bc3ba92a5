"""The embedded model's ONNX Runtime session as a sentence-transformers module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from sentence_transformers.base.modules import InputModule

from partnerbot.indexing import embedded_model
from partnerbot.indexing.vocabulary import END, START, Tokenizer, padded


class OnnxEncoder(InputModule):
    """Tokenises and embeds in one step; mean pooling and unit length are in the graph."""

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        options = onnxruntime.SessionOptions()
        # Keeping every buffer it ever needed would hold tens of megabytes for the longest text seen.
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        # Spinning threads would take the cores from the web server between two questions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer(folder / "tokenizer.model")
        self._words = embedded_model.word_vectors()

    def preprocess(  # type: ignore[override]  # this model reads text only
        self, inputs: list[str], prompt: str | None = None, **_: Any
    ) -> dict[str, torch.Tensor]:
        most = embedded_model.MAX_TOKENS - 2
        ids, mask = padded(
            [[START, *self._tokenizer.ids((prompt or "") + text)[:most], END] for text in inputs]
        )
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        words = self._words.of(features["input_ids"].numpy())
        feed = {"words": words, "attention_mask": features["attention_mask"].numpy()}
        features["sentence_embedding"] = torch.from_numpy(self._session.run(None, feed)[0])
        return features

    def get_embedding_dimension(self) -> int:
        return embedded_model.HIDDEN

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("The embedded model is made from its package; it is not saved.")
