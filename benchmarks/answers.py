"""How long an answer takes and what it costs: start-up, memory, and time by stage.

    make benchmark
    python benchmarks/answers.py --json build/answers.json

Starts `app.py` as an owner would, in a fresh process, waits until it says where it answers, and
asks it the sample questions in three languages over HTTP, one visitor at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
from machine import describe, processor_seconds, resident_megabytes

from partnerbot.cli.index import index_documents
from partnerbot.evaluation.datasets import Query, read_data_set
from partnerbot.settings import load_settings

_ROOT = Path(__file__).parents[1]
_QUESTIONS_BEFORE_MEMORY = 50
"""Memory is read after so many: what is loaded late is loaded by then."""


@dataclass(frozen=True)
class Spread:
    """Median and 95th percentile of a time, in milliseconds."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Result:
    """What one run found. `stages` are the server's own clock, `answer` is the visitor's.

    `processor_ms` is the server's processor time a question, over all cores: it tells what an answer
    costs on a busy machine too. Memory is RSS in MB of 10^6 bytes; `answered` is how many questions
    were not abstained from.
    """

    machine: str
    startup_seconds: float
    megabytes_after_50: float
    megabytes_at_end: float
    questions: int
    answered: int
    processor_ms: float
    answer: Spread
    stages: dict[str, Spread]


def measure(queries: Sequence[Query]) -> Result:
    """Ask the queries of a fresh server, one after the other."""
    machine = describe()
    waits: list[float] = []
    stages: dict[str, list[float]] = {}
    answered = 0
    with _server() as (process, port, startup_seconds):
        used = processor_seconds(process.pid)
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for number, query in enumerate(queries, start=1):
            started = time.perf_counter()
            answer = _ask(connection, query.question)
            waits.append((time.perf_counter() - started) * 1000)
            answered += answer["status"] == "answered"
            for stage, milliseconds in answer["timings_ms"].items():
                stages.setdefault(stage, []).append(milliseconds)
            if number <= _QUESTIONS_BEFORE_MEMORY:
                after_50 = resident_megabytes(process.pid)
        at_end = resident_megabytes(process.pid)
        used = processor_seconds(process.pid) - used
    return Result(
        machine=machine,
        startup_seconds=round(startup_seconds, 1),
        megabytes_after_50=round(after_50),
        megabytes_at_end=round(at_end),
        questions=len(queries),
        answered=answered,
        processor_ms=round(used * 1000 / len(queries)),
        answer=_spread(waits),
        stages={stage: _spread(times) for stage, times in stages.items()},
    )


@contextmanager
def _server() -> Iterator[tuple[subprocess.Popen[str], int, float]]:
    """Yield a server's process, its port, and the seconds until it answered; it ends with the block."""
    started = time.perf_counter()
    address = {"PARTNERBOT_HOST": "127.0.0.1", "PARTNERBOT_PORT": "0"}
    # One visitor may not ask as fast as this does.
    environment = os.environ | address | {"PARTNERBOT_QUESTIONS_PER_MINUTE": "0"}
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=_ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            address = re.search(r"answers at http://\S+:(\d+)/", line)
            if address:
                yield process, int(address[1]), time.perf_counter() - started
                return
        raise SystemExit(f"The server ended before it answered:\n{''.join(said)}")
    finally:
        process.terminate()
        process.wait()


def _ask(connection: HTTPConnection, question: str) -> dict[str, object]:
    connection.request(
        "POST", "/api/ask", json.dumps({"question": question}), {"Content-Type": "application/json"}
    )
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{question}: {response.status} {body.decode()}")
    return json.loads(body)


def _spread(times: Sequence[float]) -> Spread:
    p50, p95 = np.percentile(times, [50, 95])
    return Spread(round(float(p50), 1), round(float(p95), 1))


def main() -> None:
    """Index what isn't yet, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    arguments = parser.parse_args()
    os.chdir(_ROOT)
    settings = load_settings()
    index_documents(settings)
    result = measure(read_data_set("sample", settings.documents).queries)

    print(result.machine)
    print(f"ready after              {result.startup_seconds:6.1f} s (fresh process, index up to date)")
    print(f"memory, 50 questions     {result.megabytes_after_50:6.0f} MB")
    print(f"memory, {result.questions} questions    {result.megabytes_at_end:6.0f} MB")
    print(f"answered                 {result.answered:6} of {result.questions}")
    print(f"processor time           {result.processor_ms:6.0f} ms a question")
    print("milliseconds                p50    p95")
    for name, spread in {"answer, over HTTP": result.answer, **result.stages}.items():
        print(f"  {name:<20} {spread.p50:8.1f} {spread.p95:6.1f}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(asdict(result), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
