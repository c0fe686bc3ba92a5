"""What no sentence of a model may be, whatever it says: markup, another language, a request for secrets."""

from __future__ import annotations

import re

from partnerbot.documents.language import detect_language
from partnerbot.documents.normal_forms import normal_form
from partnerbot.documents.scripts import is_mainly_unspaced

_LETTERS_THAT_TELL_A_LANGUAGE = 25

_MARKUP = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]|https?:|www\.|//|\w@\w|<[^>]*>?|&[#\w]+;|[\[\]［］`{}]|【\s*\d"
    r"|\b\w+\.(?:com|org|net|fr|jp|eu|io|info)\b",
    re.IGNORECASE,
)
# "evil.XYZ", "пример.рф", in letters of any script and width; "p.m.", "1.5 km" and what follows a figure at a
# sentence's end ("in 2017.The") are no addresses.
_ADDRESS = re.compile(
    r"(?<![\w-])(?=[\w-]*[^\W\d_][\w-]*\.)[^\W_][\w-]*[^\W_]\.[^\W\d_]{2,}|[^\W_][\w-]*[^\W_]\.[a-zß-ÿ]{2,}"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
)

_SECRET = re.compile(
    r"\bpasswords?\b|\bpasscodes?\b|\bpin (?:code|number)s?\b|\b(?:security|verification|access) codes?\b"
    r"|\b(?:credit|debit|bank) ?card\b|\bcard (?:number|detail)s?|\bbank(?:ing)? (?:detail|data|account)s?"
    r"|\baccount numbers?|\biban\b|\blogin\b|\bcredentials\b|\bgift cards?\b"
    r"|\bmots? de passe\b|\bcodes? (?:secret|confidentiel|pin|d['’]accès|de vérification|de sécurité)s?\b"
    r"|\bcarte (?:bancaire|bleue|de crédit)\b|\b(?:coordonnées|données) bancaires\b|\bcompte bancaire\b"
    r"|\bnuméros? de (?:carte|compte)\b|\bidentifiants?\b|\bcartes?-cadeaux?\b"
    r"|パスワード|暗証番号|認証コード|セキュリティコード|カード番号|クレジットカード|キャッシュカード|口座番号|口座情報|銀行口座",
    re.IGNORECASE,
)
_GIVE = re.compile(
    r"\b(?:send|give|enter|type|e-?mail|tell|provide|submit|share|confirm|verify|update|reply with|transfer"
    r"|wire)\b|\b(?:envoy|donn|entr|saisi(?:ss)?|tap|communiqu|transmett|fourniss|indiqu|confirm|vérifi|vir|vers"
    r"|renseign|partag)ez\b|\b(?:merci de|veuillez|prière de|il faut|vous devez)\b"
    r"|送[っりる信]|入力|教え|返信|伝え|提供|確認し|振り?込",
    re.IGNORECASE,
)


def has_markup(text: str) -> bool:
    """True if the text holds a link, an address, HTML or Markdown."""
    return bool(_MARKUP.search(text) or _ADDRESS.search(normal_form("NFKC", text)))


def in_language(text: str, language: str) -> bool:
    """True unless the text is clearly in another language, which a few letters of Latin script don't tell."""
    is_told = language in ("ja", "zh", "ko") or is_mainly_unspaced(text)
    if not is_told and sum(char.isalpha() for char in text) < _LETTERS_THAT_TELL_A_LANGUAGE:
        return True
    return detect_language(text, default=language) == language


def asks_for_secrets(text: str) -> bool:
    """True if the text tells its reader to hand over a password, bank data or the like.

    Planted in a document it would be shown as the owner's own words. No answer needs it.
    """
    return bool(_SECRET.search(text) and _GIVE.search(text))
