from __future__ import annotations

import time
from decimal import Decimal

import pytest

from sources.programme.check_sources import check_sources
from sources.programme.model import CodeList, CodeMember, NumberStyle, TableMap
from sources.programme.problems import ProblemList
from sources.readers.mapped import read_mapped
from sources.readers.mapped_faults import MOST_ROWS
from sources.readers.reading import read_deliveries

HEAD = "de,pe,ou,sex,age,value"
LONG_MAP = {
    "file": r".*\.(csv|xlsx)",
    "form": "M",
    "unit_column": {"header": ["ou", "orgUnit"]},
    "units": {"Xã Hai": "U2"},
    "period_column": {"header": ["pe", "period"]},
    "periods": [
        {"text": r"(?P<year>\d{4})(?P<part>\d{2})", "example": "202401"},
        {
            "text": r"(?P<year>\d{4})Oct",
            "example": "2023Oct",
            "form": "Y",
            "year_shift": 1,
        },
    ],
    "measure_column": {"header": ["de", "dataElement"]},
    "key_columns": [{"header": ["sex"]}, {"header": ["age"]}],
    "member_total": "all.all",
    "codes": {"OFF": "offences", "OFF.f.old": "cases.f.old", "staff_count": "staff"},
    "value_column": {"header": ["value"]},
}


def with_map(programme, **changes):
    """The small programme with a closed list for `cases` and one long map."""
    members = tuple(
        CodeMember(code=code, name_vi=code, name_en=code) for code in ("f.old", "m.old")
    )
    table = TableMap.model_validate(LONG_MAP | changes)
    tables = programme.sources[1].model_copy(
        update={"maps": (table,), "number_style": NumberStyle.PLAIN}
    )
    return programme.model_copy(
        update={
            "code_lists": (CodeList(code="offence", members=members),),
            "sources": (programme.sources[0], tables, programme.sources[2]),
        }
    )


@pytest.fixture
def read(programme, job, tmp_path):
    def run(*lines, head=HEAD, **changes):
        path = tmp_path / "values.csv"
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        found = with_map(programme, **changes)
        return read_deliveries(found, [job(path, "tables")], workers=1)

    return run


def faults(result):
    found = result.findings
    observed = found.observed.where(found.observed.notna(), "")
    return list(zip(found.rule_code, found.cell, observed, strict=True))


def test_one_file_gives_submissions_of_several_forms(read):
    result = read(
        "cases,2023Oct,U1,f,old,6",
        "offences,202403,U1,all,all,0",
        "OFF,202403,Xã Hai,all,all,7",
    )
    found = result.submissions
    assert list(
        zip(found.form_code, found.unit_code, found.period_key, strict=True)
    ) == [
        ("Y", "U1", "civil-2024-Y"),
        ("M", "U1", "civil-2024-M03"),
        ("M", "U2", "civil-2024-M03"),
    ]
    cells = result.observations
    assert cells.measure_code.tolist() == ["cases.f.old", "offences", "offences"]
    assert cells["value"].tolist() == [6, 0, 7]
    assert cells.observation_status.tolist() == ["reported", "nil", "reported"]
    assert cells.cell.tolist() == ["F2", "F3", "F4"]
    assert cells.submission_id.tolist() == found.submission_id.tolist()
    assert result.findings.empty


def test_headers_in_their_long_form_in_any_order_with_spaces_folded(read):
    result = read(
        " 5 ,x, U1\u00a0,202401,cases ,m,old",
        head="value,storedby,orgUnit,period,dataElement,sex,age",
    )
    (row,) = result.observations.itertuples()
    assert (row.measure_code, row.value, row.cell) == ("cases.m.old", 5, "A2")


