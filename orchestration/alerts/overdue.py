"""Overdue submissions: every open past period of every form, grouped by parent unit.

Grain of `overdue_reports`: one row per unit, form and period that was due and did not
come. A report is history, and silent, once the unit's last deadline for that form (its
duty ended, it merged away, the term is over) lies more than `history_days` back: nobody
can be made to send it any more.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from orchestration.alerts.settings import AlertSettings
from orchestration.alerts.words import listed
from orchestration.steps.context import RunContext
from sources.programme.due import DUE_COLUMNS, due_units, with_extensions
from sources.programme.model import Form, Programme, UnitVersion
from warehouse.ledger.notice import Notice

KEY = ["form_code", "unit_code", "period_key"]
_GROUP = ["parent_code", "form_code", "period_key"]
_SEVERITIES = ("WARNING", "WARNING", "ERROR")
_ROOT_LEVEL = 2
_NOTHING = pd.DataFrame(columns=[*DUE_COLUMNS, "days_late"])


def overdue_reports(run: RunContext, settings: AlertSettings) -> pd.DataFrame:
    """One row per unit, form and period overdue on the day judged, latest first.

    Columns: form_code, unit_code, period_key, level, due_date (datetime64), days_late,
    parent_code.
    """
    periods = run.reference["ref_period"]
    frames = [
        due_units(run.programme, form, periods)
        for form in run.programme.forms
        if _may_be_owed(form, run.as_of, settings.history_days)
    ]
    if not frames:
        return _with_parent(_NOTHING, run.programme, run.as_of)
    received = run.ledger.submissions(run.programme.code)
    midnight = pd.Timestamp(run.as_of, tz=run.programme.timezone) + pd.Timedelta(days=1)
    is_in = received.status.isin(["accepted", "superseded"])
    received = received[is_in & received.received_at.lt(midnight)]
    expected = with_extensions(pd.concat(frames, ignore_index=True), run.extensions)
    missing = still_missing(expected, received, run.as_of, settings.history_days)
    return _with_parent(missing, run.programme, run.as_of)


def still_missing(
    expected: pd.DataFrame, received: pd.DataFrame, day: dt.date, history_days: int
) -> pd.DataFrame:
    """Expected minus received, of what was due before `day` and is not history."""
    today = pd.Timestamp(day).as_unit("s")
    due = pd.to_datetime(expected["due_date"]).astype("datetime64[s]")
    last = due.groupby([expected["form_code"], expected["unit_code"]]).transform("max")
    is_live = last + pd.Timedelta(days=history_days) >= today
    open_now = expected.assign(due_date=due)[is_live & due.lt(today)]
    came = pd.MultiIndex.from_frame(received[KEY])
    missing = open_now[~pd.MultiIndex.from_frame(open_now[KEY]).isin(came)]
    return missing.assign(
        days_late=(today - missing["due_date"]).dt.days.astype("int64")
    ).sort_values(["due_date", *KEY], ascending=False, ignore_index=True)


def overdue_notices(
    missing: pd.DataFrame,
    programme: Programme,
    settings: AlertSettings,
    day: dt.date,
) -> list[Notice]:
    """One notice per parent unit, form and period, its units listed and counted."""
    steps = np.array(settings.escalate_days)
    names = {unit.unit_code: unit.name_vi for unit in _known_on(programme, day)}
    forms = {form.code: form for form in programme.forms}
    notices = []
    for (parent, form_code, period), rows in missing.groupby(_GROUP, sort=False):
        late = int(rows["days_late"].max())
        level = int(np.searchsorted(steps, late, side="right"))
        told = programme.root_unit if level >= _ROOT_LEVEL else str(parent)
        units = sorted(rows["unit_code"])
        due = rows["due_date"].min()
        form = forms[str(form_code)]
        what_vi = (
            f"{len(units)} đơn vị của {names[str(parent)]} chưa gửi {form.name_vi}: "
            f"{listed(units)}. Hạn {due:%d/%m/%Y}, quá {late} ngày."
        )
        what_en = (
            f"{len(units)} units have not sent {form.name_en}: {listed(units)}. "
            f"Due {due:%d/%m/%Y}, {late} days late."
        )
        notices.append(
            Notice(
                key=f"overdue|{parent}|{form_code}|{period}",
                kind="overdue",
                severity=_SEVERITIES[min(level, len(_SEVERITIES) - 1)],
                unit_code=told,
                form_code=str(form_code),
                period_key=str(period),
                message_vi=what_vi,
                message_en=what_en,
                remedy_vi=_REMEDY_VI[min(level, _ROOT_LEVEL)].format(unit=names[told]),
                remedy_en=_REMEDY_EN[min(level, _ROOT_LEVEL)].format(unit=told),
                command="nhiemky status",
                level=level,
            )
        )
    return notices


_REMEDY_VI = (
    "Nhắc các đơn vị này gửi báo cáo.",
    "Báo đơn vị cấp trên ({unit}) đôn đốc.",
    "Báo cáo {unit} để chỉ đạo.",
)
_REMEDY_EN = (
    "Remind these units.",
    "Tell the unit above ({unit}) to press them.",
    "Report it to {unit}, the top of the programme.",
)


def _with_parent(
    missing: pd.DataFrame, programme: Programme, day: dt.date
) -> pd.DataFrame:
    """The unit that can press each one today; the root is its own parent."""
    known = _known_on(programme, day)
    parents = {u.unit_code: u.parent_unit_code or u.unit_code for u in known}
    return missing.assign(parent_code=missing["unit_code"].map(parents))


def _known_on(programme: Programme, day: dt.date) -> list[UnitVersion]:
    """Unit versions that had begun by the day, the newest of a unit last."""
    begun = (unit for unit in programme.units if unit.valid_from <= day)
    return sorted(begun, key=lambda unit: unit.valid_from)


def _may_be_owed(form: Form, day: dt.date, history_days: int) -> bool:
    """False for a form whose every report is history; saves working out who owed it."""
    if form.valid_to is None:
        return True
    last = max(form.deadline_days.values(), default=0) + history_days
    return form.valid_to + dt.timedelta(days=last) >= day
