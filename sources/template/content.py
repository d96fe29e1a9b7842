"""What one workbook says, as plain values: its form, its rows, its unit and period.

Shape: a `FormSheet` per form (shared by every unit and period), a `WorkbookContent` per
form x unit x period. Everything here is picklable and knows nothing of a file format.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sources.programme.model import CodeList, Form, Measure, Programme, UnitVersion
from sources.template.declared import SheetRule, severities, sheet_rules

CellValue = int | Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class FormRow:
    """One measure of a form, as a line to fill in."""

    code: str
    number: str
    name_vi: str
    name_en: str
    unit_of_measure: str
    value_type: str
    depth: int = 0
    may_be_negative: bool = False
    is_required: bool = True
    has_members: bool = False
    is_flow: bool = False
    part_of: str | None = None
    is_part_strict: bool = True
    total: str | None = None
    is_summand: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class FormSheet:
    """What every workbook of one form has in common. A None row is left empty.

    A row's `part_of` and `total` are codes of rows of the same form. `rules` are those
    that the programme declares and that one workbook can answer by itself, `severities`
    what it sets for the common ones.
    """

    programme_code: str
    programme_name: str
    form_code: str
    name_vi: str
    name_en: str
    template_version: str
    number_style: str
    rows: tuple[FormRow | None, ...]
    rules: tuple[SheetRule, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WorkbookContent:
    """One workbook: form, unit, period, and what is filled in (by measure code).

    `previous` are the figures of the period before, shown beside the boxes where the
    workbook checks itself.
    """

    sheet: FormSheet
    unit_code: str
    unit_name: str
    period_key: str
    period_label: str
    first_day: dt.date
    last_day: dt.date
    due_date: dt.date
    values: Mapping[str, CellValue] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, CellValue] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)
    nil_mark: str = ""
    send_number: int = 1
    is_simulated: bool = False
    has_checks: bool = False


def form_sheet(
    programme: Programme,
    form: Form,
    member_names: Mapping[str, Mapping[str, str]] | None = None,
    day: dt.date | None = None,
) -> FormSheet:
    """The sheet of `form`: its measures in order, each with its breakdown below it.

    `member_names` (code list -> member code -> name) adds the members that an open code
    list took from files. `day` is the last one of the period, where rules are dated.
    """
    measures = {measure.code: measure for measure in programme.measures}
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    rows: list[FormRow | None] = []
    for number, code in enumerate(form.measures, start=1):
        measure = measures[code]
        whole = measures[measure.part_of] if measure.part_of in form.measures else None
        row = _row(measure, str(number), whole.code if whole else None)
        rows.append(row)
        if measure.breakdown is not None:
            extra = (member_names or {}).get(measure.breakdown, {})
            shares = whole is not None and whole.breakdown == measure.breakdown
            rows.extend(_member_rows(row, lists[measure.breakdown], extra, shares))
    return FormSheet(
        programme_code=programme.code,
        programme_name=programme.name_vi,
        form_code=form.code,
        name_vi=form.name_vi,
        name_en=form.name_en,
        template_version=form.template_version,
        number_style=_number_style(programme),
        rows=tuple(rows),
        rules=sheet_rules(programme, form, day),
        severities=severities(programme, day),
    )


def unit_on(programme: Programme, unit_code: str, day: dt.date) -> UnitVersion | None:
    """The version of a unit that holds on `day`, or None."""
    for unit in programme.units:
        if unit.unit_code == unit_code and unit.holds_on(day):
            return unit
    return None


def _number_style(programme: Programme) -> str:
    """How officers of this programme's template source write numbers as text."""
    for source in programme.sources:
        if source.reader == "template":
            return str(source.number_style)
    return "vi"


def _row(measure: Measure, number: str, part_of: str | None) -> FormRow:
    return FormRow(
        code=measure.code,
        number=number,
        name_vi=measure.name_vi,
        name_en=measure.name_en,
        unit_of_measure=measure.unit_of_measure,
        value_type=measure.value_type,
        may_be_negative=measure.may_be_negative,
        is_required=measure.is_required,
        has_members=measure.breakdown is not None,
        is_flow=measure.kind == "flow",
        part_of=part_of,
        is_part_strict=measure.part_of_severity == "ERROR",
    )


def _member_rows(
    row: FormRow, code_list: CodeList, extra: Mapping[str, str], shares_list: bool
) -> Iterator[FormRow]:
    """One row per member of the breakdown, indented by its depth in the list.

    A member of a part is part of the same member of the whole where both are split by
    this list; members of an open list are never required.
    """
    depths: dict[str, int] = {}
    names: dict[str, tuple[str, str]] = {}
    totals: dict[str, str] = {}
    for member in code_list.members:
        depths[member.code] = depths.get(member.parent_code or "", 0) + 1
        names[member.code] = (member.name_vi, member.name_en)
        if member.parent_code is not None:
            totals[member.code] = f"{row.code}.{member.parent_code}"
    for member_code, name in extra.items():
        if member_code not in names:
            depths[member_code] = 1
            names[member_code] = (name, "")
    for position, (member_code, (name_vi, name_en)) in enumerate(names.items(), 1):
        whole = f"{row.part_of}.{member_code}" if shares_list else None
        yield dataclasses.replace(
            row,
            code=f"{row.code}.{member_code}",
            number=f"{row.number}.{position}",
            name_vi=name_vi,
            name_en=name_en,
            depth=depths[member_code],
            is_required=row.is_required and not code_list.is_open,
            has_members=False,
            part_of=whole,
            total=totals.get(member_code, row.code),
            is_summand=code_list.is_exhaustive,
            is_open=code_list.is_open,
        )
