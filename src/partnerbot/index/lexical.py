"""Lexical evidence: which share of a question's information a passage repeats word for word.

Japanese has no spaces, so CJK text counts by character bigrams, which retrieve as well as
a morphological analyser without its dictionary; digits stand apart from kanji (「2020年」);
alphabetic words count whole and, when long, by their first five letters, which softens
inflection. Evidence is added to similarity, never fused by rank: fused by rank it pushes
other languages' passages out (docs/decisions/004-fusion.md). Names count once more, as one
term in whatever script they stand (spellings.py).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from partnerbot.documents.normal_forms import fold
from partnerbot.documents.scripts import CJK
from partnerbot.index.spellings import (
    Names,
    Spellings,
    given_twice,
    in_other_script,
    sound_terms,
    sounding_words,
    town_terms,
)
from partnerbot.index.texts import Texts

_CJK = f"{CJK}・"
_RUNS = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<digits>\d+)|(?P<word>(?:(?![{_CJK}\d])[^\W_])+)")
_STEM_LENGTH = 5
_BEGINNING = "~"


def terms(text: str) -> set[str]:
    """Return the text's terms; a sign marks the first letters of a long word."""
    found: set[str] = set()
    for match in _RUNS.finditer(fold(text)):
        run = match.group()
        if match.lastgroup == "cjk":
            found.update(a + b for a, b in pairwise(run)) if len(run) > 1 else found.add(run)
        elif match.lastgroup == "digits":
            found.add(run.lstrip("0") or "0")
        else:
            found.add(run)
            if len(run) > _STEM_LENGTH:
                found.add(_BEGINNING + run[:_STEM_LENGTH])
    return found


