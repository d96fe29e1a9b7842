"""Raw zip: containers whose entries say what we want, whatever is in them."""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

DEFLATED = 8
_BLOCK = 1 << 20


class RawEntry(NamedTuple):
    """One entry: stored bytes as they are, and what the headers claim."""

    name: str
    stored: bytes
    size: int
    check: int = 0
    method: int = DEFLATED
    flags: int = 0


def deflated(name: str, data: bytes) -> RawEntry:
    """An honest entry."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    stored = packer.compress(data) + packer.flush()
    return RawEntry(name, stored, len(data), zlib.crc32(data))


def repeated(
    name: str, before: bytes, piece: bytes, size: int, after: bytes
) -> RawEntry:
    """An entry of about `size` bytes, `piece` over and over, packed once."""
    block = piece * max(1, _BLOCK // len(piece))
    times = size // len(block)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    middle = _packed(block)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = packer.compress(after) + packer.flush()
    stored = head + middle * times + tail
    return RawEntry(name, stored, len(before) + len(block) * times + len(after))


@functools.lru_cache(maxsize=16)
def _packed(block: bytes) -> bytes:
    """A piece of a deflate stream that may stand anywhere but at its end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)


def raw_zip(entries: Iterable[RawEntry]) -> bytes:
    """One zip of the entries, their headers written as they claim."""
    body, directory, count = bytearray(), bytearray(), 0
    for entry in entries:
        name = entry.name.encode()
        fields = struct.pack(
            "<HHHHHLLLHH",
            20,
            entry.flags,
            entry.method,
            0,
            33,
            entry.check,
            len(entry.stored),
            entry.size,
            len(name),
            0,
        )
        place = len(body)
        body += b"PK\x03\x04" + fields + name + entry.stored
        directory += b"PK\x01\x02" + b"\x14\0" + fields
        directory += struct.pack("<HHHLL", 0, 0, 0, 0, place) + name
        count += 1
    told = min(count, 0xFFFF)  # readers go by the size of the directory
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), len(body), 0
    )
    return bytes(body + directory + end)
