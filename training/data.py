"""Build the reader's training examples from public question-answering sets.

    python training/data.py --data DIR --digests FILE --evaluation DIR --out build/reader

`--data` holds one folder for each source (`docs.jsonl`, `queries.jsonl`; MODEL_CARD.md names the
sources), `--digests` short texts on our subject (`docs.jsonl`), `--evaluation` the data sets the reader
is judged on: every article that occurs there is left out here, but for the digests; questions of ours
may be about other passages of such an article. Writes
`train.jsonl` and `held.jsonl` (other articles, for calibration), one example a line: `question`,
`title`, `text`, `start`, `end` (null: not answered here), `kind`, `pair`, `source`; and likewise
`statements.jsonl` and `statements_held.jsonl`: a statement as `question`, a quote as `text`, `supported`.

What decides quality is in the examples that are *not* answered:
human-written ones, other passages of the same article, and counterfactuals: the place, person,
year or number that question and passage share is changed on one side. The same change on both sides
gives answered examples, so that an odd name by itself says nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from nearest import READ_CHARACTERS, Asked, Nearest, sampled
from sklearn.feature_extraction.text import CountVectorizer
from written import LANGUAGES, Written, read_written, unrelated

from statements import Stated, read_statements

SEED = 20261128
QUESTIONS = Path(__file__).parent / "questions"
STATEMENTS = Path(__file__).parent / "statements"
INVENTED = QUESTIONS / "invented" / "docs.jsonl"
JUDGED_PASSAGES = QUESTIONS / "judged" / "passages.jsonl"
REWORDED = QUESTIONS / "reworded" / "questions.jsonl"
HELD_OUT = 0.04
"""Share of articles kept for calibration and for choosing the checkpoint."""

SHORT_WINDOW_TOKENS, LONG_WINDOW_TOKENS = (30, 105), (105, 220)
LONG_WINDOWS = 0.2
"""Passages are cut to a random length (in estimated tokens); this share of them is long. The product's
are of 60 to 250 tokens; short ones teach the same at half the cost."""

REPEATS = {"squad_fje": 4}
"""How often each answered question is drawn, each time with another window."""

OPENING = 60
"""Characters at a text's beginning by which it is known in another set."""

ALIKE = 0.7
"""Share of three-letter runs in common from which a question of ours counts as one of an evaluation set:
the same of another town has some .65."""

JUDGED, JUDGED_REWORDED = 9, 2
"""Most passages taken for a question that people found unanswered, and for it in another language."""

SIBLINGS = 0.6
"""Share of the other members of a family (three rivers, three treaties) that a question on one is put to."""

RETRIEVED, RETRIEVED_OF = 48_000, 5
"""Answered questions that get a passage of another article as well: one of the nearest in each language."""

CAPS = {"drcd": 300, "cmrc2018": 300, "squad_it": 700, "faquad": 300, "jsquad": 3000}
"""Most questions taken from a source; the rest is left out, because an hour on two cores is short."""

ITALIAN_TITLES_IN_EVALUATION = {
    "Disobbedienza civile",
    "Guerra franco-indiana",
    "Gengis Khan",
    "Islamismo",
    "Ossigeno",
    "Farmacia",
    "Sky (Gran Bretagna)",
}
"""SQuAD's evaluation articles, whose Italian titles don't match the English ones."""

CJK = "ja", "zh", "ko"


@dataclass(frozen=True)
class Example:
    """One question with one passage; `start` and `end` are offsets into `text`, None if it doesn't answer."""

    question: str
    title: str
    text: str
    start: int | None
    end: int | None
    kind: str
    pair: str
    source: str
    article: str


@dataclass(frozen=True)
class Source:
    """One data set: documents by id, questions, and the documents of each article and language."""

    name: str
    documents: dict[str, dict[str, Any]]
    questions: list[dict[str, Any]]
    siblings: dict[tuple[str, str], list[str]]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def article_of(document: dict[str, Any]) -> str:
    return str(document.get("article") or document["doc_id"]).replace("_", " ")


