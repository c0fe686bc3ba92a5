"""The door: who asks on after being refused, and who sends too many requests, is known here.

The first refusals come from the reception, with a sentence in the chat. A program that doesn't listen to
them is turned away at the door from then on. Both are counted in this process alone.
"""

from __future__ import annotations

import time

from limits.strategies import FixedWindowRateLimiter

from partnerbot.errors import NotAdmitted
from partnerbot.web.limits.allowance import Allowance
from partnerbot.web.limits.client_store import ClientStore

PATIENCE = 10
"""Refusals that the reception tells a client of; nobody who reads them needs as many."""


class Door:
    """Knows who asks on after being refused, and who sends more requests than a minute may have."""

    def __init__(self, clients: ClientStore, requests_per_minute: int) -> None:
        """`requests_per_minute`: of one client; 0: any."""
        self._own = clients.own
        self._requests = Allowance(
            "too_many_questions", requests_per_minute, by_minute=FixedWindowRateLimiter
        )

    def refused(self, address: str, retry_after_seconds: int) -> None:
        """Note that the client at `address` was told to ask again after so many seconds, and not before."""
        self._own.storage.incr(self._refusals(address), retry_after_seconds)

    def wait_to_ask(self, address: str) -> float:
        """Return the seconds until a question of that client will be heard; 0 if it is now."""
        refusals = self._refusals(address)
        if self._own.storage.get(refusals) < PATIENCE:
            return 0
        return max(0, self._own.storage.get_expiry(refusals) - time.time())

    def wait_to_request(self, address: str) -> float:
        """Count a request of that client; return the seconds until it will be served, 0 if it is now."""
        try:
            self._requests.take(self._own, address)
        except NotAdmitted as refused:
            return refused.retry_after_seconds
        return 0

    def _refusals(self, address: str) -> str:
        return f"refusals:{self._own.client(address)}"
