"""How staff sign in: one password, slow to check, locked after a few wrong ones; a session in memory."""

import asyncio
import secrets
import time

from pydantic import SecretStr

from partnerbot.passwords import is_password
from partnerbot.web.limits.client_store import Allowance, ClientStore

SESSION_SECONDS = 8 * 3600
"""A day at work."""

WRONG_PASSWORDS, LOCKED_MINUTES = 5, 15
"""So many from one client, in so many minutes; then none of its passwords is looked at, right or wrong."""


class Sessions:
    """Who is signed in. A session ends with its time, when it is left, and with the process."""

    def __init__(self, password_hash: SecretStr, clients: ClientStore) -> None:
        """`clients`: where it is counted who gave wrong passwords."""
        self._password_hash = password_hash
        self._clients = clients
        self._wrong = Allowance("locked", WRONG_PASSWORDS, minutes=LOCKED_MINUTES)
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
        self._clients.counting(lambda counts: self._wrong.check(counts, client))
        if is_password(password, self._password_hash):
            return True
        self._clients.counting(lambda counts: self._wrong.take(counts, client))
        return False
