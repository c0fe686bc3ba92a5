"""Say what each rule of the support check stops, false statements and true ones.

    python tools/support_check/ablate.py [--documents FOLDER] [--sets NAME…] [--memory FILE]

Every set of judged statements is judged by the check as it is, then with each rule left out, then with rules
left out one after the other, first those that stop least for what they cost on the kept sets. Kept sets were
written without the rules; a rule does well on its own set, which tells little. "unseen": statements of
training/statements on articles that were kept from the network's training.

--documents: the folder of training sources; without it only the invented articles are there.
--memory: a file that keeps what the networks said, so that the next run takes minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from scipy.stats import binomtest

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings, given_twice
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import EmbeddingModel, load_embedding_model
from partnerbot.settings import EMBEDDED
from partnerbot.writing import facts, polarity, relations
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verifier

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_TRAINING = _ROOT / "training"
sys.path[:0] = [str(_ROOT / "tests"), str(_ROOT / "tests/unit")]
import test_polarity  # noqa: E402

import small_corpus  # noqa: E402
import statements as small  # noqa: E402
from judged_statements import JUDGED, TRUE, Desk, Statement, read_statements  # noqa: E402

RULES: dict[str, tuple[Any, str, object]] = {
    "opposites": (polarity, "_said", {}),
    "denials": (polarity, "denies", False),
    "counted": (relations, "counts_another", False),
    "a name for another": (relations, "_stands_in_for_another", False),
    "order of names": (relations, "_is_in_another_order", False),
    "clock and weekdays": (facts, "_clock_and_days_agree", True),
    "sentence has another value": (facts, "_main_says_another", False),
}
"""By name: the function that objects, and what it returns where it doesn't."""


class Switchboard:
    """Every rule, with a switch: which are left out, and which have objected since the last reset."""

    def __init__(self) -> None:
        self.out: frozenset[str] = frozenset()
        self.fired: set[str] = set()
        for name, (module, attribute, neutral) in RULES.items():
            setattr(module, attribute, self._switched(name, getattr(module, attribute), neutral))

    def _switched(self, name: str, rule: Callable[..., object], neutral: object) -> Callable[..., object]:
        def judged(*given: object) -> object:
            if name in self.out:
                return neutral
            said = rule(*given)
            if said != neutral:
                self.fired.add(name)
            return said

        return judged


@dataclass
class Case:
    """A statement as it is judged: `shows` says whether any of it is shown."""

    set: str
    true: bool
    kind: str
    text: str
    shows: Callable[[], bool]
    known: dict[frozenset[str], tuple[bool, frozenset[str]]] = field(default_factory=dict)


