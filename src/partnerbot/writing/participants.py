"""Who does it to whom, and whose is what, where one of two texts is Japanese: by its particles.

Languages that order a sentence alike are compared by the order of names (facts.py). Japanese marks each
name by a particle; French and English by its place and its preposition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations, pairwise

from partnerbot.answering.mentions import Known, Span, countries_said, find_word, names_in
from partnerbot.writing.alignment import TokenStates
from partnerbot.writing.support import words_between


class Role(Enum):
    """What part a name has in its clause."""

    SUBJECT = "subject"
    AGENT = "agent"  # of a passive: "by A", 「Aによって」
    OTHER = "other"


_JAPANESE = "ja"
_LATIN = frozenset({"fr", "en"})

_DETERMINER = r"(?:(?:the|an?|la|le|les|une?|its|their|son|sa|leurs?|M\.|Mme|Mr|Mrs|Ms|Dr)\s|l['’])"
_OWNED = re.compile(
    rf"(?<![\w’'-]){_DETERMINER}?(?:[a-zß-ÿ-]+\s)?(?P<noun>[a-zß-ÿ-]{{3,}})\s"
    rf"(?:(?:de|du|des|of)\s|d['’]){_DETERMINER}?(?:(?:ville|city|town)\s(?:de\s|d['’]|of\s))?$",
    re.IGNORECASE,
)
_OWNED_AFTER = re.compile(r"['’]s?\s(?:[a-zß-ÿ-]+\s)?(?P<noun>[a-zß-ÿ-]{3,})")
_PREPOSITION = re.compile(
    rf"(?<!\w)(?P<word>by|par|to|à|au|aux|from|with|avec|in|en|dans|at|for|pour|vers|chez|near|into|between|entre|and|et|of|de"
    rf"|du|des|que|than)\s{_DETERMINER}?$|d['’]$",
    re.IGNORECASE,
)
_FRONTED = re.compile(
    r"^\W*(?:(?:in|on|at|en|le|à|au|dans|depuis|since|after|après|before|avant|for|pour|during|pendant|last|this"
    r"|contrairement|unlike|like|comme|tout comme|à la différence|selon|according|with|avec"
    r"|l['’]année|cette)\b[^,]{0,50},\s)?(?:the\s|l[ae]s?\s|l['’]|an?\s|une?\s|M\.\s|Mme\s|Mr\s|Mrs\s|Ms\s)*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:.!?]\s|,\s(?:and|but|while|et|mais|tandis que)\s")

_PARTICLE = re.compile(
    r"(?P<owned>(?:市|県|町|村|都|府|区)?(?:の[一-龯ァ-ヶー々]{1,8}|[一-龯々]{1,6})?"
    r"(?:(?:の)?[ァ-ヶー・＝=]{2,12}(?:氏|さん|市長|町長|村長|知事)?|(?:氏|さん|様))?)"
    r"(?P<particle>によって|により|から|まで|より|とは|には|では|へは|は|が|を|に|へ|で|と|も)"
)
_OF_WHAT = re.compile("^[市県町村都府区]?の|^[市県町村都府区]$")
_SET_APART = re.compile(r"(?:市|県|町|村)?(?:とは?(?:違|異な|ちが|対照|反対)|に対し|では?なく)")
_PASSIVE = re.compile(r"\b(?:was|were|been|été|fut|furent)\s\w+", re.IGNORECASE)
_JA_PASSIVE = re.compile(r"(?<![訪入離流触別遅優忘隠晴現])(?<!生ま)(?<!恵ま)(?:れ|られ)(?:た|る|て|ま|、|$)")
_JA_CLAUSE = re.compile(r"[。！？]|(?<=[しきりえいびみっ])(?:て)?、|(?<=が)、")

# Verbs that tell the same from the other side, or that have no sides.
_TURNED = re.compile(
    r"receiv|receipt|\breçu|reçoi|recev|accueil|welcom|host|borrow|emprunt|learn|appr(?:is|en)|bought|buy"
    r"|achet|thanks to|grâce|obten|obtain|inherit|hérit"
    r"|受け|もらっ|いただ|迎え|招待|借り|学ん|習っ|購入|買"
    r"|おかげ|譲り受",
    re.IGNORECASE,
)
_MUTUAL = re.compile(
    r"\bmet\b|\bmeet|rencontr|jumel|twin|sister|partner|parten|married|marié|épous|between|entre\b|ensemble|together|share"
    r"|partag|alli|border|near|près|same|même|姉妹|提携|会談|会っ|結|交流|対戦|共|同じ|隣|友好|ともに",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Participant:
    """A name in a text: what it owns (« la délégation de Nagano »), and its part in the clause."""

    span: Span
    noun: Span | None
    role: Role | None


def participants_changed(
    statement: str,
    language: str,
    words: TokenStates,
    quote: str,
    quote_language: str,
    quoted: TokenStates,
    known: Known,
) -> bool:
    """True if two names have each other's part, or one the other's noun; told where a text is Japanese.

    `words`, `quoted`: the tokens of the statement and of the quote.
    """
    if _JAPANESE not in (language, quote_language) or not {language, quote_language} <= {_JAPANESE, *_LATIN}:
        return False
    pairs = [
        (participant_at(statement, one, language), participant_at(quote, other, quote_language))
        for one, other in _named_in_both(statement, language, quote, quote_language, known)
    ]
    if len(pairs) < 2:
        return False
    told_alike = are_told_alike(statement, quote)
    for (one, one_there), (other, other_there) in combinations(pairs, 2):
        if _owners_changed(one, other, one_there, other_there, words, quoted):
            return True
        if not told_alike:
            continue
        first = _acts(statement, language, one, other)
        first_there = _acts(quote, quote_language, one_there, other_there)
        if first is not None and first_there is not None and first != first_there:
            return True
    return False


def are_told_alike(statement: str, quote: str) -> bool:
    """True unless one of the texts tells it from the other side ("received" for "gave"), or it has none."""
    turned = bool(_TURNED.search(statement)) != bool(_TURNED.search(quote))
    return not (turned or _MUTUAL.search(statement) or _MUTUAL.search(quote))


def _named_in_both(
    statement: str, language: str, quote: str, quote_language: str, known: Known
) -> Iterator[tuple[Span, Span]]:
    """Names and countries that both texts give, each once."""
    found: list[tuple[Span, Span]] = []
    for name in names_in(statement, language, known):
        whole = (name.start, name.end)
        spans = find_word(statement[slice(*whole)], quote, known.spellings) or [
            span for word in name.words for span in find_word(statement[slice(*word)], quote, known.spellings)
        ]
        if spans and all(right[0] - left[1] <= 2 for left, right in pairwise(sorted(spans))):
            found.append((whole, (min(spans)[0], max(spans)[1])))
    for name in names_in(quote, quote_language, known):
        whole = (name.start, name.end)
        if any(a < whole[1] and whole[0] < b for _, (a, b) in found):
            continue
        spans = find_word(quote[slice(*whole)], statement, known.spellings)
        if len(spans) == 1 and not any(a < spans[0][1] and spans[0][0] < b for (a, b), _ in found):
            found.append((spans[0], whole))
    mine, theirs = countries_said(statement, language), countries_said(quote, quote_language)
    for code in mine.keys() & theirs.keys():
        if len(mine[code]) == len(theirs[code]) == 1:
            found.append((mine[code][0], theirs[code][0]))
    yield from found


def participant_at(text: str, span: Span, language: str) -> Participant:
    """Return the part that a name has in a French, English or Japanese text."""
    return _marked(text, span) if language == _JAPANESE else _placed(text, span)


def _marked(text: str, span: Span) -> Participant:
    """A name in Japanese, by the particle behind it or behind what it owns."""
    match = _PARTICLE.match(text, span[1])
    if not match:
        return Participant(span, None, None)
    if _SET_APART.match(text, span[1]):
        return Participant(span, None, Role.OTHER)
    owned = _OF_WHAT.sub("", match["owned"])
    noun = (match.end("owned") - len(owned), match.end("owned")) if owned else None
    particle = match["particle"]
    if particle in ("によって", "により"):
        return Participant(span, noun, Role.AGENT)
    if particle in ("は", "が"):
        return Participant(span, noun, Role.SUBJECT)
    return Participant(span, noun, None if particle in ("と", "も", "とは", "より") else Role.OTHER)


def _placed(text: str, span: Span) -> Participant:
    """A name in French or English, by what stands before it, or before what it owns."""
    before = text[: span[0]]
    noun: Span | None = None
    if owned := _OWNED.search(before):
        noun, before = owned.span("noun"), before[: owned.start()]
    elif after := _OWNED_AFTER.match(text, span[1]):
        noun = after.span("noun")
    clause = before[max((cut.end() for cut in _CLAUSE.finditer(before)), default=0) :]
    preposition = _PREPOSITION.search(before)
    if preposition:
        word = (preposition["word"] or "de").lower()
        if word in ("by", "par"):
            return Participant(span, noun, Role.AGENT)
        return Participant(
            span,
            noun,
            None if word in ("and", "et", "with", "avec", "que", "than", "de", "of") else Role.OTHER,
        )
    if _FRONTED.match(clause):
        return Participant(span, noun, Role.SUBJECT)
    return Participant(span, noun, None if re.search(r",\s$", before) else Role.OTHER)


def _acts(text: str, language: str, one: Participant, other: Participant) -> bool | None:
    """True if the first of two acts on the other, False if the other on it, None if that isn't told."""
    roles = (one.role, other.role)
    if None in roles or one.role is other.role:
        return None
    if Role.AGENT in roles:
        return one.role is Role.AGENT
    if Role.SUBJECT not in roles or _are_apart(text, language, one.span, other.span):
        return None
    return None if is_passive(text, language) else one.role is Role.SUBJECT


