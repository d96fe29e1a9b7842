from __future__ import annotations

import datetime as dt
import time
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from sources.programme.loader import load_programme
from sources.readers import ReadJob, read_deliveries
from sources.readers.grid import read_workbook
from sources.readers.limits import DEFAULT_LIMITS
from sources.readers.mapped import read_mapped

HEAD = ["Mã tội danh", "Tên", "Đơn\u00a0vị", "Số  vụ"]
ROWS = [
    ["------", "Tất cả", "Xã Một", 30],
    ["A1", "Trộm", "Xã Một", 20],
    ["B2", "Cướp", "Xã Một", 10],
    ["------", "Tất cả", "Xã Hai", 5],
    ["A1", "Trộm\u00a0cắp", "Xã Hai", 5],
    ["------", "Tất cả", "Cả tỉnh", 35],
]


@pytest.fixture
def read(programme, job):
    def run(path, members=None, name=None):
        jobs = [job(path, "tables", name or "table2023.xlsx")]
        return read_deliveries(programme, jobs, members, workers=1)

    return run


def table(result, unit):
    ids = result.submissions.set_index("unit_code").submission_id
    rows = result.observations[result.observations.submission_id.eq(ids[unit])]
    return dict(zip(rows.measure_code, rows["value"], strict=True))


def test_one_submission_per_unit_with_members_and_totals(workbook, read):
    result = read(workbook({"T": [HEAD, *ROWS]}))
    assert result.submissions.unit_code.tolist() == ["U1", "U2", "P"]
    assert set(result.submissions.period_key) == {"civil-2023-Y"}
    assert result.submissions.is_control_total.tolist() == [False, False, True]
    assert table(result, "U1") == {"cases": 30, "cases.A1": 20, "cases.B2": 10}
    assert result.findings.empty
    first = result.observations.iloc[0]
    assert (first.sheet, first["cell"], first.raw_text) == ("T", "D2", "30")


def test_absent_members_are_zero(workbook, read):
    result = read(workbook({"T": [HEAD, *ROWS]}))
    assert table(result, "U2") == {"cases": 5, "cases.A1": 5, "cases.B2": 0}
    nil = result.observations[result.observations.cell.isna()]
    assert set(nil.observation_status) == {"nil"}
    assert set(nil.raw_text) == {""}


def test_new_members_carry_their_newest_label(workbook, read):
    result = read(workbook({"T": [HEAD, *ROWS]}))
    names = dict(zip(result.members.member_code, result.members.name, strict=True))
    assert names == {"A1": "Trộm cắp", "B2": "Cướp"}
    again = read(workbook({"T": [HEAD, *ROWS]}), result.members.assign(name="cũ"))
    assert sorted(again.members.name) == ["Cướp", "Trộm cắp"]


def test_unknown_unit_names_are_reported_once_and_dropped(workbook, read):
    strange = [["A1", "x", "Xã Mot", 1], ["B2", "x", "Xã Mot", 2], ["A1", "x", "", 3]]
    ignored = [["A1", "x", "Nguồn", 1]]
    result = read(workbook({"T": [HEAD, *ROWS, *strange, *ignored]}))
    assert result.findings.rule_code.tolist() == ["R_UNKNOWN_UNIT_NAME"] * 2
    assert result.findings.severity.tolist() == ["ERROR"] * 2
    assert result.findings.cell.tolist() == ["C8", "C10"]
    assert "Xã Một" in result.findings.expected.iloc[0]
    assert "Gần nhất: 'Xã Một' (U1)" in result.findings.message_vi.iloc[0]
    assert len(result.submissions) == 3


def test_names_are_exact_after_folding_only(workbook, read):
    rows = [
        ["A1", "x", unicodedata.normalize("NFD", "Xã\u00a0 Một"), 1],
        ["A1", "x", "xã một", 2],
    ]
    result = read(workbook({"T": [HEAD, *rows]}))
    assert result.submissions.unit_code.tolist() == ["U1"]
    assert result.findings.observed.tolist() == ["xã một"]


def test_rows_without_member_code(workbook, read):
    result = read(workbook({"T": [HEAD, *ROWS, ["", "x", "Xã Một", 1]]}))
    assert result.findings.rule_code.tolist() == ["R_ROW_WITHOUT_MEMBER"]


def test_columns_missing_and_twice_are_listed_together(workbook, read):
    head = ["Mã tội", "Tên", "Land", "Cases"]
    result = read(workbook({"T": [[*head, "Tên"], *ROWS]}))
    (message,) = result.findings.message_en
    assert "missing Số vụ" in message
    assert "B1, E1" in message
    assert result.findings.rule_code.tolist() == ["X_COLUMNS"]


