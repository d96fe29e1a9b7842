"""`write_template`, `write_templates`: workbooks of a form and period, on disk.

The file is what an officer fills in; `values` and `notes` (by measure code) fill it in
beforehand. Nothing is guessed: an unknown form, unit or period is an error that names
the nearest ones.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sources.programme.model import Calendar, Form, Programme, UnitVersion
from sources.programme.periods import build_periods
from sources.template import layout
from sources.template.content import (
    CellValue,
    FormSheet,
    WorkbookContent,
    form_sheet,
    unit_on,
)
from sources.template.stamp import render


class TemplateError(ValueError):
    """The workbook asked for cannot exist; the message says why and what to do."""


def write_template(
    path: Path,
    programme: Programme,
    form_code: str,
    unit_code: str,
    period_key: str,
    values: Mapping[str, CellValue] | None = None,
    notes: Mapping[str, str] | None = None,
    meta: Mapping[str, str] | None = None,
    is_simulated: bool = False,
    member_names: Mapping[str, Mapping[str, str]] | None = None,
    previous: Mapping[str, CellValue] | None = None,
    has_checks: bool = True,
) -> None:
    """Write one workbook to `path`; folders are made, an older file is replaced.

    Args:
        path: Where the .xlsx goes.
        programme: The reference model.
        form_code: Form to write.
        unit_code: Unit that will send it; must be alive on the period's last day.
        period_key: A period of the form's calendar and frequency.
        values: Figures by measure code (None or absent leaves the box empty).
        notes: Notes by measure code.
        meta: Metadata keys to override.
        is_simulated: Draw the red banner and set the flag.
        member_names: Members of open code lists, list -> member code -> name.
        previous: Figures of the period before, shown beside the boxes.
        has_checks: The workbook shows its own faults while it is filled in.

    Raises:
        TemplateError: Unknown form, unit, period or measure.
    """
    content = workbook_content(
        programme,
        form_code,
        unit_code,
        period_key,
        values=values,
        notes=notes,
        meta=meta,
        is_simulated=is_simulated,
        member_names=member_names,
        previous=previous,
        has_checks=has_checks,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(content))


def write_templates(
    folder: Path,
    programme: Programme,
    form_code: str,
    unit_codes: Sequence[str],
    period_key: str,
    previous: Mapping[str, Mapping[str, CellValue]] | None = None,
    member_names: Mapping[str, Mapping[str, str]] | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Path]:
    """Write one empty workbook per unit into `folder`; gives their paths in order.

    Args:
        folder: Made if need be; an older file of the same name is replaced.
        programme: The reference model.
        form_code: Form to write.
        unit_codes: Units that will send it; none may be unknown.
        period_key: A period of the form's calendar and frequency.
        previous: Figures of the period before, unit -> measure -> figure.
        member_names: Members of open code lists, list -> member code -> name.
        progress: Told of every workbook written.

    Raises:
        TemplateError: Unknown form, unit, period or measure.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    first: WorkbookContent | None = None
    for unit_code in unit_codes:
        figures = (previous or {}).get(unit_code, {})
        if first is None:
            first = workbook_content(
                programme,
                form_code,
                unit_code,
                period_key,
                member_names=member_names,
            )
        content = _for_unit(programme, first, unit_code)
        _check_measures(content.sheet, figures)
        path = folder / f"{form_code}_{unit_code}_{period_key}.xlsx"
        path.write_bytes(render(dataclasses.replace(content, previous=figures)))
        paths.append(path)
        if progress is not None:
            progress(1)
    return paths


def _for_unit(
    programme: Programme, content: WorkbookContent, unit_code: str
) -> WorkbookContent:
    """The same form and period for another unit."""
    unit, due = _sender(programme, content.sheet.form_code, unit_code, content.last_day)
    return dataclasses.replace(
        content, unit_code=unit_code, unit_name=unit.name_vi, due_date=due
    )


