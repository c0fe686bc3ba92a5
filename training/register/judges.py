"""The judges of partners in torch, as src/partnerbot/register/judging.py runs them, and their training."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from partnerbot.register.judging import A, B, Tie

sys.path.append(str(Path(__file__).parents[1]))

from export import graph, save
from relevance import as_shipped, shipped_reader, upper_layers

BFLOAT16 = "AVX512" in torch.backends.cpu.get_cpu_capability()
"""Half precision is faster only where the processor has it."""

WIDTH, HEADS, UNITS, DROPPED = 48, 4, 48, 0.3
EPOCHS, BATCH, RATE, DECAY, SMOOTHED = 8, 64, 2e-3, 0.05, 0.03
"""Chosen on texts of ours that were left out: ten epochs or eight, and one head or four, tell them alike."""

LAYERS, TUNED_EPOCHS, TUNED_BATCH, LAYERS_RATE, HEAD_RATE = 2, 3, 16, 2e-4, 1e-3
"""Of the second judge. On texts left out, four layers at half the rate tell pairs no better."""


class Network(nn.Module):
    """Attention of a few fixed queries over the states, the names of the pair, and what `plain` sees."""

    def __init__(self, hidden: int, plain: NDArray[np.float32]) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.tensor(plain.mean(0)), requires_grad=False)
        self.spread = nn.Parameter(torch.tensor(plain.std(0) + 0.05), requires_grad=False)
        self.marks = nn.Parameter(torch.randn(4, WIDTH) * 0.1)
        self.queries = nn.Parameter(torch.randn(HEADS, WIDTH) * 0.1)
        self.down, self.key, self.value = (
            nn.Linear(hidden, WIDTH),
            nn.Linear(WIDTH, WIDTH),
            nn.Linear(WIDTH, WIDTH),
        )
        self.inner, self.outer = nn.Linear((HEADS + 2) * WIDTH + plain.shape[1], UNITS), nn.Linear(UNITS, 1)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, states: Tensor, parts: Tensor, plain: Tensor) -> Tensor:
        """`parts` is -1 where a shorter text is padded."""
        tokens = torch.relu(self.down(self.drop(states)) + self.marks[parts.clamp(min=0)])
        likeness = torch.einsum("hw,btw->bht", self.queries, self.key(tokens)) * (3 / WIDTH**0.5)
        weighted = likeness.masked_fill((parts < 0)[:, None], -1e4).softmax(-1)
        found = (weighted @ self.value(tokens)).flatten(1)
        a, b = (_mean(tokens, parts == part) for part in (A, B))
        seen = torch.cat([found, a + b, a * b, (plain - self.mean) / self.spread], -1)
        return self.outer(self.drop(torch.relu(self.inner(seen))))[:, 0]


def _mean(tokens: Tensor, chosen: Tensor) -> Tensor:
    return (tokens * chosen[..., None]).sum(1) / chosen.sum(1, keepdim=True).clamp(min=1)


def _padded(found: Sequence[Tie]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(tie.parts) for tie in found)
    states = np.zeros((len(found), longest, found[0].states.shape[1]), np.float32)
    parts = np.full((len(found), longest), -1)
    for row, tie in enumerate(found):
        states[row, : len(tie.parts)], parts[row, : len(tie.parts)] = tie.states, tie.parts
    return torch.tensor(states), torch.tensor(parts), torch.tensor(np.array([tie.plain for tie in found]))


def trained(
    found: Sequence[Tie], stated: Sequence[bool], networks: int = 1, epochs: int = EPOCHS
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a judge as `Judge` takes them, of networks that differ in their seeds."""
    each = [_trained(found, stated, seed, epochs) for seed in range(networks)]
    return {name: np.stack([one[name] for one in each]) for name in each[0]}


def _trained(
    found: Sequence[Tie], stated: Sequence[bool], seed: int, epochs: int
) -> dict[str, NDArray[np.float32]]:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    draw = random.Random(seed)
    network = Network(found[0].states.shape[1], np.array([tie.plain for tie in found]))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    batches = -(-len(found) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=epochs * batches + 1, pct_start=0.1
    )
    for own in _batches(found, epochs, BATCH, draw):
        loss = _loss(network(*_padded([found[i] for i in own])), [stated[i] for i in own])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
    return exported(network)


