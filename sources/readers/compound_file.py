"""Compound file: the container of an .xls (OLE2), its chains checked before use.

A sector belongs to one chain, once. A chain that loops, leaves the file or shares a
sector with another is refused, so no reader can be led round in circles.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from sources.readers.rejections import Rejected

_HEADER = struct.Struct("<8s16xHHHHH6xIIIIIIIII")
_FREE_FROM, _END = 0xFFFFFFFA, 0xFFFFFFFE
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_MINI_SECTOR, _MINI_CUTOFF = 64, 4096
_MOST_ENTRIES = 10_000


class Entry(NamedTuple):
    """One entry of the directory: a stream or a storage."""

    name: str
    kind: int
    start: int
    size: int


class CompoundFile:
    """One opened compound file of a sane structure.

    Raises:
        Rejected: X_XLS, with what is broken.
    """

    def __init__(self, stream: BinaryIO):
        self._stream = stream
        size = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(512)
        if len(head) < 512:
            raise damaged("its head is cut short", "mất phần đầu tệp")
        fields = _HEADER.unpack_from(head)
        _, _, version, _, shift, mini_shift = fields[:6]
        if (shift, mini_shift) not in ((9, 6), (12, 6)) or version not in (3, 4):
            raise damaged("its head is unknown", "phần đầu tệp không đúng")
        _, _, directory, _, _, mini_start, mini_count, difat_start, difat_count = (
            fields[6:]
        )
        self._sector = 1 << shift
        self._count = max(0, -(-(size - self._sector) // self._sector))
        self._used = bytearray(self._count)
        self._fat = self._read_fat(head, difat_start, difat_count)
        self.entries = self._read_entries(directory)
        self._mini_fat = array("I")
        self._mini_sectors = array("I")
        if mini_count:
            self._mini_fat.frombytes(self._all(self._chain(mini_start)))
            root = self.entries[0]
            self._mini_sectors = self._chain(root.start)
            self._mini_size = root.size
            if root.size > len(self._mini_sectors) * self._sector:
                raise damaged(
                    "its small streams are cut short", "mất dữ liệu ở cuối tệp"
                )
        self._mini_used = bytearray(len(self._mini_fat))
        self._chains = {
            place: self._stream_chain(entry)
            for place, entry in enumerate(self.entries)
            if entry.kind == _STREAM and entry.size
        }

    def find(self, name: str) -> int | None:
        """Place of the first entry of that name, as readers look it up."""
        found = (n for n, entry in enumerate(self.entries) if entry.name == name)
        return next(found, None)

    def chunks(self, place: int, offset: int = 0) -> Iterator[bytes]:
        """The bytes of one stream from `offset` on, a sector at a time."""
        entry = self.entries[place]
        is_mini = entry.size < _MINI_CUTOFF
        width = _MINI_SECTOR if is_mini else self._sector
        left = entry.size - offset
        first, skip = divmod(offset, width)
        for sector in self._chains.get(place, array("I"))[first:]:
            if left <= 0:
                return
            data = self._mini_sector(sector) if is_mini else self._read(sector)
            piece = data[skip : skip + left]
            skip = 0
            left -= len(piece)
            yield piece

    def _read_fat(self, head: bytes, start: int, count: int) -> array[int]:
        places = array("I", struct.unpack_from("<109I", head, 76))
        for _ in range(min(count, self._count)):
            if start >= _FREE_FROM:
                break
            self._take(start)
            more = array("I", self._whole(start))
            start = more.pop()
            places += more
        if start < _FREE_FROM and count:
            raise damaged("its table of sectors loops", "bảng khối dữ liệu bị lặp")
        fat = array("I")
        for place in places:
            if place < _FREE_FROM:
                self._take(place)
                fat.frombytes(self._whole(place))
        return fat

    def _read_entries(self, start: int) -> list[Entry]:
        data = self._all(self._chain(start))
        entries: list[Entry] = []
        for at in range(0, len(data), _ENTRY):
            length = struct.unpack_from("<H", data, at + 64)[0]
            name = data[at : at + min(max(length - 2, 0), 64)]
            first, size = struct.unpack_from("<IQ", data, at + 116)
            text = name.decode("utf-16-le", "replace").split("\0")[0]
            if self._sector == 512:
                size &= 0xFFFFFFFF
            entries.append(Entry(text, data[at + 66], first, size))
        if not entries or entries[0].kind != _ROOT or len(entries) > _MOST_ENTRIES:
            raise damaged("its directory is broken", "mục lục trong tệp bị hỏng")
        return entries

    def _stream_chain(self, entry: Entry) -> array[int]:
        if entry.size >= _MINI_CUTOFF:
            chain = self._chain(entry.start)
            is_whole = len(chain) * self._sector >= entry.size
        else:
            chain = _follow(entry.start, self._mini_fat, self._mini_used)
            is_whole = len(chain) * _MINI_SECTOR >= entry.size
        if not is_whole:
            raise damaged("a stream is cut short", "mất dữ liệu ở cuối tệp")
        return chain

    def _chain(self, start: int) -> array[int]:
        return _follow(start, self._fat, self._used)

    def _take(self, sector: int) -> None:
        if sector >= self._count or self._used[sector]:
            raise _loop()
        self._used[sector] = 1

    def _all(self, chain: array[int]) -> bytes:
        return b"".join([self._whole(sector) for sector in chain])

    def _whole(self, sector: int) -> bytes:
        data = self._read(sector)
        if len(data) < self._sector:
            raise damaged("it ends inside a sector", "mất dữ liệu ở cuối tệp")
        return data

    def _read(self, sector: int) -> bytes:
        self._stream.seek((sector + 1) * self._sector)
        return self._stream.read(self._sector)

    def _mini_sector(self, sector: int) -> bytes:
        place, within = divmod(sector * _MINI_SECTOR, self._sector)
        if place >= len(self._mini_sectors):
            raise _loop()
        return self._read(self._mini_sectors[place])[within : within + _MINI_SECTOR]


def _follow(start: int, table: array[int], used: bytearray) -> array[int]:
    """The sectors of one chain; each may be used once in the whole file."""
    chain = array("I")
    sector = start
    while sector != _END:
        if sector >= len(used) or sector >= len(table) or used[sector]:
            raise _loop()
        used[sector] = 1
        chain.append(sector)
        sector = table[sector]
    return chain


def _loop() -> Rejected:
    return damaged(
        "a chain of sectors loops or leaves the file",
        "chuỗi khối dữ liệu bị lặp hoặc ra ngoài tệp",
    )


def damaged(why: str, why_vi: str) -> Rejected:
    """The refusal of an old workbook, with what is wrong with it."""
    return Rejected("X_XLS", why, detail_vi=why_vi)
