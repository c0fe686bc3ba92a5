"""Names that are also ordinary words: Pierre, Rose, Olive.

What texts write small elsewhere isn't told to be a name by its form alone. But where such a word, written
large, stands for a name of the quote that the statement doesn't give, it is another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from partnerbot.answering.mentions import Known, Span, find_word, large_words, names_in
from partnerbot.documents.normal_forms import fold
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.support import words_between

_BARE_SUBJECT = re.compile(
    r"\s(?:l['’]|l[ae]s?\s|s['’]|se\s|n['’]|ne\s|y\s|en\s)?"
    r"(?:a|ont|est|sont|fut|furent|avait|était|sera|aura|has|had|is|was|will|[a-zß-ÿ]{3,}(?:ed|ait|a))\b"
)
"""What follows a sentence's first word that is a name: a common noun would have an article."""

_PRONOUNS = re.compile(
    r"ils?|elles?|on|ce|cela|ceci|ça|tout|tous|toutes?|chacune?|rien|personne|certaine?s|beaucoup|plusieurs|qui"
    r"|aucune?|nulle?|ici|it|s?he|they|we|you|i|this|that|these|those|there|who|most|many|some|all|each|both"
    r"|few|several|others|one|nobody|everyone|nothing|everything|none|what|which",
    re.IGNORECASE,
)

_BEFORE_NAME = re.compile(r"(?<!\w)(?:by|par|with|avec|chez|and|et)\s$", re.IGNORECASE)

_LATIN = re.compile("[A-Za-zÀ-ÿ]")
_STEM = 4


def names_another(
    statement: str,
    language: str,
    words: TokenStates,
    quote: str,
    quote_language: str,
    quoted: TokenStates,
    around: str,
    known: Known,
) -> bool:
    """True if an ordinary word, written large as a name is, stands where the quote has a name.

    `words`, `quoted`: the tokens of the statement and of the quote. `around`: all that is near the quote.
    """
    similar = words.vectors @ quoted.vectors.T
    names = list(_written_as_names(quote, quote_language, known))
    for start, end in _ordinary_ones(statement, language, known):
        mine = [i for i in words_between(words, start, end) if words.weights[i] > 0]
        if not mine or find_word(statement[start:end], around, known.spellings):
            continue
        near = quoted.spans[int(similar[mine].max(axis=0).argmax())]
        taken = next((name for name in names if name[0] < near[1] and near[0] < name[1]), None)
        if taken and _spelled_alike(statement[start:end], quote[slice(*taken)]):
            continue
        if taken and not find_word(quote[slice(*taken)], statement, known.spellings):
            return True
    return False


def _spelled_alike(one: str, other: str) -> bool:
    """True for a name as another language writes it: Socrate, Socrates; kana are left to the meaning."""
    return not _LATIN.search(other) or fold(one)[:_STEM] == fold(other)[:_STEM]


def _ordinary_ones(text: str, language: str, known: Known) -> Iterator[Span]:
    """Ordinary words written large where names of people stand: « Pierre a dessiné », "by Rose"."""
    names = [word for name in names_in(text, language, known) for word in name.words]
    ends = {end for _, end in names}
    for start, end, first in large_words(text, language):
        if (start, end) in names:
            continue
        if first:
            is_name = bool(_BARE_SUBJECT.match(text[end:])) and not _PRONOUNS.fullmatch(text[start:end])
        else:
            surname = language == "fr" and start - 1 in ends and text[start - 1] == " "
            is_name = surname or bool(_BEFORE_NAME.search(text[:start]))
        if is_name:
            yield start, end


def _written_as_names(text: str, language: str, known: Known) -> Iterator[Span]:
    for name in names_in(text, language, known):
        yield from name.words
    yield from _ordinary_ones(text, language, known)
