"""Declared rules: each kind kept, broken, and silent where it cannot be judged."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from expectations.declared import history_keys
from expectations.rulebook import check_rule_book, rule_book
from sources.programme.check_rules import MESSAGE_NAMES
from sources.programme.model import DeclaredRule, Programme, RuleSetting
from sources.programme.problems import ProgrammeError

from .conftest import GOOD, Batch, rules_by_submission

NAMES = {"name_vi": "Quy tắc", "name_en": "Rule", "form": "M"}
RANGE = {
    **NAMES,
    "code": "RATE_RANGE",
    "kind": "range",
    "measure": "rate",
    "low": 0,
    "high": 24,
    "severity": "WARNING",
}
IDENTITY = {
    **NAMES,
    "code": "OFF_IS_SUM",
    "kind": "compare",
    "left": ["off.theft", "off.other"],
    "comparator": "=",
    "right": ["off"],
    "severity": "ERROR",
}
AT_MOST = {
    **NAMES,
    "code": "SURE_MOST",
    "kind": "compare",
    "left": ["sure"],
    "comparator": "<=",
    "right": Decimal("5"),
    "tolerance": Decimal("0.5"),
    "severity": "INFO",
}
# the quarter's staff is the last month's balance
LAST = {
    **NAMES,
    "form": "Q",
    "code": "STAFF_LAST",
    "kind": "year_to_date",
    "measure": "staff",
    "of": "balance",
    "method": "last",
    "severity": "WARNING",
}
SUM = {**LAST, "code": "STAFF_SUM", "of": "off", "method": "sum"}
QUARTER = {"form_code": "Q", "period_key": "civil-2023-Q2", "reader": "template"}


def with_rules(programme: Programme, *rules: dict[str, Any], **more: Any) -> Programme:
    declared = tuple(DeclaredRule.model_validate(rule) for rule in rules)
    return programme.model_copy(update={"rules": declared, **more})


@pytest.fixture
def batch(programme) -> Batch:
    return Batch(with_rules(programme, RANGE, IDENTITY, AT_MOST))


def test_rules_that_hold_are_checked_and_silent(batch):
    batch.submit()
    judgement = batch.judge_alone()
    assert judgement.findings.empty
    results = judgement.results.set_index("rule_code")
    for code in ("RATE_RANGE", "OFF_IS_SUM", "SURE_MOST"):
        assert results.loc[code, "suite"] == "declared"
        assert results.loc[code, "checked"] == 1


def test_range_names_cell_bounds_and_remedy(batch):
    batch.submit({**GOOD, "rate": "24.5"})
    finding = batch.judge_alone().findings.iloc[0]
    assert finding["rule_code"] == "RATE_RANGE"
    assert (finding["indicator_code"], finding["cell"]) == ("rate", "C11")
    assert "rate (Chỉ tiêu rate) là 24,5, phải từ 0 đến 24" in finding["message_vi"]
    assert "it must be between 0 and 24" in finding["message_en"]
    assert "Vẫn nhận" in finding["message_vi"]
    assert (finding["observed"], finding["expected"]) == ("24.5", "0..24")


def test_identity_keeps_out_the_whole_left_side_and_says_it_once(batch):
    owner = batch.submit({**GOOD, "off.other": 3})
    judgement = batch.judge_alone()
    found = judgement.findings.set_index("rule_code")
    assert rules_by_submission(judgement)[owner] == ["MEMBERS_NOT_TOTAL", "OFF_IS_SUM"]
    finding = found.loc["OFF_IS_SUM"]
    assert finding["indicator_code"] == "off.theft"
    assert "off.theft (Chỉ tiêu off – Trộm) + off.other" in finding["message_vi"]
    assert (finding["observed"], finding["expected"]) == ("9", "= 10")
    rows = [r for r in batch.observations if r["row_id"] in set(judgement.quarantined)]
    assert [row["measure_code"] for row in rows] == ["off.theft", "off.other"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"off.other": None}, ["MEASURE_MISSING"]),
        ({"off": -1}, ["VALUE_NEGATIVE"]),  # kept out: nothing to compare with
        ({"rate": None}, []),
        ({"sure": "5.5", "cleared": 8}, ["VALUE_NOT_WHOLE"]),
        ({"sure": 6}, ["SURE_MOST"]),
        ({"sure": 5}, []),
    ],
)
def test_rule_is_silent_where_a_figure_is_missing_or_kept_out(batch, change, codes):
    owner = batch.submit({**GOOD, **change})
    assert rules_by_submission(batch.judge_alone()).get(owner, []) == codes


def test_tolerance_lets_in_as_much_more_and_no_more(programme):
    rule = {**AT_MOST, "left": ["rate"]}
    batch = Batch(with_rules(programme, rule))
    batch.submit({**GOOD, "rate": "5.5"})
    over = batch.submit({**GOOD, "rate": "5.5001"})
    found = rules_by_submission(batch.judge_alone())
    assert found == {over: ["SURE_MOST"]}


def earlier(measure: str, values: dict[str, float], unit: str = "C1") -> pd.DataFrame:
    rows = [("M", unit, key, measure, value, "old") for key, value in values.items()]
    names = ["form_code", "unit_code", "period_key", "measure_code", "value"]
    return pd.DataFrame(rows, columns=[*names, "submission_id"])


MONTHS = {f"civil-2023-M{number:02d}": 10.0 for number in range(1, 7)}


@pytest.mark.parametrize(
    ("staff", "known", "codes"),
    [
        (60, MONTHS, []),
        (61, MONTHS, ["STAFF_SUM"]),
        # a month is unknown: nobody can say
        (61, {k: v for k, v in MONTHS.items() if "M05" not in k}, []),
        # other years and later months do not count
        (60, {**MONTHS, "civil-2022-M12": 7.0, "civil-2023-M07": 7.0}, []),
    ],
)
def test_year_to_date_is_the_sum_of_its_months(programme, staff, known, codes):
    batch = Batch(with_rules(programme, SUM))
    owner = batch.submit({"staff": staff}, **QUARTER)
    judgement = batch.judge_alone(earlier=earlier("off", known))
    assert rules_by_submission(judgement).get(owner, []) == codes
    if codes:
        finding = judgement.findings.iloc[0]
        assert "cộng từ đầu năm đến hết Quý II/2023 là 60" in finding["message_vi"]
        assert (finding["observed"], finding["expected"]) == ("61", "= 60")


def test_the_batch_counts_before_what_was_accepted(programme):
    batch = Batch(with_rules(programme, SUM))
    batch.submit({**GOOD, "off": 12, "off.theft": 8}, period_key="civil-2023-M06")
    wrong = batch.submit({"staff": 60}, **QUARTER)
    found = rules_by_submission(batch.judge_alone(earlier=earlier("off", MONTHS)))
    assert found == {wrong: ["STAFF_SUM"]}


def test_a_stock_is_that_of_the_last_month(programme):
    batch = Batch(with_rules(programme, LAST))
    wrong = batch.submit({"staff": 10}, **QUARTER)
    batch.submit({"staff": 7}, **{**QUARTER, "unit_code": "C2"})
    known = [
        earlier("balance", {**MONTHS, "civil-2023-M06": 7.0}, unit)
        for unit in ("C1", "C2")
    ]
    found = batch.judge_alone(earlier=pd.concat(known))
    assert rules_by_submission(found) == {wrong: ["STAFF_LAST"]}


def test_history_is_asked_of_the_forms_that_are_added_up(programme):
    batch = Batch(with_rules(programme, SUM))
    batch.submit({"staff": 1}, **QUARTER)
    keys = history_keys(batch.programme, batch.frames()[0])
    assert set(keys["form_code"]) == {"Q", "M"}
    assert set(keys["unit_code"]) == {"C1"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"is_enabled": False}, []),
        ({"valid_from": "2023-02-01"}, []),
        ({"valid_from": "2023-01-31"}, ["RATE_RANGE"]),
        ({"valid_to": "2023-01-31"}, []),
        ({"valid_to": "2023-02-01"}, ["RATE_RANGE"]),
    ],
)
def test_validity_is_judged_on_the_last_day_of_the_period(programme, change, codes):
    batch = Batch(with_rules(programme, {**RANGE, **change}))
    owner = batch.submit({**GOOD, "rate": 99}, period_key="civil-2023-M01")
    judgement = batch.judge_alone()
    assert rules_by_submission(judgement).get(owner, []) == codes
    row = judgement.results.set_index("rule_code").loc["RATE_RANGE"]
    assert row["failed"] == len(codes)
    is_off = change.get("is_enabled") is False
    assert row["status"] == ("skipped" if is_off else "fail" if codes else "pass")


def test_own_message_is_filled(programme):
    names = " ".join(f"{{{name}}}" for name in MESSAGE_NAMES)
    rule = {**RANGE, "message_vi": f"Sai: {names}", "message_en": f"Wrong: {names}"}
    batch = Batch(with_rules(programme, rule))
    batch.submit({**GOOD, "rate": 99}, period_key="civil-2023-M01")
    text = batch.judge_alone().findings["message_vi"].item()
    assert text.startswith("Sai: Tệp “f0.xlsx”")
    assert "C1 Đơn vị C1 civil-2023-M01 Tháng 1/2023 rate Chỉ tiêu rate 99" in text
    assert not {"{", "}"} & set(text)


def setting(code: str, **more: Any) -> tuple[RuleSetting, ...]:
    return (RuleSetting.model_validate({"rule_code": code, **more}),)


def judged(programme: Programme, values: dict[str, Any]) -> Any:
    batch = Batch(programme)
    batch.submit({**GOOD, **values})
    return batch.judge_alone()


def test_settings_switch_off_and_change_the_weight(programme):
    def found(settings: tuple[RuleSetting, ...]) -> Any:
        changed = programme.model_copy(update={"rule_settings": settings})
        return judged(changed, {"sure": 9, "cleared": 8})

    plain = found(())
    assert plain.findings["severity"].tolist() == ["ERROR"]
    assert len(plain.quarantined) == 1
    off = found(setting("PART_OVER_WHOLE", is_enabled=False))
    assert off.findings.empty
    row = off.results.set_index("rule_code").loc["PART_OVER_WHOLE"]
    assert (row["status"], row["reason"]) == (
        "skipped",
        "the programme has switched this rule off",
    )
    mild = found(setting("PART_OVER_WHOLE", severity="WARNING"))
    assert mild.findings["severity"].tolist() == ["WARNING"]
    assert mild.quarantined.empty
    assert ". Vẫn nhận; kiểm tra cả hai số" in mild.findings["message_vi"].item()
    assert "giữ lại" not in mild.findings["message_vi"].item()
    grave = judged(
        programme.model_copy(
            update={"rule_settings": setting("MEMBERS_NOT_TOTAL", severity="ERROR")}
        ),
        {"off": 11},
    )
    (said,) = grave.findings.to_dict("records")
    assert "Giá trị này bị giữ lại" in said["message_vi"]
    assert "Vẫn nhận" not in said["message_vi"]
    assert "The value is kept out" in said["message_en"]
    assert "let in" not in said["message_en"]
    later = found(setting("PART_OVER_WHOLE", valid_from="2022-01-01"))
    assert later.findings.empty  # the report is of January 2021


@pytest.mark.parametrize(
    ("change", "message", "remedy"),
    [
        ({"rule_settings": setting("NO_SUCH")}, "no 'NO_SUCH'", "known"),
        ({"rule_settings": setting("TABLE_SHRANK")}, "whole build", "remove"),
        (
            {"rule_settings": setting("UNIT_UNKNOWN", severity="INFO")},
            "BLOCKER cannot become INFO",
            "severity",
        ),
        (
            {"rule_settings": setting("UNIT_UNKNOWN", is_enabled=False)},
            "nobody knows",
            "remove",
        ),
        (
            {"rule_settings": setting("MEASURE_MISSING", severity="ERROR")},
            "WARNING cannot become ERROR",
            "value that was read",
        ),
    ],
)
def test_settings_must_fit_the_catalogue(programme, change, message, remedy):
    (problem,) = check_rule_book(programme.model_copy(update=change))
    assert message in problem.message
    assert remedy in problem.remedy
    assert problem.file == "rules.yaml"


def test_declared_code_must_not_be_one_of_every_programme(programme):
    clash = with_rules(programme, {**RANGE, "code": "VALUE_NEGATIVE"})
    with pytest.raises(ProgrammeError, match="every programme has a rule of that code"):
        rule_book(clash)