@dataclass(frozen=True)
class LexicalIndex:
    """Which terms occur in which passage; rows are the index's passages in order."""

    vocabulary: dict[str, int]
    occurrences: sparse.csc_matrix
    """bool [passages, terms]."""

    spellings: Spellings
    """The names that the texts give in two scripts, and the owner's."""

    @classmethod
    def build(cls, texts: Sequence[str]) -> Self:
        vocabulary: dict[str, int] = {}
        columns: list[int] = []
        ends = [0]
        for text in texts:
            found = terms(text) | town_terms(text) | sound_terms(text)
            columns += (vocabulary.setdefault(term, len(vocabulary)) for term in sorted(found))
            ends.append(len(columns))
        values = np.ones(len(columns), dtype=np.bool_)
        shape = (len(texts), len(vocabulary))
        rows = sparse.csr_matrix((values, np.array(columns, np.int32), np.array(ends)), shape=shape)
        return cls(vocabulary, rows.tocsc(), Spellings(given_twice(texts)))

    def knowing(self, names: Names) -> Self:
        return replace(self, spellings=self.spellings.knowing(names))

    def coverage(self, question: str) -> NDArray[np.float32]:
        """Return for each passage the share of the question's idf that it contains, in [0, 1].

        idf as in BM25 (Robertson and Zaragoza, 2009): log(1 + (N - n + 0.5) / (n + 0.5)).
        A term that no passage has counts as the rarest, so an unknown name can't be covered.
        """
        return self._share([self._rows_with(term) for term in sorted(terms(question))])

    def named(self, question: str) -> NDArray[np.float32]:
        """Return for each passage the share of the question's names that it has in any script, in [0, 1].

        Weighted by idf as `coverage` is; zero everywhere if the question has no known name.
        """
        having = [
            self._rows_naming(name.spellings) if name.spellings else self._rows_with(name.term)
            for name in self.spellings.names_in(question)
        ]
        # How a word sounds says something only of a name whose other spellings aren't known (ランス is Reims
        # and sounds like Rennes), and if a word of the other script sounds like it.
        unknown = (heard for word, heard in sounding_words(question) if not self.spellings.spellings_of(word))
        sounds = {in_other_script(term) for heard in unknown for term in heard} & self.vocabulary.keys()
        having += [
            np.union1d(self._rows_with(term), self._rows_with(in_other_script(term)))
            for term in sorted(sounds)
        ]
        return self._share(having)

    def knows(self, name: str) -> bool:
        """Tell whether some passage has a name, in any script; of one that isn't a known place, a word of it.

        A place is known whole: トゥール is no part of トゥールーズ.
        """
        if self.named(name).any():
            return True
        words = () if town_terms(name) else (term for term in terms(name) if not term.startswith(_BEGINNING))
        return any(len(self._rows_with(word)) for word in words)

    def has_words(self, name: str) -> bool:
        """Tell whether the passages have all words of a name, as it is spelled here."""
        return all(len(self._rows_with(term)) for term in terms(name) if not term.startswith(_BEGINNING))

    def overlap(self, one: str, other: str) -> float:
        """Return how much two texts share of their words, by idf, in [0, 1] (Dice's coefficient, 1945).

        Words that no passage has count for nothing.
        """
        first, second = terms(one), terms(other)
        total = self._weight(first) + self._weight(second)
        return 2 * self._weight(first & second) / total if total else 0.0

    def _weight(self, found: set[str]) -> float:
        columns = (self.vocabulary.get(term) for term in found)
        return sum(self._idfs[column] for column in columns if column is not None)

    @cached_property
    def _idfs(self) -> list[float]:
        idfs: list[float] = _idf(self.occurrences.shape[0], np.diff(self.occurrences.indptr)).tolist()
        return idfs

    def _share(self, having: Sequence[NDArray[np.intp]]) -> NDArray[np.float32]:
        """Return each passage's share of what is wanted, given the passages that have each piece of it."""
        passages = self.occurrences.shape[0]
        covered = np.zeros(passages, np.float32)
        total = 0.0
        for rows in having:
            idf = float(_idf(passages, np.array(len(rows))))
            covered[rows] += idf
            total += idf
        return (covered / total).astype(np.float32) if total else covered

    def _rows_with(self, term: str) -> NDArray[np.intp]:
        column = self.vocabulary.get(term)
        if column is None:
            return np.empty(0, np.intp)
        start, end = self.occurrences.indptr[column : column + 2]
        found: NDArray[np.intp] = self.occurrences.indices[start:end]
        return found

    def _rows_naming(self, spellings: Sequence[str]) -> NDArray[np.intp]:
        """Passages with all terms of one of the spellings."""
        having = [
            reduce(np.intersect1d, [self._rows_with(term) for term in found])
            for spelling in spellings
            if (found := sorted(terms(spelling)))
        ]
        return reduce(np.union1d, having, np.empty(0, np.intp))

    def save(self, folder: Path) -> None:
        sparse.save_npz(folder / "lexical.npz", self.occurrences, compressed=False)
        (folder / "vocabulary.txt").write_text("\n".join(self.vocabulary), "utf-8")
        names = json.dumps(self.spellings.names, ensure_ascii=False)
        (folder / "spellings.json").write_text(names, "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises: OSError, ValueError, EOFError or BadZipFile if it is damaged."""
        words = (folder / "vocabulary.txt").read_text("utf-8").split("\n")
        vocabulary = {word: column for column, word in enumerate(words) if word}
        occurrences = sparse.load_npz(folder / "lexical.npz").tocsc()
        names = json.loads((folder / "spellings.json").read_text("utf-8"))
        return cls(vocabulary, occurrences, Spellings(names))


def words_of(texts: Texts, before: tuple[Texts, LexicalIndex] | None) -> LexicalIndex:
    """Index the passages of texts; the rows of those that were there `before` are taken over.

    It covers questions exactly as an index built anew: terms that no row has any more are dropped.
    """
    if before is None:
        return LexicalIndex.build([passage.text_in_context for passage in texts.passages.values()])
    old_texts, old = before
    known = old_texts.passages
    kept = [id for id, passage in texts.passages.items() if known.get(id) == passage]
    new = [passage for id, passage in texts.passages.items() if known.get(id) != passage]
    fresh = LexicalIndex.build([passage.text_in_context for passage in new])
    vocabulary = dict(old.vocabulary)
    columns = np.array([vocabulary.setdefault(term, len(vocabulary)) for term in fresh.vocabulary], np.intp)
    above, added = old.occurrences.tocsr()[old_texts.rows(kept)], fresh.occurrences.tocoo()
    above.resize(len(kept), len(vocabulary))
    below = sparse.csr_matrix(
        (added.data, (added.row, columns[added.col])), shape=(added.shape[0], len(vocabulary))
    )
    places = texts.rows([*kept, *(passage.id for passage in new)])
    occurrences = sparse.vstack([above, below], "csr")[np.argsort(places)].tocsc()
    used = np.diff(occurrences.indptr) > 0
    words = [word for word, is_used in zip(vocabulary, used.tolist(), strict=True) if is_used]
    return LexicalIndex(
        {word: column for column, word in enumerate(words)},
        occurrences if used.all() else occurrences[:, np.flatnonzero(used)],
        fresh.spellings.knowing(old.spellings.names),
    )


def _idf(passages: int, containing: NDArray[np.int_]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.log(1 + (passages - containing + 0.5) / (containing + 0.5))
    return weights
