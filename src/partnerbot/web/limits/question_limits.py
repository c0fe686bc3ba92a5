"""How many questions one client, one site and all of them may ask, in a minute and in a day."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from partnerbot.errors import NotAdmitted
from partnerbot.settings import Settings
from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, ClientStore, Counts


class QuestionLimits:
    """Counts questions and refuses those over a limit."""

    def __init__(self, settings: Settings, clients: ClientStore) -> None:
        """`settings`: how many; `clients`: where they are counted."""
        self._clients = clients
        per_minute, per_day = settings.questions_per_minute, settings.questions_per_day
        self._counts = (
            (per_minute, per_day, "too_many_questions"),
            (per_minute * CLIENTS_OF_A_SITE, per_day * CLIENTS_OF_A_SITE, "too_many_questions"),
            (settings.all_questions_per_minute, settings.all_questions_per_day, "too_many_in_all"),
        )

    def count(self, address: str) -> None:
        """Count one question of the client at `address`.

        Raises: NotAdmitted, with the seconds until there is room again; then it isn't counted
            against those who stayed within their own limit.
        """
        self._clients.counting(lambda counts: self._count(counts, address))

    def _count(self, counts: Counts, address: str) -> None:
        one_client, one_site, all_clients = (_Kind(counts.storage, *count) for count in self._counts)
        names = counts.names(address)
        has_site = names.site != names.client
        if has_site:
            # First, so that nothing is remembered of the networks of a site that has asked enough.
            one_site.check(names.site)
        one_client.take(names.client)
        if has_site:
            one_site.take(names.site)
        all_clients.take("all")


class _Kind:
    """The limits of one client or of one site, or those of all together."""

    def __init__(self, store: Storage, per_minute: int, per_day: int, reason: str) -> None:
        self._reason = reason
        self._limits: list[tuple[RateLimitItem, RateLimiter]] = []
        if per_minute:
            # It knows when the next question is free to the second.
            self._limits.append((RateLimitItemPerMinute(per_minute), MovingWindowRateLimiter(store)))
        if per_day:
            # Two numbers for each client, where a window of a day would keep every question's time.
            self._limits.append((RateLimitItemPerDay(per_day), SlidingWindowCounterRateLimiter(store)))

    def check(self, name: str) -> None:
        for limit, limiter in self._limits:
            if not limiter.test(limit, self._reason, name):
                raise self._refusal(limit, limiter, name)

    def take(self, name: str) -> None:
        for limit, limiter in self._limits:
            if not limiter.hit(limit, self._reason, name):
                raise self._refusal(limit, limiter, name)

    def _refusal(self, limit: RateLimitItem, limiter: RateLimiter, name: str) -> NotAdmitted:
        until = limiter.get_window_stats(limit, self._reason, name).reset_time
        return NotAdmitted(self._reason, max(1, math.ceil(until - time.time())))
