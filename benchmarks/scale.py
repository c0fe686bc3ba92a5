"""What an index of 1,000, 10,000 and 100,000 passages costs: to build, to add an article to, to search.

    python benchmarks/scale.py [--passages 1000 10000 100000] [--embed] [--report docs/scale.md]

The documents are made up: sentences of random words in French, English and Japanese. Adding an article and
searching are measured as they are, with the embedded model. So is the first build with --embed; without,
its vectors are random ones, drawn from each text's digest, and how fast the model embeds is measured apart,
on a few hundred of the same texts: so 100,000 passages take minutes on one core, not hours. Random vectors
are the hardest to search, since none is near another.

Each step runs in a process of its own, whose start counts. --report writes the figures as a table, with a
plot of their growth beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import machine
import numpy as np
from numpy.typing import NDArray

from partnerbot.index.build import build_index
from partnerbot.index.search import Index
from partnerbot.models import embedded_model
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED

PASSAGES_A_DOCUMENT = 20
QUESTIONS = 200
EMBEDDED_TO_MEASURE = 320

_SYLLABLES = [a + b for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "on", "er")]
_KANJI = "国際交流都市姉妹協定市長訪問学生文化経済観光開催会議東京熊本静岡金沢高松年月日本語海山川橋駅港町村"

Figures = dict[str, Any]


class RandomVectors:
    """In a model's place: a unit vector drawn from the digest of each text."""

    prompts: ClassVar[dict[str, str]] = {}

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension

    def get_embedding_dimension(self) -> int:
        return self._dimension

    def encode_document(self, texts: list[str], /, **_: Any) -> NDArray[np.float32]:
        rows = np.stack([self._vector(text) for text in texts])
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    encode_query = encode_document

    def _vector(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self._dimension, np.float32)


def random_in_the_name_of(model: EmbeddingModel) -> EmbeddingModel:
    """Return a model of random vectors whose index the embedded model goes on with."""
    encoder = RandomVectors(embedded_model.HIDDEN)
    return EmbeddingModel(model.name, model.fingerprint, lambda: encoder, model.prompts)


