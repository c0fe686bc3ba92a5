"""Visitors at the API of a real server: many polite ones, far too many, and a rude one among polite ones.

python benchmarks/load.py [--seconds 300] [--index index]

Each visitor has an address of its own (127.0.0.x), so that the server's limits are as they are for visitors.
It starts the server itself, on a free port, and ends it. On Linux; macOS has no such addresses by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx
from machine import describe, resident_megabytes

QUESTIONS = (
    "Quand le protocole entre Dijon et Kumamoto a-t-il été signé ?",
    "Combien de collectivités ont participé aux rencontres ?",
    "ヴィタゴラはいつ熊本に事務所を開設しましたか？",
    "次の日仏自治体交流会議はどこで開かれますか？",
    "When did Vitagora open its Kumamoto office?",
    "Who signed the memorandum with Kumamoto?",
)
THINKING_SECONDS = (4.0, 16.0)
"""Between a visitor's questions: reading an answer and typing the next one."""


@dataclass
class Outcomes:
    """What a group of visitors met; times are in seconds, to the first content."""

    times: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = [f"{len(self.times)} answered"]
        if self.times:
            said.append(f"p50 {at(self.times, 0.5):.2f} s, p95 {at(self.times, 0.95):.2f} s to first content")
        if self.refused:
            said.append(f"{len(self.refused)} refused, the slowest after {max(self.refused):.2f} s")
        said.append(f"{len(self.errors)} errors{': ' + self.errors[0] if self.errors else ''}")
        return "; ".join(said)


def at(values: list[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def ask(client: httpx.AsyncClient, outcomes: Outcomes) -> None:
    """Ask one question as a stream."""
    started = time.perf_counter()
    taken = None
    try:
        body = {"question": random.choice(QUESTIONS)}
        headers = {"Accept": "text/event-stream"}
        async with client.stream("POST", "/api/ask", json=body, headers=headers) as response:
            async for _ in response.aiter_bytes():
                taken = taken or time.perf_counter() - started
    except httpx.HTTPError as error:
        outcomes.errors.append(repr(error))
        return
    if taken is None:
        outcomes.errors.append("an empty response")
    elif response.status_code == 200:
        outcomes.times.append(taken)
    elif response.status_code in (429, 503):
        outcomes.refused.append(taken)
    else:
        outcomes.errors.append(f"status {response.status_code}")


def visitor_at(base: str, number: int) -> httpx.AsyncClient:
    """Return a client that is connected from an address of its own."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{number + 2}")
    return httpx.AsyncClient(base_url=base, transport=transport, timeout=60)


async def polite(base: str, visitors: int, seconds: float, outcomes: Outcomes, first: int = 0) -> None:
    """Let visitors ask, think and ask again."""
    ends = time.monotonic() + seconds

    async def visit(number: int) -> None:
        async with visitor_at(base, number) as client:
            await asyncio.sleep(random.uniform(0, min(seconds, THINKING_SECONDS[1])))
            while time.monotonic() < ends:
                await ask(client, outcomes)
                await asyncio.sleep(random.uniform(*THINKING_SECONDS))

    await asyncio.gather(*(visit(first + number) for number in range(visitors)))


async def rude(base: str, a_second: int, seconds: float, outcomes: Outcomes) -> None:
    """Send questions at a rate without waiting for answers, from one address."""
    ends = time.monotonic() + seconds
    async with visitor_at(base, 200) as client:
        sent = set()
        while time.monotonic() < ends:
            task = asyncio.create_task(ask(client, outcomes))
            sent.add(task)
            task.add_done_callback(sent.discard)
            await asyncio.sleep(1 / a_second)
        await asyncio.gather(*sent)


async def crowd(base: str, visitors: int, outcomes: Outcomes) -> None:
    """Let visitors ask at the same moment, once each."""

    async def once(number: int) -> None:
        async with visitor_at(base, number) as client:
            await ask(client, outcomes)

    await asyncio.gather(*map(once, range(visitors)))


async def measure(base: str, server: int, seconds: float) -> None:
    """Run the scenes one after the other and print what was met."""
    memory = resident_megabytes(server)
    outcomes = Outcomes()
    await polite(base, 25, seconds, outcomes)
    print(f"25 visitors, {seconds:.0f} s: {outcomes}", flush=True)

    outcomes = Outcomes()
    await crowd(base, 200, outcomes)
    print(f"200 visitors at once: {outcomes}", flush=True)
    await asyncio.sleep(10)
    outcomes = Outcomes()
    await crowd(base, 1, outcomes)
    print(f"one visitor, 10 s later: {outcomes}", flush=True)

    alone, together, rudely = Outcomes(), Outcomes(), Outcomes()
    await polite(base, 9, seconds, alone, first=30)
    await asyncio.gather(polite(base, 9, seconds, together, first=50), rude(base, 50, seconds, rudely))
    print(f"nine polite visitors, {seconds:.0f} s: {alone}")
    print(f"the same beside a rude one: {together}")
    print(f"the rude one, 50 a second: {rudely}")
    print(
        f"memory of the server: {memory:.0f} MB before, {resident_megabytes(server):.0f} MB after", flush=True
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--index", default="index")
    chosen = options.parse_args()
    print(describe())
    command = [sys.executable, "-m", "partnerbot.cli", "serve", "--port", "0", "--index", chosen.index]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = []
            for line in server.stderr:
                said.append(line)
                if base := re.search(r"answers at (http://\S+)/", line):
                    break
            else:
                raise SystemExit(f"The server ended before it answered:\n{''.join(said)}")
            asyncio.run(measure(base[1], server.pid, chosen.seconds))
        finally:
            server.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
