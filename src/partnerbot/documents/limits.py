"""How much reading one document may ask for before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one document may take, whatever its format."""

    pages: int = 2_000
    """Of a PDF: a thick report; the limit is against files made to keep a parser busy."""

    characters: int = 5_000_000
    """A book of 1,500 pages; more is a log or a data dump, or comes from files made to unpack to much."""

    memory_bytes: int = 1_500 * 1024 * 1024
    """Address space. A PDF of 300 pages took 61 MB of memory; pictures take more."""

    cpu_seconds: int = 60
    """Measured on 2 cores: 4.7 s for a PDF of 300 pages."""

    wall_seconds: int = 180
    """Longer than the processor time, for a machine with other work to do."""

    recognised_pages: int = 500
    """Pages that are pictures and are read: each takes seconds, within the same limits as a document."""

    recognition_seconds: int = 3_600
    """For all such pages of a document. Those beyond either limit are named as unread."""

    @property
    def too_much_text(self) -> str:
        """The reason why a document is refused that has more text than that."""
        return f"it is too large: more than {self.characters:,} characters of text. Split it."

    @property
    def too_much_memory(self) -> str:
        """The reason why a document is refused that took more memory than that."""
        return (
            f"reading it took more than {self.memory_bytes // 1_048_576:,} MB of memory. Split it, or save "
            "it again: a PDF by printing it to a new PDF."
        )

    @property
    def too_much_time(self) -> str:
        """The reason why a document is refused that took more time than that."""
        return (
            f"reading it took more than {self.cpu_seconds} seconds of processor time or {self.wall_seconds} "
            "in all. Split it, or save it again: a PDF by printing it to a new PDF."
        )


DEFAULT_LIMITS = Limits()
