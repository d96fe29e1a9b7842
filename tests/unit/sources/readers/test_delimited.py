"""Encodings and delimiters of text files, declared and found."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.readers.delimited import Dialect, delimited_sheet
from sources.readers.delimiters import delimiter_of
from sources.readers.encodings import decoded
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

VIETNAMESE = "Đơn vị;Số vụ\nCông an phường Lê Thanh Nghị;1.656\nHải Tân;5,5\n"
PORTUGUESE = "Município;Ocorrências\nSão João;1\nConceição;2\nGuimarães;3\n"
GERMAN = "Land;Fälle\nThüringen;1\nGroßräschen;2\n"


def as_cp1258(text: str) -> bytes:
    """Bytes as Windows writes them: tones that have no letter of their own apart."""
    written = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        split = unicodedata.normalize("NFD", letter)
        tone = next(
            (mark for mark in split if mark in "\u0300\u0301\u0303\u0309\u0323"), ""
        )
        rest = unicodedata.normalize("NFC", split.replace(tone, "")) if tone else letter
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            written += (rest + tone).encode("cp1258")
    return bytes(written)


def refused(data: bytes, encoding: str = "auto") -> str:
    with pytest.raises(Rejected) as caught:
        decoded(data, encoding)
    assert caught.value.code == "X_ENCODING"
    return caught.value.detail


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (VIETNAMESE, VIETNAMESE.encode()),
        (VIETNAMESE, VIETNAMESE.encode("utf-8-sig")),
        (VIETNAMESE, b"\xff\xfe" + VIETNAMESE.encode("utf-16-le")),
        (VIETNAMESE, b"\xfe\xff" + VIETNAMESE.encode("utf-16-be")),
        (VIETNAMESE, as_cp1258(VIETNAMESE)),
        ("Hải\n", as_cp1258("Hải\n")),
        ("QĐ;Đồng;Hải\n", as_cp1258("QĐ;Đồng;Hải\n")),
        (PORTUGUESE, PORTUGUESE.encode("cp1252")),
        (GERMAN, GERMAN.encode("cp1252")),
        ("però;1\n", "però;1\n".encode("cp1252")),
        ("Škoda;1\n", "Škoda;1\n".encode("cp1252")),
    ],
)
def test_auto_finds_the_encoding(text, data):
    assert decoded(data, "auto") == text


def test_cp1258_is_put_together_when_declared_too():
    assert decoded(as_cp1258("Số vụ"), "cp1258") == "Số vụ"
    assert decoded(as_cp1258("Số vụ"), "windows-1258") == "Số vụ"


@pytest.mark.parametrize("text", ["São\n", "QÐ\n", "ciò\n", "1\nSão;São\n"])
def test_auto_refuses_what_two_encodings_read(text):
    row = text.splitlines().index(next(t for t in text.splitlines() if not t.isascii()))
    detail = refused(text.encode("cp1252"))
    assert "utf-8, cp1258, cp1252" in detail
    assert f"from row {row + 1} on" in detail


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\x81\x8d", "auto"),
        (b"\xff\xfea", "auto"),
        (b"a\0b", "auto"),
        (b"a\0b", "utf-8"),
        ("chú".encode("cp1252"), "utf-8-sig"),
        (b"\xff\xfe\0\0a\0\0\0", "auto"),
    ],
)
def test_bytes_that_no_encoding_reads_are_refused(data, encoding):
    refused(data, encoding)


@settings(max_examples=60)
@given(st.binary(max_size=60), st.sampled_from(["auto", "utf-8-sig", "cp1258"]))
def test_any_bytes_are_read_or_refused(data, encoding):
    try:
        text = decoded(data, encoding)
    except Rejected as reason:
        assert reason.code == "X_ENCODING"
    else:
        assert "\0" not in text


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2\n", ";"),
        ("unit;value\nU1;1,5\nU2;2,5\nU3;3,5\nU4;4,5\nU5;5,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("freq,unit,geo\\TIME\t2022 \t2023 \nA,NR,VN\t1 \t: p\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"a;x","b"\n"1\n;2","3"\n', ","),
        ("a;b\r1;2\r", ";"),
        ("a;b\n1;2\n1;2\n1;2\n1;2\n1;2\n1;2,5;3\n", ";"),
        ("\n\na;b\n1;2\n", ";"),
        ('"Rate, by year"\r\n\r\n"Place, year";"2015"\r\n" ALL";7.0\r\n', ";"),
        ("Bảng 1\nĐơn vị;Giá trị\nU1;1,5\nU2;2,5\n", ";"),
    ],
)
def test_the_sign_that_splits_header_and_records_alike_is_found(text, sign):
    assert delimiter_of(text, "auto") == sign


@pytest.mark.parametrize(
    "text",
    [
        "value\n1,5\n2,5\n3,5\n4,5\n5,5\n",
        "a;b, c\n1;2,5\n",
        "a b\n1 2\n",
        "a,b\n1;2\n3;4\n",
        'a;b\n"1;2\n',
        "",
    ],
)
def test_no_sign_or_two_are_refused(text):
    with pytest.raises(Rejected) as caught:
        delimiter_of(text, "auto")
    assert caught.value.code == "X_CSV"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines_and_quoted_ones(end):
    lines = ["a;b", f'"x{end}y";1', "z;2", ""]
    sheet = delimited_sheet(
        [("", end.join(lines).encode())], Dialect("auto", "auto"), Limits()
    )
    assert sheet["texts"] == ["a", "b", f"x{end}y", "1", "z", "2"]
    assert sheet["widths"] == [2, 2, 2]


def test_a_page_is_named_where_it_is_refused():
    pages = [("1.csv", b"a;b\n1;2\n"), ("2.csv", b'a;b\n"1;2\n')]
    with pytest.raises(Rejected, match=r"2\.csv: row 2: unexpected end of data"):
        delimited_sheet(pages, Dialect("utf-8", ";"), Limits())
