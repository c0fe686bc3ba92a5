"""Which of an owner's colours are hard to read on what is behind them, by WCAG 2."""

import re
from collections.abc import Iterator
from importlib.resources import files

from partnerbot.appearance import Colours

NEEDED = 4.5
"""The contrast that WCAG 2 (1.4.3) asks for between a text and what is behind it."""

_TEXT_ON = {
    "ink": ("paper", "card", "tint", "quoted", "caution-tint"),
    "ink-soft": ("paper", "card"),
    "accent": ("paper", "card", "tint"),
    "on-accent": ("accent", "accent-deep"),
    "mark-ink": ("mark",),
    "caution": ("paper", "card", "caution-tint"),
}
"""Colours of texts, and those that they stand on."""


def hard_to_read(colours: Colours) -> Iterator[str]:
    """Yield what is hard to read of what an owner's colours, with ours beside them, make of the page."""
    css = files("partnerbot.web").joinpath("static", "style.css").read_text("utf-8")
    ours = [
        dict(re.findall(r"(?<![-\w])--([a-z-]++): (#[0-9a-f]{6});", of))
        for of in re.findall(r":root \{[^}]*\}", css)
    ]
    for scheme, usual, own in zip(("light", "dark"), ours, (colours.light, colours.dark), strict=False):
        shown = usual | dict[str, str](own.items())
        for text, grounds in _TEXT_ON.items():
            for ground in grounds:
                reached = contrast(shown[text], shown[ground])
                if reached < NEEDED and own.keys() & {text, ground}:
                    yield (
                        f"{scheme}: {text} {shown[text]} on {ground} {shown[ground]} has a contrast of "
                        f"{reached:.1f}, and needs {NEEDED}"
                    )


def channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21."""

    def luminance(colour: str) -> float:
        shares = [channel / 255 for channel in channels(colour)]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)
