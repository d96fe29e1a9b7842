from __future__ import annotations

import pytest

from sources.bundle import write_bundle
from sources.readers.bundles import is_bundle, read_bundle
from sources.readers.delimited import Dialect
from sources.readers.json_rows import is_json, json_sheet
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

PLAIN = Dialect("utf-8-sig", ",")


def sheet_of(*documents: str | bytes, path: str = "", **limits: int):
    pages = [
        (
            f"{no}.json" if len(documents) > 1 else "",
            d if isinstance(d, bytes) else d.encode(),
        )
        for no, d in enumerate(documents, 1)
    ]
    return json_sheet(pages, path, Limits(**limits))


def cells_of(sheet):
    return list(
        zip(
            sheet["rows"], sheet["columns"], sheet["kinds"], sheet["texts"], strict=True
        )
    )


def refused(*documents: str | bytes, path: str = "", **limits: int) -> Rejected:
    with pytest.raises(Rejected) as caught:
        sheet_of(*documents, path=path, **limits)
    return caught.value


def test_records_become_rows_under_the_keys_in_order_of_first_appearance():
    sheet = sheet_of(
        '{"rows": [{"b": "x", "a": 1.50}, {"c": true, "a": 1e3, "b": null},'
        ' {"unit": {"code": "U1", "at": [1, {"z": "y"}]}, "a": -0, "c": ""}]}',
        path="rows",
    )
    assert cells_of(sheet) == [
        (0, 0, "s", "b"),
        (0, 1, "s", "a"),
        (0, 2, "s", "c"),
        (0, 3, "s", "unit.code"),
        (0, 4, "s", "unit.at"),
        (1, 0, "s", "x"),
        (1, 1, "n", "1.50"),
        (2, 2, "b", "true"),
        (2, 1, "n", "1e3"),
        (3, 3, "s", "U1"),
        (3, 4, "s", '["1", {"z": "y"}]'),
        (3, 1, "n", "-0"),
    ]
    assert sheet["is_records"]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ('[{"a": 1}]', ""),
        ('\ufeff [{"a": 1}]', ""),
        ('{"n": 3, "rows": [{"a": 1}], "next": {"rows": []}}', ""),
        ('{"data": {"rows": [{"a": 1}], "more": []}}', "data.rows"),
    ],
)
def test_the_list_is_at_its_path_or_the_only_one(document, path):
    assert cells_of(sheet_of(document, path=path))[1] == (1, 0, "n", "1")


def test_pages_continue_under_one_header():
    sheet = sheet_of('[{"a": "1"}]', "[]", '[{"b": "2", "a": "3"}]')
    assert cells_of(sheet)[2:] == [
        (1, 0, "s", "1"),
        (2, 1, "s", "2"),
        (2, 0, "s", "3"),
    ]


def test_no_digit_of_a_number_is_lost():
    number = "12345678901234567890.123456789012345678901"
    assert cells_of(sheet_of(f'[{{"a": {number}}}]'))[1] == (1, 0, "n", number)


@pytest.mark.parametrize(
    ("document", "code", "says"),
    [
        ('[{"a": 1}', "X_JSON", "row 1, column 10"),
        ('[{"a": 1}] {}', "X_JSON", "Extra data"),
        ('[{"a": 1, "a": 2}]', "X_JSON", "'a' twice"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "X_JSON", "'a.b' twice"),
        ('[{"a": NaN}]', "X_JSON", "NaN is no number"),
        ('[{"a": -Infinity}]', "X_JSON", "Infinity is no number"),
        ('[{"a": 01}]', "X_JSON", "row 1"),
        ("[1, 2]", "X_JSON", "record 1 is no object"),
        ("[]", "X_JSON", "no records"),
        ('{"a": [], "b": []}', "X_JSON", "the document has 'a', 'b'"),
        ('[{"a": "\t"}]', "X_JSON", "control character"),
        ("[" * 100_000, "X_JSON", "nested too deep"),
        ('[{"a": ' + "[" * 40 + "]" * 40 + "}]", "X_JSON", "nested too deep"),
        ('[{"a": "\xe9"}]'.encode("latin-1"), "X_ENCODING", "utf-8"),
        ('[{"a": 1}]'.encode("utf-16"), "X_ENCODING", "utf-8"),
        ('[{"a": ' + "9" * 5_000 + "}]", "X_TOOBIG", "5000"),
        (
            '[{"a": [{"hoTen": "A", "ngaySinh": "1984-05-12"}]}]',
            "PERSONAL_DATA",
            "ngaySinh (",
        ),
        ('{"by": {"soCccd": 79204001234}, "rows": [{}]}', "PERSONAL_DATA", "soCccd ("),
        ('{"by": "0912345678", "rows": [{"a": 1}]}', "PERSONAL_DATA", "by ("),
    ],
)
def test_what_is_no_list_of_records_is_refused(document, code, says):
    reason = refused(document)
    assert reason.code == code
    assert says in reason.message_en
    assert "0912345678" not in reason.message_en


