"""Fills: a cell's own colour as a short text, so that a later reply can put it back."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

_TEXT = re.compile(
    r"rgb ([0-9A-F]{8})|theme ([0-9]{1,3}) (-?[0-9.]{1,8})|indexed ([0-9]{1,3})"
)


def fill_text(fill: Any) -> str:
    """The colour of a solid fill; '' for none and for patterns, which are not kept."""
    if fill.fill_type != "solid":
        return ""
    colour = fill.fgColor
    if colour.type == "theme":
        return f"theme {colour.theme} {colour.tint:.3f}"
    return f"{colour.type} {colour.value}"


def fill_of_text(text: str) -> PatternFill:
    """The fill that `fill_text` described; none for anything else."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return PatternFill()
    rgb, theme, tint, indexed = found.groups()
    if rgb is not None:
        colour = Color(rgb=rgb)
    elif theme is not None:
        colour = Color(theme=int(theme), tint=float(tint))
    else:
        colour = Color(indexed=int(indexed))
    return PatternFill("solid", fgColor=colour)
