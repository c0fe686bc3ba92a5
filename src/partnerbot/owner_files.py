"""Files that owners write: each is read in its form, and what is wrong in it is named."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from partnerbot.errors import ConfigurationError, Location, cause, wrong_values

Form = TypeVar("Form", bound=BaseModel)


def read_owner_file(
    path: Path, form: type[Form], described_in: str, parsed: Callable[[str], Any] = tomllib.loads
) -> Form | None:
    """Return what a file says; None if it doesn't exist.

    `parsed`: its text as plain values; raises ValueError saying which line can't be read.

    Raises: ConfigurationError naming the values that are wrong, and where the file is described.
    """
    try:
        return form.model_validate(parsed(path.read_text("utf-8-sig")))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        wrong = wrong_values(error, _place)
        raise ConfigurationError(f"{path} is wrong: {wrong}. See {described_in}.") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} can't be read: {cause(error)}. See {described_in}.") from error


def _place(location: Location) -> str:
    """Return how the writer of a file knows a value: "conversation.fr.greeting", "answer 2 text"."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f" {part + 1} " if place else f"entry {part + 1} "
        elif "[" not in part and part != "str":  # what pydantic tells of its own types
            place += f".{part}" if place.strip() and not place.endswith(" ") else part
    return place.strip() or "the file"
