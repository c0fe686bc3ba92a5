"""Train the reader on the examples data.py made.

    nice -n 19 python training/train.py --minutes 70 [--resume build/reader/checkpoint.pt]
        [--start src/partnerbot/models/reader_model]

The learning rate falls to nothing over `--minutes` of work, so the run ends by itself. Work is the
processor time used, shared out over the threads: a paused or busy machine doesn't count. Set
OMP_WAIT_POLICY=passive where other work goes on, or the threads spend it waiting for each other.
Every `--save-every` minutes the weights are written to `checkpoint.pt`, and a line to `training.log`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from export import exported_weights
from network import ReaderNetwork, packed_model, tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from partnerbot.models.vocabulary import Tokenizer

SEED = 20261124
BATCH = 16
MOST_TOKENS = 256
LEARNING_RATE = 1e-4
HEAD_RATE = 10
"""The new outputs learn this much faster than what E5 already knows."""
WARM_UP = 150
BFLOAT16 = "AVX512" in torch.backends.cpu.get_cpu_capability()
"""Half precision is faster only where the processor has it: with AVX2 alone it is 40 times slower."""

ANSWERED_WEIGHT = 0.5
"""Weight of the "answered at all" loss beside the span's."""


def joined(title: str, text: str) -> tuple[str, int]:
    """What the network reads as the passage, and where the text begins in it."""
    return (f"{title} | {text}", len(title) + 3) if title else (text, 0)


def encode(examples: list[dict[str, Any]], encoder: Tokenizer) -> list[dict[str, Any]]:
    """Token ids with the answer's first and last token; cut-off answers are dropped.

    0, 0: not here. A statement has `supported`, and stands in the question's place.
    """
    out = []
    for example in examples:
        text, shift = joined(example["title"], example["text"])
        pair = encoder.pair(example["question"], text, MOST_TOKENS)
        readable = [i for i, (_, end) in enumerate(pair.spans) if end > shift]
        if not readable:
            continue
        first = last = 0
        if example["start"] is not None:
            start, end = example["start"] + shift, example["end"] + shift
            inside = [i for i in readable if pair.spans[i][1] > start and pair.spans[i][0] < end]
            if not inside or pair.spans[inside[-1]][1] < end:
                continue
            first, last = pair.second + inside[0], pair.second + inside[-1]
        span = pair.second + readable[0], pair.second + readable[-1]
        supported = example.get("supported")
        out.append({"ids": pair.ids, "span": span, "first": first, "last": last, "supported": supported})
    return out


