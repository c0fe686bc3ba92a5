"""Visitors at a real server: many polite ones, far too many, a rude one among polite ones, an hour of all.

python benchmarks/load.py [--seconds 300] [--memory-seconds 3600] [--scenes visitors,crowd,rude,memory]

About an hour and a quarter with these defaults. Each scene prints what it met and whether that is as it
should be; the exit code is 1 if one is not. The machine's load, in the first line, belongs to the figures.

Each visitor has an address of its own (127.0.0.x), so that the server's limits are as they are for visitors.
It starts the server itself, on a free port, and ends it. On Linux; macOS has no such addresses by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import signal
import subprocess
import sys
import threading
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

    @property
    def p95(self) -> float:
        """Time to first content that 95 of 100 answers kept; infinite if there was none."""
        return at(self.times, 0.95) if self.times else float("inf")

    def __str__(self) -> str:
        said = [f"{len(self.times)} answered"]
        if self.times:
            said.append(f"p50 {at(self.times, 0.5):.2f} s, p95 {self.p95:.2f} s to first content")
        if self.refused:
            said.append(f"{len(self.refused)} refused, the slowest after {max(self.refused):.2f} s")
        said.append(f"{len(self.errors)} errors{': ' + self.errors[0] if self.errors else ''}")
        return "; ".join(said)


def at(values: list[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def some_question() -> str:
    """Return a question that is never suggested: what answers those is known before they are asked."""
    return f"{random.choice(QUESTIONS)} ({random.getrandbits(32)})"


async def ask(client: httpx.AsyncClient, outcomes: Outcomes) -> None:
    """Ask one question as a stream."""
    started = time.perf_counter()
    taken = None
    try:
        body = {"question": some_question()}
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
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{number + 2}", verify=False)
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


async def rude(base: str, a_second: int, seconds: float) -> Outcomes:
    """Send questions at a rate without waiting for answers, from one address.

    In a process of its own and over bare sockets: what this costs the machine is not the server's work.
    """
    answers: multiprocessing.Queue[Outcomes] = multiprocessing.get_context("spawn").Queue()
    sender = multiprocessing.get_context("spawn").Process(
        target=_send_questions, args=(base, a_second, seconds, answers)
    )
    sender.start()
    outcomes = await asyncio.to_thread(answers.get)
    sender.join()
    return outcomes


def _send_questions(
    base: str, a_second: int, seconds: float, answers: multiprocessing.Queue[Outcomes]
) -> None:
    outcomes = Outcomes()

    async def flood() -> None:
        started = time.monotonic()
        sent = set()
        for number in range(int(a_second * seconds)):
            await asyncio.sleep(max(0.0, started + number / a_second - time.monotonic()))
            task = asyncio.create_task(ask_barely(base, 200, outcomes))
            sent.add(task)
            task.add_done_callback(sent.discard)
        await asyncio.gather(*sent)

    asyncio.run(flood())
    answers.put(outcomes)


async def crowd(base: str, visitors: int, outcomes: Outcomes) -> None:
    """Let visitors ask at the same moment, once each."""
    await asyncio.gather(*(ask_barely(base, number, outcomes) for number in range(visitors)))


async def ask_barely(base: str, number: int, outcomes: Outcomes) -> None:
    """Ask one question over a bare socket, which takes next to no time of this process."""
    address = httpx.URL(base)
    body = json.dumps({"question": some_question()}).encode()
    head = (
        f"POST /api/ask HTTP/1.1\r\nHost: {address.host}\r\nAccept: text/event-stream\r\n"
        f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    started = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection(
            address.host, address.port, local_addr=(f"127.0.0.{number + 2}", 0)
        )
        writer.write(head + body)
        status = await reader.readline()
        while (await reader.readline()).strip():
            pass  # the headers
        content = await reader.read(1)
        taken = time.perf_counter() - started
        await reader.read()
        writer.close()
    except OSError as error:
        outcomes.errors.append(repr(error))
        return
    if not content:
        outcomes.errors.append("an empty response")
    elif b" 200 " in status:
        outcomes.times.append(taken)
    elif b" 429 " in status or b" 503 " in status:
        outcomes.refused.append(taken)
    else:
        outcomes.errors.append(f"status {status!r}")


PAGES = ("/", "/fr", "/ja", "/embed", "/widget.js", "/privacy/fr", "/api/openapi.json", "/nowhere", "/ready")

WARM_SECONDS = 120.0
"""Until then models are loaded, pages compressed and pools filled: the start that memory is compared with."""


async def chat(client: httpx.AsyncClient, outcomes: Outcomes) -> None:
    """Open a chat page and ask two questions in it, as the page's own script does."""
    language = random.choice(("fr", "ja", "en"))
    page = (await client.get(f"/{language}")).text
    config = re.search(r"window\.gradio_config\s*=\s*(\{.*?\});?\s*</script>", page, re.DOTALL)
    assert config is not None
    asks = next(each["id"] for each in json.loads(config[1])["dependencies"] if len(each["inputs"]) == 3)
    session = f"{random.getrandbits(64):x}"
    messages: list[dict[str, str]] = []
    for question in (some_question(), some_question()):
        started = time.perf_counter()
        joining = {
            "data": [question, messages, ""],
            "event_data": None,
            "fn_index": asks,
            "trigger_id": None,
            "session_hash": session,
        }
        joined = await client.post(f"/{language}/gradio_api/queue/join", json=joining)
        if joined.status_code != 200:
            outcomes.errors.append(f"status {joined.status_code} of the chat")
            return
        path = f"/{language}/gradio_api/queue/data"
        async with client.stream("GET", path, params={"session_hash": session}) as events:
            told = "".join([text async for text in events.aiter_text()])
        outcomes.times.append(time.perf_counter() - started)
        if "process_completed" not in told:
            outcomes.errors.append("a chat without an end")
        messages += [
            {"role": "user", "content": f"<p>{question}</p>"},
            {"role": "assistant", "content": told[-5000:]},
        ]
        await asyncio.sleep(random.uniform(*THINKING_SECONDS))


