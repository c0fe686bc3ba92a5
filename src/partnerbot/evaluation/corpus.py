"""A data set's documents, indexed as an owner's would be, and a bot that answers from them.

Indexes are kept in a cache folder: a second evaluation of the same documents with the same
model embeds nothing.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import yaml

from partnerbot.bot import Partnerbot
from partnerbot.documents.metadata import LANGUAGE
from partnerbot.documents.reading import OnProgress
from partnerbot.durable import remedy
from partnerbot.errors import ConfigurationError
from partnerbot.evaluation.datasets import DataSet, WrittenDocument
from partnerbot.index.build import BuildReport, build_index
from partnerbot.models.embeddings import load_embedding_model
from partnerbot.register.mining import mine_all
from partnerbot.settings import Settings

_PACKAGE = Path(__file__).parent.parent
_NAME_CHARACTERS = 60


@dataclass(frozen=True)
class Corpus:
    """A bot over a data set's documents.

    `sources` and `languages` (ISO 639-1) are by the document's id in the data set.
    """

    bot: Partnerbot
    built: BuildReport
    sources: Mapping[str, str]
    languages: Mapping[str, str]

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {source: id for id, source in self.sources.items()}

    def id(self, source: str) -> str:
        """Return a document's id: its source, where the data set brings no documents along."""
        return self._ids.get(source, source)


def open_corpus(
    data_set: DataSet,
    settings: Settings,
    cache: Path,
    on_progress: OnProgress = lambda *_: None,
    *,
    mined: bool = False,
) -> Corpus:
    """Index the data set's documents, as far as they aren't, and open a bot on them.

    `cache`: the folder that indexes are kept in. `mined`: with the register.
    Everything but the folders is as `settings` say.

    Raises: ConfigurationError if the cache can't be written or a question names a document that
        the folder doesn't have; ModelUnavailable; IndexBusy if another evaluation indexes them.
    """
    model = load_embedding_model(settings.embedding_model)
    folder = cache / f"{data_set.digest[:16]}-{model.fingerprint}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(data_set.documents, Path):
            documents, sources = data_set.documents, {}
        else:
            documents = folder / "documents"
            sources = write_documents(data_set.documents, documents)
        _reread_if_reading_changed(folder)
    except OSError as error:
        raise ConfigurationError(
            f"The evaluation's folder {folder} can't be written: {error.strerror or error}. "
            f"{remedy(error)}, or point XDG_CACHE_HOME elsewhere."
        ) from error
    built = build_index(documents, folder / "index", model, on_progress, derive=mine_all if mined else None)
    bot = Partnerbot.open(settings.model_copy(update={"documents": documents, "index": folder / "index"}))
    if isinstance(data_set.documents, Path):
        languages = _languages(data_set, bot)
        sources = {id: id for id in languages}
    else:
        languages = {document.id: document.language for document in data_set.documents}
    return Corpus(bot, built, sources, languages)


def write_documents(documents: Sequence[WrittenDocument], folder: Path) -> dict[str, str]:
    """Write documents as Markdown files with front matter into a folder.

    Returns: the file's name by the document's id.
    """
    folder.mkdir(exist_ok=True)
    names = {document.id: file_name(document.id) for document in documents}
    for document in documents:
        stated = {"title": document.title, "language": document.language, "url": document.url}
        known = {key: value for key, value in stated.items() if value}
        front_matter = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=10_000)
        content = f"---\n{front_matter}---\n{document.text}\n"
        file = folder / names[document.id]
        if not file.exists() or file.read_text("utf-8") != content:
            file.write_text(content, "utf-8")
    return names


def file_name(id: str) -> str:
    """Return a file name for any id: safe on every system, and another for each id.

    >>> file_name("nomiracl-fr-242947#13")
    'nomiracl-fr-242947-13-f9d2e9c4.md'
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "-", id)[:_NAME_CHARACTERS].strip("-")
    return f"{readable}-{hashlib.sha256(id.encode()).hexdigest()[:8]}.md"


def _languages(data_set: DataSet, bot: Partnerbot) -> dict[str, str]:
    languages: dict[str, str] = {}
    for query in data_set.queries:
        for source in query.relevant:
            try:
                languages[source] = bot.document_text(source).metadata[LANGUAGE]
            except KeyError:
                raise ConfigurationError(
                    f"The question {query.id} of {data_set.name} is about {source}, which is not among the "
                    f"documents in {bot.settings.documents}/. Set PARTNERBOT_DOCUMENTS to the folder with it."
                ) from None
    return languages


def _reread_if_reading_changed(folder: Path) -> None:
    """Have the documents read again, vectors kept, if the code that reads and splits them has changed.

    The index sees changes of documents and of versions, but what is evaluated is often code
    between two versions.
    """
    record = folder / "read-by.txt"
    if not record.exists() or record.read_text("utf-8") != _reading_code_digest():
        # What has lost its pointer is built anew, with the vectors that are there.
        (folder / "index" / "current.json").unlink(missing_ok=True)
        record.write_text(_reading_code_digest(), "utf-8")


@lru_cache(maxsize=1)
def _reading_code_digest() -> str:
    digest = hashlib.sha256()
    for room in ("documents", "index", "models"):
        for file in sorted((_PACKAGE / room).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
