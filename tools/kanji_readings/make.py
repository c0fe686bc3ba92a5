"""Write src/partnerbot/index/kanji_readings.tsv: how each kanji may be read, in names too.

    apt-get install kanjidic
    python tools/kanji_readings/make.py [/usr/share/edict/kanjidic]

One kanji a line, a tab, its readings in Latin letters. Facts from KANJIDIC of the Electronic Dictionary
Research and Development Group (https://www.edrdg.org, CC BY-SA 4.0); the file keeps that licence.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import jaconv

TARGET = Path("src/partnerbot/index/kanji_readings.tsv")
SOURCE = Path("/usr/share/edict/kanjidic")

_KANA = re.compile(r"[ぁ-ゖァ-ヶー]+")


def readings(entry: str) -> list[str]:
    """The readings of a KANJIDIC line, without their endings (ゆ.く), each once."""
    found = []
    for word in entry.split("{")[0].split()[2:]:
        stem = word.strip("-").split(".")[0]
        if _KANA.fullmatch(stem):
            found.append(jaconv.kana2alphabet(jaconv.kata2hira(stem)).replace("-", ""))
    return list(dict.fromkeys(found))


def main() -> None:
    """Write the file."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    entries = [line for line in source.read_text("euc-jp").splitlines() if not line.startswith("#")]
    lines = [f"{entry[0]}\t{' '.join(found)}\n" for entry in entries if (found := readings(entry))]
    TARGET.write_text("".join(sorted(lines)), encoding="utf-8")
    print(len(lines), "kanji")


if __name__ == "__main__":
    main()
