"""The judge of partners in torch, as src/partnerbot/register/judging.py runs it, and its training."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from partnerbot.register.judging import A, B, Tie

WIDTH, HEADS, UNITS, DROPPED = 48, 4, 48, 0.3
EPOCHS, BATCH, RATE, DECAY, SMOOTHED = 8, 64, 2e-3, 0.05, 0.03
"""Chosen on texts of ours that were left out: ten epochs or eight, and one head or four, tell them alike."""


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
    for _ in range(epochs):
        # Texts of one length share a batch, as far as they are near in a random order.
        mixed = sorted(
            enumerate(draw.sample(range(len(found)), len(found))),
            key=lambda one: (one[0] // 1024, len(found[one[1]].parts)),
        )
        order = [number for _, number in mixed]
        for start in draw.sample(range(0, len(order), BATCH), batches):
            own = order[start : start + BATCH]
            wanted = torch.tensor([float(stated[i]) for i in own]) * (1 - 2 * SMOOTHED) + SMOOTHED
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(*_padded([found[i] for i in own])), wanted
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
    return exported(network)


def exported(network: Network) -> dict[str, NDArray[np.float32]]:
    """Return weights by the names that `Judge` knows them by."""
    weights = {name: values.detach().numpy() for name, values in network.named_parameters()}
    known = {
        name.removesuffix(".weight"): values.T if name.endswith(".weight") else values
        for name, values in weights.items()
    }
    known = {name.replace(".bias", "_bias"): values for name, values in known.items()}
    return known | {"outer": known["outer"][:, 0], "outer_bias": known["outer_bias"][0]}
