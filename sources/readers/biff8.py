"""BIFF8: the records of an .xls, and the lengths of its shared texts."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sources.readers.compound_file import CompoundFile, damaged

CONTINUE = 0x3C
_HEAD = struct.Struct("<HH")
_LONGEST = 8_224


class Record(NamedTuple):
    """One record: its type and its body, without what continues it."""

    kind: int
    body: bytes


def records(file: CompoundFile, place: int, offset: int = 0) -> Iterator[Record]:
    """Every record of a stream from `offset` on, in constant memory.

    Raises:
        Rejected: a record is too long or cut short.
    """
    data, at = b"", 0
    for chunk in file.chunks(place, offset):
        data, at = data[at:] + chunk, 0
        while at + 4 <= len(data):
            kind, length = _HEAD.unpack_from(data, at)
            if length > _LONGEST:
                raise damaged(
                    f"a record of {length} bytes", f"bản ghi dài {length} byte"
                )
            if at + 4 + length > len(data):
                break
            yield Record(kind, data[at + 4 : at + 4 + length])
            at += 4 + length


def shared_lengths(parts: Sequence[bytes]) -> Sequence[int]:
    """Characters of every shared text; `parts` are the table and its continuations.

    A text may go on in the next part, where one more byte says how it is written there.

    Raises:
        Rejected: the table ends inside a text.
    """
    lengths = array("L")
    reader = _Parts(parts)
    reader.skip(8)
    while reader.more():
        count, flags = struct.unpack("<HB", reader.take(3))
        runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
        reader.skip_text(count, 2 if flags & 1 else 1)
        reader.skip(4 * runs + extra)
        lengths.append(count)
    return lengths


class _Parts:
    """A reading place in a table that is cut into records."""

    def __init__(self, parts: Sequence[bytes]):
        self._parts = parts
        self._part = self._at = 0

    def more(self) -> bool:
        while self._part < len(self._parts) and self._at >= len(
            self._parts[self._part]
        ):
            self._part += 1
            self._at = 0
        return self._part < len(self._parts)

    def take(self, count: int) -> bytes:
        if not self.more() or self._at + count > len(self._parts[self._part]):
            raise _cut()
        self._at += count
        return self._parts[self._part][self._at - count : self._at]

    def skip(self, count: int) -> None:
        while count:
            if not self.more():
                raise _cut()
            step = min(count, len(self._parts[self._part]) - self._at)
            self._at += step
            count -= step

    def skip_text(self, count: int, width: int) -> None:
        while count:
            left = len(self._parts[self._part]) - self._at
            step = min(count, left // width)
            self._at += step * width
            count -= step
            if count:
                self._at = len(self._parts[self._part])
                if not self.more():
                    raise _cut()
                width = 2 if self.take(1)[0] & 1 else 1


def short_text(body: bytes, at: int) -> str:
    """A text with one byte of length, as names of sheets have."""
    return _text(body, at + 1, body[at]) if at < len(body) else ""


def long_text(body: bytes, at: int) -> str:
    """A text with two bytes of length."""
    if at + 2 > len(body):
        return ""
    return _text(body, at + 2, struct.unpack_from("<H", body, at)[0])


def _text(body: bytes, at: int, count: int) -> str:
    if at >= len(body):
        return ""
    is_wide = body[at] & 1
    data = body[at + 1 : at + 1 + count * (2 if is_wide else 1)]
    return data.decode("utf-16-le" if is_wide else "latin-1", "replace")


def _cut() -> Exception:
    return damaged("its table of texts is cut short", "bảng chữ bị cắt cụt")