def _batches(found: Sequence[Tie], epochs: int, size: int, draw: random.Random) -> Iterator[list[int]]:
    """Yield numbers of texts of like length, as far as they are near in a random order."""
    for _ in range(epochs):
        mixed = sorted(
            enumerate(draw.sample(range(len(found)), len(found))),
            key=lambda one: (one[0] // 1024, len(found[one[1]].parts)),
        )
        order = [number for _, number in mixed]
        starts = range(0, len(order), size)
        yield from (order[start : start + size] for start in draw.sample(starts, len(starts)))


def _loss(logits: Tensor, stated: Sequence[bool]) -> Tensor:
    wanted = torch.tensor([float(one) for one in stated]) * (1 - 2 * SMOOTHED) + SMOOTHED
    return nn.functional.binary_cross_entropy_with_logits(logits, wanted)


class TunedNetwork(nn.Module):
    """The layers that come next in the reader, trained on, and the names of the pair in what they make."""

    def __init__(self, hidden: int, plain: NDArray[np.float32]) -> None:
        super().__init__()
        self.layers = upper_layers(shipped_reader())[:LAYERS]
        self.head = nn.ModuleDict(
            {
                "down": nn.Linear(hidden, WIDTH),
                "inner": nn.Linear(3 * WIDTH + plain.shape[1], UNITS),
                "outer": nn.Linear(UNITS, 1),
            }
        )
        self.mean = nn.Parameter(torch.tensor(plain.mean(0)), requires_grad=False)
        self.spread = nn.Parameter(torch.tensor(plain.std(0) + 0.05), requires_grad=False)
        self.marks = nn.Parameter(torch.randn(4, hidden) * 0.02)
        self.drop = nn.Dropout(DROPPED)

    def forward(self, states: Tensor, parts: Tensor, plain: Tensor) -> Tensor:
        """`parts` is -1 where a shorter text is padded."""
        tokens = states + self.marks[parts.clamp(min=0)]
        absent = (parts < 0)[:, None, None, :] * -10_000.0
        for layer in self.layers:
            tokens = layer(tokens, attention_mask=absent)
        seen = (tokens[:, 0], *(_mean(tokens, parts == part) for part in (A, B)))
        first, a, b = (torch.relu(self.head["down"](self.drop(one))) for one in seen)
        told = torch.cat([first, a + b, a * b, (plain - self.mean) / self.spread], -1)
        logits: Tensor = self.head["outer"](self.drop(torch.relu(self.head["inner"](told))))[:, 0]
        return logits


def tuned(found: Sequence[Tie], stated: Sequence[bool]) -> TunedNetwork:
    """Return the second judge; takes ten minutes of one core with bf16."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    draw = random.Random(0)
    network = TunedNetwork(found[0].states.shape[1], np.array([tie.plain for tie in found]))
    head = [
        value
        for name, value in network.named_parameters()
        if value.requires_grad and not name.startswith("layers.")
    ]
    optimizer = torch.optim.AdamW(
        [{"params": network.layers.parameters()}, {"params": head}], lr=LAYERS_RATE, weight_decay=0.01
    )
    steps = TUNED_EPOCHS * -(-len(found) // TUNED_BATCH) + 1
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, [LAYERS_RATE, HEAD_RATE], steps, pct_start=0.1)
    for own in _batches(found, TUNED_EPOCHS, TUNED_BATCH, draw):
        with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
            logits = network(*_padded([found[i] for i in own]))
        loss = _loss(logits.float(), [stated[i] for i in own])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rates.step()
    return network.eval()


@torch.no_grad()
def logits_of(network: TunedNetwork, found: Sequence[Tie]) -> list[float]:
    return [float(network(*_padded([tie]))[0]) for tie in found]


def write_tuned(network: TunedNetwork, folder: Path) -> None:
    """Write the layers as int8 ONNX, and the rest beside them."""
    save(graph(as_shipped(network.layers)), folder / "tuned.onnx")
    head = {name: value for name, value in network.named_parameters() if not name.startswith("layers.")}
    known = _by_name({name.removeprefix("head."): value for name, value in head.items()})
    np.savez_compressed(folder / "tuned.npz", **{n: v.astype(np.float16) for n, v in known.items()})


def exported(network: Network) -> dict[str, NDArray[np.float32]]:
    """Return weights by the names that `Judge` knows them by."""
    return _by_name(dict(network.named_parameters()))


def _by_name(named: dict[str, nn.Parameter]) -> dict[str, NDArray[np.float32]]:
    known = {
        name.removesuffix(".weight").replace(".bias", "_bias"): (
            value.detach().numpy().T if name.endswith(".weight") else value.detach().numpy()
        )
        for name, value in named.items()
    }
    return known | {"outer": known["outer"][:, 0], "outer_bias": known["outer_bias"][0]}
