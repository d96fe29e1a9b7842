"""Made-up figures hang together, whatever the measures are called."""

from __future__ import annotations

import numpy as np
import pytest

from sources.simulator.allocate import apportion, thin
from sources.simulator.due import all_cells
from sources.simulator.figures import Setting
from sources.simulator.sizes import readiness, unit_sizes
from sources.simulator.tuning import (
    Habits,
    MeasureTuning,
    Tuning,
    TuningError,
    in_year,
    load_tuning,
)


def drawn(programme, tuning=None, seed=3):
    tuning = tuning or Tuning()
    sizes = unit_sizes(programme, tuning.unit_sizes, seed)
    cells, figures = all_cells(Setting(programme, tuning, sizes, seed))
    return cells, figures["F"]


def test_members_add_up_and_parts_stay_inside_their_whole(small):
    _, figures = drawn(small)
    for code in ("cases", "solved"):
        top = figures[f"{code}.a"] + figures[f"{code}.b"]
        assert (figures[code] == top).all()
        below = figures[f"{code}.b1"] + figures[f"{code}.b2"]
        assert (figures[f"{code}.b"] == below).all()
    for member in ("", ".a", ".b", ".b1", ".b2"):
        assert (figures[f"solved{member}"] <= figures[f"cases{member}"]).all()
    assert (figures["spent"] <= figures["money"]).all()
    assert (figures >= 0).all(axis=None)
    assert set(figures["ready"]) == {0, 1}


def test_tuned_totals_and_ratios_come_out_exactly(small):
    tuning = Tuning(
        measures={
            "cases": MeasureTuning(totals={2021: 1000, 2022: 900}),
            "solved": MeasureTuning(ratio={2021: 0.8, 2022: 0.7}),
        }
    )
    cells, figures = drawn(small, tuning)
    sums = figures.groupby(cells["year"].to_numpy())[["cases", "solved"]].sum()
    assert sums.to_numpy().tolist() == [[1000, 800], [900, 630]]


def test_sizes_go_on_over_a_reform(small):
    sizes = unit_sizes(small, {}, seed=1)
    assert sizes["N1"] == pytest.approx(sizes["O1"] + 0.4 * sizes["O2"])
    assert sizes[["N1", "N2"]].sum() == pytest.approx(sizes[["O1", "O2", "O3"]].sum())
    parts = ["O1", "O2", "O3", "K1", "K2", "K3", "K4"]
    assert sizes["TOP"] == pytest.approx(sizes[parts].sum())


def test_stock_totals_go_on_over_a_reform(small):
    tuning = Tuning(measures={"staff": MeasureTuning(totals={2020: 400})})
    cells, figures = drawn(small, tuning)
    assert set(figures["staff"].groupby(cells["period_key"]).sum()) == {400}


def test_successors_are_as_ready_as_their_largest_part(small):
    sizes = unit_sizes(small, {}, seed=1)
    ready = readiness(small, sizes, "ready", seed=1)
    largest = "O1" if sizes["O1"] > 0.4 * sizes["O2"] else "O2"
    assert ready["N1"] == pytest.approx(ready[largest], abs=1e-6)


def test_control_totals_are_the_sums_of_those_below(small):
    cells, figures = drawn(small, Tuning(habits=Habits(control_totals=1)))
    control = cells[cells["is_control_total"]]
    assert set(control["unit_code"]) == {"TOP"} and len(control) == 8
    below = cells[~cells["is_control_total"]]
    sums = figures["cases"].loc[below["row"]].groupby(below["period_key"].to_numpy())
    totals = figures["cases"].loc[control["row"]].to_numpy()
    assert (totals == sums.sum().loc[control["period_key"]].to_numpy()).all()
    assert figures["ready"].loc[control["row"]].isna().all()


def test_apportion_is_exact_and_thin_never_takes_what_is_not_there():
    weights = np.array([1.0, 1.0, 1.0])
    assert apportion(10, weights).tolist() in ([4, 3, 3], [3, 4, 3], [3, 3, 4])
    whole = np.array([0, 5, 100])
    part = thin(whole, 60, np.random.default_rng(1))
    assert part.sum() == 60 and (part <= whole).all()
    assert thin(whole, 999, np.random.default_rng(1)).tolist() == whole.tolist()


def test_years_between_are_interpolated_and_years_outside_take_the_nearest():
    values = {2021: 10.0, 2023: 20.0}
    years = (2019, 2021, 2022, 2022.5, 2030)
    assert [in_year(values, y) for y in years] == [10, 10, 15, 17.5, 20]


def test_wrong_tuning_is_refused_by_name(tmp_path):
    (tmp_path / "simulation.yaml").write_text("habits: {lateness: 0.1}")
    with pytest.raises(TuningError, match=r"simulation\.yaml.*\n.*lateness"):
        load_tuning(tmp_path)
