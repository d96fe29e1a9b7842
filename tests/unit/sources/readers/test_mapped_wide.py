"""Wide tables: what headers say, where each figure came from, what is left out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from sources.programme.check_sources import check_sources
from sources.programme.model import NumberStyle, TableMap
from sources.programme.problems import ProblemList
from sources.readers.mapped import read_mapped

# as the General Statistics Office prints them: see data/real/vn_gso/README.md
TITLE = ["Số vụ theo tỉnh", "", ""]
YEARS = ["Cities, provincies", "2022", "Prel. 2023"]
WIDE_MAP = {
    "file": r".*\.csv",
    "form": "Y",
    "header_row": 3,
    "first_row": 4,
    "unit_column": {"header": ["Cities, provinci?es"]},
    "units": {"WHOLE COUNTRY": "P", "Quang Nam": "U1", "Ha Tay": "U2"},
    "wide": {
        "header": r"(?:Prel?\. ?)?(?P<period>[0-9]{4})",
        "measure": "cases",
        "provisional": r"(.* )?Prel?\..*",
    },
}
BOTH = {
    "header": r"(?:Prel?\. ?)?(?P<period>[0-9]{4}) (?P<measure>.+)",
    "provisional": r"Prel?\..*",
}


def with_map(programme, **changes):
    """The small programme with one wide map; U2 ended in August 2023."""
    tables = programme.sources[1].model_copy(
        update={
            "maps": (TableMap.model_validate(WIDE_MAP | changes),),
            "number_style": NumberStyle.PLAIN,
        }
    )
    units = list(programme.units)
    units[2] = units[2].model_copy(update={"valid_to": dt.date(2023, 8, 1)})
    return programme.model_copy(update={"sources": (tables,), "units": tuple(units)})


def sheet_of(lines, kinds="s"):
    cells = [
        (row, column, text)
        for row, line in enumerate(lines)
        for column, text in enumerate(line)
        if text
    ]
    return {
        "name": "",
        "state": "visible",
        "hidden_rows": [],
        "rows": [row for row, _, _ in cells],
        "columns": [column for _, column, _ in cells],
        "kinds": kinds * len(cells),
        "texts": [text for _, _, text in cells],
        "widths": [],
    }


@pytest.fixture
def read(programme, job, tmp_path):
    def run(*lines, **changes):
        path = tmp_path / "table.csv"
        path.write_bytes(b"x")
        found = with_map(programme, **changes)
        sheet = sheet_of(lines)
        return read_mapped(found, found.sources[0], job(path, "tables"), [sheet])

    return run


def figures(parts):
    """Unit, year, measure, value, cell and qualifier of every observation."""
    if not parts.observations:
        return []
    (submissions,), (cells,) = parts.submissions, parts.observations
    joined = cells.merge(submissions, on="submission_id")
    return [
        (row.unit_code, row.period_key[6:10], row.measure_code, row.value, row.cell)
        + ((row.qualifier,) if row.qualifier else ())
        for row in joined.itertuples()
    ]


def faults(parts):
    return [
        (found["rule_code"], found["cell"], found["observed"])
        for found in parts.findings
    ]


def test_years_in_columns_with_country_and_units_in_one_column(read):
    parts = read(
        TITLE,
        [],
        YEARS,
        [" WHOLE COUNTRY", "7457.0", "12"],
        ["Quang  Nam", "..", "5"],
        ["Ha Tay", "3", ".."],
    )
    assert figures(parts) == [
        ("P", "2022", "cases", 7457, "B4"),
        ("P", "2023", "cases", 12, "C4", "provisional"),
        ("U1", "2022", "cases", None, "B5"),
        ("U1", "2023", "cases", 5, "C5", "provisional"),
        ("U2", "2022", "cases", 3, "B6"),
    ]
    (cells,) = parts.observations
    assert cells.observation_status.tolist() == [
        *("reported", "reported", "missing", "reported", "reported")
    ]
    assert cells.raw_text.tolist() == ["7457.0", "12", "..", "5", "3"]
    assert parts.findings == []


def test_a_figure_of_a_unit_that_has_ended_is_kept_for_gate_1_to_refuse(read):
    parts = read(TITLE, [], YEARS, ["Ha Tay", "..", "4"])
    assert figures(parts) == [
        ("U2", "2022", "cases", None, "B4"),
        ("U2", "2023", "cases", 4, "C4", "provisional"),
    ]


def test_what_cannot_be_read_is_kept_too(read):
    parts = read(TITLE, [], YEARS, ["Ha Tay", "1", "?"])
    assert [unit for unit, *_ in figures(parts)] == ["U2", "U2"]


@pytest.mark.parametrize(
    ("header", "pattern", "expected"),
    [
        ("2016 Doctor", BOTH["header"], ("2016", "offences", None)),
        ("Prel. 2016 Doctor", BOTH["header"], ("2016", "offences", "provisional")),
        ("Prel.2016 Doctor", BOTH["header"], ("2016", "offences", "provisional")),
        ("Pre. 2016  Doctor", BOTH["header"], ("2016", "offences", "provisional")),
        (
            "Doctor Prel. 2016",
            r"(?P<measure>\w+) (?:Prel\. )?(?P<period>[0-9]{4})",
            ("2016", "offences", "provisional"),
        ),
        (
            "2016 (*) Doctor",
            r"(?P<period>[0-9]{4})(?: \(\*\))? (?P<measure>.+)",
            ("2016", "offences", None),
        ),
    ],
)
def test_measure_and_period_in_one_header(read, header, pattern, expected):
    wide = {"header": pattern, "provisional": r"(.* )?Prel?\. ?[0-9].*"}
    parts = read(
        TITLE,
        [],
        ["Cities, provinces", header],
        ["Quang Nam", "8"],
        wide=wide,
        codes={"Doctor": "offences"},
    )
    year, measure, qualifier = expected
    (found,) = figures(parts)
    assert found[:5] == ("U1", year, measure, 8, "B4")
    assert found[5:] == ((qualifier,) if qualifier else ())


def test_headers_in_two_rows_with_merged_cells(read):
    parts = read(
        TITLE,
        [],
        ["Cities, provinces", "2022", "", "Prel. 2023", "", "Ghi chú"],
        ["", "Doctor", "Nurse", "Doctor", "Nurse"],
        ["Quang Nam", "1", "2", "3", "4", "x"],
        first_row=5,
        wide={**BOTH, "header_rows": 2, "is_exhaustive": False},
        codes={"Doctor": "offences", "Nurse": "staff"},
    )
    assert figures(parts) == [
        ("U1", "2022", "offences", 1, "B5"),
        ("U1", "2022", "staff", 2, "C5"),
        ("U1", "2023", "offences", 3, "D5", "provisional"),
        ("U1", "2023", "staff", 4, "E5", "provisional"),
    ]


def test_a_merged_cell_ends_where_the_one_above_it_ends(read):
    """Three rows: the second row's B goes over D, not on under 2023."""
    parts = read(
        TITLE,
        [],
        ["Cities, provinces", "2022", "", "", "2023"],
        ["", "A", "B", "", ""],
        ["", "x", "x", "y", "x"],
        ["Quang Nam", "1", "2", "3", "4"],
        first_row=6,
        wide={
            "header": r"(?P<period>[0-9]{4}) (?P<measure>.+)",
            "header_rows": 3,
        },
        codes={"A x": "offences", "B x": "staff", "B y": "station", "x": "loss"},
    )
    found = [(year, measure) for _, year, measure, *_ in figures(parts)]
    assert found == [
        ("2022", "offences"),
        ("2022", "staff"),
        ("2022", "station"),
        ("2023", "loss"),
    ]


