"""What `Tiếng Việt. · English.` has to look like."""

from __future__ import annotations

import re

VIETNAMESE = re.compile("[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
FUNCTION_WORDS = re.compile(r"\b(?:các|của|là|và|khi|bằng|với|không|theo)\b")
"""Words that no English sentence has; names of places and quotations hold none."""


def halves_fault(text: str) -> str:
    """What is wrong with a description; nothing where both languages are there."""
    if text != " ".join(text.split()):
        return "is not one line"
    halves = text.split(" · ")
    if len(halves) != 2:
        return "is not two halves"
    vi, en = halves
    if not all(re.search(r"\w{2}.*[.]$", half) for half in halves):
        return "has a half that is no sentence"
    if not VIETNAMESE.search(vi):
        return "has no Vietnamese"
    return "has Vietnamese in its English half" if FUNCTION_WORDS.search(en) else ""
