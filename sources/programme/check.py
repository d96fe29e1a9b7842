"""Cross-checks of a programme: every reference leads somewhere, nothing contradicts.

Shape: a list of problems, empty for a programme that can be used. Structure (types,
required keys) is the model's business; everything that needs two parts is checked here
and in the modules it calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sources.programme.check_access import check_access
from sources.programme.check_measures import check_indicators, check_measures
from sources.programme.check_rules import check_rule_settings, check_rules
from sources.programme.check_sources import check_sources
from sources.programme.check_target_kinds import check_assigned, check_target_kinds
from sources.programme.check_targets import check_forms, check_targets
from sources.programme.check_unit_names import check_unit_names
from sources.programme.check_units import check_groups, check_successions, check_units
from sources.programme.model import Programme
from sources.programme.problems import Problem, ProblemList


def check_programme(programme: Programme) -> list[Problem]:
    """All problems of a programme, in file and line order; empty when there is none."""
    found = ProblemList(programme._places)
    _check_codes(programme, found)
    _check_calendars(programme, found)
    for check in (
        check_units,
        check_successions,
        check_groups,
        check_measures,
        check_indicators,
        check_forms,
        check_targets,
        check_target_kinds,
        check_assigned,
        check_sources,
        check_unit_names,
        check_rules,
        check_rule_settings,
        check_access,
    ):
        check(programme, found)
    return sorted(found.problems, key=lambda p: (p.file, p.line or 0, p.message))


def _check_codes(programme: Programme, found: ProblemList) -> None:
    """No code twice within its kind; measures and indicators share one name space."""
    parts: dict[str, Sequence[object]] = {
        "levels": programme.levels,
        "documents": programme.documents,
        "calendars": programme.calendars,
        "code_lists": programme.code_lists,
        "measures": programme.measures,
        "indicators": programme.indicators,
        "forms": programme.forms,
        "sources": programme.sources,
        "rules": programme.rules,
    }
    for part, items in parts.items():
        seen = {m.code for m in programme.measures} if part == "indicators" else set()
        for index, item in enumerate(items):
            code = item.code  # type: ignore[attr-defined]
            if code in seen:
                found.add(
                    (part, index),
                    f"the code '{code}' stands twice in {part}"
                    + (" and measures" if part == "indicators" else ""),
                    "give one of them another code",
                )
            seen.add(code)


def _check_calendars(programme: Programme, found: ProblemList) -> None:
    for index, calendar in enumerate(programme.calendars):
        starts_on_new_year = (calendar.start_month, calendar.start_day) == (1, 1)
        if starts_on_new_year != (calendar.year_offset == 0):
            offset = 0 if starts_on_new_year else -1
            found.add(
                ("calendars", index),
                f"calendar {calendar.code}: a reporting year is named by the year in "
                "which it ends",
                f"set year_offset to {offset}",
            )
    known = [calendar.code for calendar in programme.calendars]
    term = programme.term
    if term.calendar not in known:
        found.add_unknown(("term", "calendar"), "term", term.calendar, known)
    if term.first_year > term.last_year:
        remedy = "give the years in order"
        found.add(("term",), "term: first_year lies after last_year", remedy)
    if programme.reporting_from_year > term.last_year:
        found.add(
            ("reporting_from_year",),
            "reporting_from_year lies after the term",
            "name the first year of which figures are wanted, often the one before "
            "the term",
        )
    try:
        ZoneInfo(programme.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        found.add(
            ("timezone",),
            f"there is no time zone '{programme.timezone}'",
            "use an IANA name such as Asia/Ho_Chi_Minh",
        )
