"""How many questions one client and all of them may ask, in a minute and in a day."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from partnerbot.errors import NotAdmitted
from partnerbot.settings import Settings
from partnerbot.web.client_store import ClientStore, Counts


class QuestionLimits:
    """Counts questions and refuses those over a limit."""

    def __init__(self, settings: Settings, clients: ClientStore) -> None:
        """`settings`: how many; `clients`: where they are counted."""
        self._clients = clients
        self._counts = (
            (settings.questions_per_minute, settings.questions_per_day, "too_many_questions"),
            (settings.all_questions_per_minute, settings.all_questions_per_day, "too_many_in_all"),
        )

    def count(self, address: str) -> None:
        """Count one question of the client at `address`.

        Raises: NotAdmitted, with the seconds until there is room again; then it isn't counted
            against those who stayed within their own limit.
        """
        self._clients.counting(lambda counts: self._count(counts, address))

    def _count(self, counts: Counts, address: str) -> None:
        one_client, all_clients = (_Kind(counts.storage, *count) for count in self._counts)
        one_client.take(counts.client(address))
        all_clients.take("all")


class _Kind:
    """The limits of one client, or those of all together."""

    def __init__(self, store: Storage, per_minute: int, per_day: int, reason: str) -> None:
        self._reason = reason
        self._limits: list[tuple[RateLimitItem, RateLimiter]] = []
        if per_minute:
            # It knows when the next question is free to the second.
            self._limits.append((RateLimitItemPerMinute(per_minute), MovingWindowRateLimiter(store)))
        if per_day:
            # Two numbers for each client, where a window of a day would keep every question's time.
            self._limits.append((RateLimitItemPerDay(per_day), SlidingWindowCounterRateLimiter(store)))

    def take(self, client: str) -> None:
        for limit, limiter in self._limits:
            if not limiter.hit(limit, self._reason, client):
                until = limiter.get_window_stats(limit, self._reason, client).reset_time
                raise NotAdmitted(self._reason, max(1, math.ceil(until - time.time())))
