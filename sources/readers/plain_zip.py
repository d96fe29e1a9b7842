"""Plain zip: the container of a workbook written the usual way, read without detours.

Takes only what leaves no room for two readings: one table of contents at the very end,
no extra fields in it, plain names, stored or deflated entries whose sizes, checksums
and second headers agree. Anything else is `NotPlain` and goes to `container`, which
alone decides what is refused.
"""

from __future__ import annotations

import functools
import struct
import zlib

from sources.readers.container import is_bomb, is_harmless_name
from sources.readers.limits import Limits

MOST_FILE = 1 << 20
MOST_PART = 4 << 20
_MOST_REMEMBERED = 1 << 16
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s2x3H4x3L4H6xL")
_LOCAL = struct.Struct("<4s5H3L2H")
_ZIP_VERSION = 45
_USUAL_FLAGS = 0x080E  # how it was deflated, sizes after the data, name in UTF-8
_METHODS = (0, 8)


class NotPlain(Exception):
    """This workbook is to be read the long way; says nothing against it."""


class PlainZip:
    """The entries of one container that is held in memory.

    Raises:
        NotPlain: on opening or reading, where the container is not plain.
    """

    def __init__(self, data: bytes, limits: Limits):
        self._data = data
        self._entries: dict[str, tuple[int, ...]] = {}
        at, count = _contents(data)
        total = 0
        for _ in range(count):
            signature, version, flags, method, *rest = _ENTRY.unpack_from(data, at)
            crc, packed, size, name_length, extra, comment, disk, offset = rest
            name = data[at + _ENTRY.size : at + _ENTRY.size + name_length]
            at += _ENTRY.size + name_length
            total += size
            if (
                signature != b"PK\x01\x02"
                or version > _ZIP_VERSION
                or flags & ~_USUAL_FLAGS
                or method not in _METHODS
                or (extra, comment, disk) != (0, 0, 0)
                or is_bomb(size, packed, limits)
                or total > limits.total_bytes
            ):
                raise NotPlain
            entry = offset, flags, method, crc, packed, size, name_length
            self._entries[name.decode("ascii").lower()] = entry
        if at != len(data) - _END.size or count > limits.entries:
            raise NotPlain
        self.names = tuple(self._entries)
        if len(self.names) != count:
            raise NotPlain
        _check_names(self.names)

    def part(self, name: str) -> bytes:
        """All inflated bytes of one part."""
        return _inflated(*self._packed(name))

    def small_part(self, name: str) -> bytes:
        """The same, for parts that most workbooks of a form share to the last byte."""
        method, raw, size, crc = self._packed(name)
        if max(len(raw), size) > _MOST_REMEMBERED:
            return _inflated(method, raw, size, crc)
        return _inflated_before(method, raw, size, crc)

    def _packed(self, name: str) -> tuple[int, bytes, int, int]:
        entry = self._entries.get(name.lower())
        if entry is None:
            raise NotPlain
        offset, flags, method, crc, packed, size, name_length = entry
        head = _LOCAL.unpack_from(self._data, offset)
        start = offset + _LOCAL.size + name_length
        own_name = self._data[offset + _LOCAL.size : start].decode("ascii")
        start += head[-1]
        if (
            size > MOST_PART
            or (head[0], head[2], head[3]) != (b"PK\x03\x04", flags, method)
            or head[-2] != name_length
            or own_name.lower() != name.lower()
            or start + packed > len(self._data)
        ):
            raise NotPlain
        return method, self._data[start : start + packed], size, crc


def _contents(data: bytes) -> tuple[int, int]:
    """Where the table of contents starts, and how many entries it has."""
    end = len(data) - _END.size
    if end < 0 or not data.startswith(b"PK\x03\x04"):
        raise NotPlain
    signature, disk, start_disk, here, count, size, offset, comment = _END.unpack_from(
        data, end
    )
    is_usual = signature == b"PK\x05\x06" and not (disk or start_disk or comment)
    if not is_usual or here != count or offset + size != end:
        raise NotPlain
    return offset, count


@functools.lru_cache(maxsize=256)
def _check_names(names: tuple[str, ...]) -> None:
    if not all(map(is_harmless_name, names)):
        raise NotPlain


def _inflated(method: int, raw: bytes, size: int, crc: int) -> bytes:
    data = raw
    if method:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        data = stream.decompress(raw, size + 1)
        if not stream.eof or stream.unused_data:
            raise NotPlain
    if len(data) != size or zlib.crc32(data) != crc:
        raise NotPlain
    return data


_inflated_before = functools.lru_cache(maxsize=256)(_inflated)
