"""Messages (.eml)."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from partnerbot.documents.formats import Extracted, ReadingLimits
from partnerbot.documents.formats.html import visible_text
from partnerbot.errors import DocumentRejected


def extract_mail(path: Path, _: ReadingLimits) -> Extracted:
    """Return what a message says, without what is attached to it; its subject is the title."""
    with path.open("rb") as file:
        message = BytesParser(EmailMessage, policy=policy.default).parse(file)
    body = message.get_body(("plain", "html"))
    if not message.keys() or body is None:
        raise DocumentRejected("it holds no message in text or HTML. Save it as .txt or .html.")
    content = str(body.get_content())
    sent = message["date"].datetime if message["date"] else None
    return Extracted(
        pages=(visible_text(content) if body.get_content_subtype() == "html" else content,),
        title=str(message["subject"] or "").strip() or None,
        published=sent.date().isoformat() if sent else None,
    )
