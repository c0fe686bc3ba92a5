"""What is asked of the register: which rows fit, which are the oldest, who is partner of whom."""

from __future__ import annotations

from partnerbot.documents.normal_forms import fold
from partnerbot.register.rows import Authority, Partnership, Register


def select(
    register: Register,
    *,
    place: str | None = None,
    region: str | None = None,
    country: str | None = None,
    kind: str | None = None,
    field: str | None = None,
    since_from: str | None = None,
    since_to: str | None = None,
) -> tuple[Partnership, ...]:
    """Return the rows that fit all that is given, in their order.

    `place`: a partner's key, or any of its names; `region`, `country`: where a partner lies; `kind`,
    `field`: ids; `since_from`, `since_to`: ISO dates or years, both included. A row whose date isn't
    known fits no period.
    """
    return tuple(
        row
        for row in register.partnerships
        if (place is None or any(is_called(one, place) for one in (row.a, row.b)))
        and (region is None or region in (row.a.region, row.b.region, row.a.key, row.b.key))
        and (country is None or country in (row.a.country, row.b.country))
        and (kind is None or any(cell.value == kind for cell in row.kind[:1]))
        and (field is None or any(cell.value == field for cell in row.fields))
        and _is_within(row, since_from, since_to)
    )


def by_age(rows: tuple[Partnership, ...]) -> tuple[Partnership, ...]:
    """Return the rows whose date is known, the oldest first."""
    return tuple(sorted((row for row in rows if row.since), key=lambda row: row.since[0].value))


def is_called(authority: Authority, name: str) -> bool:
    """True if an authority has that key or name."""
    known = {fold(one) for one in (*authority.names.values(), *authority.spellings)}
    if name == authority.key or fold(name) in known:
        return True
    # 金沢市 is a town of which a document in French says nothing but Kanazawa.
    return (
        authority.level in ("city", "village")
        and len(name) > 2
        and name[-1] in "市町村"
        and name[:-1] in known
    )


def _is_within(row: Partnership, first: str | None, last: str | None) -> bool:
    if first is None and last is None:
        return True
    if not row.since:
        return False
    since = row.since[0].value
    # A less exact date is compared as far as it goes: 1970 lies within 1970-11.
    return (first is None or since >= first[: len(since)]) and (last is None or since[: len(last)] <= last)
