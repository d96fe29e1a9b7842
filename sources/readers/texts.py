"""Texts: one spelling per text, so that equal words compare equal."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_TCVN3 = re.compile(
    r"[A-Za-z][µ¸¶·¹¨©ª¬¾¼½](?=[a-z]|\b|$)|®[a-z]|[a-z][ÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞ](?![A-Z])"
)
_WIDE = re.compile("[\uff01-\uff5e]")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def fold(text: str) -> str:
    """One text as NFC, every run of spaces (also no-break ones) one blank, trimmed."""
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", composed).strip()


def fold_case(text: str) -> str:
    """One text folded for comparing: `fold` and no difference of case."""
    return fold(text).casefold()


def narrow(text: str) -> str:
    """One text with full-width forms as plain ones; NFKC would turn `5²` to 52."""
    return text.translate(_NARROW) if _WIDE.search(text) else text


def is_legacy_font(text: str) -> bool:
    """True when a text reads like TCVN3 bytes shown as Latin-1: `hép møt tÕt`.

    Those fonts put vowels with tone on signs that no Latin text has inside a word.
    """
    return not text.isascii() and _TCVN3.search(text) is not None
