"""Statements about documents, true and false ones, and the desk that judges them.

`judged/tuned.txt` and `kept.txt` are about twelve short invented documents, `sample_tuned.txt` and
`sample_kept.txt` about sample articles, `answers_tuned.txt` and `answers_kept.txt`, too: what a model would
answer a visitor, in short plain sentences. The tuned ones were looked at while the rules were made; what the
checks let through is told by the kept ones. `blind.txt` is about sample articles that most of those leave out
and was written before its author had read any rule; since then, what it loses has been read once.
`written.txt` and `written_plain.txt` are what a model of 1.5 billion parameters wrote, asked for JSON and
for plain text, read sentence by sentence beside the excerpts it was shown (tools/support_check/written.py).
All in the same form:

    == fr/chateau.md          the document that is cited, or fr/chateau.md:0-90 en/castle.md: excerpts
    ? en When is it open?     language and question of what follows
    + It is open in April.    a true statement, before it the numbers that a model wrote: [2]
    - year It opened in 1500. a false one, with its kind
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from folders import load_documents
from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Names, Spellings, given_twice
from partnerbot.index.texts import split_into_passages
from partnerbot.writing.cited_sentences import CitedSentence, SentenceCutter
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verdict, Verifier

JUDGED = Path(__file__).parent / "judged"
TRUE = "true"
_MARKS = re.compile(r"(?:\[\d+\]\s*)*")


@dataclass(frozen=True)
class Statement:
    """What a model might say of one document; `kind` is "true", or how it is false."""

    source: str
    language: str
    question: str
    kind: str
    text: str


def read_statements(path: Path) -> list[Statement]:
    """Read a file of the form above."""
    found: list[Statement] = []
    source = language = question = ""
    for line in path.read_text("utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "==":
            source = rest
        elif mark == "?":
            language, _, question = rest.partition(" ")
        elif mark == "+":
            found.append(Statement(source, language, question, TRUE, rest))
        elif mark == "-":
            kind, _, text = rest.partition(" ")
            found.append(Statement(source, language, question, kind, text))
    return found


class Desk:
    """Everything that a statement about documents of a folder is judged with."""

    def __init__(
        self, folder: Path, judge: SupportJudge, glossary: Names = (), sources: Sequence[str] = ()
    ) -> None:
        """`sources`: the documents that are shown, in that order; all by default."""
        documents = {document.metadata["source"]: document for document in load_documents(folder).documents}
        texts = [(document.page_content, document.metadata["language"]) for document in documents.values()]
        self.known = Known.mined(Spellings([*glossary, *given_twice(text for text, _ in texts)]), texts)
        self.judge = judge
        self._documents = documents
        excerpts = [self._excerpt(i, one) for i, one in enumerate(sources or sorted(documents), start=1)]
        self.numbers = {excerpt.source: excerpt.number for excerpt in excerpts}
        self.verifier = Verifier(excerpts, judge, self.known)
        self._alone: dict[str, Verifier] = {}

    def _excerpt(self, number: int, place: str) -> Excerpt:
        """A document's sentences, or those of a part of it: `fr/chateau.md:0-90`."""
        source, _, part = place.partition(":")
        first, _, last = part.partition("-")
        passages = split_into_passages(self._documents[source]).passages
        start, end = int(first or 0), int(last or passages[-1].end)
        spans = tuple((one.start, one.end) for one in passages if start <= one.start and one.end <= end)
        return Excerpt(number, self._documents[source], spans)

    def verdict(self, statement: Statement) -> Verdict:
        """Judge a statement beside its document or excerpts alone."""
        places = statement.source
        if places not in self._alone:
            excerpts = [self._excerpt(i, one) for i, one in enumerate(places.split(), start=1)]
            self._alone[places] = Verifier(excerpts, self.judge, self.known)
        marks = _MARKS.match(statement.text)
        assert marks
        sentence = CitedSentence(statement.text[marks.end() :], tuple(map(int, re.findall(r"\d+", marks[0]))))
        return self._alone[places].verify(sentence, statement.language)

    def verdicts(self, language: str, text: str) -> list[Verdict]:
        """Judge a model's text, sentence by sentence."""
        cutter = SentenceCutter(language)
        sentences = [*cutter.add(text), *cutter.finish()]
        assert sentences
        return [self.verifier.verify(sentence, language) for sentence in sentences]
