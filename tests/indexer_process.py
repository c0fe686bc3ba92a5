"""An indexer in a process of its own, told what to do by lines of JSON; each thing in a fresh fork.

The parent has imported everything and opened nothing, so a fork starts at once and may be killed at
any step. tests/crashes.py talks to it.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  # a run imports it when first needed
import numpy as np

from partnerbot.backup import opened, restore, write_backup
from partnerbot.documents.loading import load_document
from partnerbot.errors import PartnerbotError
from partnerbot.index.build import build_index, roll_back
from partnerbot.index.search import Index
from partnerbot.index.store import Store
from partnerbot.index.texts import split_into_passages
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.settings import EMBEDDED, Settings
from toy_model import toy_model


def whole(index: Index) -> dict[str, str]:
    """Return the documents of an index by source, after every passage has found itself by its vector.

    What lies in the store has been compared with what is read from beside it.
    """
    vectors = index.vectors(index.texts.passages.values(), "sentence")
    for passage in index.texts.passages.values():
        found = index.search("?", vectors[passage.id])
        twins = index.vectors([one.passage for one in found], "sentence")
        assert any(np.array_equal(twin, vectors[passage.id]) for twin in twins.values()), f"{passage} is lost"
    with Store.reading(index.folder) as store:
        assert {one.source for one in store.documents()} == index.texts.documents.keys()
        for view, kept in index.matrices.items():
            stored = [store.vectors(part, store.keys(part)) for part in store.parts() if part[1] == view]
            alike = kept @ np.stack([vector for part in stored for vector in part.values()]).T
            assert np.allclose(alike.max(axis=0), 1, atol=1e-4)
            assert np.allclose(alike.max(axis=1), 1, atol=1e-4)
    return {source: one.document.page_content for source, one in index.texts.documents.items()}


def _do(told: dict[str, Any], faults: Any) -> dict[str, Any]:
    documents, index, model = Path(told["documents"]), Path(told["index"]), told["model"]
    if told["do"] == "check":
        opened = Index.open(index, model)
        return {"generation": opened.folder.name, "documents": whole(opened)}
    if faults is not None:
        faults.faults_arm(
            os.fsencode(Path(told.get("watched", index)).resolve()),
            ctypes.c_long(told.get("die_at", 0)),
            ctypes.c_long(told.get("fail_at", 0)),
            told.get("errno", 0),
            told.get("locked", "").encode(),
        )
    try:
        if told["do"] == "roll back":
            return {"generation": roll_back(index, model).name}
        if told["do"] in ("back up", "restore"):
            return _backed_up(told, Settings(index=index, documents=documents, state=index.parent / "state"))
        report = build_index(documents, index, model, full=told.get("full", False))
        return {
            "rebuilt": report.rebuilt,
            "embedded": report.embedded,
            "generation": report.generation,
            "skipped": {file.source: file.reason for file in report.skipped},
        }
    finally:
        told["steps"] = faults.faults_steps() if faults is not None else 0
        told["writes"] = faults.faults_writes() if faults is not None else 0


def _backed_up(told: dict[str, Any], settings: Settings) -> dict[str, Any]:
    file = Path(told["file"])
    if told["do"] == "restore":
        with opened(file) as backup:
            restore(backup, settings)
        return {}
    return {"names": write_backup(settings, file)}


def _forked(told: dict[str, Any], faults: Any) -> tuple[int, Any]:
    answer = tempfile.TemporaryFile("w+")  # noqa: SIM115
    child = os.fork()
    if child:
        return child, answer
    try:
        result = _do(told, faults)
    except PartnerbotError as error:
        result = {"error": type(error).__name__, "message": str(error)}
    except BaseException:
        result = {"error": "defect", "message": traceback.format_exc()}
    counted = {name: told.get(name, 0) for name in ("steps", "writes")}
    json.dump({**result, **counted}, answer)
    answer.flush()
    os._exit(0)


def _awaited(child: int, answer: Any) -> dict[str, Any]:
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status)}
    answer.seek(0)
    result: dict[str, Any] = json.load(answer)
    return result


def _warm_up() -> None:
    """Load what reading a document loads, so that no fork has to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.md")
        path.write_text("La charte a été signée en avril. The mill was full that day.", "utf-8")
        passages = split_into_passages(load_document(path, "a.md")).passages
        toy_model().document_vectors([passage.text_in_context for passage in passages])


def main() -> None:
    if sys.argv[1:] == ["--embedded"]:
        # The embedded model has threads, which a fork would not have.
        model = load_embedding_model(EMBEDDED)
        model.document_vectors(["ready"])
        print("ready", flush=True)
        for line in sys.stdin:
            done = [_do({**told, "model": model}, None) for told in json.loads(line)]
            print(json.dumps(done), flush=True)
        return
    _warm_up()
    faults = ctypes.CDLL(None) if "faults" in os.environ.get("LD_PRELOAD", "") else None
    print("ready", flush=True)
    for line in sys.stdin:
        wishes = json.loads(line)
        children = [_forked({**told, "model": toy_model()}, faults) for told in wishes]
        print(json.dumps([_awaited(*child) for child in children]), flush=True)


if __name__ == "__main__":
    main()
