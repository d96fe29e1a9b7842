"""The workbook as an officer and a reader meet it, opened with a second library."""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.template import layout
from sources.template.writer import TemplateError, write_template

SHIPPED = Path(__file__).parents[4] / "sources/programmes/hai_duong_2020_2025"
FORM, UNIT, PERIOD = "HS-Q", "HD.H288", "police-2023-Q1"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "biểu.xlsx"


def code_rows(sheet):
    column = layout.COLUMN_CODE + 1
    return {
        sheet.cell(row, column).value: row
        for row in range(layout.ROW_FIRST_MEASURE + 1, sheet.max_row + 1)
    }


def metadata(workbook):
    sheet = workbook[layout.SHEET_META]
    return {key: value for key, value, *_ in sheet.iter_rows(values_only=True)}


def test_header_codes_and_metadata_stand_where_the_layout_says(programme, path):
    write_template(path, programme, FORM, UNIT, PERIOD)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[layout.SHEET_FORM]
    header = [c.value for c in sheet[layout.ROW_HEADER + 1]]
    assert tuple(header[: layout.COLUMN_CODE + 1]) == layout.HEADER_VI
    codes = list(code_rows(sheet))
    assert codes[:2] == ["offences", "offences.person"]
    assert len(codes) == 12
    assert tuple(metadata(workbook)) == layout.META_KEYS
    assert metadata(workbook)[layout.META_UNIT] == UNIT
    assert metadata(workbook)[layout.META_PERIOD] == PERIOD
    assert metadata(workbook)[layout.META_SIMULATED] == layout.META_FALSE
    assert sheet.cell(layout.ROW_NIL + 1, layout.COLUMN_CODE + 1).value == (
        layout.NIL_CODE
    )
    assert "15/12/2022" in sheet.cell(layout.ROW_PERIOD + 1, 1).value
    assert "14/03/2023" in sheet.cell(layout.ROW_PERIOD + 1, 1).value
    assert "17/03/2023" in sheet.cell(layout.ROW_DEADLINE + 1, 1).value


def test_numbers_stay_numbers_text_stays_text_and_blank_stays_blank(programme, path):
    values = {
        "offences": 1656,
        "offences.theft": "1.656",
        "offences.fraud": Decimal("5.5"),
        "offences.other": None,
    }
    write_template(path, programme, FORM, UNIT, PERIOD, values=values)
    sheet = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    rows = code_rows(sheet)
    found = {c: sheet.cell(rows[c], layout.COLUMN_VALUE + 1) for c in values}
    assert found["offences"].value == 1656
    assert found["offences.theft"].value == "1.656"
    assert found["offences.fraud"].value == 5.5
    assert found["offences.other"].value is None
    assert found["offences"].number_format == "#,##0"


def test_yes_no_is_written_in_words(programme, path):
    unit = next(u.unit_code for u in programme.units if u.level == "commune")
    values = {"commune_hq_done": 1, "regular_police_posted": False}
    write_template(path, programme, "TS-N", unit, "police-2023-Y", values=values)
    sheet = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    rows = code_rows(sheet)
    column = layout.COLUMN_VALUE + 1
    assert sheet.cell(rows["commune_hq_done"], column).value == layout.YES_VI
    assert sheet.cell(rows["regular_police_posted"], column).value == layout.NO_VI


def test_only_the_boxes_are_unlocked(programme, path):
    write_template(path, programme, FORM, UNIT, PERIOD)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[layout.SHEET_FORM]
    assert sheet.protection.sheet and workbook[layout.SHEET_META].protection.sheet
    row = code_rows(sheet)["offences"]
    unlocked = {c.column - 1 for c in sheet[row] if not c.protection.locked}
    assert unlocked == {layout.COLUMN_VALUE, layout.COLUMN_NOTE}
    open_meta = [
        row[0].value
        for row in workbook[layout.SHEET_META].iter_rows()
        if not row[layout.COLUMN_META_VALUE].protection.locked
    ]
    assert open_meta == [layout.META_SEND_NUMBER]


def test_every_count_cell_has_one_validation(programme, path):
    write_template(path, programme, FORM, UNIT, PERIOD)
    sheet = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    (rule,) = sheet.data_validations.dataValidation
    assert rule.sqref.ranges and "INT(" in rule.formula1 and ">=0" in rule.formula1
    covered = {cell for area in rule.sqref.ranges for cell in area.cells}
    rows = code_rows(sheet).values()
    assert covered == {(row, layout.COLUMN_VALUE + 1) for row in rows}


