"""Reports of the random worlds: some come, some fail to come, some come in part."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sources.programme.reference import due_units, reference_frames
from tests.helpers.random_worlds import PARTS, world
from tests.helpers.reports import accepted_reports

KEYS = ["programme_code", "form_code", "unit_code", "period_key"]
CELL = [*KEYS, "measure_code"]


@dataclass(frozen=True, repr=False)
class Worlds:
    """The reference tables of all worlds, and every cell that they owe."""

    reference: dict[str, pd.DataFrame]
    cells: pd.DataFrame

    def raw(self, given: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Schema raw over `given`: cells with a value, `state` as in `reports`."""
        sent = given[given["state"].ne("unsent")]
        kept_out = sent["state"].eq("kept_out")
        told = sent.assign(
            value=sent["value"].where(sent["state"].eq("reported"), None),
            observation_status=sent["state"],
        )
        tables = accepted_reports(told)
        observations = tables["observation"]
        is_there = ~observations["observation_status"].isin(["kept_out", "absent"])
        quarantined = observations[kept_out.to_numpy()]
        return {
            **self.reference,
            **tables,
            "observation": observations[is_there],
            "quarantined_value": quarantined[
                ["submission_id", "programme_code", "measure_code"]
            ],
        }

    def reports(
        self, rng: np.random.Generator, day: dt.date, unsent: float, odd: float
    ) -> pd.DataFrame:
        """Cells with a value and a state, at random; none of a period still open.

        Args:
            unsent: Share of reports that never came.
            odd: Share of cells that are kept out, empty or not applicable.
        """
        cells = self.cells
        size = len(cells)
        values = pd.Series(rng.integers(0, rng.choice([1, 5, 40], size) + 1))
        values = values.where(cells["word"].ne("done"), values.clip(upper=1))
        states = rng.choice(["kept_out", "missing", "not_applicable"], size)
        state = pd.Series("reported", index=cells.index)
        state = state.mask(rng.random(size) < odd, states)
        # nobody writes a row for a member of which there was none
        is_member = cells["word"].str.contains(".", regex=False)
        state = state.mask(is_member & (rng.random(size) < 0.3), "absent")
        report, order = pd.factorize(cells[KEYS].astype(str).agg("/".join, axis=1))
        is_unsent = (rng.random(len(order)) < unsent)[report]
        state = state.mask(is_unsent | (cells["end_date"] > day), "unsent")
        came = within_wholes(cells.assign(value=values, state=state))
        # of a whole that did not come in, no part is beyond what every record allows
        return came.assign(
            value=came["value"].mask(_lacks_whole(came), came["value"].clip(upper=3))
        )


def make_worlds(count: int) -> Worlds:
    """Worlds 0 to `count`; the cells in the order of their codes."""
    frames = [reference_frames(world(number), None, 2024) for number in range(count)]
    shared = ("ref_period", "ref_period_part")
    reference = {
        table: frame
        if table in shared
        else pd.concat([other[table] for other in frames], ignore_index=True)
        for table, frame in frames[0].items()
    }
    periods = reference["ref_period"]
    cells = pd.concat(
        due_units(programme, form, periods).assign(programme_code=programme.code)
        for programme in map(world, range(count))
        for form in programme.forms
    )
    measures = reference["ref_measure"][["form_code", "indicator_code"]]
    cells = cells.merge(measures.rename(columns={"indicator_code": "measure_code"}))
    ends = periods.set_index("period_key")["end_date"]
    cells = cells[CELL].sort_values(CELL, ignore_index=True)
    cells["end_date"] = cells["period_key"].map(ends)
    word = cells["measure_code"].str.partition("_")[2]
    return Worlds(reference, cells.assign(word=word))


def _lacks_whole(cells: pd.DataFrame) -> np.ndarray:
    """Which parts stand in a report that does not tell their whole."""
    told = cells.loc[cells["state"].eq("reported"), [*KEYS, "word"]]
    whole = cells[KEYS].assign(word=cells["word"].map(PARTS))
    is_told = whole.merge(told, how="left", indicator=True)["_merge"].eq("both")
    return (cells["word"].isin(PARTS) & ~is_told).to_numpy()


def within_wholes(cells: pd.DataFrame) -> pd.DataFrame:
    """The same cells, no part greater than its whole where that is given."""
    whole = cells.loc[cells["state"].eq("reported"), [*KEYS, "word", "value"]]
    whole = whole.rename(columns={"word": "whole", "value": "most"})
    above = cells.assign(whole=cells["word"].map(PARTS)).merge(
        whole, on=[*KEYS, "whole"], how="left"
    )
    most = above["most"].fillna(above["value"]).to_numpy()
    return cells.assign(value=np.minimum(cells["value"].to_numpy(), most))


def filled_in(
    cells: pd.DataFrame, missing: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """The same cells with every missing one given, within its limits.

    Args:
        missing: The cells (CELL) that are due and not received, and their upper end
            `high`; where that is null there is no limit.
    """
    both = cells.merge(missing, on=CELL, how="left", indicator=True)
    is_filled = both["_merge"].eq("both").to_numpy()
    high = both["high"].astype(float).fillna(200).to_numpy()
    part = rng.choice([0.0, 0.3, 1.0], len(cells))
    given = np.floor(high * part)
    # a whole that came later is no smaller than its parts that came before
    parts = cells[cells["state"].eq("reported") & cells["word"].isin(PARTS)]
    least = parts.assign(word=parts["word"].map(PARTS)).groupby([*KEYS, "word"])[
        "value"
    ]
    floor = both[[*KEYS, "word"]].merge(
        least.max().rename("least").reset_index(), on=[*KEYS, "word"], how="left"
    )
    lowest = floor["least"].fillna(0).to_numpy(dtype=float)
    given = np.maximum(given, lowest)
    is_told = (lowest > 0) | (rng.random(len(cells)) < 0.9)
    # nobody tells a part of what does not apply
    refused = both.loc[is_filled & ~is_told, [*KEYS, "word"]]
    whole = both[KEYS].assign(word=both["word"].map(PARTS))
    is_told &= whole.merge(refused, how="left", indicator=True)["_merge"].ne("both")
    state = np.where(is_told, "reported", "not_applicable")
    later = cells.assign(
        value=np.where(is_filled, given, cells["value"]),
        state=np.where(is_filled, state, cells["state"]),
    )
    capped = within_wholes(later)
    return later.assign(value=np.where(is_filled, capped["value"], later["value"]))
