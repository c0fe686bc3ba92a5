"""What an owner may change in how the chat looks and presents itself, from one file.

appearance.toml in the project's folder documents every key; docs/appearance.md shows them.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from partnerbot.errors import ConfigurationError

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Token = Literal["paper", "card", "tint", "ink", "ink-soft", "line", "line-strong", "accent", "accent-deep",
                "on-accent", "mark", "mark-ink", "quoted", "caution", "caution-tint"]  # fmt: skip
"""The names of the stylesheet's colours."""

LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}


def _logo(path: str) -> str:
    if path and Path(path).suffix.lower() not in LOGO_TYPES:
        raise ValueError(f"a picture with the ending {', '.join(LOGO_TYPES)}")
    return path


class Colours(BaseModel):
    """Colours that differ from ours, by the name of the token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    light: dict[Token, Colour] = Field(default_factory=dict)
    dark: dict[Token, Colour] = Field(default_factory=dict)


class Appearance(BaseModel):
    """The file's content; what it leaves out is as we have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: dict[Language, str] = Field(default_factory=dict)
    notice: dict[Language, str] = Field(default_factory=dict)
    contact: str = ""
    logo: Annotated[str, AfterValidator(_logo)] = ""
    colours: Colours = Colours()
    examples: dict[Language, list[str]] = Field(default_factory=dict)

    @property
    def stylesheet(self) -> str:
        """The colours as CSS for after our own; empty if there are none."""
        light = "".join(f"--{token}:{colour};" for token, colour in self.colours.light.items())
        dark = "".join(f"--{token}:{colour};" for token, colour in self.colours.dark.items())
        rules = f":root{{{light}}}" if light else ""
        return rules + (f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}" if dark else "")


def read_appearance(path: Path) -> Appearance:
    """Read the file; everything is as we have it if there is none.

    Raises: ConfigurationError naming the keys that are wrong, or a logo that isn't there.
    """
    try:
        appearance = Appearance.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return Appearance()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        )
        raise ConfigurationError(f"{path} has wrong values: {wrong}. See docs/appearance.md.") from error
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}") from error
    if appearance.logo and not (path.parent / appearance.logo).is_file():
        raise ConfigurationError(f"{path} names the logo {appearance.logo}, which is not in {path.parent}/.")
    return appearance
