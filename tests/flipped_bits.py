"""Flips a bit in every file of an index, one at a time, and opens it each time: in a process that may die.

Run as: flipped_bits.py DOCUMENTS INDEX; prints what went otherwise than it should as a list of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from partnerbot.errors import IndexUnavailable
from partnerbot.index.search import Index
from toy_model import toy_model

UNREAD = (".lock", "writer.json", "reports")
"""What no answer comes from."""


def flip(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def files_of(index: Path) -> list[Path]:
    """Return the files that answers come from."""
    return [
        path
        for path in sorted(index.rglob("*"))
        if path.is_file() and path.relative_to(index).parts[0] not in UNREAD
    ]


def answers(index: Path) -> list[str]:
    """Open an index and return what it finds."""
    model = toy_model()
    found = Index.open(index, model).search("Kirisawa 2009", model.query_vector("Kirisawa 2009"))
    return [one.passage.text for one in found]


def main() -> None:
    index = Path(sys.argv[1])
    right, wrong = answers(index), []
    for path in files_of(index):
        content = path.read_bytes()
        for place in {len(content) // 3, len(content) // 2, len(content) - 1} if content else ():
            print("flipping", path, place, file=sys.stderr, flush=True)
            path.write_bytes(flip(content, place))
            try:
                if answers(index) != right:
                    wrong.append(f"{path}: another answer")
            except IndexUnavailable as error:
                if path.name not in str(error):
                    wrong.append(f"{path}: {error}")
            finally:
                path.write_bytes(content)
    print(json.dumps(wrong))


if __name__ == "__main__":
    main()
