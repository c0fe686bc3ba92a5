"""Partnerbot answers questions from an institution's documents, with cited sources."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnerbot.answering.answer import Answer
    from partnerbot.bot import Partnerbot
    from partnerbot.errors import PartnerbotError
    from partnerbot.settings import Settings

__all__ = ["Answer", "Partnerbot", "PartnerbotError", "Settings"]

# Here, since libraries read these when they are first imported, and this module is imported before them in
# every process; children inherit them. Nothing of what is run, read or asked here is told to their makers.
os.environ.update(
    ORT_DISABLE_TELEMETRY="1",  # ONNX Runtime: an identifier and a queue in the user's cache, then sent
    HF_HUB_DISABLE_TELEMETRY="1",  # huggingface_hub, and what transformers and Gradio send through it
    GRADIO_ANALYTICS_ENABLED="False",
    ANONYMIZED_TELEMETRY="False",  # Chroma
)

__version__ = "0.1.0"

_MODULES = {
    "Answer": "partnerbot.answering.answer",
    "Partnerbot": "partnerbot.bot",
    "PartnerbotError": "partnerbot.errors",
    "Settings": "partnerbot.settings",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: `import partnerbot` alone takes no time."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