def evaluated_articles(folder: Path) -> set[str]:
    """Names of articles and ids of documents that occur in any evaluation set."""
    found = set()
    for path in folder.glob("*/docs.jsonl"):
        for document in lines(path):
            found.add(document["doc_id"])
            if document.get("article"):
                found.add(f"{document['lang']}:{article_of(document)}")
                if not document["article"].isdigit():
                    found.add(article_of(document))
    return found


def unevaluated_documents(folder: Path, evaluation: Path) -> dict[str, dict[str, Any]]:
    """Documents of a source that are in no evaluation set, even if others of their article are.

    Questions of ours are asked about these.
    """
    openings = {
        composed(document["text"])[:OPENING]
        for path in evaluation.glob("*/docs.jsonl")
        for document in lines(path)
    }
    found = {}
    for document in lines(folder / "docs.jsonl"):
        document["text"], document["title"] = (
            composed(document["text"]),
            composed(document.get("title") or ""),
        )
        if document["text"][:OPENING] not in openings:
            found[document["doc_id"]] = document
    return found


def near_evaluated(questions: list[tuple[str, str]], folder: Path) -> set[str]:
    """Return those of the questions, given with their language, that nearly repeat an evaluated one."""
    found: set[str] = set()
    evaluated = [entry for path in folder.glob("*/queries.jsonl") for entry in lines(path)]
    for language in LANGUAGES:
        ours = [question for question, spoken in questions if spoken == language]
        theirs = [composed(entry["question"]) for entry in evaluated if entry["lang"] == language]
        if not ours or not theirs:
            continue
        counter = CountVectorizer(
            analyzer="char", ngram_range=(3, 3), binary=True, dtype=np.float32, preprocessor=_letters
        )
        mine = counter.fit_transform(ours + theirs)
        mine, other = mine[: len(ours)], mine[len(ours) :]
        shared = (mine @ other.T).tocoo()
        sizes = [np.asarray(rows.sum(axis=1)).ravel() for rows in (mine, other)]
        alike = shared.data / (sizes[0][shared.row] + sizes[1][shared.col] - shared.data)
        found.update(ours[row] for row in set(shared.row[alike >= ALIKE].tolist()))
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def question_key(question: str) -> str:
    """Return what a question is known by in questions/judged, which doesn't repeat its words."""
    return hashlib.sha256(question.encode()).hexdigest()[:12]


def read_reworded() -> dict[str, list[tuple[str, str]]]:
    """By `question_key`: the same asked in other languages, in words of ours; text and language."""
    return {
        entry["key"]: [(entry[language], language) for language in LANGUAGES if language in entry]
        for entry in lines(REWORDED)
    }


def judged_examples(
    questions: dict[str, list[tuple[str, str]]], documents: dict[str, dict[str, Any]], rng: random.Random
) -> Iterator[Example]:
    """Passages that were read one by one.

    They are NoMIRACL's candidates, and what an earlier reader took for answers.

    questions: by `question_key`, the texts that ask it, with their languages.
    """
    for entry in lines(JUDGED_PASSAGES):
        document = documents.get(entry["doc_id"])
        if document is None:
            continue
        for question, language in questions.get(entry["key"], ()):
            text, offset = window(document["text"], (entry["start"], entry["end"]), rng)
            answers = entry["answers"]
            yield Example(
                question,
                shown_title(document, rng),
                text,
                entry["start"] - offset if answers else None,
                entry["end"] - offset if answers else None,
                "judged-answered" if answers else "judged-near",
                f"{language}-{document['lang']}",
                "judged",
                article_of(document),
            )


def read_source(folder: Path, evaluated: set[str]) -> Source:
    documents, siblings = {}, defaultdict(list)
    for document in lines(folder / "docs.jsonl"):
        article = article_of(document)
        names = {document["doc_id"], f"{document['lang']}:{article}"}
        if folder.name != "nomiracl":
            names.add(article)
        if names & evaluated or article in ITALIAN_TITLES_IN_EVALUATION:
            continue
        document["text"], document["title"] = (
            composed(document["text"]),
            composed(document.get("title") or ""),
        )
        documents[document["doc_id"]] = document
        siblings[article, document["lang"]].append(document["doc_id"])
    questions = [
        question
        for question in lines(folder / "queries.jsonl")
        if not question["in_eval"]
        and (question["doc_ids"] or [question.get("near_doc_id")] + (question.get("candidate_ids") or []))
    ]
    return Source(folder.name, documents, questions, dict(siblings))