def test_rows_that_are_measures_of_one_unit(read):
    parts = read(
        TITLE,
        [],
        ["Iterms", "2022", "Prel. 2023"],
        ["Number of traffic accidents (Case)", "36376.0", "31337.0"],
        ["Injured  (Person)", "..", "1"],
        unit_column=None,
        unit="P",
        units={},
        measure_column={"header": ["Iterms"]},
        codes={
            "Number of traffic accidents (Case)": "offences",
            "Injured (Person)": "staff",
        },
        wide={"header": r"(?:Prel\. )?(?P<period>[0-9]{4})"},
    )
    assert figures(parts) == [
        ("P", "2022", "offences", 36376, "B4"),
        ("P", "2023", "offences", 31337, "C4"),
        ("P", "2022", "staff", None, "B5"),
        ("P", "2023", "staff", 1, "C5"),
    ]


def test_headings_and_notes_without_figures_are_passed_over(read):
    parts = read(
        TITLE,
        [],
        YEARS,
        ["Red River Delta", "", ""],
        ["Quang Nam", "1", ""],
        [],
        ["(*) Preliminary figures"],
    )
    assert figures(parts) == [
        ("U1", "2022", "cases", 1, "B5"),
        ("U1", "2023", "cases", None, "C5"),
    ]
    assert parts.findings == []


