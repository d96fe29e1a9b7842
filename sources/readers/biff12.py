"""BIFF12: the records of one binary part of an .xlsb, one at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sources.readers.container import Container
from sources.readers.rejections import Rejected

_LONGEST = 1 << 20
"""Bytes of a record: a text of 32,767 characters with its formula is far below."""

_UINT = struct.Struct("<I")


def records(container: Container, part: str) -> Iterator[tuple[int, bytes]]:
    """(type, body) of every record of the part, in constant memory.

    Raises:
        Rejected: the part ends inside a record, or one claims to be too long.
    """
    rest = b""
    for chunk in container.chunks(part):
        data, at = rest + chunk, 0
        while True:
            head = _head(data, at)
            if head is None:
                break
            kind, length, start = head
            if length > _LONGEST:
                raise _damaged(part, f"a record of {length} bytes")
            if start + length > len(data):
                break
            yield kind, data[start : start + length]
            at = start + length
        rest = data[at:]
    if rest:
        raise _damaged(part, "it ends inside a record")


def wide_text(part: str, body: bytes, at: int) -> tuple[str, int]:
    """One counted UTF-16 text in a record, and where the next field begins."""
    if at + 4 > len(body):
        raise _damaged(part, "a text is cut short")
    count = _UINT.unpack_from(body, at)[0]
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(body):
        raise _damaged(part, "a text is cut short")
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Type, length and begin of the body of the record at `at`, None if cut."""
    end = len(data)
    if at >= end:
        return None
    kind = data[at]
    at += 1
    if kind & 0x80:
        if at >= end:
            return None
        kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
        at += 1
    length = 0
    for shift in (0, 7, 14, 21):
        if at >= end:
            return None
        byte = data[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return kind, length, at


def _damaged(part: str, why: str) -> Rejected:
    return Rejected("X_DAMAGED", f"{part}: {why}")
