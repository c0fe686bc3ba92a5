"""Say how well the support check agrees with people who read MEMERAG's answers beside their passages.

    python tools/support_check/memerag.py fr.jsonl

The file: one of data/memerag of github.com/amazon-science/MEMERAG (Cruz Blandón et al., 2025), which is for
evaluation only. As there, balanced accuracy on the sentences labelled "Supported" or "Not Supported".
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

from partnerbot.answering.mentions import Known
from partnerbot.index.spellings import Spellings, given_twice
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED
from partnerbot.writing.cited_sentences import CitedSentence
from partnerbot.writing.excerpts import Excerpt
from partnerbot.writing.support import SupportJudge
from partnerbot.writing.verdicts import Verifier

_LABELS = {"Supported": True, "Not Supported": False}


def main() -> None:
    """Judge each sentence beside the passages of its question, and count."""
    file = Path(sys.argv[1])
    judge, counts = SupportJudge(load_embedding_model(EMBEDDED)), Counter[tuple[bool, str]]()
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        verifier = _verifier(entry, file.stem, judge)
        for said in entry["answer"]:
            if said["factuality"] in _LABELS:
                verdict = verifier.verify(CitedSentence(said["sentence"], ()), file.stem)
                counts[_LABELS[said["factuality"]], verdict.reason or "shown"] += 1
    shares = []
    for label, is_true in _LABELS.items():
        results = {reason: count for (true, reason), count in counts.most_common() if true is is_true}
        shares.append(results.get("shown", 0) / sum(results.values()))
        print(f"{label}, {sum(results.values())}: {results}")
    supported, not_supported = shares
    print(f"Balanced accuracy {(supported + 1 - not_supported) / 2:.1%}")


def _verifier(entry: dict[str, Any], language: str, judge: SupportJudge) -> Verifier:
    texts = [passage["text"] for passage in entry["context"]]
    said = [(text, language) for text in texts]
    known = Known.mined(Spellings([*given_twice(texts)]), said)
    excerpts = []
    for number, text in enumerate(texts, start=1):
        document = Document(text, metadata={"language": language, "title": "", "source": str(number)})
        spans = tuple((one.start, one.end) for one in split_into_passages(document).passages)
        excerpts.append(Excerpt(number, document, spans or ((0, len(text)),)))
    return Verifier(excerpts, judge, known)


if __name__ == "__main__":
    main()
