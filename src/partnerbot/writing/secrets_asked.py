"""Sentences that ask a reader for what nobody should send: passwords, card and account numbers, a transfer.

Planted in a document it would stand there word for word, and be shown as the owner's own. No answer needs it.
"""

from __future__ import annotations

import re

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


def asks_for_secrets(text: str) -> bool:
    """True if the text tells its reader to hand over a password, bank data or the like."""
    return bool(_SECRET.search(text) and _GIVE.search(text))
