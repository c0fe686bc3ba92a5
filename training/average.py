"""Average a run's weights with those of the reader that it started from.

    python training/average.py --with FOLDER [--checkpoint FILE] [--share 0.5] [--out FILE]

Half way between a reader and what a run made of it keeps what the one knew and has most of what the
other learnt (runs.md). The result is a checkpoint for export.py; it counts the examples and minutes of both.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from export import exported_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=Path("build/reader/checkpoint.pt"))
    parser.add_argument("--with", dest="other", type=Path, required=True, help="folder of an exported reader")
    parser.add_argument("--share", type=float, default=0.5, help="of the checkpoint in the average")
    parser.add_argument("--out", type=Path, default=Path("build/reader/averaged.pt"))
    options = parser.parse_args()
    saved = torch.load(options.checkpoint, weights_only=True)
    other = exported_weights(options.other)
    trained = json.loads((options.other / "reader.json").read_text("utf-8"))["trained"]
    # The embeddings of positions and types are frozen, and not in the file: they are the same.
    weights = {
        name: options.share * mine + (1 - options.share) * other[name] if name in other else mine
        for name, mine in saved["weights"].items()
    }
    torch.save(
        {
            "weights": weights,
            "step": saved["step"] + trained["steps"],
            "seconds": saved["seconds"] + 60 * trained["minutes"],
            "seen": saved["seen"] + trained["examples"],
        },
        options.out,
    )


if __name__ == "__main__":
    main()