# --- where the answer stands -----------------------------------------------------------------------


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of sentences; they cover the text without gaps."""
    ends = [
        match.end()
        for match in re.finditer(r"[。！？!?]+[」』）)]*|[.!?][»”\")]*\s+(?=[\dA-ZÀ-Ý«“\"'(])|\n+", text)
    ]
    starts = [0, *(end for end in ends if end < len(text))]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def grams(text: str) -> set[str]:
    """Words of Latin text (cut to a stem) and character bigrams of the rest."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = {word[:6] for word in re.findall(r"[a-zà-ÿ0-9]{2,}", folded)}
    return words | {
        folded[i : i + 2]
        for i in range(len(folded) - 1)
        if all(ord(c) > 0x3000 and c.isalnum() for c in folded[i : i + 2])
    }


def occurrences(answer: str, text: str) -> list[int]:
    """Starts of the answer in the text, not inside a longer word or number."""
    found = []
    for match in re.finditer(re.escape(answer), text):
        start, end = match.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        joined = (before.isalnum() and before.isascii() and answer[0].isalnum()) or (
            after.isalnum() and after.isascii() and answer[-1].isalnum()
        )
        if not joined:
            found.append(start)
    return found


def locate_answer(answers: Iterable[str], text: str, hint: str) -> tuple[int, int] | None:
    """Find the answer in the text; of several places, the one whose sentences share most with `hint`.

    hint: the question, in the text's language where that is known.
    """
    for answer in map(composed, answers):
        starts = occurrences(answer, text) if answer else []
        if not starts:
            continue
        if len(starts) == 1:
            return starts[0], starts[0] + len(answer)
        spans, asked = sentences(text), grams(hint)

        def shared(start: int, spans: list[tuple[int, int]] = spans, asked: set[str] = asked) -> float:
            index = next(i for i, (a, b) in enumerate(spans) if a <= start < b)
            a, b = spans[index]
            before = spans[index - 1][0] if index else a
            return len(grams(text[a:b]) & asked) + 0.3 * len(grams(text[before:a]) & asked)

        best = max(starts, key=shared)  # the first of equals
        return best, best + len(answer)
    return None


# --- passages --------------------------------------------------------------------------------------


def token_estimate(text: str) -> float:
    wide = sum(ord(character) > 0x2E80 for character in text)
    return wide / 1.7 + (len(text) - wide) / 4.2


def window(text: str, span: tuple[int, int] | None, rng: random.Random) -> tuple[str, int]:
    """A run of whole sentences around `span` (anywhere if None) of random length, and where it starts."""
    spans = sentences(text)
    if span is None:
        first = last = rng.randrange(len(spans))
    else:
        first = next(i for i, (a, b) in enumerate(spans) if a <= span[0] < b)
        last = next(i for i, (a, b) in enumerate(spans) if a < span[1] <= b)
    budget = rng.uniform(*(LONG_WINDOW_TOKENS if rng.random() < LONG_WINDOWS else SHORT_WINDOW_TOKENS))
    left_share = rng.random()
    while True:
        options = ([first - 1] if first else []) + ([last + 1] if last + 1 < len(spans) else [])
        if not options:
            break
        pick = options[0] if len(options) == 1 or rng.random() < left_share else options[-1]
        low, high = min(first, pick), max(last, pick)
        if token_estimate(text[spans[low][0] : spans[high][1]]) > budget:
            break
        first, last = low, high
    start, end = spans[first][0], spans[last][1]
    passage = text[start:end]
    return passage.strip(), start + len(passage) - len(passage.lstrip())


def shown_title(document: dict[str, Any], rng: random.Random) -> str:
    return document["title"] if rng.random() < 0.75 else ""


# --- counterfactuals -------------------------------------------------------------------------------

