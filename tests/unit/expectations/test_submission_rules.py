"""Rules over whole submissions: each with a submission that breaks it and one not.

A judging costs a second or so whatever its size: cases that do not touch each other
share one.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from expectations.gate1 import Judgement
from expectations.versions import version_frame
from sources.programme.findings import FINDING_COLUMNS, make_finding

from .conftest import GOOD, Batch, rules_by_submission

BAD: dict[str, dict[str, Any]] = {
    "PROGRAMME_MISMATCH": {"programme_code": "other"},
    "FORM_UNKNOWN": {"form_code": "MM"},
    "UNIT_UNKNOWN": {"unit_code": "C11"},
    "PERIOD_UNKNOWN": {"period_key": "civil-2023-M13"},
    "PERIOD_NOT_OF_FORM": {"period_key": "civil-2023-Q1"},
    "FORM_NOT_IN_FORCE": {"form_code": "OLD", "period_key": "civil-2022-M01"},
    "UNIT_NOT_ALIVE": {"unit_code": "C3", "period_key": "civil-2022-M03"},
    "UNIT_NOT_DUE": {"unit_code": "P"},
    "TEMPLATE_VERSION": {"template_version": "1"},
}
QUARTER = {"form_code": "Q", "period_key": "civil-2023-Q1", "unit_code": "P"}


@pytest.fixture(scope="module")
def judged(programme) -> tuple[dict[str, str], Judgement]:
    """Name of case -> submission id, and the judgement of all of them at once."""
    batch = Batch(programme)
    ids = {rule: batch.submit(**change) for rule, change in BAD.items()}
    ids["good"] = batch.submit()
    for column in ("form_code", "unit_code", "period_key"):
        ids[f"no {column}"] = batch.submit(**{column: None})
    ids["last day seen"] = batch.submit(unit_code="C3", period_key="civil-2022-M02")
    ids["total"] = batch.submit({"staff": 5}, is_control_total=True, **QUARTER)
    ids["no total"] = batch.submit({"staff": 5}, **QUARTER)
    ids["mapped"] = batch.submit(reader="mapped", template_version=None)
    ids["no version"] = batch.submit(template_version=None)
    same = {"delivery_sha256": "same", "period_key": "civil-2024-M12"}
    ids["same 1"] = batch.submit(**same)
    ids["same 2"] = batch.submit(**same, sheet="Tờ 2")
    ids["same file"] = batch.submit(**same, unit_code="C2")
    ids["all empty"] = batch.submit(dict.fromkeys(["off", "station"]))
    ids["no rows"] = batch.submit({})
    few = {"off": 2, "off.theft": 1, "off.other": 1, "sure": 0}
    ids["a gap"] = batch.submit({**few, "cleared": None})
    batch.fault(ids["a gap"], "station", "bad_yes_no", "chưa rõ")
    ids["no cell"] = batch.submit({**few, "cleared": 1})
    return ids, batch.judge_alone()


@pytest.mark.parametrize("rule", BAD)
def test_bad_submission_is_rejected_for_one_reason(judged, rule):
    ids, judgement = judged
    findings = judgement.findings
    mine = findings[findings["submission_id"] == ids[rule]]
    assert mine["rule_code"].tolist() == [rule]
    finding = mine.iloc[0]
    assert (finding["severity"], finding["scope"]) == ("BLOCKER", "submission")
    assert finding["is_blocking"]
    assert finding["message_vi"].startswith("Tệp “")
    assert "Số liệu" in finding["message_en"]


@pytest.mark.parametrize(
    ("case", "status", "rules"),
    [
        *((rule, "rejected", [rule]) for rule in BAD),
        ("good", "accepted", []),
        ("no form_code", "rejected", ["FORM_UNKNOWN"]),
        ("no unit_code", "rejected", ["UNIT_UNKNOWN"]),
        ("no period_key", "rejected", ["PERIOD_UNKNOWN"]),
        ("last day seen", "accepted", []),
        ("total", "accepted", []),
        ("no total", "rejected", ["UNIT_NOT_DUE"]),
        ("mapped", "accepted", []),
        ("no version", "rejected", ["TEMPLATE_VERSION"]),
        ("same 1", "rejected", ["SUBMISSION_TWICE"]),
        ("same 2", "rejected", ["SUBMISSION_TWICE"]),
        ("same file", "accepted", []),
        ("all empty", "rejected", ["EMPTY_SUBMISSION"]),
        ("no rows", "rejected", ["EMPTY_SUBMISSION"]),
        ("a gap", "accepted", ["BAD_YES_NO", "MEASURE_MISSING"]),
        ("no cell", "accepted", ["MEASURE_MISSING"]),
    ],
)
def test_status_and_rules(judged, case, status, rules):
    ids, judgement = judged
    found = judgement.submissions.set_index("submission_id")
    assert found.loc[ids[case], "status"] == status
    assert rules_by_submission(judgement).get(ids[case], []) == rules


def of_case(judged: tuple[dict[str, str], Judgement], case: str, rule: str) -> Any:
    ids, judgement = judged
    found = judgement.findings
    rows = found[(found["submission_id"] == ids[case]) & (found["rule_code"] == rule)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_findings_have_the_agreed_columns(judged):
    assert tuple(judged[1].findings.columns) == FINDING_COLUMNS
    assert judged[1].findings["finding_id"].is_unique


def test_absent_code_is_said_to_be_empty(judged):
    assert "(trống)" in of_case(judged, "no unit_code", "UNIT_UNKNOWN")["message_vi"]


def test_nearest_codes_are_suggested(judged):
    finding = of_case(judged, "UNIT_UNKNOWN", "UNIT_UNKNOWN")
    assert "C1 (Đơn vị C1)" in finding["message_vi"]
    assert "C1 (Unit C1)" in finding["message_en"]
    assert finding["observed"] == "C11"
    assert finding["expected"].split("; ")[0] == "C1"


def test_suggested_periods_are_those_of_the_form(judged):
    expected = of_case(judged, "PERIOD_NOT_OF_FORM", "PERIOD_NOT_OF_FORM")["expected"]
    assert expected
    assert all("-M" in key for key in expected.split("; "))


def test_ended_unit_names_its_successor_and_last_day(judged):
    text = of_case(judged, "UNIT_NOT_ALIVE", "UNIT_NOT_ALIVE")["message_vi"]
    assert "đến hết 28/02/2022" in text
    assert "nay là C2" in text


def test_missing_measure_names_its_cell_where_there_is_one(judged):
    finding = of_case(judged, "a gap", "MEASURE_MISSING")
    assert finding["indicator_code"] == "cleared"
    assert finding["severity"] == "WARNING"
    assert finding["cell"].startswith("C")
    absent = of_case(judged, "no cell", "MEASURE_MISSING")
    assert absent["indicator_code"] == "station"
    assert absent["cell"] is None
    assert absent["sheet"] == "Số liệu"


def test_read_findings_pass_through_and_block(programme):
    batch = Batch(programme)
    for _ in range(3):
        batch.submit()
    common = {"programme_code": "test", "message_vi": "x", "message_en": "x"}
    whole = make_finding(
        rule_code="X_A",
        severity="BLOCKER",
        scope="delivery",
        delivery_sha256="d0",
        **common,
    )
    one = make_finding(
        rule_code="X_B",
        severity="BLOCKER",
        scope="submission",
        delivery_sha256="d1",
        submission_id="s1",
        **common,
    )
    cell = make_finding(
        rule_code="X_C",
        severity="ERROR",
        scope="observation",
        delivery_sha256="d2",
        submission_id="s2",
        row_id=2 * len(GOOD),
        **common,
    )
    batch.read_findings = [whole, one, cell]
    judgement = batch.judge_alone()
    statuses = ["rejected", "rejected", "accepted"]
    assert judgement.submissions["status"].tolist() == statuses
    assert sorted(judgement.findings["rule_code"]) == ["X_A", "X_B", "X_C"]
    assert judgement.quarantined.tolist() == [2 * len(GOOD)]


EARLY = pd.Timestamp("2023-01-31", tz="UTC")
KEY = {"form_code": "M", "unit_code": "C1", "period_key": "civil-2023-M01"}


def test_version_that_drops_most_values_is_held(programme):
    batch = Batch(programme)
    shrunk = batch.submit({"off": 1, "sure": 1, "cleared": 1}, **KEY)
    half = {**KEY, "period_key": "civil-2023-M02"}
    kept = batch.submit({"off": 1, "sure": 1, "cleared": 1, "station": 1}, **half)
    batch.current = [
        {**key, "received_at": EARLY, "observation_count": 8} for key in (KEY, half)
    ]
    judgement = batch.judge_alone()
    status = judgement.submissions.set_index("submission_id")["status"]
    assert (status[shrunk], status[kept]) == ("held", "accepted")
    held = judgement.findings[judgement.findings["rule_code"] == "HELD_SHRUNK"]
    assert held["submission_id"].tolist() == [shrunk]
    assert held["severity"].tolist() == ["BLOCKER"]
    assert (held["observed"].item(), held["expected"].item()) == ("3", "8")


def test_figures_kept_out_are_figures_lost(programme):
    batch = Batch(programme)
    wrong = {"off": -1, "off.theft": -1, "off.other": -1, "cleared": -1, "sure": "0.5"}
    batch.submit({**GOOD, **wrong}, **KEY)
    batch.current = [{**KEY, "received_at": EARLY, "observation_count": 8}]
    judgement = batch.judge_alone()
    assert judgement.submissions["status"].tolist() == ["held"]
    (held,) = judgement.findings.query("rule_code == 'HELD_SHRUNK'").to_dict("records")
    assert (held["observed"], held["expected"]) == ("3", "8")


def previous(counts: list[tuple[int, int]], current: list[tuple[int, int]]) -> list:
    """previous_count of versions (day received, count) of one key."""

    def frame(rows: list[tuple[int, int]]) -> pd.DataFrame:
        made = pd.DataFrame(rows, columns=["day", "observation_count"])
        made["kept_figures"] = made["observation_count"]
        received = EARLY + pd.to_timedelta(made["day"], unit="D")
        ids = [f"s{n}" for n in range(len(made))]
        return made.assign(
            **KEY,
            received_at=received,
            delivery_sha256="d",
            submission_id=ids,
            figures=ids,
            unit_said="",
        )

    found = version_frame(frame(counts), frame(current))["previous_count"]
    return found.astype("object").where(found.notna(), None).tolist()


@pytest.mark.parametrize(
    ("counts", "current", "expected"),
    [
        ([(1, 8)], [], [None]),
        ([(1, 3)], [(0, 8)], [8]),
        # full, shrunk, half: the third is compared with the first, in any order
        ([(1, 8), (2, 1), (3, 4)], [], [None, 8, 8]),
        ([(3, 4), (1, 8), (2, 1)], [], [8, None, 8]),
        # the shrunk one is held, so it is not what the next is compared with
        ([(2, 1), (3, 1)], [(1, 8)], [8, 8]),
        # an older version that arrives late has nothing newer to be compared with
        ([(1, 2)], [(5, 8)], [None]),
    ],
)
def test_version_before_is_by_time_of_receipt(counts, current, expected):
    assert previous(counts, current) == expected


def rules_and_status(judgement: Judgement, owner: str) -> tuple[list[str], str]:
    status = judgement.submissions.set_index("submission_id")["status"]
    return rules_by_submission(judgement).get(owner, []), status[owner]


def test_report_whose_every_value_is_refused_is_refused(programme):
    batch = Batch(programme)
    none = batch.submit({"off": -1, "cleared": "1.5"})
    some = batch.submit({**GOOD, "rate": -1})
    again = batch.submit({})
    batch.fault(again, "off", "not_a_number", "x")
    judgement = batch.judge_alone()
    refused = ["ALL_VALUES_REFUSED", "VALUE_NEGATIVE", "VALUE_NOT_WHOLE"]
    assert rules_and_status(judgement, none) == (refused, "rejected")
    assert rules_and_status(judgement, some) == (["VALUE_NEGATIVE"], "accepted")
    expected = (["ALL_VALUES_REFUSED", "NOT_A_NUMBER"], "rejected")
    assert rules_and_status(judgement, again) == expected


def test_nil_mark_beside_figures_is_a_doubt(programme):
    batch = Batch(programme)
    both = batch.submit(is_nil_report=True)
    nil = dict.fromkeys(["off", "off.theft", "off.other", "cleared", "sure"], 0)
    # a stock does not happen: a nil report may have one
    only = batch.submit({**nil, "station": 1}, is_nil_report=True)
    judgement = batch.judge_alone()
    assert rules_and_status(judgement, both) == (["NIL_WITH_FIGURES"], "accepted")
    assert rules_and_status(judgement, only) == ([], "accepted")
    # off, two members, cleared, sure, rate and balance; not the yes/no
    assert judgement.findings["observed"].tolist() == ["7"]


def test_period_must_have_begun(programme):
    batch = Batch(programme)
    begun = batch.submit(period_key="civil-2023-M04")
    later = batch.submit(period_key="civil-2023-M05")
    judgement = batch.judge_alone(as_of=pd.Timestamp("2023-04-01").date())
    assert rules_and_status(judgement, begun) == (["PERIOD_NOT_ENDED"], "accepted")
    assert rules_and_status(judgement, later) == (["PERIOD_NOT_BEGUN"], "rejected")
    (refusal,) = judgement.findings.query("rule_code == 'PERIOD_NOT_BEGUN'").message_vi
    assert "01/05/2023" in refusal
    assert batch.judge_alone().findings.empty


def test_late_report_is_told_its_days(programme):
    batch = Batch(programme)
    march = {"period_key": "civil-2023-M03"}  # due on 03/04/2023
    # 17:30 in Greenwich is the next day in Viet Nam
    on_time = pd.Timestamp("2023-04-03 16:30", tz="UTC")
    late = pd.Timestamp("2023-04-03 17:30", tz="UTC")
    batch.submit(unit_code="C1", received_at=on_time, **march)
    second = batch.submit(unit_code="C2", received_at=late, **march)
    batch.submit(
        unit_code="C1", received_at=late + pd.Timedelta(days=9), **march
    )  # a correction of what was there in time
    found = batch.judge_alone(expected=batch.expected(has_due_dates=True)).findings
    assert found["submission_id"].tolist() == [second]
    assert found["severity"].tolist() == ["INFO"]
    assert "hạn 03/04/2023, nhận ngày 04/04/2023, chậm 1 ngày" in (
        found["message_vi"].item()
    )
    assert found["expected"].item() == "2023-04-03"


def test_a_report_before_the_end_of_its_period_is_a_doubt(programme):
    batch = Batch(programme)
    # 17:30 in Greenwich on the 29th is the 30th in Viet Nam, a day before the last
    draft = pd.Timestamp("2023-03-29 17:30", tz="UTC")
    march = {"period_key": "civil-2023-M03"}
    early = batch.submit(received_at=draft, **march)
    last_day = batch.submit(
        unit_code="C2", received_at=draft + pd.Timedelta(days=1), **march
    )
    judgement = batch.judge_alone(as_of=pd.Timestamp("2023-03-30").date())
    assert rules_and_status(judgement, early) == (["PERIOD_NOT_ENDED"], "accepted")
    assert rules_and_status(judgement, last_day) == ([], "accepted")
    (found,) = judgement.findings.to_dict("records")
    assert found["severity"] == "WARNING"
    assert "30/03/2023, trước ngày cuối kỳ 31/03/2023 là 1 ngày" in found["message_vi"]


def test_a_form_due_before_its_period_ends_is_not_early(programme):
    forms = [
        form.model_copy(update={"deadline_days": {"commune": -5}})
        for form in programme.forms
    ]
    batch = Batch(programme.model_copy(update={"forms": tuple(forms)}))
    when = pd.Timestamp("2023-03-26", tz="UTC")
    batch.submit(received_at=when, period_key="civil-2023-M03")
    expected = batch.expected(has_due_dates=True)
    assert batch.judge_alone(expected=expected, as_of=when.date()).findings.empty


CELLS = {
    "meta_sheet": "Thông tin",
    "programme_cell": "B3",
    "form_cell": "B4",
    "unit_cell": "B5",
    "period_cell": "B6",
    "template_cell": "B2",
}


@pytest.mark.parametrize(
    ("rule", "cell"),
    [
        ("PROGRAMME_MISMATCH", "B3"),
        ("FORM_UNKNOWN", "B4"),
        ("UNIT_UNKNOWN", "B5"),
        ("PERIOD_UNKNOWN", "B6"),
        ("PERIOD_NOT_OF_FORM", "B6"),
        ("FORM_NOT_IN_FORCE", "B6"),
        ("UNIT_NOT_ALIVE", "B5"),
        ("UNIT_NOT_DUE", "B5"),
        ("TEMPLATE_VERSION", "B2"),
    ],
)
def test_finding_points_at_the_cell_that_is_wrong(cells_judged, rule, cell):
    finding = cells_judged.loc[rule]
    assert (finding["sheet"], finding["cell"]) == ("Thông tin", cell)
    assert f"trang “Thông tin”, ô {cell}" in finding["message_vi"]


@pytest.fixture(scope="module")
def cells_judged(programme) -> pd.DataFrame:
    batch = Batch(programme)
    for change in BAD.values():
        batch.submit(**CELLS, **change)
    return batch.judge_alone().findings.set_index("rule_code")


def test_a_report_of_another_programme_is_told_that_and_nothing_else(programme):
    batch = Batch(programme)
    strange = {"unit_code": "XYZ", "period_key": "x-2023-M01", "form_code": "ZZ"}
    one = batch.submit(**strange)
    two = batch.submit(**{**strange, "unit_code": "XYY", "programme_code": "other"})
    unknown = batch.submit(unit_code="XYZ")
    foreign = make_finding(
        rule_code="X_PROGRAMME",
        severity="BLOCKER",
        scope="submission",
        submission_id=one,
        programme_code="test",
        message_vi="x",
        message_en="x",
    )
    batch.read_findings = [foreign]
    found = batch.judge_alone().findings
    told = found[found["severity"].eq("BLOCKER")].groupby("submission_id")["rule_code"]
    assert {name: sorted(codes) for name, codes in told} == {
        one: ["X_PROGRAMME"],
        two: ["PROGRAMME_MISMATCH"],
        unknown: ["UNIT_UNKNOWN"],
    }
