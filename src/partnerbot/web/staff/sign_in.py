"""How staff sign in: one password, slow to check, locked after a few wrong ones; a session in memory."""

from __future__ import annotations

import asyncio
import math
import secrets
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from pydantic import SecretStr

from partnerbot.errors import NotAdmitted
from partnerbot.passwords import is_password
from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, ClientStore, Counts

SESSION_SECONDS = 8 * 3600
"""A day at work."""

WRONG_PASSWORDS, LOCKED_MINUTES = 5, 15
"""So many from one client, in so many minutes; then none of its passwords is looked at, right or wrong."""

_OF_A_CLIENT = RateLimitItemPerMinute(WRONG_PASSWORDS, LOCKED_MINUTES)
_OF_A_SITE = RateLimitItemPerMinute(WRONG_PASSWORDS * CLIENTS_OF_A_SITE, LOCKED_MINUTES)


class Sessions:
    """Who is signed in. A session ends with its time, when it is left, and with the process."""

    def __init__(self, password_hash: SecretStr, clients: ClientStore) -> None:
        """`clients`: where it is counted who gave wrong passwords."""
        self._password_hash = password_hash
        self._clients = clients
        self._ends: dict[str, float] = {}
        # One check at a time: each takes 16 MB, and who sends many at once isn't counted too late.
        self._turn = asyncio.Lock()

    async def begin(self, client: str, password: str) -> str | None:
        """Return the name of a new session, None if the password is wrong. Raises: NotAdmitted ("locked")."""
        async with self._turn:
            if not await asyncio.to_thread(self._checked, client, password):
                return None
        now = time.monotonic()
        session = secrets.token_urlsafe(32)
        self._ends = {name: end for name, end in self._ends.items() if end > now} | {
            session: now + SESSION_SECONDS
        }
        return session

    def knows(self, session: str) -> bool:
        """Whether a session goes on."""
        return self._ends.get(session, 0) > time.monotonic()

    def end(self, session: str) -> None:
        """Forget a session, if there is one of that name."""
        self._ends.pop(session, None)

    def _checked(self, client: str, password: str) -> bool:
        if seconds := self._clients.counting(lambda counts: _seconds_locked(counts, client)):
            raise NotAdmitted("locked", seconds)
        if is_password(password, self._password_hash):
            return True
        self._clients.counting(lambda counts: _count_wrong(counts, client))
        return False


def _counted(counts: Counts, client: str) -> list[tuple[RateLimitItem, str]]:
    names = counts.names(client)
    return [(_OF_A_CLIENT, names.client), (_OF_A_SITE, names.site)]


def _seconds_locked(counts: Counts, client: str) -> int:
    limiter = MovingWindowRateLimiter(counts.storage)
    full = [
        limiter.get_window_stats(limit, "password", name).reset_time
        for limit, name in _counted(counts, client)
        if not limiter.test(limit, "password", name)
    ]
    return max(1, math.ceil(max(full) - time.time())) if full else 0


def _count_wrong(counts: Counts, client: str) -> None:
    limiter = MovingWindowRateLimiter(counts.storage)
    for limit, name in _counted(counts, client):
        limiter.hit(limit, "password", name)
