"""Lineage of units: who stood above whom and when (raw.ref_unit_ancestor)."""

from __future__ import annotations

import pandas as pd

from sources.programme.frames import as_dates, as_days, columns_of, shaped

ANCESTOR_COLUMNS = columns_of(
    "programme_code unit_key ancestor_unit_key unit_code ancestor_unit_code depth "
    "valid_from valid_to",
    depth="int64",
)


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
    joined = joined_in_time(
        pd.concat(found),
        ["unit_key", "ancestor_unit_key", "depth"],
        ("valid_from", "valid_to"),
    )
    joined = joined.assign(
        valid_from=as_dates(joined["valid_from"]), valid_to=as_dates(joined["valid_to"])
    ).sort_values(["unit_code", "valid_from", "depth", "ancestor_unit_code"])
    return shaped(joined, ANCESTOR_COLUMNS)


def joined_in_time(
    rows: pd.DataFrame, same: list[str], days: tuple[str, str]
) -> pd.DataFrame:
    """Adjoining stretches of rows that are equal in the columns `same` become one.

    Args:
        rows: Half-open stretches, apart from each other, as datetime64.
        same: Columns that name what holds.
        days: Columns of the first day and of the first day after.
    """
    start, end = days
    ordered = rows.sort_values([*same, start], ignore_index=True)
    groups = ordered.groupby(same, sort=False)
    adjoins = ordered[start].eq(groups[end].shift())
    stretch = (~adjoins).cumsum()
    joined = ordered.loc[~adjoins].copy()
    joined[end] = ordered.groupby(stretch)[end].max().to_numpy()
    return joined