_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-2]\d)(?!\d)")
_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?![\d.,])")
_LATIN_NAME = re.compile(
    r"\b[A-ZÀ-Ý][\w’'-]+(?:[ -](?:(?:de|du|of|the|van|von|la|le|des) )?[A-ZÀ-Ý][\w’'-]+){0,3}"
)
_KATAKANA = re.compile(r"[ァ-ヴー・=]{3,}")
_KANJI_NAME = re.compile(
    r"[一-龠々]{1,4}(?:[都道府県市区町村郡駅島川山国社氏党語城寺州人家湾湖院]|大学|神社|戦争|時代|王朝|天皇|会社|地方|半島|空港|条約)"
    r"|[一-龠々]{1,4}(?:[市县縣省国國河山岛島湖寺州人]|大学|大學|战争|戰爭|朝)"
)


def shape(text: str) -> str:
    """Kind of a name: only names of the same kind are exchanged."""
    if text.isdigit():
        return "year" if _YEAR.fullmatch(text) else f"number{len(text)}"
    if _KATAKANA.fullmatch(text):
        return "katakana"
    if ord(text[0]) > 0x2E80:
        return "kanji-" + text[-1]
    return f"latin{min(3, text.count(' ') + 1)}"


def names_in(text: str) -> list[str]:
    """Years, numbers and names; a Latin word that only begins the sentence isn't one."""
    found = [
        match.group()
        for pattern in (_YEAR, _NUMBER, _KATAKANA, _KANJI_NAME)
        for match in pattern.finditer(text)
    ]
    found += [
        match.group()
        for match in _LATIN_NAME.finditer(text)
        if match.start() > 0 and text[match.start() - 1] not in '«“"¿'
    ]
    return [name for name in dict.fromkeys(found) if len(name) > 1 or name.isdigit()]


