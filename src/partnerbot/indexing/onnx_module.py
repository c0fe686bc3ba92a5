"""The embedded model's ONNX Runtime session as a sentence-transformers module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from sentence_transformers.base.modules import InputModule
from tokenizers import Tokenizer


class OnnxEncoder(InputModule):  # type: ignore[misc]  # sentence-transformers ships no types
    """Tokenises and embeds in one step; mean pooling and unit length are in the graph."""

    config_keys: list[str] = []
    save_in_root = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        # Spinning threads would take the cores from the web server between two questions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._dimension = int(self._session.get_outputs()[0].shape[1])

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: Any) -> dict[str, torch.Tensor]:
        encodings = self._tokenizer.encode_batch([(prompt or "") + text for text in inputs])
        return {
            "input_ids": torch.tensor([encoding.ids for encoding in encodings]),
            "attention_mask": torch.tensor([encoding.attention_mask for encoding in encodings]),
        }

    def forward(self, features: dict[str, torch.Tensor], **_: Any) -> dict[str, torch.Tensor]:
        feed = {name: features[name].numpy().astype(np.int64) for name in ("input_ids", "attention_mask")}
        features["sentence_embedding"] = torch.from_numpy(self._session.run(None, feed)[0])
        return features

    def get_embedding_dimension(self) -> int:
        return self._dimension

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("The embedded model is made from its package; it is not saved.")
