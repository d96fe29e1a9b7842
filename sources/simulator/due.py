"""What the units of a programme owe over its years: the cells that get figures.

Grain: one row per form x unit x period, control totals of the level above included
when the tuning asks for them.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from sources.programme.due import due_units
from sources.programme.model import OPEN_END, Form, Programme
from sources.programme.periods import build_periods, year_start
from sources.simulator.figures import Setting, form_figures
from sources.simulator.streams import stream


def programme_periods(programme: Programme) -> pd.DataFrame:
    """The periods of the programme's calendars, first reporting year to term's end."""
    first, last = programme.reporting_from_year, programme.term.last_year
    frames = []
    for calendar in programme.calendars:
        starts = {y: year_start(calendar, y) for y in range(first, last + 2)}
        periods = build_periods(calendar, first, last)
        frames.append(
            periods.assign(
                year_start=periods["year"].map(starts),
                year_end=(periods["year"] + 1).map(starts),
            )
        )
    return pd.concat(frames, ignore_index=True)


def due_cells(programme: Programme, form: Form, periods: pd.DataFrame) -> pd.DataFrame:
    """One row per report due of one form, with its period's dates and unit's name."""
    owed = due_units(programme, form, periods)
    dates = periods.drop(columns=["calendar_code", "period_type"])
    return owed.merge(dates, on="period_key").assign(is_control_total=False)


def control_cells(
    setting: Setting, form: Form, cells: pd.DataFrame, figures: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Control totals that units above send of their own accord, cells and figures.

    Yes/no measures and those that do not add over units stay empty.
    """
    levels = {u.unit_code: u.level for u in setting.programme.units}
    pairs = _with_ancestors(setting.programme, cells)
    pairs = pairs[pairs["above"].map(levels).isin(form.control_levels)]
    keys = ["above", "period_key"]
    addable = _addable(setting.programme, figures)
    sums = figures[addable].loc[pairs.index].assign(**pairs[keys])
    totals = sums.groupby(keys)[addable].sum().reset_index()
    chosen = stream(setting.seed, "control", form.code).random(len(totals))
    totals = totals[chosen < setting.tuning.habits.control_totals]
    of_period = cells.drop_duplicates("period_key").drop(columns=["unit_code", "level"])
    control = totals[keys].merge(of_period, on="period_key")
    control = control.rename(columns={"above": "unit_code"}).assign(
        level=lambda frame: frame["unit_code"].map(levels), is_control_total=True
    )
    days = control["level"].map(form.deadline_days).fillna(0)
    control["due_date"] = [
        end + dt.timedelta(days=int(extra) - 1)
        for end, extra in zip(control["end_date"], days, strict=True)
    ]
    return control[list(cells.columns)], totals[addable].reset_index(drop=True)


def _with_ancestors(programme: Programme, cells: pd.DataFrame) -> pd.DataFrame:
    """One row per cell and unit above it on the period's last day (`above`)."""
    versions = pd.DataFrame(
        [
            (u.unit_code, u.parent_unit_code, u.valid_from, u.valid_to or OPEN_END)
            for u in programme.units
            if u.parent_unit_code is not None
        ],
        columns=["child", "parent", "valid_from", "valid_to"],
    )
    last_day = cells["end_date"].map(lambda day: day - dt.timedelta(days=1))
    reached = cells[["unit_code", "period_key"]].assign(
        above=cells["unit_code"], last_day=last_day, cell=cells.index
    )
    found = []
    for _ in programme.levels:
        pairs = reached.merge(versions, left_on="above", right_on="child")
        pairs = pairs.query("valid_from <= last_day < valid_to")
        reached = pairs[list(reached.columns)].assign(above=pairs["parent"])
        found.append(reached)
    return pd.concat(found).set_index("cell")


def _addable(programme: Programme, figures: pd.DataFrame) -> list[str]:
    """Columns of figures that a level above may add up."""
    of_kind = {
        m.code: m.value_type != "yes_no" and m.unit_aggregation == "sum"
        for m in programme.measures
    }
    breakdowns = {m.code: m.breakdown for m in programme.measures}
    members = {
        f"{code}.{member.code}": of_kind[code]
        for code, list_code in breakdowns.items()
        for code_list in programme.code_lists
        if code_list.code == list_code
        for member in code_list.members
    }
    return [column for column in figures.columns if (of_kind | members)[column]]


def all_cells(
    setting: Setting,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Every report of the programme, and per form the figures of its rows.

    The first frame's `row` is the position in its form's figures.
    """
    periods = programme_periods(setting.programme)
    cells_of: list[pd.DataFrame] = []
    figures_of: dict[str, pd.DataFrame] = {}
    for form in setting.programme.forms:
        cells = due_cells(setting.programme, form, periods)
        if cells.empty:
            continue
        figures = form_figures(setting, form, cells)
        if form.control_levels and setting.tuning.habits.control_totals:
            control, totals = control_cells(setting, form, cells, figures)
            cells = pd.concat([cells, control], ignore_index=True)
            figures = pd.concat([figures, totals], ignore_index=True)
        cells_of.append(cells.assign(row=np.arange(len(cells))))
        figures_of[form.code] = figures
    if not cells_of:
        return pd.DataFrame(), {}
    return pd.concat(cells_of, ignore_index=True), figures_of
