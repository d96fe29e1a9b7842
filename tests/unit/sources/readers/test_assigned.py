"""What a person said of a delivery fills gaps at reading, and overrides nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from sources.readers.assigned import Assigned, placed
from sources.readers.reading import read_deliveries
from sources.template import layout

DAY = dt.date(2024, 3, 1)
WHOLE = Assigned(DAY, "M", "U2", "civil-2024-M01")
KEYS = ["form_code", "unit_code", "period_key"]


def frame(*rows):
    return pd.DataFrame(rows, columns=KEYS, dtype="object")


def test_only_what_is_missing_or_unknown_is_filled_in(programme):
    rows = frame(("M", "U1", "civil-2024-M02"), ("M", "U9", None))
    found = placed(programme, WHOLE, rows)
    assert found.to_numpy().tolist() == [
        ["M", "U1", "civil-2024-M02"],
        ["M", "U2", "civil-2024-M01"],
    ]
    assert placed(programme, None, rows) is rows


def test_several_unknown_words_are_left_for_the_gate(programme):
    rows = frame(("M", "U9", None), ("M", "U8", ""))
    found = placed(programme, WHOLE, rows)
    assert found.unit_code.tolist() == ["U9", "U8"]
    assert found.period_key.tolist() == ["civil-2024-M01"] * 2


@pytest.mark.parametrize(
    ("day", "read_as"),
    [(DAY, "civil-2024-M01"), (dt.date(2025, 3, 1), "civil-2025-M01")],
)
def test_a_period_is_known_or_not_as_of_the_decision(programme, day, read_as):
    said = replace(WHOLE, decided_on=day)
    found = placed(programme, said, frame(("M", "U1", "civil-2025-M01")))
    assert found.period_key.item() == read_as


@pytest.fixture
def read(programme, job):
    def run(path, assigned, source="inbox", name=None):
        one = replace(job(path, source, name), assigned=assigned)
        return read_deliveries(programme, [one], workers=1)

    return run


def identity(result):
    (row,) = result.submissions[[*KEYS, "template_version"]].to_dict("records")
    return tuple(row.values())


def test_a_workbook_without_its_identity_is_read_when_all_of_it_is_said(
    template, read, programme
):
    path = template(values={"offences": 12})
    book = openpyxl.load_workbook(path)
    del book[layout.SHEET_META]
    book.save(path)
    said = read(path, WHOLE)
    version = programme.forms[0].template_version
    assert identity(said) == ("M", "U2", "civil-2024-M01", version)
    assert said.findings.empty
    assert said.observations["value"].dropna().tolist() == [12]
    part = read(path, replace(WHOLE, period_key=None))
    assert part.findings.rule_code.tolist() == ["X_TEMPLATE"]


def test_words_of_another_programme_give_way_only_to_a_whole_decision(template, read):
    path = template(meta={layout.META_PROGRAMME: "other"})
    assert identity(read(path, WHOLE))[:2] == ("M", "U2")
    part = read(path, replace(WHOLE, unit_code=None))
    assert part.findings.rule_code.tolist() == ["X_PROGRAMME"]


def test_a_known_unit_stays_and_an_unknown_one_is_filled(template, read):
    assert identity(read(template(), WHOLE))[1] == "U1"
    strange = template(meta={layout.META_UNIT: "U9"})
    found = read(strange, Assigned(DAY, unit_code="U2"))
    assert identity(found)[:3] == ("M", "U2", "civil-2024-M01")


HEAD = ["Mã tội", "Tên", "Đơn vị", "Số vụ"]


def test_a_table_of_no_map_is_read_by_the_only_one_of_its_form(workbook, read):
    path = workbook({"T": [HEAD, ["a", "x", "Xã Một", 3]]}, "other.xlsx")
    nothing = read(path, None, "tables")
    assert nothing.findings.rule_code.tolist() == ["X_NOMAP"]
    said = Assigned(DAY, form_code="Y", period_key="civil-2023-Y")
    found = read(path, said, "tables")
    assert identity(found)[:3] == ("Y", "U1", "civil-2023-Y")
    assert read(path, replace(said, form_code="M"), "tables").submissions.empty


def test_another_source_takes_it(workbook, read):
    path = workbook({"T": [HEAD, ["a", "x", "Xã Một", 3]]}, "table2024.xlsx")
    assert read(path, None, "nowhere").findings.rule_code.tolist() == ["X_SOURCE"]
    found = read(path, Assigned(DAY, source_code="tables"), "nowhere")
    assert identity(found)[:3] == ("Y", "U1", "civil-2024-Y")
