"""Mutants: honest files of every kind, changed at random, the same for each number.

`mutant(seeds, number)` is a pure function, so a case that fails is found again by its
number alone.
"""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import NamedTuple

from xlwt.CompoundDoc import XlsDoc

from tests.helpers.hostile import active, cells, personal
from tests.helpers.hostile.base import Base, zipped
from tests.helpers.hostile.texts import HEADER, ROW
from tests.helpers.hostile.xlsb_writer import record

ATTRIBUTE = re.compile(rb'(\s[\w:]+=")([^"]*)"')
TAG = re.compile(rb"<[^<>]+>")
NASTY = (
    b"",
    b"0",
    b"-1",
    b"1e999",
    b"NaN",
    b"99999999999999999999",
    b"XFD1048576",
    b"A0",
    b"true",
    b"../../x",
    b"&#0;",
    b"\xff\xfe",
    b"\xd9\xa1\xd9\xa2",
    b"_x0000_",
    b"s",
    b"e",
    b"inlineStr",
    b"percentage",
    b"1048577",
)


class Seed(NamedTuple):
    """An honest file: its kind, its bytes, and for .xls the stream inside."""

    kind: str
    data: bytes
    stream: bytes = b""


def seeds(base: Base) -> list[Seed]:
    """The files that mutants are made from, one of each kind or more."""
    rows = [{"a": n, "b": {"c": "x"}, "d": None, "e": 1.5} for n in range(20)]
    return [
        Seed("xlsx", base.template),
        Seed("xlsx", cells.date_of_the_1904_calendar(base)),
        Seed("xlsx", personal.phone_in_a_property_of_ones_own(base)),
        Seed("xlsm", active.macros_in_a_workbook_that_says_so(base)),
        Seed("xlsb", base.as_xlsb()),
        Seed("xlsb", personal.xlsb_phone_in_a_comment(base)),
        Seed("ods", base.as_ods()),
        Seed("ods", personal.ods_identity_card_in_the_description(base)),
        Seed("xls", base.as_xls(), base.old_book().get_biff_data()),
        Seed("xls", base.as_xls(), base.old_book().get_biff_data()),
        Seed("csv", (HEADER + ROW * 30).encode()),
        Seed("json", json.dumps(rows).encode()),
    ]


def mutant(found: Sequence[Seed], number: int) -> tuple[str, bytes]:
    """Kind and bytes of one mutant."""
    chance = random.Random(number)
    seed = chance.choice(found)
    ways: list[Callable[[random.Random, Seed], bytes]] = [_of_bytes]
    if seed.kind in ("xlsx", "xlsm", "ods", "xlsb"):
        ways += [_of_parts] * 4
    if seed.kind == "xls":
        ways += [_of_records] * 4
    return seed.kind, chance.choice(ways)(chance, seed)


def _of_bytes(chance: random.Random, seed: Seed) -> bytes:
    return _scrambled(chance, seed.data)


def _scrambled(chance: random.Random, data: bytes) -> bytes:
    """Bytes flipped, cut off, left out, doubled or put in."""
    if not data:
        return data
    way = chance.randrange(5)
    changed = bytearray(data)
    first = chance.randrange(len(data))
    last = min(len(data), first + 1 + chance.randrange(64))
    if way == 0:
        for _ in range(1 + chance.randrange(8)):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    elif way == 1:
        del changed[first:]
    elif way == 2:
        del changed[first:last]
    elif way == 3:
        changed[last:last] = changed[first:last]
    else:
        changed[first:first] = chance.choice(NASTY)
    return bytes(changed)


def _of_parts(chance: random.Random, seed: Seed) -> bytes:
    """A container with one or two of its parts changed, packed anew."""
    with zipfile.ZipFile(io.BytesIO(seed.data)) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    for _ in range(1 + chance.randrange(2)):
        name = chance.choice(sorted(parts))
        way = chance.randrange(8)
        if way == 0:
            other = chance.choice(sorted(parts))
            parts[name], parts[other] = parts[other], parts[name]
        elif way == 1:
            parts.pop(name)
        elif way == 2:
            parts[name] = _scrambled(chance, parts[name])
        elif name.endswith(".bin"):
            parts[name] = _with_records_changed(chance, parts[name], _split12, record)
        else:
            parts[name] = _with_xml_changed(chance, parts[name])
        if not parts:
            break
    return zipped(parts)


def _with_xml_changed(chance: random.Random, data: bytes) -> bytes:
    """One attribute or one tag changed, left out or doubled."""
    is_tag = chance.random() < 0.4
    found = list((TAG if is_tag else ATTRIBUTE).finditer(data))
    if not found:
        return _scrambled(chance, data)
    hit = chance.choice(found)
    if not is_tag:
        old = chance.choice(found)[2] if chance.random() < 0.3 else chance.choice(NASTY)
        new = hit[1] + old + b'"'
    elif chance.random() < 0.5:
        new = b""
    else:
        new = hit[0] + chance.choice(found)[0]
    return data[: hit.start()] + new + data[hit.end() :]


Records = list[tuple[int, bytes]]


def _of_records(chance: random.Random, seed: Seed) -> bytes:
    stream = _with_records_changed(chance, seed.stream, _split8, _record8)
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    data = out.getvalue()
    return _scrambled(chance, data) if chance.random() < 0.1 else data


def _with_records_changed(
    chance: random.Random,
    data: bytes,
    split: Callable[[bytes], Records],
    join: Callable[[int, bytes], bytes],
) -> bytes:
    """Records changed, left out, doubled or swapped; places of sheets may go wrong."""
    found = split(data)
    if not found:
        return _scrambled(chance, data)
    for _ in range(1 + chance.randrange(3)):
        at, other = chance.randrange(len(found)), chance.randrange(len(found))
        kind, body = found[at]
        way = chance.randrange(7)
        if way == 0:
            found[at] = (chance.choice(found)[0], body)
        elif way == 1:
            found[at], found[other] = found[other], found[at]
        elif way == 2:
            found.insert(other, found[at])
        elif way == 3 and len(found) > 1:
            found.pop(at)
        elif way == 4 and len(body) >= 2:
            place = chance.randrange(len(body) - 1)
            wild = chance.choice((0, 1, 0x7FFF, 0xFFFF, 0xFF, 0x0100))
            changed = bytearray(body)
            struct.pack_into("<H", changed, place, wild)
            found[at] = (kind, bytes(changed))
        else:
            found[at] = (kind, _scrambled(chance, body))
    return b"".join(join(kind, body) for kind, body in found)


def _split8(data: bytes) -> Records:
    found: Records = []
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        found.append((kind, data[at + 4 : at + 4 + length]))
        at += 4 + length
    return found


def _record8(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _split12(data: bytes) -> Records:
    found: Records = []
    at = 0
    while at + 2 <= len(data):
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while at < len(data):
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        found.append((kind, data[at : at + length]))
        at += length
    return found
