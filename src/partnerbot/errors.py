"""Every failure partnerbot raises, as one tree.

    PartnerbotError                 anything below; its text is written for people
    ├── ConfigurationError          a setting or an argument is wrong
    ├── QuestionRejected            the question can't be asked as it is
    ├── DocumentRejected            one file can't be read; the others can
    ├── ModelUnavailable            the embedding model can't be loaded
    └── IndexUnavailable            there is no index to answer from
        ├── IndexMismatch           it was built with another model or format
        ├── IndexBusy               another process is writing it
        ├── IndexNotWritten         a disk is full, a folder read-only; the index stays as it was
        └── VerificationFailed      a new generation isn't right; the one before stays

Each message says what happened, the cause, and the next step. "The documents
don't say" is not a failure: it is an Answer with its own status.
"""

from __future__ import annotations


class PartnerbotError(Exception):
    """Base of all failures meant to be shown to a person, as one line."""


class ConfigurationError(PartnerbotError):
    """A setting or a command-line argument is wrong; nothing was done."""


class QuestionRejected(PartnerbotError):
    """The question can't be answered as it stands (empty, too long, no words).

    `reason` is a key of the surface's texts, so that each surface can say it in
    the visitor's language: "empty", "too_long" or "no_words".
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class DocumentRejected(PartnerbotError):
    """One file can't be indexed; its message is the reason, without the file's name."""


class ModelUnavailable(PartnerbotError):
    """The embedding model can't be loaded on this machine."""


class IndexUnavailable(PartnerbotError):
    """There is no usable index in the index directory."""


class IndexMismatch(IndexUnavailable):
    """The index was built with another embedding model, prefixes, splitter or format."""


class IndexBusy(IndexUnavailable):
    """Another process is writing the index."""


class IndexNotWritten(IndexUnavailable):
    """The new generation could not be written; the one before goes on answering."""


class VerificationFailed(IndexUnavailable):
    """The new generation is not what it should be; the one before goes on answering."""
