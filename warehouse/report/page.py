"""The Jinja environment of the pages and the formats they share."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from functools import cache

import jinja2
import pandas as pd
from markupsafe import Markup

NARROW = "\u202f"
"""Keeps a figure and its unit on one line."""
_CLOSE = 0.01


@cache
def environment() -> jinja2.Environment:
    """Autoescaping, strict about names that do not exist."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("warehouse.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["vi"] = vietnamese_number
    env.filters["beside"] = number_beside
    env.filters["cut"] = cut_text
    env.filters["day"] = day
    env.filters["moment"] = moment
    return env


@cache
def script(template: str) -> tuple[Markup, Markup]:
    """A page's script and the only permission its policy gives: that very text."""
    text = environment().get_template(template).render()
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    allowed = Markup("script-src 'sha256-{}'").format(digest)
    return Markup(text), allowed  # noqa: S704  - our own file


def vietnamese_number(value: object, decimals: int = 2) -> str:
    """`1656.5` as `1.656,5`; nothing for a missing value."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    text = f"{float(value):,.{decimals}f}"  # type: ignore[arg-type]
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.translate(str.maketrans(",.", ".,"))


def number_beside(value: object, other: object, unit: str | None = None) -> str:
    """A figure beside the one that judges it: digits enough to see them differ."""
    text = vietnamese_number(value)
    if not text:
        return ""
    if not (other is None or pd.isna(other)):  # type: ignore[call-overload]
        apart = abs(float(value) - float(other))  # type: ignore[arg-type]
        if 0 < apart < _CLOSE:
            text = vietnamese_number(value, 6)
    return f"{text}{NARROW}{unit}" if unit else text


def cut_text(cut: object) -> str:
    """`giảm 12,18 %`, `tăng 12,53 %`; nothing for none."""
    text = vietnamese_number(cut)
    if not text:
        return ""
    return f"{'tăng' if text[0] == '-' else 'giảm'} {text.lstrip('-')}{NARROW}%"


def day(value: dt.date | None) -> str:
    """`31/12/2025`; nothing for none."""
    return value.strftime("%d/%m/%Y") if value else ""


def moment(value: dt.datetime | None) -> str:
    """`31/12/2025 07:00 UTC`; nothing for none."""
    return f"{value.strftime('%d/%m/%Y %H:%M')} UTC" if value else ""
