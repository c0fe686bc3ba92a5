"""Every choice an owner can make, read once from the environment (PARTNERBOT_*)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from partnerbot.errors import ConfigurationError


class Settings(BaseSettings):
    """Frozen settings; each field is the environment variable PARTNERBOT_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="PARTNERBOT_", frozen=True, env_ignore_empty=True)

    documents: Path = Field(Path("documents"), description="Folder of documents to index.")
    index: Path = Field(Path("index"), description="Folder of the index; can be rebuilt.")
    embedding_model: str = Field(
        "embedded",
        description="'embedded', or any sentence-transformers model: a hub id or a local folder.",
    )
    contact: str = Field(
        "https://www.clairparis.org/",
        description="Where visitors are sent when the documents don't say: an address or e-mail.",
    )
    examples: Path = Field(
        Path("examples.toml"), description="Example questions by language; those the index answers are shown."
    )
    host: str = Field("127.0.0.1", description="Address the chat listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port the chat listens on.")


def load_settings(**overrides: object) -> Settings:
    """Read the environment; keyword arguments that are not None win over it.

    Raises: ConfigurationError naming each wrong variable and what it takes.
    """
    try:
        return Settings.model_validate({key: value for key, value in overrides.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(
            f"PARTNERBOT_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise ConfigurationError(f"Wrong settings: {wrong}. See the settings table in README.md.") from error
