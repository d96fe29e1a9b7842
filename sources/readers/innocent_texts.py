"""Innocent texts: texts known to be neither personal nor in a legacy font.

The workbooks of a term repeat their labels, codes and notes; what the guard said of a
text alone it need not say again. A text is innocent when the guard finds nothing even
where it could mean most: above a filled cell, filling its column, beside a person's
name and beside a birth date.
"""

from __future__ import annotations

from collections.abc import Iterable

from sources.readers.personal import find_personal
from sources.readers.texts import is_legacy_font

_MOST_KNOWN = 1 << 14
_MOST_UNKNOWN = 400
"""More new texts than this are cheaper to judge together, as one sheet."""
_LONGEST = 400
_NAME, _BIRTH = "Nguyễn Văn An", "01/02/1990"
_known: set[str] = set()


def are_innocent(texts: Iterable[str]) -> bool:
    """True when every text is innocent, False when the guard must look at the sheet."""
    unknown = set(texts) - _known
    if len(unknown) > _MOST_UNKNOWN or not all(map(_is_innocent, unknown)):
        return False
    if len(_known) + len(unknown) > _MOST_KNOWN:
        _known.clear()
    _known.update(text for text in unknown if len(text) <= _LONGEST)
    return True


def _is_innocent(text: str) -> bool:
    if is_legacy_font(text):
        return False
    alone = find_personal([0, 1], [0, 0], "ss", [text, "x"])
    rows, columns = [0, 0, 1, 1], [0, 1, 0, 1]
    named = find_personal(rows, columns, "ssss", [text, _NAME] * 2)
    return not (alone or named)
