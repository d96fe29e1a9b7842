"""The run goes on: what one delivery may cost, whatever breaks while it is read."""

from __future__ import annotations

import pytest

from sources.readers import reading
from sources.readers.grid import check_encodable, empty_sheet
from sources.readers.rejections import Rejected

HEAD = "form_code;unit_code;period_key;measure_code;value;note\n"


def test_a_reader_that_breaks_costs_the_delivery_it_broke_on(
    programme, job, template, tmp_path, monkeypatch, caplog
):
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path, unit in zip(paths, ("U1", "U2"), strict=True):
        path.write_text(f"{HEAD}M;{unit};civil-2024-M01;offences;1;\n")
    jobs = [*(job(path, "long") for path in paths), job(template(), "inbox")]
    whole = reading.read_csv_long

    def breaks(programme, source, job, sheets):
        if job.file_name == "one.csv":
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates")
        return whole(programme, source, job, sheets)

    monkeypatch.setattr(reading, "read_csv_long", breaks)
    result = reading.read_deliveries(programme, jobs, None, workers=1)
    (finding,) = result.findings.to_dict("records")
    assert finding["rule_code"] == "X_UNREADABLE"
    assert finding["delivery_sha256"] == jobs[0].delivery_sha256
    assert finding["observed"] == "UnicodeEncodeError"
    assert len(result.submissions) == 2
    assert jobs[0].delivery_sha256 in caplog.text


def test_templates_are_read_one_by_one_where_all_at_once_breaks(
    programme, job, template, monkeypatch
):
    jobs = [job(template(f"{unit}.xlsx", unit)) for unit in ("U1", "U2")]
    whole = reading.read_templates

    def breaks(programme, files, marks):
        if any(file.job is jobs[0] for file in files):
            raise KeyError("x")
        return whole(programme, files, marks)

    monkeypatch.setattr(reading, "read_templates", breaks)
    result = reading.read_deliveries(programme, jobs, None, workers=1)
    assert result.submissions.unit_code.tolist() == ["U2"]
    assert result.findings.rule_code.tolist() == ["X_UNREADABLE"]


@pytest.mark.parametrize("name", ["S", "\ud800"])
def test_no_text_leaves_a_worker_that_could_not_be_written(name):
    sheet = empty_sheet(name, "visible")
    sheet["rows"], sheet["columns"], sheet["kinds"] = [0, 4], [0, 1], "ss"
    sheet["texts"] = ["a", "b"]
    if name == "S":
        check_encodable([sheet])
        sheet["texts"] = ["a", "\udcff"]
    with pytest.raises(Rejected) as caught:
        check_encodable([sheet])
    assert caught.value.code == "X_ENCODING"
    assert caught.value.cell == ("B5" if name == "S" else "")
