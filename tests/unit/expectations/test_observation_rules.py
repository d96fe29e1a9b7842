"""Rules over values: each with a value that breaks it, and values that do not."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.gate1 import Judgement
from expectations.observations import cells_frame, part_whole_frame, values_frame
from expectations.register import build_register
from expectations.runner import run_suite
from sources.programme.batch import QUALIFIERS
from sources.programme.reference import expand_measures

from .conftest import GOOD, Batch, rules_by_submission

FAULTS = {
    "not_a_number": ("NOT_A_NUMBER", "hai mươi"),
    "ambiguous_number": ("AMBIGUOUS_NUMBER", "1.656"),
    "error_cell": ("ERROR_CELL", "#REF!"),
    "no_cached_value": ("FORMULA_NOT_COMPUTED", "=A1+A2"),
    "bad_yes_no": ("BAD_YES_NO", "có thể"),
    "unknown_mark": ("UNKNOWN_MARK", "x?"),
    "too_small": ("FIGURE_TOO_SMALL", "0.00004"),
    "a_new_fault": ("READING_FAULT", "??"),
}
# change of a good submission -> rules broken, values kept out
VALUES: list[tuple[dict[str, object], list[str], list[str]]] = [
    ({}, [], []),
    ({"off": -1}, ["VALUE_NEGATIVE"], ["off"]),
    ({"rate": "-0.5"}, ["VALUE_NEGATIVE"], ["rate"]),
    ({"cleared": "7.5"}, ["VALUE_NOT_WHOLE"], ["cleared"]),
    ({"sure": "-0.5"}, ["VALUE_NEGATIVE", "VALUE_NOT_WHOLE"], ["sure"]),
    ({"station": 2}, ["VALUE_NOT_YES_NO"], ["station"]),
    ({"station": -1}, ["VALUE_NOT_YES_NO"], ["station"]),
    ({"balance": -5}, [], []),
    ({"rate": "5.25"}, [], []),
    ({"station": 0}, [], []),
    ({"sure": 0}, [], []),
    ({"sure": 9}, ["PART_OVER_WHOLE"], ["sure"]),
    ({"cleared": 11}, ["PART_OVER_WHOLE_DOUBT"], []),
    (
        {"off.theft": 11},
        ["MEMBERS_NOT_TOTAL", "MEMBER_OVER_TOTAL"],
        ["off.theft"],
    ),
    ({"off.theft": 5}, ["MEMBERS_NOT_TOTAL"], []),
    ({"off.theft": None}, ["MEASURE_MISSING"], []),
    ({"cleared": 10, "sure": 10}, [], []),
    # a whole that is kept out judges no part
    ({"cleared": "1.5", "sure": 9}, ["VALUE_NOT_WHOLE"], ["cleared"]),
]


@pytest.fixture(scope="module")
def judged(programme) -> tuple[Batch, dict[object, str], Judgement]:
    batch = Batch(programme)
    ids: dict[object, str] = {}
    for fault, (_, raw) in FAULTS.items():
        ids[fault] = batch.submit({k: v for k, v in GOOD.items() if k != "rate"})
        batch.fault(ids[fault], "rate", fault, raw)
    ids["undeclared"] = batch.submit(number_style=None)
    batch.fault(ids["undeclared"], "rate", "ambiguous_number", "1.656")
    ids["foreign"] = batch.submit()
    batch.observe(ids["foreign"], "cleard", 3)
    batch.observe(ids["foreign"], "staff", 3)
    ids["twice"] = batch.submit()
    batch.observe(ids["twice"], "rate", 7)
    ids["refused"] = batch.submit({**GOOD, "off": -1}, unit_code="C11")
    for qualifier in QUALIFIERS:
        rest = {code: value for code, value in GOOD.items() if code != "off"}
        ids[qualifier] = batch.submit(rest)
        more = {"qualifier": qualifier, "raw_text": "hơn 10"}
        batch.observe(ids[qualifier], "off", GOOD["off"], **more)
    for number, (change, _, _) in enumerate(VALUES):
        ids[number] = batch.submit({**GOOD, **change})
    return batch, ids, batch.judge_alone()


def kept_out(judged: tuple[Batch, dict[object, str], Judgement], case: object) -> list:
    batch, ids, judgement = judged
    rows = set(judgement.quarantined)
    return [
        row["measure_code"]
        for row in batch.observations
        if row["submission_id"] == ids[case] and row["row_id"] in rows
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_reading_fault_quarantines_its_value_and_shows_the_text(judged, fault):
    rule, raw = FAULTS[fault]
    _, ids, judgement = judged
    findings = judgement.findings
    mine = findings[findings["submission_id"] == ids[fault]]
    assert mine["rule_code"].tolist() == [rule]
    finding = mine.iloc[0]
    if rule != "FORMULA_NOT_COMPUTED":  # the formula itself is no news
        assert raw in finding["message_vi"]
        assert raw in finding["message_en"]
    assert finding["observed"] == raw
    assert finding["cell"] == f"C{finding['row_id'] + 5}"
    assert finding["cell"] in finding["message_vi"]
    assert finding["is_quarantining"]
    assert kept_out(judged, fault) == ["rate"]


@pytest.mark.parametrize("qualifier", QUALIFIERS)
def test_a_figure_that_is_not_exact_is_a_warning_and_enters(judged, qualifier):
    _, ids, judgement = judged
    findings = judgement.findings
    mine = findings[findings["submission_id"] == ids[qualifier]]
    if qualifier in ("provisional", "estimated", "break"):
        assert mine.empty
    else:
        assert mine["rule_code"].tolist() == ["VALUE_QUALIFIED"]
        assert mine["severity"].tolist() == ["WARNING"]
        assert mine["observed"].tolist() == ["hơn 10"]
        assert "hơn 10" in mine["message_vi"].iloc[0]
    assert kept_out(judged, qualifier) == []


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_values(judged, number):
    _, rules, out = VALUES[number]
    _, ids, judgement = judged
    assert rules_by_submission(judgement).get(ids[number], []) == rules
    assert kept_out(judged, number) == out
    status = judgement.submissions.set_index("submission_id")["status"]
    assert status[ids[number]] == "accepted"


def test_ambiguous_number_without_declared_style_blocks(judged):
    _, ids, judgement = judged
    assert (
        "NUMBER_STYLE_UNDECLARED" in rules_by_submission(judgement)[ids["undeclared"]]
    )
    status = judgement.submissions.set_index("submission_id")["status"]
    assert status[ids["undeclared"]] == "rejected"


def test_measure_of_another_form_is_quarantined_with_a_suggestion(judged):
    _, ids, judgement = judged
    mine = judgement.findings[judgement.findings["submission_id"] == ids["foreign"]]
    assert mine["rule_code"].tolist() == ["MEASURE_NOT_IN_FORM"] * 2
    assert "cleared (Chỉ tiêu cleared)" in mine["message_vi"].iloc[0]
    assert kept_out(judged, "foreign") == ["cleard", "staff"]


def test_measure_twice_quarantines_both(judged):
    _, ids, judgement = judged
    assert rules_by_submission(judgement)[ids["twice"]] == ["MEASURE_TWICE"] * 2
    assert kept_out(judged, "twice") == ["rate", "rate"]


def test_values_of_a_rejected_submission_are_not_judged(judged):
    _, ids, judgement = judged
    assert rules_by_submission(judgement)[ids["refused"]] == ["UNIT_UNKNOWN"]
    assert kept_out(judged, "refused") == []


def test_findings_do_not_depend_on_the_order_of_arrival(judged):
    batch, _, judgement = judged
    submissions, observations = batch.frames()
    again = batch.judge_alone(
        submissions=submissions[::-1],
        observations=observations.sample(frac=1, random_state=1),
    )
    pd.testing.assert_frame_equal(judgement.findings, again.findings)
    pd.testing.assert_series_equal(judgement.quarantined, again.quarantined)


NUMBER = st.one_of(
    st.none(),
    st.integers(-3, 12),
    st.decimals(-3, 12, places=4),
    st.decimals(10**17, 10**18, places=4),
)
SETS = st.lists(st.fixed_dictionaries(dict.fromkeys(GOOD, NUMBER)), max_size=40)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(SETS)
def test_gx_agrees_with_plain_python(programme, sets):
    batch = Batch(programme)
    batch.submit()  # never without a row
    for values in sets:
        batch.submit(values)
    submissions, observations = batch.frames()
    register = build_register(
        programme, batch.expected(), expand_measures(programme, None)
    )
    cells = cells_frame(register, submissions, observations)
    values = values_frame(register, cells)
    frame = cells[cells["value"].notna()].reset_index(drop=True)
    found = {
        **run_suite("observation_values", values, {"rounded": []}).failing,
        **run_suite("part_whole", part_whole_frame(register, values), {}).failing,
    }
    rows = list(
        zip(frame["submission_id"], frame["measure_code"], frame["value"], strict=True)
    )
    given_values = {(owner, code): value for owner, code, value in rows}
    counts = {"off", "off.theft", "off.other", "cleared", "sure", "balance"}
    members = {"off.theft": "off", "off.other": "off"}

    def where(test) -> list[int]:
        return [n for n, (s, code, value) in enumerate(rows) if test(s, code, value)]

    def over(pairs: dict[str, str]) -> list[int]:
        return where(
            lambda s, code, value: (
                code in pairs and value > given_values.get((s, pairs[code]), value)
            )
        )

    assert found["VALUE_NOT_WHOLE"].tolist() == where(
        lambda s, code, value: code in counts and value != int(value)
    )
    assert found["VALUE_NEGATIVE"].tolist() == where(
        lambda s, code, value: code not in ("balance", "station") and value < 0
    )
    assert found["PART_OVER_WHOLE"].tolist() == over({"sure": "cleared"})
    assert found["PART_OVER_WHOLE_DOUBT"].tolist() == over({"cleared": "off"})
    assert found["MEMBER_OVER_TOTAL"].tolist() == over(members)
    assert found["MEMBERS_NOT_TOTAL"].tolist() == where(
        lambda s, code, value: (
            code == "off"
            and all((s, member) in given_values for member in members)
            and sum((given_values[s, member] for member in members), Decimal(0))
            != value
        )
    )
    assert all(isinstance(positions, np.ndarray) for positions in found.values())


def test_numbers_too_large_for_floats_stay_exact(programme):
    """As floats 10^17 + 1 is 10^17, and the first sum would be right too."""
    batch = Batch(programme)
    large = {**GOOD, "off": 10**17 + 1, "off.theft": 10**17}
    short = batch.submit({**large, "off.other": 0})
    batch.submit({**large, "off.other": 1})
    found = batch.judge_alone().findings
    assert rules_by_submission(batch.judge_alone()) == {short: ["MEMBERS_NOT_TOTAL"]}
    assert "100.000.000.000.000.001" in found["message_vi"].item()
    assert found["expected"].item() == str(10**17)


def test_text_with_zeros_in_front_is_a_doubt_about_a_count(programme):
    batch = Batch(programme)
    owner = batch.submit({"off": 10, "off.theft": 10, "off.other": 0, "station": 1})
    row = batch.observe(owner, "cleared", 7, raw_text="0007")
    batch.observe(owner, "sure", 5, raw_text="05")
    batch.observe(owner, "rate", 12, raw_text="0012")  # no count
    judgement = batch.judge_alone()
    found = judgement.findings
    doubts = found[found["rule_code"].eq("LOOKS_LIKE_CODE")]
    assert doubts["row_id"].tolist() == [row]
    assert (doubts["observed"].item(), doubts["expected"].item()) == ("0007", "7")
    assert judgement.quarantined.empty


def test_a_nil_report_is_told_what_a_stock_is(programme):
    measures = [
        measure.model_copy(
            update={"kind": "stock" if measure.code == "sure" else "flow"}
        )
        for measure in programme.measures
    ]
    batch = Batch(programme.model_copy(update={"measures": tuple(measures)}))
    batch.submit({"off": 0, "off.theft": 0, "off.other": 0}, is_nil_report=True)
    found = batch.judge_alone().findings
    assert set(found["rule_code"]) == {"MEASURE_MISSING"}
    said = dict(zip(found["indicator_code"], found["message_vi"], strict=True))
    assert "“có” hoặc “không”" in said["station"]
    assert "“không phát sinh” không thay được" in said["sure"]
    assert "ghi 0 nếu không phát sinh" in said["cleared"]
