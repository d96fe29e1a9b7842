"""Facts of the standing checks, by answers worked out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.raw_build import RawBuild, small_build
from warehouse.errors import WarehouseError
from warehouse.home import Home
from warehouse.standing import standing_facts

Q1, Q2, Q3 = "civil-2023-Q1", "civil-2023-Q2", "civil-2023-Q3"
TOTAL = {"is_control_total": True}


@pytest.fixture
def build() -> RawBuild:
    return small_build()


def facts(build: RawBuild, folder: Path) -> dict[str, pd.DataFrame]:
    home = Home(folder)
    build.write(home)
    return standing_facts(home, "demo", band=0.02, edge=0.1)


def one(frame: pd.DataFrame) -> dict[str, object]:
    (row,) = frame.to_dict("records")
    return row


def bounds(row: dict[str, object]) -> tuple[object, ...]:
    names = "control children_sum children_present children_missing lowest highest"
    return tuple(row[name] for name in names.split())


def test_total_of_complete_children_has_one_possible_value(build, tmp_path):
    for unit, value in zip("ABCD", (1, 2, 3, 4), strict=True):
        build.submit(unit, Q1, {"m": value})
    build.submit("R", Q1, {"m": 11}, submission_id="total", **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (11, 10, 4, 0, 10, 10)
    place = ("submission_id", "delivery_sha256", "sheet", "cell", "unit_name_vi")
    assert [row[name] for name in place] == ["total", "d4", "Biểu", "C5", "Đơn vị R"]


def test_missing_children_add_their_own_or_their_levels_highest(build, tmp_path):
    # C once sent 9 and then 5, D never sent anything: the level's highest is 9
    build.submit("A", Q2, {"m": 1})
    build.submit("B", Q2, {"m": 2})
    build.submit("C", Q1, {"m": 5})
    build.submit("C", "civil-2024-Q1", {"m": 9})
    build.submit("R", Q2, {"m": 11}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (11, 3, 2, 2, 3, 3 + 9 + 9)
    assert row["missing_codes"] == "C, D"


def test_total_without_any_childs_figure_has_no_upper_bound(build, tmp_path):
    build.submit("R", Q1, {"m": 11}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert (row["children_missing"], row["lowest"]) == (4, 0)
    assert pd.isna(row["highest"])


def test_measure_that_is_never_summed_is_no_control_total(build, tmp_path):
    build.submit("A", Q1, {"once": 1})
    build.submit("R", Q1, {"once": 5}, **TOTAL)
    assert facts(build, tmp_path)["control_totals"].empty


def test_empty_cell_of_a_report_that_came_is_missing_only_if_required(build, tmp_path):
    for unit in "ABC":
        build.submit(unit, Q1, {"m": 1, "cases": 1})
    build.submit("D", Q1, {"m": 1})
    build.submit("A", Q2, {"m": 1, "cases": 7})
    build.submit("R", Q1, {"m": 4, "cases": 3}, **TOTAL)
    rows = facts(build, tmp_path)["control_totals"].set_index("measure_code")
    assert rows.children_missing.to_dict() == {"m": 0, "cases": 0}
    assert rows.highest.to_dict() == {"m": 4, "cases": 3}


def test_figure_that_was_kept_out_is_missing_and_may_be_what_it_was(build, tmp_path):
    for unit in "ABC":
        build.submit(unit, Q1, {"cases": 2})
    kept_out = build.submit("D", Q1, {"m": 1})
    build.add(
        "finding",
        submission_id=kept_out,
        indicator_code="cases",
        severity="ERROR",
        observed="104",
    )
    build.submit("D", Q2, {"cases": 90})
    build.submit("R", Q1, {"cases": 110}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (110, 6, 3, 1, 6, 110)


def test_not_applicable_is_an_answer(build, tmp_path):
    for unit in "ABC":
        build.submit(unit, Q1, {"m": 1})
    build.submit("D", Q1, {"m": "n/a"})
    build.submit("R", Q1, {"m": 3}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (3, 3, 3, 0, 3, 3)


def test_child_that_ended_inside_the_period_is_none(build, tmp_path):
    build.unit("E", valid_to=dt.date(2023, 3, 31))
    for unit in "ABCD":
        build.submit(unit, Q1, {"m": 1})
    build.submit("E", Q1, {"m": 100})
    build.submit("R", Q1, {"m": 4}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (4, 4, 4, 0, 4, 4)


def test_child_that_ended_with_the_period_still_counts(build, tmp_path):
    build.unit("E", valid_to=dt.date(2023, 4, 1))
    for unit in "ABCDE":
        build.submit(unit, Q1, {"m": 1})
    build.submit("R", Q1, {"m": 4}, **TOTAL)
    assert one(facts(build, tmp_path)["control_totals"])["children_sum"] == 5


def test_superseded_figures_bound_nothing(build, tmp_path):
    build.correct("A", Q1, {"m": 900}, {"m": 1})
    for unit in "BC":
        build.submit(unit, Q1, {"m": 2})
    build.submit("R", Q1, {"m": 5}, **TOTAL)
    row = one(facts(build, tmp_path)["control_totals"])
    assert bounds(row) == (5, 5, 3, 1, 5, 7)


def test_corrections_count_by_the_direction_of_good(build, tmp_path):
    build.correct("A", Q1, {"m": 9, "cleared": 1}, {"m": 8, "cleared": 2})  # both good
    build.correct("A", Q2, {"m": 5, "cases": 3}, {"m": 6, "cases": 9})  # bad; neutral
    last = build.correct("A", Q3, {"m": 5}, {"m": 4, "cleared": 7})  # good; no before
    build.correct("B", Q1, {"m": 3}, {"m": 3})  # nothing moved
    row = one(facts(build, tmp_path)["corrections"])
    assert [row[n] for n in ("unit_code", "form_code")] == ["A", "F"]
    assert [row[n] for n in ("changed", "toward", "against")] == [4, 3, 1]
    assert row["submission_id"] == last


def test_only_neighbouring_versions_are_compared(build, tmp_path):
    times = [dt.datetime(2024, 1, day) for day in (1, 2, 3)]
    for number, value in enumerate((9, 4, 6)):
        build.submit(
            "A",
            Q1,
            {"m": value},
            version=number + 1,
            status="accepted" if number == 2 else "superseded",
            accepted_from=times[number],
            accepted_to=times[number + 1] if number < 2 else None,
        )
    row = one(facts(build, tmp_path)["corrections"])
    assert [row[n] for n in ("changed", "toward", "against")] == [2, 1, 1]


def test_control_totals_and_versions_that_never_counted_correct_nothing(
    build, tmp_path
):
    moment = dt.datetime(2024, 1, 1)
    never = {"status": "superseded", "accepted_from": moment, "accepted_to": moment}
    build.submit("A", Q1, {"m": 9}, **never)
    build.submit("A", Q1, {"m": 1}, accepted_from=moment, version=2)
    after = {"accepted_to": dt.datetime(2024, 2, 1), "status": "superseded"}
    build.submit("R", Q1, {"m": 9}, **after, **TOTAL)
    build.submit("R", Q1, {"m": 1}, accepted_from=dt.datetime(2024, 2, 1), **TOTAL)
    assert facts(build, tmp_path)["corrections"].empty


def bunching(build: RawBuild, folder: Path, **grain: str) -> tuple[int, int] | None:
    frame = facts(build, folder)["bunching"]
    for name, value in grain.items():
        frame = frame[frame[name].eq(value)]
    if frame.empty:
        return None
    row = one(frame)
    return row["past_count"], row["short_count"]


# 100 cases, threshold 80: two whole numerators on either side, 78 79 | 80 81
@pytest.mark.parametrize(
    ("comparator", "past", "short"),
    [
        (">=", (80, 81), (78, 79)),
        (">", (81, 82), (79, 80)),
        ("<=", (79, 80), (81, 82)),
        ("<", (78, 79), (80, 81)),
    ],
)
def test_band_is_as_wide_on_either_side_of_the_threshold(
    build, tmp_path, comparator, past, short
):
    build.target("T", comparator, 80)
    for unit, cleared in zip("AB", past, strict=True):
        build.submit(unit, Q1, {"cleared": cleared, "cases": 100})
    build.submit("C", Q1, {"cleared": short[0], "cases": 100})
    build.submit("D", Q1, {"cleared": short[1], "cases": 100})
    build.submit("A", Q2, {"cleared": min(*past, *short) - 1, "cases": 100})
    build.submit("B", Q2, {"cleared": max(*past, *short) + 1, "cases": 100})
    assert bunching(build, tmp_path, period_key=Q1) == (2, 2)
    assert bunching(build, tmp_path, period_key=Q2) is None
    assert bunching(build, tmp_path, unit_code="A") == (1, 0)


def test_unit_too_small_for_a_value_on_both_sides_is_left_out(build, tmp_path):
    # of 5 cases 4 are exactly 80 %, and no other share lies within two points
    build.target("T", ">=", 80)
    build.submit("A", Q1, {"cleared": 4, "cases": 5})
    build.submit("B", Q1, {"cleared": 40, "cases": 50})
    build.submit("C", Q1, {"cleared": 39, "cases": 50})
    assert bunching(build, tmp_path, period_key=Q1) == (1, 1)


def test_band_shrinks_near_the_ends_of_the_scale(build, tmp_path):
    # below 0.5 % the band is 0.05 points: of 10,000 officers 45..49 past, 50..54 short
    build.target("T", "<", "0.5")
    for unit, cleared in zip("ABCD", (44, 45, 54, 55), strict=True):
        build.submit(unit, Q1, {"cleared": cleared, "cases": 10_000})
    assert bunching(build, tmp_path, period_key=Q1) == (1, 1)


def test_both_ends_of_a_band_target_are_thresholds(build, tmp_path):
    build.target("T", "between", 15, high=20)
    build.submit("A", Q1, {"cleared": 15, "cases": 100})
    build.submit("B", Q1, {"cleared": 20, "cases": 100})
    frame = facts(build, tmp_path)["bunching"]
    periods = frame[frame.period_key.notna()]
    assert periods.comparator.tolist() == [">=", "<="]
    assert periods.past_count.tolist() == [1, 1]


def test_target_looks_only_at_its_own_days_units_and_levels(build, tmp_path):
    build.unit("X", None)
    build.unit("Y", "X")
    build.target(
        "T", ">=", 80, scope_type="unit", scope_code="R", valid_to=dt.date(2023, 7, 1)
    )
    build.add("ref_target_level", target_key="tT", level="commune")
    good = {"cleared": 80, "cases": 100}
    for unit, period in (("A", Q2), ("Y", Q2), ("R", Q2), ("A", Q3)):
        build.submit(unit, period, good)
    frame = facts(build, tmp_path)["bunching"]
    assert frame.unit_code.dropna().tolist() == ["A"]
    assert frame.period_key.dropna().tolist() == [Q2]


def test_unit_row_names_its_latest_submission(build, tmp_path):
    build.target("T", ">=", 80)
    last = build.submit("A", Q3, {"cleared": 80, "cases": 100})
    build.submit("A", Q1, {"cleared": 80, "cases": 100})
    frame = facts(build, tmp_path)["bunching"]
    row = one(frame[frame.unit_code.notna()])
    assert (row["submission_id"], row["form_code"]) == (last, "F")
    of_periods = frame[frame.period_key.notna()]
    assert of_periods.submission_id.isna().all()
    assert of_periods.level_name_vi.unique().tolist() == ["Cấp commune"]


def test_figure_without_its_denominator_is_none(build, tmp_path):
    build.target("T", ">=", 80)
    build.submit("A", Q1, {"cleared": 80})
    assert facts(build, tmp_path)["bunching"].empty


def test_facts_need_a_loaded_build(tmp_path):
    home = Home(tmp_path)
    home.create()
    with pytest.raises(WarehouseError, match="nhiemky run"):
        standing_facts(home, "demo", band=0.02, edge=0.1)
