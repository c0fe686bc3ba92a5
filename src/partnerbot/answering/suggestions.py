"""Questions that a document can answer, made from its own sentences.

A sentence that says when something happened becomes the question when it did: the date goes out, the
question word comes in. Only sentences whose form allows this without changing another word are taken,
so the question is as well written as its document. One that names twin towns becomes the question what
joins them, and which town the other is. And a title can always be asked about. Whether it is really
answered is for the bot to check (web/example_questions.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from partnerbot.documents.orders import gives_orders
from partnerbot.index.sentences import sentence_spans

SHORTEST, LONGEST = 22, 95
"""Letters of a question in Latin script; half as many in Japanese. Shorter ones lack their subject,
longer ones are no pleasure to read on a button."""

_LONGEST_SENTENCE = 1_000
"""Characters: no longer one makes so short a question, and many expressions look at it."""

_Fitting = Callable[[str], re.Match[str] | None]

_MONTHS_FR = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_MONTHS_EN = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE_FR = (
    rf"(?:en (?:(?:{_MONTHS_FR}) )?(?:1[89]|20)\d\d|le 1?(?:\d{{1,2}}|er) (?:{_MONTHS_FR}) (?:1[89]|20)\d\d)"
)
_DATE_EN = (
    rf"(?:in (?:(?:{_MONTHS_EN}) )?(?:1[89]|20)\d\d"
    rf"|on \d{{1,2}} (?:{_MONTHS_EN}) (?:1[89]|20)\d\d|on (?:{_MONTHS_EN}) \d{{1,2}}, (?:1[89]|20)\d\d)"
)
_DATE_JA = r"(?:1[89]|20)\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?"

# What points back to an earlier sentence makes no question of its own.
_POINTS_BACK_FR = (
    r"(?i)\b(?:ils?|elles?|on|nous|cel?a|ce|cet|cette|ces|leurs?|celui|celle|y|là|ainsi|aussi|puis|ensuite"
    r"|mais|or|donc|derni[eè]re?s?|premi[eè]re?s?|\w+ièmes?|seconde?s?|même|son|sa|ses|notre|nos|deux|suite"
    r"|édition)\b"
    r"|\b[ldcsn]['’]y\b|\bc['’]est"
)
_POINTS_BACK_EN = (
    r"(?i)\b(?:he|she|it|they|we|this|that|these|those|its|his|her|their|there|also|then|but|so|same|such"
    r"|both|two|three|when|who|which|as)\b"
)
_POINTS_BACK_JA = r"^次|^両|[そここれ][れのこ]|この|その|同[年月日市社]|当時|翌年|両|また、|しかし|さらに"

_FIRST_FR = re.compile(rf"(?i:(?P<date>{_DATE_FR})), (?P<clause>[^;:()«»]+)\.")
_LAST_FR = re.compile(rf"(?P<clause>[^,;:()«»]+?),? (?P<date>{_DATE_FR})(?P<tail>[^,;:()«»]*)\.")
_SUBJECT_FR = re.compile(r"(?:[Ll][ea]s? |[Ll]['’]|[A-ZÉÈ][\w'’-]+ )")
_HAPPENED_FR = re.compile(r"\b(?:a|ont|est|sont|fut|furent)(?: été)? \w*(?:é|i|u|is|it|ert)e?s?\b")
"""Told in the past: a report in the present tense ("Shizuoka reçoit") makes no natural question."""

_PAST_EN = {
    "adopted": "adopt", "became": "become", "began": "begin", "built": "build", "celebrated": "celebrate",
    "chose": "choose", "created": "create", "founded": "found", "held": "hold", "hosted": "host",
    "invited": "invite", "joined": "join", "launched": "launch", "met": "meet", "moved": "move",
    "opened": "open", "organised": "organise", "published": "publish", "received": "receive",
    "sent": "send", "signed": "sign", "started": "start", "took": "take", "visited": "visit",
    "welcomed": "welcome", "won": "win",
}  # fmt: skip
_CLAUSE_EN = re.compile(
    rf"(?P<subject>(?:[Tt]he |[A-Z])[^,;:()“”]*?) (?P<verb>was|were|{'|'.join(_PAST_EN)})"
    r" (?P<rest>[^;:()“”]+)"
)
_FIRST_EN = re.compile(rf"(?i:(?P<date>{_DATE_EN})), (?P<clause>[^;:()“”]+)\.")
_LAST_EN = re.compile(rf"(?P<clause>[^,;:()“”]+?),? (?P<date>{_DATE_EN})(?P<tail>[^,;:()“”]*)\.")
_WHEN_JA = re.compile(
    rf"(?P<subject>(?=[^は]*(?:[ァ-ヴー]{{3}}|[都道府県市町村区]))[^、。「」（）]{{2,24}}は)、?(?P<date>{_DATE_JA})(?:に、?|、)(?P<rest>[^。「」（）]{{4,40}}?(?:し|い|っ|き|り|れ|け|え|ち|び|み|ん))(?P<end>ました|ています)。"
)


class Made(NamedTuple):
    """A question; `open`: it asks what there is to say of something, and for no one value."""

    question: str
    open: bool = False


def questions_about(text: str, language: str, title: str) -> list[Made]:
    """Return questions in the document's language that its text seems to answer, in its order.

    The last is about its title. None for languages we have no forms for.
    """
    form = _FORMS.get(language)
    if form is None:
        return []
    found: dict[Made, None] = {}
    for start, end in sentence_spans(text, language):
        sentence = " ".join(text[start:end].split())
        if len(sentence) > _LONGEST_SENTENCE or gives_orders(sentence):
            continue
        found |= dict.fromkeys([*map(Made, form(sentence)), *_twins(sentence, language)])
    about = _ABOUT[language].format(title=title)
    longest = LONGEST if language != "ja" else LONGEST // 2
    if len(about) <= longest and not gives_orders(title):
        found[Made(about, open=True)] = None
    return list(found)


def _french(sentence: str) -> Iterator[str]:
    clause = _clause(sentence, _FIRST_FR.fullmatch, _LAST_FR.fullmatch, _DATE_FR)
    if clause is None or re.search(_POINTS_BACK_FR, clause) or not _SUBJECT_FR.match(clause):
        return
    if not _HAPPENED_FR.search(clause):
        return
    clause = re.sub(r"^L(?=[ea]s? |['’])", "l", clause)
    opening = "Quand est-ce qu’" if re.match(r"[AEIOUYÉÈÊ]", clause) else "Quand est-ce que "
    question = f"{opening}{clause}\u202f?"
    if SHORTEST <= len(question) <= LONGEST:
        yield question


def _english(sentence: str) -> Iterator[str]:
    clause = _clause(sentence, _FIRST_EN.fullmatch, _LAST_EN.fullmatch, _DATE_EN)
    match = _CLAUSE_EN.fullmatch(clause or "")
    if match is None or re.search(_POINTS_BACK_EN, sentence):
        return
    subject = re.sub(r"^The(?= )", "the", match["subject"])
    base = _PAST_EN.get(match["verb"])
    said = f"did {subject} {base}" if base else f"{match['verb']} {subject}"
    question = f"When {said} {match['rest']}?"
    if SHORTEST <= len(question) <= LONGEST:
        yield question


def _clause(sentence: str, first: _Fitting, last: _Fitting, date: str) -> str | None:
    """Return a sentence without its date and its stop; None if it has not one date where we expect it."""
    if len(re.findall(rf"(?i:{date})|\b(?:1[89]|20)\d\d\b", sentence)) != 1:
        return None
    if match := first(sentence):
        return match["clause"] if match["clause"].count(",") <= 1 else None
    if match := last(sentence):
        return f"{match['clause']}{match['tail']}"
    return None


def _japanese(sentence: str) -> Iterator[str]:
    match = _WHEN_JA.fullmatch(sentence)
    if match is None or re.search(_POINTS_BACK_JA, sentence):
        return
    if len(re.findall(_DATE_JA, sentence)) > 1:
        return
    end = "ましたか" if match["end"] == "ました" else "ていますか"
    question = f"{match['subject']}いつ{match['rest']}{end}？"
    if SHORTEST // 2 <= len(question) <= LONGEST // 2:
        yield question


_TWINS = {
    # A town whose name has an article or another word before it would lose it: "le Mont Saint-Michel".
    "fr": re.compile(
        r"(?:^|\b(?!l[ae]s? )[a-zà-ÿ]+ )(?P<town>[A-ZÉ][\w-]+) et (?P<other>[A-ZÉ][\w-]+)\b[^.]*\bjumel"
    ),
    "en": re.compile(
        r"(?:^|\b(?!the )[a-z]+ )(?P<town>[A-Z][\w-]+) and (?P<other>[A-Z][\w-]+)\b[^.]*\b(?:sister|twin)"
    ),
    "ja": re.compile(
        r"(?P<town>[一-龠ァ-ヴー]{2,8}市)と(?:フランスの)?(?P<other>[一-龠ァ-ヴー]{2,8}市)[^。]*姉妹"
    ),
}
_JOINED = {
    "fr": ("Parlez-moi du jumelage entre {town} et {other}.", "Quelle est la ville jumelle de {town}\u202f?"),
    "en": ("Tell me about the links between {town} and {other}.", "Which town is {town} twinned with?"),
    "ja": ("{town}と{other}の交流について教えてください。", "{town}の姉妹都市はどこですか？"),
}
_ABOUT = {
    "fr": "De quoi parle «\u00a0{title}\u00a0»\u202f?",
    "en": "What is “{title}” about?",
    "ja": "『{title}』はどんな内容ですか？",
}


def _twins(sentence: str, language: str) -> Iterator[Made]:
    joined, which = _JOINED[language]
    for match in _TWINS[language].finditer(sentence):
        yield Made(joined.format(**match.groupdict()), open=True)
        yield Made(which.format(**match.groupdict()))


_FORMS: dict[str, Callable[[str], Iterator[str]]] = {"fr": _french, "en": _english, "ja": _japanese}
