"""Count the words of our training texts: `python training/words.py` writes answering/words/*.tsv.

Spelling (answering/spelling.py) leaves these words as they are, since they exist, and corrects others to
them. A word that only one or two texts have may be misspelt there itself, as some questions are on purpose.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
TARGET = FOLDER.parent / "src/partnerbot/answering/words"
WORDS = {
    "fr": re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿœŒ]{2,}"),
    "en": re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]{2,}"),
    "ja": re.compile(r"[ァ-ヺー]{3,}|(?<![一-鿿々])[一-鿿]{2}(?![一-鿿々])"),
}
"""Of Japanese only what is told from its neighbours without a dictionary: katakana, and two kanji alone."""

SEEN = 3
"""Texts that a word must stand in."""


def texts(value: object, language: str) -> Iterator[tuple[str, str]]:
    """Yield each text of a row with its language, which a key or the row itself names."""
    if isinstance(value, str):
        yield language, value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, language)
    elif isinstance(value, dict):
        language = value.get("language") or value.get("lang") or language
        for key, item in value.items():
            if key in (*WORDS, "text", "question", "title", "texts", "questions"):
                yield from texts(item, key if key in WORDS else language)


def main() -> None:
    """Write one table a language: word, tab, number of texts that have it.

    A word is written as it mostly is within sentences, names with a capital.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    within: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for folder in ("kinds", "conversation", "questions"):
        for path in sorted((FOLDER / folder).rglob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                for language, text in texts(json.loads(line), ""):
                    if language in WORDS:
                        found = [match[0] for match in WORDS[language].finditer(text)]
                        counts[language].update({word.lower() for word in found})
                        within[language].update(set(found[1:]))
    TARGET.mkdir(exist_ok=True)
    for language, numbers in counts.items():
        forms = {word.lower(): word for word, _ in reversed(within[language].most_common())}
        rows = sorted((word, count) for word, count in numbers.items() if count >= SEEN)
        lines = (f"{forms.get(word, word)}\t{count}\n" for word, count in rows)
        (TARGET / f"{language}.tsv").write_text("".join(lines), "utf-8")
        print(language, len(rows))


if __name__ == "__main__":
    main()