def test_each_fault_is_named_at_its_row_and_the_rest_is_read(read):
    result = read(
        "cases,2023Oct,U1,f,old,1",
        "case,2023Oct,U1,f,old,1",
        "cases,2023Oct,u1,f,old,1",
        "cases,2023Q1,U1,f,old,1",
        "cases,202313,U1,f,old,1",
        "cases,2023Oct,U1,f,young,1",
        "cases,2023Oct,U1,f,,1",
        "cases,2023Oct,U1,m,old,",
        "cases,2023Oct,U2,m,old,1,5",
        ",,,,,",
        "",
        "cases,2023Oct,U2,m,old,foo",
    )
    assert faults(result) == [
        ("R_ROW_WIDTH", "A10", "7"),
        ("R_UNKNOWN_UNIT_NAME", "C4", "u1"),
        ("R_UNKNOWN_PERIOD", "B5", "2023Q1"),
        ("R_UNKNOWN_PERIOD", "B6", "202313"),
        ("R_UNKNOWN_MEASURE", "A3", "case"),
        ("R_UNKNOWN_MEMBER", "D7", "f.young"),
        ("R_UNKNOWN_MEMBER", "D8", "f."),
        ("VALUE_EMPTY", "F9", ""),
    ]
    assert set(result.findings.severity) == {"ERROR"}
    assert result.observations.cell.tolist() == ["F2", "F13"]
    assert result.observations.fault.tolist() == [None, "not_a_number"]


def test_faults_say_what_is_near_and_for_which_period(read):
    result = read("case,2023Oct,U1,f,old,1", "cases,Oct,u1,f,old,1")
    by_rule = result.findings.set_index("rule_code")
    assert by_rule.expected["R_UNKNOWN_MEASURE"] == "cases"
    assert by_rule.expected["R_UNKNOWN_UNIT_NAME"] == "U1"
    assert by_rule.expected["R_UNKNOWN_PERIOD"] == "202401, 2023Oct"
    assert "202401 hoặc 2023Oct" in by_rule.message_vi["R_UNKNOWN_PERIOD"]
    assert by_rule.unit_code["R_UNKNOWN_MEASURE"] == "U1"
    assert by_rule.period_key["R_UNKNOWN_MEASURE"] == "civil-2024-Y"
    assert result.submissions.empty


def test_a_row_may_have_several_faults(read):
    result = read("none,2023,U9,f,old,")
    assert sorted(result.findings.rule_code) == [
        "R_UNKNOWN_MEASURE",
        "R_UNKNOWN_PERIOD",
        "R_UNKNOWN_UNIT_NAME",
        "VALUE_EMPTY",
    ]


def test_many_faults_of_a_kind_are_counted_past_a_limit(read):
    lines = [f"cases,2023Oct,none{n},f,old,1" for n in range(MOST_ROWS + 7)]
    result = read(*lines)
    assert len(result.findings) == MOST_ROWS + 1
    assert result.findings.finding_id.is_unique
    last = result.findings.iloc[-1]
    assert (last.cell, last.observed) == (f"C{MOST_ROWS + 2}", "7")
    assert "7 more rows" in last.message_en


def test_codes_of_the_map_for_member_and_measure(read):
    result = read("OFF,2023Oct,U1,f,old,1", "OFF,202401,U1,f,new,2")
    assert result.observations.measure_code.tolist() == ["cases.f.old"]
    assert faults(result) == [("R_UNKNOWN_MEMBER", "D3", "f.new")]


def test_rows_of_ignored_units_are_passed_over(read):
    result = read("x,y,Total,,,", "cases,2023Oct,U1,f,old,1", ignore_units=["Total"])
    assert result.findings.empty
    assert len(result.observations) == 1


def test_a_file_without_header_or_rows_is_refused(read):
    refused = read("cases,2023Oct,U1,f,old,1", head="cases,2023Oct,U1,f,old,1")
    assert faults(refused)[0][:2] == ("X_COLUMNS", "A1")
    assert refused.submissions.empty
    assert read().findings.rule_code.tolist() == ["X_COLUMNS"]


def test_without_key_columns_a_row_is_the_measure_itself(read):
    result = read("staff_count,202401,U1,9", head="de,pe,ou,value", key_columns=[])
    (row,) = result.observations.itertuples()
    assert (row.measure_code, row.value) == ("staff", 9)


def test_members_of_an_open_list_are_learnt(programme, job, tmp_path):
    path = tmp_path / "v.csv"
    path.write_text(f"{HEAD}\ncases,2023Oct,U1,x,new,1\n", encoding="utf-8")
    found = with_map(programme)
    found = found.model_copy(update={"code_lists": programme.code_lists})
    result = read_deliveries(found, [job(path, "tables")], workers=1)
    assert result.findings.empty
    (member,) = result.members.itertuples()
    assert (member.code_list, member.member_code) == ("offence", "x.new")
    assert member.period_key == "civil-2024-Y"