def test_faults_stand_once_at_the_cell_that_is_wrong(read):
    parts = read(
        TITLE,
        [],
        ["Cities, provinces", "2022 Doctor", "2023 Doctr", "22 Doctor", "2023 Doctor"],
        ["Quang Nm", "1", "2", "3", "4"],
        ["Quang Nam", "5", "6", "7", "8"],
        ["WHOLE COUNTRY", "9", "10", "11", "12"],
        wide={"header": r"(?P<period>[0-9]+) (?P<measure>.+)"},
        codes={"Doctor": "offences"},
    )
    assert faults(parts) == [
        ("R_UNKNOWN_UNIT_NAME", "A4", "Quang Nm"),
        ("R_UNKNOWN_PERIOD", "D3", "22"),
        ("R_UNKNOWN_MEASURE", "C3", "Doctr"),
    ]
    assert [found[3] for found in figures(parts)] == [5, 8, 9, 12]
    for found in parts.findings:
        assert found["unit_code"] is found["period_key"] is None
        assert "figures were not read" in str(found["message_en"])


@pytest.mark.parametrize(
    ("head", "changes", "words"),
    [
        (["Cities, provinces", "2022", "Total"], {}, "C3 'Total'"),
        (["Cities, provinces"], {}, "does not match: -"),
        (["Province", "2022"], {}, "missing Cities, provinci?es"),
        (["Cities, provinces", "Cities, provincies", "2022"], {}, "found twice"),
    ],
)
def test_a_header_that_is_not_understood_refuses_the_file(read, head, changes, words):
    parts = read(TITLE, [], head, ["Quang Nam", "1", "2"], **changes)
    (found,) = parts.findings
    assert found["rule_code"] == "X_COLUMNS"
    assert words in str(found["message_en"])
    assert figures(parts) == []


def test_other_columns_are_let_be_where_the_map_says_so(read):
    wide = {**WIDE_MAP["wide"], "is_exhaustive": False}
    head = ["Cities, provinces", "Note", "2022"]
    parts = read(TITLE, [], head, ["Quang Nam", "x", "2"], wide=wide)
    assert figures(parts) == [("U1", "2022", "cases", 2, "C4")]


def test_a_table_without_rows_is_refused(read):
    (found,) = read(TITLE, [], YEARS).findings
    assert found["rule_code"] == "X_COLUMNS"


def test_decimals_stay_exact_and_an_ended_unit_in_an_unknown_period_stays(read):
    parts = read(
        TITLE,
        [],
        ["Cities, provinces", "1895"],
        ["Ha Tay", ".."],
        ["Quang Nam", "0.1"],
        wide={**WIDE_MAP["wide"], "measure": "rate"},
    )
    assert figures(parts) == [
        ("U2", "1895", "rate", None, "B4"),
        ("U1", "1895", "rate", Decimal("0.1"), "B5"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"wide": {"header": "("}}, "'(' is no regular expression"),
        (
            {"wide": {**WIDE_MAP["wide"], "provisional": "*"}},
            "'*' is no regular expression",
        ),
        ({"wide": {"header": "[0-9]{4}"}}, "must say what a header names"),
        (
            {"wide": {"header": "(?P<year>[0-9]{4})", "measure": "cases"}},
            "must say what a header names",
        ),
        (
            {"wide": {"header": "(?P<period>[0-9]{4})"}},
            "the measure of a value is said by nothing",
        ),
        (
            {"wide": {**BOTH, "measure": "cases"}},
            "said by the header and wide.measure",
        ),
        (
            {"period_column": {"header": ["Year"]}},
            "the period of a value is said by the header and period_column",
        ),
        (
            {"wide": {"header": "(?P<measure>.+)"}},
            "nothing says which year a row belongs to",
        ),
        ({"wide": {**WIDE_MAP["wide"], "measure": "case"}}, "there is no 'case'"),
        ({"wide": BOTH, "codes": {"Doctor": "doctor"}}, "there is no 'doctor'"),
        ({"codes": {"Doctor": "cases"}}, "codes has nothing to map"),
        ({"value_column": {"header": ["Value"]}}, "value_column does not go with wide"),
        (
            {"wide": {**WIDE_MAP["wide"], "header_rows": 2}},
            "first_row lies in the 2 rows of headers",
        ),
        ({"member_total": "T"}, "member_total needs key_columns"),
        ({"unit_column": None}, "the unit of a row is said twice or not at all"),
        ({"unit": "P"}, "the unit of a row is said twice or not at all"),
        ({"unit_column": None, "unit": "Q", "units": {}}, "there is no 'Q'"),
        ({"unit_column": None, "unit": "P"}, "units needs a unit_column"),
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