def batches(
    examples: list[dict[str, Any]], encoder: Any, rng: random.Random
) -> Iterator[list[dict[str, Any]]]:
    """Endless batches of examples of similar length."""
    while True:
        order = list(examples)
        rng.shuffle(order)
        for begin in range(0, len(order), BATCH * 60):
            pool = encode(order[begin : begin + BATCH * 60], encoder)
            pool.sort(key=lambda example: len(example["ids"]))
            groups = [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
            rng.shuffle(groups)
            yield from groups


def tensors(batch: list[dict[str, Any]]) -> tuple[torch.Tensor, ...]:
    longest = max(len(example["ids"]) for example in batch)
    ids = torch.ones(len(batch), longest, dtype=torch.long)  # 1: padding
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    allowed = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, example in enumerate(batch):
        ids[row, : len(example["ids"])] = torch.tensor(example["ids"])
        mask[row, : len(example["ids"])] = 1
        allowed[row, example["span"][0] : example["span"][1] + 1] = True
        allowed[row, 0] = True
    first, last = (torch.tensor([example[key] for example in batch]) for key in ("first", "last"))
    return ids, mask, allowed, first, last


def loss_of(network: ReaderNetwork, batch: list[dict[str, Any]]) -> torch.Tensor:
    """Mean over the batch: of questions the span's and "answered", of statements "supported"."""
    ids, mask, allowed, first, last = tensors(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
        logits = network(ids, mask)
    logits = logits.float()
    states = [example["supported"] for example in batch]
    stated = torch.tensor([state is not None for state in states])
    losses = logits.new_zeros(len(batch))
    if stated.any():
        truth = torch.tensor([float(state) for state in states if state is not None])
        losses[stated] = binary_cross_entropy_with_logits(logits[stated, 0, 3], truth, reduction="none")
    asked = ~stated
    if asked.any():
        first, last, allowed, logits = first[asked], last[asked], allowed[asked], logits[asked]
        starts, ends = (logits[:, :, i].masked_fill(~allowed, -1e4) for i in (0, 1))
        span = (
            cross_entropy(starts, first, reduction="none") + cross_entropy(ends, last, reduction="none")
        ) / 2
        answered = binary_cross_entropy_with_logits(logits[:, 0, 2], (first != 0).float(), reduction="none")
        losses[asked] = span + ANSWERED_WEIGHT * answered
    return losses.mean()


@torch.no_grad()
def held_loss(network: ReaderNetwork, held: list[dict[str, Any]]) -> float:
    if not held:
        return 0.0
    network.eval()
    order = sorted(held, key=lambda example: len(example["ids"]))
    groups = [order[i : i + 32] for i in range(0, len(order), 32)]
    total = sum(float(loss_of(network, group)) * len(group) for group in groups)
    network.train()
    return total / len(order)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=Path, default=Path("build/reader"), help="folder data.py wrote")
    parser.add_argument(
        "--minutes", type=float, default=70, help="minutes of work, over which the rate falls to 0"
    )
    parser.add_argument("--save-every", type=float, default=10, help="minutes of work between checkpoints")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", type=Path, help="go on from this checkpoint, with its time and optimiser")
    parser.add_argument("--start", type=Path, help="begin with the exported reader in this folder")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    encoder = tokenizer()

    def read(name: str) -> list[dict[str, Any]]:
        with (options.examples / f"{name}.jsonl").open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    train = read("train") + read("statements")
    held = encode(rng.sample(read("held"), 200), encoder)
    held_statements = encode(read("statements_held")[:200], encoder)
    network = ReaderNetwork(packed_model())
    trained = [p for p in network.parameters() if p.requires_grad]
    head = list(network.head.parameters())
    body = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("head.")]
    groups = [
        {"params": [p for p in body if p.ndim > 1], "weight_decay": 0.01, "factor": 1.0},
        {"params": [p for p in body if p.ndim == 1], "weight_decay": 0.0, "factor": 1.0},
        {"params": head, "weight_decay": 0.0, "factor": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, lr=LEARNING_RATE, fused=True)
    step, seconds, seen = 0, 0.0, 0
    if options.start:
        weights = exported_weights(options.start)
        for name, fresh in network.head.state_dict().items():  # an older reader has fewer outputs
            known = weights[f"head.{name}"]
            weights[f"head.{name}"] = torch.cat([known, fresh[len(known) :]])
        network.load_state_dict(weights, strict=False)
    if options.resume:
        saved = torch.load(options.resume, weights_only=True)
        network.load_state_dict(saved["weights"], strict=False)
        optimiser.load_state_dict(saved["optimiser"])
        step, seconds, seen = saved["step"], saved["seconds"], saved["seen"]
        rng.seed(SEED + step)
        torch.manual_seed(SEED + step)
    log = (options.examples / "training.log").open("a", encoding="utf-8")

    def note(text: str) -> None:
        print(text, flush=True)
        log.write(text + "\n")
        log.flush()

    def losses() -> str:
        return f"{held_loss(network, held):.3f}, of statements {held_loss(network, held_statements):.3f}"

    note(f"{len(train)} examples, from step {step}, {seconds / 60:.1f} of {options.minutes} minutes")
    network.train()
    saved_at, running, started_seen, started_seconds = seconds, 0.0, seen, seconds
    for batch in batches(train, encoder, rng):
        begun = time.process_time()
        remaining = 1 - seconds / (60 * options.minutes)
        if remaining <= 0:
            break
        for group in optimiser.param_groups:
            group["lr"] = (
                group["factor"] * LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * max(0.0, remaining)
            )
        loss = loss_of(network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        step, seen, running = step + 1, seen + len(batch), running + loss.item()
        seconds += (time.process_time() - begun) / options.threads
        if step % 50 == 0:
            speed = (seen - started_seen) / (seconds - started_seconds)
            note(f"step {step} minute {seconds / 60:.1f} loss {running / 50:.3f} {speed:.1f} examples/s")
            running = 0.0
        if seconds - saved_at > 60 * options.save_every:
            saved_at = seconds
            _save(options.examples, network, optimiser, step, seconds, seen)
            note(f"checkpoint at step {step}, held-out loss {losses()}")
    _save(options.examples, network, optimiser, step, seconds, seen)
    note(f"done at step {step}, {seen} examples, held-out loss {losses()}")


def _save(folder: Path, network: ReaderNetwork, optimiser: Any, step: int, seconds: float, seen: int) -> None:
    scratch = folder / "checkpoint.part"
    state = {
        "weights": network.shipped(),
        "optimiser": optimiser.state_dict(),
        "step": step,
        "seconds": seconds,
        "seen": seen,
    }
    torch.save(state, scratch)
    scratch.replace(folder / "checkpoint.pt")


if __name__ == "__main__":
    main()
