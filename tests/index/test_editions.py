"""An article and its translations are known as editions of one, and cited once."""

from __future__ import annotations

import json
import re
from pathlib import Path

from langchain_core.documents import Document

from partnerbot.documents.metadata import EDITION
from partnerbot.index.build import build_index
from partnerbot.index.editions import editions, stated_pairs
from partnerbot.index.search import Index
from partnerbot.models.embeddings import EmbeddingModel

SAMPLE = Path(__file__).parents[2] / "documents"
TRANSLATED = ["fr/beaucourt-kanzaki.md", "en/beaucourt-kanzaki.md"]
TRANSLATED_TOO = ["fr/saint-valentin-sagara.md", "en/sagara-saint-valentin.md"]
# Each pair is on one event or partnership, and neither text is the other's translation.
ON_ONE_SUBJECT = [
    "fr/dijon-kumamoto-protocole.md",
    "ja/kumamoto-dijon-oboegaki.md",
    "en/kanazawa-nancy.md",
    "ja/kanazawa-nancy-teikei-no-keii.md",
]


def document(source: str, language: str = "fr", **stated: str | list[str]) -> Document:
    """A document with what it states."""
    known = {key: value if isinstance(value, str) else json.dumps(value) for key, value in stated.items()}
    return Document(
        page_content="…", metadata={"source": source, "language": language, "title": "…", **known}
    )


def test_an_original_is_named_by_its_source_or_its_address() -> None:
    """`translation_of` may say either; one that leads nowhere says nothing."""
    documents = [
        document("fr/a.md", url="https://x.example/a"),
        document("ja/a.md", "ja", translation_of="fr/a.md"),
        document("en/a.md", "en", translation_of="https://x.example/a"),
        document("en/b.md", "en", translation_of="fr/none.md"),
    ]
    assert editions(documents, []) == {"fr/a.md": "en/a.md", "ja/a.md": "en/a.md", "en/a.md": "en/a.md"}


def test_pages_that_name_each_other_are_editions() -> None:
    """hreflang counts where both pages state it: a language menu that leads to a home page doesn't."""
    french, japanese, home = ("https://x.example/fr/a", "https://x.example/ja/a", "https://x.example/ja/")
    documents = [
        document(french, url=french, alternates=[japanese]),
        document(japanese, "ja", url=japanese, alternates=[french]),
        document(home, "ja", url=home, alternates=["https://x.example/fr/"]),
        document("https://x.example/fr/b", url="https://x.example/fr/b", alternates=[home]),
    ]
    assert stated_pairs(documents) == [(french, japanese)]


def test_an_address_that_two_documents_have_names_neither() -> None:
    """Several articles saved from one page have its address in common, and are not editions for that."""
    documents = [
        document("fr/a.md", url="https://x.example/all"),
        document("fr/b.md", url="https://x.example/all"),
        document("ja/a.md", "ja", translation_of="https://x.example/all"),
    ]
    assert editions(documents, []) == {}


def test_close_texts_never_join_two_documents_of_one_language() -> None:
    """The closest pair wins, and what is stated wins over what is close."""
    documents = [document("fr/a"), document("fr/b"), document("ja/a", "ja", translation_of="fr/a")]
    assert editions(documents, [("fr/b", "ja/a")]) == {"fr/a": "fr/a", "ja/a": "fr/a"}
    documents = [document("fr/a"), document("fr/b"), document("ja/a", "ja"), document("en/a", "en")]
    close = [("fr/a", "ja/a"), ("fr/b", "ja/a"), ("en/a", "ja/a")]
    assert editions(documents, close) == {"fr/a": "en/a", "ja/a": "en/a", "en/a": "en/a"}


def test_translations_are_found_by_their_text(tmp_path: Path, model: EmbeddingModel) -> None:
    """Of the sample's articles on the same few subjects, just the translations are taken for editions."""
    for source in (*TRANSLATED, *TRANSLATED_TOO, *ON_ONE_SUBJECT):
        path = tmp_path / "documents" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (SAMPLE / source).read_text("utf-8")
        path.write_text(re.sub(r"^translation_of:.*\n", "", text, flags=re.MULTILINE), "utf-8")
    build_index(tmp_path / "documents", tmp_path / "index", model)
    index = Index.open(tmp_path / "index", model)
    found = {
        source: index.document(source).metadata.get(EDITION)
        for source in (*TRANSLATED, *TRANSLATED_TOO, *ON_ONE_SUBJECT)
    }
    expected = {source: min(pair) for pair in (TRANSLATED, TRANSLATED_TOO) for source in pair}
    assert {source: edition for source, edition in found.items() if edition is not None} == expected
