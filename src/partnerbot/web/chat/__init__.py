"""The chat's page: all that knows Gradio."""