def write_documents(folder: Path, passages: int) -> None:
    """Write documents that split into so many passages."""
    chance = random.Random(1)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(20_000)]
    for number in range(passages // PASSAGES_A_DOCUMENT):
        write_document(folder / f"{number:06d}.md", ("fr", "en", "ja")[number % 3], words, chance)


def write_document(path: Path, language: str, words: list[str], chance: random.Random) -> None:
    if language == "ja":
        text = "".join("".join(chance.choices(_KANJI, k=30)) + "。" for _ in range(PASSAGES_A_DOCUMENT))
    else:
        sentences = (" ".join(chance.choices(words, k=14)).capitalize() for _ in range(PASSAGES_A_DOCUMENT))
        text = " ".join(f"{sentence}." for sentence in sentences)
    path.write_text(f"---\ntitle: {path.stem}\nlanguage: {language}\n---\n{text}\n", "utf-8")


def build_step(folder: Path) -> Figures:
    """Index as the command does, with random vectors in the model's place."""
    model = random_in_the_name_of(load_embedding_model(EMBEDDED))
    build_index(folder / "documents", folder / "index", model)
    return {}


def embed_step(folder: Path) -> Figures:
    """Embed some of the texts that the index embeds, sentences and contexts."""
    model = load_embedding_model(EMBEDDED)
    index = Index.open(folder / "index", model)
    ids = random.Random(4).choices(list(index.texts.passages), k=EMBEDDED_TO_MEASURE // 2)
    passages = [index.texts.passages[id] for id in ids]
    texts = sorted([text for one in passages for text in (one.text, one.text_in_context)], key=len)
    model.document_vectors(texts[:1])
    started, processor_started = time.perf_counter(), time.process_time()
    model.document_vectors(texts)
    return {
        "passages_embedded_per_second": round(len(texts) / 2 / (time.perf_counter() - started), 1),
        "processor_ms_to_embed_a_passage": round(
            (time.process_time() - processor_started) * 2000 / len(texts), 1
        ),
    }


def search_step(folder: Path) -> Figures:
    """Open the index and retrieve for questions whose words are those of passages."""
    model = load_embedding_model(EMBEDDED)
    started = time.perf_counter()
    index = Index.open(folder / "index", model)
    opened = time.perf_counter() - started
    ids = random.Random(2).choices(list(index.texts.passages), k=QUESTIONS)
    questions = [index.texts.passages[id].text[:80] for id in ids]
    index.search(questions[0], model.query_vector(questions[0]))
    waited, computed = [], []
    for question in questions:
        begun, processor_begun = time.perf_counter(), time.process_time()
        index.search(question, model.query_vector(question))
        waited.append((time.perf_counter() - begun) * 1000)
        computed.append((time.process_time() - processor_begun) * 1000)
    return {
        "open_seconds": round(opened, 2),
        "query_ms_p50": round(float(np.percentile(waited, 50)), 1),
        "query_ms_p95": round(float(np.percentile(waited, 95)), 1),
        "query_processor_ms_p50": round(float(np.percentile(computed, 50)), 1),
        "query_processor_ms_p95": round(float(np.percentile(computed, 95)), 1),
        "megabytes_on_disk": round(index.size_bytes / 1e6, 1),
    }


STEPS: dict[str, Callable[[Path], Figures]] = {
    "build": build_step,
    "embed": embed_step,
    "search": search_step,
}


def run_step(step: str, folder: Path) -> Figures:
    """Run a step in a fresh process; adds what the process as a whole took."""
    return _measured([sys.executable, __file__, "--step", step, "--folder", str(folder)], folder)


def run_index(folder: Path) -> Figures:
    """Run `partnerbot index` and return what its report says; adds what the process as a whole took."""
    return _measured([sys.executable, "-m", "partnerbot.cli", "index"], folder)


def _measured(command: list[str], folder: Path) -> Figures:
    environment = {
        **os.environ,
        "PARTNERBOT_DOCUMENTS": str(folder / "documents"),
        "PARTNERBOT_INDEX": str(folder / "index"),
    }
    known = set((folder / "index" / "reports").glob("*"))
    started = time.perf_counter()
    with (folder / "told").open("w+") as told, (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=told, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            raise SystemExit((folder / "log").read_text("utf-8"))
        told.seek(0)
        lines = told.read().splitlines()
    figures: Figures = json.loads(lines[-1]) if lines else {}
    for report in set((folder / "index" / "reports").glob("*")) - known:
        content = json.loads(report.read_text("utf-8"))
        figures |= {
            name: content.get(name)
            for name in ("outcome", "passages", "vectors_embedded", "seconds_by_stage")
        }
    bytes_a_unit = 1 if sys.platform == "darwin" else 1024
    return {
        **figures,
        "seconds": round(seconds, 2),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_megabytes": round(used.ru_maxrss * bytes_a_unit / 1e6),
    }


def measure(passages: int, folder: Path, embed: bool) -> Figures:
    """Return the figures for an index of so many passages."""
    (folder / "documents").mkdir()
    write_documents(folder / "documents", passages)
    figures: Figures = {"embedded": embed}
    figures["first"] = run_index(folder) if embed else run_step("build", folder)
    figures["embedding"] = run_step("embed", folder)
    figures["search"] = run_step("search", folder)
    chance = random.Random(3)
    words = ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(500)]
    write_document(folder / "documents" / "one-more.md", "fr", words, chance)
    figures["one_article"] = run_index(folder)
    figures["search_after"] = run_step("search", folder)
    figures["nothing_changed"] = run_index(folder)
    first = figures["first"]
    stages = first["seconds_by_stage"]
    own = sum(stages.get(stage, 0.0) for stage in ("split", "words", "store"))
    spent = sum(stages.values()) - stages.get("embed", 0.0)
    # In processor time, since the clock's is another one on a busy machine.
    embedding = figures["embedding"]["processor_ms_to_embed_a_passage"] / 1000 * first["passages"]
    without = first["processor_seconds"] * (spent / sum(stages.values()))
    figures["share_of_splitting_words_and_store"] = round(without * (own / spent) / (without + embedding), 3)
    return figures


_COLUMNS: dict[str, Callable[[Figures], object]] = {
    "first build, s": lambda f: f["first"]["seconds"],
    "its processor time, s": lambda f: f["first"]["processor_seconds"],
    "embedding, processor ms a passage": lambda f: f["embedding"]["processor_ms_to_embed_a_passage"],
    "splitting, words and store of all, %": lambda f: round(100 * f["share_of_splitting_words_and_store"], 1),
    "one article more, s (processor)": lambda f: _with_processor(f["one_article"]),
    "nothing changed, s (processor)": lambda f: _with_processor(f["nothing_changed"]),
    "retrieval, ms, p50 / p95": lambda f: "{query_ms_p50} / {query_ms_p95}".format(**f["search_after"]),
    "… of processor time": lambda f: "{query_processor_ms_p50} / {query_processor_ms_p95}".format(
        **f["search_after"]
    ),
    "peak MB: build / one more / search": lambda f: " / ".join(
        str(f[step]["peak_megabytes"]) for step in ("first", "one_article", "search_after")
    ),
    "MB on disk": lambda f: f["search"]["megabytes_on_disk"],
}


def _with_processor(step: Figures) -> str:
    return "{seconds} ({processor_seconds})".format(**step)


def report(path: Path, measured: dict[int, Figures], conditions: str) -> None:
    """Write the figures as Markdown, and beside it their growth as a picture."""
    picture = path.parent / "images" / f"{path.stem}.svg"
    plot(picture, measured)
    embedded = all(figures["embedded"] for figures in measured.values())
    vectors = "the embedded model's" if embedded else "**random** in the first build, so without embedding"
    lines = [
        "# What an index costs as it grows",
        "",
        f"Written by `python benchmarks/scale.py --report docs/scale.md{' --embed' if embedded else ''}`.",
        f"{conditions}. Documents are made up; vectors are {vectors}.",
        "One article more is a whole `partnerbot index`, from the start of its process to its end.",
        "",
        f"![Seconds and megabytes against passages](images/{picture.name})",
        "",
        "| passages | "
        + " | ".join(f"{figures['first']['passages']:,}" for figures in measured.values())
        + " |",
        "|---|" + "---|" * len(measured),
    ]
    for name, value in _COLUMNS.items():
        lines.append(f"| {name} | " + " | ".join(str(value(figures)) for figures in measured.values()) + " |")
    lines += ["", "Seconds by stage of the first build, then of one article more:", ""]
    lines += ["| stage | " + " | ".join(f"{passages:,}" for passages in measured) + " |"]
    lines += ["|---|" + "---|" * len(measured)]
    for stage in next(iter(measured.values()))["first"]["seconds_by_stage"]:
        cells = (
            " / ".join(
                f"{figures[step]['seconds_by_stage'].get(stage, 0):.1f}" for step in ("first", "one_article")
            )
            for figures in measured.values()
        )
        lines.append(f"| {stage} | " + " | ".join(cells) + " |")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def plot(path: Path, measured: dict[int, Figures]) -> None:
    """Draw seconds and megabytes against passages, all in powers of ten, as an SVG."""
    seconds: dict[str, Callable[[Figures], float]] = {
        "first build": lambda f: f["first"]["seconds"],
        "one article more": lambda f: f["one_article"]["seconds"],
        "nothing changed": lambda f: f["nothing_changed"]["seconds"],
        "retrieval, 95th percentile": lambda f: f["search_after"]["query_ms_p95"] / 1000,
    }
    megabytes: dict[str, Callable[[Figures], float]] = {
        "memory, building": lambda f: f["first"]["peak_megabytes"],
        "memory, searching": lambda f: f["search_after"]["peak_megabytes"],
        "on disk": lambda f: f["search"]["megabytes_on_disk"],
    }
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 340" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="920" height="340" fill="white"/>',
        *_panel(60, "s", range(-3, 4), seconds, measured),
        *_panel(540, "MB", range(1, 5), megabytes, measured),
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n", "utf-8")


def _panel(
    left: int,
    unit: str,
    powers: range,
    curves: dict[str, Callable[[Figures], float]],
    measured: dict[int, Figures],
) -> list[str]:
    """Return one diagram, its y axis at `left`."""
    width, top, bottom = 210, 20, 300
    least, most = np.log10(min(measured)), np.log10(max(measured))

    def x(passages: float) -> float:
        return left + width * (np.log10(passages) - least) / max(most - least, 1e-9)

    def y(value: float) -> float:
        share = (np.log10(max(value, 1e-9)) - powers[0]) / (powers[-1] - powers[0])
        return bottom - (bottom - top) * share

    parts = []
    for power in powers:
        at = y(10**power)
        parts.append(f'<line x1="{left}" x2="{left + width}" y1="{at:.0f}" y2="{at:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">{10**power:g} {unit}</text>')
    for passages in measured:
        parts.append(
            f'<text x="{x(passages):.0f}" y="{bottom + 20}" text-anchor="middle">{passages:,}</text>'
        )
    parts.append(f'<text x="{left + width / 2:.0f}" y="{bottom + 36}" text-anchor="middle">passages</text>')
    colours = ("#1d4ed8", "#b91c1c", "#047857", "#7c3aed")
    beside: list[float] = []
    for colour, (name, value) in zip(colours, curves.items(), strict=False):
        points = [(x(passages), y(value(figures))) for passages, figures in measured.items()]
        drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = points[-1][1]
        while any(abs(at - other) < 14 for other in beside):
            at += 1
        beside.append(at)
        parts.append(f'<text x="{points[-1][0] + 8:.0f}" y="{at + 4:.0f}" fill="{colour}">{name}</text>')
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--embed", action="store_true", help="the first build embeds, which takes hours")
    parser.add_argument("--report", type=Path, help="a Markdown file to write")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        print(json.dumps(STEPS[chosen.step](chosen.folder)))
        return
    conditions = machine.describe()
    print(conditions)
    measured: dict[int, Figures] = {}
    for passages in chosen.passages:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            measured[passages] = measure(passages, Path(folder), chosen.embed)
        print(json.dumps({str(passages): measured[passages]}, indent=1), flush=True)
        if chosen.report:
            report(chosen.report, measured, conditions)


if __name__ == "__main__":
    main()