def test_workbooks_are_read_by_the_same_map(programme, job, workbook):
    rows = [["cases", "2023Oct", "U1", "f", "old", 1.5, "a note"]]
    path = workbook({"Data": [HEAD.split(","), *rows]})
    result = read_deliveries(with_map(programme), [job(path, "tables")], workers=1)
    (row,) = result.observations.itertuples()
    assert (row.sheet, row.cell, row.value) == ("Data", "F2", Decimal("1.5"))
    assert result.findings.empty


def test_year_in_the_file_name(programme, job, tmp_path):
    path = tmp_path / "v2023.csv"
    path.write_text("de,ou,value\ncases,U1,4\n", encoding="utf-8")
    no_periods = {"period_column": None, "periods": [], "key_columns": []}
    yearly = {"form": "Y", "file": r"v(?P<year>\d{4})?\.csv"}
    found = with_map(programme, **no_periods, **yearly)
    result = read_deliveries(found, [job(path, "tables")], workers=1)
    assert result.submissions.period_key.tolist() == ["civil-2023-Y"]
    nameless = read_deliveries(found, [job(path, "tables", "v.csv")], workers=1)
    assert faults(nameless) == [("R_UNKNOWN_PERIOD", "A2", "")]


def test_patterns_of_periods_in_a_wide_table(programme, job, workbook):
    source = programme.sources[1]
    changes = {
        "file": ".*",
        "period_column": {"header": ["Kỳ"]},
        "periods": [
            {"text": r"FY(?P<year>\d{4})", "example": "FY2023", "year_shift": -1}
        ],
    }
    table = TableMap.model_validate(source.maps[0].model_dump() | changes)
    found = programme.model_copy(
        update={"sources": (source.model_copy(update={"maps": (table,)}),)}
    )
    head = ["Mã tội", "Tên", "Đơn vị", "Số vụ", "Kỳ"]
    rows = [["A1", "x", "Xã Một", 1, text] for text in ("FY2024", "2024")]
    path = workbook({"T": [head, *rows]})
    result = read_deliveries(found, [job(path, "tables")], workers=1)
    assert result.submissions.period_key.tolist() == ["civil-2023-Y", "2024"]


def test_large_long_table_is_read_in_columns(programme, job, tmp_path):
    count = 60_000
    texts = [
        cell
        for n in range(count)
        for cell in ("cases", "2023Oct", ("U1", "U2")[n % 2], "f", "old", str(n))
    ]
    sheet = {
        "name": "",
        "state": "visible",
        "hidden_rows": [],
        "rows": [0] * 6 + [1 + n // 6 for n in range(len(texts))],
        "columns": [0, 1, 2, 3, 4, 5] * (count + 1),
        "kinds": "s" * (len(texts) + 6),
        "texts": [*HEAD.split(","), *texts],
        "widths": [6] * (count + 1),
    }
    path = tmp_path / "values.csv"
    path.write_bytes(b"x")
    found = with_map(programme)
    started = time.process_time()
    parts = read_mapped(found, found.sources[1], job(path, "tables"), [sheet])
    assert time.process_time() - started < 4
    assert len(parts.observations[0]) == count


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"value_column": None}, "measure_column without value_column"),
        ({"measure_column": None}, "nothing says which measures"),
        ({"code_list": "offence"}, "code_list does not go with measure_column"),
        ({"key_columns": []}, "member_total needs key_columns"),
        ({"codes": {"x": "case"}}, "there is no 'case'"),
        ({"period_column": None}, "periods needs a period_column"),
        ({"key_columns": [{"header": ["("]}]}, "'(' is no regular expression"),
        ({"periods": [{"text": "(", "example": "x"}]}, "'(' is no regular"),
        (
            {"periods": [{"text": r"(?P<year>\d{4})", "example": "2024"}]},
            "does not fit periods by month",
        ),
        (
            {"periods": [{**LONG_MAP["periods"][1], "example": "2024"}]},
            "does not fit its example",
        ),
        ({"periods": [LONG_MAP["periods"][0]] * 2}, "takes '202401' first"),
        (
            {"periods": [{**LONG_MAP["periods"][1], "form": "YY"}]},
            "there is no 'YY'",
        ),
    ],
)
def test_maps_that_cannot_work_are_refused_on_loading(programme, changes, expected):
    found = ProblemList()
    check_sources(with_map(programme, **changes), found)
    messages = [problem.message for problem in found.problems]
    if expected is None:
        assert messages == []
    else:
        assert any(expected in message for message in messages), messages
