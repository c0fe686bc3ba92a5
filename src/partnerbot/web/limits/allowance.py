"""How much one client and one site may have of something, in a minute and in a day."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from partnerbot.errors import NotAdmitted
from partnerbot.web.limits.client_store import CLIENTS_OF_A_SITE, Counts


class Allowance:
    """What each client may have; all clients of an IPv6 site together have what `CLIENTS_OF_A_SITE` may."""

    def __init__(
        self,
        reason: str,
        per_minute: int = 0,
        per_day: int = 0,
        by_minute: type[RateLimiter] = MovingWindowRateLimiter,
        minutes: int = 1,
    ) -> None:
        """`reason`: why those are refused who have had it. 0: as much as they like. `by_minute`: by default
        one that keeps the time of each, and so knows to the second when there is more. `minutes`: how many
        `per_minute` is for."""
        self._reason = reason
        limits: list[tuple[type[RateLimitItem], int, int, type[RateLimiter]]] = [
            (RateLimitItemPerMinute, per_minute, minutes, by_minute),
            # Two numbers for each client, where a window of a day would keep every time.
            (RateLimitItemPerDay, per_day, 1, SlidingWindowCounterRateLimiter),
        ]
        self._limits = [limit for limit in limits if limit[1]]

    def check(self, counts: Counts, address: str, amount: int = 1) -> None:
        """Raises: NotAdmitted if `take` would, as things are, with the seconds until there is more."""
        self._look(counts, address, amount, is_counted=False)

    def take(self, counts: Counts, address: str, amount: int = 1) -> None:
        """Count what the client at `address` takes.

        Raises: NotAdmitted, with the seconds until there is more; then its neighbours lose nothing by it.
        """
        # First, so that nothing is remembered of the networks of a site that has had enough.
        self.check(counts, address, amount)
        self._look(counts, address, amount, is_counted=True)

    def _look(self, counts: Counts, address: str, amount: int, *, is_counted: bool) -> None:
        names = counts.names(address)
        named = {names.client: 1} | ({} if names.site == names.client else {names.site: CLIENTS_OF_A_SITE})
        for name, clients in named.items():
            for period, most, periods, strategy in self._limits:
                limit, limiter = period(clients * most, periods), strategy(counts.storage)
                has_room = limiter.hit if is_counted else limiter.test
                if not has_room(limit, self._reason, name, cost=amount):
                    until = limiter.get_window_stats(limit, self._reason, name).reset_time
                    raise NotAdmitted(self._reason, max(1, math.ceil(until - time.time())))
