"""Checks of what maps say about wide tables: columns whose headers are periods.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

import re

from sources.programme.check_measures import known_codes
from sources.programme.model import Programme, TableMap, WideColumns
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]

_NOT_WITH_WIDE = (
    "measures",
    "value_column",
    "status_column",
    "member_column",
    "member_label_column",
    "code_list",
    "absent_members_are_zero",
)
_GROUPS = {"period", "measure"}


def names_in_header(wide: WideColumns, group: str) -> bool:
    """True where the headers name it; False also for what is no pattern at all."""
    try:
        return group in re.compile(wide.header).groupindex
    except re.error:
        return False


def check_wide(
    where: Where,
    owner: str,
    table: TableMap,
    wide: WideColumns,
    programme: Programme,
    found: ProblemList,
) -> None:
    """Every value gets one measure and one period; the header ends above the rows."""
    for key in _NOT_WITH_WIDE:
        if getattr(table, key):
            message = f"{owner}: {key} does not go with wide"
            remedy = "remove it; the columns of values are those that wide.header fits"
            found.add((*where, key), message, remedy)
    at = (*where, "wide")
    groups = _check_patterns(at, owner, wide, found)
    if groups is not None:
        if not groups or groups - _GROUPS:
            message = f"{owner}: '{wide.header}' must say what a header names"
            remedy = "use the named groups (?P<period>...) and (?P<measure>...)"
            found.add((*at, "header"), message, remedy)
        measure = {
            "the header": "measure" in groups,
            "measure_column": table.measure_column is not None,
            "wide.measure": wide.measure is not None,
        }
        _check_said_once(at, f"{owner}: the measure of a value", measure, found)
        period = {
            "the header": "period" in groups,
            "period_column": table.period_column is not None,
        }
        if any(period.values()):
            _check_said_once(at, f"{owner}: the period of a value", period, found)
        if table.codes and measure["wide.measure"]:
            message = f"{owner}: codes has nothing to map, every value is wide.measure"
            found.add((*where, "codes"), message, "remove it, or remove wide.measure")
    if wide.measure is not None:
        known = known_codes(programme)
        if wide.measure not in known:
            label = f"{owner}, wide.measure"
            found.add_unknown((*at, "measure"), label, wide.measure, known)
    if table.first_row < table.header_row + wide.header_rows:
        message = f"{owner}: first_row lies in the {wide.header_rows} rows of headers"
        found.add((*where, "first_row"), message, "rows are counted from 1")
    if table.member_total and not table.key_columns:
        message = f"{owner}: member_total needs key_columns"
        found.add((*where, "member_total"), message, "give key_columns or remove it")


def _check_patterns(
    at: Where, owner: str, wide: WideColumns, found: ProblemList
) -> set[str] | None:
    """The groups of the header's pattern; None where it is no pattern."""
    groups = None
    for key in ("header", "provisional"):
        pattern = getattr(wide, key)
        if pattern is None:
            continue
        try:
            expression = re.compile(pattern)
        except re.error as error:
            message = f"{owner}: '{pattern}' is no regular expression: {error}"
            found.add((*at, key), message, "write \\( \\) \\. \\? for the plain signs")
            continue
        if key == "header":
            groups = set(expression.groupindex)
    return groups


def _check_said_once(
    at: Where, what: str, places: dict[str, bool], found: ProblemList
) -> None:
    said = [place for place, is_said in places.items() if is_said]
    if len(said) != 1:
        message = f"{what} is said by {' and '.join(said) or 'nothing'}"
        found.add(at, message, f"let exactly one of {', '.join(places)} say it")
