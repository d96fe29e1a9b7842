"""What one workbook says, as plain values: its form, its rows, its unit and period.

Shape: a `FormSheet` per form (shared by every unit and period), a `WorkbookContent` per
form x unit x period. Everything here is picklable and knows nothing of a file format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sources.programme.model import CodeList, Form, Measure, Programme, UnitVersion

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


@dataclass(frozen=True, slots=True)
class FormSheet:
    """What every workbook of one form has in common. A None row is left empty."""

    programme_code: str
    programme_name: str
    form_code: str
    name_vi: str
    name_en: str
    template_version: str
    number_style: str
    rows: tuple[FormRow | None, ...]


@dataclass(frozen=True, slots=True)
class WorkbookContent:
    """One workbook: form, unit, period, and what is filled in (by measure code)."""

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
    meta: Mapping[str, str] = field(default_factory=dict)
    nil_mark: str = ""
    send_number: int = 1
    is_simulated: bool = False


def form_sheet(
    programme: Programme,
    form: Form,
    member_names: Mapping[str, Mapping[str, str]] | None = None,
) -> FormSheet:
    """The sheet of `form`: its measures in order, each with its breakdown below it.

    `member_names` (code list -> member code -> name) adds the members that an open code
    list took from files.
    """
    measures = {measure.code: measure for measure in programme.measures}
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    rows: list[FormRow | None] = []
    for number, code in enumerate(form.measures, start=1):
        measure = measures[code]
        rows.append(_row(measure, str(number)))
        if measure.breakdown is not None:
            extra = (member_names or {}).get(measure.breakdown, {})
            rows.extend(
                _member_rows(measure, lists[measure.breakdown], extra, str(number))
            )
    return FormSheet(
        programme_code=programme.code,
        programme_name=programme.name_vi,
        form_code=form.code,
        name_vi=form.name_vi,
        name_en=form.name_en,
        template_version=form.template_version,
        number_style=_number_style(programme),
        rows=tuple(rows),
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


def _row(measure: Measure, number: str) -> FormRow:
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
    )


def _member_rows(
    measure: Measure, code_list: CodeList, extra: Mapping[str, str], number: str
) -> Iterator[FormRow]:
    """One row per member of the breakdown, indented by its depth in the list."""
    depths: dict[str, int] = {}
    names: dict[str, tuple[str, str]] = {}
    for member in code_list.members:
        depths[member.code] = depths.get(member.parent_code or "", 0) + 1
        names[member.code] = (member.name_vi, member.name_en)
    for member_code, name in extra.items():
        if member_code not in names:
            depths[member_code] = 1
            names[member_code] = (name, "")
    for position, (member_code, (name_vi, name_en)) in enumerate(names.items(), 1):
        yield FormRow(
            code=f"{measure.code}.{member_code}",
            number=f"{number}.{position}",
            name_vi=name_vi,
            name_en=name_en,
            unit_of_measure=measure.unit_of_measure,
            value_type=measure.value_type,
            depth=depths[member_code],
            may_be_negative=measure.may_be_negative,
            is_required=measure.is_required,
        )
