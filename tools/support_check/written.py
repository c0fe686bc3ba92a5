"""Put questions to a language model, and count what of its sentences is shown, and why others aren't.

    python tools/support_check/written.py --ask QUESTIONS > FILE
    python tools/support_check/written.py [FILE…]

--ask: a file with a language and a question in each line ("en Who was André Japy?"). The model and the index
are those of the settings. What it writes comes in the form of tests/judged, each sentence after a "*", to be
marked by somebody who has read it beside its excerpts. Of a question that it isn't asked, or to which it
writes nothing, "- unasked", "- refused" or the reason why nothing came.

Else no model is needed: the marked sentences are judged by the check as it is.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from partnerbot.bot import Partnerbot
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED, load_settings
from partnerbot.writing.asking import ChatAsker, NoAnswerFromModel, Patience
from partnerbot.writing.cited_sentences import NOT_IN_DOCUMENTS, SentenceCutter
from partnerbot.writing.prompts import answer_prompt, fence
from partnerbot.writing.provider import open_chat_model
from partnerbot.writing.support import SupportJudge

_ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(_ROOT / "tests"))
from judged_statements import JUDGED, TRUE, Desk, read_statements  # noqa: E402

_NOTHING = frozenset({"unasked", "refused", "empty", "slow", "failed"})
"""Kinds of lines that stand for a reply without a sentence."""


def main() -> None:
    """Ask, or count."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--ask", type=Path, help="A file of questions.")
    arguments.add_argument("files", type=Path, nargs="*")
    given = arguments.parse_args()
    if given.ask:
        settings = load_settings()
        bot, asker = Partnerbot.open(settings), ChatAsker(open_chat_model(settings), settings)
        for line in given.ask.read_text("utf-8").splitlines():
            print(*_asked(bot, asker, *line.split(maxsplit=1)), sep="\n", flush=True)
        return
    desk = Desk(_ROOT / "documents", SupportJudge(load_embedding_model(EMBEDDED)))
    for file in given.files or (JUDGED / "written.txt", JUDGED / "written_plain.txt"):
        _count(desk, file)


def _asked(bot: Partnerbot, asker: ChatAsker, language: str, question: str) -> Iterator[str]:
    """What a model writes to a question, line by line."""
    writer = bot.writer
    assert writer
    found = bot.investigate(question, language=language)
    extractive = bot.without_model(found)
    is_asked = writer.is_worth_asking(found, extractive)
    excerpts = writer.excerpts(found, extractive) if is_asked else []
    places = (f"{one.source}:{one.sentences[0][0]}-{one.sentences[-1][1]}" for one in excerpts)
    yield f"== {' '.join(places)}"
    yield f"? {language} {question}"
    if not excerpts:
        yield "- unasked"
        return
    cutter = SentenceCutter(language)
    patience = Patience(time.monotonic() + bot.settings.llm_answer_seconds)
    try:
        text, is_whole = asker.text(answer_prompt(found.question, excerpts, fence()), patience)
    except NoAnswerFromModel as error:
        yield f"- {error.reason}"
        return
    for sentence in [*cutter.add(text), *(cutter.finish() if is_whole else ())]:
        if NOT_IN_DOCUMENTS in sentence.text:
            yield "- refused"
        else:
            numbers = "".join(f"[{number}] " for number in sentence.numbers)
            yield f"* {numbers}{sentence.text}"


def _count(desk: Desk, file: Path) -> None:
    replies, sentences = Counter[str](), Counter[tuple[str, str]]()
    for _, said in groupby(read_statements(file), lambda one: (one.source, one.question)):
        outcome = "nothing verified"
        for one in said:
            if one.kind in _NOTHING:
                outcome = one.kind
                continue
            verdict = desk.verdict(one)
            result = verdict.reason or "shown"
            sentences["true" if one.kind == TRUE else "false", result] += 1
            if verdict.quotes:
                outcome = "written"
            if bool(verdict.quotes) != (one.kind == TRUE):
                print(f"{one.language} {one.kind} {result}: {one.text}")
        replies[outcome] += 1
    print(f"{file.name}: {replies.total()} replies: {_listed(replies)}")
    for name in ("true", "false"):
        of = Counter({result: count for (kind, result), count in sentences.items() if kind == name})
        print(f"{name}: {of['shown']} of {of.total()} shown; {_listed(of)}")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


if __name__ == "__main__":
    main()
