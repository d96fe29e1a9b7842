"""Number formats: what a format of a cell makes of the number that the cell holds."""

from __future__ import annotations

import re

PERCENT_FORMATS = frozenset({9, 10})
"""Numbers of the built-in formats that show a percentage."""

_SHOWN_AS_IT_IS = re.compile(r'"[^"]*"|[\\_*].|\[[^\]]*\]', re.DOTALL)
_CONDITIONS = ("[<", "[>", "[=")
QUOTED = re.compile(r'"[^"]*"|\\.')


def shows_percent(format_code: str) -> bool:
    """True when the format multiplies a positive number by 100.

    A `%` that is quoted, escaped, in brackets, or names the width or the character of a
    gap does not, nor does one in the section of negative numbers or of zero. Where the
    sections have conditions of their own, a `%` in any of them counts.
    """
    code = _SHOWN_AS_IT_IS.sub(_condition, format_code)
    return "%" in (code if "[" in code else code.partition(";")[0])


def _condition(match: re.Match[str]) -> str:
    return "[" if match[0].startswith(_CONDITIONS) else ""
