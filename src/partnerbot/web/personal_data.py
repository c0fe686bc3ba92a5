"""Takes out of a text what obviously tells who somebody is: e-mail addresses and long numbers.

A name can't be told from a subject, and stays. In doubt a number goes: a log of questions is
no worse without it.
"""

from __future__ import annotations

import re

from partnerbot.documents.normal_forms import normal_form

EMAIL = "[e-mail]"
NUMBER = "[number]"

_LATIN = "A-Za-z0-9\u00c0-\u024f"
_EMAIL = re.compile(
    rf"[{_LATIN}._%+'-]+ ?(?:@| \(at\)|\(at\)|\[at\]) ?[{_LATIN}-]+(?:\.[{_LATIN}-]+)+", re.IGNORECASE
)

# Nine digits: telephone numbers of our countries have ten or more with their prefix, cards up to 19,
# numbers of persons nine to fifteen. A date has eight.
_LONG_NUMBER = re.compile(r"\+?\(?[0-9](?:[\s().,/\u2010-\u2015\u2212\u30fc\u30fb-]{0,3}[0-9]){8,}")

_DATE = re.compile(
    r"(?:19|20)[0-9]{2}(?:[-/.][0-9]{1,2}){0,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}"
)
_YEARS = re.compile(r"(?:19|20)[0-9]{2}[-\u2013/](?:19|20)[0-9]{2}")

# Passports: TR1234567, 12AB34567, C01X00T47. Eight or nine signs, five of them digits.
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])(?=(?:[A-Z]*[0-9]){5})(?=[0-9]*[A-Z])[A-Z0-9]{8,9}(?![A-Za-z0-9])", re.IGNORECASE
)


def masked(text: str) -> str:
    """Return `text` with e-mail addresses and personal numbers replaced by words for them.

    Full-width characters become plain ones, so that ０９０ is found as 090 is.
    """
    text = normal_form("NFKC", text)
    text = _EMAIL.sub(EMAIL, text)
    text = _PASSPORT.sub(NUMBER, text)
    return _LONG_NUMBER.sub(lambda run: run[0] if _are_dates(run[0]) else NUMBER, text)


def _are_dates(run: str) -> bool:
    """Whether a run of digits is nothing but dates and years, such as "2010-2015 2020"."""
    parts = run.split()
    written = all(_DATE.fullmatch(part) or _YEARS.fullmatch(part) for part in parts)
    return written and not _is_card([int(digit) for digit in run if digit.isdigit()])


def _is_card(digits: list[int]) -> bool:
    """Whether the check digit is right (Luhn), as on every payment card."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(digits) >= 13 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
