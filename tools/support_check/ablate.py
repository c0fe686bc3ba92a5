"""Say what the support check shows of judged statements as it is, and with each of its rules left out.

    python tools/support_check/ablate.py [FILE…]

FILE: of the form of tests/judged, whose files are read by default; beside them the scripted liar's sentences.
A rule does well on the statements it was written with (tuned), which tells little; kept and blind ones tell.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED
from partnerbot.writing import facts, polarity, relations, verdicts
from partnerbot.writing.support import SupportJudge

_ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(_ROOT / "tests"))
import small_corpus  # noqa: E402
import statements as small  # noqa: E402
from judged_statements import JUDGED, TRUE, Desk, read_statements  # noqa: E402

RULES: dict[str, tuple[Any, str, Callable[..., object]]] = {
    "opposites": (polarity, "_words", lambda *_: set()),
    "denials": (polarity, "denies", lambda *_: False),
    "a name for another": (relations, "_stands_in_for_another", lambda *_: False),
    "order of names": (relations, "_is_in_another_order", lambda *_: False),
    "counted": (relations, "_counts_another", lambda *_: False),
    "times and weekdays": (facts, "_clock_and_days_agree", lambda *_: True),
    "sentence has another value": (facts, "_main_says_another", lambda *_: False),
    "several clauses": (verdicts, "_separate", lambda text: [text]),
}
"""By name: a function, and what stands in for it where the rule is left out."""

Case = tuple[str, bool, Callable[[], bool]]
"""A statement's set, whether it is true, and what tells whether any of it is shown."""


def main() -> None:
    """Count, as it is and without each rule."""
    judge = SupportJudge(load_embedding_model(EMBEDDED))
    # No rule changes what the network says of a sentence.
    judge._reader.read = cache(judge._reader.read)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(name) for name in sys.argv[1:]] or sorted(JUDGED.glob("*.txt"))
        cases = [*_of_files(judge, files), *_of_liar(judge, small_corpus.write_corpus(Path(folder)))]
        sizes = Counter((name, is_true) for name, is_true, _ in cases)
        names = list(dict.fromkeys(name for name, *_ in cases))
        print(
            "true / false", *(f"{name} {sizes[name, True]}/{sizes[name, False]}" for name in names), sep="\t"
        )
        _report("as it is", cases, names)
        for rule, (module, attribute, neutral) in RULES.items():
            kept = getattr(module, attribute)
            setattr(module, attribute, neutral)
            _report(f"without {rule}", cases, names)
            setattr(module, attribute, kept)


def _of_files(judge: SupportJudge, files: Sequence[Path]) -> Iterator[Case]:
    folders = {True: JUDGED / "documents", False: _ROOT / "documents"}
    desk = cache(lambda of_invented: Desk(folders[of_invented], judge))
    for file in files:
        of_folder = desk(file.stem in ("kept", "tuned"))
        for one in read_statements(file):
            if one.text:
                yield file.stem, one.kind == TRUE, lambda one=one, at=of_folder: bool(at.verdict(one).quotes)


def _of_liar(judge: SupportJudge, folder: Path) -> Iterator[Case]:
    glossary = [("Kirisawa", "霧沢"), ("Clairmoulin", "クレールムラン")]
    desk = Desk(folder, judge, glossary, small.EXCERPTS)
    told = [(False, case) for cases in small.LIES.values() for case in cases]
    for is_true, (language, _, text) in [*told, *((True, case) for case in small.TRUE)]:
        shows = lambda said=(language, text): any(one.quotes for one in desk.verdicts(*said))  # noqa: E731
        yield "liar", is_true, shows


def _report(title: str, cases: Sequence[Case], names: Sequence[str]) -> None:
    shown = Counter((name, is_true) for name, is_true, shows in cases if shows())
    print(title, *(f"{shown[name, True]}/{shown[name, False]}" for name in names), sep="\t", flush=True)


if __name__ == "__main__":
    main()
