"""Checks of sources and of the maps of foreign tables.

Shape: adds to the list of problems it is given.
"""

from __future__ import annotations

import codecs
import re

from sources.programme.check_connectors import check_connectors
from sources.programme.check_long_maps import check_periods, check_shape
from sources.programme.check_wide_maps import names_in_header
from sources.programme.model import Programme, Source, TableMap
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]
_AUTO = "auto"


def check_sources(programme: Programme, found: ProblemList) -> None:
    """Connectors and readers have what they need; maps name forms, measures and units
    that exist."""
    check_connectors(programme, found)
    for index, source in enumerate(programme.sources):
        where: Where = ("sources", index)
        owner = f"source {source.code}"
        if (source.reader == "mapped") != bool(source.maps):
            message = f"{owner}: the reader 'mapped' and `maps` belong together"
            found.add(where, message, "give maps, or use the reader template or csv")
        try:
            codecs.lookup("utf-8" if source.encoding == _AUTO else source.encoding)
        except LookupError:
            message = f"{owner}: there is no encoding '{source.encoding}'"
            found.add((*where, "encoding"), message, "use utf-8-sig, cp1258 or auto")
        if len(source.delimiter) != 1 and source.delimiter != _AUTO:
            message = f"{owner}: delimiter must be one character"
            found.add((*where, "delimiter"), message, 'for example ",", ";" or auto')
        if source.replies and source.replies.rstrip("/") == source.path.rstrip("/"):
            message = f"{owner}: replies would go where deliveries come from"
            remedy = "name a folder of its own, for example the path with /phan_hoi"
            found.add((*where, "replies"), message, remedy)
        for position, table in enumerate(source.maps):
            _check_map((*where, "maps", position), source, table, programme, found)


def _check_map(
    where: Where,
    source: Source,
    table: TableMap,
    programme: Programme,
    found: ProblemList,
) -> None:
    owner = f"source {source.code}, map {table.file}"
    _check_patterns(where, owner, table, found)
    if table.years and table.years[0] > table.years[1]:
        found.add((*where, "years"), f"{owner}: years", "give the years in order")
    if table.first_row <= table.header_row:
        message = f"{owner}: first_row is not below header_row"
        found.add((*where, "first_row"), message, "rows are counted from 1")
    forms = {form.code: form for form in programme.forms}
    form = forms.get(table.form)
    if form is None:
        found.add_unknown((*where, "form"), f"{owner}, form", table.form, list(forms))
    else:
        if not table.periods and table.period_type != form.frequency:
            message = (
                f"{owner} reads {table.period_type} figures, but form {form.code} is "
                f"reported by {form.frequency}"
            )
            remedy = f"set period_type to {form.frequency} or name another form"
            found.add((*where, "period_type"), message, remedy)
        for position, column in enumerate(table.measures):
            if column.measure not in form.measures:
                at = (*where, "measures", position)
                label = f"{owner}, measures of form {form.code}"
                found.add_unknown(at, label, column.measure, form.measures)
    units = list(dict.fromkeys(unit.unit_code for unit in programme.units))
    for text, code in table.units.items():
        if code not in units:
            found.add_unknown(
                (*where, "units", text), f"{owner}, units '{text}'", code, units
            )
    _check_unit(where, owner, table, units, found)
    check_shape(where, owner, table, programme, found)
    check_periods(where, owner, table, programme, found)
    if table.measure_column is None and table.wide is None:
        _check_members(where, owner, table, programme, found)


def _check_unit(
    where: Where, owner: str, table: TableMap, units: list[str], found: ProblemList
) -> None:
    if (table.unit_column is None) == (table.unit is None):
        message = f"{owner}: the unit of a row is said twice or not at all"
        found.add(where, message, "give unit_column, or unit for a table of one unit")
    elif table.unit is not None and table.unit not in units:
        found.add_unknown((*where, "unit"), f"{owner}, unit", table.unit, units)
    for key in ("units", "ignore_units"):
        if table.unit is not None and getattr(table, key):
            message = f"{owner}: {key} needs a unit_column"
            found.add((*where, key), message, "remove it")


def _check_patterns(
    where: Where, owner: str, table: TableMap, found: ProblemList
) -> None:
    columns: list[tuple[Where, tuple[str, ...]]] = [((*where, "file"), (table.file,))]
    for key in (
        "unit_column",
        "period_column",
        "member_column",
        "member_label_column",
        "measure_column",
        "value_column",
        "status_column",
    ):
        column = getattr(table, key)
        if column is not None:
            columns.append(((*where, key), column.header))
    columns += [
        ((*where, "measures", i), column.header)
        for i, column in enumerate(table.measures)
    ]
    columns += [
        ((*where, "key_columns", i), column.header)
        for i, column in enumerate(table.key_columns)
    ]
    if table.unpack is not None:
        columns.append(((*where, "unpack", "column"), table.unpack.column.header))
    for at, patterns in columns:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"{owner}: '{pattern}' is no regular expression: {error}"
                found.add(at, message, "write \\( \\) \\. \\? for the plain signs")
    in_header = table.wide is not None and names_in_header(table.wide, "period")
    has_period = table.period_column is not None or in_header
    if not has_period and "(?P<year>" not in table.file:
        message = f"{owner}: nothing says which year a row belongs to"
        remedy = "name the year in `file` as (?P<year>\\d{4}), or give period_column"
        found.add((*where, "file"), message, remedy)


def _check_members(
    where: Where,
    owner: str,
    table: TableMap,
    programme: Programme,
    found: ProblemList,
) -> None:
    lists = [code_list.code for code_list in programme.code_lists]
    if (table.member_column is None) != (table.code_list is None):
        message = f"{owner}: member_column and code_list belong together"
        found.add(where, message, "give both or neither")
    for key in ("member_label_column", "member_total", "absent_members_are_zero"):
        if getattr(table, key) and table.member_column is None:
            message = f"{owner}: {key} needs a member_column"
            found.add((*where, key), message, "give member_column or remove it")
    if table.code_list is None:
        return
    if table.code_list not in lists:
        at = (*where, "code_list")
        found.add_unknown(at, f"{owner}, code_list", table.code_list, lists)
        return
    breakdowns = {m.code: m.breakdown for m in programme.measures}
    for position, column in enumerate(table.measures):
        if breakdowns.get(column.measure, table.code_list) != table.code_list:
            message = (
                f"{owner}: measure {column.measure} is not split by {table.code_list}"
            )
            remedy = f"set its breakdown to {table.code_list}"
            found.add((*where, "measures", position), message, remedy)
