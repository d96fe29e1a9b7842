"""Context rules: a submission beside the unit's earlier ones."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from expectations.rules import rules_of

from .conftest import GOOD, Batch

SUITES = {"plausibility", "report_history", "measure_history"}
CODES = {rule.rule_code for suite in SUITES for rule in rules_of(suite)}
MONTHS = [f"civil-{2021 + n // 12}-M{n % 12 + 1:02d}" for n in range(48)]


def values(number: int = 0, **changed: Any) -> dict[str, Any]:
    """Figures that differ from month to month; None leaves a measure out."""
    theft, other = 36 + number % 5, 24 + number % 3
    made = {
        "off": theft + other,
        "off.theft": theft,
        "off.other": other,
        "cleared": 50 + number % 4,
        "sure": 20 + number % 3,
        "station": 1,
        "rate": 5 + number % 7,
        "balance": -2,
        **changed,
    }
    return {code: value for code, value in made.items() if value is not None}


def submit(batch: Batch, month: int, unit: str = "C1", **changed: Any) -> str:
    return batch.submit(
        values(month, **changed), unit_code=unit, period_key=MONTHS[month]
    )


def found(batch: Batch, **more: Any) -> pd.DataFrame:
    """Findings of the context suites, doubts of the count model among them."""
    findings = batch.judge(**more).findings
    return findings[findings["rule_code"].isin(CODES)].reset_index(drop=True)


def rules(batch: Batch, **more: Any) -> list[tuple[str, str]]:
    rows = found(batch, **more)
    return sorted(zip(rows["rule_code"], rows["period_key"], strict=True))


def earlier(*submissions: tuple[int, dict[str, Any]], unit: str = "C1") -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("M", unit, MONTHS[month], code, float(value), f"e{month}")
            for month, figures in submissions
            for code, value in figures.items()
        ],
        columns=[
            "form_code",
            "unit_code",
            "period_key",
            "measure_code",
            "value",
            "submission_id",
        ],
    )


def test_a_steady_series_is_left_alone(batch):
    for month in range(20):
        submit(batch, month)
    assert rules(batch) == []


def test_without_a_past_nothing_is_said(batch):
    submit(batch, 0, off=9999, **{"off.theft": 9975})
    results = batch.judge(earlier=None).results.set_index("suite")
    own = results.loc[results.index.isin(SUITES)]
    assert set(own.index) == SUITES
    assert own["failed"].sum() == 0
    assert own.loc["plausibility", "checked"] == 0


@pytest.mark.parametrize("is_earlier", [True, False])
def test_a_slipped_digit_is_doubted_at_its_cell(batch, is_earlier):
    """The past may lie in the batch or before it: the doubt is the same."""
    past = [(month, values(month)) for month in range(10)]
    if not is_earlier:
        for month, _ in past:
            submit(batch, month)
    identifier = submit(batch, 10, cleared=530)
    given = earlier(*past) if is_earlier else None
    rows = found(batch, earlier=given)
    (doubt,) = rows[rows["rule_code"].eq("VALUE_UNLIKELY")].to_dict("records")
    assert doubt["submission_id"] == identifier
    assert doubt["indicator_code"] == "cleared"
    assert (doubt["severity"], doubt["scope"]) == ("WARNING", "observation")
    assert doubt["observed"] == "530"
    low, high, mean = map(
        float, re.fullmatch(r"(\d+)–(\d+) \((\d+)\)", doubt["expected"]).groups()
    )
    assert 5 < low < 51.5 < high < 200 and 50 <= mean <= 53
    assert doubt["cell"] and doubt["cell"] in doubt["message_vi"]
    assert "10 earlier periods of the unit and 0 like units" in doubt["message_en"]
    assert "10 kỳ trước của đơn vị và 0 đơn vị cùng cấp" in doubt["message_vi"]


def test_a_doubted_value_enters(batch):
    for month in range(10):
        submit(batch, month)
    submit(batch, 10, cleared=530)
    verdict = batch.judge()
    assert set(verdict.submissions["status"]) == {"accepted"}
    # 530 is more than its whole, which is a warning too
    assert verdict.quarantined.empty


def test_only_periods_before_count(batch):
    submit(batch, 3)
    later = earlier(*[(month, values(month)) for month in range(4, 20)])
    results = batch.judge(earlier=later).results.set_index("rule_code")
    assert results.loc["VALUE_UNLIKELY", "checked"] == 0
    assert results.loc["CARRIED_FORWARD", "checked"] == 0


def test_values_kept_out_are_no_figures(batch):
    for month in range(10):
        submit(batch, month)
    submit(batch, 10, cleared="530.5")
    assert "VALUE_UNLIKELY" not in dict(rules(batch))


def test_the_newest_version_is_judged_and_the_batch_replaces_the_past(batch):
    past = [(month, values(month)) for month in range(11)]
    submit(batch, 10, cleared=530)
    newest = submit(batch, 10, cleared=540)
    rows = found(batch, earlier=earlier(*past))
    assert list(rows["submission_id"]) == [newest]
    assert list(rows["observed"]) == ["540"]


def test_control_totals_are_not_judged(batch):
    for number, month in enumerate(range(3, 30, 3)):
        quarter = f"civil-{2021 + month // 12}-Q{month % 12 // 3 + 1}"
        batch.submit(
            {"staff": 100 if number < 8 else 5000},
            form_code="Q",
            unit_code="P",
            period_key=quarter,
            is_control_total=True,
        )
    assert rules(batch) == []


@pytest.mark.parametrize(
    ("changed", "is_carried"),
    [
        ({}, True),
        ({"cleared": 9}, False),
        ({"station": 0}, True),  # a stock may stay or change
        ({"rate": None}, False),
    ],
)
def test_the_figures_of_the_month_before_are_noticed(batch, changed, is_carried):
    first = {**GOOD, "off": 13, "off.theft": 9}
    batch.submit(first, period_key=MONTHS[0])
    second = {k: v for k, v in {**first, **changed}.items() if v is not None}
    batch.submit(second, period_key=MONTHS[1])
    expected = [("CARRIED_FORWARD", MONTHS[1])] if is_carried else []
    assert rules(batch) == expected


def test_few_figures_may_be_equal_by_chance(batch):
    """Three different figures other than 0, however many cells hold them."""
    figures = {"off": 3, "off.theft": 3, "off.other": 0, "cleared": 2, "sure": 1}
    for month in range(2):
        batch.submit({**figures, "station": 1}, period_key=MONTHS[month])
    assert rules(batch) == []


def test_a_skipped_period_is_named_once(batch):
    for month in (0, 1, 4, 5):
        submit(batch, month)
    (row,) = found(batch).to_dict("records")
    assert (row["rule_code"], row["period_key"]) == ("PERIOD_SKIPPED", MONTHS[4])
    assert (row["severity"], row["observed"]) == ("INFO", "2")
    assert "Tháng 3/2021, Tháng 4/2021" in row["message_vi"]
    assert "Month 3/2021, Month 4/2021" in row["message_en"]


def test_before_the_first_report_nothing_is_skipped(batch):
    submit(batch, 5)
    assert rules(batch, earlier=earlier((6, values()))) == []


def test_a_refused_report_is_still_to_come(batch):
    for month in range(3):
        submit(batch, month)
    batch.submissions[1]["template_version"] = "1"
    assert rules(batch) == [("PERIOD_SKIPPED", MONTHS[2])]


def test_a_hole_then_a_series_that_stopped(batch):
    """Absent once: a hole. The third time in a row: it stopped. Then nothing more."""
    for month in range(14):
        submit(batch, month, rate=5 + month % 7 if month < 8 else None)
    assert rules(batch) == [("SERIES_HOLE", MONTHS[8]), ("SERIES_STOPPED", MONTHS[10])]
    hole = found(batch).iloc[0]
    assert hole["indicator_code"] == hole["expected"] == "rate"


def test_an_empty_cell_is_a_hole_and_a_mark_is_not(batch):
    past = earlier(*[(month, values(month)) for month in range(8)])
    identifier = submit(batch, 8, rate=None)
    row = batch.observe(identifier, "rate", None, cell="C77")
    (hole,) = found(batch, earlier=past).to_dict("records")
    assert (hole["rule_code"], hole["cell"]) == ("SERIES_HOLE", "C77")
    batch.observations[row]["observation_status"] = "not_applicable"
    assert rules(batch, earlier=past) == []


def test_a_measure_that_never_was_reported_is_new_once(batch):
    for month in range(10):
        submit(batch, month, rate=7 if month > 7 else None)
    assert rules(batch) == [("SERIES_NEW", MONTHS[8])]


def test_a_zero_is_nothing_new(batch):
    for month in range(9):
        submit(batch, month, rate=0 if month == 8 else None)
    assert rules(batch) == []


def test_every_context_rule_has_its_words(batch):
    for month in range(10):
        submit(batch, month, rate=None if month == 8 else 5 + month % 7)
        submit(batch, month, unit="C2", rate=None, balance=1)
    submit(batch, 10, cleared=530, rate=None)
    submit(batch, 10, unit="C2", rate=3)
    submit(batch, 12)
    batch.submit(values(12), period_key=MONTHS[13])
    submit(batch, 14, rate=None)
    submit(batch, 15, rate=None)
    submit(batch, 16, rate=None)
    rows = found(batch)
    assert set(rows["rule_code"]) == CODES
    for column in ("message_vi", "message_en"):
        assert not rows[column].str.contains(r"[{}]|nan|None|NaT|\(\(").any()
