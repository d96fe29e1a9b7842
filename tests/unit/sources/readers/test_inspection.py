from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path

import pytest
import xlsxwriter

from sources.readers.container import Container
from sources.readers.inspection import inspect
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts, address
from sources.readers.sheet_quick import quick_facts
from sources.readers.sheet_scan import scan_sheet

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


def test_plain_workbook_facts(workbook):
    (sheet,) = inspect(workbook(PLAIN)).sheets
    assert (sheet.name, sheet.state) == ("A", "visible")
    assert (sheet.max_row, sheet.max_column, sheet.cells) == (3, 2, 6)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        b'<row r="1"><c r="A7"><v>1</v></c></row><row r="7"><c r="A7"/></row>',
    ],
)
def test_rows_and_cells_out_of_order(workbook, change_part, rows):
    def swap(data: bytes) -> bytes:
        head, _, rest = data.partition(b"<sheetData>")
        return head + b"<sheetData>" + rows + rest[rest.index(b"</sheetData>") :]

    assert refusal(change_part(workbook(PLAIN), SHEET, swap)) == "X_ROWORDER"


def test_error_cells_and_uncached_formulas_are_found(workbook, change_part):
    cells = (
        b'<row r="9"><c r="A9" t="e"><v>#REF!</v></c><c r="B9"><f>1+1</f></c>'
        b'<c r="C9"><f>1+1</f><v>2</v></c><c r="D9" t="str"><f>""</f><v></v></c></row>'
        b"</sheetData>"
    )
    path = change_part(workbook(PLAIN), SHEET, replaced(b"</sheetData>", cells))
    (sheet,) = inspect(path).sheets
    assert sheet.errors == [(8, 0, "#REF!")]
    assert sheet.uncached == [(8, 1)]
    assert sheet.formulas == 3


def test_visibility_merges_hidden_rows_percent_styles_and_comments(tmp_path):
    path = tmp_path / "v.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        first, second = book.add_worksheet("Một"), book.add_worksheet("Hai")
        first.write(0, 0, 0.5, book.add_format({"num_format": "0.00%"}))
        first.write(1, 0, 0.5, book.add_format({"num_format": '0.0 "%"'}))
        first.merge_range("B1:C1", "x")
        first.set_row(4, None, None, {"hidden": True})
        first.write(4, 0, 1)
        first.write_comment("A1", "ghi chú")
        second.very_hidden()
    facts = inspect(path)
    one, two = facts.sheets
    assert (one.state, two.state) == ("visible", "veryHidden")
    assert one.percents == [(0, 0)]
    assert (one.merged, one.hidden_rows) == (1, [5])
    assert "ghi chú" in facts.comments[0][1]


def test_limits_on_cells_and_texts(workbook):
    assert refusal(workbook(PLAIN), Limits(cells=5)) == "X_TOOBIG"
    long = workbook({"A": [["x" * 40]]}, "long.xlsx")
    assert refusal(long, Limits(file_bytes=10)) == "X_TOOBIG"


@pytest.mark.parametrize(
    "rows",
    [
        b"<row" * 400_000,
        b'<row r="1">' + b'<c r="A1"><is><t>x</t></is><t/></c>' * 60_000 + b"</row>",
        b'<row r="1" a="' + b" hidden" * 200_000 + b'"></row>',
    ],
)
def test_parts_written_to_be_slow(workbook, change_part, rows):
    change = replaced(b"<sheetData>", b"<sheetData>" + rows)
    path = change_part(workbook(PLAIN), SHEET, change)
    started = time.process_time()
    with contextlib.suppress(Rejected):
        inspect(path)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(("percents", "count"), [({"1"}, 40), ({"0", "1"}, 120)])
def test_quick_and_full_scan_agree(tmp_path, percents, count):
    path = tmp_path / "both.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, percent = book.add_worksheet(), book.add_format({"num_format": "0%"})
        for row in range(40):
            sheet.write_row(row, 0, [f"dòng {row}", row * 1.5, None, row % 2 == 0])
            sheet.write(row, 6, row / 7, percent)
            sheet.write_blank(row, 9, None, percent)
        sheet.merge_range("A50:C50", "x")
    with Container(io.BytesIO(path.read_bytes()), DEFAULT_LIMITS) as container:
        quick, full = SheetFacts("A", SHEET), SheetFacts("A", SHEET)
        assert quick_facts(container, quick, 41, percents)
        scan_sheet(container, full, 41, percents)
    assert len(quick.percents) == count
    assert quick == full


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ((0, 0), "A1"),
        ((9, 25), "Z10"),
        ((0, 26), "AA1"),
        ((1048575, 16383), "XFD1048576"),
    ],
)
def test_addresses(place, text):
    assert address(*place) == text
