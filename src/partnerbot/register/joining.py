"""One row a partnership, whatever the language and the number of documents that state it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from partnerbot.index.search import Index
from partnerbot.index.sounds import kana_keys, latin_keys
from partnerbot.index.spellings import Names
from partnerbot.register.partnerships import KIND_WEIGHTS, has_word, may_tell, tables
from partnerbot.register.rows import Authority, Cell, Partnership, Register, Sentence, is_called, is_named

_SURE, _FAR_MORE = 3.0, 3
"""Log-odds from which a row stands whatever others say; how many times its articles others must have."""

_OUTVOTED = 2
"""How many times the articles that tell a date others must be that contradict it: of the dates that were
dropped so in the sample none was right."""

TOWNS = frozenset({"city", "village", "district"})
"""Levels that documents take for each other."""

_DIVISIONS = "市町村区"


Mined = tuple[Partnership, float]
"""A row as one document states it, and the log-odds that it does."""


def read_register(generation: Index, glossary: Names = ()) -> Register:
    """Return the register of a generation, as its documents have it; `glossary`: the owner's names."""
    mined = json.loads(generation.derived) if generation.derived else {}
    known = {source: of_one for source, of_one in mined.items() if source in generation.texts.originals}
    rows = [
        (_spelt(Partnership.from_json(row), glossary), row["strength"])
        for of_one in known.values()
        for row in of_one["rows"]
    ]
    totals = tuple(Sentence(**one) for of_one in known.values() for one in of_one.get("totals", ()))
    return Register(joined(rows, {source: generation.edition(source) for source in known}), totals)


def _spelt(row: Partnership, glossary: Names) -> Partnership:
    """Return a row whose two have all the names that the owner's glossary gives them."""

    def own(one: Authority) -> Authority:
        more = (name for names in glossary if any(is_called(one, name) for name in names) for name in names)
        return replace(one, spellings=tuple(dict.fromkeys((*one.spellings, *more))))

    return replace(row, a=own(row.a), b=own(row.b)) if glossary else row


def joined(rows: Iterable[Mined], editions: Mapping[str, str]) -> tuple[Partnership, ...]:
    """Return one row for each two authorities, in the order of their names.

    editions: what documents are known by that are editions of one article: they count once.
    """
    groups: list[list[Mined]] = []
    # Those that say which authority they mean come first: others may mean the same.
    for row, strength in sorted(
        rows, key=lambda one: (-(one[0].a.level_said + one[0].b.level_said), -one[1])
    ):
        own = next((group for group in groups if _same(group[0][0], row)), None)
        if own is None:
            groups.append([(row, strength)])
        else:
            own.append((row, strength))
    found = [
        (_one([row for row, _ in group], editions), max(strength for _, strength in group))
        for group in groups
    ]
    kept = [_attested(row) for row, strength in found if not _is_outdone(row, strength, found, editions)]
    return tuple(sorted(kept, key=lambda row: (row.a.name("fr"), row.key)))


def _attested(row: Partnership) -> Partnership:
    """Return a row whose cells have the sentences that state them, those that say its kind first.

    Sentences that only go on about the two stand for a pair where no other does: those with a word of
    partnership that name both, else one, else those that name both. A sentence that dates it states it, too.
    """

    def says(one: Sentence, kind: str) -> bool:
        return has_word(one.text, one.language, tables().kind[kind])

    def stating(one: Sentence) -> tuple[bool, int]:
        return may_tell(one.text, one.language), sum(is_named(each, one.text) for each in (row.a, row.b))

    dating = (one for cell in row.since[:1] for one in cell.sentences)
    every = tuple(dict.fromkeys((*row.sentences, *dating)))
    most = max(map(stating, every))
    sentences = [one for one in every if stating(one) == most]
    sentences.sort(key=lambda one: not says(one, row.kind[0].value))
    # Of a kind that only a heading says the sentences are the pair's.
    kinds = {row.kind[0].value: tuple(sentences)}
    kinds |= {
        cell.value: said
        for cell in row.kind
        if (said := tuple(one for one in cell.sentences if says(one, cell.value)))
    }
    others = [one for one in row.sentences if one not in sentences]
    since = [
        cell
        for cell in row.since
        # The date of a sentence that only goes on about them is a prize's or a visit's.
        if any(
            one in sentences or not any(_overlap(one, other) for other in others) for one in cell.sentences
        )
    ]
    return replace(
        row, sentences=tuple(sentences), kind=tuple(Cell(*one) for one in kinds.items()), since=tuple(since)
    )


def _overlap(one: Sentence, other: Sentence) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _is_outdone(
    row: Partnership, strength: float, found: Sequence[Mined], editions: Mapping[str, str]
) -> bool:
    """True if a row is not sure, and far more articles have another partner in the same country."""
    if strength >= _SURE:
        return False
    most = max(
        (
            _articles(other.sentences, editions)
            for other, _ in found
            if (other.a.key == row.a.key and other.b.country == row.b.country and other.b.key != row.b.key)
            or (other.b.key == row.b.key and other.a.country == row.a.country and other.a.key != row.a.key)
        ),
        default=0,
    )
    return most >= _FAR_MORE * _articles(row.sentences, editions)


