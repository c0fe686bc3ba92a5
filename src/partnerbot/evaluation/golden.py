"""The owner's golden questions: what an index must go on answering, asked before a new one is used.

[[question]]
question = "When did Vitagora open its Kumamoto office?"
answer = "2020"                                # must be in the answer or its quotes; may be left out
sources = ["ja/kumamoto-dijon-oboegaki.md"]    # one of them must be cited; may be left out
follows = ["Who works with Vitagora?"]         # asked before it; may be left out

[[question]]
question = "What is the capital of Brazil?"
answered = false                               # the documents must not seem to say
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from partnerbot.answering.answer import Answer
from partnerbot.owner_files import read_owner_file


class GoldenQuestion(BaseModel, frozen=True, extra="forbid"):
    """A question and what its right reply is known by."""

    question: str
    follows: list[str] = []
    language: str | None = None
    answer: str | None = None
    sources: list[str] = []
    answered: bool = True

    @property
    def name(self) -> str:
        """By which it is told from the others."""
        asked = in_full(self.question, self.follows)
        return asked if self.language is None else f"{asked} ({self.language})"

    def fits(self, reply: Answer) -> bool:
        if not self.answered or reply.status != "answered":
            return self.answered == (reply.status == "answered")
        said = [reply.answer, *(citation.quote for citation in reply.citations)]
        cited = {citation.source for citation in reply.citations}
        return (self.answer is None or any(self.answer in text for text in said)) and (
            not self.sources or not cited.isdisjoint(self.sources)
        )


def in_full(question: str, follows: Sequence[str]) -> str:
    """Return a question as people read it, after those that it follows."""
    return " › ".join([*follows, question])


class _File(BaseModel, extra="forbid"):
    question: list[GoldenQuestion]


def read_golden(path: Path) -> list[GoldenQuestion]:
    """Read golden questions; none if the file doesn't exist.

    Raises: ConfigurationError naming what is wrong in the file.
    """
    found = read_owner_file(path, _File, "docs/documents.md")
    return [] if found is None else found.question
