"""Every choice an owner can make, read once from the environment (PARTNERBOT_*) and the file .env."""

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from dotenv.parser import parse_stream
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from partnerbot.addresses import (
    PublicAddress,
    normal_networks,
    normal_origins,
    normal_public_url,
    public_address,
)
from partnerbot.appearance import Appearance, read_appearance
from partnerbot.errors import ConfigurationError, cause, wrong_values
from partnerbot.passwords import known_hash

Strictness = Literal["lenient", "balanced", "strict"]
"""When an answer is given: at the risk of a wrong one, or rather not."""

Ocr = bool | Literal["tesseract"]
"""Whether pictures of text are read, and if not by what comes with partnerbot, by which program."""

_PREFIX = "PARTNERBOT_"
_UTF_8 = "utf-8-sig"  # editors on Windows begin files with a mark

EMBEDDED = "embedded"
"""The value that names the model which comes with partnerbot, for embeddings as for reading."""


class Settings(BaseSettings):
    """Frozen settings; each field is the environment variable PARTNERBOT_<FIELD>, or a line of .env.

    The environment wins over `.env` in the current folder, which may hold other programs' variables, too.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_file_encoding=_UTF_8,
        dotenv_filtering="match_prefix",
        env_ignore_empty=True,
        frozen=True,
    )

    documents: Path = Field(Path("documents"), description="Folder of documents to index.")
    sources: Path = Field(
        Path("sources.toml"), description="What 'partnerbot sync' fetches: pages, sitemaps and feeds."
    )
    synced: Path = Field(
        Path("synced"),
        description="Folder of the pages that were fetched, indexed with the documents; "
        "can be fetched again.",
    )
    index: Path = Field(Path("index"), description="Folder of the index; can be rebuilt.")
    index_url: Annotated[str, AfterValidator(normal_public_url)] = Field(
        "",
        description="A Chroma server that has the index for several machines: 'http://chroma.internal:8000'.",
    )
    index_token: SecretStr = Field(
        SecretStr(""), description="Token that the proxy before the Chroma server checks."
    )
    embedding_model: str = Field(
        EMBEDDED,
        description="'embedded', or any sentence-transformers model: a hub id or a local folder.",
    )
    reader_model: str = Field(
        EMBEDDED,
        description="'embedded', or any extractive question-answering model of "
        "transformers trained with unanswerable questions: a hub id or a local folder.",
    )
    reranker_model: str = Field(
        "",
        description="Any sentence-transformers CrossEncoder, to put the first 20 passages in order: a hub id "
        "or a local folder; none by default.",
    )
    strictness: Strictness = Field(
        "balanced",
        description="When to answer: 'lenient' (rather a wrong answer than none), 'balanced', or 'strict'.",
    )
    llm: str = Field(
        "",
        description="Language model that writes the answers, every sentence verified: 'ollama:gemma3:12b', "
        "'openai:…', 'mistralai:…'; none by default: answers are quoted (docs/llm.md).",
    )
    llm_base_url: str = Field(
        "", description="Address of a server that speaks the OpenAI protocol: 'http://127.0.0.1:8080/v1'."
    )
    llm_api_key: SecretStr | None = Field(
        None, description="Key for the model, if its provider's own variable isn't to be used."
    )
    llm_first_token_seconds: float = Field(
        10, gt=0, description="Wait for the model's first word, or its next; then the answer is quoted."
    )
    llm_answer_seconds: float = Field(
        30, gt=0, le=480, description="Time for a whole written answer, 480 at most."
    )
    llm_answer_tokens: int = Field(500, ge=50, description="Tokens of a written answer, at most.")
    llm_prompt_tokens: int = Field(
        4_000,
        ge=1_500,
        description="Tokens that the model is given to read, at most: more excerpts, or a faster first word.",
    )
    llm_daily_tokens: int = Field(
        0, ge=0, description="Tokens this process may spend in a day (UTC); 0: any. Then answers are quoted."
    )
    llm_concurrent: int = Field(
        4, ge=1, description="Answers that the model writes at once; further ones are quoted."
    )
    ocr: Ocr = Field(
        True,
        description="Pages of PDFs and picture files without text are read by text recognition (OCR), some "
        "seconds each; 'tesseract': by that program, in the languages it has; 'false': they are named and "
        "left out.",
    )
    register_file: Path = Field(
        Path("register.csv"), description="Staff's corrections of the partnerships that the documents state."
    )
    glossary: Path = Field(
        Path("glossary.yaml"), description="Names in all their spellings: questions in any script find them."
    )
    curated: Path = Field(
        Path("curated.toml"),
        description="Answers that staff wrote themselves, by their questions (docs/operate.md).",
    )
    contact: str = Field(
        "",
        description="Where visitors are sent when the documents don't say: "
        "a web address, an e-mail or a telephone number.",
    )
    appearance: Path = Field(
        Path("appearance.toml"),
        description="Name, logo, colours, contact, notice and example questions, in one file.",
    )
    golden: Path = Field(
        Path("golden.toml"),
        description="Questions with known replies: a new index that answers fewer of them is not used.",
    )
    feedback: bool = Field(
        True, description="Visitors are asked whether an answer was useful, and what they say is kept."
    )
    feedback_questions: bool | None = Field(
        None,
        description="Keep the question and the answer with the feedback on them; by default with 'No' alone, "
        "where questions are kept.",
    )
    host: str = Field("127.0.0.1", description="Address the chat listens on.")
    port: int = Field(7860, ge=0, le=65535, description="Port the chat listens on.")
    log: Literal["text", "json"] = Field(
        "text",
        description="How the server's log is written: 'text', or 'json' with a line for each question: "
        "how it ended, never what was asked.",
    )
    metrics_host: str = Field("127.0.0.1", description="Address on which Prometheus may ask for figures.")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port for Prometheus, which asks for '/metrics' there; 0: none."
    )
    allowed_origins: Annotated[str, AfterValidator(normal_origins)] = Field(
        "",
        description="Other sites that may embed the chat and call its API, separated by commas: "
        "'https://www.example.org'.",
    )
    public_url: Annotated[str, AfterValidator(normal_public_url)] = Field(
        "",
        description="Where visitors reach the chat, with the path if it has one; needed for any name with a "
        "dot, behind a proxy or not: 'https://www.example.org/chat'.",
    )
    trusted_proxies: Annotated[str, AfterValidator(normal_networks)] = Field(
        "",
        description="Proxies whose X-Forwarded-For is believed, separated by commas: '127.0.0.1,10.0.0.0/8'. "
        "Without this, all visitors behind a proxy count as one client.",
    )
    questions_per_minute: int = Field(60, ge=0, description="Questions a client may ask in a minute; 0: any.")
    questions_per_day: int = Field(2_000, ge=0, description="Questions a client may ask in a day; 0: any.")
    all_questions_per_minute: int = Field(
        1_200, ge=0, description="Questions all may ask in a minute; 0: any."
    )
    all_questions_per_day: int = Field(50_000, ge=0, description="Questions all may ask in a day; 0: any.")
    requests_per_minute: int = Field(
        600,
        ge=0,
        description="Requests of any kind, files of pages apart, that a client may send in a minute; 0: any.",
    )
    limits_store: str = Field(
        "memory",
        description="Where questions are counted: 'memory', or for several replicas 'redis://host:6379'.",
    )
    challenge: bool = Field(
        False,
        description="Before a client's first question its browser has to calculate for a moment: "
        "slows programs that ask from many addresses.",
    )
    completions: bool = Field(
        False,
        description="Answer at /v1 as OpenAI's chat completions do, for chat programs such as Open WebUI.",
    )
    completions_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys of which those programs must show one, separated by commas, each as it is or as "
        "'sha256:…'; without any, all may ask.",
    )
    mcp: bool = Field(
        False,
        description="Offer the documents at /mcp to assistants that speak the Model Context Protocol; needs "
        "the extra 'mcp' (docs/install.md).",
    )
    concurrent_answers: int = Field(
        2, ge=1, description="Answers worked out at once; not more than the machine has cores."
    )
    waiting_questions: int = Field(
        32, ge=1, description="Questions that may wait for that; to more, the answer is 'busy', at once."
    )
    state: Path = Field(
        Path("state"), description="Folder of what is kept for staff, and of what 'partnerbot pause' writes."
    )
    records: SecretStr = Field(
        SecretStr(""),
        description="A PostgreSQL that keeps for several replicas what is kept for staff: "
        "'postgresql://user:password@host/name'; by default each has a file of SQLite in its state folder.",
    )
    keep_questions_days: int = Field(
        0,
        ge=0,
        description="Days for which questions are kept, without addresses; 0 keeps none, "
        "and deletes what was kept before.",
    )
    keep_feedback_days: int = Field(
        365,
        ge=1,
        description="Days after which feedback is deleted: no later than questions, where some are in it by "
        "default.",
    )

    staff_password_hash: Annotated[SecretStr, AfterValidator(known_hash)] = Field(
        SecretStr(""),
        description="Opens /staff, where staff see what is asked, with figures of each day: the line that "
        "'partnerbot staff-password' prints; by default there is no such page, and nothing is counted.",
    )

    @cached_property
    def owner(self) -> Appearance:
        """What the file of `appearance` states, read once: who changes it, or names another, restarts.

        Raises: ConfigurationError, as `read_appearance`.
        """
        return read_appearance(self.appearance)

    @property
    def has_staff_page(self) -> bool:
        """Whether there is a page for staff."""
        return bool(self.staff_password_hash)

    @property
    def feedback_with_question(self) -> tuple[bool, ...]:
        """With which replies to "Was this useful?" the question and the answer are kept."""
        if self.feedback_questions is None:
            return (False,) if self.keep_questions_days else ()
        return (True, False) if self.feedback_questions else ()

    @property
    def feedback_days(self) -> int:
        """Days after which feedback is deleted."""
        by_default = self.feedback_questions is None and self.keep_questions_days
        return min(self.keep_feedback_days, by_default or self.keep_feedback_days)

    @property
    def embedders(self) -> tuple[str, ...]:
        """The origins of `allowed_origins`."""
        return tuple(self.allowed_origins.split())

    @property
    def public_address(self) -> PublicAddress | None:
        """`public_url` in its parts; None if it isn't stated."""
        return public_address(self.public_url) if self.public_url else None

    @property
    def prefix(self) -> str:
        """The path below which visitors reach the chat: empty, or "/path"."""
        return self.public_address.prefix if self.public_address else ""


