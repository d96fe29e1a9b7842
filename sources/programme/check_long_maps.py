"""Checks of what maps say about long tables and about how periods are written.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

import re

from sources.programme.check_measures import known_codes
from sources.programme.check_wide_maps import check_wide, names_in_header
from sources.programme.expansion import open_lists
from sources.programme.model import PeriodPattern, PeriodType, Programme, TableMap
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]

_NUMBERED = (PeriodType.MONTH, PeriodType.QUARTER, PeriodType.HALF_YEAR)
_OF_LONG = ("value_column", "status_column", "key_columns", "codes")
_OF_WIDE = (
    "measures",
    "member_column",
    "member_label_column",
    "code_list",
    "absent_members_are_zero",
)


def check_shape(
    where: Where,
    owner: str,
    table: TableMap,
    programme: Programme,
    found: ProblemList,
) -> None:
    """A map has columns of measures or is of a long table, as it is or molten."""
    if table.wide is not None:
        check_wide(where, owner, table, table.wide, programme, found)
        _check_codes(where, owner, table, programme, found)
        return
    if table.measure_column is None:
        if not table.measures:
            message = f"{owner}: nothing says which measures the table holds"
            remedy = "give measures, or measure_column and value_column"
            found.add(where, message, remedy)
        for key in _OF_LONG:
            if getattr(table, key):
                message = f"{owner}: {key} needs a measure_column"
                found.add((*where, key), message, "give measure_column or remove it")
        return
    if table.value_column is None:
        message = f"{owner}: measure_column without value_column"
        found.add((*where, "measure_column"), message, "name the column of the values")
    for key in _OF_WIDE:
        if getattr(table, key):
            message = f"{owner}: {key} does not go with measure_column"
            remedy = "remove it; members of a long table stand in key_columns"
            found.add((*where, key), message, remedy)
    if table.member_total and not table.key_columns:
        message = f"{owner}: member_total needs key_columns"
        found.add((*where, "member_total"), message, "give key_columns or remove it")
    _check_codes(where, owner, table, programme, found)


def _check_codes(
    where: Where,
    owner: str,
    table: TableMap,
    programme: Programme,
    found: ProblemList,
) -> None:
    lists = open_lists(programme)
    opened = tuple(f"{m.code}." for m in programme.measures if m.breakdown in lists)
    known = known_codes(programme)
    for text, code in table.codes.items():
        if code not in known and not code.startswith(opened):
            at = (*where, "codes", text)
            found.add_unknown(at, f"{owner}, codes '{text}'", code, known)


def check_periods(
    where: Where,
    owner: str,
    table: TableMap,
    programme: Programme,
    found: ProblemList,
) -> None:
    """Patterns of periods give what their form's frequency needs, and fit once."""
    in_header = table.wide is not None and names_in_header(table.wide, "period")
    if table.periods and table.period_column is None and not in_header:
        message = f"{owner}: periods needs a period_column"
        found.add((*where, "periods"), message, "give period_column or remove it")
    frequencies = {form.code: form.frequency for form in programme.forms}
    before: list[re.Pattern[str]] = []
    for position, pattern in enumerate(table.periods):
        at = (*where, "periods", position)
        form = pattern.form or table.form
        if form not in frequencies:
            if pattern.form is not None:
                known = list(frequencies)
                found.add_unknown((*at, "form"), f"{owner}, form", form, known)
            continue
        is_long = table.measure_column is not None or table.wide is not None
        if form != table.form and not is_long:
            message = f"{owner}: its measures are those of form {table.form} alone"
            found.add((*at, "form"), message, "remove form, or use measure_column")
        try:
            expression = re.compile(pattern.text)
        except re.error as error:
            message = f"{owner}: '{pattern.text}' is no regular expression: {error}"
            remedy = "write \\( \\) \\. \\? for the plain signs"
            found.add((*at, "text"), message, remedy)
            continue
        _check_groups(at, owner, expression, frequencies[form], found)
        _check_example(at, owner, pattern, expression, before, found)
        before.append(expression)


def _check_groups(
    at: Where,
    owner: str,
    expression: re.Pattern[str],
    frequency: PeriodType,
    found: ProblemList,
) -> None:
    wanted = {"year", "part"} if frequency in _NUMBERED else {"year"}
    if frequency is PeriodType.TERM:
        message = f"{owner}: a term cannot be read from a text"
        found.add((*at, "form"), message, "name a form of months, quarters or years")
    elif set(expression.groupindex) != wanted:
        groups = " and ".join(f"(?P<{name}>...)" for name in sorted(wanted))
        message = f"{owner}: '{expression.pattern}' does not fit periods by {frequency}"
        remedy = f"use exactly the named groups {groups}"
        found.add((*at, "text"), message, remedy)


def _check_example(
    at: Where,
    owner: str,
    pattern: PeriodPattern,
    expression: re.Pattern[str],
    before: list[re.Pattern[str]],
    found: ProblemList,
) -> None:
    if expression.fullmatch(pattern.example) is None:
        message = f"{owner}: '{pattern.text}' does not fit its example"
        remedy = f"correct the pattern or the example '{pattern.example}'"
        found.add((*at, "example"), message, remedy)
    for earlier in before:
        if earlier.fullmatch(pattern.example):
            message = f"{owner}: '{earlier.pattern}' takes '{pattern.example}' first"
            remedy = "put the narrower pattern first, or change one of them"
            found.add((*at, "text"), message, remedy)