async def mixed(base: str, seconds: float, outcomes: Outcomes) -> None:
    """Let visitors ask and chat, others read pages and documents, programs send nonsense, a crowd come by.

    And one that asks twice a second, and is mostly refused.
    """
    ends = time.monotonic() + seconds

    async def reader(number: int) -> None:
        async with visitor_at(base, number) as client:
            while time.monotonic() < ends:
                try:
                    await client.get(random.choice(PAGES))
                    await client.post("/api/ask", content=random.randbytes(300))
                except httpx.HTTPError as error:
                    outcomes.errors.append(repr(error))
                await asyncio.sleep(random.uniform(0.5, 2))

    async def chatter(number: int) -> None:
        async with visitor_at(base, number) as client:
            while time.monotonic() < ends:
                try:
                    await chat(client, outcomes)
                except httpx.HTTPError as error:
                    outcomes.errors.append(repr(error))

    async def crowds() -> None:
        while time.monotonic() < ends:
            await asyncio.sleep(min(60.0, max(0.0, ends - time.monotonic())))
            await crowd(base, 60, outcomes)

    await asyncio.gather(
        polite(base, 6, seconds, outcomes),
        *map(reader, range(30, 34)),
        *map(chatter, range(40, 44)),
        crowds(),
        rude(base, 2, seconds),
    )


class Scenes:
    """The scenes, each with what it should be like."""

    def __init__(self, base: str, server: int, seconds: float, memory_seconds: float) -> None:
        self._base = base
        self._server = server
        self._seconds = seconds
        self._memory_seconds = memory_seconds

    async def visitors(self) -> bool:
        """25 visitors: no error, and 95 of 100 see something within a second."""
        outcomes = Outcomes()
        await polite(self._base, 25, self._seconds, outcomes)
        print(f"25 visitors, {self._seconds:.0f} s: {outcomes}")
        return not outcomes.errors and not outcomes.refused and outcomes.p95 < 1

    async def crowd(self) -> bool:
        """200 at once: who finds no room is told within a second; ten seconds later all is as before."""
        outcomes, after = Outcomes(), Outcomes()
        await crowd(self._base, 200, outcomes)
        print(f"200 visitors at once: {outcomes}")
        await asyncio.sleep(10)
        await crowd(self._base, 1, after)
        print(f"one visitor, 10 s later: {after}")
        told = bool(outcomes.refused) and max(outcomes.refused) < 1
        return told and not outcomes.errors and after.p95 < 1

    async def rude(self) -> bool:
        """One that sends 50 questions a second slows nine polite ones by a fifth at most."""
        alone, together = Outcomes(), Outcomes()
        await polite(self._base, 9, self._seconds, alone, first=30)
        _, rudely = await asyncio.gather(
            polite(self._base, 9, self._seconds, together, first=50), rude(self._base, 50, self._seconds)
        )
        print(f"nine polite visitors, {self._seconds:.0f} s: {alone}")
        print(f"the same beside a rude one: {together}")
        print(f"the rude one, 50 a second: {rudely}")
        return not together.errors and not together.refused and together.p95 <= 1.2 * alone.p95

    async def memory(self) -> bool:
        """Under mixed load memory ends within 5 % of where it was when all was warm."""
        outcomes = Outcomes()
        await mixed(self._base, WARM_SECONDS, Outcomes())
        measured = [resident_megabytes(self._server)]
        load = asyncio.create_task(mixed(self._base, self._memory_seconds, outcomes))
        while not load.done():
            await asyncio.wait([load], timeout=max(1.0, min(60.0, self._memory_seconds / 12)))
            measured.append(resident_megabytes(self._server))
        await load
        print(f"mixed load, {self._memory_seconds:.0f} s: {outcomes}")
        print(f"memory of the server in MB, from warm on: {', '.join(f'{mb:.0f}' for mb in measured)}")
        return not outcomes.errors and measured[-1] <= 1.05 * measured[0]


SCENES = {scene.__name__: scene for scene in (Scenes.visitors, Scenes.crowd, Scenes.rude, Scenes.memory)}


async def play(scenes: Scenes, names: list[str]) -> bool:
    """Play scenes one after the other; return whether all were as they should be."""
    good = True
    for name in names:
        as_it_should_be = await SCENES[name](scenes)
        print(f"  {'met' if as_it_should_be else 'NOT met'}: {SCENES[name].__doc__}", flush=True)
        good = good and as_it_should_be
    return good


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--memory-seconds", type=float, default=3600)
    options.add_argument("--scenes", type=lambda names: names.split(","), default=list(SCENES))
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
            # A pipe that nobody reads would stop a server that has much to say.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            scenes = Scenes(base[1], server.pid, chosen.seconds, chosen.memory_seconds)
            return 0 if asyncio.run(play(scenes, chosen.scenes)) else 1
        finally:
            server.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
