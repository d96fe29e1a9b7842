"""Gate 2: what refuses a build, what only warns, and what may not go unjudged."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from expectations.errors import FrameRefused
from expectations.gate2 import judge
from sources.programme.model import RuleSetting


def facts(**changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "totals": pd.DataFrame(
            {
                "programme_code": "p",
                "indicator_code": ["a", "b"],
                "raw_sum": [Decimal("1.5000"), None],
                "raw_count": [2, 0],
                "mart_sum": [Decimal("1.5000"), None],
                "mart_count": [2, 0],
            }
        ),
        "duplicates": pd.DataFrame(
            {"table": ["fct_x"], "grain": ["a, b"], "duplicates": [0]}
        ),
        "row_counts": row_counts(80, 100),
        "control_totals": control(Decimal(5), Decimal(5), Decimal(5)),
        "verdicts": verdicts(("met", "met")),
        **changes,
    }


def row_counts(now: int, published: int | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "table": ["dim_unit", "fct_x"],
            "rows_now": [1, now],
            "rows_published": pd.array([100, published], dtype="Int64"),
        }
    )


def control(
    own: object, lowest: object, highest: object, is_told: bool = False
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "programme_code": ["p"],
            "unit_code": ["u"],
            "form_code": ["f"],
            "period_key": ["civil-2023-Y"],
            "last_day": [dt.date(2023, 12, 31)],
            "measure_code": ["a"],
            "control": [own],
            "lowest": [lowest],
            "highest": [highest],
            "is_told": [is_told],
        }
    ).astype({"control": "object", "lowest": "object", "highest": "object"})


def verdicts(*pairs: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "target_code": [f"t{n}" for n in range(len(pairs))],
            "unit_code": "u",
            "period_key": "civil-2023-Y",
            "verdict_before": [before for before, _ in pairs],
            "verdict_now": [now for _, now in pairs],
            "actual_before": Decimal("79.5"),
            "actual_now": Decimal("80.25"),
        }
    )


def totals(**changes: object) -> pd.DataFrame:
    return facts()["totals"].assign(**changes)


def test_sound_build_passes():
    result = judge(facts())
    assert result.is_passed
    assert result.reasons_vi == result.reasons_en == []
    assert result.warnings_vi == result.warnings_en == []
    assert set(result.results["status"]) == {"pass"}


@pytest.mark.parametrize(
    ("name", "frame", "rule", "words"),
    [
        (
            "totals",
            totals(mart_sum=[Decimal("1.4999"), None]),
            "TOTALS_DIFFER",
            "1,4999",
        ),
        ("totals", totals(mart_sum=[None, None]), "TOTALS_DIFFER", "(trống)"),
        ("totals", totals(mart_count=[1, 0]), "COUNTS_DIFFER", "fct_observation"),
        (
            "duplicates",
            pd.DataFrame({"table": ["fct_x"], "grain": ["a"], "duplicates": [3]}),
            "GRAIN_TWICE",
            "thừa 3 dòng",
        ),
        ("row_counts", row_counts(79, 100), "TABLE_SHRANK", "còn 79 dòng"),
        ("row_counts", row_counts(0, 1), "TABLE_SHRANK", "fct_x"),
    ],
)
def test_fault_refuses_the_build(name, frame, rule, words):
    result = judge(facts(**{name: frame}))
    failed = result.results[result.results["status"] == "fail"]
    assert not result.is_passed
    assert failed["rule_code"].tolist() == [rule]
    assert len(result.reasons_vi) == len(result.reasons_en) == 1
    assert words in result.reasons_vi[0]


def test_first_publication_has_nothing_to_shrink_against():
    assert judge(facts(row_counts=row_counts(5, None))).is_passed


def test_shrinking_share_is_configurable():
    assert judge(facts(row_counts=row_counts(50, 100)), kept_rows=0.5).is_passed


@pytest.mark.parametrize("own", [Decimal(4), Decimal("9.0001")])
def test_control_total_that_nobody_was_told_of_refuses(own):
    result = judge(facts(control_totals=control(own, Decimal(5), Decimal(9))))
    failed = result.results[result.results["status"] == "fail"]
    assert failed["rule_code"].tolist() == ["CONTROL_TOTAL_UNSEEN"]
    assert "u, f, civil-2023-Y, a" in result.reasons_vi[0]
    told = control(own, Decimal(5), Decimal(9), is_told=True)
    assert judge(facts(control_totals=told)).is_passed


@pytest.mark.parametrize(
    ("setting", "is_passed"),
    [
        ({"is_enabled": False}, True),
        ({"valid_from": dt.date(2024, 1, 1)}, True),
        ({"valid_from": dt.date(2023, 12, 31)}, False),
        ({"severity": "INFO"}, False),
    ],
)
def test_totals_are_told_of_as_the_programme_sets_the_rule(
    programme, setting, is_passed
):
    given = RuleSetting(rule_code="CONTROL_TOTAL_DIFFERS", **setting)
    mine = programme.model_copy(update={"code": "p", "rule_settings": (given,)})
    wrong = facts(control_totals=control(Decimal(4), Decimal(5), Decimal(9)))
    assert judge(wrong, programme=mine).is_passed == is_passed


def test_totals_of_another_programme_are_not_this_runs(programme):
    wrong = facts(control_totals=control(Decimal(4), Decimal(5), Decimal(9)))
    assert judge(wrong, programme=programme).is_passed


@pytest.mark.parametrize(
    ("own", "lowest", "highest"),
    [(5, 5, 9), (9, 5, 9), (900, 5, None), (5, None, None)],
)
def test_control_total_inside_its_bounds_passes(own, lowest, highest):
    assert judge(facts(control_totals=control(own, lowest, highest))).is_passed


def test_no_control_totals_are_skipped_with_a_reason():
    none = facts()["control_totals"].head(0)
    results = judge(facts(control_totals=none)).results.set_index("rule_code")
    row = results.loc["CONTROL_TOTAL_UNSEEN"]
    assert (row["status"], bool(row["reason"])) == ("skipped", True)


def test_verdicts_that_turned_are_listed_and_refuse_nothing():
    changes = verdicts(("met", "met"), ("off_track", "met"), ("met", "not_met"))
    result = judge(facts(verdicts=changes))
    assert result.is_passed
    assert result.verdict_changes["target_code"].tolist() == ["t1", "t2"]
    assert result.verdict_changes["verdict_before"].tolist() == ["off_track", "met"]
    assert "t1, u, civil-2023-Y: kết luận đổi từ off_track" in result.warnings_vi[0]
    assert "(thực hiện 79,5) thành met (thực hiện 80,25)" in result.warnings_vi[0]
    assert len(result.warnings_en) == 2


def test_first_publication_turns_no_verdict():
    result = judge(facts(verdicts=verdicts()))
    assert result.is_passed
    assert result.verdict_changes.empty
    assert result.warnings_vi == []


def test_many_reasons_are_counted_not_listed():
    many = pd.DataFrame(
        {"table": [f"fct_{n}" for n in range(30)], "grain": "a", "duplicates": 1}
    )
    result = judge(facts(duplicates=many))
    assert len(result.reasons_vi) == 21
    assert result.reasons_en[-1] == "GRAIN_TWICE: and 10 more"


@pytest.mark.parametrize("name", ["totals", "duplicates", "row_counts", "verdicts"])
def test_absent_facts_are_refused(name):
    short = facts()
    del short[name]
    with pytest.raises(FrameRefused, match=name):
        judge(short)


@pytest.mark.parametrize("name", ["duplicates", "row_counts"])
def test_build_without_tables_is_refused(name):
    with pytest.raises(FrameRefused, match="no tables"):
        judge(facts(**{name: facts()[name].head(0)}))
