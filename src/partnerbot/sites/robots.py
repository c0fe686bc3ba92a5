"""What a site's robots.txt allows, as RFC 9309 has it read."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

AGENT = "partnerbot"
"""The name that a site's rules can address us by."""

# A site may ask for a longer pause than this; a night has no room for it.
_LONGEST_DELAY_SECONDS = 60.0


@dataclass(frozen=True)
class Rules:
    """A site's rules for us: which addresses may be asked for, and how often."""

    _rules: Protego

    @classmethod
    def read(cls, content: bytes) -> Rules:
        """Read a robots.txt; lines that are none are passed over. Nothing said: all is allowed."""
        return cls(Protego.parse(content.decode("utf-8", "replace").removeprefix("\ufeff")))

    def allow(self, address: str) -> bool:
        """Tell whether we may ask for an address."""
        return bool(self._rules.can_fetch(address, AGENT))

    @property
    def delay_seconds(self) -> float:
        """The pause between requests that the site asks for; 0 if it doesn't."""
        return min(float(self._rules.crawl_delay(AGENT) or 0.0), _LONGEST_DELAY_SECONDS)
