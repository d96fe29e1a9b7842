"""Checks of units: versions, parents, successions and groups.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from sources.programme.model import OPEN_END, Programme, Succession, UnitVersion
from sources.programme.problems import ProblemList
from sources.programme.shares import is_written

Versions = dict[str, list[tuple[int, UnitVersion]]]


def versions_of(programme: Programme) -> Versions:
    """Each unit code's versions in order of time, with their place in the file."""
    versions: Versions = defaultdict(list)
    for index, unit in enumerate(programme.units):
        versions[unit.unit_code].append((index, unit))
    for own in versions.values():
        own.sort(key=lambda item: item[1].valid_from)
    return dict(versions)


def check_units(programme: Programme, found: ProblemList) -> None:
    """Levels, parents alive and above, versions apart, one root."""
    versions = versions_of(programme)
    ranks = {level.code: rank for rank, level in enumerate(programme.levels)}
    if programme.root_unit not in versions:
        found.add_unknown(
            ("root_unit",), "root_unit", programme.root_unit, list(versions)
        )
    for own in versions.values():
        _check_versions(own, found)
    for index, unit in enumerate(programme.units):
        where = ("units", index)
        owner = f"unit {unit.unit_code}"
        if unit.level not in ranks:
            found.add_unknown(where, f"{owner}, level", unit.level, list(ranks))
        is_root = unit.unit_code == programme.root_unit
        if unit.parent_unit_code is None:
            if not is_root:
                found.add(
                    where,
                    f"{owner} has no parent, so its figures reach nobody",
                    f"name its parent, for example {programme.root_unit}",
                )
        elif is_root:
            remedy = "leave its parent empty or name another root_unit"
            found.add(where, f"{owner} is the root and has a parent", remedy)
        elif unit.parent_unit_code not in versions:
            found.add_unknown(
                where, f"{owner}, parent", unit.parent_unit_code, list(versions)
            )
        else:
            _check_parent(where, unit, versions, ranks, found)


def _check_versions(own: list[tuple[int, UnitVersion]], found: ProblemList) -> None:
    before: UnitVersion | None = None
    for index, unit in own:
        where = ("units", index)
        owner = f"unit {unit.unit_code}"
        if unit.valid_to is not None and unit.valid_to <= unit.valid_from:
            found.add(
                where,
                f"{owner}: valid_to is not after valid_from",
                "valid_to is the first day on which this version no longer holds",
            )
        if before is not None and (before.valid_to or OPEN_END) > unit.valid_from:
            found.add(
                where,
                f"{owner}: this version begins {unit.valid_from}, before the one from "
                f"{before.valid_from} has ended",
                f"set valid_to of the earlier version to {unit.valid_from}",
            )
        elif before is not None and before.valid_to != unit.valid_from:
            found.add(
                where,
                f"{owner}: nothing stands for it from {before.valid_to} to "
                f"{unit.valid_from}, so figures of other days have no place then",
                "let one version begin when the one before ends, or give the unit that "
                "came back a code of its own",
            )
        before = unit


def _check_parent(
    where: tuple[str, int],
    unit: UnitVersion,
    versions: Versions,
    ranks: dict[str, int],
    found: ProblemList,
) -> None:
    """The parent is alive through the whole version and stands on a higher level."""
    owner = f"unit {unit.unit_code}"
    parent_code = str(unit.parent_unit_code)
    day, end = unit.valid_from, unit.valid_to or OPEN_END
    for _, parent in versions[parent_code]:
        parent_end = parent.valid_to or OPEN_END
        if parent_end <= unit.valid_from or parent.valid_from >= end:
            continue
        if ranks.get(parent.level, -1) >= ranks.get(unit.level, len(ranks)):
            found.add(
                where,
                f"{owner} is on level {unit.level}, its parent {parent_code} on level "
                f"{parent.level}, which is not above it",
                "levels run from the top down in programme.yaml: correct a level or "
                "the parent",
            )
            return
        if parent.valid_from <= day:
            day = max(day, parent_end)
    if day < end:
        found.add(
            where,
            f"{owner}: its parent {parent_code} does not exist on {day}",
            "end this version when the parent ends and give the next one another "
            "parent, or correct the dates of the parent",
        )


def check_successions(programme: Programme, found: ProblemList) -> None:
    """Both ends exist on the day, and the shares of one old unit add to exactly 1."""
    versions = versions_of(programme)
    by_old: dict[str, list[tuple[int, Succession]]] = defaultdict(list)
    for index, link in enumerate(programme.successions):
        by_old[link.from_unit_code].append((index, link))
        where = ("successions", index)
        owner = f"succession of {link.from_unit_code}"
        day = link.effective_date
        if link.from_unit_code not in versions:
            found.add_unknown(where, owner, link.from_unit_code, list(versions))
        elif (last := versions[link.from_unit_code][-1][1]).valid_to != day:
            ends = "has not ended" if last.valid_to is None else f"ends {last.valid_to}"
            found.add(
                where,
                f"{owner} takes effect {day}, but the unit {ends} in units.csv",
                "make effective_date and the valid_to of the unit's last version equal",
            )
        if link.to_unit_code is None:
            if link.relation != "end":
                remedy = "name the new unit, or write the relation `end`"
                found.add(where, f"{owner} names no new unit", remedy)
            continue
        if link.to_unit_code == link.from_unit_code:
            remedy = "a unit that goes on gets a new version in units.csv instead"
            found.add(where, f"{owner} leads to itself", remedy)
        elif link.to_unit_code not in versions:
            found.add_unknown(where, owner, link.to_unit_code, list(versions))
        elif not _lives_on(versions, link.to_unit_code, day):
            found.add(
                where,
                f"{owner}: the new unit {link.to_unit_code} does not exist on {day}",
                "correct effective_date or the dates of the new unit",
            )
    for old, links in by_old.items():
        _check_shares(old, links, found)


