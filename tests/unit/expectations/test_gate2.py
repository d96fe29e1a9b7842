"""Gate 2: what refuses a build, what only warns, and what may not go unjudged."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from expectations.errors import FrameRefused
from expectations.gate2 import judge


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
        "control_totals": control(Decimal(5), Decimal(5), 0),
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


def control(own: Decimal, children: Decimal | None, missing: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "programme_code": ["p"],
            "unit_code": ["u"],
            "period_key": ["civil-2023-Y"],
            "measure_code": ["a"],
            "control": pd.Series([own], dtype="object"),
            "children_sum": pd.Series([children], dtype="object"),
            "children_missing": [missing],
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


def test_control_total_that_differs_warns_only():
    result = judge(facts(control_totals=control(Decimal(6), Decimal(5), 0)))
    assert result.is_passed
    assert len(result.warnings_vi) == len(result.warnings_en) == 1
    assert "u, civil-2023-Y, a" in result.warnings_en[0]


def test_control_total_is_not_compared_while_children_are_missing():
    result = judge(facts(control_totals=control(Decimal(6), Decimal(5), 1)))
    row = result.results.set_index("rule_code").loc["CONTROL_TOTAL_DIFFERS"]
    assert (row["checked"], row["failed"]) == (0, 0)


def test_no_control_totals_are_skipped_with_a_reason():
    none = control(Decimal(1), None, 0).head(0)
    row = judge(facts(control_totals=none)).results.iloc[-1]
    assert (row["status"], bool(row["reason"])) == ("skipped", True)


def test_many_reasons_are_counted_not_listed():
    many = pd.DataFrame(
        {"table": [f"fct_{n}" for n in range(30)], "grain": "a", "duplicates": 1}
    )
    result = judge(facts(duplicates=many))
    assert len(result.reasons_vi) == 21
    assert result.reasons_en[-1] == "GRAIN_TWICE: and 10 more"


@pytest.mark.parametrize("name", ["totals", "duplicates", "row_counts"])
def test_absent_facts_are_refused(name):
    short = facts()
    del short[name]
    with pytest.raises(FrameRefused, match=name):
        judge(short)


@pytest.mark.parametrize("name", ["duplicates", "row_counts"])
def test_build_without_tables_is_refused(name):
    with pytest.raises(FrameRefused, match="no tables"):
        judge(facts(**{name: facts()[name].head(0)}))
