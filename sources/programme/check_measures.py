"""Checks of code lists, measures and indicators.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

from sources.programme.model import Indicator, Measure, Programme
from sources.programme.problems import ProblemList

MAX_DECIMALS = 4
"""Values are kept with four decimals."""


def known_codes(programme: Programme) -> list[str]:
    """Codes of measures, of members of their breakdowns, and of indicators."""
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    codes = [m.code for m in programme.measures]
    splits = [(m.code, m.breakdown) for m in programme.measures]
    splits += [(i.code, i.by_breakdown) for i in programme.indicators]
    codes += [i.code for i in programme.indicators]
    return codes + [
        f"{code}.{member.code}"
        for code, breakdown in splits
        if breakdown in lists
        for member in lists[breakdown].members
    ]


def calendar_of_measures(programme: Programme) -> dict[str, str]:
    """The calendar of the form each measure stands in."""
    return {code: form.calendar for form in programme.forms for code in form.measures}


def check_measures(programme: Programme, found: ProblemList) -> None:
    """Code lists, breakdowns, wholes and parts, decimals."""
    _check_code_lists(programme, found)
    lists = [code_list.code for code_list in programme.code_lists]
    form_of = {code: form.code for form in programme.forms for code in form.measures}
    by_code = {m.code: m for m in programme.measures}
    for index, measure in enumerate(programme.measures):
        where = ("measures", index)
        owner = f"measure {measure.code}"
        if measure.code not in form_of:
            found.add(
                where,
                f"{owner} stands in no form, so nobody can report it",
                "add it to the measures of one form, or remove it",
            )
        if measure.breakdown is not None and measure.breakdown not in lists:
            found.add_unknown(
                (*where, "breakdown"), f"{owner}, breakdown", measure.breakdown, lists
            )
        _check_decimals(where, owner, measure, found)
        if measure.part_of is not None:
            _check_part_of(where, measure, by_code, form_of, found)
    codes = known_codes(programme)
    for code in sorted({c for c in codes if "." in c and codes.count(c) > 1}):
        found.add(
            ("measures",),
            f"the code '{code}' is made twice, by a breakdown and by name",
            "rename the measure or the member",
        )


def _check_code_lists(programme: Programme, found: ProblemList) -> None:
    for index, code_list in enumerate(programme.code_lists):
        where = ("code_lists", index)
        owner = f"code list {code_list.code}"
        if not code_list.members and not code_list.is_open:
            remedy = "give its members, or set is_open: true"
            found.add(where, f"{owner} is closed and has no members", remedy)
        parents = {m.code: m.parent_code for m in code_list.members}
        if len(parents) < len(code_list.members):
            codes = [m.code for m in code_list.members]
            twice = sorted({c for c in codes if codes.count(c) > 1})
            remedy = "keep one of each"
            found.add(where, f"{owner} has twice: {', '.join(twice)}", remedy)
        for position, member in enumerate(code_list.members):
            at = (*where, "members", position)
            if member.parent_code is None:
                continue
            if member.parent_code not in parents and not code_list.is_open:
                found.add_unknown(
                    at,
                    f"{owner}, parent of {member.code}",
                    member.parent_code,
                    list(parents),
                )
            elif _runs_in_a_circle(member.code, parents):
                message = f"{owner}: {member.code} is its own ancestor"
                found.add(at, message, "correct parent_code")


def _runs_in_a_circle(start: str, parents: dict[str, str | None]) -> bool:
    seen = {start}
    step = parents.get(start)
    while step is not None:
        if step in seen:
            return step == start
        seen.add(step)
        step = parents.get(step)
    return False


def _check_decimals(
    where: tuple[str, int], owner: str, measure: Measure, found: ProblemList
) -> None:
    whole = measure.value_type in ("count", "yes_no")
    if whole and measure.decimals != 0:
        message = f"{owner} is a {measure.value_type} with decimals"
        found.add((*where, "decimals"), message, "set decimals to 0 or use decimal")
    if not 0 <= measure.decimals <= MAX_DECIMALS:
        message = f"{owner}: decimals is {measure.decimals}"
        found.add((*where, "decimals"), message, f"use 0 to {MAX_DECIMALS}")
    if measure.value_type == "yes_no" and measure.kind != "stock":
        message = f"{owner} is a yes/no that adds up over time"
        found.add((*where, "kind"), message, "set kind to stock: the last answer holds")


def _check_part_of(
    where: tuple[str, int],
    measure: Measure,
    by_code: dict[str, Measure],
    form_of: dict[str, str],
    found: ProblemList,
) -> None:
    owner = f"measure {measure.code}"
    at = (*where, "part_of")
    whole = by_code.get(str(measure.part_of))
    if whole is None:
        found.add_unknown(at, f"{owner}, part_of", str(measure.part_of), list(by_code))
        return
    if form_of.get(measure.code) != form_of.get(whole.code):
        found.add(
            at,
            f"{owner} is part of {whole.code}, which stands in another form",
            "put both in one form: part and whole are compared within one report",
        )
    parents = {code: m.part_of for code, m in by_code.items()}
    if _runs_in_a_circle(measure.code, parents):
        found.add(at, f"{owner} is part of itself", "correct part_of")


def check_indicators(programme: Programme, found: ProblemList) -> None:
    """Parts exist, one calendar, and each kind has what it needs and no more."""
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    by_code = {m.code: m for m in programme.measures}
    expanded = {
        f"{m.code}.{member.code}": m
        for m in programme.measures
        if m.breakdown in lists
        for member in lists[m.breakdown].members
    }
    levels = [level.code for level in programme.levels]
    types = sorted({unit.unit_type for unit in programme.units})
    for index, indicator in enumerate(programme.indicators):
        where = ("indicators", index)
        owner = f"indicator {indicator.code}"
        parts: list[Measure] = []
        for role in ("numerator", "denominator"):
            for position, code in enumerate(getattr(indicator, role)):
                part = by_code.get(code) or expanded.get(code)
                if part is not None:
                    parts.append(part)
                    continue
                known = [*by_code, *expanded]
                found.add_unknown(
                    (*where, role, position), f"{owner}, {role}", code, known
                )
        for position, level in enumerate(indicator.levels):
            if level not in levels:
                found.add_unknown(
                    (*where, "levels", position), f"{owner}, levels", level, levels
                )
        for position, unit_type in enumerate(indicator.unit_types):
            if unit_type not in types:
                at = (*where, "unit_types", position)
                found.add_unknown(at, f"{owner}, unit_types", unit_type, types)
        _check_one_calendar(where, owner, parts, programme, found)
        _check_kind(where, indicator, parts, found)
        _check_by_breakdown(where, indicator, parts, list(lists), found)
        if indicator.scale <= 0:
            message = f"{owner}: scale is not above 0"
            found.add((*where, "scale"), message, "use 100 for per cent, 1 for a ratio")


def _check_one_calendar(
    where: tuple[str, int],
    owner: str,
    parts: list[Measure],
    programme: Programme,
    found: ProblemList,
) -> None:
    calendar_of = calendar_of_measures(programme)
    used = {
        calendar_of[m.code]: m.code for m in reversed(parts) if m.code in calendar_of
    }
    if len(used) > 1:
        named = ", ".join(f"{code} ({calendar})" for calendar, code in used.items())
        found.add(
            where,
            f"{owner} mixes calendars: {named}",
            "compare figures of one calendar; ask for the other figure in a form of "
            "the same calendar",
        )


def _check_kind(
    where: tuple[str, int],
    indicator: Indicator,
    parts: list[Measure],
    found: ProblemList,
) -> None:
    owner = f"indicator {indicator.code}"
    if indicator.kind == "ratio":
        if not indicator.numerator or not indicator.denominator:
            message = f"{owner} is a ratio without numerator or denominator"
            found.add(where, message, "list the measures of both")
        if indicator.levels or indicator.unit_types:
            message = f"{owner}: levels and unit_types belong to unit_share only"
            found.add(where, message, "remove them")
    elif indicator.kind == "unit_share":
        is_yes_no = [m.value_type == "yes_no" for m in parts]
        if len(indicator.numerator) != 1 or not all(is_yes_no):
            message = f"{owner}: unit_share counts one yes/no measure"
            found.add(where, message, "name one measure of value_type yes_no")
        if indicator.denominator:
            message = f"{owner}: the denominator of unit_share is the units of `levels`"
            found.add(where, message, "remove denominator")
        if not indicator.levels:
            message = f"{owner}: unit_share without levels"
            found.add(where, message, "name the levels whose units are counted")
    elif indicator.numerator or indicator.denominator:
        message = f"{owner} is a commitment, which has no figure"
        found.add(
            where, message, "remove numerator and denominator, or make it a ratio"
        )


def _check_by_breakdown(
    where: tuple[str, int],
    indicator: Indicator,
    parts: list[Measure],
    lists: list[str],
    found: ProblemList,
) -> None:
    if indicator.by_breakdown is None:
        return
    at = (*where, "by_breakdown")
    owner = f"indicator {indicator.code}"
    if indicator.by_breakdown not in lists:
        found.add_unknown(at, f"{owner}, by_breakdown", indicator.by_breakdown, lists)
    elif indicator.kind != "ratio":
        found.add(at, f"{owner}: only a ratio is split by members", "remove it")
    elif not any(m.breakdown == indicator.by_breakdown for m in parts):
        message = f"{owner}: none of its measures is split by {indicator.by_breakdown}"
        found.add(at, message, "give the measures that breakdown, or remove it here")