def _check_shares(
    old: str, links: list[tuple[int, Succession]], found: ProblemList
) -> None:
    where = ("successions", links[0][0])
    days = {link.effective_date for _, link in links}
    if len(days) > 1:
        found.add(
            where,
            f"unit {old} is succeeded on several days: "
            + ", ".join(str(day) for day in sorted(days)),
            "a unit ends once; chain later changes from its successors",
        )
    _check_figures(old, links, found)
    total = sum((link.share for _, link in links), Decimal(0))
    if not all(is_written(link) for _, link in links):
        _name_what_is_unshared(old, links, found)
    elif len(days) == 1 and total != 1:
        found.add(
            where,
            f"the shares of unit {old} add up to {total}, not 1",
            "correct the shares; after rounding give the remainder to the largest",
        )
    seen: set[str | None] = set()
    for index, link in links:
        if link.to_unit_code in seen:
            message = f"unit {old} goes to {link.to_unit_code} twice"
            found.add(("successions", index), message, "join the two lines")
        seen.add(link.to_unit_code)
        if -int(link.share.normalize().as_tuple().exponent) > 8:
            message = f"the share of {old} has more than 8 decimals"
            found.add(("successions", index), message, "round it to 8 decimals")
        if link.relation in ("rename", "merge") and link.share != 1:
            message = f"unit {old}: {link.relation} with a share of {link.share}"
            remedy = "a unit that goes to several is a split"
            found.add(("successions", index), message, remedy)


def _check_figures(
    old: str, links: list[tuple[int, Succession]], found: ProblemList
) -> None:
    """Population and area weigh parts against each other: all have them, or none."""
    for column in ("population", "area_km2"):
        without = [index for index, link in links if getattr(link, column) is None]
        if without and len(without) < len(links):
            found.add(
                ("successions", without[0]),
                f"unit {old}: {column} is given for some of its parts and not for "
                "this one",
                "give it for every part (0 where none of it goes over) or for none",
            )


def _name_what_is_unshared(
    old: str, links: list[tuple[int, Succession]], found: ProblemList
) -> None:
    """Why the shares of these parts could not be worked out."""
    unshared = [item for item in links if not is_written(item[1])]
    where = ("successions", unshared[0][0])
    bases = sorted(
        {
            link.share_basis
            for _, link in unshared
            if "share_basis" in link.model_fields_set
        }
    )
    if len(unshared) < len(links):
        message = f"unit {old}: some parts state a share, this one does not"
        remedy = (
            "write a share for every part, or for none: then they follow from "
            "population, else from area_km2, else they are equal and estimated"
        )
    elif len(bases) > 1:
        message = f"unit {old}: its parts rest on {' and '.join(bases)} at once"
        remedy = "write one share_basis for all parts, or leave it empty"
    elif bases == ["stated"]:
        message = f"unit {old}: share_basis is stated, but no share is written"
        remedy = "write the shares, or leave share_basis empty"
    else:
        column = {"population": "population", "area": "area_km2"}[bases[0]]
        message = (
            f"unit {old}: shares are to rest on {bases[0]}, of which nothing is given"
        )
        remedy = f"write {column} for every part, or leave share_basis empty"
    found.add(where, message, remedy)


def check_groups(programme: Programme, found: ProblemList) -> None:
    """Members exist while they are members, and are not members twice at a time."""
    versions = versions_of(programme)
    last_end: dict[tuple[str, str], dt.date] = {}
    ordered = sorted(enumerate(programme.groups), key=lambda item: item[1].valid_from)
    for index, member in ordered:
        where = ("groups", index)
        owner = f"group {member.group_code}"
        if member.valid_to is not None and member.valid_to <= member.valid_from:
            remedy = "valid_to is the first day on which the unit is out"
            found.add(where, f"{owner}: valid_to is not after valid_from", remedy)
        if member.unit_code not in versions:
            found.add_unknown(where, owner, member.unit_code, list(versions))
        elif not _lives_on(versions, member.unit_code, member.valid_from):
            found.add(
                where,
                f"{owner}: unit {member.unit_code} does not exist on "
                f"{member.valid_from}",
                "correct valid_from of the membership",
            )
        pair = (member.group_code, member.unit_code)
        if last_end.get(pair, dt.date.min) > member.valid_from:
            message = f"{owner}: unit {member.unit_code} is a member twice at a time"
            found.add(where, message, "end the earlier membership first")
        last_end[pair] = member.valid_to or OPEN_END


def _lives_on(versions: Versions, code: str, day: dt.date) -> bool:
    return any(unit.holds_on(day) for _, unit in versions[code])
