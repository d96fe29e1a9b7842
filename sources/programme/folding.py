"""Folding: one spelling per text, so that equal words compare equal everywhere.

Of names in a programme's own files and of texts in what is sent to it alike.
"""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    r"\ufeff]"
)


def fold(text: str) -> str:
    """One text as NFC, every run of spaces (also no-break ones) one blank, trimmed.

    Nothing invisible is left.
    """
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", composed).strip()
