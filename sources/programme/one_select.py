"""One SELECT: whether a text is a single query that only reads, as far as text tells.

The database refuses writes by itself where it can; this says it before it is asked.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]\n]*\]"
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    re.DOTALL,
)
_WRITES = re.compile(
    r"\b(insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|into\s+outfile"
    r"|for\s+(no\s+key\s+)?(update|share))\b",
    re.IGNORECASE,
)
"""What a statement that begins as a SELECT may hold and still write or lock."""


def select_fault(select: str) -> str | None:
    """Why a text is no single SELECT, None where it is one; texts in quotes and
    comments are passed over."""
    bare = _QUOTED.sub(" ", select).strip().rstrip(";").strip()
    if not re.match(r"(select|with)\b", bare, re.IGNORECASE):
        return "begins neither with SELECT nor with WITH"
    if ";" in bare:
        return "holds more than one statement"
    if found := _WRITES.search(bare):
        return f"writes ({' '.join(found[0].split()).upper()})"
    depth = 0
    for bracket in re.findall(r"[()]", bare):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            break
    return None if depth == 0 else "has brackets that do not close"
