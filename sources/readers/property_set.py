"""Property set: the texts with which an old file describes itself (title, comments)."""

from __future__ import annotations

import struct

_TOLD = frozenset({2, 3, 5, 6})
"""Title, subject, key words, comments; not who wrote and saved it."""
_TEXT_TYPES = (0x1E, 0x1F)
_MOST = 100


def told_texts(data: bytes) -> list[str]:
    """The texts of one property set; what is broken in it says nothing."""
    try:
        section = struct.unpack_from("<I", data, 44)[0]
        count = min(struct.unpack_from("<I", data, section + 4)[0], _MOST)
        found: list[str] = []
        for number in range(count):
            key, at = struct.unpack_from("<II", data, section + 8 + 8 * number)
            kind, length = struct.unpack_from("<II", data, section + at)
            if key in _TOLD and kind in _TEXT_TYPES:
                begin = section + at + 8
                wide = kind == _TEXT_TYPES[1]
                raw = data[begin : begin + length * (2 if wide else 1)]
                found.append(raw.decode("utf-16-le" if wide else "latin-1", "replace"))
    except struct.error:
        return []
    return found
