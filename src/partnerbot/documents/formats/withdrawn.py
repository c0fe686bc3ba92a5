"""What a page's markup takes back or hides: struck out, deleted, not shown. None of it is text."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree  # type: ignore[import-untyped]

_STRUCK_OUT = ("del", "s", "strike")
_NEVER_SHOWN = ("template", "noscript", "datalist")
# Words in the values of an inline style's properties.
_TAKES_BACK = {
    "display": {"none"},
    "visibility": {"hidden", "collapse"},
    "text-decoration": {"line-through"},
    "text-decoration-line": {"line-through"},
}
# Some pages are hidden as a whole until a script has run.
_WHOLE_PAGE = ("html", "body")


def is_withdrawn(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Tell whether an HTML element takes back or hides what it holds, by its tag, `hidden` or inline style.

    What style sheets, colours or sizes hide isn't known here.
    """
    if tag in _STRUCK_OUT or tag in _NEVER_SHOWN or (tag == "dialog" and "open" not in attributes):
        return True
    if tag in _WHOLE_PAGE:
        return False
    # Text "until-found" is folded up: a reader's search unfolds it.
    if "hidden" in attributes and (attributes["hidden"] or "").strip().lower() != "until-found":
        return True
    style = attributes.get("style")
    return bool(style) and any(
        _TAKES_BACK.get(name, set()) & set(value.split()) for name, value in _declarations(str(style))
    )


def without_withdrawn(root: etree._Element) -> None:
    """Empty the elements of a parsed page that are withdrawn; what follows them stays."""
    for element in list(root.iter(etree.Element)):
        if is_withdrawn(element.tag, element.attrib):
            # Not dropped: joining what stands around each of many takes the square of their number.
            element.clear(keep_tail=True)
            element.tag = "span"


def _declarations(style: str) -> list[tuple[str, str]]:
    """Return what is in force of an inline style: the last of a name, or the last that is important."""
    pairs = [declaration.partition(":") for declaration in style.lower().replace("!", " !").split(";")]
    pairs.sort(key=lambda pair: "!" in pair[2])
    return list({name.strip(): value for name, _, value in pairs}.items())
