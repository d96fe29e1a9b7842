"""The runner: crashes are errors, row ids are right, nothing is passed on no rows."""

from __future__ import annotations

import traceback

import numpy as np
import pandas as pd
import pytest

from expectations import gate1
from expectations.errors import CheckCrashed, FrameRefused
from expectations.runner import run_suite
from sources.programme.findings import empty_findings

from .conftest import GOOD

SECRET = "Nguyễn Văn A 030012345678"


def shrinkage(rows: list[tuple[str, object, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["table", "rows_now", "rows_published"])


def test_crash_of_a_check_is_an_error_and_quotes_no_cell(caplog, capfd):
    frame = shrinkage([("fct_a", SECRET, 1.0)])
    with pytest.raises(CheckCrashed) as caught:
        run_suite("shrinkage", frame, {"kept_rows": 0.8})
    assert caught.value.suite == "shrinkage"
    assert caught.value.rule == "TABLE_SHRANK"
    assert caught.value.kind == "TypeError"
    shown = "".join(traceback.format_exception(caught.value))
    printed = "".join(capfd.readouterr())
    assert SECRET not in shown + caplog.text + printed
    assert caught.value.__context__ is None


def test_crash_records_nothing(batch, monkeypatch):
    """A value that is no number at all must stop the gate, not become a finding."""
    batch.submit()
    frame = gate1.of_observations.values_frame
    monkeypatch.setattr(
        gate1.of_observations,
        "values_frame",
        lambda *given: frame(*given).assign(count_value=SECRET),
    )
    with pytest.raises(CheckCrashed, match="observation_values/VALUE_NOT_WHOLE"):
        batch.judge()


def test_failing_rows_are_right_with_a_duplicated_index():
    frame = shrinkage([("a", 10, 10.0), ("b", 1, 10.0), ("c", 9, 10.0), ("d", 0, 5.0)])
    frame.index = [7, 7, 0, 0]
    outcome = run_suite("shrinkage", frame, {"kept_rows": 0.8})
    assert outcome.failing["TABLE_SHRANK"].tolist() == [1, 3]


def test_nulls_do_not_apply_and_are_not_counted():
    frame = shrinkage([("a", 1, np.nan), ("b", 9, 10.0)])
    row = run_suite("shrinkage", frame, {"kept_rows": 0.8}).results.iloc[0]
    assert (row["checked"], row["failed"], row["status"]) == (1, 0, "pass")


def test_frame_without_rows_is_refused_not_passed():
    with pytest.raises(FrameRefused, match="GUARD_ROWS"):
        run_suite("shrinkage", shrinkage([]), {"kept_rows": 0.8})


def test_null_key_is_refused():
    frame = shrinkage([("a", 1.0, 1.0), (None, 1.0, 1.0)])  # type: ignore[list-item]
    with pytest.raises(FrameRefused, match="GUARD_KEYS"):
        run_suite("shrinkage", frame, {"kept_rows": 0.8})


def test_absent_column_is_refused_by_name():
    frame = shrinkage([("a", 1, 1.0)]).drop(columns="rows_published")
    with pytest.raises(FrameRefused, match="rows_published"):
        run_suite("shrinkage", frame, {"kept_rows": 0.8})


def test_empty_suites_are_skipped_with_a_reason(batch):
    batch.submit(unit_code="C11")
    results = batch.judge().results
    skipped = results[results["status"] == "skipped"]
    assert "observation_values" in set(skipped["suite"])
    assert skipped["reason"].str.len().gt(0).all()
    assert skipped["checked"].eq(0).all()


def test_nothing_at_all_is_judged_without_an_error(batch):
    batch.submit()
    submissions, observations = batch.frames()
    judgement = batch.judge(
        submissions=submissions.head(0), observations=observations.head(0)
    )
    assert judgement.findings.empty
    assert judgement.submissions.empty
    assert set(judgement.results["status"]) == {"skipped"}


def test_observation_of_no_submission_is_refused(batch):
    batch.submit()
    batch.observe("s9", "off", 1)
    with pytest.raises(FrameRefused, match="not in the batch"):
        batch.judge()


def test_submission_id_twice_is_refused(batch):
    batch.submit()
    batch.submit(submission_id="s0")
    with pytest.raises(FrameRefused, match="unique"):
        batch.judge()


def test_frames_may_come_back_from_parquet(batch, tmp_path):
    """The hand-over between steps is Parquet; empty and all-null columns survive it."""
    batch.submit({**GOOD, "off": -1})
    frames = dict(zip(("submissions", "observations"), batch.frames(), strict=True))
    frames["read_findings"] = empty_findings()
    for name, frame in frames.items():
        frame.to_parquet(tmp_path / name)
    again = {name: pd.read_parquet(tmp_path / name) for name in frames}
    pd.testing.assert_frame_equal(batch.judge().findings, batch.judge(**again).findings)
