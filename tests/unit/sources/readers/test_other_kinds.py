"""Workbooks of other kinds than .xlsx: the same table must give the same facts."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
import xlsxwriter
import xlwt

from sources.readers import read_deliveries
from sources.readers.grid import read_workbook
from sources.readers.inspection import inspect
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import Rejected
from tests.helpers.hostile.base import FIGURES, VALUES
from tests.helpers.hostile.ods_writer import ods, table
from tests.helpers.hostile.xlsb_writer import cell, record, row, sheet_data, xlsb

SOFFICE = shutil.which("soffice")
ERROR = b"\x04\0\0\0\0\0\0\0\x17"
PERCENT = (
    '<table:table-cell office:value-type="percentage" office:value="0.5">'
    "<text:p>50%</text:p></table:table-cell>"
)
TEXT = (
    '<table:table-cell office:value-type="string"><text:p>{}</text:p>'
    "</table:table-cell>"
)
BROKEN = (
    '<table:table-cell table:formula="of:=x" office:value-type="string"'
    ' office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p>'
    "</table:table-cell>"
)


def as_xlsx() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        first, second = book.add_worksheet("Một"), book.add_worksheet("Ẩn")
        first.write(0, 0, "Mã")
        first.write(1, 1, 0.5, book.add_format({"num_format": "0%"}))
        first.set_row(2, None, None, {"hidden": True})
        first.write(2, 0, "ẩn")
        first.write_formula(3, 4, "=x", None, "#REF!")
        second.hide()
    return out.getvalue()


def as_xls() -> bytes:
    out = io.BytesIO()
    book = xlwt.Workbook()
    first, second = book.add_sheet("Một"), book.add_sheet("Ẩn")
    first.write(0, 0, "Mã")
    first.write(1, 1, 0.5, xlwt.easyxf(num_format_str="0%"))
    first.row(2).hidden = True
    first.write(2, 0, "ẩn")
    first.row(3).set_cell_error(4, "#REF!")
    second.visibility = 1
    book.save(out)
    return out.getvalue()


def as_xlsb() -> bytes:
    data = sheet_data([(0, 0, "Mã"), (1, 1, 0.5)], [(1, 1)])
    data += row(2, is_hidden=True) + cell(0, "ẩn") + row(3) + record(3, ERROR)
    return xlsb({"Một": data, "Ẩn": b""}, {"Ẩn": 1})


def as_ods() -> bytes:
    gap = '<table:table-cell table:number-columns-repeated="{}"/>'
    inside = (
        f"<table:table-row>{TEXT.format('Mã')}</table:table-row>"
        f"<table:table-row>{gap.format(1)}{PERCENT}</table:table-row>"
        '<table:table-row table:visibility="collapse">'
        f"{TEXT.format('ẩn')}</table:table-row>"
        f"<table:table-row>{gap.format(4)}{BROKEN}</table:table-row>"
    )
    return ods([table("Một", inside), table("Ẩn", "<table:table-row/>", "ta2")])


@pytest.mark.parametrize("make", [as_xlsx, as_xls, as_xlsb, as_ods])
def test_the_same_table_gives_the_same_cells(tmp_path, make):
    path = tmp_path / "any.name"
    path.write_bytes(make())
    first, second = inspect(path).sheets
    assert (first.name, first.state, second.name) == ("Một", "visible", "Ẩn")
    assert second.state == "hidden"
    assert (first.max_row, first.max_column) == (4, 5)
    assert (first.errors, first.percents) == ([(3, 4, "#REF!")], [(1, 1)])
    assert first.hidden_rows == [3]
    sheet = read_workbook(path, DEFAULT_LIMITS)[0]
    cells = zip(
        sheet["rows"], sheet["columns"], sheet["kinds"], sheet["texts"], strict=True
    )
    assert list(cells) == [
        (0, 0, "s", "Mã"),
        (1, 1, "p", "0.5"),
        (2, 0, "s", "ẩn"),
        (3, 4, "e", "#REF!"),
    ]
    assert "has_macros" not in sheet


@pytest.mark.parametrize("make", [as_xls, as_xlsb, as_ods])
@pytest.mark.parametrize(
    "limits", [Limits(rows=3), Limits(columns=4), Limits(area=19), Limits(cells=3)]
)
def test_limits_hold_for_every_kind(tmp_path, make, limits):
    path = tmp_path / "any.name"
    path.write_bytes(make())
    with pytest.raises(Rejected) as refused:
        inspect(path, limits)
    assert refused.value.code == "X_TOOBIG"
    assert inspect(path, Limits(rows=4, columns=5, area=20, cells=4)).sheets


@pytest.mark.parametrize("make", [as_xls, as_xlsb, as_ods])
def test_every_cut_is_refused(tmp_path, make):
    path = tmp_path / "any.name"
    data = make()
    for kept in range(9, len(data) - 600, len(data) // 40):
        path.write_bytes(data[:kept])
        with pytest.raises(Rejected):
            inspect(path)


def test_who_wrote_the_file_is_no_personal_data(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("A").write(0, 0, 1)
        book.set_properties({"author": "can.bo@example.vn", "title": "Báo cáo"})
    assert read_workbook(path, DEFAULT_LIMITS)
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("A").write(0, 0, 1)
        book.set_properties({"keywords": "can.bo@example.vn"})
    with pytest.raises(Rejected, match=r"core\.xml"):
        read_workbook(path, DEFAULT_LIMITS)


def test_one_long_text_in_many_cells_counts_for_each(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("A")
        for number in range(50):
            sheet.write(number, 0, "x" * 100)
            sheet.write(number, 1, f"{number}")
    assert inspect(path, Limits(text_volume=5_100)).sheets
    with pytest.raises(Rejected) as refused:
        inspect(path, Limits(text_volume=5_000))
    assert refused.value.code == "X_BOMB"


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
def test_a_template_saved_by_libreoffice_is_read_as_ever(
    template, job, programme, tmp_path
):
    source = template("m.xlsx", values=FIGURES)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            *(SOFFICE, profile, "--headless", "--convert-to", "ods"),
            *("--outdir", str(tmp_path), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    result = read_deliveries(programme, [job(tmp_path / "m.ods")], None, workers=1)
    assert result.findings.empty
    assert result.submissions.unit_code.tolist() == ["U1"]
    read = result.observations
    assert dict(zip(read.measure_code, read["value"], strict=True)) == VALUES
