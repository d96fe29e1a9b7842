"""Restatement of units: who stands for whom on the units of any day.

Figures are reported by the units of their time. To compare them on one territory they
are restated to the units alive on another day:

- Forward, to a later day, a unit goes where its successions lead, by share; one that
  ended without successor goes where its parent goes.
- Backward, to an earlier day, a unit goes to what it came from. One that came from a
  single unit goes back whole. One that came from several is divided by the population
  of the parts that went over, else by their area, else by their shares as if all old
  units had been of one size; all three are estimates. A unit that took over others and
  went on counts among them as one whole. One that took over units which already stood
  below it gained no territory. One that came from nowhere goes to its parent.

What goes over whole, or meets again, is never estimated. Shares have eight decimals and
add up to exactly 1, so that additive totals stay what they were.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pandas as pd

from sources.programme.frames import as_dates, columns_of, constant, shaped
from sources.programme.lineage import joined_in_time
from sources.programme.model import OPEN_END, Programme
from sources.programme.shares import SHARE_STEP
from sources.programme.unit_steps import lives_of, steps_back, steps_onward

RESTATEMENT_COLUMNS = columns_of(
    "programme_code unit_code valid_from valid_to boundary_from boundary_to "
    "to_unit_code share is_estimated",
    is_estimated="bool",
)
_FAR = pd.Timestamp(OPEN_END).as_unit("s")


def restatement(
    programme: Programme, units: pd.DataFrame, ancestors: pd.DataFrame
) -> pd.DataFrame:
    """One row per unit and days of its figures, days of the boundary, and unit there.

    Figures that the unit reported on a day in [valid_from, valid_to) go, on the units
    of a day in [boundary_from, boundary_to), to `to_unit_code` by `share`. A unit's own
    days are cut where it took over others. Days before the first unit have no rows.

    Args:
        programme: a checked programme.
        units: raw.ref_unit of it.
        ancestors: raw.ref_unit_ancestor of it.
    """
    lives = lives_of(units)
    onward = steps_onward(programme, lives)
    origins, received = steps_back(programme, lives, ancestors)
    territories = _territories(lives, received)
    rows = pd.concat(
        [
            _carried_forward(territories, onward),
            _carried_back(territories, origins, lives["born"].min()),
        ]
    )
    rows = joined_in_time(
        rows,
        ["territory", "to_unit_code", "share", "is_estimated"],
        ("boundary_from", "boundary_to"),
    )
    rows = rows.join(territories, on="territory").sort_values(
        ["unit_code", "valid_from", "boundary_from", "to_unit_code"]
    )
    days = ["valid_from", "valid_to", "boundary_from", "boundary_to"]
    rows = rows.assign(
        programme_code=programme.code, **{day: as_dates(rows[day]) for day in days}
    )
    return shaped(rows, RESTATEMENT_COLUMNS)


def exact_shares(state: pd.DataFrame, key: str = "unit_code") -> pd.Series:
    """Shares at eight decimals that add to 1 per `key`, as `Decimal`.

    The largest takes what rounding leaves.
    """
    rounded = state["share"].map(
        lambda share: share.quantize(SHARE_STEP, rounding=ROUND_HALF_EVEN)
    )
    total = rounded.groupby(state[key]).transform("sum")
    largest = (
        state.assign(rounded=rounded)
        .sort_values(["rounded", "to_unit_code"], ascending=[False, True])
        .drop_duplicates(key)
        .index
    )
    remainder = (1 - total).where(state.index.isin(largest), Decimal(0))
    return (rounded + remainder).map(lambda share: share.quantize(SHARE_STEP))


def _territories(lives: pd.DataFrame, received: pd.DataFrame) -> pd.DataFrame:
    """One row per unit and stretch of days on which it stood for the same territory."""
    starts = lives["born"].rename("valid_from").rename_axis("unit_code").reset_index()
    cut = pd.concat([starts, received.astype(starts.dtypes)]).drop_duplicates()
    cut = cut.sort_values(["unit_code", "valid_from"], ignore_index=True)
    following = cut.groupby("unit_code")["valid_from"].shift(-1)
    return cut.assign(
        valid_to=following.fillna(cut["unit_code"].map(lives["ended"])).astype(
            "datetime64[s]"
        )
    )


def _itself(territories: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "territory": territories.index,
            "to_unit_code": territories["unit_code"].to_numpy(),
            "share": constant(Decimal(1), territories).to_numpy(),
            "is_estimated": False,
            "turned": territories["valid_from"].to_numpy(),
        }
    )


def _carried_forward(territories: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """From the first day of each territory to the end of days."""
    state, done = _itself(territories), []
    for day, today in steps.groupby("day"):
        moved, state = _moved(state, today)
        done.append(moved.assign(boundary_from=moved["turned"], boundary_to=day))
    done.append(state.assign(boundary_from=state["turned"], boundary_to=_FAR))
    return pd.concat(done)


def _carried_back(
    territories: pd.DataFrame, steps: pd.DataFrame, first_day: pd.Timestamp
) -> pd.DataFrame:
    """From the day before each territory's first to the programme's first day."""
    state, done = _itself(territories).iloc[:0], []
    for day in steps["day"].drop_duplicates().sort_values(ascending=False):
        today = steps[steps["day"].eq(day)]
        begun = territories[territories["valid_from"].eq(day)]
        moved, state = _moved(pd.concat([state, _itself(begun)]), today)
        done.append(moved.assign(boundary_from=day, boundary_to=moved["turned"]))
    done.append(state.assign(boundary_from=first_day, boundary_to=state["turned"]))
    rows = pd.concat(done)
    return rows[rows["boundary_from"] < rows["boundary_to"]]


def _moved(
    state: pd.DataFrame, steps: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of territories that the day's steps touch, and the state after them."""
    goes = state["to_unit_code"].isin(steps["step_from"])
    is_touched = state["territory"].isin(state.loc[goes, "territory"])
    before = state[is_touched]
    pairs = state[goes].merge(steps, left_on="to_unit_code", right_on="step_from")
    onward = pd.DataFrame(
        {
            "territory": pairs["territory"],
            "to_unit_code": pairs["step_to"],
            "share": pairs["share"] * pairs["step_share"],
            "is_estimated": pairs["is_estimated"] | pairs["step_is_estimated"],
            "turned": pairs["day"],
        }
    )
    if onward.empty:
        return before, state
    stays = state[is_touched & ~goes].assign(turned=steps["day"].iloc[0])
    after = (
        pd.concat([stays, onward])
        .groupby(["territory", "to_unit_code"], as_index=False, sort=False)
        .agg({"share": "sum", "is_estimated": "any", "turned": "first"})
    )
    after["share"] = exact_shares(after, "territory")
    after["is_estimated"] &= after["share"].ne(1)
    return before, pd.concat(
        [state[~is_touched], after[after["share"].gt(0)]], ignore_index=True
    )
