"""Every failure partnerbot raises, as one tree.

    PartnerbotError                 anything below; its text is written for people
    ├── ConfigurationError          a setting or an argument is wrong
    ├── QuestionRejected            the question can't be asked as it is
    ├── NotAdmitted                 the question can't be asked now: a limit, a full room, a pause
    ├── AnswerTooSlow               the answer did not end in time
    ├── VisitorLeft                 nobody waits for the answer any more
    ├── DocumentRejected            one file can't be read; the others can
    │   └── DocumentExcluded        it says that it isn't to be indexed
    ├── AddressNotFetched           one address of a site can't be fetched; the others can
    │   ├── DisallowedByRobots      the site's robots.txt doesn't want it fetched
    │   ├── ContentRefused          what is there is too large, of another type, or without text
    │   └── SiteUnreachable         the site doesn't answer, or not now
    ├── SyncFailed                  the pages of sites can't be kept: the disk can't be written, say
    │   └── SyncUnderWay            another sync has them
    ├── RecordsUnavailable          what is kept for staff can't be read or written
    ├── ModelUnavailable            a model can't be loaded
    └── IndexUnavailable            there is no index to answer from
        ├── IndexMismatch           it was built with another model or format
        ├── IndexDamaged            its files are not what was written
        ├── IndexUnreachable        the Chroma server doesn't answer
        ├── IndexBusy               another process is writing it
        ├── IndexNotWritten         a disk is full, a folder read-only; the index stays as it was
        └── VerificationFailed      a new generation isn't right; the one before stays

Each message says what happened, the cause, and the next step. "The documents
don't say" is not a failure: it is an Answer with its own status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fastapi.exceptions import RequestValidationError
    from pydantic import ValidationError

Location = tuple[int | str, ...]


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


class NotAdmitted(PartnerbotError):
    """The question is not looked at now; it may be asked again later.

    `reason` is a key of the surface's texts: "too_many_questions" (of this client), "too_many_in_all",
    "too_many_at_once", "busy", "paused" or "challenge" (there is work to do first). `notice`: the owner's
    own words, if there are any.
    """

    def __init__(self, reason: str, retry_after_seconds: int, notice: str = "") -> None:
        super().__init__(f"Not admitted: {reason}. Ask again in {retry_after_seconds} seconds.")
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.notice = notice


class AnswerTooSlow(PartnerbotError):
    """The answer did not end in the time a visitor may be kept waiting."""


class VisitorLeft(PartnerbotError):
    """Nobody waits for the answer any more, so it isn't finished."""


class DocumentRejected(PartnerbotError):
    """One file can't be indexed; its message is the reason, without the file's name."""


class DocumentExcluded(DocumentRejected):
    """The file itself says that it isn't to be indexed: no fault, and no version before goes on answering."""


Cause = Literal["unknown_name", "refused", "silent", "certificate", "robots"]
"""Why a site can't be asked: its name isn't known, it refuses connections, says nothing in time, can't prove
that it is itself, or its robots.txt can't be read."""


class AddressNotFetched(PartnerbotError):
    """One address can't be fetched; its message is the reason, without the address asked for.

    `status`: the HTTP status that was the reason, if one was. `cause`: the reason where it is a usual one.
    """

    def __init__(self, message: str, status: int | None = None, cause: Cause | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.cause = cause


class DisallowedByRobots(AddressNotFetched):
    """The site's robots.txt doesn't want the address fetched."""


class ContentRefused(AddressNotFetched):
    """What is at the address can't become a document: the next sync need not transfer it again."""


class SiteUnreachable(AddressNotFetched):
    """The site doesn't answer, or not now; `retry_after` is in seconds, where it says when."""

    def __init__(
        self,
        message: str,
        status: int | None = None,
        retry_after: float | None = None,
        cause: Cause | None = None,
    ) -> None:
        super().__init__(message, status, cause)
        self.retry_after = retry_after


class SyncFailed(PartnerbotError):
    """The pages of the sites can't be kept; those that were kept before are as they were."""


class SyncUnderWay(SyncFailed):
    """Another sync is writing the pages; nothing was done."""


class RecordsUnavailable(PartnerbotError):
    """What is kept for staff can't be read or written."""


class ModelUnavailable(PartnerbotError):
    """A model can't be loaded: it is missing or damaged, or what runs it isn't installed."""


@contextmanager
def needing(extra: str, wanted: str) -> Iterator[None]:
    """Import what only an extra installs, for what is `wanted`. Raises: ConfigurationError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{wanted} needs {error.name}, which is not installed. {to_install(extra)}"
        ) from error


def to_install(extra: str) -> str:
    """Say how an extra is installed, as docs/install.md has it."""
    return (
        f'In partnerbot\'s own folder, run: .venv/bin/pip install -c constraints.txt -e ".[{extra}]". '
        'In a container: docs/install.md, "Extras".'
    )


def first_line(error: BaseException) -> str:
    """Return the first line of what a library's error says; its kind if it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _dotted(location: Location) -> str:
    return ".".join(map(str, location)) or "as a whole"


def cause(error: Exception) -> str:
    """Return what an error of Python's says to people: without the system's number, or a dump of bytes."""
    if isinstance(error, UnicodeDecodeError):
        return "save it in UTF-8"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def wrong_values(
    error: ValidationError | RequestValidationError, place: Callable[[Location], str] = _dotted
) -> str:
    """Return which values are wrong and what each should be, without repeating them.

    `place`: how a reader knows a value, from the keys and positions that lead to it.
    """
    items = error.errors()
    # A list is too short for pydantic where something in it is wrong.
    within = {item["loc"][:depth] for item in items for depth in range(len(item["loc"]))}
    return "; ".join(
        f"{place(item['loc'])}: {_told(item)}"
        for item in items
        if item.get("type") != "too_short" or item["loc"] not in within
    )


_WRONG = {
    "extra_forbidden": "nothing has this name",
    "missing": "is missing",
    "too_short": "is empty",
    "string_too_short": "is empty",
    "string_type": "a text is written in quotes",
    "literal_error": "one of {expected}",
    "string_pattern_mismatch": "not written as docs/api.md says",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "date": "a day is written 2027-12-31",
    **dict.fromkeys(("tuple", "list", "frozen"), "a list is written in [ ]"),
    **dict.fromkeys(("dict", "model"), "several values, each with a name of its own"),
}
"""What is said of pydantic's types of errors, or of all that begin with a word."""


def _told(item: Any) -> str:
    kind = item.get("type", "")  # Gradio's own errors have none
    told = _WRONG.get(kind) or _WRONG.get(kind.partition("_")[0])
    if told == _WRONG["list"] and item["loc"] and isinstance(item["input"], dict):
        return "one of a list, so that in TOML its name is written in [[ ]]"
    return told.format(**item.get("ctx", {})) if told else item["msg"].removeprefix("Value error, ")


class IndexUnavailable(PartnerbotError):
    """There is no usable index in the index directory."""


class IndexMismatch(IndexUnavailable):
    """The index was built with another embedding model, prefixes, splitter or format."""


class IndexDamaged(IndexUnavailable):
    """Files of the index are missing, cut or garbled."""


class IndexUnreachable(IndexUnavailable):
    """The Chroma server that has the index can't be reached, or refuses."""


class IndexBusy(IndexUnavailable):
    """Another process is writing the index."""


class IndexNotWritten(IndexUnavailable):
    """The new generation could not be written; the one before goes on answering."""


class VerificationFailed(IndexUnavailable):
    """The new generation is not what it should be; the one before goes on answering."""
