"""The Jinja environment of the pages and the formats they share."""

from __future__ import annotations

from functools import cache

import jinja2
import pandas as pd


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
    return env


def vietnamese_number(value: object, decimals: int = 2) -> str:
    """`1656.5` as `1.656,5`; nothing for a missing value."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    text = f"{float(value):,.{decimals}f}"  # type: ignore[arg-type]
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))
