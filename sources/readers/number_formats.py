"""Number formats: what a format of a cell makes of the number that the cell holds."""

from __future__ import annotations

import re

PERCENT_FORMATS = frozenset({9, 10})
"""Numbers of the built-in formats that show a percentage."""

QUOTED = re.compile(r'"[^"]*"|\\.')


def shows_percent(format_code: str) -> bool:
    """True when the format multiplies by 100: a `%` that is not quoted text."""
    return "%" in QUOTED.sub("", format_code)