def _sender(
    programme: Programme, form_code: str, unit_code: str, last_day: dt.date
) -> tuple[UnitVersion, dt.date]:
    """The unit as it is on the period's last day, and the day its form is due."""
    unit = unit_on(programme, unit_code, last_day)
    if unit is None:
        alive = [u.unit_code for u in programme.units if u.holds_on(last_day)]
        raise TemplateError(
            _unknown("unit", unit_code, alive) + f" (units alive on {last_day})"
        )
    form = next(form for form in programme.forms if form.code == form_code)
    days = form.deadline_days.get(unit.level, 0)
    return unit, last_day + dt.timedelta(days=days)


def workbook_content(
    programme: Programme,
    form_code: str,
    unit_code: str,
    period_key: str,
    values: Mapping[str, CellValue] | None = None,
    notes: Mapping[str, str] | None = None,
    meta: Mapping[str, str] | None = None,
    is_simulated: bool = False,
    member_names: Mapping[str, Mapping[str, str]] | None = None,
    previous: Mapping[str, CellValue] | None = None,
    has_checks: bool = True,
) -> WorkbookContent:
    """The content of one workbook, checked against the programme."""
    forms = {form.code: form for form in programme.forms}
    if form_code not in forms:
        raise TemplateError(_unknown("form", form_code, forms))
    form = forms[form_code]
    label, first_day, last_day = _period(programme, form, period_key)
    unit, due_date = _sender(programme, form_code, unit_code, last_day)
    sheet = form_sheet(programme, form, member_names, last_day)
    for given in (values or {}, notes or {}, previous or {}):
        _check_measures(sheet, given)
    for key in meta or {}:
        if key not in layout.META_KEYS:
            raise TemplateError(_unknown("metadata key", key, layout.META_KEYS))
    return WorkbookContent(
        sheet=sheet,
        unit_code=unit_code,
        unit_name=unit.name_vi,
        period_key=period_key,
        period_label=short_label(label),
        first_day=first_day,
        last_day=last_day,
        due_date=due_date,
        values=dict(values or {}),
        notes=dict(notes or {}),
        previous=dict(previous or {}),
        meta=dict(meta or {}),
        is_simulated=is_simulated,
        has_checks=has_checks,
    )


def short_label(label: str) -> str:
    """A period's label without the days in brackets: the form prints them in full."""
    return label.split(" (", 1)[0]


def _period(
    programme: Programme, form: Form, period_key: str
) -> tuple[str, dt.date, dt.date]:
    """Label, first day and last day of a period of the form's frequency."""
    calendar = _calendar(programme, form.calendar)
    year_text = period_key.removeprefix(f"{calendar.code}-").split("-", 1)[0]
    year = int(year_text) if year_text.isdecimal() and len(year_text) == 4 else None
    example_year = programme.term.first_year if year is None else year
    periods = _periods_of_year(calendar, example_year)
    periods = periods[periods["period_type"].eq(str(form.frequency))]
    found = periods[periods["period_key"].eq(period_key)]
    if found.empty:
        raise TemplateError(
            _unknown("period", period_key, list(periods["period_key"]))
            + f" (form {form.code} is sent every {form.frequency})"
        )
    row = found.iloc[0]
    last_day = row["end_date"] - dt.timedelta(days=1)
    return str(row["label_vi"]), row["start_date"], last_day


@functools.lru_cache(maxsize=32)
def _periods_of_year(calendar: Calendar, year: int) -> pd.DataFrame:
    """One row per period of that reporting year; many workbooks ask for the same."""
    return build_periods(calendar, year, year)


def _calendar(programme: Programme, code: str) -> Calendar:
    return next(c for c in programme.calendars if c.code == code)


def _check_measures(sheet: FormSheet, given: Mapping[str, object]) -> None:
    known = [row.code for row in sheet.rows if row is not None]
    for code in given:
        if code not in known:
            raise TemplateError(_unknown(f"measure of {sheet.form_code}", code, known))


def _unknown(what: str, code: str, known: Collection[str]) -> str:
    """Names the unknown code and the nearest ones that exist."""
    near = difflib.get_close_matches(code, known, n=3, cutoff=0.3) or list(known)[:3]
    return f"No {what} {code!r} here. Use one of: {', '.join(near)}"
