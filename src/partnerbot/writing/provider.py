"""Any chat model that LangChain can reach, by one setting. The only module that knows providers.

`provider:model` goes to LangChain's init_chat_model, which imports the provider's package; a server
that speaks the OpenAI protocol (llama.cpp, vLLM, LM Studio, …) needs its address as well.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBinding

from partnerbot.errors import ConfigurationError, needing
from partnerbot.settings import Settings

_OPENAI = "openai"
_EXTRAS = {"openai": "langchain_openai", "ollama": "langchain_ollama", "mistralai": "langchain_mistralai"}
"""Providers that are extras of ours, and the module each needs."""

_NO_KEY = "no-key"
"""What a server that asks for no key is given: the OpenAI client refuses to start without one."""


def extra_for(settings: Settings) -> str:
    """Return the extra that installs what the model needs. Raises: ConfigurationError if none is named."""
    provider, _ = _parts(settings)
    return provider if provider in _EXTRAS else "llm"


def open_chat_model(settings: Settings) -> BaseChatModel:
    """Return the chat model that the settings name; nothing is asked of it yet.

    Raises: ConfigurationError if the provider's package is missing, or it refuses its settings.
        The message never contains the key.
    """
    provider, model = _parts(settings)
    with needing(extra_for(settings), f"PARTNERBOT_LLM={settings.llm}"):
        import_module(_EXTRAS.get(provider, "langchain"))
        from langchain.chat_models import init_chat_model

    try:
        chat: BaseChatModel = init_chat_model(
            model, model_provider=provider, **_arguments(provider, settings)
        )
    except ImportError as error:
        raise ConfigurationError(
            f"PARTNERBOT_LLM={settings.llm}: LangChain's package for {provider} is not installed. {error.msg}"
        ) from error
    except Exception as error:  # each provider refuses in its own way; its text may hold the key
        raise ConfigurationError(
            f"PARTNERBOT_LLM={settings.llm} can't be set up ({type(error).__name__}). Check the model's "
            "name, PARTNERBOT_LLM_API_KEY and PARTNERBOT_LLM_BASE_URL."
        ) from None
    return chat


_LINES = {
    "title": "lines",
    "description": "The text, one sentence or line of it each.",
    "type": "object",
    "properties": {"lines": {"type": "array", "items": {"type": "string"}}},
    "required": ["lines"],
    "additionalProperties": False,
}


def writing_lines(model: BaseChatModel) -> Runnable[Any, Any] | None:
    """Return the model, asked for its text as JSON; None if its package can't have it so, as text.

    Of the chain that LangChain makes only the first step streams; the next waits for the whole text.
    """
    try:
        bound = getattr(model.with_structured_output(_LINES, method="json_schema"), "first", None)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return bound if isinstance(bound, RunnableBinding) and "tools" not in bound.kwargs else None


def _parts(settings: Settings) -> tuple[str, str]:
    provider, colon, model = settings.llm.partition(":")
    if colon and (provider in _EXTRAS or not settings.llm_base_url):
        return provider, model
    if settings.llm_base_url:
        return _OPENAI, settings.llm  # a bare name, or one with a colon of its own ("gemma3:4b")
    raise ConfigurationError(
        f"PARTNERBOT_LLM={settings.llm} must name a provider and its model, as in ollama:gemma3:12b, "
        "or PARTNERBOT_LLM_BASE_URL must be set."
    )


def _arguments(provider: str, settings: Settings) -> dict[str, Any]:
    """What a provider is told. Retries are ours: a provider's own would outlast the visitor's patience."""
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    address = settings.llm_base_url or None
    if address:
        # The address is the owner's: a key of the provider's own variable must not go there.
        key = key or _NO_KEY
    known: dict[str, Any] = {"temperature": 0} | ({"base_url": address} if address else {})
    if provider == "ollama":
        return known | {
            "num_predict": settings.llm_answer_tokens,
            # Else it cuts the prompt's beginning off.
            "num_ctx": settings.llm_prompt_tokens + settings.llm_answer_tokens,
            "client_kwargs": {"timeout": settings.llm_answer_seconds}
            | ({"headers": {"Authorization": f"Bearer {key}"}} if key else {}),
        }
    known |= {
        "max_tokens": settings.llm_answer_tokens,
        "timeout": math.ceil(settings.llm_answer_seconds),
        "max_retries": 0,
    } | ({"api_key": key} if key else {})
    if provider == _OPENAI:
        known["stream_chunk_timeout"] = 0  # else it ends a slow server's request of its own accord
        if address:
            known["stream_usage"] = True
    return known
