from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from sources.readers.inspection import inspect
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import WORDINGS, Rejected

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = {"A": [["Mã", "Số"], ["a", 1], ["b", 2.5]]}


def refusal(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(Rejected) as caught:
        inspect(path, limits)
    assert caught.value.message_vi != caught.value.message_en
    return caught.value.code


def replaced(old: bytes, new: bytes):
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def test_empty_file(tmp_path):
    path = tmp_path / "e.xlsx"
    path.write_bytes(b"")
    assert refusal(path) == "X_EMPTY"


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9, 0.99])
def test_truncated(workbook, kept):
    path = workbook(PLAIN)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert refusal(path) == "X_DAMAGED"


def test_every_flipped_byte_is_refused_or_read(workbook):
    path = workbook(PLAIN)
    data = path.read_bytes()
    for place in range(0, len(data), 97):
        flipped = bytearray(data)
        flipped[place] ^= 0xFF
        path.write_bytes(flipped)
        try:
            inspect(path)
        except Rejected as reason:
            assert reason.code in WORDINGS


def test_an_entry_of_a_zip_version_that_is_none(workbook):
    path = workbook(PLAIN)
    data = bytearray(path.read_bytes())
    needed = data.index(b"PK\x01\x02") + 6  # central directory: version needed
    data[needed] = 235
    path.write_bytes(data)
    assert refusal(path) == "X_DAMAGED"


@pytest.mark.parametrize("data", [b"Don vi,So\n", b"<html></html>", b"%PDF-1.7"])
def test_other_types_under_the_name_xlsx(tmp_path, data):
    path = tmp_path / "o.xlsx"
    path.write_bytes(data)
    assert refusal(path) == "X_NOTXLSX"


def test_zip_that_is_no_workbook(tmp_path):
    path = tmp_path / "z.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("readme.txt", "hello")
    assert refusal(path) == "X_NOTXLSX"


def test_zip_bomb_is_refused_before_it_inflates(workbook, change_part):
    spaces = b" " * (60 << 20)
    path = change_part(
        workbook(PLAIN), SHEET, replaced(b"</worksheet>", spaces + b"</worksheet>")
    )
    assert path.stat().st_size < 1 << 20
    assert refusal(path) == "X_BOMB"


def test_sizes_that_lie(workbook):
    path = workbook(PLAIN)
    data = bytearray(path.read_bytes())
    start = data.rindex(b"PK\x01\x02", 0, data.index(SHEET.encode(), 2000))
    with zipfile.ZipFile(path) as found:
        real = found.getinfo(SHEET).file_size
    place = data.index(struct.pack("<L", real), data.index(b"PK\x01\x02"))
    data[place : place + 4] = struct.pack("<L", real // 2)
    assert start > 0
    path.write_bytes(data)
    assert refusal(path) == "X_DAMAGED"


def test_many_entries(workbook):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        for number in range(30):
            out.writestr(f"x/{number}", b"")
    assert refusal(path, Limits(entries=20)) == "X_BOMB"


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"]
)
def test_document_types_in_any_part(workbook, change_part, part):
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

    def add(data: bytes) -> bytes:
        head, mark, rest = data.partition(b"?>")
        return head + mark + bomb + rest

    assert refusal(change_part(workbook(PLAIN), part, add)) == "X_DTD"


def test_broken_xml(workbook, change_part):
    path = change_part(workbook(PLAIN), SHEET, replaced(b"</row>", b""))
    assert refusal(path) == "X_XML"


def test_same_part_twice(workbook):
    path = workbook(PLAIN)
    with (
        zipfile.ZipFile(path, "a") as out,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        out.writestr(SHEET, b"<worksheet/>")
    assert refusal(path) == "X_DUPPART"


@pytest.mark.parametrize("name", ["../../x", "/abs", "C:x", "a\\b", "xl/../../x"])
def test_path_tricks(workbook, name):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(name, b"x")
    assert refusal(path) == "X_PATH"


@pytest.mark.parametrize(
    "name",
    [
        "xl/vbaProject.bin",
        "xl/embeddings/o.bin",
        "xl/externalLinks/e1.xml",
        "xl/connections.xml",
        "xl/macrosheets/m.xml",
    ],
)
def test_active_content(workbook, name):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(name, b"x")
    assert refusal(path) == "X_ACTIVE"


PLAIN_TYPE = (
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
)
MACRO_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
MACRO_PART = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vba'


def test_a_workbook_that_says_it_has_macros_is_read_without_them(workbook, change_part):
    change = replaced(PLAIN_TYPE, MACRO_TYPE)
    path = change_part(workbook(PLAIN), "[Content_Types].xml", change)
    assert not inspect(path).has_macros
    with zipfile.ZipFile(path, "a") as out:
        out.writestr("xl/vbaProject.bin", b"x")
        out.writestr("xl/ctrlProps/ctrlProp1.xml", b"<x/>")
    facts = inspect(path)
    assert facts.has_macros
    assert facts.sheets == inspect(workbook(PLAIN)).sheets


def test_macros_in_a_workbook_that_says_it_has_none(workbook, change_part):
    part = MACRO_PART + b'Project"/></Types>'
    change = replaced(b"</Types>", part)
    path = change_part(workbook(PLAIN), "[Content_Types].xml", change)
    assert refusal(path) == "X_ACTIVE"


def test_a_package_that_points_to_another_workbook(workbook, change_part):
    change = replaced(b'"xl/workbook.xml"', b'"xl/hidden/workbook.xml"')
    assert refusal(change_part(workbook(PLAIN), "_rels/.rels", change)) == "X_NOTXLSX"


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml"])
def test_two_kinds_of_workbook_in_one_container(workbook, part):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(part, b"x")
    assert refusal(path) == "X_NOTXLSX"