def _same(one: Partnership, other: Partnership) -> bool:
    return one.key == other.key or (same_authority(one.a, other.a) and same_authority(one.b, other.b))


def same_authority(one: Authority, other: Authority) -> bool:
    """True if two authorities of different documents are the same, by their names in whatever script.

    A prefecture is never its city where both documents say which they mean.
    """
    if one.key == other.key:
        return True
    if one.country != other.country:
        return False
    if (
        one.level != other.level
        and not {one.level, other.level} <= TOWNS
        and one.level_said
        and other.level_said
    ):
        return False
    if one.level == other.level and one.latitude is not None and other.latitude is not None:
        return False
    names, others = set(one.spellings), set(other.spellings)
    return bool(names & others) or any(
        _sounds_as(name, theirs) or _sounds_as(theirs, name) for name in names for theirs in others
    )


def _sounds_as(latin: str, other: str) -> bool:
    """True if katakana sound like a Latin name."""
    return ord(latin[0]) <= 0x24F and ord(other[0]) >= 0x3000 and bool(latin_keys(latin) & kana_keys(other))


def _one(group: Sequence[Partnership], editions: Mapping[str, str]) -> Partnership:
    """Join the rows of one partnership, what most articles state first."""
    # Of one that a list knows, more is known.
    a = _fullest([row.a for row in group])
    b = _fullest([row.b for row in group])
    return replace(
        group[0],
        key=f"{a.key}--{b.key}",
        a=a,
        b=b,
        kind=_cells([row.kind for row in group], editions, KIND_WEIGHTS),
        since=_dates([row.since for row in group], editions),
        fields=_cells([row.fields for row in group], editions),
        sentences=tuple(dict.fromkeys(sentence for row in group for sentence in row.sentences)),
        documents=tuple(dict.fromkeys(source for row in group for source in row.documents)),
    )


def _fullest(authorities: Sequence[Authority]) -> Authority:
    best = max(
        authorities,
        key=lambda one: (one.level_said, one.latitude is not None, _is_in_script(one, "fr")),
    )
    spellings = dict.fromkeys(spelling for one in authorities for spelling in one.spellings)
    # A name that no list has is the same in every language; another document may have it in the script read.
    names = {
        language: next(
            (one.names[language] for one in (best, *authorities) if _is_in_script(one, language)), name
        )
        for language, name in best.names.items()
    }
    if best.country == "JP" and best.level in TOWNS and names["ja"][-1] not in _DIVISIONS:
        own = [one for one in spellings if one[-1] in _DIVISIONS and ord(one[0]) > 0x3000]
        names["ja"] = min(own, key=len, default=names["ja"])
    return replace(best, names=names, spellings=tuple(spellings))


def _is_in_script(one: Authority, language: str) -> bool:
    """True if a name is in the script that readers of a language expect."""
    first = one.names[language][0]
    return "가" <= first <= "힣" if language == "ko" else (first > "\u3000") == (language == "ja")


def _cells(
    of_rows: Sequence[Sequence[Cell]], editions: Mapping[str, str], weights: Mapping[str, float] | None = None
) -> tuple[Cell, ...]:
    """Return each value once with all its sentences, what most articles state first."""
    found: dict[str, dict[Sentence, None]] = {}
    for cells in of_rows:
        for cell in cells:
            found.setdefault(cell.value, {}).update(dict.fromkeys(cell.sentences))
    ordered = sorted(
        found, key=lambda value: -_articles(found[value], editions) * (weights or {}).get(value, 1)
    )
    return tuple(Cell(value, tuple(found[value])) for value in ordered)


def _dates(of_rows: Sequence[Sequence[Cell]], editions: Mapping[str, str]) -> tuple[Cell, ...]:
    """Return the dates, those that most articles agree on first, and of these the most exact.

    A year agrees with a day of it, and isn't told beside it; nor is what twice as many articles contradict.
    """
    cells = _cells(of_rows, editions)

    def agreeing(value: str) -> int:
        return sum(
            _articles(dict.fromkeys(cell.sentences), editions)
            for cell in cells
            if cell.value.startswith(value) or value.startswith(cell.value)
        )

    ordered = sorted(cells, key=lambda cell: (-agreeing(cell.value), -len(cell.value)))
    parts = {one.value[:end] for one in cells for end in (4, 7) if len(one.value) > end}
    most = max((agreeing(cell.value) for cell in cells), default=0)
    return tuple(
        cell for cell in ordered if cell.value not in parts and agreeing(cell.value) * _OUTVOTED > most
    )


def _articles(sentences: Iterable[Sentence], editions: Mapping[str, str]) -> int:
    return len({editions.get(one.document_id, one.document_id) for one in sentences})
