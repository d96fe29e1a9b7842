"""Texts: one spelling per text, so that equal words compare equal.

Folding is NFC, all kinds of blanks as one, nothing invisible; the programme's own files
are folded alike. Legacy Vietnamese fonts (TCVN3, VNI) are told by letters that no
Unicode text has in such places; they are never converted. Which marks, words and
numbers a text may hold is in `marks` and `numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sources.programme.folding import fold

__all__ = ["fold", "fold_case", "is_legacy_font", "narrow"]

_HIDDEN_IN_FIGURE = re.compile(
    r"[\u061c\u202a-\u202e\u2066-\u2069]"
    r"|(?<=\d)[\u00ad\u034f\u180e\u200b-\u200f\u2060-\u206f\ufeff]+(?=[\d.,])"
    r"|(?<=[.,])[\u00ad\u034f\u180e\u200b-\u200f\u2060-\u206f\ufeff]+(?=\d)"
)
"""Marks that turn the order of what is seen, and others between digits."""

_TCVN3 = re.compile(
    r"[A-Za-z][µ¸¶·¹¨©ª¬¾¼½](?=[a-z]|\b|$)|®[a-z]|[a-z][ÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞ](?![A-Z])"
)
_VNI_PAIR = re.compile(
    "[øûïåäëüâêôñØÛÏÅÄËÜÂÊÔÑ](?:(?<=[aeouyôöAEOUYÔÖ][øûïåäëüØÛÏÅÄËÜ])"
    "|(?<=[aeoAEO][âÂ])|(?<=[aA][êÊ])|(?<=[öÖ][ôÔ])"
    "|(?<=[ñÑ])(?=[aeiouyôöìíæóòAEIOUYÔÖÌÍÆÓÒ]))"
)
_VNI_VOWEL = "(?:[aeouyôö][âêøùûõïáàåãäéèúüë]?|[iìíæóòî])"
_VNI_SYLLABLE = re.compile(
    rf"(?:ngh?|nh|gh?|gi|kh|ph|th|tr|ch|qu|[bcdñhklmnpqrstvx])?{_VNI_VOWEL}{{1,3}}"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_WORD = re.compile(r"[^\W\d_]+")
_WIDE = re.compile("[\uff01-\uff5e]")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def fold_case(text: str) -> str:
    """One text folded for comparing: `fold` and no difference of case."""
    return fold(text).casefold()


def narrow(text: str) -> str:
    """One text with full-width forms as plain ones; NFKC would turn `5²` to 52."""
    return text.translate(_NARROW) if _WIDE.search(text) else text


def has_hidden_marks(text: str) -> bool:
    """True for a text whose figure may not read as people see it.

    One that turns the direction makes 156 look like 165.
    """
    return not text.isascii() and _HIDDEN_IN_FIGURE.search(text) is not None


def is_legacy_font(text: str) -> bool:
    """True when a text reads like TCVN3 or VNI bytes shown as Latin-1.

    TCVN3 (`hép møt tÕt`) puts vowels with tone on signs that no Latin text has inside a
    word. VNI (`hoäp möùt teát`) writes marks as letters of their own, so a word with
    such a pair must be a Vietnamese syllable by them: `geändert` and `naïf` are none.
    """
    if text.isascii():
        return False
    return _TCVN3.search(text) is not None or _is_vni(text)


def _is_vni(text: str) -> bool:
    if _VNI_PAIR.search(text) is None:
        return False
    words = (match.group().lower() for match in _WORD.finditer(text))
    return any(_VNI_PAIR.search(w) and _VNI_SYLLABLE.fullmatch(w) for w in words)


def first_of(texts: Sequence[str], most: int = 8) -> str:
    """The first texts of a list, for a message, and how many more there are."""
    more = f", … (+{len(texts) - most})" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
