"""Steps of a reorganisation: where units go when they end, and what they came from.

Shape: one row per day, unit that turns on it and unit that it turns into, with share;
`steps_onward` leads to units alive from that day on, `steps_back` to units alive on the
day before. The shares of a unit's steps on a day add up to exactly 1. How parts are
weighed is told in `restatement`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import pandas as pd

from sources.programme.frames import as_days, constant
from sources.programme.model import OPEN_END, Programme, Succession
from sources.programme.shares import parts_of_one, weights_by

_STEP_COLUMNS = ["day", "step_from", "step_to", "step_share", "step_is_estimated"]
_FAR = pd.Timestamp(OPEN_END).as_unit("s")


def is_estimated(link: Succession) -> bool:
    """True when figures carried over this link are a guess: an unstated part."""
    return link.share_basis != "stated" and link.share not in (0, 1)


def lives_of(units: pd.DataFrame) -> pd.DataFrame:
    """One row per unit code: its days, and its parent at birth and at the end."""
    ordered = units.assign(
        valid_from=as_days(units["valid_from"]), valid_to=as_days(units["valid_to"])
    ).sort_values("valid_from")
    first = ordered.drop_duplicates("unit_code").set_index("unit_code")
    last = ordered.drop_duplicates("unit_code", keep="last").set_index("unit_code")
    return pd.DataFrame(
        {
            "born": first["valid_from"],
            "ended": last["valid_to"],
            "first_parent": first["parent_unit_code"],
            "last_parent": last["parent_unit_code"],
        }
    )


def steps_onward(programme: Programme, lives: pd.DataFrame) -> pd.DataFrame:
    """Steps forward: one row per unit that ended and unit that goes on for it."""
    links = _steps(
        (
            pd.Timestamp(link.effective_date),
            link.from_unit_code,
            link.to_unit_code,
            link.share,
            is_estimated(link),
        )
        for link in programme.successions
        if link.to_unit_code is not None and link.share > 0
    )
    loose = lives[lives["ended"].ne(_FAR) & ~lives.index.isin(links["step_from"])]
    return _with_parents(links, links, loose["last_parent"], loose["ended"])


def steps_back(
    programme: Programme, lives: pd.DataFrame, ancestors: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Steps back, and the days on which a unit that went on took over others.

    Steps have one row per unit that was born or took over, and unit it came from.
    """
    above = ancestors[ancestors["depth"].gt(0)]
    names = above[["unit_code", "ancestor_unit_code", "valid_to"]]
    stood_below = set(names.itertuples(index=False, name=None))
    born = lives["born"].dt.date.to_dict()
    came_from: dict[tuple[dt.date, str], list[Succession]] = defaultdict(list)
    for link in programme.successions:
        to, day = link.to_unit_code, link.effective_date
        if to is not None and (link.from_unit_code, to, day) not in stood_below:
            came_from[day, to].append(link)
    rows: list[tuple[object, ...]] = []
    received: list[tuple[object, ...]] = []
    for (day, to), links in came_from.items():
        goes_on = born.get(to) != day
        shares = _shares_of_origin(links, goes_on)
        codes = [*(link.from_unit_code for link in links), to][: len(shares)]
        if goes_on:
            received.append((to, pd.Timestamp(day)))
        rows += [
            (pd.Timestamp(day), to, code, share, share != 1)
            for code, share in zip(codes, shares, strict=True)
            if share > 0
        ]
    steps = _steps(rows)
    days = pd.DataFrame(received, columns=["unit_code", "valid_from"])
    newborn = steps[steps["day"].eq(steps["step_from"].map(lives["born"]))]
    is_loose = lives["born"].gt(lives["born"].min()) & ~lives.index.isin(
        newborn["step_from"]
    )
    loose = lives[is_loose]
    return _with_parents(steps, newborn, loose["first_parent"], loose["born"]), days


def _shares_of_origin(links: list[Succession], goes_on: bool) -> list[Decimal]:
    """What each link brought, and last what the unit had itself if it goes on."""
    own = [Decimal(1)] if goes_on else []
    measured: list[list[Decimal | int | None]] = [
        [link.population for link in links],
        [link.area_km2 for link in links],
    ]
    shares = [*(link.share for link in links), *own]
    # what a unit had before it took over others is known by neither
    found = weights_by([*([] if goes_on else measured), shares, [1] * len(links)])
    return parts_of_one(found[1]) if found else []


def _steps(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    steps = pd.DataFrame(list(rows), columns=_STEP_COLUMNS).astype("object")
    return steps.assign(
        day=as_days(steps["day"]),
        step_is_estimated=steps["step_is_estimated"].astype("bool"),
    )


def _with_parents(
    steps: pd.DataFrame, turned: pd.DataFrame, parent: pd.Series, day: pd.Series
) -> pd.DataFrame:
    """Steps, and those of units without any: to the parent, or where the parent goes.

    Args:
        steps: what successions say.
        turned: of these, the steps of units that were born or ended on that day.
        parent: per unit without succession, its parent.
        day: per unit without succession, the day.
    """
    target = parent.copy()
    for _ in range(len(parent)):
        # a parent that is without succession on the same day hands on to its own
        hands_on = target.isin(parent.index) & target.map(day).eq(day)
        if not hands_on.any():
            break
        target = target.where(~hands_on, target.map(parent))
    climbs = pd.DataFrame({"day": day, "target": target}).dropna()
    climbs = climbs.rename_axis("child").reset_index()
    led = climbs.merge(
        turned, how="left", left_on=["day", "target"], right_on=["day", "step_from"]
    )
    ends_here = led["step_from"].isna()
    led = led.assign(
        step_from=led["child"],
        step_to=led["step_to"].where(~ends_here, led["target"]),
        step_share=led["step_share"].where(~ends_here, constant(Decimal(1), led)),
        step_is_estimated=led["step_is_estimated"].eq(True),
    )
    both = pd.concat([steps, led[_STEP_COLUMNS]], ignore_index=True)
    return both.astype({"step_from": "object", "step_to": "object"})