class Names:
    """All names of the training questions and passages, by language and kind, to exchange them."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._ordered: dict[tuple[str, str], list[str]] = {}

    def learn(self, language: str, text: str) -> None:
        for name in names_in(text):
            if not name.isdigit():
                self._by_kind[language, shape(name)].add(name)

    def another(self, name: str, language: str, present: str, rng: random.Random) -> str | None:
        """A different name of the same kind that does not occur in `present`."""
        kind = shape(name)
        if kind == "year":
            options = [
                str(int(name) + step) for step in (-30, -12, -7, -3, -2, -1, 1, 2, 3, 5, 8, 10, 20, 41)
            ]
        elif kind.startswith("number"):
            low, high = (1, 9) if len(name) == 1 else (10 ** (len(name) - 1), 10 ** len(name) - 1)
            options = [str(rng.randint(low, high)) for _ in range(6)]
        else:
            key = language, kind
            if key not in self._ordered:
                self._ordered[key] = sorted(self._by_kind[key])
            options = self._ordered[key]
            if len(options) < 5:
                return None
            options = [rng.choice(options) for _ in range(6)]
        folded = present.casefold()
        options = [
            option
            for option in options
            if option.casefold() not in folded
            and not any(part.casefold() in folded for part in option.split() if len(part) > 3)
        ]
        return rng.choice(options) if options else None


def counterfactuals(example: Example, versions: str, names: Names, rng: random.Random) -> Iterator[Example]:
    """Change a name that the question gives: in the question, in the passage, or in both.

    `versions`: the passage in all its languages, so that a name is not changed into one it speaks of.
    """
    if example.start is None or example.end is None:
        return
    language = example.pair.split("-")[0]
    answer = example.text[example.start : example.end]
    shared = [name for name in names_in(example.question) if name.casefold() not in answer.casefold()]
    if not shared:
        return
    rng.shuffle(shared)
    title_names = shared[0].casefold() in example.title.casefold()
    name = shared[0]
    other = names.another(name, language, versions + example.title + example.question, rng)
    if other is None:
        return
    swapped = example.question.replace(name, other)
    yield replace(example, question=swapped, start=None, end=None, kind="near-question")
    if name not in example.text or title_names or len(name) < 2:
        return
    text, start, end = _exchanged(example.text, name, other, example.start, example.end)
    if text[start:end] != answer:
        return
    yield replace(example, text=text, start=None, end=None, kind="near-passage")
    yield replace(example, question=swapped, text=text, start=start, end=end, kind="both-changed")


def _exchanged(text: str, name: str, other: str, start: int, end: int) -> tuple[str, int, int]:
    """The text with every `name` made `other`, and the span moved along."""
    before = text[:start].replace(name, other)
    inside, after = text[start:end], text[end:].replace(name, other)
    return before + inside + after, len(before), len(before) + len(inside)


# --- assembling ------------------------------------------------------------------------------------


def answers_for(question: dict[str, Any], language: str) -> list[str]:
    return (question.get("answers_by_lang") or {}).get(language) or question["answers"]


def examples_of(
    source: Source, names: Names, reworded: dict[str, list[tuple[str, str]]], rng: random.Random
) -> Iterator[Example]:
    """Every example of one source, answered and not."""
    hints: dict[tuple[str, str], str] = {}
    versions: dict[str, str] = defaultdict(str)
    for question in source.questions:
        if question.get("parallel_id"):
            hints[question["parallel_id"], question["lang"]] = composed(question["question"])
            for document_id in question["doc_ids"]:
                if document_id in source.documents and question["lang"] == question["doc_lang"]:
                    versions[question["parallel_id"]] += source.documents[document_id]["text"]
    everywhere = defaultdict(list)
    for document in source.documents.values():
        everywhere[document["lang"]].append(document["doc_id"])
    questions = source.questions
    if source.name in CAPS:
        questions = rng.sample(questions, min(CAPS[source.name], len(questions)))
    for question in questions:
        asked, language = composed(question["question"]), question["lang"]
        if not question["doc_ids"]:
            yield from _unanswered(question, asked, source, reworded, rng)
            continue
        document = source.documents.get(question["doc_ids"][0])
        if source.name == "nomiracl" or document is None:
            continue  # NoMIRACL says that some of these documents answer, not which
        hint = hints.get((question.get("parallel_id", ""), document["lang"]), asked)
        span = locate_answer(answers_for(question, document["lang"]), document["text"], hint)
        if span is None:
            continue
        article = article_of(document)
        pair = f"{language}-{document['lang']}"
        siblings = [i for i in source.siblings[article, document["lang"]] if i != document["doc_id"]]
        for _ in range(REPEATS.get(source.name, 1)):
            text, offset = window(document["text"], span, rng)
            answered = Example(
                asked,
                shown_title(document, rng),
                text,
                span[0] - offset,
                span[1] - offset,
                "answered",
                pair,
                source.name,
                article,
            )
            if text[answered.start : answered.end] != document["text"][span[0] : span[1]]:
                continue
            yield answered
            if rng.random() < 0.62:
                known = versions.get(question.get("parallel_id", ""), "") + document["text"]
                changed = list(counterfactuals(answered, known, names, rng))
                if changed:
                    yield changed[0] if len(changed) == 1 or rng.random() < 0.6 else changed[1]
                    if len(changed) > 2 and rng.random() < 0.45:
                        yield changed[2]
            chance = rng.random()
            if chance < 0.38 and siblings:
                wrong, kind = source.documents[rng.choice(siblings)], "same-article"
            elif chance < 0.46:
                wrong, kind = source.documents[rng.choice(everywhere[document["lang"]])], "other-article"
            elif chance < 0.56 and len(sentences(document["text"])) >= 5:
                wrong, kind = document, "rest-of-passage"
            else:
                continue
            yield from _elsewhere(asked, answered, wrong, kind, question, rng)


def _elsewhere(
    asked: str,
    answered: Example,
    wrong: dict[str, Any],
    kind: str,
    question: dict[str, Any],
    rng: random.Random,
) -> Iterator[Example]:
    text = window(wrong["text"], None, rng)[0]
    gold = [composed(answer) for answer in answers_for(question, wrong["lang"])]
    shares_answer = any(answer.casefold() in text.casefold() for answer in gold)
    if kind == "rest-of-passage" and (shares_answer or token_estimate(text) < 25):
        return
    if shares_answer and len(grams(asked) & grams(text)) > 2:  # it may answer after all
        return
    yield replace(answered, title=shown_title(wrong, rng), text=text, start=None, end=None, kind=kind)


def written_examples(
    written: Written, source: str, documents: list[dict[str, Any]], names: Names, rng: random.Random
) -> Iterator[Example]:
    """Examples of one question that we wrote: its own passage, changed ones, and one that is not meant."""
    document = written.document
    text, offset = window(document["text"], written.span, rng)
    start = end = None
    if written.span is not None:
        start, end = written.span[0] - offset, written.span[1] - offset
        if text[start:end] != document["text"][slice(*written.span)]:
            return
    example = Example(
        composed(written.question),
        shown_title(document, rng),
        text,
        start,
        end,
        "written-near" if start is None else "written-answered",
        f"{written.language}-{document['lang']}",
        f"written-{source}",
        article_of(document),
    )
    yield example
    if start is None:
        return
    if rng.random() < 0.3:
        changed = list(counterfactuals(example, document["text"], names, rng))
        if changed:
            yield rng.choice(changed)
    if rng.random() < 0.1:
        other = unrelated(written, documents, rng)
        if other is not None:
            yield replace(
                example,
                title=shown_title(other, rng),
                text=window(other["text"], None, rng)[0],
                start=None,
                end=None,
                kind="written-elsewhere",
                pair=f"{written.language}-{other['lang']}",
            )


def sibling_examples(
    written: Written, families: dict[str, list[dict[str, Any]]], rng: random.Random
) -> Iterator[Example]:
    """A question on one member of a family beside the others: of the same kind, with the same sort of facts.

    One that has the answer's words is left out: it may answer as well.
    """
    document = written.document
    if written.span is None or "family" not in document:
        return
    answer = document["text"][slice(*written.span)].casefold()
    for other in families[document["family"]]:
        text = other["text"]
        if other["doc_id"] == document["doc_id"] or answer in text.casefold() or rng.random() >= SIBLINGS:
            continue
        if rng.random() < 0.3:
            text = window(text, None, rng)[0]
        yield Example(
            composed(written.question),
            shown_title(other, rng),
            text,
            None,
            None,
            "written-sibling",
            f"{written.language}-{other['lang']}",
            "written-invented",
            article_of(document),
        )


def _unanswered(
    question: dict[str, Any],
    asked: str,
    source: Source,
    reworded: dict[str, list[tuple[str, str]]],
    rng: random.Random,
) -> Iterator[Example]:
    """Questions that people marked as not answered by given passages, in their words and in ours."""
    near = (
        [question["near_doc_id"]]
        if question.get("near_doc_id")
        else list(question.get("candidate_ids") or [])
    )
    near = [document_id for document_id in near if document_id in source.documents]
    wordings = [(asked, question["lang"], JUDGED)]
    wordings += [(*other, JUDGED_REWORDED) for other in reworded.get(question_key(asked), ())]
    for wording, language, most in wordings:
        rng.shuffle(near)
        for document_id in near[:most]:
            document = source.documents[document_id]
            text = document["text"]
            if token_estimate(text) > 220:
                text = window(text, None, rng)[0]
            yield Example(
                wording,
                shown_title(document, rng),
                text,
                None,
                None,
                "human-unanswerable",
                f"{language}-{document['lang']}",
                source.name,
                article_of(document),
            )


def retrieved_examples(
    examples: list[Example], documents: list[dict[str, Any]], rng: random.Random
) -> Iterator[Example]:
    """Questions that are answered elsewhere, with what retrieval finds nearest to them in other articles.

    A passage that holds the answer's words or its longer figures is left out: it may answer as well.
    """
    answers = {
        example.question: example.text[example.start : example.end].casefold()
        for example in examples
        if example.start is not None
    }
    asked = sampled(
        [
            Asked(example.question, example.pair.split("-")[0], example.article)
            for example in examples
            if example.kind in ("answered", "written-answered") and example.source != "written-digests"
        ],
        RETRIEVED,
        rng,
    )
    asked = [one for one in asked if one.language in LANGUAGES]
    nearest = Nearest(documents, [article_of(document) for document in documents])
    for one, places in zip(asked, nearest.of_other_articles(asked, RETRIEVED_OF), strict=True):
        document = documents[rng.choice(places)]
        text = document["text"][:READ_CHARACTERS]
        if token_estimate(text) > LONG_WINDOW_TOKENS[1] or rng.random() < 0.5:
            text = window(text, None, rng)[0]
        whole, answer = text.casefold(), answers[one.question]
        if answer in whole or any(figure in whole for figure in re.findall(r"\d{3,}", answer)):
            continue
        yield Example(
            one.question,
            shown_title(document, rng),
            text,
            None,
            None,
            "retrieved",
            f"{one.language}-{document['lang']}",
            "retrieved",
            one.article,
        )


def _is_held(article: str) -> bool:
    """By a hash, so that an article stays on its side when data is added."""
    return hashlib.sha256(f"held {article}".encode()).digest()[0] < round(HELD_OUT * 256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sources")
    parser.add_argument(
        "--evaluation", type=Path, required=True, help="folder of the evaluation sets to keep clean of"
    )
    parser.add_argument("--digests", type=Path, required=True, help="docs.jsonl of texts on our subject")
    parser.add_argument("--out", type=Path, default=Path("build/reader"))
    options = parser.parse_args()
    rng = random.Random(SEED)
    evaluated = evaluated_articles(options.evaluation)
    sources = [read_source(path.parent, evaluated) for path in sorted(options.data.glob("*/queries.jsonl"))]
    names = Names()
    for source in sources:
        for question in source.questions:
            names.learn(question["lang"], composed(question["question"]))
    reworded = read_reworded()
    examples = [example for source in sources for example in examples_of(source, names, reworded, rng)]
    pools = {
        source.name: unevaluated_documents(options.data / source.name, options.evaluation)
        for source in sources
    }
    pools["digests"] = {document["doc_id"]: document for document in lines(options.digests)}
    pools["invented"] = {document["doc_id"]: document for document in lines(INVENTED)}
    asked = {
        question_key(composed(question["question"])): [(composed(question["question"]), question["lang"])]
        for source in sources
        for question in source.questions
    }
    ours = {file: list(read_written(file, pools[file.stem])) for file in sorted(QUESTIONS.glob("*.jsonl"))}
    repeated = near_evaluated(
        [(one.question, one.language) for found in ours.values() for one in found], options.evaluation
    )
    print(f"{len(repeated)} questions of ours are left out: they are nearly those of an evaluation set")
    families = defaultdict(list)
    for document in pools["invented"].values():
        if "family" in document:
            families[document["family"]].append(document)
    for file, found in ours.items():
        pool = list(pools[file.stem].values())
        for written in found:
            if written.question in repeated:
                continue
            asked[question_key(written.question)] = [(written.question, written.language)]
            examples += written_examples(written, file.stem, pool, names, rng)
            examples += sibling_examples(written, families, rng)
    for key, wordings in reworded.items():
        asked.setdefault(key, []).extend(wordings)
    documents = {id: document for pool in pools.values() for id, document in pool.items()}
    examples += judged_examples(asked, documents, rng)
    read = [
        document
        for name, pool in pools.items()
        if name != "digests"  # many of them tell of the same
        for document in pool.values()
        if document["lang"] in LANGUAGES
    ]
    examples += retrieved_examples(examples, read, rng)
    stated = [
        one
        for file in sorted(STATEMENTS.glob("*.jsonl"))
        for one in read_statements(file, documents, sentences, article_of, rng)
    ]
    rng.shuffle(examples)
    rng.shuffle(stated)
    sets: dict[str, list[Example] | list[Stated]] = {
        "train": [example for example in examples if not _is_held(example.article)],
        "held": [example for example in examples if _is_held(example.article)],
        "statements": [one for one in stated if not _is_held(one.article)],
        "statements_held": [one for one in stated if _is_held(one.article)],
    }
    options.out.mkdir(parents=True, exist_ok=True)
    for name, chosen in sets.items():
        with (options.out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in chosen)
        print(name, len(chosen))
        print("  ", dict(Counter(example.kind for example in chosen)))
        print("  ", dict(Counter(example.source for example in chosen)))
        print("  ", dict(Counter(example.pair for example in chosen).most_common(30)))


if __name__ == "__main__":
    main()
