"""The workbook: numbers are numbers, text is text, all units, ready to print."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.helpers.scorecard_rows import FORMULA, HOSTILE
from warehouse.report import ScorecardData, scorecard_workbook

HEAD = 4


@pytest.fixture(scope="module")
def book(data: ScorecardData) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(scorecard_workbook(data)))


def rows(sheet: Worksheet) -> list[dict[str, object]]:
    head, *lines = sheet.iter_rows(min_row=HEAD, values_only=True)
    names = [str(name).split("\n")[-1] for name in head]
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_sheets_are_scores_basis_steps_revisions_and_units(book: Workbook) -> None:
    assert book.sheetnames == [
        "Bảng điểm",
        "Cơ sở kết luận",
        "Theo năm",
        "Theo tháng",
        "Khác bản chốt",
        "T1",
        "T7",
    ]


def test_scores_are_numbers_with_words_beside(book: Workbook) -> None:
    by_code = {row["Code"]: row for row in rows(book["Bảng điểm"])}
    assert len(by_code) == 10
    change = by_code["T1"]
    assert (change["Actual"], change["Required by now"]) == (12.18, 5)
    assert change["Verdict"] == "✓ Đạt"
    assert change["Coverage"] == 0.75
    assert (change["Projected low"], change["Rest needs"]) == (4.9, 1932)
    assert by_code["T6"]["Verdict"] == "§ Cam kết"
    assert by_code["T6"]["Actual"] in (None, "")
    assert by_code["T4"]["Marks"] == "tạm tính, có phần ước tính, mẫu số thay đổi"


def test_the_basis_lets_one_work_it_out_again(book: Workbook) -> None:
    by_code = {row["Code"]: row for row in rows(book["Cơ sở kết luận"])}
    change = by_code["T1"]
    assert (change["Figure"], change["Figure then"]) == (3507, 3993)
    assert round((3993 - 3507) / 3993 * 100, 2) == change["Compared"] - 0.01
    assert (change["If missing, low"], change["If missing, high"]) == (11.5, 12.18)
    assert change["Verdict from base"] == "✕ Không đạt"
    assert by_code["T4"]["Denominator then"] == 207
    assert "T6" not in by_code


def test_every_year_and_month_end_is_a_row_with_a_date(book: Workbook) -> None:
    years = [row for row in rows(book["Theo năm"]) if row["Code"] == "T1"]
    assert [row["Until"] for row in years] == [
        dt.datetime(year, 12, 31) for year in (2021, 2022, 2023)
    ]
    assert [row["Actual"] for row in years] == [-12.53, 12.18, 6.1]
    assert len(rows(book["Theo tháng"])) == 5


def test_hostile_names_are_text_and_never_a_formula(book: Workbook) -> None:
    cells = {cell.value: cell for cell in book["T1"]["B"]}
    assert {HOSTILE, FORMULA} <= set(cells)
    assert all(
        cell.data_type != "f"
        for sheet in book.worksheets
        for line in sheet.iter_rows()
        for cell in line
    )
    assert all(
        cell.hyperlink is None for line in book["T1"].iter_rows() for cell in line
    )


def test_sheets_print_on_landscape_a4_one_page_wide(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert int(sheet.page_setup.fitToWidth or 1) == 1
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == f"${HEAD}:${HEAD}"
        assert sheet.freeze_panes == f"C{HEAD + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{HEAD}:")
        assert "SIMULATED" in sheet["A3"].value


def test_the_same_data_give_the_same_bytes(data: ScorecardData) -> None:
    assert scorecard_workbook(data) == scorecard_workbook(data)


def test_an_edition_is_named(frozen: ScorecardData) -> None:
    book = openpyxl.load_workbook(io.BytesIO(scorecard_workbook(frozen)))
    assert "edition y2022.2f" in book["Bảng điểm"]["A2"].value
    names = {row["Code"]: row["Target"] for row in rows(book["Bảng điểm"])}
    assert names["T2"] == "Tên khi chốt T2"
