"""Fit the judge of dates: which of those beside a pair is when the two became partners.

    python training/register/dates.py [--write]

Reads texts.jsonl and dates.jsonl (ours, with other events of partners, each of which has a date), each alone
and some together. What is printed was left out of the fit, with all that is made of its text. --write puts
the weights where the product takes them from. Takes ten minutes of one core.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence

import numpy as np
from examples import Example, examples
from judges import trained
from train import FOLDS, NETWORKS, TARGET, dates_of, tell

from partnerbot.register.judging import Judge
from partnerbot.register.mining import LEAST_SINCE

COPIES, TOGETHER = 3, 900
"""How often each text of dates.jsonl is used, with other towns and years; paragraphs of several texts."""

EPOCHS = 16
"""Twice as many as for pairs, of which there are more."""


def joined(found: Sequence[Example], count: int, seed: int) -> Iterator[Example]:
    """Yield paragraphs of two or three texts in one language, of which none tells of the towns of another."""
    draw = random.Random(seed)
    plain = [one for one in found if not one.title and not one.published and "\n" not in one.text]
    for first in draw.choices(plain, k=count):
        others = [one for one in plain if one.language == first.language]
        parts = [first, *draw.choices(others, k=draw.choice((1, 1, 2)))]
        gap = "\n\n" if draw.random() < 0.15 else "" if first.language == "ja" else " "
        yield Example(
            first.language,
            "",
            gap.join(one.text for one in parts),
            tuple(pair for one in parts for pair in one.pairs),
            tuple(number for one in parts for number in one.templates),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write dates.npz in {TARGET}")
    options = parser.parse_args()
    found = [*examples("texts.jsonl", 1, 7), *examples("dates.jsonl", COPIES, 5)]
    seen = [
        (one.tie, since is not None and (since.startswith(one.iso) or one.iso.startswith(since)), templates)
        for one, since, templates in dates_of([*found, *joined(found, TOGETHER, 3)])
    ]
    if options.write:
        right = [right for _, right, _ in seen]
        fitted = trained([tie for tie, _, _ in seen], right, NETWORKS, epochs=EPOCHS)
        np.savez_compressed(
            TARGET / "dates.npz", **{name: one.astype(np.float16) for name, one in fitted.items()}
        )
    told: list[tuple[bool, float]] = []
    for fold in range(FOLDS):
        inside = [[number % FOLDS == fold for number in each] for _, _, each in seen]
        kept = [one for one, own in zip(seen, inside, strict=True) if not any(own)]
        judge = Judge(trained([tie for tie, _, _ in kept], [right for _, right, _ in kept], epochs=EPOCHS))
        told += [(right, judge(tie)) for (tie, right, _), own in zip(seen, inside, strict=True) if all(own)]
    tell("Dates", np.array([right for right, _ in told]), np.array([logit for _, logit in told]), LEAST_SINCE)


if __name__ == "__main__":
    main()
