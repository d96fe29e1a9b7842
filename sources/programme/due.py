"""What is due: which unit owes which form for which period, and by when.

Grain of `due_units`: one row per form, unit and period.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from sources.programme.frames import (
    as_dates,
    as_days,
    columns_of,
    frame_of,
    open_end,
    open_start,
    shaped,
)
from sources.programme.model import Form, Programme

DUE_COLUMNS = columns_of("form_code unit_code period_key level due_date")
OBLIGATION_COLUMNS = columns_of("programme_code form_code level unit_code since until")
_ONE_DAY = pd.Timedelta(days=1)


def obligations(programme: Programme, forms: tuple[Form, ...]) -> pd.DataFrame:
    """One row per obligation and level, or obligation and unit; the other is None."""
    return frame_of(
        (
            {
                "programme_code": programme.code,
                "form_code": form.code,
                "level": level,
                "unit_code": unit,
                "since": open_start(duty.since),
                "until": open_end(duty.until),
            }
            for form in forms
            for duty in form.due_from
            for level, unit in [
                *((level, None) for level in duty.levels),
                *((None, unit) for unit in duty.units),
            ]
        ),
        OBLIGATION_COLUMNS,
    )


def due_units(programme: Programme, form: Form, periods: pd.DataFrame) -> pd.DataFrame:
    """One row per unit and period for which the form is due.

    `periods` are rows of raw.ref_period; those of other calendars and lengths are
    passed over. A form is due from the units that are alive on the period's last day,
    if the form and the obligation hold on that day. `due_date` is that day plus the
    level's deadline.
    """
    first_year = form.first_year or 0
    asked = periods[
        periods["calendar_code"].eq(form.calendar)
        & periods["period_type"].eq(str(form.frequency))
        & periods["year"].ge(first_year)
    ]
    last_day = as_days(asked["end_date"]) - _ONE_DAY
    asked = asked[["period_key"]].assign(last_day=last_day)
    asked = asked[
        last_day.ge(pd.Timestamp(form.valid_from))
        & last_day.lt(_day(open_end(form.valid_to)))
    ]
    units = frame_of(
        (
            {
                "unit_code": unit.unit_code,
                "unit_level": unit.level,
                "valid_from": unit.valid_from,
                "valid_to": open_end(unit.valid_to),
            }
            for unit in programme.units
        ),
        columns_of("unit_code unit_level valid_from valid_to"),
    )
    duties = obligations(programme, (form,))
    by_level = duties[duties["level"].notna()].drop(columns="unit_code")
    by_unit = duties[duties["unit_code"].notna()]
    owed = pd.concat(
        [
            units.merge(by_level, left_on="unit_level", right_on="level"),
            units.merge(by_unit, on="unit_code"),
        ],
        ignore_index=True,
    )
    for column in ("valid_from", "valid_to", "since", "until"):
        owed[column] = as_days(owed[column])
    rows = owed.merge(asked, how="cross")
    day = rows["last_day"]
    rows = rows[
        day.ge(rows["valid_from"])
        & day.lt(rows["valid_to"])
        & day.ge(rows["since"])
        & day.lt(rows["until"])
    ].drop_duplicates(["unit_code", "period_key"])
    days = pd.to_timedelta(rows["unit_level"].map(form.deadline_days), unit="D")
    rows = rows.assign(
        form_code=form.code,
        level=rows["unit_level"],
        due_date=as_dates(rows["last_day"] + days),
    )
    return shaped(rows.sort_values(["last_day", "unit_code"]), DUE_COLUMNS)


def with_extensions(expected: pd.DataFrame, extensions: pd.DataFrame) -> pd.DataFrame:
    """The same rows, due on the extended day where one was granted and is later.

    `extensions` has one row per form, unit and period, with its `due_date`.
    """
    if extensions.empty:
        return expected
    key = ["form_code", "unit_code", "period_key"]
    granted = extensions[[*key, "due_date"]].rename(columns={"due_date": "extended"})
    extended = as_days(expected[key].merge(granted, on=key, how="left")["extended"])
    ordinary = as_days(expected["due_date"].reset_index(drop=True))
    later = as_dates(ordinary.where(~extended.gt(ordinary), extended))
    return expected.assign(due_date=later.set_axis(expected.index))


def _day(day: dt.date) -> pd.Timestamp:
    return pd.Timestamp(day).as_unit("s")
