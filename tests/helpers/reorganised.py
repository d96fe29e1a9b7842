"""Units that merge, split, move and end: programmes over them, and random histories.

Every commune reports one form by quarter of the civil year: cases and cleared cases
(flows), posts (a stock), `done` (yes or no), suspects (a flow that does not add up).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from sources.programme.model import (
    Calendar,
    Form,
    Indicator,
    Level,
    Measure,
    Obligation,
    PeriodType,
    Programme,
    Succession,
    Term,
    UnitVersion,
)
from sources.programme.reference import due_units
from sources.programme.shares import parts_of_one

START = dt.date(2020, 1, 1)
MEASURES = ("cases", "cleared", "posts", "done", "suspects")
LEVELS = ("province", "district", "commune")


def unit(
    code: str,
    parent: str | None,
    start: dt.date = START,
    end: dt.date | None = None,
    level: str = "commune",
    official_code: str = "",
) -> UnitVersion:
    return UnitVersion(
        unit_code=code,
        official_code=official_code,
        name_vi=code,
        name_en=code,
        unit_type=level,
        level=level,
        parent_unit_code=parent,
        valid_from=start,
        valid_to=end,
    )


def forms_and_figures(
    calendar: str, frequency: PeriodType, levels: tuple[str, ...], start: dt.date
) -> dict[str, object]:
    """The parts of a programme that say what is reported, by whom and how often."""

    def measure(code: str, **more: object) -> Measure:
        words = {"code": code, "name_vi": code, "name_en": code, "kind": "flow"}
        return Measure.model_validate({**words, "unit_of_measure": "n", **more})

    figure = {"name_vi": "x", "name_en": "x", "direction": "higher"}
    return {
        "measures": (
            *(measure(code) for code in ("cases", "cleared")),
            measure("posts", kind="stock"),
            measure("done", kind="stock", value_type="yes_no"),
            measure("suspects", unit_aggregation="none"),
        ),
        "indicators": (
            Indicator(
                code="rate",
                kind="ratio",
                numerator=("cleared",),
                denominator=("cases",),
                **figure,
            ),
            Indicator(
                code="done_share",
                kind="unit_share",
                numerator=("done",),
                levels=levels,
                **figure,
            ),
        ),
        "forms": (
            Form(
                code="F",
                name_vi="F",
                name_en="F",
                calendar=calendar,
                frequency=frequency,
                measures=MEASURES,
                due_from=(Obligation(levels=levels),),
                deadline_days=dict.fromkeys(levels, 1),
                valid_from=start,
            ),
        ),
        "targets": (),
        "sources": (),
        "rules": (),
        "rule_settings": (),
        "groups": (),
        "code_lists": (),
    }


def programme_of(
    units: list[UnitVersion],
    links: list[Succession],
    levels: tuple[str, ...] = ("commune",),
    first_year: int = 2023,
) -> Programme:
    """A programme over these units, reporting in 2023 to 2025 unless told otherwise."""
    return Programme(
        folder=Path(),
        code="reorganised",
        name_vi="x",
        name_en="x",
        root_unit="ROOT",
        term=Term(calendar="civil", first_year=first_year, last_year=2025),
        reporting_from_year=first_year,
        levels=tuple(Level(code=c, name_vi=c, name_en=c) for c in LEVELS),
        documents=(),
        calendars=(
            Calendar(
                code="civil", name_vi="x", name_en="x", start_month=1, start_day=1
            ),
        ),
        units=tuple(units),
        successions=tuple(links),
        **forms_and_figures("civil", PeriodType.QUARTER, levels, START),
    )


def reported(
    programme: Programme, frames: dict[str, pd.DataFrame], seed: int
) -> pd.DataFrame:
    """Random whole figures of every report that is due, one row per value."""
    due = due_units(programme, programme.forms[0], frames["ref_period"])
    pairs = due[["unit_code", "period_key"]].drop_duplicates()
    rows = pairs.merge(pd.DataFrame({"measure_code": MEASURES}), how="cross")
    drawn = np.random.default_rng(seed).integers(0, 100_000, len(rows))
    is_flag = rows["measure_code"].eq("done")
    return rows.assign(value=pd.Series(drawn).mod(2).where(is_flag, drawn))


def raw_reports(programme: Programme, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """raw.submission and raw.observation: the rows as accepted, complete reports."""
    at = dt.datetime(2026, 1, 1)
    figures = ["measure_code", "value", "observation_status"]
    keyed = rows.assign(
        programme_code=programme.code,
        submission_id=rows["unit_code"] + "|" + rows["period_key"],
        value=rows["value"].map(lambda value: Decimal(int(value))),
        observation_status="reported",
    )
    sent = keyed.drop_duplicates("submission_id").assign(
        form_code="F",
        file_name="f.xlsx",
        version=1,
        status="accepted",
        received_at=at,
        recorded_at=at,
        accepted_from=at,
        is_simulated=False,
        is_control_total=False,
    )
    return {
        "submission": sent.drop(columns=figures),
        "observation": keyed[["programme_code", "submission_id", *figures]],
    }


def boundary_units(units: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Rows of int_boundary_unit as the var boundary_date would give them.

    A variable of its own costs another start of dbt. `units` is raw.ref_unit.
    """
    last = dt.date(9999, 12, 30)
    alive = units[units["valid_from"].le(day) & units["valid_to"].gt(day)]
    both = [("current", last, units[units["is_current"]]), ("fixed", day, alive)]
    names = ["programme_code", "unit_code", "unit_key"]
    return pd.concat(
        [
            rows[names].assign(boundary=name, boundary_day=at, figures_until=last)
            for name, at, rows in both
        ]
    )


