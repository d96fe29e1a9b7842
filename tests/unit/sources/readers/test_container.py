from __future__ import annotations

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


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"%PDF-1.4 x", "PDF"), (b"\x89PNG\r\n", "ảnh"), (b"\xff\xd8\xff\xe0", "ảnh")],
)
def test_what_excel_cannot_save_as_a_workbook_is_to_be_typed_in(tmp_path, data, said):
    path = tmp_path / "o.xlsx"
    path.write_bytes(data)
    with pytest.raises(Rejected) as caught:
        inspect(path)
    assert said in caught.value.message_vi
    assert "Điền số liệu vào biểu mẫu Excel" in caught.value.message_vi
    assert "Lưu thành" not in caught.value.message_vi


def test_a_word_document_is_called_one(tmp_path):
    path = tmp_path / "w.xlsx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("word/document.xml", "<x/>")
    with pytest.raises(Rejected, match="Word"):
        inspect(path)


def test_many_entries(workbook):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        for number in range(30):
            out.writestr(f"x/{number}", b"")
    assert refusal(path, Limits(entries=20)) == "X_BOMB"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml"])
def test_document_types_in_any_part(workbook, change_part, part):
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

    def add(data: bytes) -> bytes:
        head, mark, rest = data.partition(b"?>")
        return head + mark + bomb + rest

    assert refusal(change_part(workbook(PLAIN), part, add)) == "X_DTD"


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


@pytest.mark.parametrize("part", ["xl/workbook.bin", "content.xml"])
def test_two_kinds_of_workbook_in_one_container(workbook, part):
    path = workbook(PLAIN)
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(part, b"x")
    assert refusal(path) == "X_NOTXLSX"
