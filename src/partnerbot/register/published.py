"""The register as programs and spreadsheets read it; its JSON form is a stable contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from langchain_core.documents import Document

from partnerbot.answering.compose import reference
from partnerbot.answering.values.cldr import decimal_comma
from partnerbot.register.partnerships import Words, tables
from partnerbot.register.rows import Authority, Cell, Partnership, Sentence
from partnerbot.spreadsheets import for_spreadsheets

Documents = Callable[[str], Document]
"""Returns a document by its source. Raises: KeyError."""

COLUMNS = (
    "key", "partner_1", "country_1", "partner_2", "country_2", "kind", "since", "since_alternatives",
    "fields", "sources", "corrected_by_staff", "staff_source",
)  # fmt: skip


def word(table: Mapping[str, Words], id: str, language: str) -> str:
    """Return what readers of a language call a kind, a field or a level; in English where nobody has said."""
    words = table.get(id, {})
    return words.get(language) or words.get("en", id)


def quotes(row: Partnership, documents: Documents) -> list[dict[str, Any]]:
    """Return each sentence once, with its document, and what it supports: what that is, and its value.

    Without those of documents that are gone: another generation may answer by now.
    """
    supports: dict[Sentence, list[tuple[str, str]]] = {}
    pair = Cell("", row.sentences)
    stated = (("pair", (pair,)), ("kind", row.kind[:1]), ("since", row.since), ("fields", row.fields))
    for what, cells in stated:
        for cell in cells:
            for sentence in cell.sentences:
                supports.setdefault(sentence, []).append((what, cell.value))
    found = []
    for sentence, supported in supports.items():
        with suppress(KeyError):
            found.append({**_quote(sentence, documents(sentence.document_id)), "supports": supported})
    return found


def _quote(sentence: Sentence, document: Document) -> dict[str, Any]:
    about = reference(document, sentence.start).model_dump(exclude={"ocr"})
    return {**about, "quote": sentence.text, "start": sentence.start, "end": sentence.end}


def as_json(row: Partnership, documents: Documents) -> dict[str, Any]:
    """Return a partnership with its quotes; of several dates the most trusted one is `since`."""
    since = [cell.value for cell in row.since]
    return {
        "key": row.key,
        "a": _authority(row.a),
        "b": _authority(row.b),
        "kind": row.kind[0].value if row.kind else None,
        "since": since[0] if since else None,
        "since_alternatives": since[1:],
        "fields": [cell.value for cell in row.fields],
        "citations": [
            {**quote, "supports": list(dict.fromkeys(what for what, _ in quote["supports"]))}
            for quote in quotes(row, documents)
        ],
        "corrected_by_staff": row.corrected,
        "staff_source": row.source or None,
    }


def _authority(place: Authority) -> dict[str, Any]:
    return {
        "key": place.key,
        "name": dict(place.names),
        "spellings": list(place.spellings),
        "level": place.level,
        "country": place.country,
        "region": place.region,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def as_table(rows: Iterable[Partnership], language: str) -> str:
    """Return the rows as CSV for its spreadsheets, with names, kinds and fields in that language.

    ";" parts several values.
    """
    return for_spreadsheets(COLUMNS, (_line(row, language) for row in rows), decimal_comma(language))


def _line(row: Partnership, language: str) -> list[str]:
    since = [cell.value for cell in row.since]
    return [
        row.key,
        row.a.name(language),
        row.a.country,
        row.b.name(language),
        row.b.country,
        "; ".join(word(tables().kinds, cell.value, language) for cell in row.kind[:1]),
        "".join(since[:1]),
        "; ".join(since[1:]),
        "; ".join(word(tables().fields, cell.value, language) for cell in row.fields),
        "; ".join(row.documents),
        "yes" if row.corrected else "",
        row.source,
    ]