@dataclass
class History:
    """Units and successions so far; what a day has touched is left alone that day."""

    units: list[UnitVersion] = field(default_factory=list)
    links: list[Succession] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    born: int = 0

    def alive(self, level: str) -> list[UnitVersion]:
        return [
            one
            for one in self.units
            if one.valid_to is None
            and one.level == level
            and one.unit_code not in self.touched
        ]

    def close(self, old: UnitVersion, day: dt.date) -> None:
        at = self.units.index(old)
        self.units[at] = old.model_copy(update={"valid_to": day})
        self.touched.add(old.unit_code)

    def begin(self, parent: str, day: dt.date) -> str:
        self.born += 1
        code = f"N{self.born}"
        self.units.append(unit(code, parent, day))
        self.touched.add(code)
        return code

    def move(self, old: UnitVersion, parent: str, day: dt.date) -> None:
        self.close(old, day)
        self.units.append(
            old.model_copy(update={"valid_from": day, "parent_unit_code": parent})
        )

    def link(self, old: str, new: str, day: dt.date, relation: str, **more: object):
        self.touched.add(new)
        self.links.append(
            Succession.model_validate(
                {
                    "from_unit_code": old,
                    "to_unit_code": new,
                    "effective_date": day,
                    "relation": relation,
                    **more,
                }
            )
        )


DAYS = (
    dt.date(2023, 2, 10),
    dt.date(2023, 7, 1),
    dt.date(2024, 4, 15),
    dt.date(2025, 3, 1),
)
ACTS = ("merge", "take over", "split", "rename", "end", "into parent", "born", "move")


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Communes under two districts and the province, reorganised on some days."""
    history = History([unit("ROOT", None, level="province")])
    for code in ("D1", "D2"):
        history.units.append(unit(code, "ROOT", level="district"))
    for n in range(draw(st.integers(2, 5))):
        parent = draw(st.sampled_from(["D1", "D2", "ROOT"]))
        history.units.append(unit(f"C{n}", parent))
    for day in DAYS:
        history.touched = set()
        if draw(st.integers(0, 4)) == 0:
            _dissolve(draw, history, day)
        for _ in range(draw(st.integers(0, 3))):
            _act(draw, history, day, draw(st.sampled_from(ACTS)))
    return history


def _dissolve(draw: st.DrawFn, history: History, day: dt.date) -> None:
    """A district goes: its communes move up or end with it."""
    districts = history.alive("district")
    if not districts:
        return
    old = draw(st.sampled_from(districts))
    for commune in history.alive("commune"):
        if commune.parent_unit_code != old.unit_code:
            continue
        if draw(st.booleans()):
            history.move(commune, "ROOT", day)
        else:
            history.close(commune, day)
    history.close(old, day)
    rest = history.alive("district")
    if rest and draw(st.booleans()):
        history.link(old.unit_code, rest[0].unit_code, day, "merge")


def _act(draw: st.DrawFn, history: History, day: dt.date, act: str) -> None:
    communes = history.alive("commune")
    parents = ["ROOT", *(u.unit_code for u in history.units if _is_district(u))]
    parent = draw(st.sampled_from(parents))
    if act == "born":
        history.begin(parent, day)
        return
    if len(communes) < 2:
        return
    first, second = draw(st.permutations(communes))[:2]
    if act == "move":
        history.move(first, parent, day)
        return
    history.close(first, day)
    old = first.unit_code
    if act == "rename":
        history.link(old, history.begin(parent, day), day, "rename")
    elif act == "take over":
        history.link(old, second.unit_code, day, "merge")
    elif act == "into parent" and first.parent_unit_code is not None:
        above = next(
            u
            for u in history.units
            if u.unit_code == first.parent_unit_code and u.valid_to is None
        )
        history.link(old, above.unit_code, day, "end")
    elif act == "merge":
        history.close(second, day)
        new = history.begin(parent, day)
        measured = draw(st.sampled_from([None, "population", "area_km2"]))
        for each in (old, second.unit_code):
            figures = {measured: draw(st.integers(1, 9))} if measured else {}
            history.link(each, new, day, "merge", **figures)
    elif act == "split":
        parts = [history.begin(parent, day), second.unit_code]
        if draw(st.booleans()):
            parts.append(history.begin("ROOT", day))
        measured = draw(st.sampled_from([None, "share", "population", "area_km2"]))
        weights = [Decimal(draw(st.integers(0, 9))) for _ in parts]
        if not any(weights):
            weights[0] = Decimal(1)
        if measured == "share":
            weights = parts_of_one(weights)
        for part, weight in zip(parts, weights, strict=True):
            figures = {measured: weight} if measured else {}
            history.link(old, part, day, "split", **figures)


def _is_district(one: UnitVersion) -> bool:
    return one.level == "district" and one.valid_to is None
