"""Partnerbot answers questions from an institution's documents, with cited sources."""

import os

# Here, since libraries read these when they are first imported, and this module is imported before them in
# every process; children inherit them. Nothing of what is run, read or asked here is told to their makers.
os.environ.update(
    ORT_DISABLE_TELEMETRY="1",  # ONNX Runtime: an identifier and a queue in the user's cache, then sent
    HF_HUB_DISABLE_TELEMETRY="1",  # huggingface_hub, and what transformers and Gradio send through it
    GRADIO_ANALYTICS_ENABLED="False",
    ANONYMIZED_TELEMETRY="False",  # Chroma
)

__version__ = "0.1.0"