def read_settings(**overrides: object) -> Settings:
    """Read the environment and .env; keyword arguments that are not None win over them.

    As a line of .env, a variable of the environment that begins as ours do must be one of ours.

    Raises: ConfigurationError naming each wrong variable and what it takes, or what is wrong in .env.
    """
    try:
        _check_lines(Path(".env"))
        names = [name.lower() for name in os.environ if name.upper().startswith(_PREFIX)]
        unknown = sorted({name.removeprefix(_PREFIX.lower()) for name in names} - {*Settings.model_fields})
        if unknown:
            wrong = f"{', '.join(map(_variable, unknown))}: nothing has this name"
            raise ConfigurationError(f"Wrong settings: {wrong}{_near(unknown)}. See docs/settings.md.")
        return Settings.model_validate({key: value for key, value in overrides.items() if value is not None})
    except ValidationError as error:
        wrong = wrong_values(error, lambda place: _variable(place[0]) if place else ".env")
        unknown = [str(item["loc"][0]) for item in error.errors() if item["type"] == "extra_forbidden"]
        raise ConfigurationError(f"Wrong settings: {wrong}{_near(unknown)}. See docs/settings.md.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f".env can't be read: {cause(error)}.") from error


def _variable(name: int | str) -> str:
    return f"{_PREFIX}{name}".upper()


def _near(unknown: Sequence[str]) -> str:
    """Say which names are nearly those that nothing has, as what follows a list of these."""
    near = [name for one in unknown for name in get_close_matches(one, Settings.model_fields, 1)]
    return f" (is {', '.join(map(_variable, near))} meant?)" if near else ""


def _check_lines(file: Path) -> None:
    """Raises: ConfigurationError for a line that would be passed over; OSError; UnicodeDecodeError."""
    if not file.is_file():
        return
    with file.open(encoding=_UTF_8) as lines:
        broken = next((one.original for one in parse_stream(lines) if one.error), None)
    if broken is not None:
        why = "a value that begins with a quote has to end with it"
        line = broken.string.lstrip()
        if not re.match(r"[^'\"=]*=\s*['\"]", line):
            why = "it isn't written NAME=value, the name without spaces"
        at = broken.line + broken.string[: -len(line)].count("\n")
        raise ConfigurationError(f"{file}, line {at}, can't be read: {why}. Correct or remove it.")


def load_settings(**overrides: object) -> Settings:
    """Return the same with the contact that the file of `appearance` states, if nothing else does.

    Raises: ConfigurationError as `read_settings`, or for what is wrong in that file.
    """
    settings = read_settings(**overrides)
    contact = settings.owner.contact.line
    if contact and "contact" not in settings.model_fields_set:
        return settings.model_copy(update={"contact": contact})
    return settings
