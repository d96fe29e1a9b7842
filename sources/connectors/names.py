"""Names: which files are wanted, how a name is shown, and addresses as plain text."""

from __future__ import annotations

import functools
import os
import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
"""Endings that copy programs give to files they are still writing."""

_ESCAPED = "escaped:"
"""Before a percent-escaped path whose bytes are no UTF-8 (old archives, shares)."""
_EITHER = re.compile(r"\\\{([^{}]*)\\\}")
"""Braces, as `re.escape` writes them."""


def is_wanted(relative: str, pattern: str) -> bool:
    """True for a finished, visible file below a folder whose path fits the pattern."""
    parts = relative.split("/")
    name = parts[-1]
    if any(part.startswith(".") for part in parts) or name.startswith("~$"):
        return False
    if name.lower().endswith(UNFINISHED_SUFFIXES):
        return False
    return bool(_glob(pattern).fullmatch(unicodedata.normalize("NFC", relative)))


def readable(name: str) -> str:
    """A name in composed characters, bytes that are no text shown as such."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text)


def uri_of(path: str) -> str:
    """The path as text that any store takes: bytes that are no UTF-8 go escaped."""
    is_text = not any("\ud800" <= letter <= "\udfff" for letter in path)
    return path if is_text else _ESCAPED + quote(os.fsencode(path))


def path_of(uri: str) -> str:
    """The path or address that `uri_of` was given."""
    if uri.startswith(_ESCAPED):
        return os.fsdecode(unquote_to_bytes(uri.removeprefix(_ESCAPED)))
    return uri.removeprefix("file://")


@functools.cache
def _glob(pattern: str) -> re.Pattern[str]:
    """One regular expression per pattern: `**/` spans folders, `*` and `?` do not.

    `{xlsx,ods}` is either of them.
    """
    text = re.escape(unicodedata.normalize("NFC", pattern))
    text = text.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    text = text.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    text = _EITHER.sub(lambda m: f"(?:{m[1].replace(',', '|')})", text)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