def is_passive(text: str, language: str) -> bool:
    """True if something in the text may be done to its subject."""
    pattern = _JA_PASSIVE if language == _JAPANESE else _PASSIVE
    return bool(pattern.search(text))


def _are_apart(text: str, language: str, one: Span, other: Span) -> bool:
    """True if the names stand in different clauses."""
    between = text[min(one[1], other[1]) : max(one[0], other[0])]
    return bool((_JA_CLAUSE if language == _JAPANESE else re.compile(r"[,;:.]")).search(between))


def _owners_changed(
    one: Participant,
    other: Participant,
    one_there: Participant,
    other_there: Participant,
    words: TokenStates,
    quoted: TokenStates,
) -> bool:
    """True if what is the first one's in the statement is only the other one's in the quote."""
    return _is_of(one, one_there, other_there, words, quoted) or _is_of(
        other, other_there, one_there, words, quoted
    )


_ALIKE = 0.45
_CLEARLY = 0.15


def _is_of(
    one: Participant, there: Participant, rival: Participant, words: TokenStates, quoted: TokenStates
) -> bool:
    """True if the noun of a name is matched by the noun of its rival, and clearly less by its own."""
    if one.noun is None or rival.noun is None:
        return False
    if there.noun and there.noun[0] < rival.noun[1] and rival.noun[0] < there.noun[1]:
        return False  # 「ナンシー市のクラン市長」: both are the mayor's.
    mine = words_between(words, *one.noun)
    theirs = words_between(quoted, *rival.noun)
    if not mine or not theirs:
        return False
    similar = words.vectors[mine] @ quoted.vectors.T
    near = float(similar[:, theirs].max(axis=0).mean())
    own = words_between(quoted, *there.noun) if there.noun else []
    rest = float(similar[:, own].max()) if own else 0.0
    best = int(similar.max(axis=0).argmax())
    return near >= _ALIKE and near - rest > _CLEARLY and best in theirs
