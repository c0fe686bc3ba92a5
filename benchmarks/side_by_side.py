"""Our default beside LangChain's tutorial, on the same embedding weights: quality, times, memory, growth.

    pip install -c constraints.txt langchain-chroma langchain-classic langchain-community rank-bm25
    python benchmarks/side_by_side.py [DATASET…] [--report docs/side-by-side.md]

The tutorial is https://docs.langchain.com/oss/python/langchain/rag: RecursiveCharacterTextSplitter of 1,000
characters that overlap by 200, and similarity search in Chroma, here with its own k of 4; beside it the same
with BM25 by rank fusion (EnsembleRetriever and BM25Retriever as they come). Both get the documents as our
loader reads them, and our weights by `PartnerbotEmbeddings`. What a language model would make of the four
passages isn't counted: of the tutorial, "shown" is what it would read, of ours what a visitor reads.

Data sets are those of `partnerbot evaluate`; without one, our own questions on the sample. Each step runs in
a process of its own with default settings, ours as `partnerbot index` and `partnerbot ask --batch`.
Those libraries are LangChain's own (MIT; langchain-community is no longer kept), and D. Brown's rank-bm25
(Apache-2.0; unchanged since 2022), which BM25Retriever needs. Nothing of the product uses them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.documents import Document
from machine import describe

from partnerbot.documents.loading import survey
from partnerbot.documents.metadata import LANGUAGE, SOURCE
from partnerbot.documents.reading import DocumentReader
from partnerbot.errors import DocumentRejected
from partnerbot.evaluation.corpus import write_documents
from partnerbot.evaluation.datasets import Query, read_data_set
from partnerbot.evaluation.measures import ALL, NONE, groups, measure
from partnerbot.evaluation.outcomes import Cited, Outcome
from partnerbot.langchain import PartnerbotEmbeddings

_ROOT = Path(__file__).parents[1]
_OURS, _PLAIN, _FUSED = "partnerbot", "tutorial", "tutorial with BM25"
_COLLECTION, _SHOWN = "example_collection", 4

_ABOUT = """{}.
Written by `python benchmarks/side_by_side.py`, whose first lines say what is compared. Of the tutorial, whose
answers a language model writes, "answer" is retrieval alone."""

Figures = dict[str, float | None]


# ---- The tutorial ------------------------------------------------------------------------------


def read_documents(folder: Path) -> list[Document]:
    """Return what can be read of a folder, as our index reads it."""
    found = []
    with DocumentReader() as reading:
        for source, path in survey(folder).files.items():
            with suppress(DocumentRejected):
                found.append(reading.document(path, source))
    return found


def tutorial_index(documents: Path, index: Path) -> None:
    """Load, split, embed and store, as the tutorial does."""
    from langchain_chroma import Chroma
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    pieces = splitter.split_documents(read_documents(documents))
    for piece in pieces:  # Chroma takes plain values only
        piece.metadata = {key: piece.metadata[key] for key in (SOURCE, LANGUAGE)}
    Chroma(_COLLECTION, PartnerbotEmbeddings(), str(index)).add_documents(documents=pieces)


def tutorial_ask(questions: Path, index: Path, *, fused: bool) -> None:
    """Print what is found for each question, in the form of our own replies."""
    from langchain_chroma import Chroma

    store = Chroma(_COLLECTION, PartnerbotEmbeddings(), str(index))
    retriever = store.as_retriever(search_kwargs={"k": _SHOWN})
    if fused:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever

        kept = store.get()
        by_words = BM25Retriever.from_texts(kept["documents"], kept["metadatas"], kept["ids"], k=_SHOWN)
        retriever = EnsembleRetriever(retrievers=[by_words, retriever], weights=[0.5, 0.5])
    for line in questions.read_text("utf-8").splitlines():
        started = time.perf_counter()
        pieces = retriever.invoke(json.loads(line)["question"])[:_SHOWN]
        spent = (time.perf_counter() - started) * 1000
        cited = [{**piece.metadata, "quote": piece.page_content} for piece in pieces]
        reply = {"status": "answered", "short_answer": None, "citations": cited}
        print(json.dumps({**reply, "timings_ms": {"retrieve": spent, "total": spent}}), flush=True)


# ---- Measuring ---------------------------------------------------------------------------------


def run(name: str, documents: Path, questions: Path, folder: Path) -> tuple[Figures, list[dict[str, Any]]]:
    """Index and ask, each in a process of its own; return what it cost, and the replies."""
    folder.mkdir(parents=True)
    index = str(folder / "index")
    if name == _OURS:
        command = [sys.executable, "-m", "partnerbot.cli"]
        to_index = [*command, "index", "--documents", str(documents), "--index", index]
        to_ask = [*command, "ask", "--batch", str(questions), "--json", "--index", index]
    else:
        command = [sys.executable, __file__, "--tutorial", name]
        to_index, to_ask = [*command, str(documents), index], [*command, "--ask", str(questions), index]
    started, replies, ready = time.perf_counter(), [], 0.0
    subprocess.run(to_index, cwd=folder, check=True)
    indexed = time.perf_counter()
    process = subprocess.Popen(to_ask, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        replies.append(json.loads(line))
        # The first reply's own time, for which the models are loaded, is part of the start.
        ready = ready or time.perf_counter() - indexed
    _, process.returncode, used = os.wait4(process.pid, 0)
    most = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    cost: Figures = {"index, s": indexed - started, "first answer after, s": ready, "memory, MB": most}
    for what, key in (("retrieval", "retrieve"), ("answer", "total")):
        p50, p95 = np.percentile([one["timings_ms"].get(key, 0.0) for one in replies[1:]], (50, 95))
        cost |= {f"{what}, ms, p50": float(p50), f"{what}, ms, p95": float(p95)}
    return cost, replies


def quality(
    queries: Sequence[Query], replies: Sequence[Any], ids: Mapping[str, str], languages: Mapping[str, str]
) -> Figures:
    """Return shares in percent, as `partnerbot evaluate` does. `ids`: by source; `languages`: by id."""
    outcomes = [
        Outcome(
            data_set="",
            id=query.id,
            group=query.group,
            language=query.language,
            question=query.question,
            relevant={id: languages[id] for id in query.relevant},
            gold=dict(query.answers),
            ranking=[],
            answered=reply["status"] == "answered",
            cited=[
                Cited(document=ids.get(one[SOURCE], one[SOURCE]), language=one[LANGUAGE], quote=one["quote"])
                for one in reply["citations"]
            ],
            short_answer=reply["short_answer"],
            probability=0.0,
            milliseconds=reply["timings_ms"]["total"],
        )
        for query, reply in zip(queries, replies, strict=True)
    ]
    found = {name: 100 * one.value for name, one in measure(outcomes).items()}
    pairs = [ones for name, ones in groups(outcomes).items() if name not in (ALL, NONE)]
    worst = [measure(ones)["first_citation_right"].value for ones in pairs]
    shown = [sum(len(one.quote) for one in each.cited) for each in outcomes if each.answered]
    return {
        "right document first, %": found["first_citation_right"],
        "… worst pair of languages": 100 * min(worst, default=0.0),
        "right document among those shown, %": found["any_citation_right"],
        "gold answer in what is shown, %": found["gold_in_quote"],
        "short answer, F1, %": found["short_answer_f1"],
        "answerable, refused, %": found["false_refusals"],
        "unanswerable, answered, %": found.get("false_answers"),
        "characters shown": float(np.mean(shown)),
    }


def table(title: str, rows: Mapping[str, Figures]) -> list[str]:
    """Return figures as Markdown, ratios first."""
    ours, *beside = (rows[name] for name in (_OURS, _PLAIN, _FUSED))
    lines = [
        f"| {title} | ÷ tutorial | ÷ with BM25 | ours | tutorial | with BM25 |",
        "|---|---|---|---|---|---|",
    ]
    for name, value in ours.items():
        ratios = [f"**{value / other[name]:.2f}**" if value and other[name] else "–" for other in beside]
        cells = ["–" if one[name] is None else f"{one[name]:,.1f}" for one in (ours, *beside)]
        lines.append(f"| {' | '.join([name, *ratios, *cells])} |")
    return [*lines, ""]


def compare(place: str, limit: int | None) -> list[str]:
    """Run all on one data set, with all its documents and with a quarter; return the tables."""
    data_set = read_data_set(place, _ROOT / "documents", limit)
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as scratch:
        folder = Path(scratch)
        every, quarter, questions = folder / "every", folder / "quarter", folder / "questions.jsonl"
        names: dict[str, str] = {}
        if isinstance(data_set.documents, Path):
            shutil.copytree(data_set.documents, every)
        else:
            names = write_documents(data_set.documents, every)
        for source, path in list(survey(every).files.items())[::4]:
            (quarter / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, quarter / source)
        asked = ({"id": query.id, "question": query.question} for query in data_set.queries)
        questions.write_text("\n".join(map(json.dumps, asked)), "utf-8")
        ids = {source: id for id, source in names.items()}
        read = [document.metadata for document in read_documents(every)]
        languages = {ids.get(one[SOURCE], one[SOURCE]): one[LANGUAGE] for one in read}
        good, cost, growth = {}, {}, {}
        for name in (_OURS, _PLAIN, _FUSED):
            cost[name], replies = run(name, every, questions, folder / name / "every")
            good[name] = quality(data_set.queries, replies, ids, languages)
            less, _ = run(name, quarter, questions, folder / name / "quarter")
            growth[name] = {
                key: value / less[key] for key, value in cost[name].items() if value and less[key]
            }
    heading = f"## {data_set.name}: {len(read):,} documents, {len(data_set.queries)} questions"
    tables = {"quality": good, "cost": cost, "growth, of four times the documents": growth}
    return [heading, "", *(line for title, rows in tables.items() for line in table(title, rows))]


def main() -> None:
    """Compare, and print or write Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_sets", nargs="*", default=["sample"], metavar="DATASET")
    parser.add_argument("--report", type=Path, help="a Markdown file to write")
    parser.add_argument("--limit", type=int, help="at most so many questions of each")
    parser.add_argument("--tutorial", choices=(_PLAIN, _FUSED), help=argparse.SUPPRESS)
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.tutorial:
        given, index = map(Path, chosen.data_sets)
        tutorial_ask(given, index, fused=chosen.tutorial == _FUSED) if chosen.ask else tutorial_index(
            given, index
        )
        return
    lines = ["# Beside LangChain's tutorial", "", _ABOUT.format(describe()), ""]
    for place in chosen.data_sets:
        lines += compare(place, chosen.limit)
    print("\n".join(lines))
    if chosen.report:
        chosen.report.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
