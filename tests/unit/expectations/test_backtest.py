"""Back-test: the same code over history, one rule's findings, rates by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from expectations import backtest as module
from expectations.backtest import backtest
from expectations.errors import UnknownRule
from sources.programme.reference import expand_measures

from .conftest import GOOD, Batch
from .test_declared import MONTHS, QUARTER, RANGE, SUM, with_rules

OFF = {**RANGE, "is_enabled": False, "valid_from": "2030-01-01"}


def run(batch: Batch, code: str, **more: object) -> module.Backtest:
    submissions, observations = batch.frames()
    return backtest(
        batch.programme,
        code,
        submissions,
        observations,
        batch.expected(),
        expand_measures(batch.programme, None),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def history(programme) -> Batch:
    """Four months of C1 and two of C2; two rates of C1 and one of C2 are wild."""
    batch = Batch(with_rules(programme, OFF, SUM))
    for month, rate in ((1, 99), (2, 5), (3, 5), (4, 80)):
        key = f"civil-2023-M{month:02d}"
        batch.submit({**GOOD, "rate": rate}, period_key=key)
    for month, rate in ((3, 5), (4, 70)):
        key = f"civil-2023-M{month:02d}"
        batch.submit({**GOOD, "rate": rate}, period_key=key, unit_code="C2")
    return batch


def test_rule_that_is_off_is_tried_over_all_of_history(history):
    found = run(history, "RATE_RANGE")
    assert found.checked == 6
    flags = found.flags.set_index(["unit_code", "period_key"])
    assert flags.loc[("C1", "civil-2023-M01"), "rate"] == 1
    assert flags.loc[("C1", "civil-2023-M02"), "rate"] == 0
    by_unit = found.by("unit_code").set_index("unit_code")
    assert by_unit["rate"].to_dict() == {"C1": 0.5, "C2": 0.5}
    by_period = found.by("period_key").set_index("period_key")
    assert by_period["flagged"].to_dict() == {
        "civil-2023-M04": 2,
        "civil-2023-M01": 1,
        "civil-2023-M02": 0,
        "civil-2023-M03": 0,
    }
    assert found.examples["period_key"].iloc[-1] == "civil-2023-M01"
    assert found.examples["cell"].notna().all()


def test_the_programme_itself_stays_as_it_is(history):
    run(history, "RATE_RANGE")
    assert history.judge_alone().findings.empty


def test_only_some_units_or_days_are_shown(history):
    found = run(history, "RATE_RANGE", units=["C1"], since=dt.date(2023, 3, 31))
    assert found.flags["period_key"].tolist() == ["civil-2023-M03", "civil-2023-M04"]
    assert found.examples["period_key"].tolist() == ["civil-2023-M04"]


@pytest.mark.parametrize("size", [1, 10**6])
def test_batches_have_what_lies_before_them_as_their_past(programme, size, monkeypatch):
    monkeypatch.setattr(module, "BATCH", size)
    batch = Batch(with_rules(programme, SUM))
    for key in MONTHS:
        batch.submit(period_key=key)
    wrong = batch.submit({"staff": 61}, **QUARTER)
    found = run(batch, "STAFF_SUM")
    assert found.examples["submission_id"].tolist() == [wrong]
    assert found.checked == 1
    assert len(found.flags) == 1  # only reports of the rule's own form


def test_unknown_rule_and_rule_of_the_build_are_refused(history):
    with pytest.raises(UnknownRule, match="did you mean 'RATE_RANGE'"):
        run(history, "RATE_RANG")
    with pytest.raises(ValueError, match="not reports as they arrive"):
        run(history, "TABLE_SHRANK")


def test_no_history_is_no_error(history):
    submissions, observations = history.frames()
    found = backtest(
        history.programme,
        "RATE_RANGE",
        submissions.head(0),
        observations.head(0),
        history.expected(),
        expand_measures(history.programme, None),
    )
    assert found.flags.empty
    assert found.checked == 0
    assert isinstance(found.by("unit_code"), pd.DataFrame)
