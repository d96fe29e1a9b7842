"""The standing checks: what is a doubt, and what it says, by hand-worked answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from expectations.checks import STANDING_SUITES
from expectations.errors import FrameRefused
from expectations.standing import judge_standing
from sources.programme.model import RuleSetting

PLACE = {
    "programme_code": "test",
    "delivery_sha256": "d",
    "submission_id": "s",
    "form_code": "M",
    "unit_code": "P",
    "file_name": "tong.xlsx",
    "sheet": "Số liệu",
    "unit_name_vi": "Tỉnh P",
    "unit_name_en": "Province P",
}


def total(control: object, lowest: object, highest: object, **more: object) -> dict:
    return {
        **PLACE,
        "period_key": "civil-2023-M01",
        "last_day": dt.date(2023, 1, 31),
        "measure_code": "off",
        "measure_name_vi": "Vụ",
        "measure_name_en": "Offences",
        "cell": "C5",
        "control": control,
        "lowest": lowest,
        "highest": highest,
        "children_missing": 0,
        "missing_codes": None,
        **more,
    }


def corrections(toward: int, against: int, **more: object) -> dict:
    counts = {"changed": toward + against, "toward": toward, "against": against}
    return {**PLACE, **counts, **more}


def near(past: int, short: int, **more: object) -> dict:
    return {
        "programme_code": "test",
        "target_code": "T",
        "indicator_code": "rate",
        "indicator_name_vi": "Tỷ lệ",
        "indicator_name_en": "Rate",
        "threshold": Decimal("80.0000"),
        "unit_code": None,
        "unit_name_vi": None,
        "unit_name_en": None,
        "period_key": "civil-2023-M01",
        "period_label_vi": "Tháng 1/2023",
        "period_label_en": "January 2023",
        "last_day": dt.date(2023, 1, 31),
        "level_name_vi": "Xã",
        "level_name_en": "Commune",
        "past_count": past,
        "short_count": short,
        "submission_id": None,
        "delivery_sha256": None,
        "form_code": None,
        "file_name": None,
        "sheet": None,
        **more,
    }


OF_UNIT = {
    **PLACE,
    "unit_code": "C1",
    "unit_name_vi": "Xã C1",
    "period_key": None,
    "period_label_vi": None,
    "period_label_en": None,
    "last_day": None,
    "level_name_vi": None,
    "level_name_en": None,
}


def judged(programme, **rows):
    empty = {"control_totals": [total(1, 1, 1)], "corrections": [corrections(1, 1)]}
    empty["bunching"] = [near(1, 1)]
    frames = {
        name: pd.DataFrame(rows.get(name, []), columns=list(example[0])).astype(
            {k: "int64" for k in ("changed", "toward", "past_count") if k in example[0]}
        )
        for name, example in empty.items()
    }
    return judge_standing(programme, frames)


def only(standing):
    (row,) = standing.findings.to_dict("records")
    return row


@pytest.mark.parametrize(
    ("control", "lowest", "highest"),
    [
        (Decimal(10), Decimal(10), Decimal(10)),
        (Decimal(3), Decimal(3), Decimal(21)),
        (Decimal(21), Decimal(3), Decimal(21)),
        (Decimal(999), Decimal(3), None),
        (Decimal(999), None, None),
    ],
)
def test_total_within_what_children_can_add_up_to_is_no_doubt(
    programme, control, lowest, highest
):
    standing = judged(programme, control_totals=[total(control, lowest, highest)])
    assert standing.findings.empty


@pytest.mark.parametrize("control", [Decimal("2.9999"), Decimal("21.0001")])
def test_total_outside_is_a_doubt_at_the_parents_cell(programme, control):
    missing = {"children_missing": 7, "missing_codes": "A, B, C, D, E"}
    rows = [total(control, Decimal(3), Decimal(21), **missing)]
    row = only(judged(programme, control_totals=rows))
    names = "rule_code severity scope delivery_sha256 submission_id unit_code form_code"
    assert [row[n] for n in names.split()] == [
        *("CONTROL_TOTAL_DIFFERS", "WARNING", "series", "d", "s", "P", "M")
    ]
    names = "period_key indicator_code sheet cell expected"
    assert [row[n] for n in names.split()] == [
        *("civil-2023-M01", "off", "Số liệu", "C5", "3..21")
    ]
    assert not row["is_blocking"] and not row["is_quarantining"]
    words = "cộng lại từ 3 đến 21; còn thiếu 7 đơn vị (A, B, C, D, E và đơn vị khác)"
    assert words in row["message_vi"]
    assert "Tệp “tong.xlsx”, trang “Số liệu”, ô C5" in row["message_vi"]
    assert "(A, B, C, D, E and others)" in row["message_en"]


def test_total_of_complete_children_names_their_sum_alone(programme):
    rows = [total(Decimal(1011), Decimal(1010), Decimal(1010))]
    row = only(judged(programme, control_totals=rows))
    assert (row["observed"], row["expected"]) == ("1011", "1010")
    assert "là 1.011, các đơn vị cấp dưới cộng lại 1.010. Số cộng" in row["message_vi"]


def test_unbounded_total_below_its_children_says_at_least(programme):
    missing = {"children_missing": 1, "missing_codes": "C"}
    rows = [total(Decimal(2), Decimal(3), None, **missing)]
    row = only(judged(programme, control_totals=rows))
    assert row["expected"] == ">=3"
    assert "at least 3; 1 of them missing (C)" in row["message_en"]


# P(8 of 8) = 1/256 = 0.0039; P(>= 11 of 12) = 13/4096 = 0.0032;
# P(>= 9 of 10) = 11/1024 = 0.0107; P(7 of 7) = 1/128
@pytest.mark.parametrize(
    ("toward", "against", "is_doubt"),
    [(8, 0, True), (11, 1, True), (9, 1, False), (7, 0, False), (0, 8, False)],
)
def test_corrections_all_toward_the_good_side_are_a_doubt(
    programme, toward, against, is_doubt
):
    standing = judged(programme, corrections=[corrections(toward, against)])
    assert len(standing.findings) == is_doubt


def test_doubt_about_corrections_is_about_the_series(programme):
    row = only(judged(programme, corrections=[corrections(8, 0)]))
    assert (row["submission_id"], row["unit_code"], row["form_code"]) == ("s", "P", "M")
    assert row["period_key"] is None and row["indicator_code"] is None
    assert (row["observed"], row["expected"]) == ("8/8", None)
    assert "đã sửa 8 số liệu, 8 số theo hướng có lợi" in row["message_vi"]
    assert "(probability 0.0039)" in row["message_en"]


# P(10 of 10) = 1/1024; P(9 of 9) is too few; P(>= 10 of 11) = 12/2048 = 0.0059
@pytest.mark.parametrize(
    ("past", "short", "is_doubt"),
    [(10, 0, True), (9, 0, False), (10, 1, False), (12, 1, True), (0, 10, False)],
)
def test_values_crowding_past_a_threshold_are_a_doubt(programme, past, short, is_doubt):
    standing = judged(programme, bunching=[near(past, short)])
    assert len(standing.findings) == is_doubt


def test_doubt_about_a_period_has_no_delivery_and_the_root_unit(programme):
    row = only(judged(programme, bunching=[near(12, 1)]))
    assert row["delivery_sha256"] is None and row["submission_id"] is None
    assert (row["unit_code"], row["period_key"]) == ("P", "civil-2023-M01")
    assert (row["indicator_code"], row["observed"]) == ("rate", "12/13")
    assert "kỳ Tháng 1/2023, cấp Xã: sát ngưỡng 80" in row["message_vi"]


def test_doubt_about_a_unit_names_its_latest_submission_and_no_period(programme):
    row = only(judged(programme, bunching=[near(10, 0, **OF_UNIT)]))
    assert (row["submission_id"], row["unit_code"], row["form_code"]) == (
        "s",
        "C1",
        "M",
    )
    assert row["period_key"] is None
    assert "đơn vị C1 (Xã C1) qua các kỳ" in row["message_vi"]


def test_of_several_thresholds_of_one_indicator_the_clearest_is_told(programme):
    rows = [near(10, 0), near(20, 0, threshold=Decimal(90), target_code="U")]
    rows += [near(10, 0, period_key="civil-2023-M02"), near(10, 0, **OF_UNIT)]
    findings = judged(programme, bunching=rows).findings
    assert findings["observed"].tolist() == ["20/20", "10/10", "10/10"]
    assert not findings.duplicated(["unit_code", "period_key", "indicator_code"]).any()


def test_same_facts_give_the_same_findings_whatever_their_order(programme):
    rows = [near(10, 0, **OF_UNIT), near(12, 1)]
    first = judged(programme, bunching=rows).findings
    again = judged(programme, bunching=rows[::-1]).findings
    order = ["unit_code"]
    pd.testing.assert_frame_equal(
        first.sort_values(order, ignore_index=True),
        again.sort_values(order, ignore_index=True),
    )


def settings(programme, **words):
    codes = ("CONTROL_TOTAL_DIFFERS", "CORRECTIONS_ONE_WAY", "BUNCHING_AT_TARGET")
    given = tuple(RuleSetting(rule_code=code, **words) for code in codes)
    return programme.model_copy(update={"rule_settings": given})


DOUBTS = {
    "control_totals": [total(1, 2, 2)],
    "corrections": [corrections(8, 0)],
    "bunching": [near(10, 0), near(10, 0, **OF_UNIT)],
}


def test_rules_are_switched_off_by_the_programme(programme):
    standing = judged(settings(programme, is_enabled=False), **DOUBTS)
    assert standing.findings.empty
    assert standing.results["status"].tolist() == ["skipped"] * 3
    assert standing.results["reason"].str.contains("switched").all()


def test_rules_judge_periods_of_their_days_and_every_series(programme):
    late = settings(programme, valid_from=dt.date(2023, 2, 1), severity="INFO")
    findings = judged(late, **DOUBTS).findings
    assert findings["rule_code"].tolist() == [
        "CORRECTIONS_ONE_WAY",
        "BUNCHING_AT_TARGET",
    ]
    assert findings["period_key"].tolist() == [None, None]
    assert set(findings["severity"]) == {"INFO"}


def test_nothing_to_judge_is_skipped_with_a_reason(programme):
    results = judged(programme).results
    assert results["status"].tolist() == ["skipped"] * 3
    assert results["reason"].notna().all()
    assert results["suite"].tolist() == [suite.name for suite in STANDING_SUITES]


def test_absent_facts_are_refused(programme):
    with pytest.raises(FrameRefused, match="control_totals"):
        judge_standing(programme, {})
