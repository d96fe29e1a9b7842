"""The count model: it finds slips, leaves right figures alone and knows its reach."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from expectations.plausibility.model import LEAST_DISPERSION
from expectations.plausibility.sweep import DOUBTED_SHARE, intervals
from tests.helpers.made_up_counts import (
    counts,
    is_visible,
    judged,
    series_of,
    slipped,
)

MOST_FALSE, LEAST_FOUND = 0.01, 0.9
MONTHS, UNITS, MEASURES = 30, 60, 8
FIRST_DISPERSION = 0.1 * (1 + 0.1**0.5)


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    values = counts(np.random.default_rng(11), MONTHS, UNITS, MEASURES, dispersion=0.03)
    values[np.random.default_rng(12).random(values.shape[:2]) < 0.03] = np.nan
    return values


@pytest.mark.parametrize("dispersion", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("units", [1, 4, 60])
def test_at_most_one_right_figure_in_a_hundred_is_doubted(units, dispersion):
    rng = np.random.default_rng(units)
    measures = 480 // units  # as many figures however many units
    rows = judged(counts(rng, MONTHS, units, measures, dispersion))
    assert rows["period"].min() == 6
    # a series that begins anew is not judged for a while
    assert len(rows) > 0.99 * (MONTHS - 6) * units * measures
    assert rows["is_flagged"].mean() <= MOST_FALSE


@pytest.mark.parametrize("kind", ["ten_fold", "digit_lost", "swapped"])
def test_at_least_nine_visible_slips_in_ten_are_doubted(clean, kind):
    """One figure in fifty is slipped, in the past too: that must not blind it."""
    values = slipped(clean, kind, 0.02, np.random.default_rng(13))
    rows = judged(values)
    is_planted = is_visible(clean, values)[
        rows["period"], rows["unit"], rows["measure"]
    ]
    is_right = (clean == values)[rows["period"], rows["unit"], rows["measure"]]
    assert is_planted.sum() > 30
    assert rows.loc[is_planted, "is_flagged"].mean() >= LEAST_FOUND
    assert rows.loc[is_right, "is_flagged"].mean() <= MOST_FALSE


def test_one_unit_alone_has_the_interval_worked_out_by_hand():
    """Eight months of 20 and no peers.

    What is known before the ninth: the newest weighs 1, each one before 0.95 of it.
    Half a case, at the usual rate, is known beforehand and moves nothing. Without peers
    a swing of 0.3 is allowed for; the dispersion learnt lies between least and first.
    """
    row = judged(np.full((9, 1, 1), 20.0)).iloc[-1]
    assert row["expected_mean"] == pytest.approx(20)
    assert (row["past_count"], row["peer_count"]) == (8, 0)
    weight = (1 - 0.95**8) / 0.05
    known = 1 / (20 * weight + 0.5) + 0.3**2
    bounds = []
    for dispersion in (LEAST_DISPERSION, FIRST_DISPERSION):
        spread = dispersion * (1 + 1 / weight) + known
        law = nbinom(1 / spread, 1 / (1 + spread * 20))
        bounds.append((law.ppf(DOUBTED_SHARE / 2), law.ppf(1 - DOUBTED_SHARE / 2)))
    (low, high), (lowest, highest) = bounds
    assert lowest <= row["expected_low"] <= low
    assert high <= row["expected_high"] <= highest


def test_what_befalls_all_like_units_is_expected():
    values = np.full((10, 30, 1), 50.0)
    values[-1] = 150.0
    values[-1, 0] = 50.0
    rows = judged(values)
    last = rows[rows["period"].eq(9)]
    assert last["expected_mean"].iloc[1:].between(120, 160).all()
    # the one unit that did not rise with the others is the odd one
    assert list(last.loc[last["is_flagged"], "unit"]) == [0]


def test_own_figure_and_slips_of_others_do_not_move_the_expectation():
    values = np.full((10, 12, 1), 100.0)
    values[-1, 0] = 1000.0
    values[-1, 1] = 10.0
    last = judged(values).query("period == 9").set_index("unit")
    assert last["expected_mean"].between(90, 125).all()
    assert list(last.index[last["is_flagged"]]) == [0, 1]


@pytest.mark.parametrize("units", [2, 3])
def test_the_slip_of_a_lone_peer_casts_no_doubt_on_its_neighbour(units):
    values = np.full((9, units, 1), 60.0)
    values[-1, 0] *= 10
    rows = judged(values)
    last = rows[rows["period"].eq(8)].set_index("unit")["is_flagged"]
    assert last.to_dict() == {0: True, **dict.fromkeys(range(1, units), False)}


def test_a_first_case_after_none_is_no_surprise_but_twenty_are():
    values = np.zeros((20, 10, 2))
    values[-1, 0, 0] = 1
    values[-1, 0, 1] = 20
    rows = judged(values)
    flagged = rows[rows["is_flagged"]]
    assert list(zip(flagged["unit"], flagged["measure"], strict=True)) == [(0, 1)]


def test_later_figures_do_not_judge_earlier_ones():
    values = counts(np.random.default_rng(5), 20, 10, 3)
    changed = values.copy()
    changed[15:] *= 7
    early = [judged(v).query("period < 15") for v in (values, changed)]
    assert early[0]["expected_high"].equals(early[1]["expected_high"])


def test_a_lasting_change_is_doubted_twice_and_then_is_the_new_level():
    values = np.full((24, 1, 1), 20.0)
    values[10:] = 200.0
    rows = judged(values)
    assert list(rows.loc[rows["is_flagged"], "period"]) == [10, 11]
    # two periods at the new level count as its past; six are needed
    assert set(range(12, 16)).isdisjoint(rows["period"])
    late = rows[rows["period"].ge(16)]
    assert len(late) == 8 and late["expected_mean"].between(170, 230).all()


@pytest.mark.parametrize(
    ("frequency", "first"), [("month", 6), ("quarter", 4), ("year", 3)]
)
def test_below_the_least_past_nothing_is_judged(frequency, first):
    values = np.full((8, 2, 1), 9.0)
    assert judged(values, frequency=frequency)["period"].min() == first


def test_stocks_are_judged_against_the_last_one():
    values = np.tile(np.linspace(100, 400, 20)[:, None, None], (1, 5, 1))
    values[-1, 2] = 40
    rows = judged(values, kind="stock")
    assert list(rows.loc[rows["is_flagged"], "unit"]) == [2]
    last = rows[rows["period"].eq(19) & rows["unit"].ne(2)]
    assert last["expected_mean"].between(355, 410).all()


@pytest.mark.parametrize(
    "measure", [{"value_type": "money"}, {"may_be_negative": True}]
)
def test_only_counts_are_judged(measure):
    assert judged(np.full((12, 2, 1), 9.0), **measure).empty


def test_a_unit_that_changes_level_begins_anew():
    series = series_of(np.full((12, 3, 1), 9.0))
    series.level[7:, 0] = 1
    found = intervals(series).join(series.figures)
    assert found.loc[found["unit"].eq(0), "period"].max() == 6
