"""What an index of 1,000, 10,000 and 100,000 passages costs: to build, to add an article to, to search.

    python benchmarks/scale.py [--passages 1000 10000 100000] [--plot docs/images/scale.svg]

The documents are made up: sentences of random words in French, English and Japanese. Their vectors are
random too, drawn from each text's digest, so that 100,000 passages take minutes: embedding itself is
measured by benchmarks/embedding_routes.py. Random vectors are the hardest to search, since none is near
another. Each step runs in a process of its own, whose start counts and whose peak memory is told.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, ClassVar

import machine
import numpy as np

from partnerbot.indexing.build import build_index
from partnerbot.indexing.embeddings import EmbeddingModel
from partnerbot.indexing.index import Index

DIMENSION = 384
PASSAGES_A_DOCUMENT = 20
QUESTIONS = 200

_SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "on", "er")]
_KANJI = "国際交流都市姉妹協定市長訪問学生文化経済観光開催会議東京熊本静岡金沢高松年月日本語海山川橋駅港町村"


class RandomVectors:
    """In a model's place: a unit vector drawn from the digest of each text."""

    prompts: ClassVar[dict[str, str]] = {}

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def encode_document(self, texts: list[str], **_: object) -> np.ndarray[Any, Any]:
        rows = np.stack([self._vector(text) for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    encode_query = encode_document

    def _vector(self, text: str) -> np.ndarray[Any, Any]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(DIMENSION, np.float32)


def random_model() -> EmbeddingModel:
    return EmbeddingModel("random", "random-vectors-1", lambda: RandomVectors())  # type: ignore[arg-type,return-value]


def write_documents(folder: Path, passages: int) -> None:
    """Write documents that split into so many passages."""
    chance = random.Random(1)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    for number in range(passages // PASSAGES_A_DOCUMENT):
        language = ("fr", "en", "ja")[number % 3]
        write_document(folder / f"{number:06d}.md", language, words, chance)


def write_document(path: Path, language: str, words: list[str], chance: random.Random) -> None:
    if language == "ja":
        sentences = ["".join(chance.choices(_KANJI, k=30)) + "。" for _ in range(PASSAGES_A_DOCUMENT)]
        text = "".join(sentences)
    else:
        sentences = [
            " ".join(chance.choices(words, k=14)).capitalize() + "." for _ in range(PASSAGES_A_DOCUMENT)
        ]
        text = " ".join(sentences)
    path.write_text(f"---\ntitle: {path.stem}\nlanguage: {language}\n---\n{text}\n", "utf-8")


def index_step(folder: Path) -> dict[str, Any]:
    """Index as the command does, in this process."""
    report = build_index(folder / "documents", folder / "index", random_model())
    return {
        "passages": report.passages,
        "stages": {name: round(seconds, 2) for name, seconds in report.stages.items()},
        "seconds": round(report.seconds, 2),
    }


def search_step(folder: Path) -> dict[str, Any]:
    """Open the index and retrieve for questions whose words are those of passages."""
    model = random_model()
    started = time.perf_counter()
    index = Index.open(folder / "index", model)
    opened = time.perf_counter() - started
    chance = random.Random(2)
    ids = chance.choices(index.texts.ids(), k=QUESTIONS)
    questions = [passage.text[:80] for passage in index.texts.passages(ids).values()]
    spent = []
    for question in questions:
        vector = model.query_vector(question)
        started = time.perf_counter()
        index.search(question, vector)
        spent.append((time.perf_counter() - started) * 1000)
    return {
        "open_seconds": round(opened, 2),
        "query_ms_p50": round(float(np.percentile(spent, 50)), 1),
        "query_ms_p95": round(float(np.percentile(spent, 95)), 1),
        "megabytes_on_disk": round(index.size_bytes / 1e6, 1),
        "segments": len(index.store.segments),
    }


STEPS = {"index": index_step, "search": search_step}


def run_step(step: str, folder: Path) -> dict[str, Any]:
    """Run a step in a fresh process; adds its whole time, start included, and its peak memory."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--step", step, "--folder", str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "process_seconds": round(time.perf_counter() - started, 2)}


def measure(passages: int, folder: Path) -> dict[str, Any]:
    """Return the figures for an index of so many passages."""
    (folder / "documents").mkdir()
    write_documents(folder / "documents", passages)
    figures: dict[str, Any] = {"first": run_step("index", folder), "search": run_step("search", folder)}
    chance = random.Random(3)
    words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(500)]
    write_document(folder / "documents" / "one-more.md", "fr", words, chance)
    figures["one_article"] = run_step("index", folder)
    figures["search_after"] = run_step("search", folder)
    figures["nothing_changed"] = run_step("index", folder)
    return figures


def plot(path: Path, figures: dict[int, dict[str, Any]]) -> None:
    """Draw seconds against passages, both in powers of ten, as an SVG."""
    lines = {
        "first build": [(n, one["first"]["process_seconds"]) for n, one in figures.items()],
        "one article more": [(n, one["one_article"]["process_seconds"]) for n, one in figures.items()],
        "nothing changed": [(n, one["nothing_changed"]["process_seconds"]) for n, one in figures.items()],
        "a retrieval, 95th percentile": [
            (n, one["search"]["query_ms_p95"] / 1000) for n, one in figures.items()
        ],
    }

    def x(passages: float) -> float:
        return 70 + 190 * (np.log10(passages) - 3)

    def y(seconds: float) -> float:
        return 300 - 46 * (np.log10(seconds) + 3)

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 350" '
        'font-family="sans-serif" font-size="12">'
    ]
    parts.append('<rect width="700" height="350" fill="white"/>')
    for power in range(-3, 4):
        parts.append(
            f'<line x1="70" x2="450" y1="{y(10**power):.0f}" y2="{y(10**power):.0f}" stroke="#ddd"/>'
        )
        parts.append(f'<text x="62" y="{y(10**power) + 4:.0f}" text-anchor="end">{10**power:g} s</text>')
    for passages in figures:
        parts.append(f'<text x="{x(passages):.0f}" y="330" text-anchor="middle">{passages:,} passages</text>')
    for colour, (name, points) in zip(
        ("#1d4ed8", "#b91c1c", "#047857", "#7c3aed"), lines.items(), strict=True
    ):
        path_points = " ".join(f"{x(n):.1f},{y(seconds):.1f}" for n, seconds in points)
        parts.append(f'<polyline points="{path_points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        last = points[-1]
        parts.append(f'<text x="{x(last[0]) + 8:.0f}" y="{y(last[1]) + 4:.0f}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        told = STEPS[chosen.step](chosen.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            json.dumps(
                {**told, "peak_megabytes": round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)}
            )
        )
        return
    print(machine.describe())
    figures = {}
    for passages in chosen.passages:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            figures[passages] = measure(passages, Path(folder))
        print(json.dumps({str(passages): figures[passages]}, indent=1), flush=True)
    if chosen.plot:
        plot(chosen.plot, figures)


if __name__ == "__main__":
    main()
