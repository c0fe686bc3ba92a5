"""A folder of two documents with its index, made with the toy model."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexer_process import whole
from partnerbot.index.build import BuildReport, build_index
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel
from toy_model import toy_model

CHARTER = "# La charte\n\nLa charte de Clairmoulin et de Kirisawa a été signée en avril 2009."
FOOTBATH = "# 足湯\n\n霧沢駅前の足湯は、2021年6月5日に開業した。利用は無料で、毎日開いている。"
TEA = "# Tea\n\nThe tea master Aoki Rin held a ceremony for 75 guests in the old paper mill."


@dataclass(frozen=True)
class Site:
    """A folder of documents and its index."""

    documents: Path
    index: Path
    model: EmbeddingModel = field(default_factory=toy_model)

    @classmethod
    def begun(cls, folder: Path, **texts: str) -> Site:
        """Write documents by their names without the ending `.md`, and index them if there are any."""
        site = cls(folder / "documents", folder / "index")
        site.documents.mkdir()
        for name, text in texts.items():
            site.write(f"{name}.md", text)
        if texts:
            site.build()
        return site

    def write(self, name: str, text: str) -> None:
        (self.documents / name).write_text(text, "utf-8")

    def copied(self, folder: Path) -> Site:
        shutil.copytree(self.documents, folder / "documents")
        shutil.copytree(self.index, folder / "index")
        return Site(folder / "documents", folder / "index", self.model)

    def build(self, **more: Any) -> BuildReport:
        return build_index(self.documents, self.index, self.model, **more)

    def open(self) -> Index:
        return Index.open(self.index, self.model)

    def sources(self) -> list[str]:
        return list(whole(self.open()))

    def reports(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in sorted((self.index / "reports").iterdir())]
