"""Reading data sets: documents and questions whose right replies are known.

Two forms of folder:

- `docs.jsonl` and `queries.jsonl`: a data set that brings its own documents;
- `questions*.jsonl`: questions in several languages on the documents that the settings name.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from partnerbot.errors import ConfigurationError

SAMPLE = "sample"
"""The name, in place of a folder, of our own questions on the sample documents."""

_SAMPLE_FOLDER = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Query:
    """One question and what is right to reply.

    `relevant`: ids of the documents that answer, any of which is right; empty if the right
    reply is to abstain. `answers` are by language; under "" for every language they don't
    name. `candidates`: the ids to choose among, None for all. Questions of one `group` are
    the same question in several languages.
    """

    id: str
    language: str
    question: str
    relevant: list[str]
    answers: Mapping[str, list[str]]
    group: str
    candidates: list[str] | None = None


@dataclass(frozen=True)
class WrittenDocument:
    """A document as its data set writes it; None or empty where it states nothing."""

    id: str
    language: str
    title: str
    text: str
    url: str | None


@dataclass(frozen=True)
class DataSet:
    """Questions and their documents: either brought along, or a folder whose sources are the ids.

    `digest` names the documents: equal for data sets that share them.
    """

    name: str
    digest: str
    documents: Sequence[WrittenDocument] | Path
    queries: Sequence[Query]


class _Line(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class _DocumentLine(_Line):
    doc_id: str
    lang: str
    title: str | None = None
    text: str
    url: str | None = None


class _QueryLine(_Line):
    qid: str
    lang: str
    question: str
    doc_ids: list[str]
    answers: list[str] = Field(default_factory=list)
    answers_by_lang: dict[str, list[str]] = Field(default_factory=dict)
    candidate_ids: list[str] | None = None
    parallel_id: str | None = None


class _QuestionGroupLine(_Line):
    id: str
    question: dict[str, str]
    answers: dict[str, list[str]]
    sources: list[str]


LineT = TypeVar("LineT", bound=_Line)


def read_data_set(place: str, documents: Path, limit: int | None = None) -> DataSet:
    """Read the data set in the folder `place`, or our own if `place` is "sample".

    `documents`: what a folder of questions alone is about. `limit`: at most as many questions,
    spread evenly over the file.

    Raises: ConfigurationError naming the file, the line and what is wrong.
    """
    folder = _SAMPLE_FOLDER if place == SAMPLE else Path(place)
    if (folder / "docs.jsonl").is_file():
        digest, written, queries = _read_with_documents(folder)
        return DataSet(folder.name, digest, written, _spread(queries, limit))
    files = sorted(folder.glob("questions*.jsonl"))
    if not files:
        raise ConfigurationError(
            f"{folder}/ is no data set. It needs docs.jsonl and queries.jsonl, or questions*.jsonl "
            f'on the documents in {documents}/; or write "{SAMPLE}" for the questions that come along.'
        )
    queries = [query for file in files for query in _read_question_groups(file)]
    _check_ids_once((query.id for query in queries), folder)
    digest = hashlib.sha256(str(documents.resolve()).encode()).hexdigest()
    return DataSet(folder.name, digest, documents, _spread(queries, limit))


def _read_with_documents(folder: Path) -> tuple[str, list[WrittenDocument], list[Query]]:
    file = folder / "docs.jsonl"
    documents = [
        WrittenDocument(line.doc_id, line.lang, line.title or "", line.text, line.url or None)
        for line in _read_lines(file, _DocumentLine)
    ]
    _check_ids_once((document.id for document in documents), file)
    known = {document.id for document in documents}
    file = folder / "queries.jsonl"
    queries = [_query(line, folder.name) for line in _read_lines(file, _QueryLine)]
    _check_ids_once((query.id for query in queries), file)
    for query in queries:
        _check_known([*query.relevant, *(query.candidates or [])], known, f"{file}, question {query.id}")
    return hashlib.sha256((folder / "docs.jsonl").read_bytes()).hexdigest(), documents, queries


def _query(line: _QueryLine, data_set: str) -> Query:
    return Query(
        id=line.qid,
        language=line.lang,
        question=line.question,
        relevant=line.doc_ids,
        answers={"": line.answers, **line.answers_by_lang},
        group=line.parallel_id or f"{data_set}/{line.qid}",
        candidates=line.candidate_ids,
    )


def _read_question_groups(file: Path) -> Iterator[Query]:
    for line in _read_lines(file, _QuestionGroupLine):
        every_answer = [answer for answers in line.answers.values() for answer in answers]
        for language, question in line.question.items():
            yield Query(
                id=f"{line.id}-{language}",
                language=language,
                question=question,
                relevant=line.sources,
                answers={"": list(dict.fromkeys(every_answer)), **line.answers},
                group=line.id,
            )


def _read_lines(file: Path, form: type[LineT]) -> list[LineT]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} can't be read: {error}") from error
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(form.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            raise ConfigurationError(f"{file}, line {number}: {_reason(error)}") from error
    if not found:
        raise ConfigurationError(f"{file} is empty.")
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return f"not JSON ({error})"


def _check_ids_once(ids: Iterator[str], where: Path) -> None:
    twice = [id for id, count in Counter(ids).items() if count > 1]
    if twice:
        raise ConfigurationError(f"{where}: the id {twice[0]} is there more than once. Ids must differ.")


def _check_known(ids: Collection[str], known: Collection[str], where: str) -> None:
    unknown = [id for id in ids if id not in known]
    if unknown:
        raise ConfigurationError(f"{where} names a document that docs.jsonl doesn't have: {unknown[0]}")


def _spread(queries: Sequence[Query], limit: int | None) -> list[Query]:
    if limit is None or limit >= len(queries):
        return list(queries)
    return [queries[position * len(queries) // limit] for position in range(limit)]