def test_first_visible_sheet_and_names_that_fit_no_map(workbook, read, tmp_path):
    path = workbook({"Ẩn": [["x"]], "T": [HEAD, *ROWS]})
    book = openpyxl.load_workbook(path)
    book["Ẩn"].sheet_state = "hidden"
    book.save(path)
    assert len(read(path).submissions) == 3
    assert read(path, name="other.xlsx").findings.rule_code.tolist() == ["X_NOMAP"]


def test_empty_table(workbook, read):
    assert read(workbook({"T": [HEAD]})).findings.rule_code.tolist() == ["X_COLUMNS"]


def test_text_file_by_the_same_map(tmp_path, read):
    lines = [",".join(HEAD), "A1,Trộm,Xã Một,1.656", '"B2","Cướp, giật",Xã Một,"5"']
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    result = read(path, name="table2023.csv")
    assert table(result, "U1") == {"cases.A1": Decimal(1656), "cases.B2": 5}
    assert result.observations.cell.tolist() == ["D2", "D3"]


def test_period_column(programme, job, workbook):
    source = programme.sources[1]
    column = {"period_column": {"header": ["Kỳ"]}, "period_type": "month"}
    table_map = source.maps[0].model_validate(
        source.maps[0].model_dump() | column | {"file": ".*"}
    )
    source = source.model_copy(update={"maps": (table_map,)})
    rows = [
        ["A1", "x", "Xã Một", 1, text] for text in ("01/2023", "2023-02", "tháng 3")
    ]
    path = workbook({"T": [[*HEAD, "Kỳ"], *rows]})
    sheets = read_workbook(path, DEFAULT_LIMITS)
    parts = read_mapped(programme, source, job(path, "tables"), sheets)
    keys = parts.submissions[0].period_key.tolist()
    assert keys == ["civil-2023-M01", "civil-2023-M02", "tháng 3"]


def test_large_table_is_read_in_columns(programme, job, tmp_path):
    units = ["Xã Một", "Xã Hai", "Cả tỉnh"]
    texts = [
        cell
        for number in range(18_000)
        for cell in (f"K{number // 3:05d}", "tên", units[number % 3], str(number))
    ]
    sheet = {
        "name": "T",
        "state": "visible",
        "hidden_rows": [],
        "rows": [0] * 4 + [1 + n // 4 for n in range(len(texts))],
        "columns": [0, 1, 2, 3] * 18_001,
        "kinds": "ssss" + "sssn" * 18_000,
        "texts": [*HEAD, *texts],
        "widths": [],
    }
    path = tmp_path / "table2023.xlsx"
    path.write_bytes(b"x")
    started = time.process_time()
    parts = read_mapped(programme, programme.sources[1], job(path, "tables"), [sheet])
    assert time.process_time() - started < 2
    assert len(parts.observations[0]) == 18_000


def test_published_german_tables(shared_data):
    folder = shared_data / "real" / "de_bka_pks"
    programme_folder = Path(__file__).parents[3] / "programmes" / "de_pks"
    if not folder.is_dir() or not programme_folder.is_dir():
        pytest.skip("the published tables or their programme are not in place")
    programme = load_programme(programme_folder)
    path = folder / "PKS2013.xlsx"
    when = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    jobs = [ReadJob(path, "0" * 64, path.name, programme.sources[0].code, when)]
    result = read_deliveries(programme, jobs, None)
    assert result.findings.empty
    rows = result.observations.merge(result.submissions, on="submission_id")
    rows = rows[rows.measure_code.isin(["recorded", "cleared", "suspects"])]
    sums = rows.groupby(["is_control_total", "measure_code"])["value"].sum()
    assert sums[False].to_dict() == {
        "recorded": 5_961_662,
        "cleared": 3_249_396,
        "suspects": 2_163_117,
    }
    assert sums[True]["suspects"] == 2_094_160


def test_rows_of_a_text_file_with_other_widths_are_no_figures(tmp_path, read):
    path = tmp_path / "table2023.csv"
    lines = [
        "Mã tội,Tên,Land,Số vụ,Note",
        "------,Tất cả,Xã Một,30,",
        "A1,x,Xã Một,20,",
    ]
    torn = ["A1,x,y,Xã Hai,7,9", "B2,x,Xã Một,1", "A1,x,Xã H"]
    path.write_text("\n".join([*lines, *torn]), encoding="utf-8")
    result = read(path)
    assert table(result, "U1") == {"cases": 30, "cases.A1": 20}
    assert result.submissions.unit_code.tolist() == ["U1"]
    found = result.findings[["rule_code", "cell", "observed", "expected"]]
    assert found.to_numpy().tolist() == [
        ["R_ROW_WIDTH", "A4", "6", "5"],
        ["R_ROW_WIDTH", "A5", "4", "5"],
        ["R_ROW_WIDTH", "A6", "3", "5"],
    ]
    assert set(result.findings.severity) == {"ERROR"}