class Rememberer(SupportJudge):
    """A judge that runs its networks once for each text: what is left out changes none of them."""

    def __init__(self, model: EmbeddingModel, memory: dict[Any, Any]) -> None:
        super().__init__(model)

        def once(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
            def remembered(*given: Any) -> Any:
                key = (name, *(tuple(one) if isinstance(one, list) else one for one in given))
                if key not in memory:
                    memory[key] = run(*given)
                return memory[key]

            return remembered

        self._reader.support = once("support", self._reader.support)  # type: ignore[method-assign]
        self._aligner.states = once("states", self._aligner.states)  # type: ignore[method-assign]
        self.vectors = once("vectors", self.vectors)  # type: ignore[method-assign]


class Bench:
    """Judges cases with any rules left out."""

    def __init__(self, judge: SupportJudge) -> None:
        self.judge = judge
        self.switches = Switchboard()

    def shows(self, case: Case, out: frozenset[str]) -> bool:
        """Return whether a case is shown with rules left out; only those that objected are tried."""
        left: frozenset[str] = frozenset()
        while True:
            if left not in case.known:
                self.switches.out, self.switches.fired = left, set()
                shown = case.shows()
                case.known[left] = shown, frozenset(self.switches.fired)
            shown, fired = case.known[left]
            if not fired & out:
                return shown
            left |= fired & out

    def counts(self, cases: Iterable[Case], out: frozenset[str] = frozenset()) -> Counter[tuple[str, bool]]:
        """Count what is shown by set and truth."""
        return Counter((one.set, one.true) for one in cases if self.shows(one, out))

    def judged(self, path: Path, folder: Path) -> Iterator[Case]:
        """The statements of a file about the documents of a folder."""
        desk = Desk(folder, self.judge)
        for one in _read(path):
            yield Case(path.name, one.kind == TRUE, one.kind, one.text, _verdict(desk, one))

    def lies(self, folder: Path) -> Iterator[Case]:
        """The scripted liar's sentences and true ones, about the small corpus."""
        glossary = [("Kirisawa", "霧沢"), ("Clairmoulin", "クレールムラン")]
        desk = Desk(folder, self.judge, glossary, small.EXCERPTS)
        told = [(kind, *case) for kind, cases in small.LIES.items() for case in cases]
        for kind, *said in [*told, *((TRUE, *case) for case in small.TRUE)]:
            yield Case("statements.py", kind == TRUE, kind, said[2], _any_shown(desk, *said))

    def beside(self, name: str, kind: str, quote: Document, title: str, statement: tuple[str, str]) -> Case:
        """A statement beside a quote alone."""
        language, text = statement
        quote.metadata |= {"source": "a.md", "title": title}
        spans = tuple((one.start, one.end) for one in split_into_passages(quote).passages)
        excerpt = Excerpt(1, quote, spans or ((0, len(quote.page_content)),))
        said = [(quote.page_content, quote.metadata["language"])]
        known = Known.mined(Spellings([*given_twice(one for one, _ in said)]), said)
        sentence = CitedSentence(text, (1,))

        def shows() -> bool:
            return bool(Verifier([excerpt], self.judge, known).verify(sentence, language).quotes)

        return Case(name, kind == TRUE, kind, text, shows)

    def near(self) -> Iterator[Case]:
        """The statements that the rules were written with."""
        for language, sentence, true, false in test_polarity.CASES:
            for kind, said in [*((TRUE, one) for one in true), *(("negation", one) for one in false)]:
                yield self.beside("test_polarity.py", kind, _quote(language, sentence), "", said)
        for (language, published, title, sentences), said_of in small.RULES:
            for *said, reason in said_of:
                quote = _quote(language, " ".join(sentences), published)
                yield self.beside("statements.py, RULES", reason or TRUE, quote, title, tuple(said))

    def unseen(self, folder: Path | None, share: float) -> Iterator[Case]:
        """Statements on articles that the network wasn't trained on."""
        files = list(folder.glob("*/docs.jsonl")) if folder else []
        files.append(_TRAINING / "questions/invented/docs.jsonl")
        documents = {one["doc_id"]: one for file in files for one in _lines(file)}
        for entry in _lines(_TRAINING / "statements/statements.jsonl"):
            document = documents.get(entry["doc_id"])
            if document is None or not _is_held(document, share):
                continue
            said = [(TRUE, language, text) for language, text in entry["true"]]
            said += [(kind, language, text) for language, kind, text in entry["false"]]
            for kind, *statement in said:
                quote = _quote(document["lang"], entry["quote"])
                yield self.beside("unseen", kind, quote, document["title"], tuple(statement))


def _is_held(document: dict[str, Any], share: float) -> bool:
    """As training/data.py keeps articles aside; `share`: of those, how many."""
    article = str(document.get("article") or document["doc_id"]).replace("_", " ")
    digest = hashlib.sha256(f"held {article}".encode()).digest()
    return digest[0] < round(0.04 * 256) and digest[1] < share * 256


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _quote(language: str, text: str, published: str | None = None) -> Document:
    return Document(page_content=text, metadata={"language": language, "published": published})


def _read(path: Path) -> list[Statement]:
    if path.suffix == ".txt":
        return read_statements(path)
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return [Statement(source, language, text, kind, text) for source, language, kind, text in rows]


def _verdict(desk: Desk, one: Statement) -> Callable[[], bool]:
    return lambda: bool(desk.verdict(one).quotes)


def _any_shown(desk: Desk, language: str, _: str, text: str) -> Callable[[], bool]:
    return lambda: any(one.quotes for one in desk.verdicts(language, text))


KEPT = ("kept.txt", "sample_kept.txt", "answers_kept.txt", "blind.txt", "unseen")


def main() -> None:
    """Judge all sets, with all rules, without each, and without several."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--documents", type=Path, help="The folder of training sources.")
    arguments.add_argument("--share", type=float, default=1.0, help="Of the articles kept aside, how many.")
    arguments.add_argument("--memory", type=Path, help="A file that keeps what the networks said.")
    arguments.add_argument("--sets", nargs="*", default=[], help="Only these sets.")
    given = arguments.parse_args()
    memory: dict[Any, Any] = {}
    if given.memory and given.memory.is_file():
        memory = pickle.loads(given.memory.read_bytes())
    bench = Bench(Rememberer(load_embedding_model(EMBEDDED), memory))
    with tempfile.TemporaryDirectory() as folder:
        sets = {
            "statements.py": lambda: bench.lies(small_corpus.write_corpus(Path(folder))),
            "kept.txt": lambda: bench.judged(JUDGED / "kept.txt", JUDGED / "documents"),
            "sample_kept.txt": lambda: bench.judged(JUDGED / "sample_kept.txt", _ROOT / "documents"),
            "answers_kept.txt": lambda: bench.judged(JUDGED / "answers_kept.txt", _ROOT / "documents"),
            "blind.txt": lambda: bench.judged(JUDGED / "blind.txt", _ROOT / "documents"),
            "tuned.txt": lambda: bench.judged(JUDGED / "tuned.txt", JUDGED / "documents"),
            "sample_tuned.txt": lambda: bench.judged(JUDGED / "sample_tuned.txt", _ROOT / "documents"),
            "answers_tuned.txt": lambda: bench.judged(JUDGED / "answers_tuned.txt", _ROOT / "documents"),
            "sentences.tsv": lambda: bench.judged(_HERE / "sentences.tsv", _ROOT / "documents"),
            "near": bench.near,
            "unseen": lambda: bench.unseen(given.documents, given.share),
        }
        cases = [case for name, read in sets.items() if name in (given.sets or sets) for case in read()]
        report(bench, cases)
        if given.memory:
            given.memory.write_bytes(pickle.dumps(memory))


def report(bench: Bench, cases: Sequence[Case]) -> None:
    """Print what is shown, and what each rule does to that: false ones let through, true ones won."""
    sizes, shown = Counter((one.set, one.true) for one in cases), bench.counts(cases)
    sets = list(dict.fromkeys(one.set for one in cases))
    for name in sets:
        print(name, *(f"{word} {_share(shown[name, true], sizes[name, true])}" for word, true in _WORDS))
    print()
    print("left out", *sets, sep="\t")
    everything = frozenset(RULES)
    for title, out in [*((name, frozenset([name])) for name in RULES), ("all", everything)]:
        print(title, *_changes(bench.counts(cases, out), shown, sets), sep="\t", flush=True)
    kept = [one for one in cases if one.set in KEPT]
    out: frozenset[str] = frozenset()
    while left := everything - out:
        # The next to go is the one that stops fewest false ones of the kept sets for each true one it costs.
        now = bench.counts(kept, out)
        worth = {name: _worth(bench.counts(kept, out | {name}), now) for name in sorted(left)}
        name = min(worth, key=lambda one: worth[one])
        out |= {name}
        changes = _changes(bench.counts(cases, out), shown, sets)
        print(f"- {name} ({worth[name]})", *changes, sep="\t", flush=True)


_WORDS = (("true", True), ("false", False))


def _worth(without: Counter[tuple[str, bool]], now: Counter[tuple[str, bool]]) -> int:
    """What a rule stops of false statements less what it costs in true ones."""
    change = Counter[bool]()
    for (_, true), count in without.items():
        change[true] += count
    for (_, true), count in now.items():
        change[true] -= count
    return change[False] - change[True]


def _changes(
    now: Counter[tuple[str, bool]], before: Counter[tuple[str, bool]], sets: Sequence[str]
) -> list[str]:
    changes = ([now[name, true] - before[name, true] for true in (True, False)] for name in sets)
    return [f"{true:+}/{false:+}" if true or false else "" for true, false in changes]


def _share(count: int, of: int) -> str:
    if not of:
        return "-"
    low, high = binomtest(count, of).proportion_ci(method="wilson")
    return f"{count} of {of}: {count / of:.0%} ({low:.0%}-{high:.0%})"


if __name__ == "__main__":
    main()
