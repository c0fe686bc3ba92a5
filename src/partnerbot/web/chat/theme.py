"""The chat component's theme: everything follows the tokens of static/style.css.

Tokens are defined once, in the stylesheet that the source pages share, for light
and dark. No font is loaded: the visitor's system has better ones for Japanese.
"""

from __future__ import annotations

import gradio as gr

_TOKENS = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--ink-soft)",
    "background_fill_primary": "var(--paper)",
    "background_fill_secondary": "var(--paper)",
    "block_background_fill": "transparent",
    "border_color_primary": "var(--line)",
    "color_accent_soft": "var(--tint)",
    "input_background_fill": "var(--card)",
    "input_border_color": "var(--line-strong)",
    "input_border_color_focus": "var(--accent)",
    "input_placeholder_color": "var(--ink-soft)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent-deep)",
    "button_primary_text_color": "var(--on-accent)",
    "button_primary_text_color_hover": "var(--on-accent)",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--tint)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_text_color_hover": "var(--ink)",
    "link_text_color": "var(--accent)",
    "link_text_color_hover": "var(--accent-deep)",
    "link_text_color_visited": "var(--accent)",
    "link_text_color_active": "var(--accent-deep)",
}


def theme() -> gr.themes.Base:
    """Return the theme, the same in light and dark: the tokens themselves change."""
    base = gr.themes.Base(font="var(--sans)", font_mono="ui-monospace", radius_size="sm")
    # A variant that a theme does not have is refused, so only the dark ones that exist are set.
    dark = {f"{name}_dark": value for name, value in _TOKENS.items() if hasattr(base, f"{name}_dark")}
    return base.set(**_TOKENS, **dark)
