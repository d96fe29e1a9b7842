"""Random reorganisations through the models: totals stay, territories are compared."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.reference import reference_frames
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.reorganised import (
    DAYS,
    START,
    History,
    boundary_units,
    histories,
    programme_of,
    raw_reports,
    reported,
)
from tests.helpers.territory import ONE_DAY, Territory

CLOSE = Fraction(1, 100)
"""Shares are rounded at the eighth decimal, figures are below 100,000."""


@given(history=histories(), day=st.sampled_from([START, *DAYS]), seed=st.integers(0, 9))
@settings(max_examples=5, deadline=None)
def test_totals_stay_and_changes_have_one_territory(
    compiled: CompiledModels, history: History, day: dt.date, seed: int
) -> None:
    programme = programme_of(history.units, history.links)
    territory = Territory(programme)
    frames = reference_frames(programme, None, 2025)
    sent = reported(programme, frames, seed)
    ended = {c for c in territory.versions if territory.ended(c).year < 9999}
    changed = {code for code in ended if has_changed(territory, code)}
    given_units = pd.concat(
        [
            boundary_units(frames["ref_unit"], day),
            *(as_ended(frames["ref_unit"], code) for code in sorted(changed)),
        ]
    )
    with compiled.run(
        {**frames, **raw_reports(programme, sent)},
        ["int_rollup"],
        dt.date(2026, 1, 10),
        given={"int_boundary_unit": given_units},
    ) as models:
        boundaries = dict(
            models.execute(
                "select unit_code, boundary from intermediate.int_unit_boundary"
            ).fetchall()
        )
        rolled = models.execute(
            "select boundary, unit_code, base_period_key, value "
            "from intermediate.int_rollup where indicator_code = 'cases'"
        ).fetchall()
    assert boundaries == {
        code: "current"
        if code not in ended
        else ("as_ended" if code in changed else "as_reported")
        for code in territory.versions
    }
    cases = sent[sent["measure_code"].eq("cases")]
    totals = cases.groupby("period_key")["value"].sum().to_dict()
    for boundary in ("as_reported", "current", "fixed"):
        root = {p: v for b, u, p, v in rolled if (b, u) == (boundary, "ROOT")}
        assert root == totals, boundary
    # an ended unit's own territory of its last day, in every period up to its end
    last_days = frames["ref_period"].set_index("period_key")["end_date"] - ONE_DAY
    shown: dict[tuple[str, str], Decimal] = {
        (u, p): v for b, u, p, v in rolled if b == "as_ended"
    }
    expected: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for code in changed:
        for row in cases.itertuples():
            at = last_days[row.period_key]
            if at < territory.ended(code):
                share = lies_in(territory, row.unit_code, at, code)
                if share:
                    expected[code, row.period_key] += share * int(row.value)
    assert set(shown) == set(expected)
    for place, value in expected.items():
        assert abs(Fraction(shown[place]) - value) < CLOSE


def lies_in(territory: Territory, code: str, day: dt.date, ended: str) -> Fraction:
    """How much of a unit's figures of a day lies where another was on its last day."""
    last_day = territory.ended(ended) - ONE_DAY
    parts = territory.stands_for(code, day, last_day)
    return sum(
        (
            share
            for to, share in parts.items()
            if ended in territory.above(to, last_day)
        ),
        Fraction(0),
    )


def has_changed(territory: Territory, ended: str) -> bool:
    """True when what was counted in a unit was ever not what lay in it at its end."""
    for day in (START, *DAYS):
        if day >= territory.ended(ended):
            continue
        for code in territory.versions:
            if not territory.is_alive(code, day):
                continue
            counted = ended in territory.above(code, day)
            if lies_in(territory, code, day, ended) != int(counted):
                return True
    return False


def as_ended(units: pd.DataFrame, code: str) -> pd.DataFrame:
    """The row of int_boundary_unit of an ended unit whose territory had changed."""
    last = units[units["unit_code"].eq(code)].sort_values("valid_from").iloc[[-1]]
    day = last["valid_to"].iloc[0] - ONE_DAY
    names = ["programme_code", "unit_code", "unit_key"]
    return last[names].assign(boundary="as_ended", boundary_day=day, figures_until=day)
