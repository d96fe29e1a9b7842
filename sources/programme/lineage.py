"""Lineage of units: who stood above whom and when, and who stands for whom today.

"Today" is the open end of the programme's own dates: a unit is current when its last
version has no `valid_to`. Frames are those of raw.ref_unit_ancestor and
raw.ref_unit_restatement.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pandas as pd

from sources.programme.frames import as_dates, as_days, columns_of, constant, shaped
from sources.programme.model import OPEN_END, Programme, Succession

ANCESTOR_COLUMNS = columns_of(
    "programme_code unit_key ancestor_unit_key unit_code ancestor_unit_code depth "
    "valid_from valid_to",
    depth="int64",
)
RESTATEMENT_COLUMNS = columns_of(
    "programme_code unit_code to_unit_code share is_estimated", is_estimated="bool"
)
_SHARE_STEP = Decimal("0.00000001")


def unit_ancestors(units: pd.DataFrame) -> pd.DataFrame:
    """One row per unit version, ancestor version and time both held.

    `units` is raw.ref_unit. Includes the version itself at depth 0. Where two versions
    of a unit in between lead to the same ancestor version, their times are joined.
    """
    base = units[
        ["programme_code", "unit_key", "unit_code", "parent_unit_code"]
    ].assign(
        valid_from=as_days(units["valid_from"]), valid_to=as_days(units["valid_to"])
    )
    above = base.rename(
        columns={
            "unit_key": "next_key",
            "unit_code": "next_code",
            "parent_unit_code": "next_parent",
            "valid_from": "next_from",
            "valid_to": "next_to",
        }
    ).drop(columns="programme_code")
    reached = base.rename(columns={"parent_unit_code": "next_parent"}).assign(
        ancestor_unit_key=base["unit_key"],
        ancestor_unit_code=base["unit_code"],
        depth=0,
    )
    found = [reached]
    while not reached.empty:
        pairs = reached.rename(columns={"next_parent": "next_code"}).merge(
            above, on="next_code"
        )
        start = pairs["valid_from"].where(
            pairs["valid_from"] >= pairs["next_from"], pairs["next_from"]
        )
        end = pairs["valid_to"].where(
            pairs["valid_to"] <= pairs["next_to"], pairs["next_to"]
        )
        reached = pairs.assign(
            valid_from=start,
            valid_to=end,
            ancestor_unit_key=pairs["next_key"],
            ancestor_unit_code=pairs["next_code"],
            depth=pairs["depth"] + 1,
        )[start < end][list(found[0].columns)]
        found.append(reached)
    return shaped(_joined_in_time(pd.concat(found)), ANCESTOR_COLUMNS)


def _joined_in_time(closure: pd.DataFrame) -> pd.DataFrame:
    """Adjoining stretches of the same pair and depth become one."""
    same = ["unit_key", "ancestor_unit_key", "depth"]
    ordered = closure.sort_values([*same, "valid_from"], ignore_index=True)
    groups = ordered.groupby(same, sort=False)
    adjoins = ordered["valid_from"].eq(groups["valid_to"].shift())
    stretch = (~adjoins).cumsum()
    joined = ordered.loc[~adjoins].copy()
    joined["valid_to"] = ordered.groupby(stretch)["valid_to"].max().to_numpy()
    joined["valid_from"] = as_dates(joined["valid_from"])
    joined["valid_to"] = as_dates(joined["valid_to"])
    return joined.sort_values(
        ["unit_code", "valid_from", "depth", "ancestor_unit_code"], ignore_index=True
    )


def is_estimated(link: Succession) -> bool:
    """True when figures carried over this link are a guess: an unstated part."""
    return link.share_basis != "stated" and link.share not in (0, 1)


def restatement(programme: Programme, units: pd.DataFrame) -> pd.DataFrame:
    """One row per unit code ever and the current unit that stands for (a part of) it.

    Successions are followed to the end; an ended unit without successor goes to its
    nearest current ancestor. The shares of a unit add up to exactly 1: they are rounded
    to eight decimals and the largest takes the remainder.
    """
    steps = _steps(programme, units)
    state = pd.DataFrame({"unit_code": units["unit_code"].unique()}).astype("object")
    state["to_unit_code"] = state["unit_code"]
    state["share"] = constant(Decimal(1), state)
    state["is_estimated"] = False
    for _ in range(len(units)):
        moved = state["to_unit_code"].isin(steps["step_from"])
        if not moved.any():
            break
        pairs = state[moved].merge(steps, left_on="to_unit_code", right_on="step_from")
        onward = pd.DataFrame(
            {
                "unit_code": pairs["unit_code"],
                "to_unit_code": pairs["step_to"],
                "share": pairs["share"] * pairs["step_share"],
                "is_estimated": pairs["is_estimated"] | pairs["step_is_estimated"],
            }
        )
        state = (
            pd.concat([state[~moved], onward])
            .groupby(["unit_code", "to_unit_code"], as_index=False, sort=False)
            .agg({"share": "sum", "is_estimated": "any"})
        )
    state["share"] = exact_shares(state)
    state = state[state["share"] > 0]
    state = state.sort_values(["unit_code", "to_unit_code"])
    state["programme_code"] = programme.code
    return shaped(state, RESTATEMENT_COLUMNS)


def exact_shares(state: pd.DataFrame) -> pd.Series:
    """Shares at eight decimals that add to 1 per `unit_code`, as `Decimal`."""
    rounded = state["share"].map(
        lambda share: share.quantize(_SHARE_STEP, rounding=ROUND_HALF_EVEN)
    )
    total = rounded.groupby(state["unit_code"]).transform("sum")
    largest = (
        state.assign(rounded=rounded)
        .sort_values(["rounded", "to_unit_code"], ascending=[False, True])
        .drop_duplicates("unit_code")
        .index
    )
    remainder = (1 - total).where(state.index.isin(largest), Decimal(0))
    return (rounded + remainder).map(lambda share: share.quantize(_SHARE_STEP))


def _steps(programme: Programme, units: pd.DataFrame) -> pd.DataFrame:
    """One row per ended unit and where it goes next, with share."""
    links = pd.DataFrame(
        [
            (
                link.from_unit_code,
                link.to_unit_code,
                link.share,
                is_estimated(link),
            )
            for link in programme.successions
            if link.to_unit_code is not None and link.share > 0
        ],
        columns=["step_from", "step_to", "step_share", "step_is_estimated"],
    )
    last = units.sort_values("valid_from").drop_duplicates("unit_code", keep="last")
    is_current = last["valid_to"].eq(OPEN_END)
    current = set(last.loc[is_current, "unit_code"])
    orphans = last.loc[~is_current & ~last["unit_code"].isin(links["step_from"])]
    # climb until a current unit; a chain that ends first stays where it is
    parent = last.set_index("unit_code")["parent_unit_code"]
    target = orphans["parent_unit_code"]
    for _ in range(len(programme.levels)):
        target = target.where(target.isin(current) | target.isna(), target.map(parent))
    climbs = pd.DataFrame(
        {"step_from": orphans["unit_code"], "step_to": target}
    ).dropna()
    climbs = climbs.assign(
        step_share=constant(Decimal(1), climbs), step_is_estimated=False
    )
    steps = pd.concat([links, climbs], ignore_index=True).astype(
        {"step_from": "object", "step_to": "object", "step_share": "object"}
    )
    return steps.assign(step_is_estimated=steps["step_is_estimated"].astype("bool"))