@pytest.mark.parametrize("limits", [{"cells": 3}, {"columns": 1}, {"text_length": 2}])
def test_limits_hold(limits):
    document = '[{"a": "abc", "b": 1}, {"a": "d", "b": 2}]'
    assert refused(document, **limits).code == "X_TOOBIG"
    assert sheet_of(document, cells=4, columns=2, text_length=3)["rows"]


def test_keys_of_nested_objects_count_before_they_become_columns():
    document = '[{"a": {"b": 1, "c": 2, "d": 3}}]'
    assert refused(document, columns=2).code == "X_TOOBIG"
    assert sheet_of(document, columns=3)["texts"][:3] == ["a.b", "a.c", "a.d"]


def test_what_would_fill_the_memory_is_refused_before_it_is_parsed():
    reason = refused("[" + "[]," * 5_000 + "[]]", cells=1_000)
    assert (reason.code, reason.detail) == ("X_TOOBIG", "10002 values")


def test_a_text_is_told_by_its_beginning():
    assert is_json(b'\xef\xbb\xbf\n {"a": 1') and is_json(b"[ {") and is_json(b"[]")
    assert not is_json(b"[unit],[value]\n") and not is_json(b"{unit};{value}\n")
    assert not is_json(b"unit,value\n") and not is_json(b"")


@pytest.fixture
def bundle(tmp_path):
    def write(*pages: tuple[str, bytes]):
        path = tmp_path / "bundle.zip"
        path.write_bytes(write_bundle({"connector": "http"}, pages))
        return path

    return write


def test_a_bundle_of_csv_pages_is_one_table(bundle):
    path = bundle(("1.csv", b"a,b\n1,2\n"), ("2.csv", b"a,b\n3,4\n5\n"))
    assert is_bundle(path.read_bytes()[:64])
    (sheet,) = read_bundle(path, "", PLAIN, Limits())
    assert sheet["texts"] == ["a", "b", "1", "2", "3", "4", "5"]
    assert (sheet["rows"][-1], sheet["widths"]) == (3, [2, 2, 2, 1])


@pytest.mark.parametrize(
    ("pages", "code"),
    [
        ([("1.csv", b"a,b\n1,2\n"), ("2.csv", b"b,a\n1,2\n")], "X_COLUMNS"),
        ([("1.csv", b"a\n"), ("2.json", b"[]")], "X_BUNDLE"),
        ([], "X_BUNDLE"),
        ([("1.xml", b"<a/>")], "X_BUNDLE"),
        ([("1.json", b"[" + b" " * 30_000_000 + b"]")], "X_BOMB"),
        ([("../1.json", b"[]")], "X_PATH"),
        ([("1.json", b'[{"a": "079204001234"}]')], "PERSONAL_DATA"),
    ],
)
def test_a_bundle_is_refused_like_any_container(bundle, pages, code):
    with pytest.raises(Rejected) as caught:
        read_bundle(bundle(*pages), "", PLAIN, Limits())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "record",
    [
        '{"a": "\\ud800"}',
        '{"\\uDFFF": 1}',
        '{"a": ["\\udc00\\ud800"]}',
        '{"a":"\\ud83dx"}',
    ],
)
def test_half_of_a_letter_is_refused_where_it_stands(record):
    reason = refused('[{"a": 1},\n' + record + "]")
    assert reason.code == "X_JSON"
    assert reason.detail.startswith(
        f"row 2, column {record.lower().index(chr(92)) + 1}:"
    )


def test_a_whole_pair_and_a_text_about_half_a_letter_are_read():
    sheet = sheet_of(r'[{"a": "\ud83d\ude00", "b": "\\ud800"}]')
    assert sheet["texts"] == ["a", "b", "\U0001f600", r"\ud800"]