def test_equal_input_gives_equal_bytes_and_other_input_does_not(programme, tmp_path):
    paths = [tmp_path / f"{n}.xlsx" for n in range(3)]
    for path, value in zip(paths, (1, 1, 2), strict=True):
        write_template(path, programme, FORM, UNIT, PERIOD, values={"offences": value})
    first, second, third = (p.read_bytes() for p in paths)
    assert first == second != third


def test_simulated_workbook_says_so_on_the_page_and_in_the_metadata(programme, path):
    write_template(path, programme, FORM, UNIT, PERIOD, is_simulated=True)
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[layout.SHEET_FORM]
    assert sheet.cell(layout.ROW_BANNER + 1, 1).value == layout.SIMULATED_BANNER
    assert metadata(workbook)[layout.META_SIMULATED] == layout.META_TRUE
    assert layout.SIMULATED_BANNER in sheet.oddFooter.left.text


@pytest.mark.parametrize(
    ("form", "unit", "period", "near"),
    [
        ("HS-X", UNIT, PERIOD, "HS-Q"),
        (FORM, "HD.H28", PERIOD, "HD.H288"),
        (FORM, UNIT, "police-2023-M01", "police-2023-Q1"),
        (FORM, UNIT, "police-2025-Q3", "HD.X"),  # district police ended on 01/03/2025
    ],
)
def test_what_cannot_be_is_refused_with_near_codes(
    programme, path, form, unit, period, near
):
    if near == "HD.X":
        near = "units alive on 2025-09-14"
    with pytest.raises(TemplateError, match=re.escape(near)):
        write_template(path, programme, form, unit, period)
    assert not path.exists()


def test_unknown_measure_and_metadata_key_are_refused(programme, path):
    with pytest.raises(TemplateError, match="offences"):
        write_template(path, programme, FORM, UNIT, PERIOD, values={"offence": 1})
    with pytest.raises(TemplateError, match="unit_code"):
        write_template(path, programme, FORM, UNIT, PERIOD, meta={"unit_cod": "x"})


def test_text_too_long_for_a_cell_and_no_number_are_refused(programme, path):
    with pytest.raises(ValueError, match="32767"):
        write_template(
            path, programme, FORM, UNIT, PERIOD, notes={"offences": "x" * 40_000}
        )
    with pytest.raises(ValueError, match="no number"):
        write_template(
            path, programme, FORM, UNIT, PERIOD, values={"offences": Decimal("NaN")}
        )


HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40
) | st.builds(
    str.__add__,
    st.sampled_from(["=", "+", "-", "@", "\t=", "\r", " =", "＝", "{=", "http://"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)


@settings(max_examples=30, deadline=None)
@given(text=HOSTILE, note=HOSTILE)
def test_text_never_becomes_a_formula_and_comes_back_whole(
    programme, tmp_path_factory, text, note
):
    path = tmp_path_factory.mktemp("hostile") / "x.xlsx"
    write_template(
        path,
        programme,
        FORM,
        UNIT,
        PERIOD,
        values={"offences": text},
        notes={"offences": note},
    )
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert formula_columns(parts["xl/worksheets/sheet1.xml"]) == OWN_FORMULAS
    assert not any(
        b"<f" in part for name, part in parts.items() if "sheets/sheet2" in name
    )
    assert not any(b"hyperlink" in part for part in parts.values())
    sheet = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    row = code_rows(sheet)["offences"]
    for column, expected in ((layout.COLUMN_VALUE, text), (layout.COLUMN_NOTE, note)):
        cell = sheet.cell(row, column + 1)
        assert unescaped(cell.value or "") == expected


OWN_FORMULAS = {"E", "I"}
"""Columns of the checks and of the figures they look at."""


def formula_columns(part):
    """Letters of the columns in which a worksheet's part has formulas."""
    cells = re.findall(rb'<c r="([A-Z]+)[0-9]+"[^>]*><f[ >]', part)
    assert len(cells) == len(re.findall(rb"<f[ >]", part))
    return {letters.decode() for letters in cells}


def unescaped(text):
    """What a spreadsheet shows: openpyxl leaves _xHHHH_ as it stands."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m.group(1), 16)), text)
