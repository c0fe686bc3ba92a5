"""Reading data sets: documents and questions whose right replies are known.

Three forms of data set:

- a folder with `docs.jsonl` and `queries.jsonl`: a data set that brings its own documents;
- a folder with `questions*.jsonl`: questions in several languages on the documents that the settings name;
- a file of broad questions on those documents.

Their lines are of one form. A line with a `kind` is a broad question or a dialogue; every other asks for one
fact.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from partnerbot.errors import ConfigurationError, cause, wrong_values

OWN = ("sample", "broad")
"""Names, in place of a folder, of our own questions on the sample documents: for one fact, and broad ones."""

MARKED = "marked"
"""The name, in place of a folder, of the replies that staff marked as wrong."""

CONVERSATION = "social"
"""The kind of a message that is no question: a greeting, thanks, "who are you"."""


class Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Nugget(Record):
    """Something that a complete reply says, in any of these spellings; a short one says what is vital."""

    any: list[str]
    vital: bool = True


class Expected(Record):
    """What is right to reply to a broad question, and what would be wrong in the reply's own words.

    `kind`: what sort of question it is, such as "list" or "howto".
    """

    kind: str
    nuggets: list[Nugget]
    must_not: list[str]


@dataclass(frozen=True)
class Query:
    """One question and what is right to reply.

    `relevant`: ids of the documents that answer, any of which is right; empty if the right
    reply is to abstain. `answers` are by language; under "" for every language they don't
    name. `candidates`: the ids to choose among, None for all. Questions of one `group` are
    the same question in several languages. `expected`: what a broad question is measured by,
    None where one fact is asked for. `dialogue` is common to the turns of one, which follow
    each other; empty for a question that stands alone.
    """

    id: str
    language: str
    question: str
    relevant: list[str]
    answers: Mapping[str, list[str]]
    group: str
    candidates: list[str] | None = None
    expected: Expected | None = None
    dialogue: str = ""


@dataclass(frozen=True)
class DataSet:
    """Questions and their documents: either brought along, or a folder whose sources are the ids.

    `digest` names the documents: equal for data sets that share them.
    """

    name: str
    digest: str
    documents: Sequence[WrittenDocument] | Path
    queries: Sequence[Query]


class _Line(BaseModel, coerce_numbers_to_str=True):
    """One line of a file."""


class WrittenDocument(_Line, populate_by_name=True):
    """A document as its data set writes it; None or empty where it states nothing."""

    id: str = Field(alias="doc_id")
    language: str = Field(alias="lang")
    title: str | None = None
    text: str
    url: str | None = None


class _Turn(_Line):
    """One question, in the language of its line or in several, and what is right to reply."""

    question: str | dict[str, str]
    doc_ids: list[str] | None = Field(None, validation_alias=AliasChoices("doc_ids", "sources"))
    nuggets: list[Nugget] = []
    must_not: list[str] = []

    @property
    def languages(self) -> list[str]:
        return list(self.question) if isinstance(self.question, dict) else []


class _Asked(_Line):
    """A question or a dialogue; one without `lang` is asked in each language that it is written in.

    One without a `kind` asks for a fact: it names the documents that answer, if any do.
    """

    id: str = Field(validation_alias=AliasChoices("qid", "id"))
    lang: str | None = None
    kind: str | None = None
    turns: list[_Turn] = Field(min_length=1)
    answers: list[str] | dict[str, list[str]] = []
    answers_by_lang: dict[str, list[str]] = {}
    candidate_ids: list[str] | None = None
    parallel_id: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_turn(cls, line: Any) -> Any:
        return {**line, "turns": [line]} if isinstance(line, dict) and "turns" not in line else line

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        first, *others = (turn.languages for turn in self.turns)
        if bool(first) == bool(self.lang) or any(other != first for other in others):
            raise ValueError(
                "needs lang and questions in it, or no lang and every question in the same languages"
            )
        if self.kind is None and self.turns[0].doc_ids is None:
            raise ValueError("needs doc_ids: the documents that answer, or [] where none does")
        return self

    def queries(self, data_set: str) -> Iterator[Query]:
        by_language = self.answers if isinstance(self.answers, dict) else {"": self.answers}
        of_any = list(dict.fromkeys(chain(*by_language.values())))
        several = len(self.turns) > 1
        for language in [self.lang] if self.lang else self.turns[0].languages:
            id = self.id if self.lang else f"{self.id}-{language}"
            for position, turn in enumerate(self.turns):
                expected = None
                if self.kind is not None:
                    kind = self.kind
                    if several:
                        kind += ", follow-up" if position else ", first"
                    expected = Expected(kind=kind, nuggets=turn.nuggets, must_not=turn.must_not)
                yield Query(
                    id=f"{id}#{position}" if several else id,
                    language=language,
                    question=turn.question if isinstance(turn.question, str) else turn.question[language],
                    relevant=turn.doc_ids or [],
                    answers={**by_language, "": of_any, **self.answers_by_lang},
                    group=self.parallel_id or f"{data_set}/{self.id.removesuffix(f'-{language}')}",
                    candidates=self.candidate_ids,
                    expected=expected,
                    dialogue=id if several else "",
                )


LineT = TypeVar("LineT", bound=_Line)


def read_data_set(place: str, documents: Path, limit: int | None = None) -> DataSet:
    """Read the data set that `place` leads to, a folder or a file, or that of our own which it names.

    `documents`: what questions alone are about. `limit`: at most as many questions or dialogues,
    spread evenly over the file.

    Raises: ConfigurationError naming the file, the line and what is wrong.
    """
    folder = Path(__file__).parent / place if place in OWN else Path(place)
    brought = folder / "docs.jsonl"
    if brought.is_file():
        written = _read_lines(brought, WrittenDocument)
        _check_ids_once((document.id for document in written), brought)
        file = folder / "queries.jsonl"
        queries = _read_queries([file], folder.name, file)
        _check_documents_are_there(queries, {document.id for document in written}, file)
        digest = hashlib.sha256(brought.read_bytes()).hexdigest()
        return DataSet(folder.name, digest, written, _spread(queries, limit))
    files = [folder] if folder.is_file() else sorted(folder.glob("questions*.jsonl"))
    if not files:
        raise ConfigurationError(
            f"{folder}/ is no data set. It needs docs.jsonl and queries.jsonl, or questions*.jsonl "
            f"on the documents in {documents}/; or write {' or '.join(OWN)} for those that come along."
        )
    queries = _read_queries(files, folder.stem, folder)
    digest = hashlib.sha256(str(documents.resolve()).encode()).hexdigest()
    return DataSet(folder.stem, digest, documents, _spread(queries, limit))


def _read_queries(files: Sequence[Path], data_set: str, where: Path) -> list[Query]:
    lines = [line for file in files for line in _read_lines(file, _Asked)]
    queries = [query for line in lines for query in line.queries(data_set)]
    _check_ids_once((query.id for query in queries), where)
    return queries


def _check_documents_are_there(queries: Sequence[Query], known: set[str], file: Path) -> None:
    for query in queries:
        named = [*query.relevant, *(query.candidates or [])]
        if unknown := next((id for id in named if id not in known), None):
            where = f"{file}, question {query.id}"
            raise ConfigurationError(f"{where} names a document that docs.jsonl doesn't have: {unknown}")


def _read_lines(file: Path, form: type[LineT]) -> list[LineT]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} can't be read: {cause(error)}") from error
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(form.model_validate(json.loads(line)))
        except ValidationError as error:
            reason = wrong_values(error, lambda keys: str(keys[-1]) if keys else "it")
            raise ConfigurationError(f"{file}, line {number}: {reason}") from error
        except ValueError as error:
            reason = f"not JSON ({error})"
            raise ConfigurationError(f"{file}, line {number}: {reason}") from error
    if not found:
        raise ConfigurationError(f"{file} is empty.")
    return found


def _check_ids_once(ids: Iterator[str], where: Path) -> None:
    twice = [id for id, count in Counter(ids).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{where}: the id {twice[0]} is there more than once. Ids must differ.")


def _spread(queries: Sequence[Query], limit: int | None) -> list[Query]:
    asked = [list(turns) for _, turns in groupby(queries, lambda query: query.dialogue or query.id)]
    if limit is None or limit >= len(asked):
        return list(queries)
    return [query for position in range(limit) for query in asked[position * len(asked) // limit]]
