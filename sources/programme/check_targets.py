"""Checks of forms and targets; what only some kinds of target have is in
`check_target_kinds`.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict

from sources.programme.check_measures import known_codes
from sources.programme.expansion import open_lists
from sources.programme.model import OPEN_END, Form, PeriodType, Programme, Target
from sources.programme.periods import year_start
from sources.programme.problems import ProblemList

_BOUNDS = {
    ">=": ("low",),
    ">": ("low",),
    "=": ("low",),
    "<=": ("low",),
    "<": ("low",),
    "between": ("low", "high"),
    "none": (),
}
Where = tuple[str | int, ...]

_BASELINE = re.compile(r"previous_year|year:(\d{4})")


def check_forms(programme: Programme, found: ProblemList) -> None:
    """Measures stand in one form, somebody must send it, and knows by when."""
    measures = [m.code for m in programme.measures]
    levels = [level.code for level in programme.levels]
    calendars = [calendar.code for calendar in programme.calendars]
    home: dict[str, str] = {}
    for index, form in enumerate(programme.forms):
        where: Where = ("forms", index)
        owner = f"form {form.code}"
        if form.calendar not in calendars:
            at: Where = (*where, "calendar")
            found.add_unknown(at, f"{owner}, calendar", form.calendar, calendars)
        elif (
            form.frequency == PeriodType.TERM
            and form.calendar != programme.term.calendar
        ):
            message = f"{owner} is due once a term in a calendar that has no term"
            remedy = f"use the calendar {programme.term.calendar}"
            found.add((*where, "calendar"), message, remedy)
        if form.valid_to is not None and form.valid_to <= form.valid_from:
            remedy = "valid_to is the first day on which the form is no longer used"
            found.add(where, f"{owner}: valid_to is not after valid_from", remedy)
        for position, code in enumerate(form.measures):
            at = (*where, "measures", position)
            if code not in measures:
                found.add_unknown(at, f"{owner}, measures", code, measures)
            elif code in home:
                message = f"measure {code} stands in form {home[code]} and {form.code}"
                remedy = "a measure is reported in one form only, and there once"
                found.add(at, message, remedy)
            home.setdefault(code, form.code)
        named = [("control_levels", form.control_levels)]
        named.append(("deadline_days", tuple(form.deadline_days)))
        for key, codes in named:
            for code in codes:
                if code not in levels:
                    found.add_unknown((*where, key), f"{owner}, {key}", code, levels)
        _check_obligations(where, form, programme, levels, found)


def _check_obligations(
    where: Where,
    form: Form,
    programme: Programme,
    levels: list[str],
    found: ProblemList,
) -> None:
    owner = f"form {form.code}"
    levels_of: dict[str, set[str]] = defaultdict(set)
    for unit in programme.units:
        levels_of[unit.unit_code].add(unit.level)
    due: set[str] = set()
    for position, duty in enumerate(form.due_from):
        at = (*where, "due_from", position)
        if not duty.levels and not duty.units:
            found.add(at, f"{owner}: nobody is named", "give levels or units")
        if duty.since and duty.until and duty.until <= duty.since:
            remedy = "until is the first day on which nothing is due any more"
            found.add(at, f"{owner}: until is not after since", remedy)
        for code in duty.levels:
            if code not in levels:
                found.add_unknown(at, f"{owner}, due_from levels", code, levels)
            else:
                due.add(code)
        for code in duty.units:
            if code not in levels_of:
                found.add_unknown(at, f"{owner}, due_from units", code, list(levels_of))
            else:
                due |= levels_of[code]
    for level in sorted(due - set(form.deadline_days)):
        found.add(
            (*where, "deadline_days"),
            f"{owner} is due from level {level}, which has no deadline",
            f"add `{level}: 3` (calendar days after the period's last day)",
        )


def check_targets(programme: Programme, found: ProblemList) -> None:
    """What a target names exists; its numbers fit its comparator and its rhythm."""
    codes = known_codes(programme)
    documents = [document.code for document in programme.documents]
    levels = [level.code for level in programme.levels]
    scopes = {
        "unit": list(dict.fromkeys(unit.unit_code for unit in programme.units)),
        "level": levels,
        "group": list(dict.fromkeys(g.group_code for g in programme.groups)),
    }
    is_open = open_lists(programme)
    open_stems = tuple(
        f"{m.code}." for m in programme.measures if m.breakdown in is_open
    ) + tuple(f"{i.code}." for i in programme.indicators if i.by_breakdown in is_open)
    commitments = {i.code for i in programme.indicators if i.kind == "commitment"}
    seen: dict[str, dt.date] = {}
    ordered = sorted(enumerate(programme.targets), key=lambda item: item[1].valid_from)
    for index, target in ordered:
        where: Where = ("targets", index)
        owner = f"target {target.code}"
        if target.indicator is None:
            if target.quantity != "composite":
                remedy = "name the measure or indicator that is judged"
                found.add(where, f"{owner} has no indicator", remedy)
        elif target.indicator not in codes and not target.indicator.startswith(
            open_stems
        ):
            at = (*where, "indicator")
            found.add_unknown(at, f"{owner}, indicator", target.indicator, codes)
        if target.document not in documents:
            at = (*where, "document")
            found.add_unknown(at, f"{owner}, document", target.document, documents)
        if target.scope.code not in scopes[target.scope.type]:
            at = (*where, "scope", "code")
            known = scopes[target.scope.type]
            label = f"{owner}, scope {target.scope.type}"
            found.add_unknown(at, label, target.scope.code, known)
        for level in target.drill_levels:
            if level not in levels:
                at = (*where, "drill_levels")
                found.add_unknown(at, f"{owner}, drill_levels", level, levels)
        if not target.verbatim_vi:
            remedy = "quote the sentence of the document as it stands"
            found.add(where, f"{owner}: verbatim_vi is empty", remedy)
        if seen.get(target.code, dt.date.min) > target.valid_from:
            message = f"{owner}: two versions hold at a time"
            found.add(where, message, "end the earlier one, or use another code")
        seen[target.code] = target.valid_to or OPEN_END
        _check_validity(where, target, programme, found)
        _check_bounds(where, target, target.indicator in commitments, found)
        _check_rhythm(where, target, programme, found)


def _check_validity(
    where: Where, target: Target, programme: Programme, found: ProblemList
) -> None:
    owner = f"target {target.code}"
    if target.valid_to is None:
        return
    if target.valid_to <= target.valid_from:
        remedy = "valid_to is the first day on which the target no longer holds"
        found.add(where, f"{owner}: valid_to is not after valid_from", remedy)
    calendars = {c.code: c for c in programme.calendars}
    calendar = calendars.get(programme.term.calendar)
    if calendar is None:
        return
    ends_early = target.valid_to < year_start(calendar, programme.term.last_year + 1)
    if ends_early and not (target.end_reason_vi and target.end_reason_en):
        message = f"{owner} ends {target.valid_to}, within the term, without a reason"
        remedy = "give end_reason_vi and end_reason_en: readers will ask"
        found.add(where, message, remedy)


def _check_bounds(
    where: Where, target: Target, is_commitment: bool, found: ProblemList
) -> None:
    owner = f"target {target.code}"
    wanted = () if target.threshold == "assigned" else _BOUNDS[target.comparator]
    for bound in ("low", "high"):
        given = getattr(target, bound) is not None
        if given != (bound in wanted):
            message = (
                f"{owner}: comparator '{target.comparator}' "
                f"{'does not use' if given else 'needs'} `{bound}`"
                + (" (its value is assigned)" if target.threshold != "stated" else "")
            )
            remedy = "a single bound stands in low; only `between` uses high"
            found.add((*where, bound), message, remedy)
    if target.low is not None and target.high is not None and target.low > target.high:
        found.add((*where, "low"), f"{owner}: low is above high", "swap them")
    if target.quantity == "composite":
        return
    empty = {target.quantity == "none", target.comparator == "none"}
    if len(empty) > 1 or (is_commitment and True not in empty):
        found.add(
            where,
            f"{owner}: a target without a figure has quantity, comparator and rhythm "
            "`none`",
            "set all three to none, or give quantity and comparator",
        )


def _check_rhythm(
    where: Where, target: Target, programme: Programme, found: ProblemList
) -> None:
    owner = f"target {target.code}"
    has_test = target.comparator != "none" or target.quantity == "composite"
    if target.rhythm == "none" and has_test:
        found.add((*where, "rhythm"), f"{owner} has a figure but no rhythm", "say when")
    if target.quantity == "composite":
        return
    if (target.rhythm == "by_date") != (target.by_date is not None):
        message = f"{owner}: rhythm by_date and `by_date` belong together"
        found.add((*where, "by_date"), message, "give both or neither")
    is_zero = target.comparator in ("=", "<=") and target.low == 0
    if target.rhythm == "never" and not is_zero:
        message = f"{owner}: never means zero tolerance"
        found.add((*where, "comparator"), message, "use comparator '=' with low 0")
    match = _BASELINE.fullmatch(target.baseline)
    at = (*where, "baseline")
    if target.baseline and match is None:
        message = f"{owner}: baseline cannot be '{target.baseline}'"
        found.add(at, message, "write previous_year or year:2023")
    elif target.quantity == "reduction_pct" and match is None:
        message = f"{owner}: a reduction against what?"
        found.add(at, message, "give baseline: previous_year or year:2023")
    elif target.quantity != "reduction_pct" and target.baseline:
        message = f"{owner} has a baseline but compares no reduction"
        found.add(at, message, "set quantity to reduction_pct or remove baseline")
    base_year = match.group(1) if match else None
    if target.rhythm == "against_base_year" and base_year is None:
        message = f"{owner}: against_base_year needs the year"
        found.add(at, message, "give baseline: year:2023")
    if base_year is not None and int(base_year) < programme.reporting_from_year:
        found.add(
            at,
            f"{owner}: the base year {base_year} lies before reporting_from_year "
            f"{programme.reporting_from_year}, so it has no figures",
            "set reporting_from_year to the base year",
        )
