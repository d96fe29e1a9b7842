"""Schedules: a refresh the morning after each deadline of the programme."""

import datetime as dt
import re
from collections import defaultdict

import dagster as dg

from orchestration.jobs import REFRESH
from sources.programme.model import Form, Programme
from sources.programme.periods import build_periods

HOUR = 6


def deadline_schedules(programme: Programme) -> list[dg.ScheduleDefinition]:
    """One schedule per form: 06:00 local time the day after each level's deadline."""
    return [
        dg.ScheduleDefinition(
            name="after_deadline_" + re.sub(r"\W", "_", form.code.lower()),
            job_name=REFRESH,
            cron_schedule=deadline_crons(programme, form),
            execution_timezone=programme.timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description=f"{form.name_vi} · {form.name_en}: morning after a deadline",
        )
        for form in programme.forms
    ]


def deadline_crons(programme: Programme, form: Form) -> list[str]:
    """Cron lines for the mornings after a form's deadlines, one per day of month."""
    calendar = next(c for c in programme.calendars if c.code == form.calendar)
    year = programme.term.first_year
    periods = build_periods(calendar, year, year, None)
    ends = periods.loc[periods.period_type.eq(form.frequency), "end_date"]
    months: dict[int, set[int]] = defaultdict(set)
    for end in ends:
        for days in form.deadline_days.values():
            morning = _as_date(end) + dt.timedelta(days=days)
            months[morning.day].add(morning.month)
    return [
        f"0 {HOUR} {day} {','.join(map(str, sorted(of)))} *"
        for day, of in sorted(months.items())
    ]


def _as_date(value: object) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value  # type: ignore[return-value]
