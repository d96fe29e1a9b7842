"""The checks as they stand in a workbook; what they compute is tested end to end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sources.programme.expansion import expand_measures
from sources.programme.loader import load_programme
from sources.programme.model import DeclaredRule, Programme, RuleSetting
from sources.template import layout
from sources.template.content import FormSheet, form_sheet
from sources.template.writer import write_template, write_templates

SHIPPED = Path(__file__).parents[4] / "sources/programmes/hai_duong_2020_2025"
FORM, UNIT, PERIOD = "HS-Q", "HD.H288", "police-2023-Q1"
DAY = dt.date(2023, 3, 14)
CHECK = layout.COLUMN_CHECK + 1


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED)


@pytest.fixture
def sheet(programme, tmp_path):
    """Draws the form of a programme and gives its check by measure code."""

    def draw(rules=(), settings=()):
        changed = programme.model_copy(
            update={"rules": tuple(rules), "rule_settings": tuple(settings)}
        )
        path = tmp_path / "x.xlsx"
        write_template(path, changed, FORM, UNIT, PERIOD)
        page = openpyxl.load_workbook(path)[layout.SHEET_FORM]
        rows = page.iter_rows(min_row=layout.ROW_FIRST_MEASURE + 1, values_only=True)
        return {row[layout.COLUMN_CODE]: row[layout.COLUMN_CHECK] for row in rows}

    return draw


def declared(**more: object) -> DeclaredRule:
    facts = {"code": "OWN", "form": FORM, "name_vi": "Quy tắc", "name_en": "Rule"}
    return DeclaredRule.model_validate(
        {**facts, "kind": "range", "severity": "WARNING", **more}
    )


def facts(sheet: FormSheet) -> pd.DataFrame:
    rows = [row for row in sheet.rows if row is not None]
    return pd.DataFrame(
        [
            (r.code, r.is_required, r.part_of, r.total if r.depth else None)
            for r in rows
        ],
        columns=["indicator_code", "is_required", "part_of_code", "total"],
    ).set_index("indicator_code")


def test_rows_know_what_the_reference_model_knows(programme) -> None:
    known = expand_measures(programme, None).set_index("indicator_code")
    for form in programme.forms:
        found = facts(form_sheet(programme, form, day=DAY))
        asked = known.loc[found.index]
        assert found.is_required.tolist() == asked.is_required.tolist()
        assert found.part_of_code.fillna("").tolist() == (
            asked.part_of_code.fillna("").tolist()
        )
        assert found.total.fillna("").tolist() == (
            asked.parent_indicator_code.fillna("").tolist()
        )


def test_every_row_has_a_check_and_formulas_fit_old_spreadsheets(sheet) -> None:
    checks = sheet()
    assert len(checks) == 12
    for formula in checks.values():
        assert formula.startswith("=IF(")
        assert len(formula) < 8192
        assert "_xlfn" not in formula and ";" not in formula
    assert "lớn hơn mục 1: " in checks["offences_cleared"]
    assert "lớn hơn tổng ở mục 1: " in checks["offences.theft"]
    assert "các mục cộng lại là " in checks["offences"]


def test_declared_rules_of_the_form_join_where_gate_one_reports_them(sheet) -> None:
    checks = sheet(
        [
            declared(measure="offences", high="900"),
            declared(
                code="TWO",
                kind="compare",
                severity="ERROR",
                left=["offences.theft", "offences.fraud"],
                comparator="<=",
                right=["offences"],
            ),
            declared(code="OFF", measure="offences.other", high="5", is_enabled=False),
            declared(
                code="LATE", measure="offences.other", high="6", valid_from="2024-01-01"
            ),
            declared(code="ELSE", form="XDL-N", measure="force_total", high="7"),
        ]
    )
    assert "lớn hơn 900" in checks["offences"]
    assert "Quy tắc" in checks["offences.theft"]
    assert "Quy tắc" not in checks["offences.fraud"]
    assert "lớn hơn 5" not in checks["offences.other"]
    assert "lớn hơn 6" not in checks["offences.other"]


def test_what_the_programme_sets_is_obeyed(sheet) -> None:
    def setting(code: str, **more: object) -> RuleSetting:
        return RuleSetting.model_validate({"rule_code": code, **more})

    usual = sheet()["offences.theft"]
    assert usual.index("không được âm") > usual.index("lớn hơn tổng")
    checks = sheet(
        settings=[
            setting("MEMBER_OVER_TOTAL", is_enabled=False),
            setting("VALUE_NEGATIVE", severity="WARNING"),
            setting("MEASURE_MISSING", is_enabled=False),
        ]
    )["offences.theft"]
    assert "lớn hơn tổng" not in checks
    assert '"⚠ "&"không được âm"' in checks
    assert "chưa điền" not in checks


def test_colours_follow_the_marks_and_a_plain_workbook_has_no_formula(
    programme, tmp_path
) -> None:
    path = tmp_path / "x.xlsx"
    write_template(path, programme, FORM, UNIT, PERIOD)
    page = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    rules = {
        str(area.sqref): [rule.formula[0] for rule in found]
        for area, found in page.conditional_formatting._cf_rules.items()
    }
    assert rules["D11:E22"] == ['LEFT($E11,1)="✗"', 'LEFT($E11,1)="⚠"']
    assert page.column_dimensions["I"].hidden
    write_template(path, programme, FORM, UNIT, PERIOD, has_checks=False)
    page = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    texts = [str(cell.value) for row in page.iter_rows() for cell in row]
    assert not [text for text in texts if text.startswith("=")]
    assert layout.TITLE_CHECK not in texts
    assert page.column_dimensions["E"].hidden


def test_many_workbooks_one_per_unit_with_their_own_last_figures(
    programme, tmp_path
) -> None:
    done = []
    paths = write_templates(
        tmp_path / "out",
        programme,
        FORM,
        [UNIT, "HD.H290"],
        PERIOD,
        previous={UNIT: {"offences": 118}},
        progress=done.append,
    )
    assert [path.name for path in paths] == [
        f"{FORM}_{UNIT}_{PERIOD}.xlsx",
        f"{FORM}_HD.H290_{PERIOD}.xlsx",
    ]
    assert sum(done) == 2
    pages = [openpyxl.load_workbook(path)[layout.SHEET_FORM] for path in paths]
    cells = [page.cell(11, layout.COLUMN_PREVIOUS + 1) for page in pages]
    assert [cell.value for cell in cells] == [118, None]
    assert all(cell.protection.locked for cell in cells)
    assert pages[0].cell(1, 1).value != pages[1].cell(1, 1).value
