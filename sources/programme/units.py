"""Units: their dated versions, who succeeded whom, and groups across the hierarchy.

Shape: one object per line of units.csv, successions.csv and groups.csv.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field

from sources.programme.basics import Code, Dated, Persons, ShareBasis, Strict


class UnitVersion(Dated):
    """One dated version of a unit. `unit_code` is ours and never reused."""

    unit_code: Code
    official_code: str = ""
    name_vi: str
    name_en: str
    unit_type: Code
    level: Code
    parent_unit_code: Code | None = None


class Succession(Strict):
    """A dated link from an old unit to a new one: `share` of the old goes over.

    `population` and `area_km2` are those of the part that goes over. Shares that are
    not written are worked out when a `Programme` is made (`shares`).
    """

    from_unit_code: Code
    to_unit_code: Code | None = None
    effective_date: dt.date
    relation: Literal["rename", "merge", "split", "end"]
    share: Decimal = Field(default=Decimal(1), ge=0, le=1)
    share_basis: ShareBasis = "stated"
    population: Persons | None = None
    area_km2: Decimal | None = Field(default=None, ge=0)


class GroupMember(Dated):
    """A unit's dated membership of a group that cuts across the hierarchy."""

    group_code: Code
    unit_code: Code
