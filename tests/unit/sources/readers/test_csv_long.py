from __future__ import annotations

import pytest

from sources.readers import read_deliveries

HEAD = "form_code;unit_code;period_key;measure_code;value;note"


@pytest.fixture
def read(tmp_path, programme, job):
    def run(*lines, head=HEAD, encoding="utf-8-sig", end="\n"):
        path = tmp_path / "long.csv"
        path.write_bytes(("\n".join([head, *lines]) + end).encode(encoding))
        return read_deliveries(programme, [job(path, "long")], None, workers=1)

    return run


def test_long_rows_become_submissions(read):
    result = read(
        "M;U1;civil-2024-M01;offences;1.656;",
        "M;U1;civil-2024-M01;loss;=1+1;ghi chú",
        "M;U2;civil-2024-M01;offences;0;",
        "M;;civil-2024-M01;staff;;",
    )
    assert result.submissions.unit_code.tolist() == ["U1", "U2", None]
    assert result.observations["value"].tolist() == [1656, None, 0, None]
    assert result.observations.cell.tolist() == ["row 2", "row 3", "row 4", "row 5"]
    assert result.observations.fault.tolist() == [None, "not_a_number", None, None]
    assert result.observations.raw_text.tolist()[1] == "=1+1"
    assert result.findings.empty


@pytest.mark.parametrize(
    "row", ["M;U1;civil-2024-M01;off", "M;U1;civil-2024-M01;offences;1;;;"]
)
def test_short_long_and_cut_rows_refuse_the_file(read, row):
    result = read("M;U1;civil-2024-M01;offences;1;", row, end="")
    assert result.findings.rule_code.tolist() == ["X_CSV"]
    assert result.findings.cell.tolist() == ["row 3"]
    assert result.observations.empty


def test_header_differences_are_listed_at_once(read):
    result = read("1;2;3;4", head="form_code;unit_code;extra;value")
    (message,) = result.findings.message_en
    assert "period_key" in message and "extra" in message


@pytest.mark.parametrize("head", [HEAD.replace(";", ","), HEAD])
def test_wrong_delimiter_and_no_rows(read, head):
    code = "X_CSV" if head == HEAD else "X_COLUMNS"
    assert read(head=head).findings.rule_code.tolist() == [code]


def test_wrong_encoding(read):
    result = read("M;U1;civil-2024-M01;offences;1;chú", encoding="utf-16")
    assert result.findings.rule_code.tolist() == ["X_ENCODING"]


def test_blank_lines_and_quotes(read):
    result = read('M;U1;civil-2024-M01;offences;"1";"a;b"', "", end="\r\n\r\n")
    assert result.observations["value"].tolist() == [1]


def test_unknown_source(programme, job, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("x")
    result = read_deliveries(programme, [job(path, "nowhere")], None)
    assert result.findings.rule_code.tolist() == ["X_SOURCE"]


def test_a_source_s_own_marks_are_statuses(tmp_path, programme, job):
    path = tmp_path / "long.csv"
    rows = ["K/c", "không có", "-", "hơn 1.000"]
    lines = [
        f"M;U1;civil-2024-M0{no};offences;{text};" for no, text in enumerate(rows, 1)
    ]
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    marks = {"K/C": "missing", "Không có": "nil"}
    sources = tuple(
        source.model_copy(
            update={"marks": marks, "encoding": "auto", "delimiter": "auto"}
        )
        for source in programme.sources
    )
    known = programme.model_copy(update={"sources": sources})
    found = read_deliveries(known, [job(path, "long")], None, workers=1).observations
    statuses = ["missing", "nil", "missing", "reported"]
    assert found.observation_status.tolist() == statuses
    assert found["value"].tolist() == [None, 0, None, 1000]
    assert found.fault.isna().all()
