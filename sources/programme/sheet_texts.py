"""Sheet texts: texts of others in files of ours that people open in a spreadsheet.

A spreadsheet takes a text that begins like a formula for one. An apostrophe before it
keeps it a text; reading the file takes it away again.
"""

from __future__ import annotations

from typing import Final

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
_ESCAPE: Final = "'"
ESCAPED_SIGNS: Final = (*_FORMULA_SIGNS, _ESCAPE)
"""An apostrophe of the text's own gets one too, so that it is read back whole."""


def escaped(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"{_ESCAPE}{text}" if text.startswith(ESCAPED_SIGNS) else text


def unescaped(text: str) -> str:
    """The text that `escaped` was given."""
    is_escaped = text.startswith(_ESCAPE) and text[1:].startswith(ESCAPED_SIGNS)
    return text[1:] if is_escaped else text
